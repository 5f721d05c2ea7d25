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

TEST(Engine, ReadsTheClockAfterTheLoad) {  // T-01
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  world.store.fail_load = [&](int) {
    world.clock.Advance(std::chrono::minutes(2));  // it takes its time
    return false;
  };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "unable_to_auth_otp_code");
}

struct CountingRandom final : SecureRandom {
  bool Fill(uint8_t* bytes, size_t size) override {
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i);
    last_size = size;
    return true;
  }
  size_t last_size = 0;
};

// The request id is shown, the operation id is not.
TEST(Engine, MakesItsTwoIdsOfDifferentBytes) {  // C-05, C-07
  World world;
  CountingRandom random;
  Engine engine(*world.config, {world.clock, random, world.store, world.sessions, world.inbox});
  CreateOrganizationRequest create;
  create.organization_name = "Acme";
  const auto reply = engine.Run(create);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(random.last_size, 32u);
  uint8_t bytes[32];
  random.Fill(bytes, sizeof bytes);
  EXPECT_EQ(reply.request_id, FormatId("request-id", Environment::kTest, UuidFromRandom(bytes)));
  const Uuid operation = UuidFromRandom(bytes + 16);
  EXPECT_EQ(reply.result->organization.organization_id.view(),
            FormatId("organization", Environment::kTest, UuidFromRandom(operation.bytes.data())));
}

TEST(Engine, DrawsTheIdThatIsMissing) {  // C-05, C-07
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const int deliveries = world.inbox.deliveries();
  CallOptions options;
  options.request_id = "mine";
  for (int i = 0; i < 2; ++i) EXPECT_EQ(ErrorTypeOf(world.Send(member, "", options)), "");
  EXPECT_EQ(world.inbox.deliveries(), deliveries + 2) << "no repetition of each other";
  options = CallOptions();
  options.operation_id.bytes[0] = 1;
  const std::string first = world.Send(member, "", options).request_id;
  EXPECT_NE(world.Send(member, "", options).request_id, first);
}

}  // namespace
}  // namespace otpcore
