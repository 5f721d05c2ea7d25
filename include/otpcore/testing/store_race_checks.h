// SPDX-License-Identifier: Apache-2.0
// The checks of the store kit in which several hosts commit at once: K-04, K-05 and K-09.
#ifndef OTPCORE_TESTING_STORE_RACE_CHECKS_H_
#define OTPCORE_TESTING_STORE_RACE_CHECKS_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "otpcore/testing/store_history.h"
#include "otpcore/testing/store_hosts.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace testing {

// A crash in the middle of contention: no half commit, no lost one.
inline std::string CheckK04CrashUnderLoad(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const auto crash_twice = [&] {
    for (int i = 0; i < 2; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(60));
      sut.crash();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  };
  return CheckContention(sut, probe, {probe.Key("a"), probe.Key("b")}, 4, 0, crash_twice);
}

// All writes of a commit in one step, also seen by others meanwhile.
inline std::string CheckK05CommitsAreAtomic(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  std::vector<StoredWrite> writes;
  for (size_t i = 0; i < Writes::kMax; ++i)
    writes.push_back({probe.Key(std::to_string(i)), 0, Named("v")});
  for (size_t wrong = 0; wrong < writes.size(); ++wrong) {
    writes[wrong].expected = 9;
    probe.Expect(probe.Commit(writes) == CommitOutcome::kConflict,
                 "not all revisions were looked at");
    writes[wrong].expected = 0;
  }
  probe.Expect(probe.Commit(writes) == CommitOutcome::kCommitted,
               "as many records in one commit as a command may write");
  // Replace, delete and create together.
  const Revision first = probe.RevisionOf(writes[0].key);
  const Revision second = probe.RevisionOf(writes[1].key);
  probe.Expect(probe.Commit({{writes[0].key, first, Named("w")},
                             {writes[1].key, second, {}},
                             {probe.Key("new"), 0, Named("w")}}) == CommitOutcome::kCommitted,
               "replace, delete and create in one commit");
  return CheckContention(sut, probe, {probe.Key("x"), probe.Key("y")}, 4, 60);
}

inline std::string CheckK09OneKeyIsLinearizable(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  return CheckContention(sut, probe, {probe.Key("register")}, 6, 100);
}

// Hosts that commit at once, and how it ended.
struct StoreRace {
  std::vector<std::vector<StoredWrite>> commits;  // one for each host
  std::atomic<int> ready{0};
  std::atomic<int> committed{0};
  std::atomic<int> unknown{0};
};

// Four hosts write all of `keys` in one commit each, on the revisions that the probe knows; of
// those whose number is in `deleting` it is a delete.
inline void ExpectOneWinner(StoreUnderTest& sut, StoreProbe& probe,
                            const std::vector<RecordKey>& keys, const std::vector<int>& deleting) {
  constexpr int kHosts = 4;
  const auto race = std::make_shared<StoreRace>();
  for (int i = 0; i < kHosts; ++i) {
    const bool deletes = std::count(deleting.begin(), deleting.end(), i) > 0;
    std::vector<StoredWrite> writes;
    for (const RecordKey& key : keys)
      writes.push_back(
          {key, probe.RevisionOf(key), deletes ? std::string() : Named(std::to_string(i))});
    if (i % 2 == 1) std::reverse(writes.begin(), writes.end());
    race->commits.push_back(std::move(writes));
  }
  const auto host = [race, one = sut.store, other = &sut.second()](int number, StoreHosts&) {
    for (++race->ready; race->ready < kHosts;) std::this_thread::yield();
    const CommitOutcome outcome =
        CommitTo(number % 2 == 0 ? *one : *other, race->commits[static_cast<size_t>(number)]);
    if (outcome == CommitOutcome::kCommitted) ++race->committed;
    if (outcome == CommitOutcome::kUnknown) ++race->unknown;
  };
  if (!StoreHosts::Run(kHosts, sut.call_timeout, host)) return probe.Expect(false, kStoreHangs);
  const int committed = race->committed;
  probe.Expect(committed == 1 || (committed == 0 && race->unknown > 0),
               std::to_string(committed) + " of four commits on one revision succeeded");
}

// Four hosts commit on one revision at once: first each would create the record, then two would
// delete it and two replace it. A lock on the row of a record helps only when there is one.
inline std::string CheckK09OneCommitPerRevision(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  for (int round = 0; round < 40 && probe.problem().empty(); ++round) {
    std::vector<RecordKey> keys = {probe.Key("a" + std::to_string(round))};
    if (round % 2 == 1) keys.push_back(probe.Key("b" + std::to_string(round)));
    ExpectOneWinner(sut, probe, keys, {});
    const bool created = probe.Eventually([&] {
      for (const StoredRecord& record : probe.Load(keys))
        if (record.revision == 0) return false;
      return true;
    });
    const int first = round / 2 % 4;
    if (created) ExpectOneWinner(sut, probe, keys, {first, (first + 1) % 4});
  }
  return probe.problem();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_RACE_CHECKS_H_
