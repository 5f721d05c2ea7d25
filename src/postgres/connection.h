// SPDX-License-Identifier: Apache-2.0
// One connection to PostgreSQL with a time limit on everything. libpq's blocking calls wait as long
// as the network does; these do not.
#ifndef OTPCORE_POSTGRES_CONNECTION_H_
#define OTPCORE_POSTGRES_CONNECTION_H_

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "otpcore/postgres/options.h"
#include "pool/connection_pool.h"

namespace otpcore {

// A parameter of a statement: bytes as bytea, numbers as text, arrays of either in binary form.
struct PgValue {
  PgValue(std::string bytes) : text(std::move(bytes)), binary(true) {}  // NOLINT
  PgValue(int64_t number) : text(std::to_string(number)) {}             // NOLINT
  PgValue(uint64_t number) : PgValue(static_cast<int64_t>(number)) {}   // NOLINT
  PgValue(const std::vector<int64_t>& numbers);                         // NOLINT
  PgValue(const std::vector<std::string>& elements);                    // NOLINT
  std::string text;
  bool binary = false;
};

// The answer to one statement, in binary form.
class PgResult {
 public:
  explicit PgResult(PGresult* result) : result_(result, PQclear) {}

  // False: refused by the server, or no answer came (`lost`).
  bool ok() const {
    const ExecStatusType status = PQresultStatus(result_.get());
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }
  // No answer in time, or the connection broke: what became of the statement is not known.
  bool lost() const { return result_ == nullptr; }
  std::string_view sqlstate() const {
    const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
    return state == nullptr ? std::string_view() : state;
  }
  // What the server said, in one line.
  std::string message() const;
  // Says that the server takes no writes any more, or soon no connections.
  bool turned() const {
    return sqlstate() == "25006" || sqlstate() == "57P01" || sqlstate() == "57P02" ||
           sqlstate() == "57P03";
  }
  // Another transaction was in the way.
  bool collided() const { return sqlstate() == "40001" || sqlstate() == "40P01"; }
  std::string_view tag() const { return PQcmdStatus(result_.get()); }
  int64_t affected() const { return std::atoll(PQcmdTuples(result_.get())); }

  int rows() const { return PQntuples(result_.get()); }
  bool null(int row, int column) const { return PQgetisnull(result_.get(), row, column) == 1; }
  std::string_view bytes(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column),
            static_cast<size_t>(PQgetlength(result_.get(), row, column))};
  }
  // Of type bigint.
  int64_t number(int row, int column) const {
    uint64_t value = 0;
    for (const char byte : bytes(row, column)) value = value << 8 | static_cast<uint8_t>(byte);
    return static_cast<int64_t>(value);
  }

 private:
  std::unique_ptr<PGresult, decltype(&PQclear)> result_;
};

class PgConnection {
 public:
  // Null when there was no connection before `deadline`; `*problem`, unless null, is then a
  // sentence that says why. The server ends each statement, and each wait for a lock, after
  // `statement_max`: what the host gave up must not stay there. Limits of the role or database that
  // are shorter are kept, and so is a synchronous_commit that is stronger than `on`.
  static std::unique_ptr<PgConnection> Open(const std::string& conninfo,
                                            std::chrono::milliseconds statement_max,
                                            SteadyTime deadline, std::string* problem = nullptr);

  // What the whole answer says: an error after the result counts, and without its end it is lost.
  PgResult Run(const char* sql, const std::vector<PgValue>& values, SteadyTime deadline);
  // The same of a statement that is asked for again and again; `sql` is a literal. It is prepared
  // once for each connection, under a name made of its text. Behind a pooler that hands out another
  // session for each transaction the name may be missing there, or be there already: then the
  // statement runs unprepared, or as it was prepared, from the same text.
  PgResult Call(const char* sql, const std::vector<PgValue>& values, SteadyTime deadline);
  // Run, of several statements without values; the first that fails ends it.
  PgResult RunScript(const char* sql, SteadyTime deadline);
  // Idle, healthy and in no transaction.
  bool usable() const;
  // The server has not hung up.
  bool quiet() const { return IsQuiet(PQsocket(connection_.get())); }
  // The server has become read-only (25006) or goes down (57P01, 57P02, 57P03): whoever connects
  // anew may be led to another one.
  bool turned() const { return turned_; }

 private:
  explicit PgConnection(PGconn* connection) : connection_(connection, PQfinish) {}
  std::string Connect(SteadyTime deadline);
  // What to call `sql` by; "" when it cannot be prepared.
  std::string NameOf(const char* sql, SteadyTime deadline);
  PgResult Finish(bool sent, SteadyTime deadline);
  bool Flush(SteadyTime deadline);
  bool AwaitResult(SteadyTime deadline);
  PgResult Receive(SteadyTime deadline);

  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
  std::vector<std::pair<const char*, std::string>> prepared_;  // and their names
  bool broken_ = false;
  bool turned_ = false;
};

using PgPool = ConnectionPool<PgConnection>;

// What store, guard and sessions are made of: a pool, and how long a call may take.
class PgClient {
 public:
  explicit PgClient(PostgresOptions chosen)
      : options(std::move(chosen)),
        pool(options.connections_max, options.connection_age_max, [this](SteadyTime deadline) {
          return PgConnection::Open(options.conninfo, options.timeout, deadline);
        }) {}
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + options.timeout; }

  const PostgresOptions options;
  PgPool pool;
};

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_CONNECTION_H_
