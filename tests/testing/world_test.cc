#include "otpcore/testing/world.h"

#include <gtest/gtest.h>

#include "otpcore/mfa_factors.h"

namespace otpcore {
namespace testing {
namespace {

TEST(World, HasAMemberWithAndOneWithoutAVerifiedNumber) {
  World world;
  const Organization acme = world.MakeOrganization();
  const Member without = world.MakeMember(acme);
  const Member with = world.MakeVerifiedMember(acme);
  EXPECT_EQ(without.mfa_phone_number, "");
  EXPECT_EQ(with.mfa_phone_number, kNumber);
  EXPECT_TRUE(with.mfa_phone_number_verified);
  EXPECT_NE(without.member_id.str(), with.member_id.str());
  EXPECT_NE(without.email_address, with.email_address);
}

TEST(World, SendsAndAuthenticates) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, WrongCode(world.Code()))), "otp_code_not_found");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "");
}

TEST(World, ForgetsTheVerificationInAllWindows) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  const int sends_max = world.config->policy().sends_max;
  for (int i = 0; i < sends_max; ++i) EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "") << i;
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "too_many_requests");
}

TEST(World, ACodeThatIsNotThereCannotBeWrong) {
  EXPECT_EQ(WrongCode("009"), "000");
  EXPECT_EQ(WrongCode("000", 9), "009");
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "secondary_factor_not_found");
  EXPECT_THROW(WrongCode(world.Code()), std::logic_error);
}

TEST(World, TheSameSeedGivesTheSameWorld) {
  const auto story = [](uint64_t seed) {
    World world(Policy::Default(), seed);
    const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
    return ada.member_id.str() + world.Code() + world.Send(ada).request_id;
  };
  EXPECT_EQ(story(5), story(5));
  EXPECT_NE(story(5), story(6));
}

TEST(World, SetupThatIsRefusedFailsTheTestWithTheReason) {
  World world;
  const Organization acme = world.MakeOrganization();
  Organization nobody = acme;
  nobody.organization_id = "nobody";
  try {
    world.MakeMember(nobody);
    FAIL() << "a Member of an Organization that does not exist";
  } catch (const std::logic_error& error) {
    EXPECT_NE(std::string(error.what()).find("organization_not_found"), std::string::npos);
  }
  Policy senseless;
  senseless.passcode_digits = 3;
  EXPECT_THROW(TestConfig(senseless), std::logic_error);
}

// Each of the six ports is reached through its wrapper.
TEST(World, EveryPortCanBeMadeToFail) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  const Member bob = world.MakeMember(world.MakeOrganization());

  world.faulty_random.fill_fault = [](int) { return FaultyRandom::FillFault::kFails; };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "internal_server_error");
  world.faulty_random.fill_fault = nullptr;

  world.store.fail_load = [](int) { return true; };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "server_unavailable");
  world.store.fail_load = nullptr;

  world.sink.delivery_fault = [](int) { return FaultySink::DeliveryFault::kUnavailable; };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "downstream_carrier_error");
  world.sink.delivery_fault = nullptr;

  world.guard.answer = [](int) { return Admission::Kind::kTooFewAuthenticated; };
  EXPECT_EQ(ErrorTypeOf(world.Send(bob, kOtherNumber)), "too_few_tokens_authenticated");
  world.guard.answer = nullptr;

  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  world.sessions.unreachable = true;
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "server_unavailable");
  world.sessions.unreachable = false;

  world.faulty_clock.show = [](int, Instant now) { return now + std::chrono::minutes(2); };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "unable_to_auth_otp_code");
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
