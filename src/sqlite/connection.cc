// SPDX-License-Identifier: Apache-2.0
#include "sqlite/connection.h"

namespace otpcore {

std::unique_ptr<SqliteConnection> SqliteConnection::Open(const std::string& path, int* code) {
  std::unique_ptr<SqliteConnection> opened(new SqliteConnection);
  sqlite3* database = nullptr;
  // Each connection is used by one thread at a time, so SQLite need not lock it.
  *code = sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          nullptr);
  opened->database_.reset(database);
  if (*code != SQLITE_OK) return nullptr;
  // Waits in small steps: SQLite's own ones grow to a tenth of a second.
  sqlite3_busy_handler(
      database,
      [](void* connection, int tries) {
        poll(nullptr, 0, tries < 20 ? 1 : 4);
        return std::chrono::steady_clock::now() <
                       static_cast<SqliteConnection*>(connection)->deadline_
                   ? 1
                   : 0;
      },
      opened.get());
  return opened;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
}

int SqliteConnection::Run(const char* sql) {
  return sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
}

int64_t SqliteConnection::Number(const char* sql, int64_t otherwise) {
  SqliteQuery query(*this, sql, {});
  return query.Next() ? query.number(0) : otherwise;
}

sqlite3_stmt* SqliteConnection::Prepared(const char* sql) {
  for (const auto& [known, statement] : statements_) {
    if (known == sql) return statement;
  }
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                         nullptr) != SQLITE_OK)
    return nullptr;
  statements_.emplace_back(sql, statement);
  return statement;
}

SqliteQuery::SqliteQuery(SqliteConnection& connection, const char* sql,
                         std::initializer_list<SqlValue> values)
    : statement_(connection.Prepared(sql)) {
  if (statement_ == nullptr) return;
  code_ = SQLITE_ROW;
  int place = 0;
  for (const SqlValue& value : values) {
    ++place;
    const char* const bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
    const int bound = value.is_number ? sqlite3_bind_int64(statement_, place, value.number)
                                      : sqlite3_bind_blob(statement_, place, bytes,
                                                          static_cast<int>(value.bytes.size()),
                                                          SQLITE_TRANSIENT);  // NOLINT
    if (bound != SQLITE_OK) code_ = bound;
  }
}

SqliteQuery::~SqliteQuery() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

bool SqliteQuery::Next() {
  if (code_ != SQLITE_ROW) return false;
  code_ = sqlite3_step(statement_);
  return code_ == SQLITE_ROW;
}

std::string_view SqliteQuery::bytes(int column) const {
  // The pointer first: it may convert, which changes the size.
  const void* const bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr
             ? std::string_view()
             : std::string_view(static_cast<const char*>(bytes), static_cast<size_t>(size));
}

}  // namespace otpcore
