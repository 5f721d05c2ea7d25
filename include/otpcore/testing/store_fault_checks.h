// The checks of the store kit that need threads or faults: K-02, K-04, K-05 and K-09 … K-12.
#ifndef OTPCORE_TESTING_STORE_FAULT_CHECKS_H_
#define OTPCORE_TESTING_STORE_FAULT_CHECKS_H_

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "otpcore/testing/faults.h"
#include "otpcore/testing/store_history.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace testing {

// A server that hears but does not answer: what became of the commit is not known, and nothing
// else may be said. Unavailable is right only when it was surely not applied.
inline std::string CheckK02TimeoutIsUnknown(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
  for (const size_t writes_each : {size_t{1}, size_t{2}}) {
    const RecordKey key = probe.Key("key" + std::to_string(writes_each));
    const RecordKey index = probe.Key("index" + std::to_string(writes_each));
    std::vector<Write> writes = {{key, 0, Named("one")}, {index, 0, Named("one")}};
    writes.resize(writes_each);
    sut.freeze(true);
    const CommitOutcome outcome = sut.store->Commit(StoreProbe::ChangesOf(writes));
    probe.Expect(!sut.store->Load({key}).ok, "a load succeeded though nothing answered");
    sut.freeze(false);
    probe.Expect(outcome == CommitOutcome::kUnknown || outcome == CommitOutcome::kUnavailable,
                 "a time-out was answered as Committed or Conflict");
    // The core's own way out of doubt (C-08): commit again, then look.
    const CommitOutcome again = sut.store->Commit(StoreProbe::ChangesOf(writes));
    probe.Expect(outcome != CommitOutcome::kUnavailable || again == CommitOutcome::kCommitted,
                 "a time-out was answered as Unavailable, but the commit was applied");
    probe.Expect(probe.Load(key).revision != 0, "neither attempt was applied");
  }
  return probe.problem();
}

// Whatever was answered as committed is there after a crash, with its revision, and revisions go
// on from where they were.
inline std::string CheckK04CommittedIsDurable(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
  std::vector<RecordKey> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back(probe.Key("key" + std::to_string(i)));
    probe.Put(keys.back(), probe.Put(keys.back(), 0, Named("one")), Named(std::to_string(i)));
  }
  const RecordKey deleted = probe.Key("deleted");
  const Revision last = probe.Put(deleted, 0, Named("x"));
  probe.Delete(deleted, last);
  const std::vector<LoadedRecord> expected = probe.Load(keys);

  sut.crash();
  const std::vector<LoadedRecord> found = probe.Load(keys);
  for (size_t i = 0; i < keys.size(); ++i) {
    probe.Expect(found[i].revision == expected[i].revision &&
                     StoreProbe::BytesOf(found[i]) == StoreProbe::BytesOf(expected[i]),
                 "a committed record was lost or changed by a crash");
  }
  probe.Expect(probe.Load(deleted).revision == 0, "a deleted record came back");
  probe.Expect(probe.Put(deleted, 0, Named("x")) > last, "a revision came back after a crash");
  return probe.problem();
}

// A crash in the middle of contention: no half commit, no lost one.
inline std::string CheckK04CrashUnderLoad(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
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
  StoreProbe probe(*sut.store);
  std::vector<Write> writes;
  for (int i = 0; i < 5; ++i) writes.push_back({probe.Key(std::to_string(i)), 0, Named("v")});
  for (size_t wrong = 0; wrong < writes.size(); ++wrong) {
    writes[wrong].expected = 9;
    probe.Expect(probe.Commit(writes) == CommitOutcome::kConflict,
                 "not all revisions were looked at");
    writes[wrong].expected = 0;
  }
  probe.Expect(probe.Commit(writes) == CommitOutcome::kCommitted, "five records in one commit");
  // Replace, delete and create together.
  const Revision first = probe.Load(writes[0].key).revision;
  const Revision second = probe.Load(writes[1].key).revision;
  probe.Expect(probe.Commit({{writes[0].key, first, Named("w")},
                             {writes[1].key, second, std::monostate()},
                             {probe.Key("new"), 0, Named("w")}}) == CommitOutcome::kCommitted,
               "replace, delete and create in one commit");
  return CheckContention(sut, probe, {probe.Key("x"), probe.Key("y")}, 4, 60);
}

inline std::string CheckK09OneKeyIsLinearizable(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
  return CheckContention(sut, probe, {probe.Key("register")}, 6, 100);
}

// Every outcome is put in the way of a commit; C-08's rules then find out what happened from the
// record and its mark alone.
inline std::string CheckK10DoubtIsResolvedByTheMark(StoreUnderTest& sut) {
  using Fault = FaultyStore::CommitFault;
  StoreProbe probe(*sut.store);
  FaultyStore faulty(*sut.store);
  const RecordKey key = probe.Key("member", RecordKind::kMember);
  uint8_t mark = 0;
  for (const Fault fault : {Fault::kNone, Fault::kConflict, Fault::kUnavailable,
                            Fault::kUnknownApplied, Fault::kUnknownLost}) {
    faulty.commit_fault = [&](int) { return fault; };
    const Write write = {key, probe.Load(key).revision, SampleMember(key, ++mark)};
    const CommitOutcome outcome = faulty.Commit(StoreProbe::ChangesOf({write}));
    const LoadedRecord after = probe.Load(key);
    const bool own = MarkOf(after.record) == MarkOf(write.record);
    const bool applied = fault == Fault::kNone || fault == Fault::kUnknownApplied;
    probe.Expect(own == applied, "the mark does not tell whether the commit was applied");
    probe.Expect((after.revision == write.expected) != applied, "nor does the revision");
    if (outcome == CommitOutcome::kUnknown)
      probe.Expect(sut.store->Commit(StoreProbe::ChangesOf({write})) ==
                       (applied ? CommitOutcome::kConflict : CommitOutcome::kCommitted),
                   "committing again after Unknown must succeed exactly when the first was lost");
  }
  return probe.problem();
}

// A restore announces itself in every answer after it, and nothing else does.
inline std::string CheckK11EpochIsAnnounced(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
  const RecordKey key = probe.Key("key");
  const uint64_t before = sut.store->Load({key}).epoch;
  probe.Put(key, 0, Named("x"));
  probe.Expect(sut.store->Load({key}).epoch == before, "a commit changed the epoch");
  sut.begin_epoch(before + 1);
  for (const RecordKey& any : {key, probe.Key("none")}) {
    probe.Expect(sut.store->Load({any}).epoch == before + 1, "the epoch is not announced");
    probe.Expect(sut.second().Load({any}).epoch == before + 1, "nor to the other host");
  }
  probe.Expect(probe.Load(key).revision != 0, "an epoch is no reason to lose records");
  return probe.problem();
}

// What cannot be read is not "no such record": that would forget every counter and every lock.
inline std::string CheckK12DamagedRecordsFailClosed(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
  const RecordKey good = probe.Key("good");
  const RecordKey bad = probe.Key("bad");
  probe.Put(good, 0, Named("x"));
  probe.Put(bad, 0, Named("x"));
  sut.damage(bad);
  probe.Expect(!sut.store->Load({bad}).ok, "a damaged record was read as something else");
  probe.Expect(!sut.store->Load({good, bad}).ok, "a damaged record was passed over");
  probe.Expect(sut.store->Load({good}).ok, "a damaged record made others unreadable");
  return probe.problem();
}

inline std::string CheckK12UnreachableFailsClosed(StoreUnderTest& sut) {
  StoreProbe probe(*sut.store);
  const RecordKey key = probe.Key("key");
  const Revision revision = probe.Put(key, 0, Named("one"));
  sut.unreachable(true);
  for (int i = 0; i < 3; ++i) {
    probe.Expect(!sut.store->Load({key}).ok, "a load succeeded without a server");
    const CommitOutcome outcome =
        sut.store->Commit(StoreProbe::ChangesOf({{key, revision, Named("two")}}));
    probe.Expect(outcome == CommitOutcome::kUnavailable || outcome == CommitOutcome::kUnknown,
                 "a commit was answered without a server");
  }
  sut.unreachable(false);
  probe.Expect(probe.Load(key).revision == revision, "the record changed meanwhile");
  probe.Put(key, revision, Named("three"));
  return probe.problem();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_FAULT_CHECKS_H_
