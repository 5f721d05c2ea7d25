// SPDX-License-Identifier: Apache-2.0
#include "commands/find_member.h"
#include "otpcore/commands/search.h"

namespace otpcore {

Error DangerouslyGetMember::Check(const CallContext& context, const Request& request,
                                  Checked* checked) {
  checked->include_deleted = request.include_deleted;
  const Error error = CheckId(context, request.member_id, "member_id is required", &checked->id);
  if (!error.ok()) return error;
  if (!request.directory_ok) return ErrorCode::kServerUnavailable;
  if (request.organizations.empty()) return ErrorCode::kMemberNotFound;
  if (request.organizations.size() > 1)
    return Error(ErrorCode::kBadRequest, "the id is in more than one Organization");
  checked->organization.id = request.organizations[0];
  checked->organization.key = RecordKey::Organization(checked->organization.id);
  checked->key = RecordKey::Member(checked->organization.id, checked->id);
  return ErrorCode::kOk;
}

void DangerouslyGetMember::Plan(const CallContext& context, const Checked& checked,
                                const Facts& facts, Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {checked.include_deleted, {}}, &found,
                            decision))
    return;
  const MemberRecord& member = found.member;
  // Found by an external id; or purged (SR-08), so nothing is left of them.
  const bool is_purged = member.status == MemberStatus::kDeleted && member.email_address.empty();
  if (member.member_id != checked.id || is_purged) {
    decision->answer.events.clear();
    return Refuse(ErrorCode::kMemberNotFound, decision);
  }
  ShowMember(found, decision);
}

}  // namespace otpcore
