// What the checks of the store kit are made of: the store under test with its hooks, and a probe
// that commits and holds every answer against what can be read afterwards.
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

#include "otpcore/codec.h"
#include "otpcore/ports.h"

namespace otpcore {
namespace testing {

// A store and what a test can do to it. A check that needs a hook which is not there is skipped.
struct StoreUnderTest {
  std::string skip_because;  // not empty: the store cannot be had here, no server is installed
  Store* store = nullptr;
  Store* other = nullptr;  // the same data seen by another host; null: `store` again
  // Kills what keeps the data without warning and starts it again. `store` works again afterwards;
  // null: it does not claim durability.
  std::function<void()> crash;
  std::function<void(bool)> freeze;  // true: connections stay, but nothing is answered any more
  std::function<void(bool)> unreachable;         // true: connections break and cannot be made
  std::function<void(const RecordKey&)> damage;  // puts bytes there that are no record
  std::function<void(uint64_t)> begin_epoch;     // as an operator does after a restore
  std::function<void(Duration)> pass_time;       // for stores with a clock that can be moved

  Store& second() const { return other != nullptr ? *other : *store; }
};

inline NameEntry Named(const std::string& id) {
  NameEntry entry;
  entry.id = id;
  return entry;
}

// Keeps the first problem it meets. The probes of one process never share a key. Not thread-safe.
class StoreProbe {
 public:
  explicit StoreProbe(Store& store) : store_(store) {
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
      if (record.revision != 0) {
        const auto seen = seen_.emplace(EncodeKey(keys[i]) + '#' + std::to_string(record.revision),
                                        BytesOf(record));
        Expect(seen.first->second == BytesOf(record), "one revision was read with two contents");
      }
    }
    return std::move(result.records);
  }
  LoadedRecord Load(const RecordKey& key) { return Load(std::vector<RecordKey>{key}).front(); }

  static Changes ChangesOf(std::vector<Write> writes) {
    Changes changes;
    changes.writes = std::move(writes);
    return changes;
  }

  // Commits and compares the answer with what can be read before and after (K-02).
  CommitOutcome Commit(const std::vector<Write>& writes) {
    std::vector<RecordKey> keys;
    for (const Write& write : writes) keys.push_back(write.key);
    const std::vector<LoadedRecord> before = Load(keys);
    const CommitOutcome outcome = store_.Commit(ChangesOf(writes));
    switch (outcome) {
      case CommitOutcome::kCommitted:
        Expect(Shows(writes, before, writes.size()), "committed, but not all of it can be read");
        break;
      case CommitOutcome::kConflict:
        Expect(Shows(writes, before, 0), "a conflict, but something was applied");
        break;
      case CommitOutcome::kUnavailable:
        Expect(Shows(writes, before, 0), "unavailable, but something was applied");
        break;
      case CommitOutcome::kUnknown:
        Expect(Shows(writes, before, 0) || Shows(writes, before, writes.size()),
               "unknown, and half of it was applied");
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
    return Load(key).revision;
  }
  void Delete(const RecordKey& key, Revision expected) {
    Expect(Commit(key, expected, std::monostate()) == CommitOutcome::kCommitted,
           "a delete with the right revision did not succeed");
  }

 private:
  // True when the first `applied` writes can be seen and the others cannot. Reads may be stale for
  // a while (K-01), so what was applied is looked for several times.
  bool Shows(const std::vector<Write>& writes, const std::vector<LoadedRecord>& before,
             size_t applied) {
    std::vector<RecordKey> keys;
    for (const Write& write : writes) keys.push_back(write.key);
    const int attempts_max = applied == 0 || !problem_.empty() ? 1 : 20;
    for (int attempt = 0; attempt < attempts_max; ++attempt) {
      if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      const std::vector<LoadedRecord> after = Load(keys);
      bool shows = true;
      for (size_t i = 0; i < writes.size(); ++i) {
        const bool none = std::holds_alternative<std::monostate>(writes[i].record);
        const bool deleted = none && after[i].revision == 0;
        const bool written = !none && after[i].revision != before[i].revision &&
                             BytesOf(after[i]) == EncodeRecord(keys[i], writes[i].record);
        const bool unchanged = after[i].revision == before[i].revision;
        shows = shows && (i < applied ? deleted || written : unchanged);
      }
      if (shows) return true;
    }
    return false;
  }

  Store& store_;
  std::string organization_;
  std::string problem_;
  std::map<std::string, std::string> seen_;  // key and revision -> content
};

// A Member with text in every field, and `mark`.
inline MemberRecord SampleMember(const RecordKey& key, uint8_t mark) {
  MemberRecord record;
  record.organization_id = key.organization;
  record.member_id = key.name.view();
  record.external_id = "x";
  record.email_address = "a@example.com";
  record.name = "A";
  record.totp_registration_id = "totp-1";
  record.enrollment.state = EnrollmentState::kPending;
  record.enrollment.phone_number = "+14155550123";
  record.enrollment.region = "US";
  record.challenge.state = ChallengeState::kLive;
  record.challenge.expires_at = Instant::FromUnixMillis(1);  // long ago, which is not its affair
  record.challenge.failures = 3;
  record.failures.in_a_row = 3;
  record.mark.id.bytes.fill(mark);
  return record;
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_PROBE_H_
