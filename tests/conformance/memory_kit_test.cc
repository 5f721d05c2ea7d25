// SPDX-License-Identifier: Apache-2.0
// The reference store under the kit (B-16).
#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "guard_observations.h"
#include "otpcore/adapters/memory_guard.h"
#include "otpcore/adapters/system_ports.h"
#include "otpcore/storage/memory_store.h"
#include "otpcore/testing/store_kit.h"

namespace otpcore {
namespace {

testing::StoreUnderTest Memory() {
  static auto& store = *new MemoryStore;
  testing::StoreUnderTest sut;
  sut.store = &store;
  sut.begin_epoch = [](uint64_t epoch) { store.BeginEpoch(epoch); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(MemoryKit, Memory);

// Two replicas, one of them behind by one write of each key: most loads are answered by that one,
// so that reads also go back. K-01 allows that, since a commit on what they showed conflicts.
class LaggingReads final : public Store {
 public:
  LoadResult Load(const std::vector<RecordKey>& keys) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    LoadResult result = inner.Load(keys);
    const bool behind = ++loads_ % 3 != 0;
    for (LoadedRecord& record : result.records) {
      auto& [before, latest] = versions_[EncodeKey(record.key)];
      if (latest.revision != record.revision) before = std::exchange(latest, record);
      if (behind) record = LoadedRecord(record.key, before.revision, before.record);
    }
    return result;
  }
  CommitOutcome Commit(const Changes& changes) override { return inner.Commit(changes); }

  MemoryStore inner;

 private:
  std::mutex mutex_;
  int loads_ = 0;
  std::map<std::string, std::pair<LoadedRecord, LoadedRecord>> versions_;
};

testing::StoreUnderTest Lagging() {
  static LaggingReads store;
  testing::StoreUnderTest sut;
  sut.store = &store;
  sut.begin_epoch = [](uint64_t epoch) { store.inner.BeginEpoch(epoch); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(LaggingKit, Lagging);

// A stand-by that applies each commit of its primary some time later.
class StandbyReads final : public Store {
 public:
  LoadResult Load(const std::vector<RecordKey>& keys) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    LoadResult result = inner.Load(keys);  // for the epoch
    const auto now = std::chrono::steady_clock::now();
    for (; !log_.empty() && log_.front().first <= now; log_.pop_front())
      shown_[EncodeKey(log_.front().second.key)] = log_.front().second;
    for (LoadedRecord& record : result.records) {
      const LoadedRecord& shown = shown_[EncodeKey(record.key)];
      record = LoadedRecord(record.key, shown.revision, shown.record);
    }
    return result;
  }
  CommitOutcome Commit(const Changes& changes) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const CommitOutcome outcome = inner.Commit(changes);
    if (outcome != CommitOutcome::kCommitted) return outcome;
    std::vector<RecordKey> keys;
    for (const Write& write : changes.writes) keys.push_back(write.key);
    const auto shown_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(15);
    LoadResult written = inner.Load(keys);
    for (LoadedRecord& record : written.records) log_.emplace_back(shown_at, std::move(record));
    return outcome;
  }

  MemoryStore inner;

 private:
  std::mutex mutex_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, LoadedRecord>> log_;
  std::map<std::string, LoadedRecord> shown_;
};

testing::StoreUnderTest Standby() {
  static StandbyReads store;
  testing::StoreUnderTest sut;
  sut.store = &store;
  sut.begin_epoch = [](uint64_t epoch) { store.inner.BeginEpoch(epoch); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(StandbyKit, Standby);

class GuardWithoutConversions final : public SendGuard {
 public:
  explicit GuardWithoutConversions(SendGuard& inner) : inner_(inner) {}
  Admission Admit(const AdmissionId& id, const Quotas& quotas) override {
    Quotas others = quotas;
    others.erase(std::remove_if(
                     others.begin(), others.end(),
                     [](const Quota& quota) { return quota.kind == Quota::Subject::kConversion; }),
                 others.end());
    return inner_.Admit(id, others);
  }
  void Settle(const AdmissionId& id, Settlement settlement) override {
    inner_.Settle(id, settlement);
  }
  void Observe(EventList* events) override { inner_.Observe(events); }

 private:
  SendGuard& inner_;
};

TEST(GuardScenarios, AskForWhatTheReferenceDoes) {  // L-06, L-07
  SystemClock clock;
  MemorySendGuard guard(clock);
  AGuardIsShared(guard, guard);
  AdmissionsAreRemembered(guard, guard);
  TwinsAreAdmittedTogether(guard);
  AWindowRolls(guard);
}

TEST(GuardScenarios, FindAGuardThatIgnoresConversions) {  // L-07
  SystemClock clock;
  MemorySendGuard guard(clock);
  GuardWithoutConversions without(guard);
  EXPECT_EQ(CheckAConversionQuota(guard), "");
  EXPECT_NE(CheckAConversionQuota(without), "");
}

}  // namespace
}  // namespace otpcore
