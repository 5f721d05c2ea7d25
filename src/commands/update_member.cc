// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/member_fields.h"
#include "commands/request_fields.h"
#include "otpcore/commands/members.h"

namespace otpcore {
namespace {

// What no session without the second factor does (S-12).
bool WeakensMfa(const UpdateMemberRequest& request, const MemberRecord& member) {
  const bool unenrolls = member.mfa_enrolled && !request.mfa_enrolled.value_or(true);
  const bool breaks_glass = !member.is_breakglass && request.is_breakglass.value_or(false);
  return unenrolls || breaks_glass;
}

// Everything but the number.
void Apply(const UpdateMemberRequest& request, Instant now, FoundMember* found,
           Decision* decision) {
  MemberRecord& member = found->member;
  const std::string_view email = member.email_address;
  SetTexts(TextsOf(request), &member);
  if (member.email_address != email) member.email_address_verified = false;
  member.email_address_verified =
      request.email_address_verified.value_or(member.email_address_verified);
  member.is_breakglass = request.is_breakglass.value_or(member.is_breakglass);
  if (const bool enrolled = request.mfa_enrolled.value_or(member.mfa_enrolled);
      enrolled != member.mfa_enrolled) {
    member.mfa_enrolled = enrolled;
    if (!enrolled) ForgetAllDevices(now, found, decision);
    AddEvent(*found, enrolled ? EventKind::kEnrolled : EventKind::kUnenrolled, now, decision);
  }
  member.updated_at = now;
}

// What the request says about the number.
Planned PlanRequestedNumber(const CallContext& context, const UpdateMember::Checked& checked,
                            const MemberRecord& member, const Facts& facts, NumberPlan* plan,
                            Error* error, Decision* decision) {
  if (checked.number.empty()) return Planned::kPlanned;
  if (member.status != MemberStatus::kActive) {
    *error = ErrorCode::kActionAvailableOnlyForActiveMembers;
    return Planned::kRefused;
  }
  const bool may_add_factor = !facts.session || facts.session->factors.HasSecond();
  return PlanNumber(context.config->policy(),
                    {checked.number, EnrollmentEvent::kLinkedByUpdate, may_add_factor}, member,
                    facts, plan, error, decision);
}

size_t ClaimWrites(const NumberPlan& plan) {
  return !plan.links ? 0 : plan.links == EnrollmentEvent::kReplaced ? 2 : 1;
}

}  // namespace

Error UpdateMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  checked->request = &request;
  if (!request.mfa_phone_number.empty()) checked->number = NumberText(request.mfa_phone_number);
  const Error error = CheckTexts(TextsOf(request));
  if (!error.ok()) return error;
  return CheckMember(context, request.organization_id, request.member_id, &request.session,
                     checked);
}

void UpdateMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<11>(request, checked, tag);
}

void UpdateMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                        Decision* decision) {
  constexpr size_t kIndexWritesMax = Writes::kMax - 2;  // a store need not take more
  const UpdateMemberRequest& request = *checked.request;
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  const auto refuse = [&](Error error) { Refuse(context, found, facts, error, decision); };

  if (LacksFactor(facts, found.member) && WeakensMfa(request, found.member))
    return refuse(ErrorCode::kInsufficientFactors);
  NumberPlan number;
  Error number_error = ErrorCode::kOk;
  if (PlanRequestedNumber(context, checked, found.member, facts, &number, &number_error,
                          decision) == Planned::kLoads)
    return;
  if (!number_error.ok()) return refuse(number_error);
  FoundMember changed = found;  // a refusal may be written too, and then changes nothing (C-06)
  const EventList events = decision->answer.events;
  const auto refuse_unchanged = [&](Error error) {
    decision->answer.events = events;
    refuse(error);
  };
  Apply(request, facts.now, &changed, decision);
  NameChanges names;
  if (!names.Find(KeysOf(found.member), KeysOf(changed.member), found.member.member_id, facts,
                  decision))
    return;
  if (!names.error().ok()) return refuse_unchanged(names.error());
  if (number.taken) return refuse_unchanged(ErrorCode::kDuplicateMemberPhoneNumber);
  ClaimChange claims[2];
  if (number.links)
    LinkPlanned(number, facts, context.config->policy(), &changed, &claims, decision);
  if (!request.default_mfa_method.empty()) {
    if (const Error error = CheckDefaultMethod(changed.member); !error.ok())
      return refuse_unchanged(error);
  }
  if (names.size() + ClaimWrites(number) > kIndexWritesMax) {
    return refuse_unchanged(
        Error(ErrorCode::kBadRequest,
              "change email_address, external_id and mfa_phone_number one by one"));
  }
  CommitMember(context, facts, &changed, ErrorCode::kOk, decision);
  names.Write(changed.member.member_id, decision);
  for (const ClaimChange& change : claims) WriteClaim(change, changed.member.member_id, decision);
}

}  // namespace otpcore
