// SPDX-License-Identifier: Apache-2.0
#include "commands/linking.h"
#include "commands/member_fields.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kUpdateMember;
constexpr size_t kIndexWritesMax = 4;  // what a store must be able to take beside one record

using Request = UpdateMemberRequest;

// What the request says about the number.
NumberPlan PlanFor(const CallContext& context, const Request& request, const MemberRecord& member,
                   const Facts& facts) {
  NumberPlan plan;
  if (request.mfa_phone_number.empty()) return plan;
  if (member.status != MemberStatus::kActive) {
    plan.error = ErrorCode::kActionAvailableOnlyForActiveMembers;
    return plan;
  }
  const bool may_add_factor = !facts.session || facts.session->HasMfaFactor();
  return PlanNumber(context.config->policy(),
                    {request.mfa_phone_number, EnrollmentEvent::kLinkedByUpdate, may_add_factor},
                    member, facts);
}

// What nobody does with a session that lacks the second factor (S-12).
bool WeakensMfa(const Request& request, const MemberRecord& member) {
  const bool unenrolls = member.mfa_enrolled && !request.mfa_enrolled.value_or(true);
  const bool breaks_glass = !member.is_breakglass && request.is_breakglass.value_or(false);
  return unenrolls || breaks_glass;
}

// Everything but the number.
void Apply(const Request& request, const MemberTexts& texts, Instant now, Target* target) {
  MemberRecord& member = target->member;
  const std::string email = member.email_address;
  SetTexts(texts, &member);
  if (member.email_address != email) member.email_address_verified = false;
  member.email_address_verified =
      request.email_address_verified.value_or(member.email_address_verified);
  member.is_breakglass = request.is_breakglass.value_or(member.is_breakglass);
  if (const bool enrolled = request.mfa_enrolled.value_or(member.mfa_enrolled);
      enrolled != member.mfa_enrolled) {
    member.mfa_enrolled = enrolled;
    target->AddEvent(enrolled ? EventKind::kEnrolled : EventKind::kUnenrolled, now);
  }
  member.updated_at = now;
}

}  // namespace

Decision UpdateMember::Plan(const CallContext& context, const Request& request,
                            const Facts& facts) {
  const MemberTexts texts = {request.email_address, request.name, request.external_id,
                             request.mfa_phone_number, request.default_mfa_method};
  if (const Error error = CheckTexts(texts); error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  Target target;
  const MemberCall call = {kKind, request.organization_id, request.member_id, &request.session,
                           !request.mfa_phone_number.empty()};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  const auto refuse = [&](Error error) { return Refuse(context, std::move(target), error); };

  if (LacksFactor(facts, target.member) && WeakensMfa(request, target.member))
    return refuse(ErrorCode::kInsufficientFactors);
  NumberPlan number = PlanFor(context, request, target.member, facts);
  if (number.missing) return LoadMore{{*number.missing}, {}, false, number.parsed};
  if (number.error.code() != ErrorCode::kOk) return refuse(number.error);
  Target changed = target;  // a refusal may be written too, and then changes nothing (C-06)
  Apply(request, texts, facts.now, &changed);
  Names::Outcome names = NamesOf(target.member, changed.member, facts).Settle();
  if (!names.missing.empty()) return LoadMore{std::move(names.missing), {}, false, number.parsed};
  if (names.error.code() != ErrorCode::kOk) return refuse(names.error);
  if (number.links) {
    if (!facts.has_entropy) return refuse(ErrorCode::kInternalServerError);
    LinkPlanned(number, PhoneIdFrom(facts), context.config->policy(), facts.now, &changed,
                &names.writes);
  }
  if (!request.default_mfa_method.empty()) {
    const Error error = CheckDefaultMethod(changed.member);
    if (error.code() != ErrorCode::kOk) return refuse(error);
  }
  if (names.writes.size() > kIndexWritesMax) {
    return refuse(Error(ErrorCode::kBadRequest,
                        "change email_address, external_id and mfa_phone_number one by one"));
  }
  Commit commit = StartCommit({context.operation_id, kKind, 0}, std::move(changed), ErrorCode::kOk);
  for (Write& write : names.writes) commit.changes.writes.push_back(std::move(write));
  return commit;
}

Result<MemberResponse> UpdateMember::Respond(const CallContext&, const Request&,
                                             const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}

}  // namespace otpcore
