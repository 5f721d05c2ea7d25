// SPDX-License-Identifier: Apache-2.0
// What a repeated operation makes of the session it comes with (C-07, A-12, P-04).
#include "fixture.h"

namespace otpcore {
namespace {

using ApplyFault = testing::FaultySessions::ApplyFault;

class RepeatedSessionTest : public ::testing::Test {
 protected:
  static CallOptions Options(uint8_t id) {
    CallOptions options;
    options.operation_id.bytes[0] = id;
    return options;
  }
  AuthenticateSmsOtpRequest Proof(const SessionArguments& session) {
    auto request = testing::On<AuthenticateSmsOtpRequest>(ada);
    request.code.emplace(world.Code());
    request.session = session;
    return request;
  }
  MfaStepRequest Step(const SessionArguments& session) {
    auto request = testing::On<MfaStepRequest>(ada);
    request.session = session;
    return request;
  }
  // The directory has `session` under the credential from now on.
  void Put(const SessionArguments& arguments, const Member& member, Session session,
           Duration life = std::chrono::hours(1)) {
    session.organization_id = member.organization_id;
    session.member_id = member.member_id;
    world.directory.Add({SessionCredential::Kind::kSessionToken, arguments.session_token}, session,
                        world.clock.Now() + life);
  }
  void End(const SessionArguments& arguments) { Put(arguments, ada, Session(), Duration(0)); }
  static Session WithFactor() {
    Session session = World::PrimarySession();
    session.factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
    return session;
  }
  bool HasFactor(const SessionArguments& session) {
    const auto found =
        world.directory.Find({SessionCredential::Kind::kSessionToken, session.session_token});
    return found.session && found.session->factors.Has(FactorKind::kSmsPasscode);
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeVerifiedMember(organization);
};

// The directory failed after the commit, and the repetition said yes though it had never been asked
// again.
TEST_F(RepeatedSessionTest, IsChangedBeforeASuccessIsRepeated) {
  const SessionArguments full = world.Full(ada);
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(1))), "server_unavailable");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(1))), "server_unavailable");
  EXPECT_FALSE(HasFactor(full));
  world.sessions.apply_fault = nullptr;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(1))), "");
  EXPECT_TRUE(HasFactor(full));

  const SessionArguments token = world.Intermediate(ada);
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(token), Options(2))), "server_unavailable");
  world.sessions.apply_fault = nullptr;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(token), Options(2))), "");
  const auto found = world.directory.Find(
      {SessionCredential::Kind::kIntermediateToken, token.intermediate_session_token});
  EXPECT_FALSE(found.session);
  // Consumed by this very operation: its outcome stands.
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(token), Options(2))), "");
}

// A session that was made up was given the answer of the success. It is another request now.
TEST_F(RepeatedSessionTest, ThatIsMadeUpIsAnotherRequest) {
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(Proof(world.Full(ada)), Options(1))), "");
  SessionArguments made_up;
  made_up.session_token = "made up";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(made_up), Options(1))), "bad_request");
}

TEST_F(RepeatedSessionTest, ThatIsGoneIsNoneToAnswerWith) {  // S-11
  const SessionArguments full = world.Full(ada);
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(1))), "");
  End(full);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(1))), "session_not_found");
}

// The refusal told of a clock anomaly, as if it had been written (V-01). Found by the comparison
// with the first core.
TEST_F(RepeatedSessionTest, ThatIsGoneTellsOfNoClockAnomaly) {
  const SessionArguments full = world.Full(ada);
  world.clock.Advance(std::chrono::hours(1));
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(1))), "");
  // The send is too far ahead for a clock that has stepped back.
  world.clock.Advance(-std::chrono::hours(1));
  End(full);
  const auto refused = world.engine.Run(Proof(full), Options(1));
  EXPECT_EQ(ErrorTypeOf(refused), "session_not_found");
  EXPECT_EQ(refused.events().size(), 0u);
}

// A repeated step answered for the session that came with it, whosever it was.
TEST_F(RepeatedSessionTest, OfAnotherMemberIsAnotherRequest) {
  auto enroll = testing::On<UpdateMemberRequest>(ada, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(std::move(enroll))), "");
  const Member other = world.MakeMember(world.MakeOrganization());
  const SessionArguments foreign = world.Full(other, WithFactor());

  const auto first = world.engine.Run(Step({}), Options(1));
  ASSERT_EQ(ErrorTypeOf(first), "");
  EXPECT_FALSE(first.member_authenticated);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Step(foreign), Options(1))), "bad_request");
  const auto again = world.engine.Run(Step({}), Options(1));
  ASSERT_EQ(ErrorTypeOf(again), "");
  EXPECT_FALSE(again.member_authenticated);

  const SessionArguments full = world.Full(ada);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(2))), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(foreign), Options(2))), "bad_request");
  // A directory that gives the credential to somebody else since.
  Put(full, other, WithFactor());
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Proof(full), Options(2))),
            "member_session_member_id_mismatch");
}

// A refusal that was written, since the clock was wrong before, was repeated as a success.
TEST_F(RepeatedSessionTest, ARefusedStepStaysRefused) {
  const Member other = world.MakeMember(organization);
  const SessionArguments foreign = world.Full(other, WithFactor());
  world.clock.Advance(std::chrono::hours(24));
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  world.clock.Advance(-std::chrono::hours(24));
  const auto refused = world.engine.Run(Step(foreign), Options(3));
  EXPECT_EQ(ErrorTypeOf(refused), "member_session_member_id_mismatch");
  EXPECT_TRUE(refused.events().Has(EventKind::kClockAnomaly));
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Step(foreign), Options(3))),
            "member_session_member_id_mismatch");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Step({}), Options(3))), "") << "it is judged anew";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Step(foreign), Options(3))),
            "member_session_member_id_mismatch");
}

TEST(MemorySessions, ChangeNoSessionThatHasEnded) {
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  Session session = World::PrimarySession();
  session.organization_id = ada.organization_id;
  session.member_id = ada.member_id;
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, "t"};
  world.directory.Add(credential, session, world.clock.Now() + std::chrono::minutes(5));
  SessionEffect effect;
  effect.credential = credential;
  effect.duration = std::chrono::hours(1);
  world.clock.Advance(std::chrono::minutes(5));
  EXPECT_FALSE(world.directory.Apply(effect));
  EXPECT_FALSE(world.directory.Find(credential).session);
}

}  // namespace
}  // namespace otpcore
