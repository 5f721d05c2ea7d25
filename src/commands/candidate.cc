// SPDX-License-Identifier: Apache-2.0
#include "commands/candidate.h"

namespace otpcore {

CandidateState StateOf(const PhoneCandidate& candidate) {
  if (candidate.phone.state == EnrollmentState::kNone) return CandidateState::kNone;
  return candidate.challenge.state == ChallengeState::kLive ? CandidateState::kOpen
                                                            : CandidateState::kOver;
}

bool ShareClaim(const E164& a, const E164& b) { return HandsetKey(a) == HandsetKey(b); }

bool FindCandidateClaim(const Facts& facts, const MemberRecord& member, LoadedClaim* claim,
                        Decision* decision) {
  const E164& number = member.candidate.phone.number;
  if (number.empty() || ShareClaim(number, member.phone.number)) return true;
  return FindClaim(facts, member.organization_id, number, claim, decision);
}

ClaimEffect DropCandidate(CandidateEvent event, ErrorCode reason, Instant now, FoundMember* found,
                          Decision* decision) {
  PhoneCandidate& candidate = found->member.candidate;
  const CandidateTransition transition = NextCandidate(StateOf(candidate), event);
  if (candidate.phone.state == EnrollmentState::kNone) return transition.claim;
  AddEvent(candidate.phone, EventKind::kPhoneChangeDropped, now, reason, decision);
  candidate = PhoneCandidate();
  return transition.claim;
}

}  // namespace otpcore
