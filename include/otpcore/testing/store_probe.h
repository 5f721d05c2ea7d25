// SPDX-License-Identifier: Apache-2.0
// What the checks of the store kit are made of: a probe that commits and holds every answer against
// what can be read afterwards.
#ifndef OTPCORE_TESTING_STORE_PROBE_H_
#define OTPCORE_TESTING_STORE_PROBE_H_

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
#include "otpcore/model/codec.h"
#include "otpcore/testing/store_records.h"
#include "otpcore/testing/store_under_test.h"

namespace otpcore {
namespace testing {

// Keeps the first problem it meets. Knows what it wrote, so a read that shows something older is no
// problem unless it goes on. The probes of one process never share a key. Not thread-safe.
class StoreProbe {
 public:
  explicit StoreProbe(const StoreUnderTest& sut) : StoreProbe(*sut.store, sut.staleness_max) {}
  explicit StoreProbe(Store& store, Duration staleness_max = Duration(1000))
      : store_(store), staleness_max_(staleness_max) {
    static std::mt19937_64 random{std::random_device()()};
    organization_ = "kit-" + std::to_string(random());
  }

  const std::string& problem() const { return problem_; }
  void Expect(bool holds, const std::string& what) {
    if (!holds && problem_.empty()) problem_ = what;
  }

  // A key that nothing else uses, one per `name`.
  RecordKey Key(const std::string& name, RecordKind kind = RecordKind::kMemberName) const {
    return {kind, organization_, name};
  }
  const std::string& organization() const { return organization_; }

  static std::string BytesOf(const LoadedRecord& loaded) {
    return loaded.revision == 0 ? std::string() : EncodeRecord(loaded.key, loaded.record);
  }

  // What the store shows for `keys`; an answer of the wrong form is a problem.
  std::vector<LoadedRecord> Load(const std::vector<RecordKey>& keys) {
    Store::LoadResult result = store_.Load(keys);
    Expect(result.ok, "a load failed although nothing was wrong");
    Expect(!result.ok || result.records.size() == keys.size(), "a load did not answer each key");
    if (!result.ok || result.records.size() != keys.size())
      result.records.assign(keys.size(), LoadedRecord());
    for (size_t i = 0; i < keys.size(); ++i) {
      LoadedRecord& record = result.records[i];
      if (problem_.empty())
        Expect(record.key == keys[i], "a load answered in another order than it was asked");
      record.key = keys[i];
      const bool none = std::holds_alternative<std::monostate>(record.record);
      Expect(none == (record.revision == 0), "a revision without record, or a record without one");
      if (record.revision == 0) continue;
      const std::string bytes = EncodeKey(keys[i]);
      Known& known = known_[bytes];
      if (record.revision > known.newest) known.newest = known.present = record.revision;
      const auto seen =
          seen_.emplace(bytes + '#' + std::to_string(record.revision), BytesOf(record));
      Expect(seen.first->second == BytesOf(record), "one revision was read with two contents");
    }
    return std::move(result.records);
  }
  LoadedRecord Load(const RecordKey& key) { return Load(std::vector<RecordKey>{key}).front(); }

  // The latest revision of `key` that was seen; 0 when its record was deleted, or never seen.
  Revision RevisionOf(const RecordKey& key) { return known_[EncodeKey(key)].present; }

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

  static Changes ChangesOf(std::vector<Write> writes) {
    Changes changes;
    changes.writes = std::move(writes);
    return changes;
  }

  // Commits and compares the answer with what can be read afterwards (K-02).
  CommitOutcome Commit(const std::vector<Write>& writes) {
    std::vector<RecordKey> keys;
    for (const Write& write : writes) keys.push_back(write.key);
    Load(keys);
    std::vector<Known> before;
    for (const RecordKey& key : keys) before.push_back(known_[EncodeKey(key)]);
    const CommitOutcome outcome = store_.Commit(ChangesOf(writes));
    const auto none = [&] { return ShowsWrites(writes, before, false); };
    const auto all = [&] { return ShowsWrites(writes, before, true); };
    switch (outcome) {
      case CommitOutcome::kCommitted:
        Expect(Eventually(all),
               "committed, but not all of it can be read, or under an old revision");
        for (const Write& write : writes)
          if (IsDelete(write)) known_[EncodeKey(write.key)].present = 0;
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
  CommitOutcome Commit(const RecordKey& key, Revision expected, Record record) {
    return Commit({Write{key, expected, std::move(record)}});
  }

  // A commit that must succeed. Returns the key's new revision.
  Revision Put(const RecordKey& key, Revision expected, Record record) {
    Expect(Commit(key, expected, std::move(record)) == CommitOutcome::kCommitted,
           "a commit with the right revision did not succeed");
    return RevisionOf(key);
  }
  void Delete(const RecordKey& key, Revision expected) {
    Expect(Commit(key, expected, std::monostate()) == CommitOutcome::kCommitted,
           "a delete with the right revision did not succeed");
  }

 private:
  struct Known {
    Revision newest = 0;   // the greatest revision that was seen
    Revision present = 0;  // the same, but 0 since the record was deleted
  };

  static bool IsDelete(const Write& write) {
    return std::holds_alternative<std::monostate>(write.record);
  }
  // True when all writes can be seen; or, with `applied` false, none of them.
  bool ShowsWrites(const std::vector<Write>& writes, const std::vector<Known>& before,
                   bool applied) {
    std::vector<RecordKey> keys;
    for (const Write& write : writes) keys.push_back(write.key);
    const std::vector<LoadedRecord> after = Load(keys);
    bool shows = true;
    for (size_t i = 0; i < writes.size(); ++i) {
      const bool unchanged = after[i].revision == before[i].present;
      const bool deleted = after[i].revision == 0;
      const bool written = after[i].revision > before[i].newest &&
                           BytesOf(after[i]) == EncodeRecord(keys[i], writes[i].record);
      shows = shows && (!applied ? unchanged : IsDelete(writes[i]) ? deleted : written);
    }
    return shows;
  }

  Store& store_;
  Duration staleness_max_;
  std::string organization_;
  std::string problem_;
  std::map<std::string, Known> known_;       // by encoded key
  std::map<std::string, std::string> seen_;  // key and revision -> content
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_PROBE_H_
