// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/member_fields.h"
#include "commands/request_fields.h"
#include "model/ledgers.h"
#include "otpcore/commands/members.h"

namespace otpcore {
namespace {

// What is never a person's own (C-10).
bool AsksForHostsFields(const UpdateMemberRequest& request) {
  return request.is_breakglass || request.email_address_verified || !request.external_id.empty();
}

// What a person needs more than a primary factor for (C-10), also when it is as asked already.
bool AsksForMoreThanTheName(const UpdateMemberRequest& request) {
  return !request.email_address.empty() || request.mfa_enrolled ||
         !request.mfa_phone_number.empty() || !request.default_mfa_method.empty();
}

// Whether a person may ask for this. False: `*decision` loads more, or refuses.
bool MayAsk(const CallContext& context, const UpdateMemberRequest& request, const Facts& facts,
            const FoundMember& found, Decision* decision) {
  if (AsksForHostsFields(request)) {
    Refuse(context, found, facts, ErrorCode::kUnauthorizedAction, decision);
    return false;
  }
  return !AsksForMoreThanTheName(request) || MayChangeFactors(context, facts, found, decision);
}

// One event for each field that `changed` has otherwise.
void AddEvents(const MemberRecord& before, const FoundMember& changed, Instant now,
               Decision* decision) {
  const MemberRecord& after = changed.member;
  const auto add = [&](bool differs, EventKind kind) {
    if (differs) AddEvent(changed, kind, now, decision);
  };
  add(after.email_address != before.email_address ||
          after.email_address_verified != before.email_address_verified,
      EventKind::kEmailChanged);
  add(after.name != before.name, EventKind::kNameChanged);
  add(after.external_id != before.external_id, EventKind::kExternalIdChanged);
  add(after.is_breakglass != before.is_breakglass, EventKind::kBreakglassChanged);
  add(after.mfa_enrolled != before.mfa_enrolled,
      after.mfa_enrolled ? EventKind::kEnrolled : EventKind::kUnenrolled);
  add(after.default_mfa_method != before.default_mfa_method, EventKind::kDefaultMethodChanged);
}

// Everything but the number, with its events. `before`: the Member as it is.
void Apply(const UpdateMemberRequest& request, const MemberRecord& before, const Facts& facts,
           FoundMember* found, Decision* decision) {
  const Instant now = facts.now;
  MemberRecord& member = found->member;
  const std::string_view email = member.email_address;
  SetTexts(TextsOf(request), &member);
  if (member.email_address != email) {
    member.email_address_verified = false;
    // EM-20: another address, and its code went to the old one.
    if (!member.email.id.empty()) member.email.id = UuidFromRandom(facts.entropy.new_id.data());
    member.email.challenge = Challenge();
    member.email.purpose = member.email.superseded_purpose = EmailPurpose::kNone;
  }
  member.email_address_verified =
      request.email_address_verified.value_or(member.email_address_verified);
  member.is_breakglass = request.is_breakglass.value_or(member.is_breakglass);
  if (member.mfa_enrolled && !request.mfa_enrolled.value_or(true))
    ForgetAllDevices(now, found, decision);
  member.mfa_enrolled = request.mfa_enrolled.value_or(member.mfa_enrolled);
  member.updated_at = now;
  AddEvents(before, *found, now, decision);
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
  const AskedBy asked_by = !checked.session                     ? AskedBy::kHost
                           : facts.session->factors.HasSecond() ? AskedBy::kPersonWithFactor
                                                                : AskedBy::kWithoutFactor;
  return PlanNumber(context.config->policy(),
                    {checked.number, EnrollmentEvent::kLinkedByUpdate, asked_by}, member, facts,
                    plan, error, decision);
}

}  // namespace

Error UpdateMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  checked->request = &request;
  if (!request.mfa_phone_number.empty()) checked->number = NumberText(request.mfa_phone_number);
  const Error error = CheckTexts(TextsOf(request));
  if (!error.ok()) return error;
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void UpdateMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<11>(request, checked, tag);
}

void UpdateMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                        Decision* decision) {
  const UpdateMemberRequest& request = *checked.request;
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  const auto refuse = [&](Error error) { Refuse(context, found, facts, error, decision); };

  if (checked.session && !MayAsk(context, request, facts, found, decision)) return;
  NumberPlan number;
  Error number_error = ErrorCode::kOk;
  if (PlanRequestedNumber(context, checked, found.member, facts, &number, &number_error,
                          decision) == Planned::kLoads)
    return;
  if (!number_error.ok()) return refuse(number_error);
  const bool person_links = checked.session && number.links;
  if (person_links) {  // S-19
    const SendBudget budget = SendBudgetOf(context.config->policy(), found.member.sends, facts.now);
    if (budget.next_at > facts.now) {
      const Error error(ErrorCode::kTooManyRequests, budget.next_at - facts.now);
      AddEvent(found, EventKind::kRefusedByLimit, facts.now, error.code(), decision);
      return refuse(error);
    }
  }
  FoundMember changed = found;  // a refusal may be written too, and then changes nothing (C-06)
  const EventList events = decision->answer.events;
  const auto refuse_unchanged = [&](Error error) {
    decision->answer.events = events;
    refuse(error);
  };
  Apply(request, found.member, facts, &changed, decision);
  NameChanges names;
  if (!names.Find(KeysOf(found.member), KeysOf(changed.member), found.member.member_id, facts,
                  decision))
    return;
  if (!names.error().ok()) return refuse_unchanged(names.error());
  if (number.taken) {
    decision->answer.events = events;
    if (person_links) return RefuseTaken(context, facts, number.number, &found, decision);
    return refuse(ErrorCode::kDuplicateMemberPhoneNumber);
  }
  ClaimChange claims[2];
  if (number.links)
    LinkPlanned(number, facts, context.config->policy(), &changed, &claims, decision);
  if (!request.default_mfa_method.empty()) {
    if (const Error error = CheckDefaultMethod(changed.member); !error.ok())
      return refuse_unchanged(error);
  }
  if (decision->answer.events.size() == events.size())
    AddEvent(changed, EventKind::kUpdated, facts.now, decision);
  CommitMember(context, facts, &changed, ErrorCode::kOk, decision);
  names.Write(changed.member.member_id, decision);
  for (const ClaimChange& change : claims) WriteClaim(change, changed.member.member_id, decision);
}

}  // namespace otpcore
