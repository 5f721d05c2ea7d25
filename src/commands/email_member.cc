// SPDX-License-Identifier: Apache-2.0
#include "commands/email_member.h"

namespace otpcore {

bool FindMemberByEmail(const CallContext& context, const CheckedOrganization& checked,
                       std::string_view email_address,
                       const std::optional<SessionCredential>& session, const Facts& facts,
                       FoundMember* found, bool* exists, Decision* decision) {
  *exists = false;
  if (!FindOrganization(checked, facts, false, &found->organization, decision)) {
    if (facts.records.size() == 0) {
      decision->Load(RecordKey::MemberEmail(checked.id, email_address));  // unless it is an alias
      if (session) decision->session = &*session;
    }
    return false;
  }
  const EntityId& organization = found->organization.organization.organization_id;
  CheckedMember named;
  if (!FindName(facts, RecordKey::MemberEmail(organization, email_address), &named.id, decision))
    return false;
  if (named.id.empty()) return true;
  named.organization = {organization, RecordKey::Organization(organization)};
  named.key = RecordKey::Member(organization, named.id);
  if (!FindMember(context, named, facts, {}, found, decision)) return false;
  *exists = true;
  return true;
}

Error CheckEmailMethod(const Organization& organization, const MemberRecord* member) {
  if (organization.Allows(AuthMethod::kEmailOtp) || (member != nullptr && member->is_breakglass))
    return ErrorCode::kOk;
  return ErrorCode::kOperationRestrictedByOrganizationAuthMethods;
}

// ---- A Member whom nobody has made yet ----

Error ErrorOf(JustInTime word) {
  if (word == JustInTime::kAllow) return ErrorCode::kOk;
  return word == JustInTime::kAddressNotAllowed ? ErrorCode::kInvalidEmailForJitProvisioning
                                                : ErrorCode::kEmailJitProvisioningNotAllowed;
}

EntityId NewMemberId(const CallContext& context, const Facts& facts) {
  const Environment environment = context.config->policy().environment;
  const uint8_t* const random =
      context.repeatable() ? context.operation_id.bytes.data() : facts.entropy.phone_id.data();
  return EntityId::Member(environment, UuidFromRandom(random));
}

bool MakeMember(const CallContext& context, std::string_view email_address, const Facts& facts,
                FoundMember* found, NameChanges* names, Decision* decision) {
  MemberRecord& record = found->member;
  record.organization_id = found->organization.organization.organization_id;
  record.member_id = NewMemberId(context, facts);
  record.status = MemberStatus::kPending;
  record.email_address = email_address;
  record.created_at = record.updated_at = facts.now;
  const RecordKey key = RecordKey::Member(record.organization_id, record.member_id);
  found->loaded = facts.Find(key);
  if (found->loaded == nullptr) decision->Load(key);
  if (!names->Find(NameList(), KeysOf(record), record.member_id, facts, decision)) return false;
  Error error = names->error();
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is not loaded yet was waited for
  if (found->loaded->revision != 0)
    error = Error(ErrorCode::kBadRequest, "the operation id was used for another Member");
  if (!error.ok()) {
    Refuse(error, decision);
    return false;
  }
  decision->answer.events.organization_id = record.organization_id;
  decision->answer.events.member_id = record.member_id;
  return true;
}

// ---- What an end user may be told (EM-23) ----

ErrorCode SafeSendEmailError(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOperationRestrictedByOrganizationAuthMethods:
    case ErrorCode::kEmailJitProvisioningNotAllowed:
    case ErrorCode::kInvalidEmailForJitProvisioning:
    case ErrorCode::kEmailLockLimitReached:
    case ErrorCode::kTooManyRequests:
    case ErrorCode::kInactiveEmail:
    case ErrorCode::kEmailGatewayUnavailable:
    case ErrorCode::kDuplicateMemberEmail:
    case ErrorCode::kMemberNotFound: return ErrorCode::kOk;
    default: return code;
  }
}

ErrorCode SafeAuthenticateEmailError(ErrorCode code) {
  switch (code) {
    case ErrorCode::kOperationRestrictedByOrganizationAuthMethods:
    case ErrorCode::kEmailLockLimitReached:
    case ErrorCode::kOtpCodeNotFound:
    case ErrorCode::kMemberNotFound: return ErrorCode::kUnableToAuthOtpCode;
    default: return code;
  }
}

}  // namespace otpcore
