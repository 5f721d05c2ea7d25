// The blocking facade: the ports it calls, and in which order.
#include "otpcore/engine.h"

#include "fixture.h"

namespace otpcore {
namespace {

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

TEST(Engine, TellsTheGuardHowEachAdmissionEnded) {  // L-06, L-07, D-02 ... D-04
  using CommitFault = testing::FaultyStore::CommitFault;
  World world;
  const Organization organization = world.MakeOrganization();
  const auto settled = [&](Delivery::Kind kind, CommitFault fault = CommitFault::kNone) {
    const Member member = world.MakeMember(organization);
    world.inbox.Script({kind, false});
    world.store.commit_fault = [fault](int) { return fault; };
    const int spent = world.guard.spent();
    const int returned = world.guard.returned();
    world.Send(member, kNumber);
    world.store.commit_fault = nullptr;
    world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member));
    return std::pair(world.guard.spent() - spent, world.guard.returned() - returned);
  };
  using Kind = Delivery::Kind;
  const std::pair spent(1, 0);
  const std::pair returned(0, 1);
  EXPECT_EQ(settled(Kind::kAccepted), spent);
  EXPECT_EQ(settled(Kind::kRejected), spent);
  EXPECT_EQ(settled(Kind::kUnavailable), returned);
  EXPECT_EQ(settled(Kind::kUnknown), spent);
  EXPECT_EQ(settled(Kind::kAccepted, CommitFault::kUnavailable), returned);
  EXPECT_EQ(settled(Kind::kAccepted, CommitFault::kUnknownLost), spent);
  const Member member = world.MakeVerifiedMember(organization);
  const int before = world.guard.spent() + world.guard.returned();
  world.Send(member);
  EXPECT_EQ(world.guard.spent() + world.guard.returned(), before) << "it was not asked";
}

}  // namespace
}  // namespace otpcore
