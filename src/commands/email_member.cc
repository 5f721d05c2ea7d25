// SPDX-License-Identifier: Apache-2.0
#include "commands/email_member.h"

#include "model/ledgers.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/rules/email_address.h"

namespace otpcore {

Error CheckEmailAddress(const std::string& text, std::string_view* checked) {
  if (text.empty()) return Error(ErrorCode::kBadRequest, "email_address is required");
  if (!IsEmailAddress(text)) return ErrorCode::kInvalidEmail;
  *checked = text;
  return ErrorCode::kOk;
}

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

Error CheckEmailLock(const EmailFactor& email, Instant now) {
  if (!IsLocked(email.failures, now)) return ErrorCode::kOk;
  return Error(ErrorCode::kEmailLockLimitReached, LockRemaining(email.failures, now));
}

ChallengeScope EmailScopeOf(const CallContext& context, const Facts& facts,
                            const MemberRecord& member, const Address& canonical_address,
                            EmailPurpose purpose) {
  return {context.config->policy(),
          context.config->keys(),
          FactorKind::kEmailPasscode,
          member.organization_id,
          member.member_id,
          canonical_address.view(),
          facts.now,
          facts.epoch,
          purpose,
          member.email.superseded_purpose};
}

const SandboxAddress* FindSandboxAddress(const Policy& policy, const Address& canonical_address,
                                         Instant now) {
  for (const SandboxAddress& one : policy.sandbox_addresses) {
    if (now < one.until && CanonicalEmail(one.address) == canonical_address) return &one;
  }
  return nullptr;
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
