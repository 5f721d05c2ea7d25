// SPDX-License-Identifier: Apache-2.0
// What a proof leaves behind and tells the host, field by field (A-11 … A-13).
#include "fixture.h"

namespace otpcore {
namespace {

class AuthenticateFacts : public ::testing::Test {
 protected:
  std::string SendCode() {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    return world.Code();
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeVerifiedMember(organization);
};

TEST_F(AuthenticateFacts, TheHostHearsHowManyTriesAreLeft) {
  const auto tries_left = [&](int failures) {
    AuthenticateFields fields = world.AuthenticateRequest(member, World::Wrong(SendCode()));
    fields.session = world.Intermediate(member);
    auto record = *world.RecordOf(member);
    record.challenge.failures = static_cast<uint8_t>(failures);
    world.Put(record);
    return world.engine.Run(fields.Request()).hints().tries_left;
  };
  EXPECT_EQ(tries_left(2), 2);
  EXPECT_EQ(tries_left(4), 0);
}

TEST_F(AuthenticateFacts, AStricterPolicyGoesForPasscodesThatAreOut) {
  const std::string code = SendCode();
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, World::Wrong(code))), "otp_code_not_found");
  Policy strict;
  strict.challenge_failures_max = 1;
  const auto config = TestConfig(strict);
  Engine engine(*config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  const auto answer = [&](Engine& host) {
    AuthenticateFields fields = world.AuthenticateRequest(member, code);
    fields.session = world.Intermediate(member);
    return ErrorTypeOf(host.Run(fields.Request()));
  };
  EXPECT_EQ(answer(engine), "unable_to_auth_otp_code");
  EXPECT_EQ(answer(world.engine), "");
}

// What the host puts into its session: a phone id of its own for each number that was linked.
TEST_F(AuthenticateFacts, TheSessionHearsOfTheNumber) {
  const auto proof = [&](const Member& who, const std::string& number) {
    EXPECT_EQ(ErrorTypeOf(world.Send(who, number)), "");
    return world.Authenticate(who, world.Code()).session_effect;
  };
  const SessionEffect effect = proof(member, kNumber);
  const Uuid phone_id = world.RecordOf(member)->phone.id;
  EXPECT_FALSE(phone_id.empty());
  EXPECT_EQ(ProofId(effect.proof, Environment::kTest),
            FormatId("phone-number", Environment::kTest, phone_id));
  EXPECT_EQ(effect.proof.address, Address(kNumber));
  EXPECT_EQ(effect.credential.kind, SessionCredential::Kind::kIntermediateToken);
  EXPECT_EQ(proof(member, kNumber).proof.id, effect.proof.id);
  EXPECT_NE(proof(world.MakeMember(organization), kOtherNumber).proof.id, effect.proof.id);
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
            "");
  EXPECT_NE(proof(member, kNumber).proof.id, effect.proof.id) << "linked anew";
}

}  // namespace
}  // namespace otpcore
