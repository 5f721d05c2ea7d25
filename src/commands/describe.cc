// SPDX-License-Identifier: Apache-2.0
#include "commands/find_member.h"
#include "commands/mfa_plan.h"
#include "otpcore/commands/discovery.h"

namespace otpcore {

std::string_view WireName(MembershipType type) {
  switch (type) {
    case MembershipType::kActiveMember: return "active_member";
    case MembershipType::kPendingMember: return "pending_member";
    case MembershipType::kInvitedMember: return "invited_member";
  }
  return "";
}

std::optional<DiscoveredOrganization> Describe(const Organization& organization,
                                               const Member& member, const Session& session) {
  const bool is_theirs =
      session.organization_id == member.organization_id && session.member_id == member.member_id;
  if (member.organization_id != organization.organization_id ||
      (!is_theirs && !ProvesAddress(session, member.email_address)))
    return std::nullopt;
  DiscoveredOrganization entry;
  switch (member.status) {
    case MemberStatus::kActive: entry.membership = MembershipType::kActiveMember; break;
    case MemberStatus::kPending: entry.membership = MembershipType::kPendingMember; break;
    case MemberStatus::kInvited: entry.membership = MembershipType::kInvitedMember; break;
    case MemberStatus::kDeleted: return std::nullopt;
  }
  entry.primary_required = !session.factors.Has(FactorKind::kHostPrimary) &&
                           !organization.Allows(AuthMethod::kEmailOtp) && !member.is_breakglass;
  if (IsMfaRequired(organization, member.mfa_enrolled, &session)) {
    MfaRequired& required = entry.mfa_required.emplace();
    if (!member.mfa_phone_number.empty() || !member.totp_registration_id.empty())
      required.member_options =
          MfaMemberOptions{member.mfa_phone_number, member.totp_registration_id};
  }
  entry.member_authenticated = !entry.primary_required && !entry.mfa_required;
  return entry;
}

}  // namespace otpcore
