// SPDX-License-Identifier: Apache-2.0
#include "model/ledgers.h"

#include <algorithm>
#include <limits>

namespace otpcore {
namespace {

// Events that are still within `window` at `now`: one leaves at its time + window (L-06).
template <int N>
int CountWithin(const TimeLedger<N>& ledger, Duration window, Instant now) {
  int within = 0;
  for (const Instant at : ledger) within += now - at < window;
  return within;
}

void Increment(uint16_t* counter) {
  if (*counter < std::numeric_limits<uint16_t>::max()) ++*counter;
}

// lock_duration, doubled for each lock before it without a success between, up to lock_duration_max
// (L-02).
Duration LockDuration(const Policy& policy, int locks_before) {
  Duration duration = policy.lock_duration;
  for (int i = 0; i < locks_before && duration < policy.lock_duration_max; ++i) duration *= 2;
  return std::min(duration, policy.lock_duration_max);
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
bool AdjustLock(Instant latest_end, Instant now, FailureLedger* ledger) {
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

CountedFailure CountFailure(const Policy& policy, Instant now, FailureLedger* ledger, int weight) {
  Increment(&ledger->in_a_row);
  Increment(&ledger->since_success);

  // A clock that lags behind the latest failure or lock counts this one there too: for the later
  // clock it would else be long ago (L-10).
  Instant at = std::max(now, ledger->locked_at);
  for (const Instant failure : ledger->recent) at = std::max(at, failure);
  const bool lags = Lags(now, at);
  if (!lags) at = now;

  Duration lock{0};
  if (CountWithin(ledger->recent, policy.rolling_window, now) >= policy.rolling_failures)
    lock = policy.rolling_lock * weight;
  // None that another host's policy still counts is thrown away.
  const int keep = std::max<int>(policy.rolling_failures, ledger->recent.count);
  for (int i = 0; i < weight; ++i) ledger->recent.Push(at, keep);

  if (ledger->in_a_row >= policy.lock_after_failures) {
    lock = std::max(lock, LockDuration(policy, ledger->locks_in_a_row));
    if (ledger->locks_in_a_row < std::numeric_limits<uint8_t>::max()) ++ledger->locks_in_a_row;
    ledger->in_a_row = 0;
  }
  if (ledger->since_success >= policy.disable_after_failures) ledger->disabled = true;
  if (lock == Duration(0) && !ledger->disabled) return {false, lags};
  lock = std::max(lock, LockEnd(*ledger, now) - now);
  ledger->locked_at = at;
  ledger->locked_until = at - now > kClocksFarApart ? at - lock : at + lock;
  ledger->locked_until_lagging = lags ? now + lock : Instant();
  return {true, lags};
}

void CountSuccess(FailureLedger* ledger) {
  ledger->in_a_row = 0;
  ledger->since_success = 0;
  ledger->locks_in_a_row = 0;
}

SendBudget SendBudgetOf(const Policy& policy, const MemberRecord& member, Instant now) {
  const TimeLedger<kSendTimesMax>& sends = member.sends;
  const int within = CountWithin(sends, policy.sends_window, now);
  SendBudget budget;
  budget.left = std::max(0, policy.sends_max - within);
  if (budget.left == 0) {
    // The event whose leaving brings the count below the limit.
    auto sorted = sends;
    std::sort(sorted.times.begin(), sorted.times.begin() + sends.count);
    budget.next_at =
        sorted.times[static_cast<size_t>(sends.count - policy.sends_max)] + policy.sends_window;
  }
  const Duration interval = policy.send_interval_min;
  if (interval > Duration(0)) {
    for (const Instant send : sends) {
      // Those of a clock far ahead count for the window only.
      if (send <= now + policy.clock_tolerance + interval)
        budget.next_at = std::max(budget.next_at, send + interval);
    }
  }
  // A clock that stands where sends were pulled back from does not see them any more.
  const Instant pulled_until = member.sends_pulled_from + policy.sends_window;
  if (member.sends_pulled_from != Instant() && !Lags(now, member.sends_pulled_from) &&
      now < pulled_until) {
    budget.left = 0;
    budget.next_at = std::max(budget.next_at, pulled_until);
  }
  return budget;
}

bool ClampFutureTimes(const Policy& policy, Instant now, MemberRecord* record) {
  // Within the tolerance, hosts of one deployment may simply disagree.
  const Instant latest = now + policy.clock_tolerance;
  // A send counts for its window, so it may stand that far ahead of a clock that stepped back:
  // pulled to `now` it would leave the window too early once the clock is right again.
  const Instant latest_send = latest + policy.sends_window;
  Instant pulled_from;
  for (uint8_t i = 0; i < record->sends.count; ++i) {
    Instant& send = record->sends.times[i];
    if (send <= latest_send) continue;
    pulled_from = std::max(pulled_from, send);
    send = latest_send;
  }
  if (pulled_from != Instant()) record->sends_pulled_from = pulled_from;

  const bool lock_changed = AdjustLock(
      latest + std::max(policy.lock_duration_max, policy.rolling_lock * FailureWeightMax(policy)),
      now, &record->failures);
  return lock_changed || pulled_from != Instant();
}

}  // namespace otpcore
