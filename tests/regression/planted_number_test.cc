// SPDX-License-Identifier: Apache-2.0
// Numbers that somebody else put there, or under a wrong clock (S-07, S-12, T-02, X-01).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Linked with a stolen password before there was another factor, a pending number got the codes of
// the MFA step once the owner had registered TOTP.
TEST(PlantedNumber, ProvesNothingOnceThereIsAnotherFactor) {  // S-12
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, kOtherNumber)), "");
  const std::string code = world.Code();
  auto totp = testing::On<SetTotpRegistrationRequest>(ada, Actor::Host());
  totp.totp_registration_id = "totp-1";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(std::move(totp))), "");
  auto enroll = testing::On<UpdateMemberRequest>(ada, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(std::move(enroll))), "");

  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, code)), "insufficient_factors");
  const int deliveries = world.inbox.deliveries();
  const auto step = world.engine.Run(testing::On<MfaStepRequest>(ada));
  ASSERT_EQ(ErrorTypeOf(step), "");
  EXPECT_FALSE(step.member_authenticated);
  EXPECT_FALSE(step.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "insufficient_factors");
  EXPECT_EQ(world.inbox.deliveries(), deliveries);

  // Whoever can show the other factor goes on with it.
  Session session = World::PrimarySession();
  session.factors.Add(FactorKind::kTotp, Instant::FromUnixMillis(1));
  auto send = testing::On<SendSmsOtpRequest>(ada);
  send.session = world.Full(ada, session);
  auto proof = testing::On<AuthenticateSmsOtpRequest>(ada);
  proof.session = send.session;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(std::move(send))), "");
  proof.code.emplace(world.Code());
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(std::move(proof))), "");
}

// A stolen password was enough to switch the second factor off.
TEST(StolenPassword, TakesNoFactorAway) {  // S-12, C-10
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  auto enroll = testing::On<UpdateMemberRequest>(ada, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  const auto update = [&](auto change, bool with_factor) {
    auto request = testing::On<UpdateMemberRequest>(ada, Actor::Host());
    change(request);
    Session session = World::PrimarySession();
    if (with_factor) session.factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
    request.actor = Actor::Person(world.Full(ada, session));
    return ErrorTypeOf(world.engine.Run(request));
  };
  const auto unenroll = [](UpdateMemberRequest& request) { request.mfa_enrolled = false; };
  const auto break_glass = [](UpdateMemberRequest& request) { request.is_breakglass = true; };
  const auto rename = [](UpdateMemberRequest& request) { request.name = "Ada"; };
  const auto say_the_same = [](UpdateMemberRequest& request) { request.mfa_enrolled = true; };
  EXPECT_EQ(update(unenroll, false), "insufficient_factors");
  EXPECT_EQ(update(break_glass, false), "unauthorized_action");
  EXPECT_EQ(update(rename, false), "");
  EXPECT_EQ(update(say_the_same, false), "insufficient_factors") << "to ask is enough";
  EXPECT_EQ(update(break_glass, true), "unauthorized_action");
  EXPECT_EQ(update(unenroll, true), "");
  EXPECT_EQ(update(unenroll, false), "insufficient_factors") << "to ask is enough";
}

// Nor could a host that was told of the session keep a stolen password from deleting the number,
// and linking another one then needed no factor.
TEST(StolenPassword, DeletesNoNumber) {  // S-12, M-03
  World world;
  const Organization organization = world.MakeOrganization();
  const Member ada = world.MakeVerifiedMember(organization);
  const auto remove = [&](const Member& member, const SessionArguments& session) {
    return ErrorTypeOf(
        world.engine.Run(testing::On<DeleteMfaPhoneNumberRequest>(member, Actor::Person(session))));
  };
  Session proved = World::PrimarySession();
  proved.factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
  const Member bob = world.MakeMember(organization);
  EXPECT_EQ(remove(ada, world.Full(ada)), "insufficient_factors");
  EXPECT_EQ(remove(ada, world.Full(bob, proved)), "member_session_member_id_mismatch");
  EXPECT_TRUE(world.RecordOf(ada)->phone.state == EnrollmentState::kVerified);
  EXPECT_EQ(remove(ada, world.Full(ada, proved)), "");
  EXPECT_EQ(remove(ada, world.Full(ada)), "member_phone_number_not_found");
  // A number that proves nothing yet may be a typo.
  ASSERT_EQ(ErrorTypeOf(world.Send(bob, kOtherNumber)), "");
  EXPECT_EQ(remove(bob, world.Full(bob)), "");
}

// A lease of a host whose clock was a year ahead kept the number's owner out for that year.
TEST(PlantedNumber, ALeaseFromAClockFarAheadKeepsNobodyOut) {  // S-07, T-02
  World world;
  const Organization organization = world.MakeOrganization();
  const Member ada = world.MakeMember(organization);
  const Member stranger = world.MakeMember(organization);
  world.clock.Advance(hours(24 * 365));
  ASSERT_EQ(ErrorTypeOf(world.Send(stranger, kNumber)), "");
  world.clock.Advance(-hours(24 * 365));
  EXPECT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");

  // A clock that is ahead by what hosts may differ gives leases that count.
  const Member late = world.MakeMember(organization);
  world.clock.Advance(minutes(10) + std::chrono::seconds(5));
  ASSERT_EQ(ErrorTypeOf(world.Send(stranger, kOtherNumber)),
            "duplicate_member_phone_number_for_member");
  ASSERT_EQ(ErrorTypeOf(world.Send(late, kOtherNumber)), "");
  world.clock.Advance(-std::chrono::seconds(5));
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kOtherNumber)),
            "duplicate_member_phone_number");
}

// Without a number in the request no claim of the stored one was loaded, and one that was spelled
// otherwise than libphonenumber does was taken for another number: the process died.
class SandboxSpelling : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(PlantedNumber, SandboxSpelling, ::testing::Bool());

TEST_P(SandboxSpelling, EndsInAnError) {  // X-01, M-08
  Policy policy;
  policy.replace_pending_number = GetParam();
  policy.sandbox_numbers = {{"+4407400123456", "123456", testing::VirtualClock().Now() + hours(1)}};
  policy.allowed_regions = {"US", "GB"};
  World world(policy);
  const Member ada = world.MakeMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, "+4407400123456")), "");
  world.clock.Advance(hours(2));
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "duplicate_member_phone_number_for_member");
}

// Who unlinked a number and linked it again took a new lease each time, and so kept its owner out.
TEST(PlantedNumber, LinkingItAgainAndAgainKeepsNobodyOut) {  // S-07
  for (const bool by_send : {false, true}) {
    Policy policy;
    policy.sends_max = kSendTimesMax;
    World world(policy);
    const Organization organization = world.MakeOrganization();
    const Member owner = world.MakeMember(organization);
    const Member stranger = world.MakeMember(organization);
    const auto plant = [&] {
      std::ignore =
          world.engine.Run(testing::On<DeleteMfaPhoneNumberRequest>(stranger, Actor::Host()));
      if (by_send) return ErrorTypeOf(world.Send(stranger, kNumber));
      auto update = testing::On<UpdateMemberRequest>(stranger, Actor::Host());
      update.mfa_phone_number = kNumber;
      return ErrorTypeOf(world.engine.Run(update));
    };
    ASSERT_EQ(plant(), "");
    EXPECT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "duplicate_member_phone_number");
    world.clock.Advance(minutes(2) - Duration(1));
    ASSERT_EQ(plant(), "") << "the stranger may, but is in nobody's way any more";
    EXPECT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "");
    EXPECT_EQ(plant(), "duplicate_member_phone_number") << "now the owner has the lease";
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(owner, world.Code())), "");
  }
}

TEST(PlantedNumber, AMemberIsGivenALeaseAgainAfterFiveLives) {  // S-07
  World world;
  const Organization organization = world.MakeOrganization();
  const Member ada = world.MakeMember(organization);
  const Member bob = world.MakeMember(organization);
  const auto lease = [&] { return world.ClaimOf(organization, kNumber)->lease_end; };
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");
  EXPECT_EQ(lease() - world.clock.Now(), minutes(2));
  for (const Duration wait : {minutes(10) - Duration(1), Duration(1)}) {
    ASSERT_EQ(
        ErrorTypeOf(world.engine.Run(testing::On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host()))),
        "");
    world.clock.Advance(wait);
    ASSERT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");
    // None ends in the past of every host, however late its clock.
    EXPECT_EQ(lease(), wait == Duration(1) ? world.clock.Now() + minutes(2) : Instant());
  }
  EXPECT_EQ(ErrorTypeOf(world.Send(bob, kNumber)), "duplicate_member_phone_number");
}

TEST(PlantedNumber, ALeaseThatWasOfNoUseIsGivenBack) {  // S-07, D-05, T-02
  World world;
  const Organization organization = world.MakeOrganization();
  const Member ada = world.MakeMember(organization);
  world.inbox.Script({Delivery::Kind::kUnavailable, false});
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "downstream_carrier_error");
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");
  EXPECT_EQ(world.ClaimOf(organization, kNumber)->lease_end - world.clock.Now(), minutes(2));
  // Nor does one that a clock far ahead gave keep the next one from being given.
  const auto lease_after = [&](Duration step) {
    EXPECT_EQ(
        ErrorTypeOf(world.engine.Run(testing::On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host()))),
        "");
    world.clock.Advance(step);
    EXPECT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");
    return world.ClaimOf(organization, kNumber)->lease_end;
  };
  EXPECT_EQ(lease_after(-minutes(10)), Instant());
  const Instant end = lease_after(-Duration(1));
  EXPECT_EQ(end, world.clock.Now() + minutes(2));
}

}  // namespace
}  // namespace otpcore
