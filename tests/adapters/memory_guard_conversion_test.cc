// SPDX-License-Identifier: Apache-2.0
// The conversions that MemorySendGuard counts (L-07): what all guards do, and what is its own.
#include <gtest/gtest.h>

#include <string>

#include "conformance/guard_conversions.h"
#include "otpcore/adapters/memory_guard.h"
#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class MemoryGuardConversion : public ::testing::Test {
 protected:
  testing::VirtualClock clock;
  MemorySendGuard guard{clock};
  GuardUnderTest sut{&guard, &guard, [this](Duration by) { clock.Advance(by); }};
  GuardTrial trial{sut};
};

TEST_F(MemoryGuardConversion, IsThatOfAllGuards) { PlayGuardScenarios(sut); }  // L-07

TEST_F(MemoryGuardConversion, IsTheModelsWhateverHappens) {  // L-06, L-07
  for (uint32_t seed = 1; seed <= 40; ++seed) {
    PlayGuardStory(sut, seed, 500);
    if (HasFailure()) break;
  }
}

// A passcode ends by the clock: one that steps back has not got there yet.
TEST_F(MemoryGuardConversion, EndsAgainAfterTheClockSteppedBack) {  // L-07, T-02
  trial.Send("one", "+1");
  trial.FailTooOften(trial.Send("two", "+2"));
  clock.Advance(minutes(2));
  EXPECT_EQ(trial.Ended(), 2);
  clock.Advance(-Duration(1));
  EXPECT_EQ(trial.Ended(), 1);
  clock.Advance(-minutes(2));
  EXPECT_EQ(trial.Ended(), 0);
  clock.Advance(minutes(2) + Duration(1));
  EXPECT_EQ(trial.Ended(), 2);
}

// One that ends further ahead than the window was sent under a wrong clock, and ends now.
TEST_F(MemoryGuardConversion, EndsNowWhatAWrongClockSent) {  // L-07, T-02
  trial.Send("one", "+1");
  trial.Send("two", "+2");
  clock.Advance(-(hours(24) - minutes(2)));
  EXPECT_EQ(trial.Ended(), 0);
  clock.Advance(-Duration(1));
  EXPECT_EQ(trial.Ended(), 2);
  clock.Advance(hours(24) - Duration(1));
  EXPECT_EQ(trial.Ended(), 2);
  clock.Advance(Duration(1));
  EXPECT_EQ(trial.Ended(), 0);
}

// Of a number for an hour, of the send itself for as long as its passcode counts.
TEST_F(MemoryGuardConversion, AFirstSendTakesTwoKeys) {
  MemorySendGuard small(clock, {7, 100});
  int people = 0;
  const auto admit = [&] {
    const std::string own = std::to_string(++people);
    Quota number;
    number.address = "+" + own;
    number.max = 1;
    number.window = hours(1);
    Quota conversion = trial.Conversion("member" + own, "+" + own);
    conversion.min_ended = 100;
    return small.Admit(NewUuid(), {number, conversion});
  };
  ASSERT_EQ(admit().kind, Admission::Kind::kAdmitted);
  EXPECT_EQ(small.size(), 3u) << "the first of its region";
  for (int i = 0; i < 2; ++i) ASSERT_EQ(admit().kind, Admission::Kind::kAdmitted);
  EXPECT_EQ(small.size(), 7u);
  EXPECT_EQ(admit().kind, Admission::Kind::kTooMany);
  clock.Advance(hours(1));
  ASSERT_EQ(admit().kind, Admission::Kind::kAdmitted) << "the numbers are forgotten";
  EXPECT_EQ(small.size(), 6u);
  clock.Advance(hours(23) + minutes(2) - Duration(1));
  EXPECT_EQ(admit().kind, Admission::Kind::kAdmitted) << "and the fourth one's number";
  EXPECT_EQ(small.size(), 7u);
  clock.Advance(minutes(1));
  ASSERT_EQ(admit().kind, Admission::Kind::kAdmitted) << "the first three ones are forgotten";
  EXPECT_EQ(small.size(), 6u);
}

// A guard that has forgotten all is as it was at first.
TEST_F(MemoryGuardConversion, IsForgottenWithItsWindow) {
  MemorySendGuard small(clock, {2, 100});
  const Quota conversion = trial.Conversion("one", "+1");
  ASSERT_EQ(small.Admit(NewUuid(), {conversion}).kind, Admission::Kind::kAdmitted);
  clock.Advance(hours(24) + minutes(2) - Duration(1));
  Quota number;
  number.address = "+1";
  number.max = 1;
  number.window = hours(1);
  EXPECT_EQ(small.Admit(NewUuid(), {number}).kind, Admission::Kind::kTooMany);
  clock.Advance(minutes(1));
  EXPECT_EQ(small.Admit(NewUuid(), {number}).kind, Admission::Kind::kAdmitted);
  EXPECT_EQ(small.size(), 2u);
}

}  // namespace
}  // namespace otpcore
