// SPDX-License-Identifier: Apache-2.0
#include "commands/registration.h"
#include "commands/request_fields.h"
#include "otpcore/commands/mfa_factors.h"

namespace otpcore {

Error Reseal::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
}

void Reseal::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<2>(request, checked, tag);
}

void Reseal::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                  Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  const MemberRecord before = found.member;
  RenewedBytes bytes;
  bool changed = false;
  const Error error = Renew(context, facts, true, &found.member, &bytes, &changed);
  if (!error.ok()) {
    found.member = before;  // whole or not at all
    AddEvent(found, EventKind::kKeyMissing, facts.now, error.code(), decision);
    return Refuse(context, found, facts, error, decision);
  }
  if (!changed) return ShowMember(found, decision);
  AddEvent(found, EventKind::kResealed, facts.now, decision);
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

Error Reseal::Respond(const CallContext& context, const Checked&, const Conclusion& conclusion,
                      Response* response) {
  MemberRecord member;
  const Error error = ReadAnswer(conclusion, &member);
  if (!error.ok()) return error;
  const RecoveryFactor& recovery = member.recovery;
  if (!recovery.empty() && recovery.key_id != context.config->keys().current_id())
    response->old_digest_key = recovery.key_id;
  return ErrorCode::kOk;
}

}  // namespace otpcore
