// SPDX-License-Identifier: Apache-2.0
// The directory kit on a real PostgreSQL, and how it finds what it reads (SR-10, SR-11, SR-13).
#include "otpcore/postgres/directory.h"

#include <memory>
#include <string>

#include "otpcore/testing/directory_kit.h"
#include "postgres_server.h"

namespace otpcore {
namespace {

testing::DirectoryUnderTest MakePostgresDirectory() {
  Postgres& postgres = Postgres::Instance();
  testing::DirectoryUnderTest sut;
  sut.skip_because = postgres.missing;
  if (postgres.store == nullptr) return sut;
  static auto& directory = *new PostgresDirectory(postgres.Options());
  sut.store = postgres.store.get();
  sut.directory = &directory;
  sut.unreachable = [&](bool on) {
    if (on) return postgres.server.Kill();
    ASSERT_TRUE(postgres.Start()) << postgres.server.Log();
  };
  sut.damage = [&](const RecordKey& key) {
    ASSERT_EQ(postgres
                  .Sql("UPDATE otpcore_records SET body = substr(body, 1, length(body) - 1) "
                       "WHERE key = $1",
                       {std::string(key.bytes())})
                  .affected(),
              1);
  };
  return sut;
}
OTPCORE_DIRECTORY_CONFORMANCE(PostgresDirectoryKit, MakePostgresDirectory);

// Ranges go by the primary key and ids by an index of their own, whatever the size of the table:
// neither reads it all, and nothing is sorted.
TEST_F(PostgresExample, DirectoryUsesIndexes) {  // SR-11, SR-13
  const auto plan_of = [&](const std::string& sql) {
    std::string plan;
    const auto connection = Connect(postgres.conninfo());
    // What the indexes allow, and not what is best for the few rows of this test.
    for (const char* other : {"seqscan", "bitmapscan", "sort"})
      EXPECT_TRUE(
          connection->Run((std::string("SET enable_") + other + " = off").c_str(), {}, Soon())
              .ok());
    const PgResult rows = connection->Run(("EXPLAIN " + sql).c_str(), {}, Soon());
    EXPECT_TRUE(rows.ok()) << rows.message();
    for (int row = 0; row < rows.rows(); ++row) plan += std::string(rows.bytes(row, 0)) + "\n";
    return plan;
  };
  const std::string range = plan_of(
      "SELECT key, body FROM otpcore_records WHERE key > '\\x0200' AND key < '\\x0201' "
      "ORDER BY key LIMIT 256");
  EXPECT_NE(range.find("otpcore_records_pkey"), range.npos) << range;
  EXPECT_EQ(range.find("Sort"), range.npos) << range;
  const std::string id = plan_of(
      "SELECT key FROM otpcore_records WHERE get_byte(key, 0) = 2 AND "
      "substr(key, 3 + get_byte(key, 1)) = '\\x01' LIMIT 2");
  EXPECT_NE(id.find("otpcore_records_member"), id.npos) << id;
}

// The version before had no index of ids: a migration makes it of the Members that are there.
TEST_F(PostgresExample, DirectoryComesByMigration) {
  ASSERT_TRUE(postgres.Sql("DROP INDEX otpcore_records_member").ok());
  ASSERT_TRUE(postgres.Sql("UPDATE otpcore_schema SET version = 1").ok());
  EXPECT_NE(PostgresSchemaProblem(postgres.Patient()), "");
  testing::DirectoryUnderTest sut = MakePostgresDirectory();
  testing::DirectoryProbe probe(sut);
  probe.Put(RecordKey::Member(probe.organization, "before"));
  ASSERT_EQ(MigratePostgres(postgres.Patient()), "");
  EXPECT_EQ(PostgresSchemaProblem(postgres.Patient()), "");
  std::vector<EntityId> organizations;
  EXPECT_TRUE(sut.directory->OrganizationsOf("before", &organizations));
  EXPECT_EQ(organizations, std::vector<EntityId>{probe.organization});
  EXPECT_EQ(
      postgres.Sql("SELECT 1 FROM pg_indexes WHERE indexname = 'otpcore_records_member'").rows(),
      1);
}

}  // namespace
}  // namespace otpcore
