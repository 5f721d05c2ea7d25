// SPDX-License-Identifier: Apache-2.0
// Time at the ends of its range: nothing overflows, whatever a clock or a record says (threat 15).
#include "otpcore/base/time.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "otpcore/model/member.h"

namespace otpcore {
namespace {

constexpr int64_t kMax = Instant::kMaxUnixMillis;
Instant At(int64_t millis) { return Instant::FromUnixMillis(millis); }

TEST(Instant, IsClampedToItsRange) {
  EXPECT_EQ(At(0).unix_millis(), 0);
  EXPECT_EQ(At(-1).unix_millis(), 0);
  EXPECT_EQ(At(INT64_MIN).unix_millis(), 0);
  EXPECT_EQ(At(1).unix_millis(), 1);
  EXPECT_EQ(At(kMax).unix_millis(), kMax);
  EXPECT_EQ(At(kMax + 1).unix_millis(), kMax);
  EXPECT_EQ(At(INT64_MAX).unix_millis(), kMax);
  EXPECT_EQ(Instant::Max().unix_millis(), kMax);
  EXPECT_EQ(Instant().unix_millis(), 0);
  EXPECT_EQ(kMax, 253402300799999);
}

TEST(Instant, AddsAndSubtractsWithoutOverflow) {
  EXPECT_EQ(At(5) + Duration(3), At(8));
  EXPECT_EQ(At(5) + Duration(-3), At(2));
  EXPECT_EQ(At(5) - Duration(3), At(2));
  EXPECT_EQ(At(5) - Duration(-3), At(8));
  EXPECT_EQ(At(5) - Duration(6), Instant());
  EXPECT_EQ(At(kMax) + Duration(1), Instant::Max());
  EXPECT_EQ(At(kMax) + Duration(INT64_MAX), Instant::Max());
  EXPECT_EQ(Instant() + Duration(kMax), Instant::Max());
  EXPECT_EQ(Instant() + Duration(kMax - 1), At(kMax - 1));
  EXPECT_EQ(Instant::Max() + Duration(-kMax), Instant());
  EXPECT_EQ(Instant::Max() + Duration(-kMax + 1), At(1));
  EXPECT_EQ(Instant::Max() + Duration(INT64_MIN), Instant());
  EXPECT_EQ(Instant::Max() - Duration(kMax), Instant());
  EXPECT_EQ(Instant::Max() - Duration(INT64_MAX), Instant());
  EXPECT_EQ(Instant() - Duration(-kMax), Instant::Max());
  EXPECT_EQ(Instant() - Duration(-kMax + 1), At(kMax - 1));
  EXPECT_EQ(At(7) - Duration(-kMax - 1), Instant::Max());
  EXPECT_EQ(Instant() - Duration(INT64_MIN), Instant::Max());
  EXPECT_EQ(At(8) - At(5), Duration(3));
  EXPECT_EQ(At(5) - At(8), Duration(-3));
}

TEST(Instant, IsOrdered) {
  EXPECT_TRUE(At(1) == At(1));
  EXPECT_FALSE(At(1) == At(2));
  EXPECT_TRUE(At(1) != At(2));
  EXPECT_FALSE(At(1) != At(1));
  EXPECT_TRUE(At(1) < At(2));
  EXPECT_FALSE(At(1) < At(1));
  EXPECT_FALSE(At(2) < At(1));
  EXPECT_TRUE(At(1) <= At(1));
  EXPECT_TRUE(At(1) <= At(2));
  EXPECT_FALSE(At(2) <= At(1));
  EXPECT_TRUE(At(2) > At(1));
  EXPECT_FALSE(At(1) > At(1));
  EXPECT_FALSE(At(1) > At(2));
  EXPECT_TRUE(At(1) >= At(1));
  EXPECT_TRUE(At(2) >= At(1));
  EXPECT_FALSE(At(1) >= At(2));
}

TEST(Instant, IsWrittenAsRfc3339) {
  EXPECT_EQ(FormatRfc3339(Instant()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(FormatRfc3339(At(1772366400250)), "2026-03-01T12:00:00.250Z");
  EXPECT_EQ(FormatRfc3339(Instant::Max()), "9999-12-31T23:59:59.999Z");
}

TEST(RetryAfter, IsInWholeSecondsRoundedUp) {
  EXPECT_EQ(RetryAfterSeconds(Duration(0)), 0);
  EXPECT_EQ(RetryAfterSeconds(Duration(-5000)), 0);
  EXPECT_EQ(RetryAfterSeconds(Duration(1)), 1);
  EXPECT_EQ(RetryAfterSeconds(Duration(1000)), 1);
  EXPECT_EQ(RetryAfterSeconds(Duration(1001)), 2);
}

TEST(TimeLedger, KeepsTheNewestAndForgetsTheOldest) {  // L-04, L-06
  TimeLedger<3> ledger;
  for (int64_t i = 1; i <= 4; ++i) ledger.Push(At(i), 3);
  EXPECT_EQ(ledger.count, 3);
  EXPECT_EQ(ledger.times[0], At(2));
  EXPECT_EQ(ledger.times[2], At(4));
  ledger.Push(At(5), 2);
  ASSERT_EQ(ledger.count, 2) << "one that keeps less lets more go";
  EXPECT_EQ(ledger.times[0], At(4));
  EXPECT_EQ(ledger.times[1], At(5));
}

TEST(TimeLedger, RemovesOneOfEqualEntries) {  // D-02
  TimeLedger<4> ledger;
  for (const int64_t i : {7, 5, 7, 9}) ledger.Push(At(i), 4);
  EXPECT_FALSE(ledger.Remove(At(8)));
  EXPECT_EQ(ledger.count, 4);
  EXPECT_TRUE(ledger.Remove(At(7)));
  ASSERT_EQ(ledger.count, 3);
  EXPECT_EQ(ledger.times[0], At(5));
  EXPECT_EQ(ledger.times[1], At(7));
  EXPECT_EQ(ledger.times[2], At(9));
  EXPECT_TRUE(ledger.Remove(At(7)));
  ASSERT_EQ(ledger.count, 2);
  EXPECT_EQ(ledger.times[1], At(9)) << "the first of them goes too";
}

TEST(TimeLedger, WhatWasRemovedIsNotLookedAtAgain) {  // D-02, L-06
  TimeLedger<4> ledger;
  for (const int64_t i : {9, 8}) ledger.Push(At(i), 4);
  EXPECT_EQ(ledger.latest(), At(9));
  EXPECT_TRUE(ledger.Remove(At(9)));
  EXPECT_FALSE(ledger.Remove(At(9)));
  EXPECT_EQ(ledger.latest(), At(8));
  EXPECT_EQ(ledger.CountAfter(At(7)), 1);
}

TEST(TimeLedger, AWindowEndsWhereItsLengthIsReached) {  // L-06
  TimeLedger<4> ledger;
  for (const int64_t i : {10, 20, 30}) ledger.Push(At(i), 4);
  EXPECT_EQ(ledger.CountAfter(At(20)), 1);
  EXPECT_EQ(ledger.CountWithin(At(20) - At(10), At(30)), 1);
  EXPECT_EQ(ledger.CountWithin(At(20) - At(9), At(30)), 2);
  EXPECT_EQ(ledger.CountWithin(At(20) - At(10), At(5)), 3) << "a clock that lags sees them all";
}

TEST(PackedInstant, HoldsEveryInstantInSixBytes) {
  PackedInstant packed;
  EXPECT_EQ(Instant(packed), Instant());
  for (const Instant instant : {At(0), At(1), At(0x123456789), Instant::Max()}) {
    packed = instant;
    EXPECT_EQ(Instant(packed), instant);
    EXPECT_TRUE(packed.valid());
  }
  const std::string ones(sizeof packed, '\xFF');
  std::memcpy(&packed, ones.data(), ones.size());
  EXPECT_FALSE(packed.valid());
  EXPECT_EQ(Instant(packed), Instant::Max());
}

TEST(TimeLedger, HoldsTheLatestEvenWhenItIsToKeepNone) {
  TimeLedger<4> ledger;
  ledger.Push(At(1), 0);
  ledger.Push(At(2), 0);
  ASSERT_EQ(ledger.count, 1);
  EXPECT_EQ(ledger.times[0], At(2));
}

}  // namespace
}  // namespace otpcore
