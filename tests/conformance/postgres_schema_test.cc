// SPDX-License-Identifier: Apache-2.0
// The schema of PostgreSQL: made by a command of its own, never by a server that starts.
#include "otpcore/postgres/schema.h"

#include <thread>

#include "otpcore/postgres/guard.h"
#include "otpcore/postgres/sessions.h"
#include "postgres_server.h"
#include "store_scenarios.h"

namespace otpcore {
namespace {

// A database of its own, for each test.
class PostgresSchema : public PostgresExample {
 protected:
  void SetUp() override {
    PostgresExample::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    name = "d" + FormatUuid(NewUuid()).substr(0, 8);
    ASSERT_TRUE(postgres.Sql("CREATE DATABASE " + name).ok());
  }
  PostgresOptions As(const std::string& user) const {
    PostgresOptions options = postgres.Patient();
    options.conninfo = "host=" + postgres.server.folder() + " dbname=" + name + " user=" + user;
    return options;
  }
  void Run(const std::string& sql) {
    const auto connection = Connect(As("otpcore").conninfo);
    ASSERT_NE(connection, nullptr);
    const PgResult done = connection->RunScript(sql.c_str(), Soon());
    ASSERT_TRUE(done.ok()) << sql << ": " << done.message();
  }
  // A session that keeps what it locks, without limits.
  std::unique_ptr<PGconn, decltype(&PQfinish)> Holding(const std::string& sql) {
    std::unique_ptr<PGconn, decltype(&PQfinish)> holder(PQconnectdb(As("otpcore").conninfo.c_str()),
                                                        PQfinish);
    const PgResult locked(PQexec(holder.get(), ("BEGIN; " + sql).c_str()));
    EXPECT_TRUE(locked.ok()) << locked.message();
    return holder;
  }

  std::string name;
};

TEST_F(PostgresSchema, IsMissingUntilItIsMade) {
  const std::string problem = PostgresSchemaProblem(As("otpcore"));
  EXPECT_NE(problem.find("otpcore migrate"), problem.npos) << problem;
  EXPECT_EQ(MigratePostgres(As("otpcore")), "");
  EXPECT_EQ(PostgresSchemaProblem(As("otpcore")), "");
  PostgresStore store(As("otpcore"));
  AnEngineRunsOn(store);
}

TEST_F(PostgresSchema, SaysWhichVersionItHasAndWhichIsNeeded) {
  ASSERT_EQ(MigratePostgres(As("otpcore")), "");
  Run("UPDATE otpcore_schema SET version = 0");
  const std::string problem = PostgresSchemaProblem(As("otpcore"));
  EXPECT_NE(problem.find("version 0"), problem.npos) << problem;
  EXPECT_NE(problem.find(std::to_string(kPostgresSchemaVersion)), problem.npos) << problem;
  EXPECT_EQ(MigratePostgres(As("otpcore")), "");
  EXPECT_EQ(PostgresSchemaProblem(As("otpcore")), "");
  Run("UPDATE otpcore_schema SET version = 99");
  EXPECT_EQ(PostgresSchemaProblem(As("otpcore")), "") << "a newer one only has more";
  EXPECT_EQ(MigratePostgres(As("otpcore")), "");
  const auto connection = Connect(As("otpcore").conninfo);
  EXPECT_EQ(connection->Run("SELECT version::bigint FROM otpcore_schema", {}, Soon()).number(0, 0),
            99)
      << "and is not taken back";
}

// A backup holds ACCESS SHARE on everything for hours. Even where every table is locked against
// everybody a server starts, and a migration with nothing to do ends.
TEST_F(PostgresSchema, AStartWaitsForNoTable) {
  ASSERT_EQ(MigratePostgres(As("otpcore")), "");
  const auto holder = Holding(
      "LOCK TABLE otpcore_records, otpcore_epoch, otpcore_outbox, otpcore_admissions, "
      "otpcore_guard_events, otpcore_guard_passcodes, otpcore_sessions IN ACCESS EXCLUSIVE MODE");
  EXPECT_EQ(PostgresSchemaProblem(As("otpcore")), "");
  EXPECT_EQ(MigratePostgres(As("otpcore")), "");
}

// Whoever comes behind a migration that waits for a lock waits too.
TEST_F(PostgresSchema, AMigrationDoesNotWaitForLong) {
  ASSERT_EQ(MigratePostgres(As("otpcore")), "");
  Run("UPDATE otpcore_schema SET version = 0; DROP TABLE otpcore_sessions");
  const auto holder = Holding("LOCK TABLE otpcore_outbox IN ROW EXCLUSIVE MODE");
  PostgresOptions hasty = As("otpcore");
  hasty.timeout = std::chrono::milliseconds(300);
  EXPECT_NE(MigratePostgres(hasty), "");
  const auto connection = Connect(As("otpcore").conninfo);
  EXPECT_TRUE(
      connection->Run("SELECT to_regclass('otpcore_sessions')::text", {}, Soon()).null(0, 0))
      << "all or nothing";
  PQclear(PQexec(holder.get(), "ROLLBACK"));
  EXPECT_EQ(MigratePostgres(hasty), "");
}

TEST_F(PostgresSchema, MigrationsAtOnceMakeItOnce) {
  std::vector<std::string> problems(4);
  std::vector<std::thread> hosts;
  for (std::string& problem : problems)
    hosts.emplace_back([&] { problem = MigratePostgres(As("otpcore")); });
  for (std::thread& host : hosts) host.join();
  for (const std::string& problem : problems) EXPECT_EQ(problem, "");
  EXPECT_EQ(PostgresSchemaProblem(As("otpcore")), "");
}

// A role that serves requests makes no tables, and can do all the rest.
TEST_F(PostgresSchema, ARoleThatMayOnlyReadAndWriteServes) {
  ASSERT_EQ(MigratePostgres(As("otpcore")), "");
  const std::string role = "r_" + name;
  Run("CREATE ROLE " + role + " LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
  const std::string cannot = PostgresSchemaProblem(As(role));
  EXPECT_NE(cannot.find("otpcore_schema"), cannot.npos) << cannot;
  Run("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + role);
  const std::string may_not = PostgresSchemaProblem(As(role));
  EXPECT_NE(may_not.find("may not write"), may_not.npos) << may_not;
  Run("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role +
      "; GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO " + role);
  EXPECT_EQ(PostgresSchemaProblem(As(role)), "");
  PostgresStore store(As(role));
  AnEngineRunsOn(store);
  PostgresGuard guard(As(role));
  AWindowRolls(guard);
  testing::VirtualClock clock;
  PostgresSessions one(clock, As(role));
  PostgresSessions other(clock, As(role));
  SessionsAreShared(one, other, clock);
}

TEST_F(PostgresSchema, SaysWhyThereIsNoServer) {
  const std::string problem = PostgresSchemaProblem(postgres.Nowhere());
  EXPECT_NE(problem.find("cannot be used"), problem.npos) << problem;
  PostgresOptions unreadable;
  unreadable.conninfo = "host=x sslmode=perhaps";
  EXPECT_NE(PostgresSchemaProblem(unreadable), "") << "libpq refuses what it does not know";
  EXPECT_NE(MigratePostgres(postgres.Nowhere()), "");
}

}  // namespace
}  // namespace otpcore
