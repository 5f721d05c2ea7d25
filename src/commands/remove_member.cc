// SPDX-License-Identifier: Apache-2.0
// Get, and the ways a Member goes and comes back: delete, reactivate, purge.
#include "commands/candidate.h"
#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/member_fields.h"
#include "commands/request_fields.h"
#include "otpcore/commands/members.h"

namespace otpcore {
namespace {

// M-04, M-09: takes number and registration away, and with them what the Member's MFA was.
ClaimEffect StripMfa(Instant now, FoundMember* found, Decision* decision) {
  MemberRecord& member = found->member;
  ClaimEffect effect = ClaimEffect::kKeep;
  if (member.phone.state != EnrollmentState::kNone)
    effect = Unlink(EnrollmentEvent::kMemberDeleted, ErrorCode::kOk, now, found, decision);
  member.challenge = Challenge();
  member.email.challenge = Challenge();  // both ledgers stay (M-09)
  member.email.purpose = member.email.superseded_purpose = EmailPurpose::kNone;
  ForgetAllDevices(now, found, decision);
  const RegistrationState registration = member.registration_state();
  if (registration != RegistrationState::kNone) {
    const bool is_hosts = registration == RegistrationState::kExternal;
    AddEvent(*found, is_hosts ? EventKind::kTotpCleared : EventKind::kTotpDeleted, now, decision);
    EraseTotp(now, found, decision);
  }
  if (member.mfa_enrolled) AddEvent(*found, EventKind::kUnenrolled, now, decision);
  member.mfa_enrolled = false;
  return effect;
}

// What delete and purge share. `next` is the Member without the names it gives back; it becomes the
// record when `replaces`, else the record goes on with the status "deleted".
void Remove(const CallContext& context, const Facts& facts, const MemberRecord& next, bool replaces,
            FoundMember* found, Decision* decision) {
  MemberRecord& member = found->member;
  LoadedClaim claim;
  const bool has_number = member.phone.state != EnrollmentState::kNone;
  if (has_number) FindClaim(facts, member.organization_id, member.phone.number, &claim, decision);
  LoadedClaim candidate_claim;
  FindCandidateClaim(facts, member, &candidate_claim, decision);
  NameChanges names;
  names.Find(KeysOf(member), KeysOf(next), member.member_id, facts, decision);
  if (decision->kind == Decision::Kind::kLoad || !decision->answer.error.ok()) return;
  const ClaimEffect candidate_effect =
      DropCandidate(CandidateEvent::kMemberDeleted, ErrorCode::kOk, facts.now, found, decision);
  const ClaimEffect effect = StripMfa(facts.now, found, decision);
  if (replaces) {
    member = next;
  } else {
    member.status = MemberStatus::kDeleted;
  }
  member.updated_at = facts.now;
  // The number is gone from the record, so a purge's event has nothing but the ids.
  AddEvent(*found, replaces ? EventKind::kPurged : EventKind::kDeleted, facts.now, decision);
  CommitMember(context, facts, found, ErrorCode::kOk, decision);
  names.Write(member.member_id, decision);
  if (has_number) WriteClaim({effect, &claim, {}}, member.member_id, decision);
  WriteClaim({candidate_effect, &candidate_claim, {}}, member.member_id, decision);
}

}  // namespace

Error GetMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  if (!request.member_id.empty() || request.email_address.empty())
    return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
  checked->email_address = request.email_address;
  const Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  MemberTexts texts;
  texts.email_address = request.email_address;
  return error.ok() ? CheckTexts(texts) : error;
}

void GetMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                     Decision* decision) {
  FoundMember found;
  if (checked.email_address.empty()) {
    if (FindMemberForCommand(context, checked, facts, {}, &found, decision))
      ShowMember(found, decision);
    return;
  }
  FoundOrganization organization;
  if (!FindOrganization(checked.organization, facts, false, &organization, decision)) {
    if (facts.records.size() == 0)  // right unless `organization_id` is an alias
      decision->Load(RecordKey::MemberEmail(checked.organization.id, checked.email_address));
    return;
  }
  const EntityId& organization_id = organization.organization.organization_id;
  const RecordKey email = RecordKey::MemberEmail(organization_id, checked.email_address);
  CheckedMember named;
  named.organization = {organization_id, RecordKey::Organization(organization_id)};
  if (!FindName(facts, email, &named.id, decision)) return;
  named.key = RecordKey::Member(organization_id, named.id);
  if (named.id.empty()) return Refuse(ErrorCode::kMemberNotFound, decision);
  if (FindMemberForCommand(context, named, facts, {}, &found, decision))
    ShowMember(found, decision);
}

Error DeleteMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
}
Error PurgeMember::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
}
Error ReactivateMember::Check(const CallContext& context, const Request& request,
                              Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
}

void DeleteMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<2>(request, checked, tag);
}

void DeleteMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                        Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord next = found.member;
  next.email_address = {};
  Remove(context, facts, next, false, &found, decision);
}

void PurgeMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<2>(request, checked, tag);
}

void PurgeMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                       Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {true, {}}, &found, decision)) return;
  MemberRecord tombstone;
  tombstone.organization_id = found.member.organization_id;
  tombstone.member_id = found.member.member_id;
  tombstone.status = MemberStatus::kDeleted;
  tombstone.created_at = found.member.created_at;
  Remove(context, facts, tombstone, true, &found, decision);
}

void ReactivateMember::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<2>(request, checked, tag);
}

void ReactivateMember::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                            Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {true, {}}, &found, decision)) return;
  MemberRecord& member = found.member;
  const auto refuse = [&](ErrorCode code) { Refuse(context, found, facts, code, decision); };
  // A purged Member has no address any more: there is nobody to come back.
  if (member.status != MemberStatus::kDeleted || member.email_address.empty())
    return refuse(ErrorCode::kNoDeletedMemberFoundForReactivation);
  if (!member.email_address_verified) return refuse(ErrorCode::kEmailUnverifiedForReactivation);
  MemberRecord before = member;
  before.email_address = {};
  NameChanges names;
  if (!names.Find(KeysOf(before), KeysOf(member), member.member_id, facts, decision)) return;
  if (!names.error().ok()) return refuse(ErrorCode::kReactivationEmailBelongsToAnotherMember);
  member.status = MemberStatus::kActive;
  member.updated_at = facts.now;
  AddEvent(found, EventKind::kReactivated, facts.now, decision);
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
  names.Write(member.member_id, decision);
}

}  // namespace otpcore
