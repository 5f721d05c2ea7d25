// SPDX-License-Identifier: Apache-2.0
// Hosts behind PgBouncer in transaction mode, which gives them another session of the server for
// each transaction.
#include <fstream>
#include <thread>

#include "otpcore/postgres/guard.h"
#include "otpcore/postgres/sessions.h"
#include "postgres_server.h"
#include "store_scenarios.h"

namespace otpcore {
namespace {

class PostgresExamplePooler : public PostgresExample {
 protected:
  void SetUp() override {
    PostgresExample::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const std::string program = FirstProgram({"/usr/sbin/pgbouncer"});
    if (program.empty()) GTEST_SKIP() << "PgBouncer is not installed (package pgbouncer)";
    pooler.MakeFolder("postgres");
    // The settings that a store sets for its session are the role's here (docs/storage.md).
    postgres.Sql("CREATE ROLE pooled LOGIN SUPERUSER");
    for (const char* setting :
         {"default_transaction_isolation = 'read committed'", "synchronous_commit = 'on'",
          "statement_timeout = '20s'", "idle_in_transaction_session_timeout = '3s'"})
      ASSERT_TRUE(postgres.Sql(std::string("ALTER ROLE pooled SET ") + setting).ok());
    const std::string file = pooler.folder() + "/config";
    std::ofstream(file) << "[databases]\npostgres = host=" << postgres.server.folder()
                        << " user=pooled\n[pgbouncer]\npool_mode = transaction\nlisten_addr =\n"
                        << "unix_socket_dir = " << pooler.folder()
                        << "\nauth_type = any\ndefault_pool_size = 3\n";
    options = postgres.Patient();
    options.conninfo = "host=" + pooler.folder() + " port=6432 dbname=postgres user=pooled";
    ASSERT_TRUE(pooler.Start({program, file}, [&] { return Connect(options.conninfo) != nullptr; }))
        << pooler.Log();
  }

  LocalServer pooler;
  PostgresOptions options;
};

TEST_F(PostgresExamplePooler, CarriesAnEngine) {
  PostgresStore store(options);
  AnEngineRunsOn(store);
  PostgresGuard guard(options);
  TwinsAreAdmittedTogether(guard);
  testing::VirtualClock clock;
  PostgresSessions one(clock, options);
  PostgresSessions other(clock, options);
  SessionsAreShared(one, other, clock);
}

// More hosts than sessions: statements that one has prepared meet those of another.
TEST_F(PostgresExamplePooler, ManyHostsShareFewSessions) {  // K-02, K-09
  std::atomic<int> committed{0}, wrong{0};
  std::vector<std::thread> hosts;
  for (int i = 0; i < 8; ++i)
    hosts.emplace_back([&, i] {
      PostgresStore store(options);
      testing::StoreProbe probe(store);
      Revision revision = 0;
      const RecordKey key = probe.Key("key" + std::to_string(i));
      const RecordKey second = probe.Key("second" + std::to_string(i));
      for (int round = 0; round < 40; ++round) {
        std::vector<testing::StoredWrite> writes = {{key, revision, testing::Named("x")}};
        if (round == 20) writes.push_back({second, 0, testing::Named("y")});
        if (testing::CommitTo(store, writes) == CommitOutcome::kCommitted) ++committed;
        const testing::StoredRecords now = testing::LoadFrom(store, std::vector<RecordKey>{key});
        if (!now.ok || now.records[0].revision == revision) ++wrong;
        revision = now.records[0].revision;
      }
    });
  for (std::thread& host : hosts) host.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(committed, 8 * 40);
}

}  // namespace
}  // namespace otpcore
