// SPDX-License-Identifier: Apache-2.0
#include "commands/linking.h"
#include "commands/member_fields.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kCreateMember;

using Request = CreateMemberRequest;

Error CheckRequest(const Policy& policy, const Request& request, const MemberTexts& texts) {
  const Error organization =
      CheckRequiredId(policy, request.organization_id, "organization_id is required");
  if (organization.code() != ErrorCode::kOk) return organization;
  if (request.email_address.empty())
    return Error(ErrorCode::kBadRequest, "email_address is required");
  if (!request.member_id.empty()) {
    const ErrorCode code = CheckId(request.member_id, policy.environment);
    if (code != ErrorCode::kOk) return code;
  }
  if (!request.totp_registration_id.empty() && !IsValidId(request.totp_registration_id))
    return ErrorCode::kInvalidId;
  return CheckTexts(texts);
}

MemberRecord NewRecord(const CallContext& context, const Request& request, const MemberTexts& texts,
                       const Id& organization, Instant now) {
  MemberRecord record;
  record.organization_id = organization;
  // As with Organizations: made of the operation id, so that a repeated operation finds what it
  // made.
  record.member_id = request.member_id.empty()
                         ? Id(FormatId("member", context.config->policy().environment,
                                       UuidFromRandom(context.operation_id.bytes.data())))
                         : Id(request.member_id);
  record.email_address_verified = request.email_address_verified;
  if (request.create_member_as_pending) record.status = MemberStatus::kPending;
  if (request.invited) record.status = MemberStatus::kInvited;
  record.is_breakglass = request.is_breakglass;
  record.mfa_enrolled = request.mfa_enrolled;
  record.totp_registration_id = request.totp_registration_id;
  record.created_at = record.updated_at = now;
  SetTexts(texts, &record);
  return record;
}

// The number of the request, as a link by the host or an import.
NumberPlan PlanFor(const CallContext& context, const Request& request, const MemberRecord& record,
                   const Facts& facts) {
  NumberPlan plan;
  if (request.mfa_phone_number.empty()) return plan;
  if (record.status != MemberStatus::kActive) {
    plan.error = ErrorCode::kActionAvailableOnlyForActiveMembers;
    return plan;
  }
  const EnrollmentEvent event = request.mfa_phone_number_verified
                                    ? EnrollmentEvent::kImported
                                    : EnrollmentEvent::kLinkedByUpdate;
  return PlanNumber(context.config->policy(), {request.mfa_phone_number, event, true}, record,
                    facts);
}

// Answers a Member that exists under the id: made by this very operation, or somebody else.
Decision AnswerExisting(const CallContext& context, const Facts& facts,
                        OrganizationSnapshot organization, const MemberRecord& member) {
  Target target;
  target.organization = std::move(organization);
  target.member = member;
  target.earlier = member.mark;
  if (IsRepeated(context, target)) return AnswerRepeated(kKind, facts, std::move(target));
  return RefuseRequest(Error(ErrorCode::kBadRequest, "member_id is in use"));
}

}  // namespace

Decision CreateMember::Plan(const CallContext& context, const Request& request,
                            const Facts& facts) {
  const MemberTexts texts = {request.email_address, request.name, request.external_id,
                             request.mfa_phone_number, request.default_mfa_method};
  const Policy& policy = context.config->policy();
  if (const Error error = CheckRequest(policy, request, texts); error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  OrganizationSnapshot organization;
  if (auto instead = FindOrganization(request.organization_id, facts, &organization))
    return *std::move(instead);

  Target target;
  target.member =
      NewRecord(context, request, texts, organization->organization.organization_id, facts.now);
  const MemberRecord& record = target.member;
  const RecordKey key = MemberKey(record.organization_id, record.member_id);
  const LoadedRecord* const found = facts.Find(key);
  Names::Outcome names = NamesOf({}, record, facts).Settle();
  NumberPlan number = PlanFor(context, request, record, facts);
  if (found == nullptr) names.missing.push_back(key);
  if (number.missing) names.missing.push_back(*number.missing);
  if (!names.missing.empty())
    return LoadMore{std::move(names.missing), {}, !request.mfa_phone_number.empty(), number.parsed};
  if (const auto* const member = std::get_if<MemberRecord>(&found->record))
    return AnswerExisting(context, facts, std::move(organization), *member);
  if (number.error.code() != ErrorCode::kOk) return RefuseRequest(number.error);
  if (names.error.code() != ErrorCode::kOk) return RefuseRequest(names.error);

  target.organization = std::move(organization);
  target.events.organization_id = record.organization_id;
  target.events.member_id = record.member_id;
  target.AddEvent(EventKind::kCreated, facts.now);
  if (record.mfa_enrolled) target.AddEvent(EventKind::kEnrolled, facts.now);
  if (number.links) {
    if (!facts.has_entropy) return RefuseRequest(ErrorCode::kInternalServerError);
    LinkPlanned(number, PhoneIdFrom(facts), policy, facts.now, &target, &names.writes);
  }
  if (const Error error = CheckDefaultMethod(record); error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  Commit commit = StartCommit({context.operation_id, kKind, 0}, std::move(target), ErrorCode::kOk);
  for (Write& write : names.writes) commit.changes.writes.push_back(std::move(write));
  return commit;
}

Result<MemberResponse> CreateMember::Respond(const CallContext&, const Request&,
                                             const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}

}  // namespace otpcore
