// SPDX-License-Identifier: Apache-2.0
// What an intermediate session of no Member may be used for: the Member with its address (EM-27),
// and nobody else.
#include "discovery.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::AuthenticatorApp;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;
using testing::WrongCode;
using Effect = SessionEffect::Kind;

class DiscoveredSession : public DiscoveryTest {
 protected:
  std::optional<Session> Find(const SessionArguments& session) {
    return world.directory
        .Find({SessionCredential::Kind::kIntermediateToken, session.intermediate_session_token})
        .session;
  }
  Member Invited(const std::string& address = "eve@example.com") {
    CreateMemberRequest create;
    create.invited = true;
    return MakeMember(address, create);
  }
  MemberStatus StatusOf(const Member& member) { return world.RecordOf(member)->status; }
  bool IsVerified(const Member& member) { return world.RecordOf(member)->email_address_verified; }
};

TEST_F(DiscoveredSession, IsTheOneThatDiscoveryAsksFor) {  // EM-26, SE-01
  const auto reply = Show(Discovered());
  ASSERT_THAT(reply, Succeeds());
  const auto session = Find(world.GiveSession(reply.session_effect));
  ASSERT_TRUE(session);
  EXPECT_TRUE(session->is_of_no_member());
  EXPECT_EQ(session->email_address.view(), kAddress);
  EXPECT_TRUE(session->factors.HasPrimary());
  EXPECT_FALSE(session->factors.HasSecond());
}

// Each command with a session argument takes it for its Member, and for nobody else.
TEST_F(DiscoveredSession, OpensItsAddressAlone) {  // EM-27, S-11
  const Member eve = MakeMember("eve@example.com");
  Member nameless = world.MakeMember(organization);
  const SessionArguments of_ada = world.Discovered("ADA@example.com");
  for (const Member& member : {eve, nameless}) {
    auto send = On<SendSmsOtpRequest>(member);
    send.mfa_phone_number = kNumber;
    send.session = of_ada;
    EXPECT_THAT(world.engine.Run(send), FailsWith("member_session_member_id_mismatch"));
    auto prove = On<AuthenticateSmsOtpRequest>(member);
    prove.code.emplace("123456");
    prove.session = of_ada;
    EXPECT_THAT(world.engine.Run(prove), FailsWith("member_session_member_id_mismatch"));
    auto step = On<MfaStepRequest>(member);
    step.session = of_ada;
    EXPECT_THAT(world.engine.Run(step), FailsWith("member_session_member_id_mismatch"));
    auto create = On<CreateTotpRequest>(member, Actor::Person(of_ada));
    EXPECT_THAT(world.engine.Run(create), FailsWith("member_session_member_id_mismatch"));
    auto update = On<UpdateMemberRequest>(member, Actor::Person(of_ada));
    update.name = "Mallory";
    EXPECT_THAT(world.engine.Run(update), FailsWith("member_session_member_id_mismatch"));
    EXPECT_FALSE(IsVerified(member));
  }
  ASSERT_THAT(Send("eve@example.com"), Succeeds());
  auto by_email = Proof(Code(), "eve@example.com");
  by_email.session = of_ada;
  EXPECT_THAT(world.engine.Run(by_email), FailsWith("member_session_member_id_mismatch"));
  auto send = On<SendSmsOtpRequest>(ada);
  send.mfa_phone_number = kNumber;
  send.session = of_ada;
  EXPECT_THAT(world.engine.Run(send), Succeeds());
}

TEST_F(DiscoveredSession, ASpellingMakesNoDifference) {  // EM-02, EM-27
  const Member bob = MakeMember("Bob@Example.com");
  auto step = On<MfaStepRequest>(bob);
  step.session = world.Discovered("bob@example.com");
  EXPECT_THAT(world.engine.Run(step), Succeeds());
  EXPECT_TRUE(IsVerified(bob));
  step.session = world.Discovered("bobby@example.com");
  EXPECT_THAT(world.engine.Run(step), FailsWith("member_session_member_id_mismatch"));
}

// No directory should hold such sessions. If one does, they are nobody's.
TEST_F(DiscoveredSession, OnlyAnIntermediateOneWithAPrimaryFactorAndAnAddressIsTaken) {  // EM-27
  Session session;
  session.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
  session.email_address = kAddress;
  const auto add = [&](SessionCredential::Kind kind, const char* value, const Session& one) {
    world.directory.Add({kind, value}, one, world.clock.Now() + hours(1));
  };
  auto step = On<MfaStepRequest>(ada);
  add(SessionCredential::Kind::kSessionToken, "full", session);
  step.session.session_token = "full";
  EXPECT_THAT(world.engine.Run(step), FailsWith("member_session_member_id_mismatch"));
  step.session = {};
  Session with_second = session;
  with_second.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  add(SessionCredential::Kind::kIntermediateToken, "second", with_second);
  step.session.intermediate_session_token = "second";
  EXPECT_THAT(world.engine.Run(step), FailsWith("member_session_member_id_mismatch"));
  Session without_address = session;
  without_address.email_address.clear();
  add(SessionCredential::Kind::kIntermediateToken, "nothing", without_address);
  step.session.intermediate_session_token = "nothing";
  EXPECT_THAT(world.engine.Run(step), FailsWith("member_session_member_id_mismatch"));
  Session half = session;
  half.organization_id = organization.organization_id;
  add(SessionCredential::Kind::kIntermediateToken, "half", half);
  step.session.intermediate_session_token = "half";
  EXPECT_THAT(world.engine.Run(step), FailsWith("member_session_member_id_mismatch"));
}

TEST_F(DiscoveredSession, VerifiesTheAddressAndActivates) {  // EM-27, EM-16, P-05, V-01
  CreateMemberRequest pending;
  pending.create_member_as_pending = true;
  for (const Member& member : {Invited(), MakeMember("pat@example.com", pending)}) {
    auto step = On<MfaStepRequest>(member);
    step.session = world.Discovered(std::string(member.email_address));
    const auto reply = world.engine.Run(step);
    ASSERT_THAT(reply, Succeeds());
    EXPECT_TRUE(reply.member_authenticated);
    EXPECT_EQ(reply.member().status, MemberStatus::kActive);
    EXPECT_TRUE(reply.member().email_address_verified);
    EXPECT_THAT(reply, HasEvent(EventKind::kEmailVerified));
    EXPECT_THAT(reply, HasEvent(EventKind::kActivated));
    EXPECT_EQ(reply.events().size(), 2u);
  }
}

TEST_F(DiscoveredSession, VerifiesAnActiveMembersAddress) {  // EM-27
  auto step = On<MfaStepRequest>(ada);
  step.session = world.Discovered(kAddress);
  const auto reply = world.engine.Run(step);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.member().email_address_verified);
  EXPECT_THAT(reply, HasEvent(EventKind::kEmailVerified));
  EXPECT_TRUE(IsVerified(ada));
  const Revision revision = world.RevisionOf(ada);
  step.session = world.Discovered(kAddress);
  const auto again = world.engine.Run(step);
  EXPECT_THAT(again, Succeeds());
  EXPECT_EQ(again.events().size(), 0u);
  EXPECT_EQ(world.RevisionOf(ada), revision) << "nothing is left to write";
}

TEST_F(DiscoveredSession, EnrolsAndSignsIn) {  // EM-27, P-08, SE-03
  const Member eve = Invited();
  const SessionArguments session = world.Discovered("eve@example.com");
  auto send = On<SendSmsOtpRequest>(eve);
  send.mfa_phone_number = kNumber;
  send.session = session;
  ASSERT_THAT(world.engine.Run(send), Succeeds());
  EXPECT_EQ(StatusOf(eve), MemberStatus::kActive);
  EXPECT_TRUE(IsVerified(eve));
  auto prove = On<AuthenticateSmsOtpRequest>(eve);
  prove.code.emplace(world.Code());
  prove.session = session;
  const auto reply = world.engine.Run(prove);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.session_effect.kind, Effect::kUpgrade);
  EXPECT_EQ(reply.session_effect.member_id, eve.member_id) << "it is this Member's from now on";
  EXPECT_EQ(reply.session_effect.organization_id, eve.organization_id);
  EXPECT_FALSE(Find(session)) << "consumed";
}

TEST_F(DiscoveredSession, ARefusalChangesNothing) {  // C-06, EM-27
  const Member eve = Invited();
  const Revision before = world.RevisionOf(eve);
  auto send = On<SendSmsOtpRequest>(eve);
  send.session = world.Discovered("eve@example.com");
  const auto refused = world.engine.Run(send);
  EXPECT_THAT(refused, FailsWith("secondary_factor_not_found"));
  EXPECT_EQ(refused.events().size(), 0u);
  EXPECT_EQ(world.RevisionOf(eve), before);
  // A failure that is counted counts, and does nothing else.
  ASSERT_THAT(world.Send(ada, kNumber), Succeeds());
  auto prove = On<AuthenticateSmsOtpRequest>(ada);
  prove.code.emplace(WrongCode(world.Code()));
  prove.session = world.Discovered(kAddress);
  const auto wrong = world.engine.Run(prove);
  EXPECT_THAT(wrong, FailsWith("otp_code_not_found"));
  EXPECT_FALSE(wrong.events().Has(EventKind::kEmailVerified));
  EXPECT_EQ(world.RecordOf(ada)->failures.recent.count, 1);
  EXPECT_FALSE(IsVerified(ada));
}

TEST_F(DiscoveredSession, DoesNotVerifyAnAddressThatItSets) {  // EM-27, EM-20
  auto update = On<UpdateMemberRequest>(ada, Actor::Person(world.Discovered(kAddress)));
  update.email_address = "ada@elsewhere.example";
  const auto reply = world.engine.Run(update);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member().email_address_verified);
  EXPECT_FALSE(reply.events().Has(EventKind::kEmailVerified));
}

TEST_F(DiscoveredSession, IsNoSecondFactor) {  // EM-19, S-12
  const Member bob = world.MakeVerifiedMember(organization);
  const SessionArguments session = world.Discovered(std::string(bob.email_address));
  EXPECT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(bob, Actor::Person(session))),
              FailsWith("insufficient_factors"));
  UpdateOrganizationRequest required;
  required.mfa_policy = "REQUIRED_FOR_ALL";
  Change(required);
  auto step = On<MfaStepRequest>(bob);
  step.session = session;
  EXPECT_FALSE(world.engine.Run(step).member_authenticated);
}

TEST_F(DiscoveredSession, ADeletedMemberIsNotFound) {  // C-09, EM-27
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(ada)), Succeeds());
  auto step = On<MfaStepRequest>(ada);
  step.session = world.Discovered(kAddress);
  EXPECT_THAT(world.engine.Run(step), FailsWith("member_not_found"));
  EXPECT_EQ(StatusOf(ada), MemberStatus::kDeleted);
}

TEST_F(DiscoveredSession, GoesOnAsTheMembersWhereASecondFactorIsMissing) {  // EM-18, EM-27, SE-03
  ada = world.MakeVerifiedMember(organization);
  Enroll();
  const std::string address(ada.email_address);
  ASSERT_THAT(Send(address), Succeeds());
  auto request = Proof(Code(), address);
  request.session = world.Discovered(address);
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_EQ(reply.session_effect.kind, Effect::kExtend);
  const auto session = Find(request.session);
  ASSERT_TRUE(session);
  EXPECT_EQ(session->organization_id, ada.organization_id);
  EXPECT_EQ(session->member_id, ada.member_id);
  EXPECT_EQ(session->email_address.view(), address);
  auto prove = On<AuthenticateSmsOtpRequest>(ada);
  prove.code.emplace(world.Code());
  prove.session = request.session;
  EXPECT_THAT(world.engine.Run(prove), Succeeds());
}

TEST_F(DiscoveredSession, RepeatedAfterItWasConsumedTheProofStands) {  // C-07, EM-27
  ASSERT_THAT(world.Send(ada, kNumber), Succeeds());
  const std::string code = world.Code();
  CallOptions options;
  options.operation_id.bytes.fill(5);
  const SessionArguments session = world.Discovered(kAddress);
  const auto proof = [&] {
    auto prove = On<AuthenticateSmsOtpRequest>(ada);
    prove.code.emplace(code);
    prove.session = session;
    return prove;
  };
  world.sessions.apply_fault = [](int) { return testing::FaultySessions::ApplyFault::kRefused; };
  EXPECT_THAT(world.engine.Run(proof(), options), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
  EXPECT_THAT(world.engine.Run(proof(), options), Succeeds());
  EXPECT_FALSE(Find(session));
  EXPECT_THAT(world.engine.Run(proof(), options), Succeeds());
}

}  // namespace
}  // namespace otpcore
