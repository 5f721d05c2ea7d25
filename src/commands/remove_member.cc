// SPDX-License-Identifier: Apache-2.0
// Get, and the ways a Member goes and comes back: delete, reactivate, purge.
#include "commands/linking.h"
#include "commands/member_fields.h"

namespace otpcore {
namespace {

// Fills `*member_id` with whose address it is, or returns what to do instead.
std::optional<Decision> FindByEmail(const CallContext& context, const GetMemberRequest& request,
                                    const Facts& facts, std::string* member_id) {
  const std::string none;
  Error error = CheckRequiredId(context.config->policy(), request.organization_id,
                                "organization_id is required");
  if (error.code() == ErrorCode::kOk)
    error = CheckTexts({request.email_address, none, none, none, none});
  if (error.code() != ErrorCode::kOk) return RefuseRequest(error);
  OrganizationSnapshot organization;
  if (auto instead = FindOrganization(request.organization_id, facts, &organization)) {
    if (facts.records.empty())  // right unless `organization_id` is an alias
      std::get_if<LoadMore>(&*instead)->keys.push_back(
          MemberEmailKey(request.organization_id, request.email_address));
    return instead;
  }
  const RecordKey key =
      MemberEmailKey(organization->organization.organization_id, request.email_address);
  if (facts.Find(key) == nullptr) return LoadMore{{key}, {}, false};
  *member_id = NamedBy(facts, key).str();
  if (member_id->empty()) return RefuseRequest(ErrorCode::kMemberNotFound);
  return std::nullopt;
}

// The claim of the Member's number, if it has one; the key when that is not loaded yet.
std::optional<RecordKey> FindOwnClaim(const MemberRecord& member, const Facts& facts,
                                      const LoadedRecord** claim) {
  *claim = nullptr;
  if (member.enrollment.state == EnrollmentState::kNone) return std::nullopt;
  const RecordKey key = ClaimKey(member.organization_id, member.enrollment.phone_number);
  *claim = facts.Find(key);
  if (*claim != nullptr) return std::nullopt;
  return key;
}

// M-04: takes the number away, and with it what the Member's MFA was.
void StripMfa(const LoadedRecord* claim, Instant now, Target* target, std::vector<Write>* writes) {
  MemberRecord& member = target->member;
  if (member.enrollment.state != EnrollmentState::kNone) {
    const ClaimEffect effect = Unlink(EnrollmentEvent::kMemberDeleted, ErrorCode::kOk, now, target);
    AddClaimWrite(effect, *claim, member.member_id, Instant(), writes);
  }
  member.challenge = Challenge();
  if (member.mfa_enrolled) target->AddEvent(EventKind::kUnenrolled, now);
  member.mfa_enrolled = false;
}

Commit CommitWith(const CallContext& context, CommandKind kind, Target target,
                  std::vector<Write> writes) {
  Commit commit = StartCommit({context.operation_id, kind, 0}, std::move(target), ErrorCode::kOk);
  for (Write& write : writes) commit.changes.writes.push_back(std::move(write));
  return commit;
}

// What delete and purge share: `next` is the Member without the names it gives back.
Decision Remove(const CallContext& context, CommandKind kind, Target target, MemberRecord next,
                const Facts& facts) {
  const LoadedRecord* claim = nullptr;
  const auto missing = FindOwnClaim(target.member, facts, &claim);
  Names::Outcome names = NamesOf(target.member, next, facts).Settle();
  if (missing) names.missing.push_back(*missing);
  if (!names.missing.empty()) return LoadMore{std::move(names.missing), {}, false};
  StripMfa(claim, facts.now, &target, &names.writes);
  if (kind == CommandKind::kPurgeMember) {
    target.member = std::move(next);
  } else {
    target.member.status = MemberStatus::kDeleted;
  }
  target.member.updated_at = facts.now;
  return CommitWith(context, kind, std::move(target), std::move(names.writes));
}

}  // namespace

Decision GetMember::Plan(const CallContext& context, const Request& request, const Facts& facts) {
  std::string member_id = request.member_id;
  if (member_id.empty() && !request.email_address.empty()) {
    if (auto instead = FindByEmail(context, request, facts, &member_id)) return *std::move(instead);
  }
  Target target;
  const MemberCall call = {CommandKind::kNone, request.organization_id, member_id};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  return AnswerWithMember(std::move(target));
}

Decision DeleteMember::Plan(const CallContext& context, const Request& request,
                            const Facts& facts) {
  Target target;
  const MemberCall call = {CommandKind::kDeleteMember, request.organization_id, request.member_id};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  MemberRecord next = target.member;
  next.email_address.clear();
  return Remove(context, call.kind, std::move(target), std::move(next), facts);
}

Decision PurgeMember::Plan(const CallContext& context, const Request& request, const Facts& facts) {
  Target target;
  const MemberCall call = {
      CommandKind::kPurgeMember, request.organization_id, request.member_id, nullptr, false, true};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  MemberRecord tombstone;
  tombstone.organization_id = target.member.organization_id;
  tombstone.member_id = target.member.member_id;
  tombstone.status = MemberStatus::kDeleted;
  tombstone.created_at = target.member.created_at;
  return Remove(context, call.kind, std::move(target), std::move(tombstone), facts);
}

Decision ReactivateMember::Plan(const CallContext& context, const Request& request,
                                const Facts& facts) {
  constexpr CommandKind kKind = CommandKind::kReactivateMember;
  Target target;
  const MemberCall call = {kKind, request.organization_id, request.member_id, nullptr, false, true};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);
  MemberRecord& member = target.member;
  const auto refuse = [&](ErrorCode code) { return Refuse(context, std::move(target), code); };
  // A purged Member has no address any more: there is nobody to come back.
  if (member.status != MemberStatus::kDeleted || member.email_address.empty())
    return refuse(ErrorCode::kNoDeletedMemberFoundForReactivation);
  if (!member.email_address_verified) return refuse(ErrorCode::kEmailUnverifiedForReactivation);
  MemberRecord before = member;
  before.email_address.clear();
  Names::Outcome names = NamesOf(before, member, facts).Settle();
  if (!names.missing.empty()) return LoadMore{std::move(names.missing), {}, false};
  if (names.error.code() != ErrorCode::kOk)
    return refuse(ErrorCode::kReactivationEmailBelongsToAnotherMember);
  member.status = MemberStatus::kActive;
  member.updated_at = facts.now;
  return CommitWith(context, kKind, std::move(target), std::move(names.writes));
}

Result<MemberResponse> GetMember::Respond(const CallContext&, const Request&,
                                          const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}
Result<MemberResponse> DeleteMember::Respond(const CallContext&, const Request&,
                                             const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}
Result<MemberResponse> ReactivateMember::Respond(const CallContext&, const Request&,
                                                 const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}
Result<MemberResponse> PurgeMember::Respond(const CallContext&, const Request&,
                                            const Conclusion& conclusion) {
  return RespondWithMember(conclusion);
}

}  // namespace otpcore
