// SPDX-License-Identifier: Apache-2.0
#include "commands/linking.h"
#include "commands/member_fields.h"
#include "commands/request_fields.h"
#include "otpcore/commands/members.h"

namespace otpcore {
namespace {

// A repeated operation finds the Member that it made: the id is made of the operation's.
EntityId NewMemberId(const CallContext& context, const Facts& facts) {
  const Environment environment = context.config->policy().environment;
  const uint8_t* const random =
      context.repeatable() ? context.operation_id.bytes.data() : facts.entropy.new_id.data();
  return EntityId::Member(environment, UuidFromRandom(random));
}

void FillRecord(const CreateMemberRequest& request, const EntityId& organization,
                const EntityId& id, Instant now, MemberRecord* record) {
  record->organization_id = organization;
  record->member_id = id;
  record->email_address_verified = request.email_address_verified;
  if (request.create_member_as_pending) record->status = MemberStatus::kPending;
  if (request.invited) record->status = MemberStatus::kInvited;
  record->is_breakglass = request.is_breakglass;
  record->mfa_enrolled = request.mfa_enrolled;
  record->hosts_totp_id = request.totp_registration_id;
  record->created_at = record->updated_at = now;
  SetTexts(TextsOf(request), record);
}

// Answers a Member that exists under the id: made by this very operation, or another one.
void AnswerExisting(const CallContext& context, const Facts& facts, FoundMember* found,
                    Decision* decision) {
  if (!Unpack(found->loaded->key, found->loaded->bytes, &found->member))
    return Refuse(Error(ErrorCode::kInternalServerError, "a record cannot be read"), decision);
  found->earlier = found->member.mark;
  if (IsRepeated(context, found->earlier)) {
    AnswerRepeated(context, facts, *found, decision);
    return;
  }
  Refuse(Error(ErrorCode::kBadRequest, "member_id is in use"), decision);
}

}  // namespace

Error CreateMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  checked->request = &request;
  Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  if (!error.ok()) return error;
  if (request.email_address.empty())
    return Error(ErrorCode::kBadRequest, "email_address is required");
  if (!request.member_id.empty())
    error = CheckId(context, request.member_id, "", &checked->member_id);
  if (!error.ok()) return error;
  if (!request.totp_registration_id.empty() && !IsValidId(request.totp_registration_id))
    return ErrorCode::kInvalidId;
  if (!request.mfa_phone_number.empty()) checked->number = NumberText(request.mfa_phone_number);
  return CheckTexts(TextsOf(request));
}

void CreateMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<14>(request, checked.organization, tag);
}

void CreateMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                        Decision* decision) {
  const Policy& policy = context.config->policy();
  const CreateMemberRequest& request = *checked.request;
  FoundMember found;
  if (!FindOrganization(checked.organization, facts, false, &found.organization, decision)) return;
  MemberRecord& record = found.member;
  FillRecord(request, found.organization.organization.organization_id,
             checked.member_id.empty() ? NewMemberId(context, facts) : checked.member_id, facts.now,
             &record);
  const RecordKey key = RecordKey::Member(record.organization_id, record.member_id);
  found.loaded = facts.Find(key);
  if (found.loaded == nullptr) decision->Load(key);

  NumberPlan number;
  Error number_error = ErrorCode::kOk;
  if (!checked.number.empty() && record.status != MemberStatus::kActive) {
    number_error = ErrorCode::kActionAvailableOnlyForActiveMembers;
  } else if (!checked.number.empty()) {
    const EnrollmentEvent link = request.mfa_phone_number_verified
                                     ? EnrollmentEvent::kImported
                                     : EnrollmentEvent::kLinkedByUpdate;
    PlanNumber(policy, {checked.number, link, AskedBy::kHost}, record, facts, &number,
               &number_error, decision);
  }
  NameChanges names;
  if (!names.Find(NameList(), KeysOf(record), record.member_id, facts, decision) ||
      !decision->answer.error.ok())
    return;
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is not loaded yet was waited for
  if (found.loaded->revision != 0) return AnswerExisting(context, facts, &found, decision);
  if (!number_error.ok()) return Refuse(number_error, decision);
  // Of several names that are taken the number answers last (M-06).
  if (!names.error().ok()) return Refuse(names.error(), decision);
  if (number.taken) return Refuse(ErrorCode::kDuplicateMemberPhoneNumber, decision);

  decision->answer.events.organization_id = record.organization_id;
  decision->answer.events.member_id = record.member_id;
  AddEvent(found, EventKind::kCreated, facts.now, decision);
  if (record.mfa_enrolled) AddEvent(found, EventKind::kEnrolled, facts.now, decision);
  if (!record.hosts_totp_id.empty()) AddEvent(found, EventKind::kTotpSet, facts.now, decision);
  ClaimChange claims[2];
  if (number.links) LinkPlanned(number, facts, policy, &found, &claims, decision);
  if (const Error error = CheckDefaultMethod(record); !error.ok()) {
    decision->answer.events.clear();
    return Refuse(error, decision);
  }
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
  names.Write(record.member_id, decision);
  for (const ClaimChange& change : claims) WriteClaim(change, record.member_id, decision);
}

}  // namespace otpcore
