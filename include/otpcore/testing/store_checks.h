// SPDX-License-Identifier: Apache-2.0
// The checks of the store kit that need one thread: K-01, K-02, K-03 and K-06.
#ifndef OTPCORE_TESTING_STORE_CHECKS_H_
#define OTPCORE_TESTING_STORE_CHECKS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "otpcore/testing/store_probe.h"

namespace otpcore {
namespace testing {

// Each check returns "" or what is wrong.

// A host that decided on what is no longer true must not get its commit through, in whichever
// write of the commit that is.
inline std::string CheckK01StaleReadsConflict(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const RecordKey stale = probe.Key("stale");
  const Revision old_revision = probe.Put(stale, 0, Named("one"));
  const Revision revision = probe.Put(stale, old_revision, Named("two"));

  const RecordKey fresh[] = {probe.Key("a"), probe.Key("b"), probe.Key("c")};
  for (const Revision wrong : {old_revision, Revision{0}, revision + 1}) {
    for (const std::string& record : {Named("three"), std::string()}) {
      for (size_t place = 0; place <= 3; ++place) {
        std::vector<StoredWrite> writes;
        for (const RecordKey& key : fresh) writes.push_back({key, 0, Named("new")});
        writes.insert(writes.begin() + static_cast<std::ptrdiff_t>(place),
                      StoredWrite{stale, wrong, record});
        probe.Expect(probe.Commit(writes) == CommitOutcome::kConflict,
                     "a commit on a stale revision did not conflict");
      }
    }
  }
  probe.Expect(probe.Shows(stale, revision), "a refused commit changed the revision");
  probe.Delete(stale, revision);
  for (const std::string& record : {Named("three"), std::string()})
    probe.Expect(probe.Commit(stale, revision, record) == CommitOutcome::kConflict,
                 "a commit on a deleted record did not conflict");
  return probe.problem();
}

// Two hosts, one window: X loads, Y loads and commits, X commits. Exactly one of the two succeeds,
// also where they share only one key of several.
inline std::string CheckK01NestedCommitsSucceedOnce(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const RecordKey a = probe.Key("a");
  const RecordKey b = probe.Key("b");
  const RecordKey c = probe.Key("c");
  for (int round = 0; round < 8 && probe.problem().empty(); ++round) {
    int successes = 0;
    const auto commit = [&](Store& store, const std::vector<StoredRecord>& read, char value) {
      std::vector<StoredWrite> writes;
      for (const StoredRecord& record : read)
        writes.push_back({record.key, record.revision, Named(value + std::to_string(round))});
      if (CommitTo(store, writes) == CommitOutcome::kCommitted) ++successes;
    };
    // Where both read something old, both conflict and may try again.
    probe.Eventually([&] {
      const std::vector<StoredRecord> x = probe.Load({a, b});
      const StoredRecords y = LoadFrom(sut.second(), {b, c});
      probe.Expect(y.ok, "the second host cannot load");
      if (!probe.problem().empty()) return true;
      commit(sut.second(), y.records, 'y');
      commit(*sut.store, x, 'x');
      return successes > 0;
    });
    probe.Expect(successes == 1, std::to_string(successes) + " of two nested commits succeeded");
  }
  return probe.problem();
}

// Create, replace and delete answer as they should, and what they answer is what happened.
inline std::string CheckK02OutcomesAreTrue(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  for (int round = 0; round < 12; ++round) {
    const RecordKey key = probe.Key("key" + std::to_string(round));
    probe.Expect(probe.Load(key).revision == 0, "a key that was never written has a record");
    probe.Delete(probe.Key("other"), probe.Put(probe.Key("other"), 0, Named("x")));
    const Revision revision = probe.Put(key, 0, Named("one"));
    probe.Expect(probe.Commit(key, 0, Named("two")) == CommitOutcome::kConflict, "created twice");
    probe.Expect(probe.Put(key, revision, Named("two")) != revision, "the revision did not change");
  }
  probe.Expect(probe.Commit(probe.Key("none"), 7, Named("x")) == CommitOutcome::kConflict,
               "replaced a record that is not there");
  return probe.problem();
}

// Revisions of a key grow and never come back, also when the content is the same or the key was
// free in between.
inline std::string CheckK03RevisionsNeverRepeat(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const RecordKey key = probe.Key("key");
  Revision greatest = 0;
  Revision first = 0;
  for (int life = 0; life < 6; ++life) {
    Revision revision = 0;
    for (int write = 0; write < 3; ++write) {
      revision = probe.Put(key, revision, Named("same"));
      probe.Expect(revision > greatest, "a revision came back, or went back");
      greatest = revision;
      if (first == 0) first = revision;
      probe.Expect(
          revision == first || probe.Commit(key, first, Named("late")) == CommitOutcome::kConflict,
          "a revision of an earlier life was taken for the present one");
    }
    probe.Delete(key, revision);
  }
  return probe.problem();
}

// Two records that a store might take for expired, and which it has to keep.
struct ExpiredRecords {
  explicit ExpiredRecords(StoreProbe& probe)
      : member(probe.Key("member", RecordKind::kMember)),
        claim(probe.Key("+14155550123", RecordKind::kPhoneClaim)) {
    PhoneClaim lease;
    lease.member_id = "member";
    lease.lease_end = Instant::FromUnixMillis(1);
    probe.Put(member, 0, Packed(SampleMember(member, 1)));
    probe.Put(claim, 0, Packed(lease));
  }
  void ExpectIn(StoreProbe& probe) const {
    probe.Expect(probe.Shows(member, probe.RevisionOf(member)),
                 "a member record with counters expired");
    probe.Expect(probe.Shows(claim, probe.RevisionOf(claim)), "a claim was dropped by the store");
  }
  RecordKey member;
  RecordKey claim;
};

// A store keeps what the core has not deleted: an expired challenge still has its counters, and
// when a lease has ended is for the core to say.
inline std::string CheckK06NothingExpires(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const ExpiredRecords records(probe);
  records.ExpectIn(probe);
  return probe.problem();
}

// Nor does anything go because it was not written for long.
inline std::string CheckK06NothingExpiresInFortyDays(StoreUnderTest& sut) {
  StoreProbe probe(sut);
  const ExpiredRecords records(probe);
  for (int day = 0; day < 40; ++day) {
    sut.pass_time(std::chrono::hours(24));
    records.ExpectIn(probe);
  }
  return probe.problem();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_CHECKS_H_
