// SPDX-License-Identifier: Apache-2.0
#include "otpcore/postgres/schema.h"

#include <optional>

#include "postgres/connection.h"
#include "postgres_schema_sql.h"

namespace otpcore {
namespace {

// A number that only migrations lock, one at a time.
constexpr int64_t kMigrations = 67890;

// The version of the schema that is there, or nothing. False: it cannot be told, `*problem` says
// why.
bool ReadVersion(PgConnection& connection, SteadyTime deadline, std::optional<int64_t>* version,
                 std::string* problem) {
  // A name that does not resolve is null, not an error.
  const PgResult there = connection.Run("SELECT to_regclass('otpcore_schema')::text", {}, deadline);
  if (there.ok() && there.null(0, 0)) return true;
  const PgResult row = connection.Run("SELECT version::bigint FROM otpcore_schema", {}, deadline);
  if (row.ok() && row.rows() == 1) *version = row.number(0, 0);
  if (!row.ok())
    *problem = "The version of otpcore's schema cannot be read: " + row.message() + ".";
  return row.ok();
}

// Tables and sequences that the role may not write.
constexpr char kForbidden[] =
    "SELECT relname::text FROM pg_class WHERE relname LIKE 'otpcore\\_%' AND "
    "pg_table_is_visible(oid) "
    "AND (relkind = 'r' AND relname <> 'otpcore_schema' AND NOT (has_table_privilege(oid, "
    "'SELECT') "
    "AND has_table_privilege(oid, 'INSERT') AND has_table_privilege(oid, 'UPDATE') "
    "AND has_table_privilege(oid, 'DELETE')) "
    "OR relkind = 'S' AND NOT has_sequence_privilege(oid, 'USAGE')) ORDER BY 1";

// "" or a sentence.
std::string RunAll(PgConnection& connection, SteadyTime deadline) {
  for (const char* sql :
       {"BEGIN", "SELECT set_config('client_min_messages', 'warning', true)", "", "COMMIT"}) {
    const PgResult done = *sql == '\0' ? connection.RunScript(kPostgresSchemaSql, deadline)
                                       : connection.Run(sql, {}, deadline);
    if (!done.ok()) return "The migration failed: " + done.message() + ".";
  }
  return "";
}

}  // namespace

std::string MigratePostgres(const PostgresOptions& options) {
  std::string problem;
  const SteadyTime deadline = std::chrono::steady_clock::now() + 4 * options.timeout;
  const auto connection = PgConnection::Open(options.conninfo, options.timeout, deadline, &problem);
  if (connection == nullptr) return problem;
  if (!connection->Run("SELECT pg_advisory_lock($1)", {kMigrations}, deadline).ok())
    return "Another migration runs.";
  std::optional<int64_t> version;
  if (!ReadVersion(*connection, deadline, &version, &problem)) return problem;
  if (version && *version >= kPostgresSchemaVersion) return "";
  return RunAll(*connection, deadline);
}

std::string PostgresSchemaProblem(const PostgresOptions& options) {
  std::string problem;
  const SteadyTime deadline = std::chrono::steady_clock::now() + options.timeout;
  const auto connection = PgConnection::Open(options.conninfo, options.timeout, deadline, &problem);
  if (connection == nullptr) return problem;
  std::optional<int64_t> version;
  if (!ReadVersion(*connection, deadline, &version, &problem)) return problem;
  if (!version) return "The database has no schema of otpcore: run otpcore migrate.";
  if (*version < kPostgresSchemaVersion)
    return "The schema of otpcore has version " + std::to_string(*version) + ", and " +
           std::to_string(kPostgresSchemaVersion) + " is needed: run otpcore migrate.";
  const PgResult forbidden = connection->Run(kForbidden, {}, deadline);
  if (forbidden.ok() && forbidden.rows() == 0) return "";
  return "The role may not write " +
         (forbidden.ok() ? std::string(forbidden.bytes(0, 0)) : forbidden.message()) + ".";
}

}  // namespace otpcore
