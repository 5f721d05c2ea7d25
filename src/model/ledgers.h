// SPDX-License-Identifier: Apache-2.0
// The ledgers of a Member: what a failure, a success and a send do to them (rules L-01 … L-06,
// D-02, DV-02, DV-03, T-02).
#ifndef OTPCORE_SRC_MODEL_LEDGERS_H_
#define OTPCORE_SRC_MODEL_LEDGERS_H_

#include "otpcore/base/time.h"
#include "otpcore/model/discovery_record.h"
#include "otpcore/model/member.h"
#include "otpcore/model/policy.h"

namespace otpcore {

bool IsLocked(const FailureLedger& ledger, Instant now);
// When the lock ends for a clock that shows `now`; of no meaning for a lock without end.
Instant LockEnd(const FailureLedger& ledger, Instant now);
// Until then; zero for a lock without end.
Duration LockRemaining(const FailureLedger& ledger, Instant now);

// What one ledger of failures is held to: of second factors (L-02 … L-04), or of e-mail (L-12).
struct FailureLimits {
  int lock_after_failures;
  Duration lock_duration;
  Duration lock_duration_max;
  int disable_after_failures;
  int rolling_failures;
  Duration rolling_window;
  Duration rolling_lock;
};
inline FailureLimits SecondFactorLimits(const Policy& p) {
  return {p.lock_after_failures, p.lock_duration,  p.lock_duration_max, p.disable_after_failures,
          p.rolling_failures,    p.rolling_window, p.rolling_lock};
}
inline FailureLimits EmailFailureLimits(const Policy& p) {
  return {p.lock_after_failures,    p.lock_duration,          p.lock_duration_max,
          p.disable_after_failures, p.email_rolling_failures, p.email_rolling_window,
          p.email_rolling_lock};
}

struct CountedFailure {
  LockRule locks = LockRule::kNone;     // the rule that locks from now on
  bool at_another_clocks_time = false;  // which is later (T-02)
};
// Counts a failure at `now` in `session`. `weight`: how many codes would have been right (L-11); as
// often it stands in the rolling budget, and as much longer is a lock of that.
CountedFailure CountFailure(const FailureLimits& limits, Instant now, FailureLedger* ledger,
                            int weight = 1, SessionTag session = 0);
inline CountedFailure CountFailure(const Policy& policy, Instant now, FailureLedger* ledger,
                                   int weight = 1, SessionTag session = 0) {
  return CountFailure(SecondFactorLimits(policy), now, ledger, weight, session);
}
// Clears what a success clears (L-02, L-03). A lock that stands, which only a known device passes,
// goes on (DV-03).
void CountSuccess(Instant now, FailureLedger* ledger);
// Whether ForgiveFailures could find any.
bool HasFailuresOfSessions(const FailureLedger& ledger);
// Takes the latest failures of `session`, four at most, out of the rolling budget (L-05). None
// while the budget is full: then older failures, which still count, have left the ledger for them.
void ForgiveFailures(const FailureLimits& limits, Instant now, SessionTag session,
                     FailureLedger* ledger);
inline void ForgiveFailures(const Policy& policy, Instant now, SessionTag session,
                            FailureLedger* ledger) {
  ForgiveFailures(SecondFactorLimits(policy), now, session, ledger);
}

// What one ledger of sends leaves at `now`.
struct SendBudget {
  int left = 0;
  Instant next_at;  // earliest instant a send is allowed; `now` or before when one is allowed now
};
SendBudget SendBudgetOf(const Policy& policy, const SendLedger& sends, Instant now);
// Two of its parts: the limit of sends_window, and that of a day.
SendBudget SendsOfWindow(const Policy& policy, const SendLedger& sends, Instant now);
SendBudget SendsOfDay(const Policy& policy, const SendLedger& sends, Instant now);
void CountSend(const Policy& policy, Instant now, SendLedger* sends);
// The same of passcodes by e-mail (EM-21).
SendBudget EmailSendBudgetOf(const Policy& policy, const SendLedger& sends, Instant now);
void CountEmailSend(const Policy& policy, Instant now, SendLedger* sends);
// Takes the send of `issued_at` out of the ledger again. False: two were given back within 10
// minutes or four within 24 hours, and this one stays (D-02).
bool GiveBackSend(Instant issued_at, Instant now, SendLedger* sends);

bool IsKnown(const Policy& policy, const KnownDevice& device, Instant now);
// Counts a failure on the device. False: it has failed too often and is not known any more (DV-03).
bool CountFailureOn(int weight, KnownDevice* device);

// Stored instants that lie further ahead of `now` than any span of the policy could have put them
// were written under another clock, and one of the two is wrong. So that a clock that was far ahead
// for a moment does not lock people out for as long, the sends are pulled back and the lock gets an
// end for clocks that lag; one that a clock far behind counted begins for the others now. So two
// clocks that disagree admit no more guesses than the later one alone (L-10). Failures are never
// pulled back. True when something is to be written (T-02).
bool ClampFutureTimes(const Policy& policy, Instant now, MemberRecord* record);
bool ClampFutureTimes(const Policy& policy, Instant now, EmailFactor* email);

// The earliest DiscoveryRecord::forget_at that is right for `record` (EM-25).
Instant ForgettableFrom(const Policy& policy, const DiscoveryRecord& record);

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_LEDGERS_H_
