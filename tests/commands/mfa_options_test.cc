// SPDX-License-Identifier: Apache-2.0
// The MFA step in the corners of its table: what it offers, prefers and writes (P-01 … P-05, S-13,
// C-07).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;

class MfaOptions : public ::testing::Test {
 protected:
  Organization Required(const char* methods = "", std::vector<std::string> allowed = {}) {
    CreateOrganizationRequest create;
    create.mfa_policy = "REQUIRED_FOR_ALL";
    create.mfa_methods = methods;
    create.allowed_mfa_methods = std::move(allowed);
    return world.MakeOrganization(create);
  }
  Reply<MfaStep> Step(const Member& member, CallOptions options = {}) {
    auto request = On<MfaStepRequest>(member);
    return world.engine.Run(request, std::move(options));
  }
  World world;
};

TEST_F(MfaOptions, OfferTotpAloneToWhoHasNoNumber) {  // P-03
  CreateMemberRequest create;
  create.totp_registration_id = "totp-1";
  const auto reply = Step(world.MakeMember(Required(), create));
  ASSERT_EQ(ErrorTypeOf(reply), "");
  ASSERT_TRUE(reply.mfa_required->member_options);
  EXPECT_EQ(reply.mfa_required->member_options->totp_registration_id, "totp-1");
  EXPECT_EQ(reply.mfa_required->member_options->mfa_phone_number, "");
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
}

TEST_F(MfaOptions, SendToABreakglassMemberWhereSmsIsNotAllowed) {  // P-02, S-13
  const Organization organization = Required("RESTRICTED", {"totp"});
  CreateMemberRequest create;
  create.mfa_phone_number = kNumber;
  create.mfa_phone_number_verified = true;
  EXPECT_FALSE(Step(world.MakeMember(organization, create)).mfa_required->secondary_auth_initiated);
  create.is_breakglass = true;
  create.mfa_phone_number = kOtherNumber;
  EXPECT_TRUE(Step(world.MakeMember(organization, create)).mfa_required->secondary_auth_initiated);
}

TEST_F(MfaOptions, ADefaultOfTotpWithoutOneIsNoPreference) {  // P-02
  const Member member = world.MakeVerifiedMember(Required());
  auto record = *world.RecordOf(member);
  record.default_mfa_method = MfaMethod::kTotp;  // as no command leaves it
  world.Put(record);
  EXPECT_TRUE(Step(member).mfa_required->secondary_auth_initiated);
}

TEST_F(MfaOptions, AnInstantThatWasPulledBackIsWritten) {  // T-02
  const Member member = world.MakeMember(world.MakeOrganization());
  auto record = *world.RecordOf(member);
  record.sends.Push(world.clock.Now() + hours(1), 5);
  world.Put(record);
  const auto reply = Step(member);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.member_authenticated);
  EXPECT_TRUE(reply.events().Has(EventKind::kClockAnomaly));
  EXPECT_LT(world.RecordOf(member)->sends[0], world.clock.Now() + hours(1));
}

TEST_F(MfaOptions, StandWhenOnlyThePullingBackIsWritten) {  // P-04, T-02
  const Member member = world.MakeVerifiedMember(Required());
  auto record = *world.RecordOf(member);
  record.failures.locked_until = world.clock.Now() + hours(1);
  record.sends.Push(world.clock.Now() + hours(1), 5);
  world.Put(record);
  const auto reply = Step(member);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_TRUE(reply.events().Has(EventKind::kClockAnomaly));
  EXPECT_TRUE(reply.events().Has(EventKind::kMfaSmsNotSent));
  EXPECT_NE(world.RecordOf(member)->sends[1], record.sends[1]);
}

TEST_F(MfaOptions, AnOperationIdOfAnotherCommandIsRefused) {  // C-07
  const Member member = world.MakeVerifiedMember(Required());
  CallOptions options;
  options.operation_id.bytes[4] = 4;
  ASSERT_EQ(ErrorTypeOf(world.Send(member, "", options)), "");
  EXPECT_EQ(ErrorTypeOf(Step(member, options)), "bad_request");
}

}  // namespace
}  // namespace otpcore
