// SPDX-License-Identifier: Apache-2.0
// Get and rotate; use_recovery_code.cc has the third.
#include "otpcore/commands/recovery_codes.h"

#include "commands/linking.h"
#include "commands/registration.h"
#include "commands/request_fields.h"
#include "otpcore/rules/registration_machine.h"

namespace otpcore {
namespace {

// Status, method and S-12. A lock stops neither command (RC-13).
bool MayHandleCodes(const CallContext& context, const Facts& facts, const FoundMember& found,
                    Decision* decision) {
  const Error error = CheckStatusAndMethod(found, TraitsOf(FactorKind::kRecoveryCode));
  if (error.ok()) return MayChangeFactors(context, facts, found, decision);
  Refuse(context, found, facts, error, decision);
  return false;
}

Error CheckReadable(const CallContext& context, const RecoveryFactor& recovery) {
  if (recovery.empty()) return ErrorCode::kRecoveryCodesNotFound;
  if (!context.config->policy().recovery_codes_readable || recovery.sealed_codes.empty())
    return ErrorCode::kUnauthorizedAction;
  return ErrorCode::kOk;
}

}  // namespace

Error GetRecoveryCodes::Check(const CallContext& context, const Request& request,
                              Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void GetRecoveryCodes::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                            Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  if (!MayHandleCodes(context, facts, found, decision)) return;
  const MemberRecord& member = found.member;
  Error error = NextRegistration(member.registration_state(), RegistrationEvent::kRecovered).answer;
  if (error.ok()) error = CheckReadable(context, member.recovery);
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  const Result<RecoveryCodes> codes = ReadableCodes(context, member);
  if (codes) return ShowMember(found, decision);
  AddEvent(found, EventKind::kKeyMissing, facts.now, codes.error().code(), decision);
  Refuse(context, found, facts, codes.error(), decision);
}

// Reads them again: no secret outlives its plan.
Error GetRecoveryCodes::Respond(const CallContext& context, const Checked&,
                                const Conclusion& conclusion, Response* response) {
  MemberRecord member;
  const Error error = ReadAnswer(conclusion, &member);
  if (!error.ok()) return error;
  Result<RecoveryCodes> codes = ReadableCodes(context, member);
  if (!codes) return codes.error();
  response->recovery_codes = *std::move(codes);
  return ErrorCode::kOk;
}

Error RotateRecoveryCodes::Check(const CallContext& context, const Request& request,
                                 Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void RotateRecoveryCodes::AddFields(const Request& request, const Checked& checked,
                                    RequestTag* tag) {
  AddAll<3>(request, checked, tag);
}

void RotateRecoveryCodes::Plan(const CallContext& context, const Checked& checked,
                               const Facts& facts, Decision* decision) {
  FoundMember found;
  if (!FindMember(context, checked, facts, {true, {}}, &found, decision)) return;
  MemberRecord& member = found.member;
  if (IsRepeated(context, found.earlier)) {
    const Error error = CheckRepeated(context, found.earlier, facts.now);
    if (!error.ok()) return RefuseRepeated(error, decision);
    // A set that cannot be read again is drawn anew (RC-15).
    if (!member.recovery.sealed_codes.empty() || found.earlier.answer != 0)
      return AnswerRepeated(context, checked, facts, found, decision);
  }
  if (!MayProceed(context, checked, facts, {}, found, decision) ||
      !MayHandleCodes(context, facts, found, decision))
    return;
  const Policy& policy = context.config->policy();
  Error error = NextRegistration(member.registration_state(), RegistrationEvent::kRotated).answer;
  if (member.totp.state == RegistrationState::kPending && HasEnded(member.totp, facts.now)) {
    ExpireRegistration(facts.now, &found, decision);
    return CommitMember(context, facts, &found, error, decision);
  }
  if (error.ok()) error = CheckMeans(context, facts);
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  const RecoveryFactor before = member.recovery;
  RegistrationBytes bytes;
  error =
      SetRecoveryCodes(context, facts, nullptr, policy.recovery_codes_readable, &member, &bytes);
  if (!error.ok()) {
    member.recovery = before;
    return Refuse(context, found, facts, error, decision);
  }
  AddCodesEvent(EventKind::kRecoveryCodesRotated, member, facts.now, false, decision);
  member.updated_at = facts.now;
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

Error RotateRecoveryCodes::Respond(const CallContext& context, const Checked&,
                                   const Conclusion& conclusion, Response* response) {
  MemberRecord member;
  const Error error = ReadAnswer(conclusion, &member);
  if (!error.ok()) return error;
  return ShowNewCodes(context, conclusion, member, &response->recovery_codes);
}

}  // namespace otpcore
