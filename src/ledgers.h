// The two ledgers of a Member: what a failure, a success and a send do to them (rules L-01 … L-06,
// T-02).
#ifndef OTPCORE_SRC_LEDGERS_H_
#define OTPCORE_SRC_LEDGERS_H_

#include "otpcore/member.h"
#include "otpcore/policy.h"
#include "otpcore/time.h"

namespace otpcore {

bool IsLocked(const FailureLedger& ledger, Instant now);
// Until the lock ends; zero for a lock without end.
Duration LockRemaining(const FailureLedger& ledger, Instant now);

// Counts a failure at `now`. True when the Member is locked by it.
bool CountFailure(const Policy& policy, Instant now, FailureLedger* ledger);
void CountSuccess(FailureLedger* ledger);

// What a Member's own limits leave at `now`.
struct SendBudget {
  int left = 0;
  Instant next_at;  // earliest instant a send is allowed; `now` or before when one is allowed now
};
SendBudget SendBudgetOf(const Policy& policy, const TimeLedger<kSendTimesMax>& sends, Instant now);

// Pulls back stored instants that lie further ahead of `now` than any span of the policy could have
// put them: they were written under a clock that was wrong. True when something changed (T-02).
bool PullBackInstants(const Policy& policy, Instant now, MemberRecord* record);

}  // namespace otpcore

#endif  // OTPCORE_SRC_LEDGERS_H_
