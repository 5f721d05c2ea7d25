// Defects that the model checker found. Each test is its counterexample, shortened.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::minutes;

class Issue007Test : public ::testing::Test {
 protected:
  World world;
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeVerifiedMember(organization);
};

// A write that judged no code did not tell the challenge the time, so a clock that stepped back
// revived a passcode whose end the record had met (T-02).
TEST_F(Issue007Test, EveryWriteOfARecordTellsItsChallengeTheTime) {
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
  const std::string code = world.Code();
  world.clock.Advance(minutes(2));
  UnlockMemberRequest unlock;
  unlock.organization_id = organization.organization_id.str();
  unlock.member_id = ada.member_id.str();
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(std::move(unlock))), "");
  world.clock.Advance(-minutes(1));
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, code)), "unable_to_auth_otp_code");
}

}  // namespace
}  // namespace otpcore
