// SPDX-License-Identifier: Apache-2.0
// The checks of the store kit that need faults: K-02, K-04 and K-10 … K-12.
#ifndef OTPCORE_TESTING_STORE_FAULT_CHECKS_H_
#define OTPCORE_TESTING_STORE_FAULT_CHECKS_H_

#include <string>
#include <vector>

#include "otpcore/testing/faults.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace testing {

// A server that hears but does not answer: what became of the commit is not known, and nothing
// else may be said. Unavailable is right only when it was surely not applied.
inline std::string CheckK02TimeoutIsUnknown(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  for (const size_t writes_each : {size_t{1}, size_t{2}}) {
    const RecordKey key = probe.Key("key" + std::to_string(writes_each));
    const RecordKey index = probe.Key("index" + std::to_string(writes_each));
    std::vector<StoredWrite> writes = {{key, 0, Named("one")}, {index, 0, Named("one")}};
    writes.resize(writes_each);
    sut.freeze(true);
    const CommitOutcome outcome = CommitTo(*sut.store, writes);
    probe.Expect(!CanLoad(*sut.store, {key}), "a load succeeded though nothing answered");
    sut.freeze(false);
    probe.Expect(outcome == CommitOutcome::kUnknown || outcome == CommitOutcome::kUnavailable,
                 "a time-out was answered as Committed or Conflict");
    // The core's own way out of doubt (C-08): commit again, then look.
    const CommitOutcome again = CommitTo(*sut.store, writes);
    probe.Expect(outcome != CommitOutcome::kUnavailable || again == CommitOutcome::kCommitted,
                 "a time-out was answered as Unavailable, but the commit was applied");
    probe.Expect(probe.Eventually([&] { return probe.Load(key).revision != 0; }),
                 "neither attempt was applied");
  }
  return probe.problem();
}

// Whatever was answered as committed is there after a crash, with its revision, and revisions go
// on from where they were.
inline std::string CheckK04CommittedIsDurable(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  std::vector<RecordKey> keys;
  for (int i = 0; i < 8; ++i) {
    keys.push_back(probe.Key("key" + std::to_string(i)));
    probe.Put(keys.back(), probe.Put(keys.back(), 0, Named("one")), Named(std::to_string(i)));
  }
  const RecordKey deleted = probe.Key("deleted");
  const Revision last = probe.Put(deleted, 0, Named("x"));
  probe.Delete(deleted, last);

  sut.crash();
  // The probe sees to it that what has the same revision is the same.
  for (const RecordKey& key : keys)
    probe.Expect(probe.Shows(key, probe.RevisionOf(key)),
                 "a committed record was lost or changed by a crash");
  probe.Expect(probe.Shows(deleted, 0), "a deleted record came back");
  probe.Expect(probe.Put(deleted, 0, Named("x")) > last, "a revision came back after a crash");
  return probe.problem();
}

// Every outcome is put in the way of a commit; C-08's rules then find out what happened from the
// run in the record alone.
inline std::string CheckK10DoubtIsResolvedByTheMark(StoreUnderTest& sut) {
  using Fault = FaultyStore::CommitFault;
  StoreProbe probe(sut);
  FaultyStore faulty(*sut.store);
  const RecordKey key = probe.Key("member", RecordKind::kMember);
  RunId run = 0;
  for (const Fault fault : {Fault::kNone, Fault::kConflict, Fault::kUnavailable,
                            Fault::kUnknownApplied, Fault::kUnknownLost}) {
    faulty.commit_fault = [&](int) { return fault; };
    const StoredWrite write = {key, probe.RevisionOf(key), Packed(SampleMember(key, ++run))};
    const CommitOutcome outcome = CommitTo(faulty, {write});
    const auto shows = [&](bool applied) {
      const StoredRecord after = probe.Load(key);
      const bool own = RunIn(after.bytes) == run;
      return own == applied && (after.revision == write.expected) != applied;
    };
    const bool applied = fault == Fault::kNone || fault == Fault::kUnknownApplied;
    probe.Expect(probe.Eventually([&] { return shows(applied); }),
                 "the run or the revision does not tell whether the commit was applied");
    if (outcome != CommitOutcome::kUnknown) continue;
    probe.Expect(CommitTo(*sut.store, {write}) ==
                     (applied ? CommitOutcome::kConflict : CommitOutcome::kCommitted),
                 "committing again after Unknown must succeed exactly when the first was lost");
    probe.Expect(probe.Eventually([&] { return shows(true); }), "neither attempt was applied");
  }
  return probe.problem();
}

// A restore announces itself in every answer after it, and nothing else does.
inline std::string CheckK11EpochIsAnnounced(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const RecordKey key = probe.Key("key");
  const uint64_t before = EpochOf(*sut.store, key);
  probe.Put(key, 0, Named("x"));
  probe.Expect(EpochOf(*sut.store, key) == before, "a commit changed the epoch");
  sut.begin_epoch(before + 1);
  for (const RecordKey& any : {key, probe.Key("none")}) {
    probe.Expect(EpochOf(*sut.store, any) == before + 1, "the epoch is not announced");
    probe.Expect(EpochOf(sut.second(), any) == before + 1, "nor to the other host");
  }
  probe.Expect(probe.Shows(key, probe.RevisionOf(key)), "an epoch is no reason to lose records");
  return probe.problem();
}

// What cannot be read is not "no such record": that would forget every counter and every lock.
inline std::string CheckK12DamagedRecordsFailClosed(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const RecordKey good = probe.Key("good");
  const RecordKey bad = probe.Key("bad");
  probe.Put(good, 0, Named("x"));
  probe.Put(bad, 0, Named("x"));
  sut.damage(bad);
  probe.Expect(probe.Eventually([&] { return !CanLoad(*sut.store, {bad}); }),
               "a damaged record was read as something else");
  probe.Expect(probe.Eventually([&] {
    return !CanLoad(*sut.store, {good, bad});
  }),
               "a damaged record was passed over");
  probe.Expect(CanLoad(*sut.store, {good}), "a damaged record made others unreadable");
  return probe.problem();
}

inline std::string CheckK12UnreachableFailsClosed(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const RecordKey key = probe.Key("key");
  const Revision revision = probe.Put(key, 0, Named("one"));
  sut.unreachable(true);
  for (int i = 0; i < 3; ++i) {
    probe.Expect(!CanLoad(*sut.store, {key}), "a load succeeded without a server");
    const CommitOutcome outcome = CommitTo(*sut.store, {{key, revision, Named("two")}});
    probe.Expect(outcome == CommitOutcome::kUnavailable || outcome == CommitOutcome::kUnknown,
                 "a commit was answered without a server");
  }
  sut.unreachable(false);
  probe.Expect(probe.Shows(key, revision), "the record changed meanwhile");
  probe.Put(key, revision, Named("three"));
  return probe.problem();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_FAULT_CHECKS_H_
