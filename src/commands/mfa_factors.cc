// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/mfa_factors.h"

#include "commands/linking.h"

namespace otpcore {
namespace {

Commit CommitMember(const CallContext& context, CommandKind kind, Target target, Instant now) {
  target.member.updated_at = now;
  return StartCommit({context.operation_id, kind, 0}, std::move(target), ErrorCode::kOk);
}

}  // namespace

Decision DeleteMfaPhoneNumber::Plan(const CallContext& context, const Request& request,
                                    const Facts& facts) {
  constexpr CommandKind kKind = CommandKind::kDeleteMfaPhoneNumber;
  Target target;
  const MemberCall call = {kKind, request.organization_id, request.member_id, &request.session};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  const MemberRecord& member = target.member;
  if (LacksFactor(facts, member))
    return Refuse(context, std::move(target), ErrorCode::kInsufficientFactors);
  if (member.enrollment.state == EnrollmentState::kNone)
    return Refuse(context, std::move(target), ErrorCode::kMemberPhoneNumberNotFound);
  const RecordKey key = ClaimKey(member.organization_id, member.enrollment.phone_number);
  const LoadedRecord* const claim = facts.Find(key);
  if (claim == nullptr) return LoadMore{{key}, {}, false};

  const Id member_id = member.member_id;
  const ClaimEffect effect =
      Unlink(EnrollmentEvent::kPhoneDeleted, ErrorCode::kOk, facts.now, &target);
  Commit commit = CommitMember(context, kKind, std::move(target), facts.now);
  AddClaimWrite(effect, *claim, member_id, Instant(), &commit.changes.writes);
  return commit;
}

Decision SetTotpRegistration::Plan(const CallContext& context, const Request& request,
                                   const Facts& facts) {
  constexpr CommandKind kKind = CommandKind::kSetTotpRegistration;
  if (!request.totp_registration_id.empty() && !IsValidId(request.totp_registration_id))
    return RefuseRequest(ErrorCode::kInvalidId);
  Target target;
  const MemberCall call = {kKind, request.organization_id, request.member_id, &request.session};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  MemberRecord& member = target.member;
  if (LacksFactor(facts, member))
    return Refuse(context, std::move(target), ErrorCode::kInsufficientFactors);
  member.totp_registration_id = request.totp_registration_id;
  if (member.totp_registration_id.empty() && member.default_mfa_method == MfaMethod::kTotp)
    member.default_mfa_method = MfaMethod::kNone;
  return CommitMember(context, kKind, std::move(target), facts.now);
}

Decision UnlockMember::Plan(const CallContext& context, const Request& request,
                            const Facts& facts) {
  constexpr CommandKind kKind = CommandKind::kUnlockMember;
  Target target;
  const MemberCall call = {kKind, request.organization_id, request.member_id};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  target.member.failures = FailureLedger();
  target.AddEvent(EventKind::kUnlocked, facts.now);
  return CommitMember(context, kKind, std::move(target), facts.now);
}

Result<MemberResponse> DeleteMfaPhoneNumber::Respond(const CallContext&, const Request&,
                                                     const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}
Result<MemberResponse> SetTotpRegistration::Respond(const CallContext&, const Request&,
                                                    const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}
Result<MemberResponse> UnlockMember::Respond(const CallContext&, const Request&,
                                             const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}

}  // namespace otpcore
