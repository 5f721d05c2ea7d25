// SPDX-License-Identifier: Apache-2.0
// Sandbox numbers, and codes in the digits people have on their keyboards.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr char kSandbox[] = "+10000000001";  // no metadata would pass it

Policy WithSandbox(Instant until) {
  Policy policy;
  policy.sandbox_numbers = {{kSandbox, "424242", until}};
  return policy;
}

class SandboxTest : public ::testing::Test {
 protected:
  SandboxTest() : world(WithSandbox(testing::VirtualClock().Now() + hours(24))) {}
  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeMember(organization);
};

TEST_F(SandboxTest, HasItsFixedCodeAndDeliversNothing) {
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kSandbox)), "");
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, "424243")), "otp_code_not_found");
  const auto done = world.Authenticate(member, "424242");
  ASSERT_EQ(ErrorTypeOf(done), "");
  EXPECT_TRUE(done.member().mfa_phone_number_verified);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, "424242")), "unable_to_auth_otp_code");
}

TEST_F(SandboxTest, AllOtherRulesHold) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ErrorTypeOf(world.Send(member, kSandbox)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "too_many_requests");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kSandbox)),
            "duplicate_member_phone_number");
  world.clock.Advance(minutes(2));
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, "424242")), "unable_to_auth_otp_code");
}

TEST_F(SandboxTest, IsAnOrdinaryNumberFromItsEndOn) {
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kSandbox)), "");
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, "424242")), "");
  world.clock.Advance(hours(24));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "invalid_phone_number");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kSandbox)),
            "invalid_phone_number");
}

TEST(Sandbox, ANumberThatReplacedAnotherIsOrdinaryFromItsEndOnToo) {  // X-01, M-08
  Policy policy = WithSandbox(testing::VirtualClock().Now() + hours(24));
  policy.replace_pending_number = true;
  World world(policy);
  const Member member = world.MakeMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kSandbox)), "");
  EXPECT_EQ(world.inbox.deliveries(), 1);
  EXPECT_TRUE(world.RecordOf(member)->phone.region.empty());
  world.clock.Advance(hours(24));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "invalid_phone_number");
}

TEST_F(SandboxTest, TakesOnlyTheNumbersOwnQuota) {  // X-01, L-07
  MemorySendGuard guard(world.clock);
  Engine engine(*world.config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, guard});
  auto request = On<SendSmsOtpRequest>(member);
  request.mfa_phone_number = kSandbox;
  ASSERT_EQ(ErrorTypeOf(engine.Run(request)), "");
  EXPECT_EQ(guard.size(), 2u);  // the number and the operation
}

TEST(Sandbox, IsRefusedInLiveAndWhenItMakesNoSense) {
  const auto refused = [](const Policy& policy) {
    std::string problem;
    const bool made = Config::Create(policy, TestKeys(), {}, &problem) != nullptr;
    EXPECT_EQ(made, problem.empty());
    return !made;
  };
  const Instant until = Instant::FromUnixMillis(1);
  Policy policy = WithSandbox(until);
  EXPECT_FALSE(refused(policy));
  policy.environment = Environment::kLive;
  EXPECT_TRUE(refused(policy));
  EXPECT_TRUE(refused(WithSandbox(Instant())));
  policy = WithSandbox(until);
  policy.sandbox_numbers[0].code = "12345";
  EXPECT_TRUE(refused(policy));
  policy.sandbox_numbers[0].code = "12345a";
  EXPECT_TRUE(refused(policy));
  policy = WithSandbox(until);
  policy.sandbox_numbers[0].e164 = "1 415";
  EXPECT_TRUE(refused(policy));
}

TEST(TypedDigits, OfEveryKeyboardAuthenticate) {  // A-05, threat 24
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const auto in_script = [](const std::string& code, std::string zero) {
    std::string text;
    for (const char digit : code) {
      std::string character = zero;
      character.back() = static_cast<char>(character.back() + (digit - '0'));
      text += character;
    }
    return text;
  };
  for (const char* zero : {"\xDB\xB0", "\xD9\xA0", "\xE0\xA5\xA6", "\xEF\xBC\x90"}) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, in_script(world.Code(), zero))), "");
    world.clock.Advance(minutes(10));
  }
}

}  // namespace
}  // namespace otpcore
