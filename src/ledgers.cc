#include "ledgers.h"

#include <algorithm>
#include <limits>

namespace otpcore {
namespace {

// Events that are still within `window` at `now`: one leaves at its time + window (L-06).
template <int N>
int CountWithin(const TimeLedger<N>& ledger, Duration window, Instant now) {
  return static_cast<int>(
      std::count_if(ledger.begin(), ledger.end(), [&](Instant at) { return now < at + window; }));
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

bool PullBack(Instant limit, Instant* instant) {
  if (*instant <= limit) return false;
  *instant = limit;
  return true;
}

}  // namespace

bool IsLocked(const FailureLedger& ledger, Instant now) {
  return ledger.disabled || now < ledger.locked_until;
}

Duration LockRemaining(const FailureLedger& ledger, Instant now) {
  return ledger.disabled ? Duration(0) : std::max(Duration(0), ledger.locked_until - now);
}

bool CountFailure(const Policy& policy, Instant now, FailureLedger* ledger) {
  Increment(&ledger->in_a_row);
  Increment(&ledger->since_success);

  Duration lock{0};
  if (CountWithin(ledger->recent, policy.rolling_window, now) >= policy.rolling_failures)
    lock = policy.rolling_lock;
  ledger->recent.Push(now, policy.rolling_failures);

  if (ledger->in_a_row >= policy.lock_after_failures) {
    lock = std::max(lock, LockDuration(policy, ledger->locks_in_a_row));
    if (ledger->locks_in_a_row < std::numeric_limits<uint8_t>::max()) ++ledger->locks_in_a_row;
    ledger->in_a_row = 0;
  }
  if (ledger->since_success >= policy.disable_after_failures) ledger->disabled = true;
  if (lock == Duration(0) && !ledger->disabled) return false;
  ledger->locked_at = now;
  ledger->locked_until = std::max(ledger->locked_until, now + lock);
  return true;
}

void CountSuccess(FailureLedger* ledger) {
  ledger->in_a_row = 0;
  ledger->since_success = 0;
  ledger->locks_in_a_row = 0;
}

SendBudget SendBudgetOf(const Policy& policy, const TimeLedger<kSendTimesMax>& sends, Instant now) {
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
  if (sends.count > 0 && policy.send_interval_min > Duration(0)) {
    const Instant newest = *std::max_element(sends.begin(), sends.end());
    budget.next_at = std::max(budget.next_at, newest + policy.send_interval_min);
  }
  return budget;
}

bool PullBackInstants(const Policy& policy, Instant now, MemberRecord* record) {
  // Within the tolerance, hosts of one deployment may simply disagree.
  const Instant latest = now + policy.clock_tolerance;
  const Duration longest_lock = std::max(policy.lock_duration_max, policy.rolling_lock);
  // A time counts for its window, so it may stand that far ahead of a clock that stepped back:
  // pulled to `now` it would leave the window too early once the clock is right again (L-10).
  bool changed = false;
  for (uint8_t i = 0; i < record->sends.count; ++i)
    changed |= PullBack(latest + policy.sends_window, &record->sends.times[i]);
  FailureLedger& failures = record->failures;
  for (uint8_t i = 0; i < failures.recent.count; ++i)
    changed |= PullBack(latest + policy.rolling_window, &failures.recent.times[i]);
  changed |= PullBack(latest + longest_lock, &failures.locked_at);
  changed |= PullBack(latest + longest_lock, &failures.locked_until);
  return changed;
}

}  // namespace otpcore
