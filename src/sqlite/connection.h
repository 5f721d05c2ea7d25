// SPDX-License-Identifier: Apache-2.0
// One connection to an SQLite file, and its statements.
#ifndef OTPCORE_SQLITE_CONNECTION_H_
#define OTPCORE_SQLITE_CONNECTION_H_

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pool/connection_pool.h"

namespace otpcore {

class SqliteConnection {
 public:
  // Null when the file cannot be opened; `*code` is then SQLite's reason. Never makes a file.
  static std::unique_ptr<SqliteConnection> Open(const std::string& path, int* code);
  SqliteConnection(const SqliteConnection&) = delete;
  SqliteConnection& operator=(const SqliteConnection&) = delete;
  ~SqliteConnection();

  // Runs one statement without values and passes over its rows. SQLite's result: SQLITE_OK, or the
  // basic code of an error.
  int Run(const char* sql);
  // The number in the first row of a statement without values; `otherwise` when there is none.
  int64_t Number(const char* sql, int64_t otherwise);
  // How long a call waits for locks of others.
  void set_deadline(SteadyTime deadline) { deadline_ = deadline; }
  int changes() const { return sqlite3_changes(database_.get()); }
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }

  // For the pool.
  bool usable() const { return !in_transaction(); }
  static bool quiet() { return true; }
  static bool turned() { return false; }

 private:
  friend class SqliteQuery;
  SqliteConnection() = default;
  // Kept for the next time; `sql` is a literal. Null: it cannot be prepared.
  sqlite3_stmt* Prepared(const char* sql);

  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database_{nullptr, sqlite3_close};
  std::vector<std::pair<const char*, sqlite3_stmt*>> statements_;
  SteadyTime deadline_{};
};

// A value that is bound: bytes, or a number. Bytes are copied.
struct SqlValue {
  SqlValue(std::string_view value) : bytes(value) {}                   // NOLINT
  SqlValue(const std::string& value) : bytes(value) {}                 // NOLINT
  SqlValue(int64_t value) : number(value), is_number(true) {}          // NOLINT
  SqlValue(uint64_t value) : SqlValue(static_cast<int64_t>(value)) {}  // NOLINT
  std::string_view bytes;
  int64_t number = 0;
  bool is_number = false;
};

// One run of a statement: `while (query.Next())` looks at each row, then ok() says whether all went
// well. `sql` is a literal. Views of a row live until the next one.
class SqliteQuery {
 public:
  SqliteQuery(SqliteConnection& connection, const char* sql,
              std::initializer_list<SqlValue> values);
  ~SqliteQuery();
  SqliteQuery(const SqliteQuery&) = delete;
  SqliteQuery& operator=(const SqliteQuery&) = delete;

  bool Next();
  // Runs a statement without rows to its end.
  bool Run() { return !Next() && ok(); }
  bool ok() const { return code_ == SQLITE_DONE || code_ == SQLITE_ROW; }

  int64_t number(int column) const { return sqlite3_column_int64(statement_, column); }
  std::string_view bytes(int column) const;

 private:
  sqlite3_stmt* const statement_;
  int code_ = SQLITE_ERROR;
};

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_CONNECTION_H_
