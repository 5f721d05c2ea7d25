#include "fixture.h"
namespace otpcore {
TEST(Engine, LinksANumberAndVerifiesItByItsPasscode) {
  World world;
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeMember(organization);
  auto sent = world.Send(member, kNumber);
  ASSERT_EQ(ErrorTypeOf(sent), "");
  EXPECT_EQ(sent.result->member.mfa_phone_number, kNumber);
  auto done = world.Authenticate(member, world.inbox.LastCode());
  ASSERT_EQ(ErrorTypeOf(done), "");
  EXPECT_TRUE(done.result->member.mfa_phone_number_verified);
}
}  // namespace otpcore
