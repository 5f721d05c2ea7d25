// SPDX-License-Identifier: Apache-2.0
// A full ledger dropped the time that was added first. After a clock had stepped back that was not
// the earliest one, and with it went a failure that still lay in the window (L-04, L-10).
#include "otpcore/model/member.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace {

TEST(TimeLedger, KeepsTheLatestTimesInWhateverOrderTheyCame) {  // L-04, L-10
  const auto at = [](int seconds) { return Instant::FromUnixMillis(1000 * seconds); };
  TimeLedger<4> ledger;
  for (const int seconds : {100, 90, 1, 2, 3}) ledger.Push(at(seconds), 3);
  ASSERT_EQ(ledger.count, 3);
  EXPECT_EQ(ledger.times[0], at(3));
  EXPECT_EQ(ledger.times[1], at(90));
  EXPECT_EQ(ledger.times[2], at(100));
}

}  // namespace
}  // namespace otpcore
