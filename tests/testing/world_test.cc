// SPDX-License-Identifier: Apache-2.0
#include "otpcore/testing/world.h"

#include <gtest/gtest.h>

#include <map>

#include "otpcore/commands/mfa_factors.h"

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

// Whatever the policy takes for a window, or for the time between two sends.
TEST(World, ForgetsTheVerificationInWindowsOfEveryLength) {
  for (const Duration window :
       {Duration(std::chrono::minutes(1)), Duration(std::chrono::hours(168))}) {
    Policy policy;
    policy.sends_max = 1;
    policy.sends_window = window;
    policy.send_interval_min = std::chrono::minutes(10);
    World world(policy);
    const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
    EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "") << window.count();
  }
}

TEST(World, ACodeThatIsNotThereCannotBeWrong) {
  EXPECT_EQ(WrongCode("009"), "000");
  EXPECT_EQ(WrongCode("000", 9), "009");
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "secondary_factor_not_found");
  EXPECT_THROW(WrongCode(world.Code()), std::logic_error);
}

// The first call after a builder has the number 1, at every port: a builder's own calls do not
// count, and those before it are forgotten.
TEST(World, CallsAreCountedFromTheLastBuilderOn) {
  std::map<std::string, int> first;
  World world;
  world.faulty_clock.show = [&](int call, Instant now) {
    first["clock"] += call == 1;
    return now;
  };
  world.faulty_random.fill_fault = [&](int call) {
    first["random"] += call == 1;
    return FaultyRandom::FillFault::kNone;
  };
  world.store.fail_load = [&](int call) {
    first["load"] += call == 1;
    return false;
  };
  world.store.commit_fault = [&](int call) {
    first["commit"] += call == 1;
    return FaultyStore::CommitFault::kNone;
  };
  world.sessions.fail_find = [&](int call) {
    first["find"] += call == 1;
    return false;
  };
  world.sessions.apply_fault = [&](int call) {
    first["apply"] += call == 1;
    return FaultySessions::ApplyFault::kNone;
  };
  world.sink.delivery_fault = [&](int call) {
    first["sink"] += call == 1;
    return FaultySink::DeliveryFault::kNone;
  };
  world.guard.answer = [&](int call) {
    first["guard"] += call == 1;
    return Admission::Kind::kAdmitted;
  };
  const auto enrol = [&](const Member& member, const std::string& number) {
    first.clear();
    EXPECT_EQ(ErrorTypeOf(world.Send(member, number)), "");
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "");
    const std::map<std::string, int> once = {{"clock", 1},  {"random", 1}, {"load", 1},
                                             {"commit", 1}, {"find", 1},   {"apply", 1},
                                             {"sink", 1},   {"guard", 1}};
    EXPECT_EQ(first, once) << number;
    EXPECT_EQ(world.store.commits(), 2);
    EXPECT_EQ(world.sessions.applies(), 1);
  };
  const Organization acme = world.MakeOrganization();
  const Member ada = world.MakeMember(acme);
  EXPECT_TRUE(first.empty()) << "by builders";
  enrol(ada, kNumber);
  const Member bob = world.MakeMember(acme);
  world.MakeVerifiedMember(acme, "+12125550100");
  enrol(bob, kOtherNumber);
  world.MakeOrganization();
  EXPECT_EQ(world.guard.questions() + world.guard.spent() + world.guard.returned(), 0);
  EXPECT_EQ(world.store.loads() + world.faulty_clock.readings() + world.faulty_random.fills(), 0);
}

// As docs/testing.md writes it.
TEST(World, AFaultOfTheFirstCallHitsTheFirstCallOfTheTest) {
  World world;
  const Organization acme = world.MakeOrganization();
  const Member ada = world.MakeVerifiedMember(acme);
  world.sink.delivery_fault = [](int call) {
    return call == 1 ? FaultySink::DeliveryFault::kUnavailable : FaultySink::DeliveryFault::kNone;
  };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "downstream_carrier_error");
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
  world.sink.delivery_fault = nullptr;

  const Member bob = world.MakeMember(acme);
  world.store.fail_load = [](int call) { return call == 1; };
  EXPECT_EQ(ErrorTypeOf(world.Send(bob, kOtherNumber)), "server_unavailable");
  EXPECT_EQ(ErrorTypeOf(world.Send(bob, kOtherNumber)), "");
  world.MakeVerifiedMember(acme, "+12125550100");  // is hit by no fault
}

TEST(World, TheSameSeedGivesTheSameWorld) {
  const auto story = [](uint64_t seed) {
    World world(Policy::Default(), seed);
    const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
    return ada.member_id.str() + world.Code() + world.Send(ada).request_id();
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

TEST(World, TakesAConfigOfTheHostsOwn) {
  Policy policy;
  policy.environment = Environment::kLive;
  MessageConfig messages;
  messages.brand = "Hoard";
  std::string problem;
  World world(Config::Create(policy, TestKeys(), messages, &problem));
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  EXPECT_EQ(ada.member_id.str().rfind("member-live-", 0), 0u);
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_NE(world.inbox.messages().back().body.find("Hoard"), std::string::npos);
}

TEST(World, BuildersLeaveInboxAndScriptToTheTest) {
  World world;
  world.codes.NextCode("123456");
  world.inbox.Script({Delivery::Kind::kUnavailable, false});
  const Organization acme = world.MakeOrganization();
  const Member ada = world.MakeVerifiedMember(acme);
  const Member bob = world.MakeVerifiedMember(acme, kOtherNumber);
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_EQ(world.Code(), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(bob)), "downstream_carrier_error");
  ASSERT_EQ(ErrorTypeOf(world.Send(bob)), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(world.inbox.LastCodeTo(kNumber), world.Code());
  EXPECT_NE(world.inbox.LastCodeTo(kOtherNumber), world.Code());
  EXPECT_EQ(world.inbox.LastCodeTo("+1"), "");
  EXPECT_EQ(world.inbox.messages().back().member_id, ada.member_id);
  EXPECT_EQ(world.inbox.messages().back().organization_id, acme.organization_id);
  EXPECT_THROW(world.codes.NextCode("1234567"), std::logic_error);
  EXPECT_THROW(world.codes.EveryCode("12345"), std::logic_error);
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
  world.sessions.fail_find = [](int) { return true; };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "server_unavailable");
  world.sessions.fail_find = nullptr;

  world.faulty_clock.show = [](int, Instant now) { return now + std::chrono::minutes(2); };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "unable_to_auth_otp_code");
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
