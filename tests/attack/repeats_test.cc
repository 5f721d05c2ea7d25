// SPDX-License-Identifier: Apache-2.0
// Attackers who know somebody's operation id, and hosts that forget to give one (C-07).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;

class Repeats : public ::testing::Test {
 protected:
  std::string Try(const AuthenticateFields& proof) { return ErrorTypeOf(world.Run(proof, stolen)); }
  // The proof of `who`, in a session of their own.
  AuthenticateFields ProofOf(const Member& who, const std::string& code) {
    AuthenticateFields proof = World::AuthenticateRequest(who, code);
    proof.session = world.Full(who);
    return proof;
  }
  bool Shows(const SessionArguments& session) {
    const auto found =
        world.directory.Find({SessionCredential::Kind::kSessionToken, session.session_token});
    return found.session->factors.HasSecond();
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member owner = world.MakeVerifiedMember(organization);
  CallOptions stolen{"", {{7}}};  // an operation id that an attacker has learned
};

// The owner's success was answered to everybody who gave its operation id.
TEST_F(Repeats, ASuccessIsNoneForAnotherCodeSessionOrMember) {
  ASSERT_EQ(ErrorTypeOf(world.Send(owner)), "");
  const std::string code = world.Code();
  const AuthenticateFields own = ProofOf(owner, code);
  ASSERT_EQ(Try(own), "");
  const Revision before = world.RevisionOf(owner);
  world.ResetCounts();

  // Somebody who signed in with the owner's password, with a session of their own.
  AuthenticateFields other_session = ProofOf(owner, code);
  EXPECT_EQ(Try(other_session), "bad_request");
  EXPECT_FALSE(Shows(other_session.session));
  other_session.session = world.Intermediate(owner);
  EXPECT_EQ(Try(other_session), "bad_request");

  AuthenticateFields other_code = own;
  other_code.code = World::Wrong(code);
  EXPECT_EQ(Try(other_code), "bad_request");

  const Member attacker = world.MakeMember(organization);
  const Member elsewhere = world.MakeMember(world.MakeOrganization());
  for (const Member& other : {attacker, elsewhere}) {
    const AuthenticateFields other_member = ProofOf(other, code);
    EXPECT_EQ(Try(other_member), "otp_code_not_found") << "judged by its own right";
    EXPECT_FALSE(Shows(other_member.session));
    // The attacker's session under the owner's name.
    AuthenticateFields other_name = own;
    other_name.session = other_member.session;
    EXPECT_EQ(Try(other_name), "bad_request");
    EXPECT_FALSE(Shows(other_member.session));
  }
  EXPECT_EQ(world.store.commits(), 0);
  EXPECT_EQ(world.sessions.applies(), 0);
  EXPECT_EQ(world.RevisionOf(owner), before);
  EXPECT_EQ(Try(own), "") << "whose it is hears it";
}

// All codes under one operation id: only the first is looked at, so the others tell nothing, also
// the right one.
TEST_F(Repeats, AFailureLetsNobodyGuessOn) {
  ASSERT_EQ(ErrorTypeOf(world.Send(owner)), "");
  const std::string code = world.Code();
  AuthenticateFields guess = ProofOf(owner, World::Wrong(code));
  ASSERT_EQ(Try(guess), "otp_code_not_found");
  world.ResetCounts();
  for (int i = 0; i < 1000; ++i) {
    std::string digits = std::to_string(1000000 + i * 997 % 1000000).substr(1);
    if (digits == *guess.code) continue;
    if (i == 500) digits = code;
    guess.code = digits;
    EXPECT_EQ(Try(guess), "bad_request");
  }
  EXPECT_EQ(world.store.commits(), 0);
  EXPECT_FALSE(Shows(guess.session));
  EXPECT_EQ(world.RecordOf(owner)->failures.in_a_row, 1) << "counted once";
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(owner, code)), "");
}

// A send that is repeated sends nothing, whoever repeats it and wherever to.
TEST_F(Repeats, ASendIsNoneForAnotherNumberOrSession) {
  const Member fresh = world.MakeMember(organization);
  auto send = On<SendSmsOtpRequest>(fresh);
  send.mfa_phone_number = kOtherNumber;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(send, stolen)), "");
  world.ResetCounts();
  auto other = send;
  other.mfa_phone_number = "+16135550187";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(other, stolen)), "bad_request");
  other = send;
  other.session = world.Full(owner);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(other, stolen)), "bad_request");
  EXPECT_EQ(world.sink.deliveries(), 0);
  EXPECT_EQ(world.store.commits(), 0);
}

// A host with a loop of its own that leaves the id empty. All such operations would be one and the
// same, so each is a misuse, and the records of earlier ones do not matter.
TEST_F(Repeats, AnOperationIdLeftEmptyIsAMisuseAlsoAHundredDaysLater) {
  const auto run_without_id = [&] {
    ASSERT_EQ(ErrorTypeOf(world.Send(owner)), "");
    const auto proof = ProofOf(owner, world.Code());
    const auto request = proof.Request();
    CallContext context;
    context.config = world.config.get();
    world.ResetCounts();
    OperationFor<AuthenticateSmsOtp> operation(context, request);
    EXPECT_TRUE(std::holds_alternative<Done>(operation.driver().Start()));
    EXPECT_EQ(operation.driver().conclusion().fault, Fault::kMisuse);
    Reply<AuthenticateSmsOtp> reply;
    operation.Respond("", &reply);
    EXPECT_EQ(ErrorTypeOf(reply), "internal_server_error");
    EXPECT_EQ(world.store.loads() + world.store.commits() + world.sessions.applies(), 0);
    EXPECT_FALSE(Shows(proof.session));
  };
  run_without_id();
  // A success without an id leaves an empty one in the record.
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(owner, world.Code())), "");
  ASSERT_TRUE(world.RecordOf(owner)->mark.id.empty());
  run_without_id();
  world.clock.Advance(hours(24 * 100));
  run_without_id();
}

}  // namespace
}  // namespace otpcore
