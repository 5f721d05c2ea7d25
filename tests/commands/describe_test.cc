// SPDX-License-Identifier: Apache-2.0
// One entry of discovered_organizations (EM-29).
#include "discovery.h"

namespace otpcore {
namespace {

class Described : public DiscoveryTest {
 protected:
  Described() {
    session.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
    session.email_address = kAddress;
    here = organization;
    member = ada;
  }
  DiscoveredOrganization Entry() const {
    const auto entry = Describe(here, member, session);
    EXPECT_TRUE(entry);
    return entry.value_or(DiscoveredOrganization());
  }
  Session session;
  Organization here;
  Member member;
};

TEST_F(Described, AMembershipHasTheMembersStatus) {  // EM-29
  using Status = MemberStatus;
  for (const auto& [status, name] :
       {std::pair(Status::kActive, "active_member"), std::pair(Status::kPending, "pending_member"),
        std::pair(Status::kInvited, "invited_member")}) {
    member.status = status;
    EXPECT_EQ(WireName(Entry().membership), name);
    EXPECT_TRUE(Entry().member_authenticated);
    EXPECT_FALSE(Entry().primary_required);
    EXPECT_FALSE(Entry().mfa_required);
  }
  member.status = Status::kDeleted;
  EXPECT_FALSE(Describe(here, member, session));
  EXPECT_EQ(WireName(static_cast<MembershipType>(9)), "");
}

TEST_F(Described, ASecondFactorMayBeRequired) {  // EM-29, P-01, P-03, P-06
  // Number and registration; "none": no options at all, "": no second factor is required.
  const auto options = [&]() -> std::string {
    const auto entry = Describe(here, member, session);
    if (!entry || !entry->mfa_required) return "";
    EXPECT_FALSE(entry->member_authenticated);
    EXPECT_FALSE(entry->mfa_required->secondary_auth_initiated) << "nothing was sent";
    const auto& told = entry->mfa_required->member_options;
    return told ? told->mfa_phone_number.str() + "/" + told->totp_registration_id.str() : "none";
  };
  EXPECT_EQ(options(), "");
  here.mfa_policy = MfaPolicy::kRequiredForAll;
  EXPECT_EQ(options(), "none");
  here.mfa_policy = MfaPolicy::kOptional;
  member.mfa_enrolled = true;
  member.mfa_phone_number = kNumber;
  EXPECT_EQ(options(), std::string(kNumber) + "/");
  member.mfa_phone_number.clear();
  member.totp_registration_id = "member-totp-test-1";
  EXPECT_EQ(options(), "/member-totp-test-1");
}

TEST_F(Described, AnotherPrimaryFactorMayBeRequired) {  // EM-29, EM-08
  here.auth_methods = AuthMethods::kRestricted;
  EXPECT_TRUE(Entry().primary_required);
  EXPECT_FALSE(Entry().member_authenticated);
  member.is_breakglass = true;
  EXPECT_FALSE(Entry().primary_required);
  member.is_breakglass = false;
  session.factors.Add(FactorKind::kHostPrimary, world.clock.Now());
  EXPECT_FALSE(Entry().primary_required);
  EXPECT_TRUE(Entry().member_authenticated);
}

// What it says is what an exchange would do.
TEST_F(Described, OnlyTheMemberOfTheSessionIsListed) {  // EM-29, EM-27
  session.email_address = "ADA@example.com";
  EXPECT_TRUE(Describe(here, member, session));
  session.email_address = "eve@example.com";
  EXPECT_FALSE(Describe(here, member, session));
  session.organization_id = member.organization_id;
  session.member_id = member.member_id;
  session.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  member.mfa_enrolled = true;
  EXPECT_TRUE(Entry().member_authenticated) << "of a session of the Member a second factor counts";
  session.member_id = "somebody-else";
  session.email_address = kAddress;
  EXPECT_FALSE(Describe(here, member, session));
  session = Session();
  session.email_address = kAddress;
  here.organization_id = "another";
  EXPECT_FALSE(Describe(here, member, session));
}

}  // namespace
}  // namespace otpcore
