// SPDX-License-Identifier: Apache-2.0
// A Member's candidate, the number that is to replace the verified one: what the commands of a
// change of phone share with those that take the verified number away (rule E-04).
#ifndef OTPCORE_SRC_COMMANDS_CANDIDATE_H_
#define OTPCORE_SRC_COMMANDS_CANDIDATE_H_

#include "commands/find_member.h"
#include "commands/linking.h"
#include "otpcore/rules/candidate_machine.h"

namespace otpcore {

CandidateState StateOf(const PhoneCandidate& candidate);

// Whether the two are forms of one handset's number, which has one claim (N-08).
bool ShareClaim(const E164& a, const E164& b);

// Fills `*claim` with the claim that goes when the candidate goes: that of its number, unless the
// verified number has the same one. Leaves it as it is when there is none. False: `*decision` loads
// it, or answers that it cannot be read.
bool FindCandidateClaim(const Facts& facts, const MemberRecord& member, LoadedClaim* claim,
                        Decision* decision);

// Takes the candidate away by `event`, with an event if there was one. Returns what must happen to
// the claim that FindCandidateClaim found.
ClaimEffect DropCandidate(CandidateEvent event, ErrorCode reason, Instant now, FoundMember* found,
                          Decision* decision);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_CANDIDATE_H_
