// SPDX-License-Identifier: Apache-2.0
// The reference store under the kit (B-16).
#include <gtest/gtest-spi.h>

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "guard_conversions.h"
#include "guard_scenarios.h"
#include "otpcore/adapters/memory_guard.h"
#include "otpcore/adapters/system_ports.h"
#include "otpcore/storage/memory_store.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/store_kit.h"
#include "session_scenarios.h"

namespace otpcore {
namespace {

using testing::StoredRecord;
using testing::StoredRecords;

testing::StoreUnderTest Memory() {
  static auto& store = *new MemoryStore;
  testing::StoreUnderTest sut;
  sut.store = &store;
  sut.begin_epoch = [](uint64_t epoch) { store.BeginEpoch(epoch); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(MemoryKit, Memory);

std::vector<RecordKey> KeysOf(const LoadBatch& batch) {
  std::vector<RecordKey> keys;
  for (size_t i = 0; i < batch.size(); ++i) keys.push_back(batch.key(i));
  return keys;
}

Store::LoadResult Answer(const StoredRecords& records, LoadBatch* batch) {
  Store::LoadResult result = {records.ok, records.epoch};
  for (size_t i = 0; i < records.records.size(); ++i) {
    const StoredRecord& record = records.records[i];
    if (record.revision != 0 && !batch->Found(i, record.revision, record.bytes)) result.ok = false;
  }
  return result;
}

// Two replicas, one of them behind by one write of each key: most loads are answered by that one,
// so that reads also go back. K-01 allows that, since a commit on what they showed conflicts.
class LaggingReads final : public Store {
 public:
  LoadResult Load(LoadBatch& batch) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    StoredRecords now = testing::LoadFrom(inner, KeysOf(batch));
    const bool behind = ++loads_ % 3 != 0;
    for (StoredRecord& record : now.records) {
      auto& [before, latest] = versions_[std::string(record.key.bytes())];
      if (latest.revision != record.revision) before = std::exchange(latest, record);
      if (behind) record = before;
    }
    return Answer(now, &batch);
  }
  CommitOutcome Commit(const Changes& changes) override { return inner.Commit(changes); }

  MemoryStore inner;

 private:
  std::mutex mutex_;
  int loads_ = 0;
  std::map<std::string, std::pair<StoredRecord, StoredRecord>> versions_;
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
  LoadResult Load(LoadBatch& batch) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    StoredRecords result = testing::LoadFrom(inner, KeysOf(batch));  // for the epoch
    const auto now = std::chrono::steady_clock::now();
    for (; !log_.empty() && log_.front().first <= now; log_.pop_front())
      shown_[std::string(log_.front().second.key.bytes())] = log_.front().second;
    for (StoredRecord& record : result.records) record = shown_[std::string(record.key.bytes())];
    return Answer(result, &batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    const CommitOutcome outcome = inner.Commit(changes);
    if (outcome != CommitOutcome::kCommitted) return outcome;
    std::vector<RecordKey> keys;
    for (const Write& write : changes.writes) keys.push_back(*write.key);
    const auto shown_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(15);
    StoredRecords written = testing::LoadFrom(inner, keys);
    for (StoredRecord& record : written.records) log_.emplace_back(shown_at, std::move(record));
    return outcome;
  }

  MemoryStore inner;

 private:
  std::mutex mutex_;
  std::deque<std::pair<std::chrono::steady_clock::time_point, StoredRecord>> log_;
  std::map<std::string, StoredRecord> shown_;
};

testing::StoreUnderTest Standby() {
  static StandbyReads store;
  testing::StoreUnderTest sut;
  sut.store = &store;
  sut.begin_epoch = [](uint64_t epoch) { store.inner.BeginEpoch(epoch); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(StandbyKit, Standby);

// A guard that is told other quotas than it is asked for.
class MistakenGuard final : public SendGuard {
 public:
  using Mistake = std::function<bool(Quota*)>;  // false: leaves it out
  MistakenGuard(SendGuard& inner, Mistake mistake) : inner_(inner), mistake_(std::move(mistake)) {}
  Admission Admit(const AdmissionId& id, const Quotas& quotas) override {
    Quotas told;
    for (Quota quota : quotas) {
      if (quota.subject != Quota::Subject::kConversion || mistake_(&quota)) told.Add(quota);
    }
    return inner_.Admit(id, told);
  }
  void Settle(const AdmissionId& id, Settlement settlement) override {
    inner_.Settle(id, settlement);
  }
  void Observe(EventList* events) override { inner_.Observe(events); }

 private:
  SendGuard& inner_;
  const Mistake mistake_;
};

// How many checks of the scenarios, or of the story, a guard fails that makes this mistake.
int FailuresOf(const MistakenGuard::Mistake& mistake, bool story) {
  testing::VirtualClock clock;
  MemorySendGuard inner(clock);
  MistakenGuard guard(inner, mistake);
  const GuardUnderTest sut = {&guard, &guard, [&](Duration by) { clock.Advance(by); }};
  ::testing::TestPartResultArray failures;
  ::testing::ScopedFakeTestPartResultReporter reporter(
      ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
  if (story)
    PlayGuardStory(sut, 1, 500);
  else
    PlayGuardScenarios(sut);
  return failures.size();
}

TEST(GuardScenarios, FindEachMistake) {  // L-07
  int others = 0;
  const std::pair<const char*, MistakenGuard::Mistake> mistakes[] = {
      {"no conversion is counted", [](Quota*) { return false; }},
      {"a Member counts as often as it is sent to",
       [&](Quota* quota) {
         quota->member_id = MemberNo(++others);
         return true;
       }},
      {"a number is proved as often as it is proved",
       [&](Quota* quota) {
         quota->address = NumberNo(++others);
         return true;
       }},
      {"what is replaced goes on",
       [](Quota* quota) {
         quota->replaces = ChallengeId();
         return true;
       }},
      {"a passcode lives longer",
       [](Quota* quota) {
         quota->life += std::chrono::minutes(1);
         return true;
       }},
      {"the regions are one",
       [](Quota* quota) {
         quota->region = "US";
         return true;
       }},
  };
  for (const auto& [name, mistake] : mistakes) {
    EXPECT_GT(FailuresOf(mistake, false), 0) << name;
    EXPECT_GT(FailuresOf(mistake, true), 0) << name;
  }
  const auto none = [](Quota*) { return true; };
  EXPECT_EQ(FailuresOf(none, false) + FailuresOf(none, true), 0);
}

TEST(GuardScenarios, AskForWhatTheReferenceDoes) {  // L-06, L-07
  SystemClock clock;
  MemorySendGuard guard(clock);
  AGuardIsShared(guard, guard);
  AdmissionsAreRemembered(guard, guard);
  TwinsAreAdmittedTogether(guard);
  AWindowRolls(guard);
}

TEST(MemorySessionDirectory, ListsAndRemovesSessions) {
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  SessionsAreListedAndRemoved(directory, directory, clock);
}

}  // namespace
}  // namespace otpcore
