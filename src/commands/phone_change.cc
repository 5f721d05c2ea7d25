// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/phone_change.h"

#include "commands/candidate.h"
#include "commands/devices.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"
#include "factors/challenge.h"

namespace otpcore {
namespace {

constexpr FactorKind kFactor = FactorKind::kSmsPasscode;

// ---- Start ----

// The number that is to be the candidate.
struct CandidatePlan {
  PhoneNumber number;
  LoadedClaim claim;         // of the number
  LoadedClaim former_claim;  // that goes with the candidate that is replaced
  bool replaces = false;     // a candidate with another number
};

// The text of a number that is stored is not parsed again (S-03, N-04).
Error ReadCandidate(const Policy& policy, const NumberText& text, const MemberRecord& member,
                    Instant now, PhoneNumber* number) {
  const PhoneFactor& named = member.candidate.phone;
  number->e164 = member.phone.number;
  if (text.text() == member.phone.number) return ErrorCode::kOk;
  if (text.text() == named.number && !named.region.empty()) {
    *number = {named.number, named.region, static_cast<PhoneNumberType>(named.type)};
    return ErrorCode::kOk;
  }
  return ReadNumber(policy, EnrollmentEvent::kChanged, text, now, number);
}

// From N-03 to the country, and the claims.
Planned PlanCandidate(const Policy& policy, const NumberText& text, const MemberRecord& member,
                      const Facts& facts, CandidatePlan* plan, Error* error, Decision* decision) {
  *error = ReadCandidate(policy, text, member, facts.now, &plan->number);
  const E164& number = plan->number.e164;
  if (error->ok() && number == member.phone.number)
    *error =
        Error(ErrorCode::kDuplicateMemberPhoneNumberForMember, "it is the Member's number already");
  if (error->ok()) *error = CheckCountry(policy, plan->number, facts.now);
  if (!error->ok()) return Planned::kRefused;
  const E164& former = member.candidate.phone.number;
  plan->replaces = !former.empty() && former != number;
  const bool found = FindClaim(facts, member.organization_id, number, &plan->claim, decision);
  const bool keeps_claim = !plan->replaces || ShareClaim(former, number);
  if (!found || (!keeps_claim && !FindCandidateClaim(facts, member, &plan->former_claim, decision)))
    return Planned::kLoads;
  return Planned::kPlanned;
}

// Makes the number the candidate, with its events. `*changes` gets what happens to its claim, and
// to that of a candidate which it replaces.
void NameCandidate(const CandidatePlan& plan, bool by_host, const Facts& facts,
                   const Policy& policy, FoundMember* found, ClaimChange (*changes)[2],
                   Decision* decision) {
  MemberRecord& member = found->member;
  PhoneFactor& phone = member.candidate.phone;
  CandidateTransition transition = NextCandidate(StateOf(member.candidate), CandidateEvent::kNamed);
  if (plan.replaces) {
    transition = NextCandidate(StateOf(member.candidate), CandidateEvent::kReplaced);
    AddEvent(phone, EventKind::kPhoneChangeDropped, facts.now, ErrorCode::kOk, decision);
    member.candidate = PhoneCandidate();
    (*changes)[1] = {ClaimEffect::kRelease, &plan.former_claim, {}};
  }
  if (phone.state == EnrollmentState::kNone)
    phone.id = UuidFromRandom(facts.entropy.phone_id.data());
  phone.state = EnrollmentState::kPending;
  phone.number = plan.number.e164;
  phone.region = plan.number.region;
  phone.type = static_cast<uint8_t>(plan.number.type);
  phone.linked_by_host = by_host;
  AddEvent(phone, EventKind::kPhoneChangeStarted, facts.now, ErrorCode::kOk, decision);
  // The verified number's own claim is permanent already (N-08).
  if (ShareClaim(phone.number, member.phone.number)) return;
  const Instant lease_end = TakeLease(policy, facts.now, &member);
  const bool holds = plan.claim.held && plan.claim.claim.member_id == member.member_id;
  if (lease_end != Instant() || !holds) (*changes)[0] = {transition.claim, &plan.claim, lease_end};
}

// ---- Finish ----

// The claims of the verified number and of the candidate.
struct ChangedClaims {
  LoadedClaim old_number;
  LoadedClaim candidate;
};

void AddEvent(const PhoneCandidate& candidate, EventKind kind, Instant now, ErrorCode reason,
              Decision* decision) {
  decision->answer.events.Add(EventOf(candidate.phone, candidate.challenge.id, kind, now, reason));
}

// Tells what the code is. The claims are loaded before it is looked at, so that the load tells
// nothing about it. False: `*decision` loads more, or refuses.
bool JudgeCode(const CallContext& context, const Passcode& code, const MemberRecord& member,
               const Facts& facts, ChangedClaims* claims, Verdict* verdict, Decision* decision) {
  const PhoneCandidate& candidate = member.candidate;
  if (!NextEnrollment(member.phone.state, EnrollmentEvent::kChanged).allowed) return true;
  const ChallengeScope scope = ScopeOf(context, facts, kFactor, member, candidate.phone.number);
  if (const auto why_not = WhyNotCompared(scope, candidate.challenge, code.size())) {
    *verdict = *why_not;
    return true;
  }
  const EntityId& organization = member.organization_id;
  FindClaim(facts, organization, member.phone.number, &claims->old_number, decision);
  FindClaim(facts, organization, candidate.phone.number, &claims->candidate, decision);
  if (decision->kind == Decision::Kind::kLoad || !decision->answer.error.ok()) return false;
  *verdict = CompareCode(scope, candidate.challenge, code);
  return true;
}

// The candidate's passcode is dead from now on.
void End(ChallengeState state, ErrorCode reason, Instant now, PhoneCandidate* candidate,
         Decision* decision) {
  candidate->challenge.state = state;
  AddEvent(*candidate, EventKind::kChallengeDead, now, reason, decision);
}

// The two numbers change places.
void Change(const CallContext& context, const Facts& facts, const ChangedClaims& claims,
            FoundMember* found, Decision* decision) {
  MemberRecord& member = found->member;
  const Transition transition = NextEnrollment(member.phone.state, EnrollmentEvent::kChanged);
  const bool shares_claim = ShareClaim(member.phone.number, member.candidate.phone.number);
  AddEvent(*found, EventKind::kNumberUnlinked, facts.now, decision);
  AddEvent(member.candidate, EventKind::kNumberVerified, facts.now, ErrorCode::kOk, decision);
  AddEvent(member.candidate, EventKind::kPhoneChanged, facts.now, ErrorCode::kOk, decision);
  member.phone = member.candidate.phone;
  member.phone.state = transition.next;
  if (transition.drops_challenge) member.challenge = Challenge();
  member.candidate = PhoneCandidate();
  member.updated_at = facts.now;
  ForgetAllDevices(facts.now, found, decision);
  ClearFailures(context, facts, &member);
  CommitMember(context, facts, found, ErrorCode::kOk, decision);
  WriteClaim({transition.claim, &claims.candidate, {}}, member.member_id, decision);
  if (!shares_claim)
    WriteClaim({ClaimEffect::kRelease, &claims.old_number, {}}, member.member_id, decision);
}

// The right code.
void TakeRightCode(const CallContext& context, const Facts& facts, const ChangedClaims& claims,
                   FoundMember* found, Decision* decision) {
  PhoneCandidate& candidate = found->member.candidate;
  if (!claims.candidate.ProvedByAnother(found->member.member_id))
    return Change(context, facts, claims, found, decision);
  const ErrorCode error = ErrorCode::kDuplicateMemberPhoneNumber;
  End(ChallengeState::kUsed, error, facts.now, &candidate, decision);
  CommitMember(context, facts, found, error, decision);
}

void TakeWrongCode(const CallContext& context, const Facts& facts, FoundMember* found,
                   Decision* decision) {
  const FactorTraits& traits = TraitsOf(kFactor);
  const Policy& policy = context.config->policy();
  PhoneCandidate& candidate = found->member.candidate;
  AddEvent(candidate, EventKind::kFailure, facts.now, traits.errors.wrong, decision);
  ++candidate.challenge.failures;
  const int tries_left = TriesLeft(policy, candidate.challenge);
  if (tries_left == 0)
    End(ChallengeState::kExhausted, traits.errors.dead, facts.now, &candidate, decision);
  CountFailedCode(context, facts, traits, 1, found, decision);
  decision->answer.hints.tries_left = tries_left;
}

}  // namespace

Error StartPhoneChange::Check(const CallContext& context, const Request& request,
                              Checked* checked) {
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
  if (!error.ok()) return error;
  if (request.mfa_phone_number.empty())
    return Error(ErrorCode::kBadRequest, "mfa_phone_number is required");
  if (!IsE164Shaped(request.mfa_phone_number)) return ErrorCode::kInvalidPhoneNumber;
  checked->number = NumberText(request.mfa_phone_number);
  if (!request.locale.empty() && !ParseLocale(request.locale, &checked->locale))
    return ErrorCode::kInvalidLocale;
  if (!IsOfPhone(request.channel)) return Error(ErrorCode::kBadRequest, kNoChannelOfPhone);
  checked->channel = request.channel;
  return ErrorCode::kOk;
}

void StartPhoneChange::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<6>(request, checked, tag);
}

void StartPhoneChange::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                            Decision* decision) {
  const Policy& policy = context.config->policy();
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {false, checked.number.text()}, &found,
                            decision))
    return;
  const MemberRecord& member = found.member;
  Error error = CheckStatusAndMethod(found, TraitsOf(kFactor));
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  if (!MayAnswer(context, facts, false, found, decision)) return;  // locked
  if (member.phone.state != EnrollmentState::kVerified)
    error = Error(ErrorCode::kMemberPhoneNumberNotFound, "no number is verified; link one");
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  if (!MayChangeFactors(context, facts, found, decision)) return;

  CandidatePlan plan;
  const Planned planned =
      PlanCandidate(policy, checked.number, member, facts, &plan, &error, decision);
  if (planned == Planned::kLoads) return;
  if (planned == Planned::kRefused) return Refuse(context, found, facts, error, decision);
  const Sending sending = {kFactor,
                           checked.channel,
                           checked.locale,
                           plan.number,
                           FindSandbox(policy, plan.number.e164.view(), facts.now),
                           {},
                           true};
  SendCode send(context, sending, facts, &found, decision);
  if (!send.WithinLimits()) return;
  if (IsTaken(policy, plan.claim, member.member_id, true, facts.now))
    return RefuseTaken(context, facts, plan.number, &found, decision);
  if (!send.Admitted()) return;

  ClaimChange claims[2];
  NameCandidate(plan, !checked.session, facts, policy, &found, &claims, decision);
  send.Issue(false);
  for (const ClaimChange& change : claims) WriteClaim(change, member.member_id, decision);
}

Error StartPhoneChange::Respond(const CallContext&, const Checked&, const Conclusion& conclusion,
                                Response*) {
  if (!conclusion.answer().error.ok()) return conclusion.answer().error;
  return conclusion.delivery ? Error(DeliveryError(*conclusion.delivery)) : ErrorCode::kOk;
}

std::unique_ptr<Command> StartPhoneChange::AfterDelivery(const CallContext& context,
                                                         const Decision& decision,
                                                         const Delivery& delivery) {
  return ReportOf(context, decision, delivery);
}

Error FinishPhoneChange::Check(const CallContext& context, const Request& request,
                               Checked* checked) {
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
  if (!error.ok()) return error;
  if (!request.code) return Error(ErrorCode::kBadRequest, "code is required");
  Result<Passcode> code = ReadTypedCode(*request.code);
  if (!code) return code.error();
  checked->code = *std::move(code);
  return ErrorCode::kOk;
}

void FinishPhoneChange::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<4>(request, checked, tag);
}

void FinishPhoneChange::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                             Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  const FactorTraits& traits = TraitsOf(kFactor);
  decision->answer.events.factor = traits.kind;
  const Error error = CheckStatusAndMethod(found, traits);
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  if (!MayChangeFactors(context, facts, found, decision) ||
      !MayAnswer(context, facts, false, found, decision))
    return;
  ChangedClaims claims;
  Verdict verdict = Verdict::kNone;
  if (!JudgeCode(context, checked.code, found.member, facts, &claims, &verdict, decision)) return;
  switch (verdict) {
    case Verdict::kMatch: return TakeRightCode(context, facts, claims, &found, decision);
    case Verdict::kWrong: return TakeWrongCode(context, facts, &found, decision);
    case Verdict::kExpired:
      End(ChallengeState::kExpired, traits.errors.dead, facts.now, &found.member.candidate,
          decision);
      return CommitMember(context, facts, &found, traits.errors.dead, decision);
    default: return Refuse(context, found, facts, VerdictError(verdict, traits), decision);
  }
}

}  // namespace otpcore
