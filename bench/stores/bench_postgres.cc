// SPDX-License-Identifier: Apache-2.0
// PostgresStore against PostgreSQL itself: bench_postgres CONNINFO, or with_postgres.sh, which
// starts a server for it.
//
// The control is a prepared SELECT and a prepared conditional UPDATE of one row of the same table,
// by as many threads, each with a connection of its own; with an outbox, one statement that also
// inserts a row. The store loads a record and commits it anew, which also checks and sums its
// bytes, and seals a message. Both take turns; ratios are of the medians of one run.
#include <libpq-fe.h>

#include <array>
#include <cstring>
#include <memory>
#include <random>
#include <string>

#include "bench/stores/rates.h"
#include "otpcore/model/codec.h"
#include "otpcore/postgres/schema.h"
#include "otpcore/postgres/store.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace {

constexpr int kRounds = 5;
constexpr int kKeysPerThread = 32;
constexpr size_t kNameBytes = 120;

// The bytes of a message as they are sealed.
constexpr size_t kSealedBytes = 220;

class Connection {
 public:
  explicit Connection(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    Require(PQstatus(connection_) == CONNECTION_OK, "no server");
    Prepare("load", "SELECT revision, body FROM otpcore_records WHERE key = $1::bytea");
    Prepare("commit",
            "UPDATE otpcore_records SET revision = nextval('otpcore_revision'), body = $2::bytea "
            "WHERE key = $1::bytea AND revision = $3::bigint");
    Prepare("post",
            "WITH written AS (UPDATE otpcore_records SET revision = nextval('otpcore_revision'), "
            "body = $2::bytea WHERE key = $1::bytea AND revision = $3::bigint RETURNING 1) "
            "INSERT INTO otpcore_outbox (challenge_id, key_id, sealed, expires_at) "
            "SELECT $4::bytea, 1, $5::bytea, now() + interval '2 minutes' FROM written");
  }
  ~Connection() { PQfinish(connection_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void LoadAndCommit(const std::string& key, const std::string& body) {
    Run("commit", {key, body, Load(key)});
  }
  void LoadAndPost(const std::string& key, const std::string& body, const std::string& id,
                   const std::string& sealed) {
    Run("post", {key, body, Load(key), id, sealed});
  }

 private:
  using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

  void Prepare(const char* name, const char* sql) {
    const Result done(PQprepare(connection_, name, sql, 0, nullptr), PQclear);
    Require(PQresultStatus(done.get()) == PGRES_COMMAND_OK, PQerrorMessage(connection_));
  }
  Result Call(const char* name, const std::vector<std::string>& values) {
    std::array<const char*, 5> texts{};
    std::array<int, 5> lengths{}, formats{};
    for (size_t i = 0; i < values.size(); ++i) {
      texts[i] = values[i].data();
      lengths[i] = static_cast<int>(values[i].size());
      formats[i] = 1;
    }
    return Result(PQexecPrepared(connection_, name, static_cast<int>(values.size()), texts.data(),
                                 lengths.data(), formats.data(), 1),
                  PQclear);
  }
  // The revision, as the statement takes it again.
  std::string Load(const std::string& key) {
    const Result row = Call("load", {key});
    Require(PQntuples(row.get()) == 1, "a row is missing");
    return {PQgetvalue(row.get(), 0, 0), 8};
  }
  void Run(const char* name, const std::vector<std::string>& values) {
    const Result done = Call(name, values);
    Require(std::strcmp(PQcmdTuples(done.get()), "1") == 0, "a write failed");
  }

  PGconn* connection_;
};

std::string Text(const ChallengeId& id) { return {id.bytes.begin(), id.bytes.end()}; }

// One that no other thread or run has.
ChallengeId NewId() {
  static const uint64_t run = std::random_device{}();
  static std::atomic<uint64_t> next{1};
  ChallengeId id;
  const uint64_t number = next++;
  std::memcpy(id.bytes.data(), &run, sizeof(run));
  std::memcpy(id.bytes.data() + sizeof(run), &number, sizeof(number));
  return id;
}

Message NewMessage() {
  Message message;
  message.challenge_id = NewId();
  message.organization_id = message.member_id = "somebody";
  message.to = "+14155550123";
  message.passcode = Passcode("123456");
  message.text = MessageText("Your code is 123456. It is good for two minutes.");
  message.expires_at = Instant::Max();
  return message;
}

void Measure(const std::string& conninfo, int threads) {
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < threads; ++i) connections.push_back(std::make_unique<Connection>(conninfo));
  PostgresOptions options;
  options.conninfo = conninfo;
  options.connections_max = threads;
  options.timeout = std::chrono::seconds(20);
  PostgresStore store(options);
  options.outbox_keys = {OutboxKey(1, {1, 2, 3})};
  PostgresStore posting(options);
  testing::StoreProbe probe(store);
  const std::string record = testing::Named(std::string(kNameBytes, 'x'));
  std::vector<RecordKey> keys;
  std::vector<std::string> places, bodies;
  for (int i = 0; i < threads * kKeysPerThread; ++i) {
    keys.push_back(probe.Key(std::to_string(i)));
    probe.Put(keys.back(), 0, record);
    places.emplace_back(keys.back().bytes());
    bodies.push_back(Protect(keys.back(), record));
  }
  Require(probe.problem().empty(), "the records cannot be made");
  const auto place = [](int thread, int i) {
    return static_cast<size_t>(thread * kKeysPerThread + i % kKeysPerThread);
  };
  const auto commit = [&](Store& to, int thread, int i, const Message* message) {
    const RecordKey& key = keys[place(thread, i)];
    const testing::StoredRecords loaded = testing::LoadFrom(to, std::vector<RecordKey>{key});
    Require(loaded.ok, "a load failed");
    Changes changes;
    changes.writes.Add({&key, loaded.records[0].revision, record});
    changes.message = message;
    Require(to.Commit(changes) == CommitOutcome::kCommitted, "a commit failed");
  };
  const std::string sealed(kSealedBytes, 'x');

  using Step = std::function<void(int, int)>;
  const std::vector<Step> steps = {[&](int thread, int i) {
                                     const size_t at = place(thread, i);
                                     connections[static_cast<size_t>(thread)]->LoadAndCommit(
                                         places[at], bodies[at]);
                                   },
                                   [&](int thread, int i) { commit(store, thread, i, nullptr); },
                                   [&](int thread, int i) {
                                     const size_t at = place(thread, i);
                                     connections[static_cast<size_t>(thread)]->LoadAndPost(
                                         places[at], bodies[at], Text(NewId()), sealed);
                                   },
                                   [&](int thread, int i) {
                                     const Message message = NewMessage();
                                     commit(posting, thread, i, &message);
                                   }};
  std::vector<std::vector<double>> rates(steps.size());
  for (int round = 0; round < kRounds; ++round) {
    for (size_t i = 0; i < steps.size(); ++i) rates[i].push_back(RateOf(threads, steps[i], false));
  }
  for (size_t i = 0; i < steps.size(); i += 2)
    std::printf("%2d threads, %-14s control %7.0f /s   store %7.0f /s   %.2f\n", threads,
                i == 0 ? "load + commit" : "and an outbox", Median(rates[i]), Median(rates[i + 1]),
                Median(rates[i + 1]) / Median(rates[i]));
}

}  // namespace
}  // namespace otpcore

int main(int argc, char** argv) {
  otpcore::Require(argc == 2, "bench_postgres CONNINFO");
  otpcore::PostgresOptions options;
  options.conninfo = argv[1];
  const std::string problem = otpcore::MigratePostgres(options);
  otpcore::Require(problem.empty(), problem.c_str());
  for (const int threads : {8, 32}) otpcore::Measure(argv[1], threads);
  return 0;
}
