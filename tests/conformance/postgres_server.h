// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL server for tests.
#ifndef OTPCORE_TESTS_CONFORMANCE_POSTGRES_SERVER_H_
#define OTPCORE_TESTS_CONFORMANCE_POSTGRES_SERVER_H_

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "otpcore/postgres/schema.h"
#include "otpcore/postgres/store.h"
#include "postgres/connection.h"
#include "servers.h"

namespace otpcore {

inline SteadyTime Soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(20); }

inline std::unique_ptr<PgConnection> Connect(const std::string& conninfo) {
  return PgConnection::Open(conninfo, std::chrono::seconds(20), Soon());
}

inline OutboxKey TestOutboxKey(uint32_t id) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(static_cast<uint8_t>(id));
  return {id, bytes};
}

// One server for all tests of the process.
struct Postgres {
  LocalServer server;
  std::string programs = Programs();
  std::string missing;
  std::unique_ptr<PostgresStore> store;  // null: it does not start

  std::unique_ptr<PostgresStore> other;

  static Postgres& Instance() {
    static Postgres instance;
    return instance;
  }

  std::string conninfo() const {
    return "host=" + server.folder() + " dbname=postgres user=otpcore";
  }
  PostgresOptions Patient() const {
    PostgresOptions options;
    options.conninfo = conninfo();
    options.timeout = std::chrono::seconds(20);
    return options;
  }
  PostgresOptions Nowhere() const {
    PostgresOptions options;
    options.conninfo = "host=" + server.folder() + "/nowhere dbname=postgres";
    return options;
  }
  PostgresOptions Options() const {
    PostgresOptions options;
    options.conninfo = conninfo();
    options.timeout = std::chrono::milliseconds(400);
    options.outbox_keys = {TestOutboxKey(2), TestOutboxKey(1)};
    return options;
  }
  PgResult Sql(const std::string& sql, const std::vector<PgValue>& values = {}) {
    const auto connection = Connect(conninfo());
    return connection ? connection->Run(sql.c_str(), values, Soon()) : PgResult(nullptr);
  }
  bool Start() {
    // The last two only make it start faster; it is as safe as by default.
    const std::vector<std::string> command = {programs + "/postgres",
                                              "-D",
                                              server.folder() + "/data",
                                              "-k",
                                              server.folder(),
                                              "-c",
                                              "listen_addresses=",
                                              "-c",
                                              "shared_buffers=16MB",
                                              "-c",
                                              "recovery_init_sync_method=syncfs"};
    return server.Start(command, [this] { return Sql("SELECT 1").ok(); });
  }

 private:
  // The folder of its programs, of the newest version there is.
  static std::string Programs() {
    std::vector<std::string> paths;
    for (int version = 30; version >= 12; --version)
      paths.push_back("/usr/lib/postgresql/" + std::to_string(version) + "/bin/initdb");
    const std::string initdb = FirstProgram(paths);
    return initdb.substr(0, initdb.rfind('/'));
  }
  Postgres() {
    if (programs.empty()) {
      missing = "PostgreSQL is not installed (package postgresql)";
      return;
    }
    server.MakeFolder("postgres");
    if (!server.Run({programs + "/initdb", "-D", server.folder() + "/data", "-A", "trust", "-U",
                     "otpcore", "-N", "-E", "UTF8"}) ||
        !Start() || MigratePostgres(Patient()) != "")
      return;
    store = std::make_unique<PostgresStore>(Options());
    other = std::make_unique<PostgresStore>(Options());
  }
};

class PostgresExample : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!postgres.missing.empty()) GTEST_SKIP() << postgres.missing;
    ASSERT_NE(postgres.store, nullptr) << "PostgreSQL does not start";
  }
  Postgres& postgres = Postgres::Instance();
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_POSTGRES_SERVER_H_
