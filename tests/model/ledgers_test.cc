// SPDX-License-Identifier: Apache-2.0
// The ledgers at their edges: each limit on the spot, one before it and one after (L-01 … L-06,
// T-02).
#include "model/ledgers.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kNow = Instant::FromUnixMillis(1767225600000);
constexpr Duration kTick(1);

TEST(FailureLedger, ALockEndsExactlyAtItsEnd) {  // L-02
  FailureLedger ledger;
  EXPECT_FALSE(IsLocked(ledger, kNow));
  ledger.locked_until = kNow + hours(1);
  EXPECT_TRUE(IsLocked(ledger, kNow + hours(1) - kTick));
  EXPECT_FALSE(IsLocked(ledger, kNow + hours(1)));
  EXPECT_EQ(LockRemaining(ledger, kNow), hours(1));
  EXPECT_EQ(LockRemaining(ledger, kNow + hours(2)), Duration(0));
  ledger.disabled = true;
  EXPECT_TRUE(IsLocked(ledger, kNow + hours(2)));
  EXPECT_EQ(LockRemaining(ledger, kNow), Duration(0)) << "no end is known";
}

// Counts `failures` failures, each as soon as it is allowed; the last lock's length.
Duration LastLockAfter(const Policy& policy, int failures, FailureLedger* ledger) {
  Instant now = kNow;
  for (int i = 0; i < failures; ++i) {
    now = std::max(now, ledger->locked_until);
    CountFailure(policy, now, ledger);
  }
  return ledger->locked_until - ledger->locked_at;
}

TEST(FailureLedger, AFailureStandsInTheBudgetAsOftenAsItWeighs) {  // L-11, L-04
  Policy policy;
  policy.lock_after_failures = 100;
  FailureLedger ledger;
  for (int i = 0; i < 8; ++i)
    EXPECT_EQ(CountFailure(policy, kNow, &ledger, 3).locks, LockRule::kNone) << i;
  EXPECT_EQ(ledger.recent.count, 24);
  EXPECT_EQ(ledger.in_a_row, 8) << "one failure for L-02";
  EXPECT_EQ(CountFailure(policy, kNow + kTick, &ledger, 3).locks, LockRule::kNone) << "it found 24";
  EXPECT_EQ(ledger.recent.count, 25) << "two of the earliest have left";
  EXPECT_NE(CountFailure(policy, kNow + kTick, &ledger, 3).locks, LockRule::kNone);
  EXPECT_EQ(LockRemaining(ledger, kNow + kTick), 3 * policy.rolling_lock);
  MemberRecord member;
  member.failures = ledger;
  policy.lock_duration_max = hours(24);
  policy.totp_issuer = "Acme";
  policy.totp_window = {2, 1};
  EXPECT_FALSE(ClampFutureTimes(policy, kNow - minutes(2), &member)) << "one failure can weigh 4";
  policy.totp_issuer = "";
  EXPECT_TRUE(ClampFutureTimes(policy, kNow - minutes(2), &member)) << "here none weighs 3";
}

Policy RowOnly() {
  Policy policy;
  policy.rolling_failures = kFailureTimesMax;
  policy.rolling_window = hours(1);
  policy.disable_after_failures = 1000;
  return policy;
}

TEST(FailureLedger, TheTenthInARowLocksAndEachLockIsTwiceAsLongUpToTheMaximum) {  // L-02
  Policy policy = RowOnly();
  policy.lock_duration = hours(1);
  policy.lock_duration_max = hours(5);
  FailureLedger ledger;
  for (int i = 1; i < 10; ++i)
    EXPECT_EQ(CountFailure(policy, kNow, &ledger).locks, LockRule::kNone) << i;
  EXPECT_EQ(ledger.in_a_row, 9);
  EXPECT_NE(CountFailure(policy, kNow, &ledger).locks, LockRule::kNone);
  EXPECT_EQ(ledger.in_a_row, 0);
  EXPECT_EQ(ledger.locked_at, kNow);
  EXPECT_EQ(ledger.locked_until, kNow + hours(1));
  EXPECT_EQ(LastLockAfter(policy, 10, &ledger), hours(2));
  EXPECT_EQ(LastLockAfter(policy, 10, &ledger), hours(4));
  EXPECT_EQ(LastLockAfter(policy, 10, &ledger), hours(5));
  EXPECT_EQ(LastLockAfter(policy, 10, &ledger), hours(5));
  EXPECT_EQ(ledger.locks_in_a_row, 5);
  CountSuccess(kNow + hours(24 * 365), &ledger);  // L-05
  EXPECT_EQ(ledger.locks_in_a_row + ledger.in_a_row + ledger.since_success, 0);
  EXPECT_EQ(LastLockAfter(policy, 10, &ledger), hours(1));
}

TEST(FailureLedger, CountersStopAtTheirGreatestValue) {  // L-01
  Policy policy = RowOnly();
  policy.lock_after_failures = 1;
  FailureLedger ledger;
  ledger.in_a_row = ledger.since_success = std::numeric_limits<uint16_t>::max();
  ledger.locks_in_a_row = std::numeric_limits<uint8_t>::max();
  EXPECT_NE(CountFailure(policy, kNow, &ledger).locks, LockRule::kNone);
  EXPECT_EQ(ledger.since_success, std::numeric_limits<uint16_t>::max());
  EXPECT_EQ(ledger.locks_in_a_row, std::numeric_limits<uint8_t>::max());
  EXPECT_EQ(ledger.locked_until, kNow + policy.lock_duration_max);
}

TEST(FailureLedger, TheHundredthSinceTheLastSuccessDisables) {  // L-03
  Policy policy = RowOnly();
  policy.disable_after_failures = 100;
  FailureLedger ledger;
  LastLockAfter(policy, 99, &ledger);
  EXPECT_EQ(ledger.since_success, 99);
  EXPECT_FALSE(ledger.disabled);
  const Instant later = ledger.locked_until + hours(1);
  EXPECT_NE(CountFailure(policy, later, &ledger).locks, LockRule::kNone);
  EXPECT_TRUE(ledger.disabled);
  EXPECT_EQ(ledger.locked_at, later);
}

TEST(FailureLedger, FromTheRollingBudgetOnEachFailureLocks) {  // L-04
  Policy policy;
  policy.lock_after_failures = 100;
  FailureLedger ledger;
  for (int i = 0; i < 25; ++i) {
    EXPECT_EQ(CountFailure(policy, kNow + minutes(i), &ledger).locks, LockRule::kNone) << i;
    CountSuccess(kNow + hours(24 * 365), &ledger);  // does not refill it
  }
  FailureLedger full = ledger;
  EXPECT_NE(CountFailure(policy, kNow + hours(24 * 30) - kTick, &full).locks, LockRule::kNone);
  EXPECT_EQ(full.locked_until, kNow + hours(24 * 30) - kTick + hours(24));
  // One leaves at its time + window.
  EXPECT_EQ(CountFailure(policy, kNow + hours(24 * 30), &ledger).locks, LockRule::kNone);
  EXPECT_EQ(ledger.recent.count, 25);
}

TEST(FailureLedger, TheLongerOfTwoLocksCountsAndNoLockIsShortened) {  // L-02, L-04
  Policy policy;
  policy.rolling_failures = policy.lock_after_failures = 1;
  policy.lock_duration = policy.lock_duration_max = hours(48);
  FailureLedger ledger;
  CountFailure(policy, kNow, &ledger);
  CountFailure(policy, kNow + hours(48), &ledger);
  EXPECT_EQ(ledger.locked_until, kNow + hours(96));
  policy.lock_duration = policy.lock_duration_max = hours(1);
  CountFailure(policy, kNow + hours(50), &ledger);
  EXPECT_EQ(ledger.locked_until, kNow + hours(96));
  CountFailure(policy, kNow + hours(96), &ledger);
  EXPECT_EQ(ledger.locked_until, kNow + hours(96 + 24));
}

TEST(SendBudget, RollsAndSaysWhenTheNextIsAllowed) {  // L-06
  Policy policy;
  MemberRecord member;
  for (int i = 0; i < 5; ++i) {
    const SendBudget budget = SendBudgetOf(policy, member.sends, kNow + minutes(i));
    EXPECT_EQ(budget.left, 5 - i);
    EXPECT_LE(budget.next_at, kNow);
    member.sends.Push(kNow + minutes(i), policy.sends_max);
  }
  const SendBudget none = SendBudgetOf(policy, member.sends, kNow + minutes(10) - kTick);
  EXPECT_EQ(none.left, 0);
  EXPECT_EQ(none.next_at, kNow + minutes(10));
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow + minutes(10)).left, 1);
  // A policy with less room waits for the third to leave.
  policy.sends_max = 3;
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow + minutes(5)).next_at, kNow + minutes(12));
}

TEST(SendBudget, KeepsTheLeastIntervalFromTheNewestSend) {  // L-06
  Policy policy;
  MemberRecord member;
  policy.send_interval_min = seconds(30);
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow).next_at, Instant());
  member.sends.Push(kNow + seconds(5), 5);
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow).next_at, kNow + seconds(35))
      << "one is enough";
  member.sends.Push(kNow, 5);
  const SendBudget budget = SendBudgetOf(policy, member.sends, kNow + seconds(6));
  EXPECT_EQ(budget.left, 3);
  EXPECT_EQ(budget.next_at, kNow + seconds(35));
  // One of a clock further ahead than hosts may be counts for the window only.
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow - seconds(30)).next_at, kNow + seconds(35));
  EXPECT_TRUE(member.sends.Remove(kNow));
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow - seconds(30) - kTick).next_at, Instant());
  member.sends.Push(kNow, 5);
  policy.send_interval_min = kTick;  // the shortest
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow).next_at, kNow + seconds(5) + kTick);
  policy.sends_max = 2;  // full: the window is the longer wait
  EXPECT_EQ(SendBudgetOf(policy, member.sends, kNow + seconds(6)).next_at, kNow + minutes(10));
}

TEST(ClampFutureTimes, MovesSendsThatNoHonestClockCouldHaveWritten) {  // T-02
  const Policy policy;
  const Instant latest = kNow + policy.clock_tolerance + policy.sends_window;
  MemberRecord record;
  record.sends.Push(latest, 5);
  EXPECT_FALSE(ClampFutureTimes(policy, kNow, &record));
  EXPECT_EQ(record.sends.pulled_from, Instant());
  // Entries beyond the count are no entries.
  record.sends.times[1] = Instant::Max();
  EXPECT_FALSE(ClampFutureTimes(policy, kNow, &record));

  for (const Duration ahead : {kTick, Duration(seconds(7)), Duration(seconds(6))})
    record.sends.Push(latest + ahead, 5);
  EXPECT_TRUE(ClampFutureTimes(policy, kNow, &record));
  for (const Instant send : record.sends) EXPECT_EQ(send, latest);
  EXPECT_EQ(record.sends.pulled_from, latest + seconds(7));
  EXPECT_FALSE(ClampFutureTimes(policy, kNow, &record)) << "once";
  EXPECT_EQ(record.sends.pulled_from, latest + seconds(7));
}

TEST(ClampFutureTimes, MovesSendsOfEmailLikewise) {  // T-02, L-12
  const Policy policy;
  const Instant latest = kNow + policy.clock_tolerance + policy.email_sends_window;
  MemberRecord record;
  record.email.id.bytes[0] = 1;
  record.email.sends.Push(latest, 5);
  EXPECT_FALSE(ClampFutureTimes(policy, kNow, &record));
  record.email.sends.Push(latest + kTick, 5);
  EXPECT_TRUE(ClampFutureTimes(policy, kNow, &record));
  for (const Instant send : record.email.sends) EXPECT_EQ(send, latest);
}

TEST(ClampFutureTimes, AClockThatStandsWhereSendsWerePulledFromWaitsForThem) {  // L-06, T-02
  const Policy policy;
  const Instant ahead = kNow + hours(3);
  MemberRecord record;
  record.sends.Push(ahead, 5);
  ASSERT_TRUE(ClampFutureTimes(policy, kNow, &record));
  EXPECT_EQ(SendBudgetOf(policy, record.sends, kNow).left, 4);
  EXPECT_EQ(SendBudgetOf(policy, record.sends, ahead - minutes(1) - kTick).left, 5);
  for (const Instant now : {ahead - minutes(1), ahead, ahead + minutes(10) - kTick}) {
    EXPECT_EQ(SendBudgetOf(policy, record.sends, now).left, 0);
    EXPECT_EQ(SendBudgetOf(policy, record.sends, now).next_at, ahead + minutes(10));
  }
  EXPECT_EQ(SendBudgetOf(policy, record.sends, ahead + minutes(10)).left, 5);
}

TEST(ClampFutureTimes, GivesALockAnEndForClocksThatLag) {  // T-02, L-10
  const Policy policy;
  const Duration longest = policy.lock_duration_max + policy.clock_tolerance;
  MemberRecord record;
  FailureLedger& failures = record.failures;
  failures.locked_at = kNow + minutes(1);
  failures.locked_until = kNow + longest + kTick;
  EXPECT_FALSE(ClampFutureTimes(policy, kNow, &record)) << "a minute is not far";
  failures.locked_at = kNow + minutes(1) + kTick;
  failures.locked_until = kNow + longest;
  EXPECT_FALSE(ClampFutureTimes(policy, kNow, &record)) << "no longer than a lock may be";
  // Where the rolling lock is the longest one, it may last that long.
  failures.locked_until = kNow + longest + kTick;
  Policy rolling;
  rolling.rolling_lock = policy.lock_duration_max + kTick;
  EXPECT_FALSE(ClampFutureTimes(rolling, kNow, &record));

  const Instant ahead = kNow + hours(1000);
  failures.locked_at = ahead;
  failures.locked_until = ahead + hours(1);
  EXPECT_TRUE(ClampFutureTimes(policy, kNow, &record));
  EXPECT_FALSE(ClampFutureTimes(policy, kNow + minutes(1), &record)) << "once";
  EXPECT_EQ(LockEnd(failures, kNow), kNow + hours(1)) << "as long as it was to last";
  EXPECT_EQ(LockRemaining(failures, kNow), hours(1));
  EXPECT_FALSE(IsLocked(failures, kNow + hours(1)));
  EXPECT_FALSE(IsLocked(failures, ahead - minutes(1) - kTick));
  EXPECT_TRUE(IsLocked(failures, ahead - minutes(1))) << "who stands there waits";
  EXPECT_TRUE(IsLocked(failures, ahead + hours(1) - kTick));
  EXPECT_FALSE(IsLocked(failures, ahead + hours(1)));

  // One that is even further behind waits for that end: moved, it would be over for the first one.
  EXPECT_FALSE(ClampFutureTimes(policy, kNow - hours(500), &record));
  EXPECT_EQ(LockEnd(failures, kNow - hours(500)), kNow + hours(1));
}

TEST(ClampFutureTimes, ALockThatHasLastedForALaggingClockDoesNotComeBack) {  // T-02, L-02
  const Policy policy;
  MemberRecord record;
  FailureLedger& failures = record.failures;
  failures.locked_at = kNow + hours(1000);
  failures.locked_until = kNow + hours(1001);
  ASSERT_TRUE(ClampFutureTimes(policy, kNow, &record));
  MemberRecord seen = record;
  EXPECT_FALSE(ClampFutureTimes(policy, kNow + hours(1) - kTick, &seen));
  EXPECT_TRUE(IsLocked(seen.failures, kNow + hours(1000)));
  EXPECT_FALSE(ClampFutureTimes(policy, kNow + hours(1), &seen)) << "is no reason to write";
  EXPECT_FALSE(IsLocked(seen.failures, kNow + hours(1000)));
  EXPECT_EQ(LockEnd(seen.failures, kNow), kNow + hours(1)) << "a clock that steps back is locked";
  EXPECT_EQ(seen.failures.locked_at, kNow);
  EXPECT_EQ(seen.failures.locked_until_lagging, Instant());
  record.failures.disabled = true;
  EXPECT_FALSE(ClampFutureTimes(policy, kNow + hours(1), &record));
  EXPECT_EQ(record.failures.locked_at, kNow + hours(1000)) << "this one has no end";
}

TEST(FailureLedger, AClockThatLagsCountsAtTheLatestFailure) {  // T-02, L-10
  Policy policy;
  policy.lock_after_failures = 2;
  MemberRecord record;
  FailureLedger& ledger = record.failures;
  CountFailure(policy, kNow + minutes(1), &ledger);
  CountFailure(policy, kNow, &ledger);  // a minute is not far
  EXPECT_EQ(ledger.recent[0], kNow);
  EXPECT_EQ(LockEnd(ledger, kNow), kNow + hours(1));
  EXPECT_EQ(ledger.locked_until_lagging, Instant());

  const Instant ahead = kNow + hours(2000);
  CountFailure(policy, ahead, &ledger);
  EXPECT_NE(CountFailure(policy, kNow, &ledger).locks, LockRule::kNone);
  EXPECT_EQ(ledger.recent[3], ahead);
  EXPECT_EQ(LockEnd(ledger, kNow), kNow + hours(2));
  // For the later clock it begins when that comes, however long that was away.
  const Instant back = ahead + hours(100);
  EXPECT_TRUE(ClampFutureTimes(policy, back, &record));
  EXPECT_EQ(ledger.locked_at, back);
  EXPECT_EQ(LockEnd(ledger, back), back + hours(2));
  EXPECT_FALSE(ClampFutureTimes(policy, back + hours(1), &record)) << "once";
  EXPECT_EQ(LockEnd(ledger, back), back + hours(2));
  EXPECT_EQ(LockEnd(ledger, kNow), kNow + hours(2));
  // And the next failure of the one that lags is not before that.
  CountFailure(policy, kNow + hours(2), &ledger);
  EXPECT_EQ(ledger.recent[4], back);
}

TEST(FailureLedger, ALockBeginsAnewForClocksMoreThanADayApart) {  // T-02, L-02
  Policy policy;
  policy.lock_after_failures = 2;
  for (const Duration apart : {Duration(hours(24)), hours(24) + kTick}) {
    FailureLedger ledger;
    CountFailure(policy, kNow + apart, &ledger);
    EXPECT_NE(CountFailure(policy, kNow, &ledger).locks, LockRule::kNone);
    EXPECT_EQ(ledger.locked_at, kNow + apart);
    EXPECT_EQ(ledger.locked_until,
              apart > hours(24) ? kNow + apart - hours(1) : kNow + apart + hours(1));
    EXPECT_EQ(LockEnd(ledger, kNow), kNow + hours(1));
  }
}

TEST(ClampFutureTimes, LeavesFailuresWhereTheyAre) {  // L-04, L-10
  MemberRecord record;
  record.failures.recent.Push(kNow + hours(24 * 365), 25);
  EXPECT_FALSE(ClampFutureTimes(Policy(), kNow, &record));
  EXPECT_EQ(record.failures.recent[0], kNow + hours(24 * 365));
}

// Each thing that a record may still be needed for, alone: its end and the tolerance of the clocks.
TEST(DiscoveryRecord, IsKeptAsLongAsAnythingInItCounts) {  // EM-25
  const Policy policy = Policy::Default();
  const auto kept_for = [&](const std::function<void(DiscoveryRecord*)>& fill) {
    DiscoveryRecord record;
    fill(&record);
    return ForgettableFrom(policy, record) - policy.clock_tolerance - kNow;
  };
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) { r->email.challenge.expires_at = kNow + minutes(7); }),
            minutes(7));
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) { r->email.sends.Push(kNow, 8); }),
            policy.email_sends_window);
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) { r->email.sends.pulled_from = kNow; }),
            policy.email_sends_window);
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) { r->email.sends.given_back.Push(kNow, 4); }),
            hours(24));
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) { r->email.failures.recent.Push(kNow, 14); }),
            policy.email_rolling_window);
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) {
              r->email.failures.locked_at = kNow;
              r->email.failures.locked_until = kNow + hours(5);
            }),
            hours(5));
  // A clock far behind counted it: it has its length before locked_at.
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) {
              r->email.failures.locked_at = kNow;
              r->email.failures.locked_until = kNow - hours(5);
            }),
            hours(5));
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) {
              r->email.failures.locked_until_lagging = kNow + hours(6);
            }),
            hours(6));
  EXPECT_EQ(kept_for([](DiscoveryRecord* r) {
              r->mark.id.bytes[0] = 1;
              r->mark.at = kNow;
            }),
            policy.operation_life);
  DiscoveryRecord disabled;
  disabled.email.failures.disabled = true;
  EXPECT_EQ(ForgettableFrom(policy, disabled), Instant::Max()) << "locked without end";
}

}  // namespace
}  // namespace otpcore
