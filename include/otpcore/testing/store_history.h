// SPDX-License-Identifier: Apache-2.0
// Histories of commits under contention, checked as a register: every commit that succeeded
// replaced what it had read, and one that ended as Unknown may have happened, at any later time
// (K-09).
#ifndef OTPCORE_TESTING_STORE_HISTORY_H_
#define OTPCORE_TESTING_STORE_HISTORY_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "otpcore/testing/store_hosts.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace testing {

// One attempt to replace the value that was read. No two attempts write the same value.
struct StoreAttempt {
  uint64_t began = 0;  // of one counter that all threads share
  uint64_t ended = 0;
  std::string read;
  std::string wrote;
  CommitOutcome outcome = CommitOutcome::kConflict;
};

// "" when one order of the attempts explains all that was seen, from the value `first` to the value
// `last`; else what is wrong. Takes time linear in the attempts but for the maps.
inline std::string CheckRegister(const std::vector<StoreAttempt>& attempts,
                                 const std::string& first, const std::string& last) {
  std::map<std::string, const StoreAttempt*> writer;
  for (const StoreAttempt& attempt : attempts) writer[attempt.wrote] = &attempt;

  // From the end, each value leads to the one that its writer replaced.
  std::vector<const StoreAttempt*> order;
  std::set<std::string> values = {last};
  for (std::string value = last; value != first;) {
    const auto found = writer.find(value);
    if (found == writer.end()) return "the value '" + value + "' was never written";
    const StoreAttempt& attempt = *found->second;
    if (attempt.outcome == CommitOutcome::kConflict) return "a conflict was applied";
    if (attempt.outcome == CommitOutcome::kUnavailable) return "an unavailable was applied";
    order.push_back(&attempt);
    value = attempt.read;
    if (!values.insert(value).second) return "the values replace each other in a circle";
  }
  std::reverse(order.begin(), order.end());

  for (const StoreAttempt& attempt : attempts) {
    if (values.count(attempt.read) == 0) return "'" + attempt.read + "' was read, then undone";
    if (attempt.outcome == CommitOutcome::kCommitted && values.count(attempt.wrote) == 0)
      return "the commit of '" + attempt.wrote + "' was lost";
  }
  uint64_t latest_begin = 0;
  for (const StoreAttempt* attempt : order) {
    const bool ends = attempt->outcome == CommitOutcome::kCommitted;
    if (ends && attempt->ended < latest_begin) return "commits took effect in an impossible order";
    latest_begin = std::max(latest_begin, attempt->began);
  }
  return "";
}

struct Contention {
  std::vector<StoreAttempt> attempts;
  std::string problem;
  int committed = 0;
};

// Hosts that replace the values under `keys`, which hold the same value, in one commit each time.
// All keys must hold the same value whenever a commit that read them succeeds (K-05).
struct Contenders {
  std::vector<Store*> stores;  // of even and of odd hosts
  std::vector<RecordKey> keys;
  int rounds = 0;  // 0: until they are stopped, while faults are injected
  std::atomic<uint64_t> time{0};
  std::vector<Contention> results;

  void Run(int number, StoreHosts& all) {
    Store& store = *stores[static_cast<size_t>(number % 2)];
    Contention& result = results[static_cast<size_t>(number)];
    // A store that locks records one after the other must not do so in the order of the writes.
    std::vector<RecordKey> own_order = keys;
    if (number % 2 == 1) std::reverse(own_order.begin(), own_order.end());
    std::string last_read;
    for (int round = 0; (rounds == 0 || round < rounds) && !all.stopped(); ++round) {
      all.Advance();
      StoreAttempt attempt;
      attempt.began = ++time;
      attempt.wrote = std::to_string(number) + "-" + std::to_string(round);
      const StoredRecords loaded = LoadFrom(store, own_order);
      if (!loaded.ok) {
        if (rounds != 0) result.problem = "a load failed although nothing was wrong";
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      std::vector<StoredWrite> writes;
      std::set<std::string> read;
      for (const StoredRecord& record : loaded.records) {
        read.insert(NameIn(record));
        writes.push_back({record.key, record.revision, Named(attempt.wrote)});
      }
      attempt.read = *read.begin();
      // Reads are old for a while where they come from a replica.
      if (attempt.read == last_read) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      last_read = attempt.read;
      attempt.outcome = CommitTo(store, writes);
      attempt.ended = ++time;
      if (attempt.outcome == CommitOutcome::kUnavailable && rounds != 0)
        result.problem = "a commit was unavailable: do commits wait for each other's locks?";
      if (attempt.outcome == CommitOutcome::kCommitted) {
        ++result.committed;
        if (read.size() != 1) result.problem = "half of a commit was there for another to build on";
      }
      // Of a read that mixed two commits, or is older than the first, only the outcome says
      // something.
      const bool older = attempt.read.empty() && attempt.outcome != CommitOutcome::kCommitted;
      if (read.size() == 1 && !older) result.attempts.push_back(attempt);
    }
  }
};

// Each of `threads` hosts does `rounds` rounds; or, when `while_running` is given, goes on until it
// returns.
inline Contention Contend(StoreUnderTest& sut, const std::vector<RecordKey>& keys, int threads,
                          int rounds, const std::function<void()>& while_running = nullptr) {
  const auto contenders = std::make_shared<Contenders>();
  contenders->stores = {sut.store, &sut.second()};
  contenders->keys = keys;
  contenders->rounds = while_running ? 0 : rounds;
  contenders->results.resize(static_cast<size_t>(threads));
  Contention all;
  const auto host = [contenders](int number, StoreHosts& hosts) { contenders->Run(number, hosts); };
  if (!StoreHosts::Run(threads, sut.call_timeout, host, while_running)) {
    all.problem = kStoreHangs;
    return all;
  }
  for (Contention& result : contenders->results) {
    all.attempts.insert(all.attempts.end(), result.attempts.begin(), result.attempts.end());
    all.committed += result.committed;
    if (all.problem.empty()) all.problem = result.problem;
  }
  return all;
}

// Contention over `keys` from start to end, with the histories of all keys checked.
inline std::string CheckContention(StoreUnderTest& sut, StoreProbe& probe,
                                   const std::vector<RecordKey>& keys, int threads, int rounds,
                                   const std::function<void()>& while_running = nullptr) {
  std::vector<StoredWrite> first;
  for (const RecordKey& key : keys) first.push_back({key, 0, Named("first")});
  probe.Expect(probe.Commit(first) == CommitOutcome::kCommitted, "the first commit failed");
  const Contention contention = Contend(sut, keys, threads, rounds, while_running);
  probe.Expect(contention.problem.empty(), contention.problem);
  probe.Expect(contention.committed > 0, "under contention no commit ever succeeded");
  std::string problem;
  probe.Eventually([&] {
    problem.clear();
    for (const StoredRecord& record : probe.Load(keys)) {
      const std::string last = NameIn(record);
      if (problem.empty())
        problem =
            last.empty() ? "a record is gone" : CheckRegister(contention.attempts, "first", last);
    }
    return problem.empty();
  });
  probe.Expect(problem.empty(), problem);
  return probe.problem();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_HISTORY_H_
