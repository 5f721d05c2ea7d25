// SPDX-License-Identifier: Apache-2.0
#include "otpcore/testing/scripted_random.h"

#include <gtest/gtest.h>

#include "otpcore/testing/world.h"

namespace otpcore {
namespace testing {
namespace {

std::string CodeDrawn(SecureRandom& random, int digits) {
  constexpr SecretAccess kAccess("the test looks at it");
  Entropy entropy;
  if (!random.Fill(reinterpret_cast<uint8_t*>(&entropy), kEntropyForPasscode)) return "no entropy";
  Passcode passcode;
  if (!DrawPasscode(entropy.draws.Reveal(kAccess), digits, &passcode).ok()) return "refused";
  return std::string(passcode.Reveal(kAccess));
}

TEST(ScriptedRandom, DrawsTheCodesThatWereChosenInTheirOrder) {
  SeededRandom seeded;
  ScriptedRandom random(seeded);
  random.NextCode("000000");
  random.NextCode("999999");
  random.NextCode("007123");
  EXPECT_EQ(CodeDrawn(random, 6), "000000");
  EXPECT_EQ(CodeDrawn(random, 6), "999999");
  EXPECT_EQ(random.left(), 1u);
  EXPECT_EQ(CodeDrawn(random, 6), "007123");
  EXPECT_EQ(random.left(), 0u);
}

TEST(ScriptedRandom, ReachesEveryFourDigitCodeAndTheEdgesOfTen) {
  SeededRandom seeded;
  ScriptedRandom random(seeded);
  for (int code = 0; code < 10000; ++code) {
    const std::string text = std::to_string(10000 + code).substr(1);
    random.NextCode(text);
    ASSERT_EQ(CodeDrawn(random, 4), text);
  }
  for (const char* text : {"0000000000", "0000000001", "4999999999", "5000000000", "9999999999"}) {
    random.NextCode(text);
    EXPECT_EQ(CodeDrawn(random, 10), text);
  }
}

TEST(ScriptedRandom, IsTheInnerGeneratorWhenTheScriptIsUsedUp) {
  SeededRandom seeded(3);
  SeededRandom same(3);
  ScriptedRandom random(seeded);
  EXPECT_EQ(CodeDrawn(random, 6), CodeDrawn(same, 6));
  random.EveryCode("424242");
  random.NextCode("111111");
  EXPECT_EQ(CodeDrawn(random, 6), "111111");
  EXPECT_EQ(CodeDrawn(random, 6), "424242");
  EXPECT_EQ(CodeDrawn(random, 6), "424242");
  random.Forget();
  for (int i = 0; i < 3; ++i) CodeDrawn(same, 6);
  EXPECT_EQ(CodeDrawn(random, 6), CodeDrawn(same, 6));
}

TEST(ScriptedRandom, LeavesEverythingButPasscodesAsItIs) {
  SeededRandom seeded(3);
  SeededRandom same(3);
  ScriptedRandom random(seeded);
  random.NextCode("111111");
  uint8_t bytes[32];
  uint8_t expected[32];
  ASSERT_TRUE(random.Fill(bytes, sizeof bytes));
  ASSERT_TRUE(same.Fill(expected, sizeof expected));
  EXPECT_EQ(std::memcmp(bytes, expected, sizeof bytes), 0);
  EXPECT_EQ(random.left(), 1u);
}

TEST(ScriptedRandom, FailsWhenTheInnerGeneratorDoesAndKeepsTheScript) {
  SeededRandom seeded;
  ScriptedRandom random(seeded);
  random.NextCode("111111");
  seeded.set_failing(true);
  EXPECT_EQ(CodeDrawn(random, 6), "no entropy");
  EXPECT_EQ(random.left(), 1u);
}

TEST(ScriptedRandom, RefusesWhatIsNoCode) {
  SeededRandom seeded;
  ScriptedRandom random(seeded);
  for (const char* text : {"", "123", "12345678901", "12345a", "12 456"})
    EXPECT_THROW(random.NextCode(text), std::logic_error) << text;
  EXPECT_THROW(random.EveryCode("no"), std::logic_error);
  EXPECT_EQ(random.left(), 0u);
}

TEST(ScriptedRandom, TheTestChoosesWhatIsInTheSms) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  world.codes.NextCode("007123");
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(world.Code(), "007123");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, "007123")), "");
}

TEST(ScriptedRandom, BuildersTakeNoEntry) {
  World world;
  world.codes.NextCode("007123");
  const Organization acme = world.MakeOrganization();
  CreateMemberRequest with_number;
  with_number.mfa_phone_number = kOtherNumber;
  world.MakeMember(acme, with_number);
  const Member ada = world.MakeVerifiedMember(acme);
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(world.Code(), "007123");
}

// Which commands take an entry, as scripted_random.h lists them.
TEST(ScriptedRandom, CommandsThatDrawTakeAnEntryWhetherTheySendOrNot) {
  World world;
  const Organization acme = world.MakeOrganization();
  const Member ada = world.MakeMember(acme);
  const auto taken = [&](auto request) {
    world.codes.Forget();
    for (int i = 0; i < 3; ++i) world.codes.NextCode("007123");
    std::ignore = world.engine.Run(std::move(request));
    return 3 - static_cast<int>(world.codes.left());
  };
  CreateMemberRequest create;
  create.organization_id = acme.organization_id.str();
  create.email_address = "bob@example.com";
  EXPECT_EQ(taken(create), 0);
  create.email_address = "eve@example.com";
  create.mfa_phone_number = kOtherNumber;
  EXPECT_EQ(taken(create), 0);

  auto update = On<UpdateMemberRequest>(ada, Actor::Host());
  update.name = "Ada";
  EXPECT_EQ(taken(update), 0);
  update.mfa_phone_number = kNumber;
  EXPECT_EQ(taken(update), 0);

  const int messages = world.inbox.deliveries();
  EXPECT_EQ(taken(On<MfaStepRequest>(ada)), 1) << "this one needs no MFA";
  EXPECT_EQ(taken(On<SendSmsOtpRequest>(world.MakeMember(acme))), 1) << "there is no number";
  EXPECT_EQ(world.inbox.deliveries(), messages);

  EXPECT_EQ(taken(On<GetMemberRequest>(ada)), 0);
  EXPECT_EQ(taken(On<UnlockMemberRequest>(ada)), 0);
  EXPECT_EQ(taken(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), 0);
  auto proof = On<AuthenticateSmsOtpRequest>(ada);
  proof.code.emplace("000000");
  proof.session = world.Intermediate(ada);
  EXPECT_EQ(taken(std::move(proof)), 0);
}

TEST(ScriptedRandom, ARetryAfterAConflictTakesTheNextEntry) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  world.codes.NextCode("111111");
  world.codes.NextCode("222222");
  world.store.commit_fault = [](int call) {
    return call == 1 ? FaultyStore::CommitFault::kConflict : FaultyStore::CommitFault::kNone;
  };
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(world.Code(), "222222");
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
