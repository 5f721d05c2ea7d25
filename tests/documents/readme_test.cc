// SPDX-License-Identifier: Apache-2.0
// The README's example, compiled from the README itself (README_md_1.cc) and run.
#include "fixture.h"

std::string Greet(otpcore::Engine& engine, otpcore::testing::SmsInbox& phone, const char* session);

namespace otpcore {
namespace {

TEST(Readme, TheExampleGreets) {
  World world;
  CreateOrganizationRequest acme;
  acme.organization_slug = "acme";
  CreateMemberRequest ada;
  ada.external_id = "ada";
  const Member member = world.MakeMember(world.MakeOrganization(acme), ada);
  const std::string token = world.Full(member).session_token;
  EXPECT_EQ(Greet(world.engine, world.inbox, token.c_str()), "welcome");
  EXPECT_EQ(Greet(world.engine, world.inbox, "gone"), "session_not_found");
}

}  // namespace
}  // namespace otpcore
