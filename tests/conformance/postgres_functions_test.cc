// SPDX-License-Identifier: Apache-2.0
// What hosts in other languages call, and statements that are prepared once.
#include <thread>

#include "otpcore/model/codec.h"
#include "otpcore/testing/store_probe.h"
#include "postgres_server.h"

namespace otpcore {
namespace {

class PostgresExampleFunctions : public PostgresExample {
 protected:
  // What a host of another language gets from otpcore_commit; "error" and its state, where it
  // fails.
  std::string Commit(const std::vector<std::string>& keys, const std::vector<int64_t>& expected,
                     const std::vector<std::string>& bodies) {
    const PgResult done = postgres.Sql("SELECT otpcore_commit($1, $2, $3)::text",
                                       {PgValue(keys), PgValue(expected), PgValue(bodies)});
    return done.ok() ? std::string(done.bytes(0, 0)) : "error " + std::string(done.sqlstate());
  }
  testing::StoreProbe probe{*postgres.store};
};

TEST_F(PostgresExampleFunctions, LoadAndCommitAreTwoCalls) {
  const RecordKey a = probe.Key("a");
  const RecordKey b = probe.Key("b");
  const std::string key_a(a.bytes());
  const std::string key_b(b.bytes());
  const std::string body = Protect(a, testing::Named("x"));
  EXPECT_EQ(Commit({key_b, key_a}, {0, 0}, {Protect(b, testing::Named("y")), body}), "true");
  EXPECT_EQ(testing::NameIn(probe.Load(a)), "x");
  EXPECT_EQ(testing::NameIn(probe.Load(b)), "y");
  const PgResult rows =
      postgres.Sql("SELECT epoch, key, revision, body FROM otpcore_load($1) ORDER BY key",
                   {PgValue(std::vector<std::string>{key_a, key_b, "nothing"})});
  ASSERT_EQ(rows.rows(), 2);
  EXPECT_EQ(rows.bytes(0, 1), key_a);
  EXPECT_EQ(rows.number(0, 2), static_cast<int64_t>(probe.Load(a).revision));
  EXPECT_EQ(rows.bytes(0, 3), body);
  const PgResult none = postgres.Sql("SELECT epoch, key FROM otpcore_load($1)",
                                     {PgValue(std::vector<std::string>{"nothing"})});
  ASSERT_EQ(none.rows(), 1) << "the epoch is told";
  EXPECT_TRUE(none.null(0, 1));
}

TEST_F(PostgresExampleFunctions, AWrongRevisionLeavesEverythingAsItWas) {  // K-01, K-05
  const RecordKey a = probe.Key("a");
  const RecordKey b = probe.Key("b");
  const std::vector<std::string> keys = {std::string(a.bytes()), std::string(b.bytes())};
  const std::vector<std::string> bodies = {Protect(a, testing::Named("1")),
                                           Protect(b, testing::Named("1"))};
  const auto revision = static_cast<int64_t>(probe.Put(a, 0, testing::Named("0")));
  EXPECT_EQ(Commit(keys, {revision + 1, 0}, bodies), "false");
  EXPECT_EQ(Commit(keys, {0, 0}, bodies), "false");
  EXPECT_EQ(Commit(keys, {revision, 5}, bodies), "false");
  EXPECT_EQ(Commit({keys[0], keys[1]}, {revision, 5}, {"", ""}), "false");
  EXPECT_EQ(testing::NameIn(probe.Load(a)), "0");
  EXPECT_EQ(probe.Load(b).revision, 0u);
  EXPECT_EQ(Commit(keys, {revision, 0}, {"", bodies[1]}), "true") << "one goes, one comes";
  EXPECT_EQ(probe.Load(a).revision, 0u);
  EXPECT_EQ(testing::NameIn(probe.Load(b)), "1");
}

TEST_F(PostgresExampleFunctions, CommitNeedsReadCommitted) {  // K-01
  const auto connection = Connect(postgres.conninfo());
  for (const char* level : {"REPEATABLE READ", "SERIALIZABLE"}) {
    const std::string begin = std::string("BEGIN ISOLATION LEVEL ") + level;
    ASSERT_TRUE(connection->Run(begin.c_str(), {}, Soon()).ok());
    EXPECT_FALSE(connection->Run("SELECT otpcore_commit('{}', '{}', '{}')", {}, Soon()).ok());
    ASSERT_TRUE(connection->Run("ROLLBACK", {}, Soon()).ok());
  }
  EXPECT_TRUE(connection->Run("SELECT otpcore_commit('{}', '{}', '{}')", {}, Soon()).ok());
}

// ---- Prepared statements ----

constexpr char kAsk[] = "SELECT $1::bigint + 1";

int64_t Ask(PgConnection& connection, int64_t number) {
  const PgResult answer = connection.Call(kAsk, {number}, Soon());
  return answer.ok() ? answer.number(0, 0) : -1;
}
std::string Prepared(PgConnection& connection) {
  const PgResult names = connection.Run("SELECT name FROM pg_prepared_statements", {}, Soon());
  return names.rows() == 1 ? std::string(names.bytes(0, 0)) : std::to_string(names.rows());
}

TEST_F(PostgresExample, AStatementIsPreparedOnce) {
  const auto connection = Connect(postgres.conninfo());
  EXPECT_EQ(Ask(*connection, 1), 2);
  const std::string name = Prepared(*connection);
  EXPECT_EQ(name.rfind("otpcore_", 0), 0u) << name;
  EXPECT_EQ(Ask(*connection, 2), 3);
  EXPECT_EQ(Prepared(*connection), name);
  EXPECT_EQ(connection->Call("no statement", {}, Soon()).sqlstate(), "42601");
  EXPECT_TRUE(connection->usable());
}

// A pooler in transaction mode gives us another session each time: one without our statement, or
// one in which another client of ours has prepared it.
TEST_F(PostgresExample, AStatementRunsInAnySession) {
  const auto connection = Connect(postgres.conninfo());
  EXPECT_EQ(Ask(*connection, 1), 2);
  const std::string name = Prepared(*connection);
  ASSERT_TRUE(connection->Run("DEALLOCATE ALL", {}, Soon()).ok());
  EXPECT_EQ(Ask(*connection, 2), 3) << "a session without it";
  EXPECT_TRUE(connection->usable());
  const auto other = Connect(postgres.conninfo());
  ASSERT_TRUE(other->Run(("PREPARE " + name + " AS " + kAsk).c_str(), {}, Soon()).ok());
  EXPECT_EQ(Ask(*other, 3), 4) << "a session that has it";
}

}  // namespace
}  // namespace otpcore
