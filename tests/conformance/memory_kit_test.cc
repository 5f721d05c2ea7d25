// The reference store under the kit (B-16).
#include <algorithm>
#include <memory>
#include <vector>

#include "guard_scenarios.h"
#include "otpcore/memory_guard.h"
#include "otpcore/memory_store.h"
#include "otpcore/system_ports.h"
#include "otpcore/testing/store_kit.h"

namespace otpcore {
namespace {

testing::StoreUnderTest Memory() {
  static MemoryStore store;
  testing::StoreUnderTest sut;
  sut.store = &store;
  sut.begin_epoch = [](uint64_t epoch) { store.BeginEpoch(epoch); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(MemoryKit, Memory);

// A replica that lags: K-01 allows that, since a commit on what it showed conflicts.
class LaggingReads final : public Store {
 public:
  LoadResult Load(const std::vector<RecordKey>& keys) override {
    const LoadResult now = inner_.Load(keys);
    LoadResult shown = now;
    const bool lags = ++loads_ % 3 != 0;
    for (LoadedRecord& record : shown.records) {
      LoadedRecord& last = last_shown_[EncodeKey(record.key)];
      if (lags && last.revision != 0) record = last;
      last = record;
    }
    return shown;
  }
  CommitOutcome Commit(const Changes& changes) override { return inner_.Commit(changes); }

 private:
  MemoryStore inner_;
  int loads_ = 0;
  std::map<std::string, LoadedRecord> last_shown_;
};

TEST(StoreKit, AllowsStaleReadsWhoseCommitsConflict) {  // K-01
  LaggingReads store;
  testing::StoreUnderTest sut;
  sut.store = &store;
  testing::StoreProbe probe(store);
  const RecordKey key = probe.Key("key");
  const Revision one = probe.Put(key, 0, testing::Named("one"));
  probe.Put(key, one, testing::Named("two"));
  EXPECT_EQ(probe.problem(), "");
  EXPECT_EQ(testing::CheckK07BytesComeBackExactly(sut), "");
}

class GuardWithoutConversions final : public SendGuard {
 public:
  explicit GuardWithoutConversions(SendGuard& inner) : inner_(inner) {}
  Admission Admit(const AdmissionId& id, const std::vector<Quota>& quotas) override {
    std::vector<Quota> others = quotas;
    others.erase(
        std::remove_if(others.begin(), others.end(),
                       [](const Quota& quota) { return quota.kind == Quota::Kind::kConversion; }),
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
