// SPDX-License-Identifier: Apache-2.0
// A refusal is written too when it met a clock anomaly. An update that was refused then wrote the
// very changes it refused, such as a default method without its factor (C-06, M-05, M-07).
#include "fixture.h"

namespace otpcore {
namespace {

class RefusedUpdate : public ::testing::Test {
 protected:
  // A record with an instant that no right clock can have written.
  Member MemberWithAnomaly() {
    const Member member = world.MakeVerifiedMember(organization);
    auto record = *world.RecordOf(member);
    record.sends.Push(world.clock.Now() + std::chrono::hours(1), 5);
    world.Put(record);
    return member;
  }
  UpdateMemberRequest Update(const Member& member) {
    auto update = On<UpdateMemberRequest>(member, Actor::Host());
    return update;
  }
  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(RefusedUpdate, SetsNoDefaultMethodWithoutItsFactor) {  // C-06, M-05
  const Member member = MemberWithAnomaly();
  UpdateMemberRequest update = Update(member);
  update.default_mfa_method = "totp";
  update.mfa_enrolled = true;
  const auto reply = world.engine.Run(update);
  EXPECT_EQ(ErrorTypeOf(reply), "default_mfa_member_missing_factor");
  EXPECT_TRUE(reply.events().Has(EventKind::kClockAnomaly));
  EXPECT_FALSE(reply.events().Has(EventKind::kEnrolled));
  EXPECT_EQ(world.RecordOf(member)->default_mfa_method, MfaMethod::kSmsOtp);
  EXPECT_FALSE(world.RecordOf(member)->mfa_enrolled);
}

TEST_F(RefusedUpdate, TakesNoAddressOfAnother) {  // C-06, M-07
  const Member owner = world.MakeMember(organization);
  const Member member = MemberWithAnomaly();
  UpdateMemberRequest update = Update(member);
  update.email_address = owner.email_address;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "duplicate_member_email");
  EXPECT_EQ(world.RecordOf(member)->email_address, member.email_address);
}

}  // namespace
}  // namespace otpcore
