// SPDX-License-Identifier: Apache-2.0
// SqliteStore against SQLite itself: bench_sqlite [FOLDER]
//
// The control is a prepared UPDATE of one row as a transaction of its own, on a file with the same
// settings, by one thread or by as many as the store has, each with a connection: the better of the
// two. The store loads a record and commits it anew, by 1, 8 and 32 threads. Control and store take
// turns, so that a disk which is slow for a while is slow for both; ratios are of the medians.
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/stores/rates.h"
#include "otpcore/sqlite/store.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace {

constexpr int kRounds = 5;
constexpr int kKeysPerThread = 32;
constexpr int kThreadsMax = 32;
constexpr size_t kBodyBytes = 200;  // of a Member with a number
constexpr size_t kNameBytes = 120;  // a record of about as many bytes

// A file with a table of keys and bodies, and a connection with a prepared UPDATE for each thread.
class Control {
 public:
  explicit Control(const std::string& path) {
    for (int i = 0; i < kThreadsMax; ++i)
      connections_.push_back(std::make_unique<Connection>(path));
    sqlite3* const database = connections_[0]->database;
    const char* const table =
        "CREATE TABLE records (key BLOB PRIMARY KEY, revision INTEGER NOT NULL, body BLOB NOT "
        "NULL)";
    Require(sqlite3_exec(database, table, nullptr, nullptr, nullptr) == SQLITE_OK, "no table");
    for (int thread = 0; thread < kThreadsMax; ++thread) {
      for (int i = 0; i < kKeysPerThread; ++i) {
        const std::string insert = "INSERT INTO records VALUES ('" + Key(thread, i) + "', 1, 'x')";
        Require(sqlite3_exec(database, insert.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK,
                "no row");
      }
    }
    for (const auto& connection : connections_) connection->Prepare();
  }
  void Update(int thread, int i) {
    sqlite3_stmt* const update = connections_[static_cast<size_t>(thread)]->update;
    const std::string key = Key(thread, i % kKeysPerThread);
    sqlite3_bind_text(update, 1, key.data(), static_cast<int>(key.size()), SQLITE_STATIC);
    sqlite3_bind_blob(update, 2, body_.data(), static_cast<int>(body_.size()), SQLITE_STATIC);
    Require(sqlite3_step(update) == SQLITE_DONE, "an UPDATE failed");
    sqlite3_reset(update);
  }

 private:
  struct Connection {
    explicit Connection(const std::string& path) {
      Require(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "no file");
      // In short steps: SQLite's own ones grow to a tenth of a second.
      sqlite3_busy_handler(
          database,
          [](void*, int) {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
            return 1;
          },
          nullptr);
      Require(sqlite3_exec(database, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL",
                           nullptr, nullptr, nullptr) == SQLITE_OK,
              "no write-ahead mode");
    }
    ~Connection() {
      sqlite3_finalize(update);
      sqlite3_close(database);
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    void Prepare() {
      Require(sqlite3_prepare_v2(database,
                                 "UPDATE records SET revision = revision + 1, body = ?2 "
                                 "WHERE key = ?1",
                                 -1, &update, nullptr) == SQLITE_OK,
              "no statement");
    }
    sqlite3* database = nullptr;
    sqlite3_stmt* update = nullptr;
  };
  static std::string Key(int thread, int i) {
    return "member-" + std::to_string(thread) + "-" + std::to_string(i);
  }

  std::vector<std::unique_ptr<Connection>> connections_;
  const std::string body_ = std::string(kBodyBytes, 'x');
};

int Main(const std::string& folder) {
  Control control(folder + "/control");
  SqliteOptions options;
  options.path = folder + "/store";
  options.timeout = std::chrono::seconds(20);
  std::string problem;
  const auto database = SqliteDatabase::Open(options, &problem);
  Require(database != nullptr, problem.c_str());
  SqliteStore store(*database);
  testing::StoreProbe probe(store);
  std::vector<RecordKey> keys;
  for (int i = 0; i < kThreadsMax * kKeysPerThread; ++i)
    keys.push_back(probe.Key(std::to_string(i)));
  const std::string record = testing::Named(std::string(kNameBytes, 'x'));
  const auto load_and_commit = [&](int thread, int i) {
    const RecordKey& key = keys[static_cast<size_t>(thread * kKeysPerThread + i % kKeysPerThread)];
    const testing::StoredRecords loaded = testing::LoadFrom(store, std::vector<RecordKey>{key});
    Require(loaded.ok, "a load failed");
    Changes changes;
    changes.writes.Add({&key, loaded.records[0].revision, record});
    Require(store.Commit(changes) == CommitOutcome::kCommitted, "a commit failed");
  };
  const auto update = [&](int thread, int i) { control.Update(thread, i); };

  std::vector<double> alone, crowd;
  std::vector<std::vector<double>> rates(3);
  const int counts[] = {1, 8, kThreadsMax};
  for (int round = 0; round < kRounds; ++round) {
    alone.push_back(RateOf(1, update, true));
    crowd.push_back(RateOf(kThreadsMax, update, true));
    for (size_t i = 0; i < rates.size(); ++i)
      rates[i].push_back(RateOf(counts[i], load_and_commit, true));
  }
  const double best = std::max(Median(alone), Median(crowd));
  std::printf("UPDATE per transaction, 1 thread    %8.0f /s\n", Median(alone));
  std::printf("UPDATE per transaction, %d threads  %8.0f /s\n", kThreadsMax, Median(crowd));
  for (size_t i = 0; i < rates.size(); ++i)
    std::printf("load + commit, %2d threads           %8.0f /s  %.2f of the better UPDATE\n",
                counts[i], Median(rates[i]), Median(rates[i]) / best);
  return 0;
}

}  // namespace
}  // namespace otpcore

int main(int argc, char** argv) {
  const std::string base = argc > 1 ? argv[1] : std::filesystem::temp_directory_path().string();
  std::string folder = base + "/bench-sqlite-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  const int result = otpcore::Main(folder);
  std::filesystem::remove_all(folder);
  return result;
}
