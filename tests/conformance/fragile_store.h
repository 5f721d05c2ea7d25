// SPDX-License-Identifier: Apache-2.0
// A small store with a place to go wrong at every step, and what the kit says of it.
#ifndef OTPCORE_TESTS_CONFORMANCE_FRAGILE_STORE_H_
#define OTPCORE_TESTS_CONFORMANCE_FRAGILE_STORE_H_

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "otpcore/testing/store_kit.h"

namespace otpcore {
namespace testing {

// Changes the record in `bytes`, as a store does that takes records apart. Leaves one alone that is
// of another kind or of another version.
template <typename R>
void ChangeRecord(const RecordKey& key, std::string* bytes, const std::function<void(R*)>& change) {
  R record;
  if (!Unpack(key, *bytes, &record) || Packed(record) != *bytes) return;
  change(&record);
  *bytes = Packed(record);
}

// Without a fault it passes the kit.
class FragileStore final : public Store {
 public:
  struct Entry {
    Revision revision = 0;
    RecordKey key;
    std::string record;
    Instant written;
  };
  using Entries = std::map<std::string, Entry>;

  // ---- Faults ----
  std::function<std::string(const RecordKey&)> key_of = [](const RecordKey& key) {
    return std::string(key.bytes());
  };
  std::function<bool(size_t, const Write&)> looks_at = [](size_t, const Write&) { return true; };
  std::function<bool(size_t, const Write&)> applies = [](size_t, const Write&) { return true; };
  std::function<void(const RecordKey&, std::string*)> spoil;
  std::function<bool(const Entry&, Instant)> forgets;
  std::function<std::vector<StoredRecord>(std::vector<StoredRecord>)> shows;
  std::function<CommitOutcome(CommitOutcome, int)> says;
  CommitOutcome frozen_answer = CommitOutcome::kUnknown;
  bool checks_as_it_goes = false;
  std::function<bool(const Write&)> leaves_a_gap = [](const Write&) { return false; };
  std::function<void(std::vector<Write>*)> locks_rows;  // those there are, in an order it gives
  Duration row_lock_timeout{0};
  bool loads_wait_for_rows = false;  // that are locked
  size_t record_bytes_max = kMemberRecordBytesMax;
  bool counts_per_key = false;
  bool keeps_revision_of_same_content = false;
  bool forgets_counter_in_crash = false;
  bool loses_latest_in_crash = false;
  bool hides_damage = false;     // nothing is there
  bool hands_on_damage = false;  // what is left of the record
  bool reads_without_server = false;
  bool announces_epoch = true;

  // ---- Store ----
  LoadResult Load(LoadBatch& batch) override {
    std::unique_lock<std::mutex> lock(mutex_);
    for (size_t i = 0; i < batch.size() && loads_wait_for_rows; ++i)
      unlocked_.wait(lock, [&] { return locked_rows_.count(key_of(batch.key(i))) == 0; });
    if ((down_ || frozen_) && !reads_without_server) return {};
    LoadResult result;
    result.ok = true;
    result.epoch = announces_epoch ? epoch_ : 0;
    std::vector<StoredRecord> records;
    for (size_t i = 0; i < batch.size(); ++i) {
      StoredRecord& shown = records.emplace_back();
      shown.key = batch.key(i);
      const std::string key = key_of(shown.key);
      const bool damaged = damaged_.count(key) != 0;
      if (damaged && !hides_damage && !hands_on_damage) return {};
      const auto found = entries_.find(key);
      if (found == entries_.end() || (damaged && hides_damage) || down_ || frozen_) continue;
      if (forgets && forgets(found->second, now_)) continue;
      shown.revision = found->second.revision;
      shown.bytes = found->second.record;
      if (damaged) shown.bytes.pop_back();
    }
    if (shows) records = shows(std::move(records));
    for (size_t i = 0; i < records.size(); ++i) {
      if (records[i].revision != 0) batch.Found(i, records[i].revision, records[i].bytes);
    }
    return result;
  }

  CommitOutcome Commit(const Changes& changes) override {
    std::unique_lock<std::mutex> lock(mutex_);
    const int commit = ++commits_;
    if (down_) return CommitOutcome::kUnavailable;
    const Writes& writes = changes.writes;
    for (const Write& write : writes)
      if (write.record.size() > record_bytes_max) return CommitOutcome::kUnavailable;
    RowLocks locks(this);
    if (locks_rows && !locks.Take(&lock, writes)) return CommitOutcome::kUnavailable;
    for (size_t i = 0; i < writes.size() && !checks_as_it_goes; ++i) {
      if (!Matches(i, writes[i])) return Say(CommitOutcome::kConflict, commit);
    }
    saved_ = entries_;
    for (size_t i = 0; i < writes.size(); ++i) {
      if (checks_as_it_goes && !Matches(i, writes[i])) return CommitOutcome::kConflict;
      if (leaves_a_gap(writes[i])) LetOthersIn(&lock);
      if (applies(i, writes[i])) Apply(writes[i]);
    }
    if (frozen_) return frozen_answer;
    return Say(CommitOutcome::kCommitted, commit);
  }

  // ---- What a test does to it ----
  StoreUnderTest Sut() {
    StoreUnderTest sut;
    sut.store = this;
    sut.crash = [this] {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (loses_latest_in_crash) entries_ = saved_;
      if (forgets_counter_in_crash) last_revision_ = 0;
    };
    sut.freeze = [this](bool on) { frozen_ = on; };
    sut.unreachable = [this](bool on) { down_ = on; };
    sut.damage = [this](const RecordKey& key) { damaged_.insert(key_of(key)); };
    sut.begin_epoch = [this](uint64_t epoch) { epoch_ = epoch; };
    sut.pass_time = [this](Duration by) { now_ = now_ + by; };
    sut.staleness_max = Duration(0);
    sut.call_timeout = call_timeout;
    return sut;
  }
  Duration call_timeout{30000};

 private:
  // What `SELECT … FOR UPDATE` locks. Waiting lets others use the store.
  class RowLocks {
   public:
    explicit RowLocks(FragileStore* store) : store_(*store) {}
    ~RowLocks() {
      for (const std::string& row : rows_) store_.locked_rows_.erase(row);
      if (!rows_.empty()) store_.unlocked_.notify_all();
    }
    // False: it waited too long.
    bool Take(std::unique_lock<std::mutex>* lock, const Writes& all) {
      std::vector<Write> writes(all.begin(), all.end());
      store_.locks_rows(&writes);
      for (const Write& write : writes) {
        const std::string row = store_.key_of(*write.key);
        const auto free = [&] { return store_.locked_rows_.count(row) == 0; };
        if (store_.entries_.count(row) == 0) continue;
        if (!store_.unlocked_.wait_for(*lock, store_.row_lock_timeout, free)) return false;
        store_.locked_rows_.insert(row);
        rows_.push_back(row);
        store_.LetOthersIn(lock);
      }
      return true;
    }

   private:
    FragileStore& store_;
    std::vector<std::string> rows_;
  };
  // For a moment; for up to 15 of them when nobody comes, as on a busy machine.
  void LetOthersIn(std::unique_lock<std::mutex>* lock) {
    const int commits = commits_;
    lock->unlock();
    for (int moment = 0; moment < 15; ++moment) {
      std::this_thread::sleep_for(std::chrono::microseconds(200));
      if (commits_ != commits) break;
    }
    lock->lock();
  }
  bool Matches(size_t place, const Write& write) {
    const auto found = entries_.find(key_of(*write.key));
    const Revision revision = found == entries_.end() ? 0 : found->second.revision;
    return revision == write.expected || !looks_at(place, write);
  }
  void Apply(const Write& write) {
    const std::string key = key_of(*write.key);
    if (write.record.empty()) {
      entries_.erase(key);
      return;
    }
    Entry& entry = entries_[key];
    if (!(keeps_revision_of_same_content && entry.record == write.record))
      entry.revision = counts_per_key ? entry.revision + 1 : ++last_revision_;
    entry.key = *write.key;
    entry.record = std::string(write.record);
    entry.written = now_;
    if (spoil) spoil(entry.key, &entry.record);
  }
  CommitOutcome Say(CommitOutcome outcome, int commit) {
    return says ? says(outcome, commit) : outcome;
  }

  std::mutex mutex_;
  Entries entries_;
  Entries saved_;
  std::set<std::string> damaged_;
  std::set<std::string> locked_rows_;
  std::condition_variable unlocked_;
  Revision last_revision_ = 0;
  uint64_t epoch_ = 0;
  Instant now_ = Instant::FromUnixMillis(1767225600000);
  std::atomic<int> commits_ = 0;
  bool frozen_ = false;
  bool down_ = false;
};

// The checks that `store` fails, by name.
inline std::set<std::string> Failures(FragileStore* store) {
  std::set<std::string> failed;
  StoreUnderTest sut = store->Sut();
  for (const StoreCheck& check : AllStoreChecks()) {
    EXPECT_TRUE(check.CanRun(sut)) << check.name;
    if (!check.run(sut).empty()) failed.insert(check.name);
  }
  return failed;
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_FRAGILE_STORE_H_
