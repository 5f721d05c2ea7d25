// SPDX-License-Identifier: Apache-2.0
// Attacks of the table in docs/security.md that no other test plays. The number of each stands
// there.
#include <algorithm>
#include <limits>
#include <vector>

#include "fixture.h"
#include "stepper.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Threats : public ::testing::Test {
 protected:
  AuthenticateSmsOtpRequest Guess(const Member& member, const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = world.Intermediate(member);
    return fields.Request();
  }

  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(Threats, AnotherNumberIsNoNewBudget) {  // 2; L-01
  const Member member = world.MakeMember(organization);
  const std::vector<std::string> numbers = {kNumber, kOtherNumber};
  int failures = 0;
  for (size_t round = 0; failures < 10; ++round) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member, numbers[round % 2])), "");
    const std::string code = world.Code();
    for (int i = 1; i <= 2; ++i, ++failures)
      ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, World::Wrong(code, i))),
                "otp_code_not_found");
    ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
              "");
    world.clock.Advance(minutes(10));
  }
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "user_lock_limit_reached");
}

TEST_F(Threats, TwoPasscodesOfOneMillisecondAreToldApart) {  // 7; S-10
  const Member member = world.MakeVerifiedMember(organization);
  std::ignore = world.Send(member);
  const std::string first = world.Code();
  std::ignore = world.Send(member);
  const std::string second = world.Code();
  ASSERT_NE(first, second);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, first)), "unable_to_auth_otp_code");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, second)), "");
}

TEST_F(Threats, AGuessThatOverlapsAResendIsJudgedByWhatIsLiveThen) {  // 7; S-10
  const Member member = world.MakeVerifiedMember(organization);
  std::ignore = world.Send(member);
  // The old code was read as right before the resend committed; its own commit comes too late.
  Stepper guess(world, Guess(member, world.Code()), 1);
  while (std::string(guess.NextStep()) != "commit") guess.Step();
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  while (!guess.done()) guess.Step();
  EXPECT_EQ(guess.error_type(), "unable_to_auth_otp_code");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "");
}

TEST_F(Threats, ACodeSentToTheOldNumberDoesNotProveTheNewOne) {  // 10; A-07
  const Member member = world.MakeMember(organization);
  std::ignore = world.Send(member, kNumber);
  const std::string code = world.Code();
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
            "");
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.mfa_phone_number = kOtherNumber;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, code)), "otp_code_not_found");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  ASSERT_NE(code, world.Code());
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, code)), "otp_code_not_found");
  // A number that somebody changes in the record itself: the digest is bound to the old one.
  std::ignore = world.Send(member);
  auto record = *world.RecordOf(member);
  record.phone.number = kNumber;
  world.Put(record);
  EXPECT_NE(ErrorTypeOf(world.Authenticate(member, world.Code())), "");
}

TEST_F(Threats, AtTheEndsOfTimeNothingWrapsAround) {  // 15; T-02
  const int64_t greatest = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Instant::FromUnixMillis(greatest), Instant::Max());
  EXPECT_EQ(Instant::FromUnixMillis(std::numeric_limits<int64_t>::min()), Instant());
  EXPECT_EQ(Instant::Max() + Duration(greatest), Instant::Max());
  EXPECT_EQ(Instant::Max() - Duration::min(), Instant::Max());
  EXPECT_EQ(Instant() + Duration::min(), Instant());
  EXPECT_EQ(Instant() - Duration::max(), Instant());
  for (const Instant now : {Instant(), Instant::Max() - minutes(1), Instant::Max()}) {
    const Member member = world.MakeMember(organization);
    world.clock.Set(now);
    // The last minute has no room for a passcode's life: it may be dead at once, but never for
    // ever.
    ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
    auto record = *world.RecordOf(member);
    EXPECT_LE(record.challenge.expires_at - record.challenge.issued_at, minutes(2));
    record.failures.in_a_row = 9;
    world.Put(record);
    const auto give = [&](const std::string& code) {
      return ErrorTypeOf(world.Authenticate(member, code));
    };
    if (now == Instant::Max()) {  // where no session can live
      EXPECT_EQ(give(World::Wrong(world.Code())), "intermediate_session_not_found");
    } else {
      EXPECT_EQ(give(World::Wrong(world.Code())), "otp_code_not_found");
      EXPECT_EQ(give(world.Code()), "user_lock_limit_reached");
      const Duration locked = world.RecordOf(member)->failures.locked_until - now;
      EXPECT_EQ(locked, std::min<Duration>(hours(1), Instant::Max() - now));
    }
    std::ignore = world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()));
  }
}

TEST_F(Threats, AHostThatDiesAtAnyNeedLeavesNothingHalfDone) {  // 34; C-08, K-10
  // The steps of each command, and what is true once its commit is done.
  for (const bool sends : {true, false}) {
    for (int dies_at = 0;; ++dies_at) {
      World one;
      const Member member = one.MakeVerifiedMember(one.MakeOrganization());
      std::ignore = one.Send(member);
      const std::string code = one.Code();
      const Revision before = one.RevisionOf(member);
      AuthenticateFields fields = World::AuthenticateRequest(member, code);
      fields.session = one.Full(member);
      bool ended = false;
      bool committed = false;
      {
        Stepper host = sends ? Stepper(one, On<SendSmsOtpRequest>(member), 77)
                             : Stepper(one, fields.Request(), 77);
        for (int step = 0; step < dies_at && !host.done(); ++step) {
          committed |= std::string(host.NextStep()) == "commit";
          host.Step();
        }
        ended = host.done();
      }
      ASSERT_EQ(one.RevisionOf(member) > before, committed) << dies_at;
      // Another host goes on. What was committed stands; a passcode nobody got is replaced.
      if (!sends) {
        EXPECT_EQ(ErrorTypeOf(one.Authenticate(member, code)),
                  committed ? "unable_to_auth_otp_code" : "");
      }
      EXPECT_EQ(ErrorTypeOf(one.Send(member)), "");
      EXPECT_EQ(ErrorTypeOf(one.Authenticate(member, one.Code())), "");
      if (ended) break;
    }
  }
}

TEST_F(Threats, AnAliasIsNoSecondBudget) {  // 40; C-01
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.organization_slug = "acme";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  CreateMemberRequest create;
  create.external_id = "ada";
  const Member member = world.MakeMember(organization, create);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  const std::string code = world.Code();
  AuthenticateFields fields = World::AuthenticateRequest(member, "");
  for (int i = 1; i <= 5; ++i) {
    fields.organization_id = i % 2 == 0 ? "acme" : member.organization_id.str();
    fields.member_id = i % 3 == 0 ? "ada" : member.member_id.str();
    fields.session = world.Intermediate(member);
    fields.code = World::Wrong(code, i);
    EXPECT_EQ(ErrorTypeOf(world.Run(fields)), "otp_code_not_found");
  }
  for (const std::string& id : {std::string("ada"), member.member_id.str()}) {
    fields.member_id = id;
    fields.session = world.Intermediate(member);
    fields.code = code;
    EXPECT_EQ(ErrorTypeOf(world.Run(fields)), "unable_to_auth_otp_code");
  }
}

TEST(StoredPasscode, IsFoundByNoSearchWithoutTheKey) {  // 30; R-03
  World world(FourDigits());
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  std::ignore = world.Send(member);
  const auto record = *world.RecordOf(member);
  EXPECT_EQ(testing::Packed<MemberRecord>(record).find(world.Code()), std::string::npos);
  const PasscodeBinding binding = {FactorKind::kSmsPasscode, record.organization_id,
                                   record.member_id, record.phone.number, record.challenge.id};
  const auto matches = [&](uint32_t with_key) {
    const KeyRing keys = TestKeys(with_key);
    int found = 0;
    for (int i = 0; i < 10000; ++i) {
      std::string code = std::to_string(i);
      code.insert(0, 4 - code.size(), '0');
      found += DigestsEqual(DigestPasscode(*keys.Find(with_key), with_key, binding, Passcode(code)),
                            record.challenge.digest);
    }
    return found;
  };
  EXPECT_EQ(matches(7), 1) << "who has the key finds it: it must not lie beside the records";
  EXPECT_EQ(matches(8), 0);
}

}  // namespace
}  // namespace otpcore
