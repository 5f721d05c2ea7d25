// SPDX-License-Identifier: Apache-2.0
// The store kit: what an adapter of Store must pass before passcodes are entrusted to it. The
// rules K-01 … K-12 are in docs/storage.md; each check names the one it holds a store to.
//
//   StoreUnderTest MakeSut();  // opens the store; several checks may share its content
//   OTPCORE_STORE_CONFORMANCE(MyStore, MakeSut);
//
// gives tests such as Kit/MyStore.Keeps/K03_RevisionsNeverRepeat. The checks are plain functions,
// so they can be run without GoogleTest too. Never destroy the store: where it lets hosts wait for
// each other for ever, their threads are left behind in it.
#ifndef OTPCORE_TESTING_STORE_KIT_H_
#define OTPCORE_TESTING_STORE_KIT_H_

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "otpcore/testing/store_checks.h"
#include "otpcore/testing/store_fault_checks.h"
#include "otpcore/testing/store_key_checks.h"
#include "otpcore/testing/store_race_checks.h"

namespace otpcore {
namespace testing {

struct StoreCheck {
  const char* name;                             // begins with the rule
  std::string (*run)(StoreUnderTest&);          // "" or what is wrong
  const char* (*lacks)(const StoreUnderTest&);  // the hook that is missing; null: it can run

  bool CanRun(const StoreUnderTest& sut) const { return lacks == nullptr || lacks(sut) == nullptr; }
};

inline void PrintTo(const StoreCheck& check, std::ostream* out) { *out << check.name; }

// All checks. Each uses keys of its own, so they may run in any order and again on the same store.
// That must not be one in use: most records are left behind, and K-11 begins an epoch, which voids
// every live passcode.
inline const std::vector<StoreCheck>& AllStoreChecks() {
  using Sut = const StoreUnderTest&;
  static const auto crash = [](Sut sut) { return sut.crash ? nullptr : "crash"; };
  static const auto freeze = [](Sut sut) { return sut.freeze ? nullptr : "freeze"; };
  static const auto epoch = [](Sut sut) { return sut.begin_epoch ? nullptr : "begin_epoch"; };
  static const auto damage = [](Sut sut) { return sut.damage ? nullptr : "damage"; };
  static const auto pass_time = [](Sut sut) { return sut.pass_time ? nullptr : "pass_time"; };
  static const auto cut = [](Sut sut) { return sut.unreachable ? nullptr : "unreachable"; };
  static const std::vector<StoreCheck> checks = {
      {"K01_StaleReadsConflict", CheckK01StaleReadsConflict, nullptr},
      {"K01_NestedCommitsSucceedOnce", CheckK01NestedCommitsSucceedOnce, nullptr},
      {"K02_OutcomesAreTrue", CheckK02OutcomesAreTrue, nullptr},
      {"K02_TimeoutIsUnknown", CheckK02TimeoutIsUnknown, freeze},
      {"K03_RevisionsNeverRepeat", CheckK03RevisionsNeverRepeat, nullptr},
      {"K04_CommittedIsDurable", CheckK04CommittedIsDurable, crash},
      {"K04_CrashUnderLoad", CheckK04CrashUnderLoad, crash},
      {"K05_CommitsAreAtomic", CheckK05CommitsAreAtomic, nullptr},
      {"K06_NothingExpires", CheckK06NothingExpires, nullptr},
      {"K06_NothingExpiresInFortyDays", CheckK06NothingExpiresInFortyDays, pass_time},
      {"K07_BytesComeBackExactly", CheckK07BytesComeBackExactly, nullptr},
      {"K07_RecordsComeBackWhole", CheckK07RecordsComeBackWhole, nullptr},
      {"K07_KeysCompareBytewise", CheckK07KeysCompareBytewise, nullptr},
      {"K08_KeysStayApart", CheckK08KeysStayApart, nullptr},
      {"K09_OneKeyIsLinearizable", CheckK09OneKeyIsLinearizable, nullptr},
      {"K09_OneCommitPerRevision", CheckK09OneCommitPerRevision, nullptr},
      {"K10_DoubtIsResolvedByTheMark", CheckK10DoubtIsResolvedByTheMark, nullptr},
      {"K11_EpochIsAnnounced", CheckK11EpochIsAnnounced, epoch},
      {"K12_DamagedRecordsFailClosed", CheckK12DamagedRecordsFailClosed, damage},
      {"K12_UnreachableFailsClosed", CheckK12UnreachableFailsClosed, cut},
  };
  return checks;
}

// Runs one check as the body of a test.
inline void RunStoreCheck(const StoreCheck& check, StoreUnderTest sut) {
  if (!sut.skip_because.empty()) GTEST_SKIP() << sut.skip_because;
  ASSERT_NE(sut.store, nullptr) << "the store cannot be opened";
  if (!check.CanRun(sut)) GTEST_SKIP() << "the store has no hook '" << check.lacks(sut) << "'";
  EXPECT_EQ(check.run(sut), "");
}

}  // namespace testing
}  // namespace otpcore

// Tests Kit/<suite>.Keeps/<check> for every check; `make` is a function without arguments that
// returns a StoreUnderTest.
#define OTPCORE_STORE_CONFORMANCE(suite, make)                                                    \
  class suite : public ::testing::TestWithParam<::otpcore::testing::StoreCheck> {};               \
  TEST_P(suite, Keeps) { ::otpcore::testing::RunStoreCheck(GetParam(), make()); }                 \
  INSTANTIATE_TEST_SUITE_P(Kit, suite, ::testing::ValuesIn(::otpcore::testing::AllStoreChecks()), \
                           [](const auto& check) { return std::string(check.param.name); })

#endif  // OTPCORE_TESTING_STORE_KIT_H_
