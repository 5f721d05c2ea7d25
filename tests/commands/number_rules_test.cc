// SPDX-License-Identifier: Apache-2.0
// What the rules about numbers and regions come to in commands: new ranges, imports, the regions of
// a policy, the two forms of one handset (N-03, N-06 … N-08).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::minutes;

constexpr char kLong[] = "+5491123456789";  // one handset in Argentina
constexpr char kShort[] = "+541123456789";

Policy Allowing(std::vector<std::string> regions) {
  Policy policy;
  policy.allowed_regions = std::move(regions);
  return policy;
}

std::string ImportError(World& world, const Organization& organization, const char* number) {
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "ada@example.com";
  create.mfa_phone_number = number;
  create.mfa_phone_number_verified = true;
  return ErrorTypeOf(world.engine.Run(create));
}

TEST(NewRanges, GetPasscodesUnderTheDefaultPolicy) {  // N-06, S-17
  World world;
  const Organization organization = world.MakeOrganization();
  for (const char* number : {"+13242345678", "+19242345678", "+12572345678"}) {
    const Member member = world.MakeMember(organization);
    EXPECT_EQ(ErrorTypeOf(world.Send(member, number)), "") << number;
    EXPECT_EQ(world.inbox.messages().back().to, number);
  }
  const Member member = world.MakeMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "+12002345678")), "invalid_phone_number");
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "+2290190123456")), "invalid_phone_number_country_code");
}

TEST(NewRanges, OfBeninGetPasscodesWhereItIsAllowed) {  // N-06, S-16
  World world(Allowing({"BJ"}));
  const Member member = world.MakeMember(world.MakeOrganization());
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "+2290190123456")), "");
  EXPECT_EQ(world.RecordOf(member)->phone.region.view(), "BJ");
}

TEST(NewRanges, OfAPolicyGetPasscodes) {  // N-06
  Policy policy;
  policy.number_ranges = {{"US", "+1200[2-9]", 11, 11, PhoneNumberType::kFixedLineOrMobile}};
  World world(policy);
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(world.MakeOrganization()), "+12002345678")),
            "");
}

TEST(NumberTypes, OfAPolicyAreHeldTo) {  // N-03
  Policy policy = Allowing({"DE"});
  policy.number_types = {PhoneNumberType::kMobile};
  World world(policy);
  const Member member = world.MakeMember(world.MakeOrganization());
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "+493012345678")), "invalid_phone_number");
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "+4915123456789")), "");
}

TEST(ImportedNumbers, NeedOnlyTheFormAndAKnownCountryCode) {  // N-06, M-01
  for (const char* number : {"+13242345678", "+12002345678", "+120023456", "+4915123456789",
                             "+2290190123456", "+22901901234"}) {
    World world(Allowing({"US", "BJ", "DE"}));
    EXPECT_EQ(ImportError(world, world.MakeOrganization(), number), "") << number;
  }
  World world;
  const Organization organization = world.MakeOrganization();
  EXPECT_EQ(ImportError(world, organization, "+2101234567"), "invalid_phone_number");
  EXPECT_EQ(ImportError(world, organization, "12002345678"), "invalid_phone_number");
  // One that is linked without proof must be valid.
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "ada@example.com";
  create.mfa_phone_number = "+12002345678";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(create)), "invalid_phone_number");
}

TEST(Handsets, OneIsClaimedOnceWhateverTheFormOfItsNumber) {  // N-08, S-07
  World world(Allowing({"AR", "MX"}));
  const Organization organization = world.MakeOrganization();
  const Member owner = world.MakeVerifiedMember(organization, kLong);
  EXPECT_EQ(owner.mfa_phone_number, kLong) << "the number is kept as it was given";
  const Member other = world.MakeMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(other, kShort)), "duplicate_member_phone_number");
  EXPECT_EQ(ErrorTypeOf(world.Send(other, "+541123456780")), "");
  // In another Organization it is nobody's.
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(world.MakeOrganization()), kShort)), "");
  // Its owner gives it up under the form it was linked in.
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(owner, Actor::Host()))),
            "");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kShort)), "");
}

TEST(Handsets, OneFormReplacesTheOther) {  // N-08, M-08
  Policy policy = Allowing({"AR"});
  policy.replace_pending_number = true;
  World world(policy);
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kShort)), "");
  world.clock.Advance(minutes(30));  // so that there is a lease again
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kLong)), "");
  EXPECT_EQ(world.RecordOf(member)->phone.number.view(), kLong);
  const auto claim = world.ClaimOf(organization, kShort);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->member_id, member.member_id);
  EXPECT_FALSE(world.ClaimOf(organization, kLong));
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kShort)),
            "duplicate_member_phone_number");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "");
  EXPECT_TRUE(world.ClaimOf(organization, kShort)->permanent);
}

TEST(Handsets, OneHasOneQuota) {  // N-08, L-06
  Policy policy = Allowing({"AR"});
  policy.number_sends_max = 2;
  World world(policy);
  MemorySendGuard quotas(world.clock);
  world.guard.set_inner(&quotas);
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(world.MakeOrganization()), kLong)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(world.MakeOrganization()), kShort)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(world.MakeOrganization()), kLong)),
            "too_many_requests");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(world.MakeOrganization()), "+541123456780")),
            "");
}

TEST(RegionsOfAPolicy, UsPlusAllowsTheTerritories) {  // N-07, S-17
  World world(Allowing({"US+"}));
  const Organization organization = world.MakeOrganization();
  for (const char* number : {"+14155550123", "+17872345678", "+16713001234", "+13406421234",
                             "+16847331234", "+16702345678"})
    EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), number)), "") << number;
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), "+16132345678")),
            "invalid_phone_number_country_code");
}

}  // namespace
}  // namespace otpcore
