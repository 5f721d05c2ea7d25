// SPDX-License-Identifier: Apache-2.0
// The blocking facade: the ports it calls, and in which order.
#include "otpcore/engine/engine.h"

#include "fixture.h"

namespace otpcore {
namespace {

TEST(Engine, LinksANumberAndVerifiesItByItsPasscode) {
  World world;
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeMember(organization);
  auto sent = world.Send(member, kNumber);
  ASSERT_EQ(ErrorTypeOf(sent), "");
  EXPECT_EQ(sent.member().mfa_phone_number, kNumber);
  auto done = world.Authenticate(member, world.inbox.LastCode());
  ASSERT_EQ(ErrorTypeOf(done), "");
  EXPECT_TRUE(done.member().mfa_phone_number_verified);
}

template <typename... Given>
constexpr auto CanMakePorts(int) -> decltype(Ports{std::declval<Given>()...}, true) {
  return true;
}
template <typename...>
constexpr bool CanMakePorts(...) {
  return false;
}

TEST(Engine, IsNotMadeWithoutAGuard) {  // L-07
  static_assert(
      CanMakePorts<Clock&, SecureRandom&, Store&, SessionDirectory&, MessageSink&, SendGuard&>(0));
  static_assert(!CanMakePorts<Clock&, SecureRandom&, Store&, SessionDirectory&, MessageSink&>(0),
                "a guard that was forgotten compiles");
}

TEST(Engine, WithNoGuardGrantsEveryQuota) {  // L-06, L-07
  Policy policy;
  policy.number_sends_max = policy.region_sends_max = policy.organization_sends_max = 1;
  World world(policy);
  NoGuard guard;
  Engine engine(*world.config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, guard});
  const Organization organization = world.MakeOrganization();
  for (int i = 0; i < 4; ++i) {
    auto request = On<SendSmsOtpRequest>(world.MakeMember(organization));
    request.mfa_phone_number = "+1415555010" + std::to_string(i);
    EXPECT_EQ(ErrorTypeOf(engine.Run(request)), "");
  }
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
    std::ignore = world.Send(member, kNumber);
    world.store.commit_fault = nullptr;
    std::ignore = world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()));
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
  std::ignore = world.Send(member);
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

// The request id is shown, the run id is not.
TEST(Engine, MakesItsIdsOfDifferentBytes) {  // C-05, C-08
  World world;
  CountingRandom random;
  Engine engine(*world.config,
                {world.clock, random, world.store, world.sessions, world.inbox, world.guard});
  CreateOrganizationRequest create;
  create.organization_name = "Acme";
  const auto reply = engine.Run(create);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(random.last_size, kEntropyForIds);
  uint8_t bytes[kEntropyForIds];
  random.Fill(bytes, sizeof bytes);
  EXPECT_EQ(reply.request_id(), FormatId("request-id", Environment::kTest, UuidFromRandom(bytes)));
  EXPECT_EQ(reply.organization().organization_id,
            EntityId::Organization(Environment::kTest,
                                   UuidFromRandom(bytes + offsetof(Entropy, new_id))));
}

TEST(Engine, DrawsNoMoreThanACommandNeeds) {
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  CountingRandom random;
  Engine engine(*world.config,
                {world.clock, random, world.store, world.sessions, world.inbox, world.guard});
  std::ignore = engine.Run(On<GetMemberRequest>(member));
  EXPECT_EQ(random.last_size, kEntropyForRun);
  std::ignore = engine.Run(On<SendSmsOtpRequest>(member));
  EXPECT_EQ(random.last_size, kEntropyForPasscode);
  std::ignore = engine.Run(GetMemberRequest());  // refused before anything is loaded
  EXPECT_EQ(random.last_size, 16u) << "a request id alone";
}

TEST(Engine, UsesAReplyAgain) {
  World world;
  const Organization organization = world.MakeOrganization();
  const Member ada = world.MakeMember(organization);
  const Member bob = world.MakeMember(organization);
  Reply<GetMember> reply;
  world.engine.Run(On<GetMemberRequest>(ada), {}, &reply);
  EXPECT_EQ(reply.member().member_id, ada.member_id);
  world.engine.Run(GetMemberRequest{organization.organization_id.str(), "nobody"}, {}, &reply);
  EXPECT_EQ(ErrorTypeOf(reply), "member_not_found");
  EXPECT_TRUE(reply.member().member_id.empty()) << "nothing of the reply before is left";
  EXPECT_TRUE(reply.organization().organization_id.empty());
  world.engine.Run(On<GetMemberRequest>(bob), {}, &reply);
  EXPECT_EQ(reply.member().member_id, bob.member_id);
  const Reply<GetMember> copy = reply;
  EXPECT_EQ(copy.member().email_address, bob.email_address);
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
  const std::string first = world.Send(member, "", options).request_id();
  EXPECT_NE(world.Send(member, "", options).request_id(), first);
}

TEST(Engine, HasARequestIdForAnErrorWithoutEntropy) {  // C-05, R-02
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  world.random.set_failing(true);
  const auto reply = world.Send(member);
  EXPECT_EQ(ErrorTypeOf(reply), "internal_server_error");
  EXPECT_EQ(reply.request_id(), "request-id-test-00000000-0000-0000-0000-000000000000");
}

TEST(Engine, InLiveTakesAndMakesIdsOfLiveOnly) {  // C-04, C-05
  Policy policy;
  policy.environment = Environment::kLive;
  MessageConfig messages;
  messages.brand = "Acme";
  messages.web_otp_host = "acme.example";
  std::string problem;
  const auto config = Config::Create(policy, TestKeys(), messages, &problem);
  ASSERT_NE(config, nullptr) << problem;
  World world;
  Engine live(*config,
              {world.clock, world.random, world.memory, world.directory, world.inbox, world.guard});

  CreateOrganizationRequest create_organization;
  create_organization.organization_name = "Acme";
  const auto organization = live.Run(create_organization);
  ASSERT_EQ(ErrorTypeOf(organization), "");
  const EntityId organization_id = organization.organization().organization_id;
  EXPECT_EQ(organization_id.str().rfind("organization-live-", 0), 0u);
  CreateMemberRequest create;
  create.organization_id = organization_id.str();
  create.email_address = "ada@example.com";
  const auto created = live.Run(create);
  const Member member = created.member();
  EXPECT_EQ(member.member_id.str().rfind("member-live-", 0), 0u);
  auto send = On<SendSmsOtpRequest>(member);
  send.mfa_phone_number = kNumber;
  const auto sent = live.Run(send);
  ASSERT_EQ(ErrorTypeOf(sent), "");
  EXPECT_EQ(sent.request_id().rfind("request-id-live-", 0), 0u);
  AuthenticateFields proof = World::AuthenticateRequest(member, world.Code());
  proof.session = world.Intermediate(member);
  EXPECT_EQ(ErrorTypeOf(live.Run(proof.Request())), "");

  constexpr char kWrong[] = "test_id_used_in_live_environment";
  send.member_id = FormatId("member", Environment::kTest, Uuid());
  EXPECT_EQ(ErrorTypeOf(live.Run(send)), kWrong);
  create.member_id = send.member_id;
  EXPECT_EQ(ErrorTypeOf(live.Run(create)), kWrong);
  create_organization.organization_id = FormatId("organization", Environment::kTest, Uuid());
  EXPECT_EQ(ErrorTypeOf(live.Run(create_organization)), kWrong);
}

}  // namespace
}  // namespace otpcore
