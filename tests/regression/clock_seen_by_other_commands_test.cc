// The latest time a record has met was remembered by wrong guesses only. A command that wrote the
// record after the passcode's end, followed by a clock that stepped back, revived the passcode
// (T-02, threat 13).
#include "fixture.h"

namespace otpcore {
namespace {

TEST(ClockSeenByOtherCommands, NoneOfThemLetsAClockThatStepsBackReviveAPasscode) {  // T-02
  World world;
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeVerifiedMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");

  world.clock.Advance(std::chrono::minutes(3));
  UpdateMemberRequest update;
  update.organization_id = organization.organization_id.str();
  update.member_id = member.member_id.str();
  update.name = "Ada";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");

  world.clock.Advance(-std::chrono::minutes(2));
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "unable_to_auth_otp_code");
}

}  // namespace
}  // namespace otpcore
