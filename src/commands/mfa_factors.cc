// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/mfa_factors.h"

#include "commands/candidate.h"
#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/request_fields.h"
#include "otpcore/rules/registration_machine.h"

namespace otpcore {
namespace {

void CommitAt(const CallContext& context, const Facts& facts, FoundMember* found,
              Decision* decision) {
  found->member.updated_at = facts.now;
  CommitMember(context, facts, found, ErrorCode::kOk, decision);
}

}  // namespace

Error DeleteMfaPhoneNumber::Check(const CallContext& context, const Request& request,
                                  Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void DeleteMfaPhoneNumber::AddFields(const Request& request, const Checked& checked,
                                     RequestTag* tag) {
  AddAll<3>(request, checked, tag);
}

void DeleteMfaPhoneNumber::Plan(const CallContext& context, const Checked& checked,
                                const Facts& facts, Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  if (!MayChangeFactors(context, facts, found, decision)) return;
  if (member.phone.state == EnrollmentState::kNone)
    return Refuse(context, found, facts, ErrorCode::kMemberPhoneNumberNotFound, decision);
  LoadedClaim claim;
  LoadedClaim candidate_claim;
  const bool found_claim =
      FindClaim(facts, member.organization_id, member.phone.number, &claim, decision);
  if (!FindCandidateClaim(facts, member, &candidate_claim, decision) || !found_claim) return;
  const ClaimEffect candidate_effect =
      DropCandidate(CandidateEvent::kPhoneDeleted, ErrorCode::kOk, facts.now, &found, decision);
  const ClaimEffect effect =
      Unlink(EnrollmentEvent::kPhoneDeleted, ErrorCode::kOk, facts.now, &found, decision);
  CommitAt(context, facts, &found, decision);
  WriteClaim({effect, &claim, {}}, member.member_id, decision);
  WriteClaim({candidate_effect, &candidate_claim, {}}, member.member_id, decision);
}

Error SetTotpRegistration::Check(const CallContext& context, const Request& request,
                                 Checked* checked) {
  if (!request.totp_registration_id.empty() && !IsValidId(request.totp_registration_id))
    return ErrorCode::kInvalidId;
  checked->totp_registration_id = request.totp_registration_id;
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void SetTotpRegistration::AddFields(const Request& request, const Checked& checked,
                                    RequestTag* tag) {
  AddAll<4>(request, checked, tag);
}

void SetTotpRegistration::Plan(const CallContext& context, const Checked& checked,
                               const Facts& facts, Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  if (!MayChangeFactors(context, facts, found, decision)) return;
  // One that the library keeps goes with DeleteTotp only.
  const RegistrationTransition transition =
      NextRegistration(member.registration_state(), RegistrationEvent::kExternalSet);
  if (transition.answer != ErrorCode::kOk)
    return Refuse(context, found, facts, transition.answer, decision);
  ForgetAllDevices(facts.now, &found, decision);
  if (!checked.totp_registration_id.empty()) {
    member.totp = TotpFactor();
    member.recovery = RecoveryFactor();
    member.hosts_totp_id = checked.totp_registration_id;
    AddEvent(found, EventKind::kTotpSet, facts.now, decision);
  } else if (member.registration_state() == RegistrationState::kExternal) {
    AddEvent(found, EventKind::kTotpCleared, facts.now, decision);
    EraseTotp(facts.now, &found, decision);
  } else {
    AddEvent(found, EventKind::kUpdated, facts.now, decision);
  }
  CommitAt(context, facts, &found, decision);
}

Error UnlockMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
}

void UnlockMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<2>(request, checked, tag);
}

void UnlockMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                        Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  found.member.failures = FailureLedger();
  found.member.sends = SendLedger();  // or the stranger who used them up still keeps the owner out
  found.member.email.failures = FailureLedger();
  found.member.email.sends = SendLedger();
  AddEvent(found, EventKind::kUnlocked, facts.now, decision);
  ForgetAllDevices(facts.now, &found, decision);
  CommitAt(context, facts, &found, decision);
}

Error ForgetDevices::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
}

void ForgetDevices::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<2>(request, checked, tag);
}

void ForgetDevices::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                         Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  found.member.devices.clear();
  AddEvent(found, EventKind::kDeviceForgotten, facts.now, decision);
  CommitAt(context, facts, &found, decision);
}

}  // namespace otpcore
