// SPDX-License-Identifier: Apache-2.0
#include "model/ledgers.h"

#include <algorithm>
#include <limits>

namespace otpcore {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

// D-02: so many sends are given back within so long, and kGiveBacksMax within a day.
constexpr int kGiveBacksInWindow = 2;
constexpr Duration kGiveBackWindow = std::chrono::minutes(10);

void Increment(uint16_t* counter) {
  if (*counter < std::numeric_limits<uint16_t>::max()) ++*counter;
}

// lock_duration, doubled for each lock before it without a success between, up to lock_duration_max
// (L-02).
Duration LockDuration(const FailureLimits& limits, int locks_before) {
  Duration duration = limits.lock_duration;
  for (int i = 0; i < locks_before && duration < limits.lock_duration_max; ++i) duration *= 2;
  return std::min(duration, limits.lock_duration_max);
}

// Further apart than this no two clocks of one deployment are by accident; see
// Policy::clock_tolerance.
constexpr Duration kClockSkewMax = std::chrono::minutes(1);

// Of clocks that are further apart than this, the later one has a lock that the other counted begin
// anew; for closer ones it would often last twice as long as people were told.
constexpr Duration kClocksFarApart = std::chrono::hours(24);

bool Lags(Instant now, Instant behind) { return now + kClockSkewMax < behind; }

// What a clock that shows `now` makes of a lock of another one; see ClampFutureTimes. True when it
// is to be written. A lock that a clock counted that lags by more than kClocksFarApart has its
// length before locked_at, until a clock that does not lag comes.
[[gnu::always_inline]] inline bool AdjustLock(Instant latest_end, Instant now,
                                              FailureLedger* ledger) {
  Instant& at = ledger->locked_at;
  Instant& until = ledger->locked_until;
  Instant& lagging = ledger->locked_until_lagging;
  const Duration length = until < at ? at - until : until - at;
  if (!Lags(now, at)) {
    if (until >= at) return false;
    at = now;
    until = now + length;
    return true;
  }
  if (lagging != Instant()) {  // the first that came has given it this end
    if (now < lagging || ledger->disabled) return false;
    at = lagging - length;  // it has lasted: for all clocks it was this one
    until = lagging;
    lagging = Instant();
    return false;
  }
  if (until <= latest_end) return false;
  lagging = now + length;  // it began now at the latest
  return true;
}

// `max` sends within `window`.
SendBudget LimitOf(const SendLedger& sends, int max, Duration window, Instant now) {
  SendBudget budget;
  budget.left = std::max(0, max - sends.CountWithin(window, now));
  if (budget.left > 0) return budget;
  // The event whose leaving brings the count below the limit.
  budget.next_at = sends[sends.count - max] + window;
  return budget;
}

// A clock that stands where sends were pulled back from does not see them any more.
void HoldPulledBack(const SendLedger& sends, Duration window, Instant now, SendBudget* budget) {
  const Instant until = sends.pulled_from + window;
  if (Lags(now, sends.pulled_from) || now >= until) return;
  budget->left = 0;
  budget->next_at = std::max(budget->next_at, until);
}

// Brings sends that stand later than `latest` back to it. True when there were any.
[[gnu::always_inline]] inline bool PullBack(Instant latest, SendLedger* sends) {
  if (sends->empty() || sends->latest() <= latest) return false;
  sends->pulled_from = sends->latest();
  for (int i = sends->count - 1; i >= 0 && (*sends)[i] > latest; --i)
    sends->times[static_cast<size_t>(i)] = latest;
  return true;
}

}  // namespace

Instant LockEnd(const FailureLedger& ledger, Instant now) {
  const bool lags = ledger.locked_until_lagging != Instant() && Lags(now, ledger.locked_at);
  return lags ? ledger.locked_until_lagging : ledger.locked_until;
}

bool IsLocked(const FailureLedger& ledger, Instant now) {
  return ledger.disabled || now < LockEnd(ledger, now);
}

Duration LockRemaining(const FailureLedger& ledger, Instant now) {
  return ledger.disabled ? Duration(0) : std::max(Duration(0), LockEnd(ledger, now) - now);
}

CountedFailure CountFailure(const FailureLimits& limits, Instant now, FailureLedger* ledger,
                            int weight, SessionTag session) {
  Increment(&ledger->in_a_row);
  Increment(&ledger->since_success);

  // A clock that lags behind the latest failure or lock counts this one there too: for the later
  // clock it would else be long ago (L-10).
  Instant at = std::max(now, ledger->locked_at);
  if (!ledger->recent.empty()) at = std::max(at, ledger->recent.latest());
  const bool lags = Lags(now, at);
  if (!lags) at = now;

  Duration lock{0};
  LockRule rule = LockRule::kNone;
  if (ledger->recent.CountWithin(limits.rolling_window, now) >= limits.rolling_failures) {
    lock = limits.rolling_lock * weight;
    rule = LockRule::kRollingFailures;
  }
  // None that another host's policy still counts is thrown away.
  const int keep = std::max<int>(limits.rolling_failures, ledger->recent.count);
  for (int i = 0; i < weight; ++i) ledger->recent.Push(at, keep, {session, i > 0});

  if (ledger->in_a_row >= limits.lock_after_failures) {
    const Duration in_a_row = LockDuration(limits, ledger->locks_in_a_row);
    if (in_a_row > lock) rule = LockRule::kFailuresInARow;
    lock = std::max(lock, in_a_row);
    if (ledger->locks_in_a_row < std::numeric_limits<uint8_t>::max()) ++ledger->locks_in_a_row;
    ledger->in_a_row = 0;
  }
  if (ledger->since_success >= limits.disable_after_failures) ledger->disabled = true;
  if (ledger->disabled) rule = LockRule::kFailuresSinceSuccess;
  if (rule == LockRule::kNone) return {rule, lags};
  ledger->lock_rule = rule;
  lock = std::max(lock, LockEnd(*ledger, now) - now);
  ledger->locked_at = at;
  ledger->locked_until = at - now > kClocksFarApart ? at - lock : at + lock;
  ledger->locked_until_lagging = lags ? now + lock : Instant();
  return {rule, lags};
}

void CountSuccess(Instant now, FailureLedger* ledger) {
  ledger->since_success = 0;
  if (IsLocked(*ledger, now)) return;
  ledger->in_a_row = 0;
  ledger->locks_in_a_row = 0;
}

bool HasFailuresOfSessions(const FailureLedger& ledger) {
  const FailureTimes& recent = ledger.recent;
  for (size_t i = 0; i < recent.count; ++i) {
    if (recent.origins[i].session != 0) return true;
  }
  return false;
}

void ForgiveFailures(const FailureLimits& limits, Instant now, SessionTag session,
                     FailureLedger* ledger) {
  if (session == 0 ||
      ledger->recent.CountWithin(limits.rolling_window, now) >= limits.rolling_failures)
    return;
  FailureTimes& recent = ledger->recent;
  int left = kForgivenMax;
  for (int i = recent.count - 1; i >= 0 && left > 0; --i) {
    const FailureOrigin origin = recent.origins[static_cast<size_t>(i)];
    if (origin.session != session) continue;
    recent.RemoveAt(i);
    left -= !origin.continues;
  }
}

SendBudget SendsOfWindow(const Policy& policy, const SendLedger& sends, Instant now) {
  return LimitOf(sends, policy.sends_max, policy.sends_window, now);
}

SendBudget SendsOfDay(const Policy& policy, const SendLedger& sends, Instant now) {
  return LimitOf(sends, policy.sends_day_max, kDay, now);
}

SendBudget SendBudgetOf(const Policy& policy, const SendLedger& sends, Instant now) {
  SendBudget budget;
  const SendBudget window = SendsOfWindow(policy, sends, now);
  const SendBudget day = SendsOfDay(policy, sends, now);
  budget.left = std::min(window.left, day.left);
  budget.next_at = std::max(window.next_at, day.next_at);
  const Duration interval = policy.send_interval_min;
  if (interval > Duration(0)) {
    // Those of a clock far ahead count for the window only.
    const int before = sends.count - sends.CountAfter(now + policy.clock_tolerance + interval);
    if (before > 0) budget.next_at = std::max(budget.next_at, sends[before - 1] + interval);
  }
  if (sends.pulled_from != Instant()) HoldPulledBack(sends, policy.sends_window, now, &budget);
  return budget;
}

SendBudget EmailSendBudgetOf(const Policy& policy, const SendLedger& sends, Instant now) {
  SendBudget budget = LimitOf(sends, policy.email_sends_max, policy.email_sends_window, now);
  if (sends.pulled_from != Instant())
    HoldPulledBack(sends, policy.email_sends_window, now, &budget);
  return budget;
}

void CountEmailSend(const Policy& policy, Instant now, SendLedger* sends) {
  sends->Push(now, std::max<int>(policy.email_sends_max, sends->count));
}

void CountSend(const Policy& policy, Instant now, SendLedger* sends) {
  // None that another host's policy still counts is thrown away.
  sends->Push(now, std::max<int>({policy.sends_max, policy.sends_day_max, sends->count}));
}

bool GiveBackSend(Instant issued_at, Instant now, SendLedger* sends) {
  if (sends->given_back.CountWithin(kGiveBackWindow, now) >= kGiveBacksInWindow ||
      sends->given_back.CountWithin(kDay, now) >= kGiveBacksMax)
    return false;
  // One that was pulled back is the latest (T-02).
  if (!sends->Remove(issued_at) && !sends->empty()) sends->RemoveAt(sends->count - 1);
  sends->given_back.Push(now, kGiveBacksMax);
  return true;
}

bool IsKnown(const Policy& policy, const KnownDevice& device, Instant now) {
  // A success far ahead of `now` was noted under a wrong clock, and is not for ever (T-02).
  return now < device.succeeded_at + policy.device_life &&
         device.succeeded_at < now + policy.device_life;
}

bool CountFailureOn(int weight, KnownDevice* device) {
  device->failures = static_cast<uint8_t>(device->failures + weight);
  return device->failures < kDeviceFailuresMax;
}

bool ClampFutureTimes(const Policy& policy, Instant now, MemberRecord* record) {
  // Within the tolerance, hosts of one deployment may simply disagree.
  const Instant latest = now + policy.clock_tolerance;
  // A send counts for its window, so it may stand that far ahead of a clock that stepped back:
  // pulled to `now` it would leave the window too early once the clock is right again.
  const Instant latest_send = latest + policy.sends_window;
  bool pulled = PullBack(latest_send, &record->sends);
  for (KnownDevice& device : record->devices) pulled |= PullBack(latest_send, &device.sends);

  const bool lock_changed = AdjustLock(
      latest + std::max(policy.lock_duration_max, policy.rolling_lock * FailureWeightMax(policy)),
      now, &record->failures);
  const bool email_changed =
      !record->email.id.empty() && ClampFutureTimes(policy, now, &record->email);
  return lock_changed || pulled || email_changed;
}

// Hardly any command needs it: kept out of the way of the others.
[[gnu::noinline]] bool ClampFutureTimes(const Policy& policy, Instant now, EmailFactor* email) {
  const Instant latest = now + policy.clock_tolerance;
  const bool pulled = PullBack(latest + policy.email_sends_window, &email->sends);
  const bool lock_changed =
      AdjustLock(latest + std::max(policy.lock_duration_max, policy.email_rolling_lock), now,
                 &email->failures);
  return lock_changed || pulled;
}

Instant ForgettableFrom(const Policy& policy, const DiscoveryRecord& record) {
  const FailureLedger& failures = record.email.failures;
  const SendLedger& sends = record.email.sends;
  if (failures.disabled) return Instant::Max();
  Instant end = record.email.challenge.expires_at;
  const auto until = [&end](Instant at) { end = std::max(end, at); };
  if (!failures.recent.empty()) until(failures.recent.latest() + policy.email_rolling_window);
  // One that a clock far behind counted has its length before locked_at.
  until(failures.locked_at + (failures.locked_at - failures.locked_until));
  until(failures.locked_until);
  until(failures.locked_until_lagging);
  if (!sends.empty()) until(sends.latest() + policy.email_sends_window);
  if (sends.pulled_from != Instant()) until(sends.pulled_from + policy.email_sends_window);
  if (!sends.given_back.empty()) until(sends.given_back.latest() + kDay);
  if (!record.mark.id.empty()) until(record.mark.at + policy.operation_life);
  return end + policy.clock_tolerance;
}

}  // namespace otpcore
