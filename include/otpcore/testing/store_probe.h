// SPDX-License-Identifier: Apache-2.0
// What the checks of the store kit are made of: a probe that commits and holds every answer against
// what can be read afterwards.
#ifndef OTPCORE_TESTING_STORE_PROBE_H_
#define OTPCORE_TESTING_STORE_PROBE_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "otpcore/engine/ports.h"
#include "otpcore/testing/records.h"
#include "otpcore/testing/store_records.h"
#include "otpcore/testing/store_under_test.h"

namespace otpcore {
namespace testing {

inline bool CanLoad(Store& store, const std::vector<RecordKey>& keys) {
  return LoadFrom(store, keys).ok;
}
inline uint64_t EpochOf(Store& store, const RecordKey& key) {
  return LoadFrom(store, std::vector<RecordKey>{key}).epoch;
}

// Keeps the first problem it meets. Knows what it wrote, so a read that shows something older is no
// problem unless it goes on. No two probes share a key. Threads may each have one.
class StoreProbe {
 public:
  explicit StoreProbe(const StoreUnderTest& sut) : StoreProbe(*sut.store, sut.staleness_max) {}
  explicit StoreProbe(Store& store, Duration staleness_max = Duration(1000))
      : store_(store), staleness_max_(staleness_max) {
    static const uint64_t process = std::random_device()();
    static std::atomic<uint64_t> probes{0};
    organization_ = "kit-" + std::to_string(process) + "-" + std::to_string(++probes);
  }

  const std::string& problem() const { return problem_; }
  void Expect(bool holds, const std::string& what) {
    if (!holds && problem_.empty()) problem_ = what;
  }

  // A key that nothing else uses, one per kind and `name`. The name of an Organization or a Member
  // must be an id, that of a claim has at most 16 bytes, and slugs and e-mail addresses are the
  // same in any case.
  RecordKey Key(const std::string& name, RecordKind kind = RecordKind::kMemberName) const {
    switch (kind) {
      case RecordKind::kOrganization: return RecordKey::Organization(organization_ + "-" + name);
      case RecordKind::kMember: return RecordKey::Member(organization_, name);
      case RecordKind::kPhoneClaim: return RecordKey::PhoneClaim(organization_, name);
      case RecordKind::kOrganizationName:
        return RecordKey::OrganizationName(organization_ + "-" + name);
      case RecordKind::kOrganizationSlug:
        return RecordKey::OrganizationSlug(organization_ + "-" + name);
      case RecordKind::kMemberEmail: return RecordKey::MemberEmail(organization_, name);
      case RecordKind::kDiscovery: return RecordKey::Discovery(organization_ + "-" + name);
      case RecordKind::kMemberName: break;
    }
    return RecordKey::MemberName(organization_, name);
  }
  const std::string& organization() const { return organization_; }

  // What the store shows for `keys`; an answer of the wrong form is a problem.
  std::vector<StoredRecord> Load(const std::vector<RecordKey>& keys) {
    StoredRecords result = LoadFrom(store_, keys);
    Expect(result.ok, "a load failed although nothing was wrong");
    for (const StoredRecord& record : result.records) {
      if (record.revision == 0) continue;
      Expect(!record.bytes.empty(), "a revision without a record");
      const std::string key(record.key.bytes());
      Known& known = known_[key];
      if (record.revision > known.newest) known.newest = known.present = record.revision;
      const auto seen =
          seen_.emplace(key + '#' + std::to_string(record.revision), record.bytes).first;
      Expect(seen->second == record.bytes, "one revision was read with two contents");
    }
    return std::move(result.records);
  }
  StoredRecord Load(const RecordKey& key) { return Load(std::vector<RecordKey>{key}).front(); }

  // The latest revision of `key` that was seen; 0 when its record was deleted, or never seen.
  Revision RevisionOf(const RecordKey& key) { return KnownOf(key).present; }

  // Reads may be old for a while (K-01): asks again until it holds, or they may not be any more.
  bool Eventually(const std::function<bool()>& holds) {
    Duration waited{0};
    if (!problem_.empty()) return false;  // the store may hang
    while (!holds()) {
      if (waited >= staleness_max_ || !problem_.empty()) return false;
      std::this_thread::sleep_for(Duration(1));
      waited += Duration(1);
    }
    return true;
  }
  bool Shows(const RecordKey& key, Revision revision) {
    return Eventually([&] { return Load(key).revision == revision; });
  }

  // Commits and compares the answer with what can be read afterwards (K-02).
  CommitOutcome Commit(const std::vector<StoredWrite>& writes) {
    Load(KeysOf(writes));
    std::vector<Known> before;
    for (const StoredWrite& write : writes) before.push_back(KnownOf(write.key));
    const CommitOutcome outcome = CommitTo(store_, writes);
    const auto none = [&] { return ShowsWrites(writes, before, false); };
    const auto all = [&] { return ShowsWrites(writes, before, true); };
    switch (outcome) {
      case CommitOutcome::kCommitted:
        Expect(Eventually(all),
               "committed, but not all of it can be read, or under an old revision");
        for (const StoredWrite& write : writes)
          if (write.record.empty()) KnownOf(write.key).present = 0;
        break;
      case CommitOutcome::kConflict:
        Expect(Eventually(none), "a conflict, but something was applied");
        break;
      case CommitOutcome::kUnavailable:
        Expect(Eventually(none), "unavailable, but something was applied");
        break;
      case CommitOutcome::kUnknown:
        Expect(Eventually([&] { return none() || all(); }), "unknown, and half of it was applied");
        break;
    }
    return outcome;
  }
  CommitOutcome Commit(const RecordKey& key, Revision expected, std::string record) {
    return Commit({StoredWrite{key, expected, std::move(record)}});
  }

  // A commit that must succeed. Returns the key's new revision.
  Revision Put(const RecordKey& key, Revision expected, std::string record) {
    Expect(Commit(key, expected, std::move(record)) == CommitOutcome::kCommitted,
           "a commit with the right revision did not succeed");
    return RevisionOf(key);
  }
  void Delete(const RecordKey& key, Revision expected) {
    Expect(Commit(key, expected, {}) == CommitOutcome::kCommitted,
           "a delete with the right revision did not succeed");
  }

 private:
  struct Known {
    Revision newest = 0;   // the greatest revision that was seen
    Revision present = 0;  // the same, but 0 since the record was deleted
  };

  Known& KnownOf(const RecordKey& key) { return known_[std::string(key.bytes())]; }
  static std::vector<RecordKey> KeysOf(const std::vector<StoredWrite>& writes) {
    std::vector<RecordKey> keys;
    for (const StoredWrite& write : writes) keys.push_back(write.key);
    return keys;
  }
  // True when all writes can be seen; or, with `applied` false, none of them.
  bool ShowsWrites(const std::vector<StoredWrite>& writes, const std::vector<Known>& before,
                   bool applied) {
    const std::vector<StoredRecord> after = Load(KeysOf(writes));
    bool shows = true;
    for (size_t i = 0; i < writes.size(); ++i) {
      const bool unchanged = after[i].revision == before[i].present;
      const bool deleted = after[i].revision == 0;
      const bool written =
          after[i].revision > before[i].newest && after[i].bytes == writes[i].record;
      shows = shows && (!applied ? unchanged : writes[i].record.empty() ? deleted : written);
    }
    return shows;
  }

  Store& store_;
  Duration staleness_max_;
  std::string organization_;
  std::string problem_;
  std::map<std::string, Known> known_;       // by the bytes of the key
  std::map<std::string, std::string> seen_;  // key and revision -> content
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_PROBE_H_
