// SPDX-License-Identifier: Apache-2.0
// Exchange of an intermediate session into an Organization: for whom, with which step, and what
// becomes of the token.
#include "discovery.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;
using ApplyFault = testing::FaultySessions::ApplyFault;
using Effect = SessionEffect::Kind;

class Exchange : public DiscoveryTest {
 protected:
  explicit Exchange(Policy policy = Policy::Default()) : DiscoveryTest(std::move(policy)) {}
  ExchangeIntermediateSessionRequest With(const SessionArguments& session) const {
    ExchangeIntermediateSessionRequest request;
    request.organization_id = organization.organization_id.str();
    request.intermediate_session_token = session.intermediate_session_token;
    return request;
  }
  Reply<ExchangeIntermediateSession> Into(const SessionArguments& session) {
    return world.engine.Run(With(session));
  }
  bool IsThere(const SessionArguments& session) {
    return world.directory
        .Find({SessionCredential::Kind::kIntermediateToken, session.intermediate_session_token})
        .session.has_value();
  }
};

TEST_F(Exchange, SignsInWhereNothingElseIsNeeded) {  // SE-03, EM-27, EM-20
  const SessionArguments session = world.Discovered(kAddress);
  const Instant shown = world.clock.Now();
  world.clock.Advance(minutes(3));
  auto request = With(session);
  request.session_duration_minutes = 30;
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required);
  EXPECT_FALSE(reply.member_created);
  EXPECT_EQ(reply.member().member_id, ada.member_id);
  EXPECT_TRUE(reply.member().email_address_verified);
  EXPECT_EQ(reply.organization().organization_id, organization.organization_id);
  const SessionEffect& effect = reply.session_effect;
  EXPECT_EQ(effect.kind, Effect::kUpgrade);
  EXPECT_EQ(effect.organization_id, organization.organization_id);
  EXPECT_EQ(effect.member_id, ada.member_id);
  EXPECT_EQ(effect.duration, minutes(30));
  EXPECT_EQ(effect.proof.kind, FactorKind::kEmailPasscode);
  EXPECT_EQ(effect.proof.address.view(), kAddress);
  EXPECT_EQ(effect.proof.id, Factor().id);
  EXPECT_FALSE(Factor().id.empty());
  EXPECT_EQ(effect.proof.at, shown) << "nothing was proved now";
  EXPECT_EQ(reply.method_id.view().substr(0, 11), "email-test-");
  EXPECT_FALSE(IsThere(session));
  EXPECT_THAT(reply, HasEvent(EventKind::kSessionExchanged));
  EXPECT_THAT(reply, HasEvent(EventKind::kEmailVerified));
  EXPECT_FALSE(reply.events().Has(EventKind::kActivated)) << "she was";
}

TEST_F(Exchange, IsOneCommitAndOneEffect) {  // SE-03, EM-16
  const SessionArguments session = world.Discovered(kAddress);
  world.ResetCounts();
  ASSERT_THAT(Into(session), Succeeds());
  EXPECT_EQ(world.store.commits(), 1);
  EXPECT_EQ(world.sessions.applies(), 1);
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

TEST_F(Exchange, ActivatesInvitedMembers) {  // EM-27, EM-16, P-05
  CreateMemberRequest invited;
  invited.invited = true;
  const Member eve = MakeMember("Eve@Example.com", invited);
  const auto reply = Into(world.Discovered("eve@example.com"));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.member().member_id, eve.member_id);
  EXPECT_EQ(reply.member().status, MemberStatus::kActive);
  EXPECT_EQ(reply.member().email_address, "Eve@Example.com") << "as the record has it";
  EXPECT_THAT(reply, HasEvent(EventKind::kActivated));
}

TEST_F(Exchange, TakesTheMfaStep) {  // SE-03, EM-16, P-01 … P-03
  ada = world.MakeVerifiedMember(organization);
  Enroll();
  const SessionArguments session = world.Discovered(std::string(ada.email_address));
  auto request = With(session);
  request.session_duration_minutes = 500;
  request.locale = "de";
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_authenticated);
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(reply.mfa_required->member_options->mfa_phone_number, kNumber);
  EXPECT_EQ(reply.session_effect.kind, Effect::kCreateIntermediate);
  EXPECT_EQ(reply.session_effect.duration, minutes(10)) << "session_duration_minutes is ignored";
  EXPECT_FALSE(IsThere(session)) << "consumed whatever it returns";
  EXPECT_EQ(Received().channel, Channel::kSms);
  EXPECT_NE(Received().body.find("Best"), std::string::npos) << "German: " << Received().body;
  auto prove = On<AuthenticateSmsOtpRequest>(ada);
  prove.code.emplace(world.Code());
  prove.session = world.GiveSession(reply.session_effect);
  const auto proved = world.engine.Run(prove);
  ASSERT_THAT(proved, Succeeds());
  EXPECT_EQ(proved.session_effect.kind, Effect::kUpgrade);
}

TEST_F(Exchange, TheStepStandsWithoutItsSms) {  // P-04
  ada = world.MakeVerifiedMember(organization);
  Enroll();
  world.inbox.Script({Delivery::Kind::kRejected, false});
  const auto reply = Into(world.Discovered(std::string(ada.email_address)));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_THAT(reply, HasEvent(EventKind::kDeliveryFailed));
}

TEST_F(Exchange, TheStepSendsToANumberThatWasNeverProved) {  // P-02, S-04
  auto update = On<UpdateMemberRequest>(ada, Actor::Host());
  update.mfa_phone_number = kNumber;
  ASSERT_THAT(world.engine.Run(update), Succeeds());
  UpdateOrganizationRequest required;
  required.mfa_policy = "REQUIRED_FOR_ALL";
  Change(required);
  const auto reply = Into(world.Discovered(kAddress));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(reply.session_effect.kind, Effect::kCreateIntermediate);
}

class ExchangeOfTheRemembered : public Exchange {
 protected:
  static Policy Remembering() {
    Policy policy;
    policy.remember_life = hours(24 * 30);
    return policy;
  }
  ExchangeOfTheRemembered() : Exchange(Remembering()) {}
};

TEST_F(ExchangeOfTheRemembered, AKnownDeviceIsSparedTheStep) {  // DV-05
  const std::string device(16, 'd');
  ada = world.MakeVerifiedMember(organization);
  Enroll();
  ASSERT_THAT(world.Send(ada), Succeeds());
  auto prove = On<AuthenticateSmsOtpRequest>(ada);
  prove.code.emplace(world.Code());
  prove.session = world.Intermediate(ada);
  prove.device = device;
  prove.remember_device = true;
  ASSERT_THAT(world.engine.Run(prove), Succeeds());
  const std::string address(ada.email_address);
  EXPECT_FALSE(Into(world.Discovered(address)).member_authenticated);
  auto request = With(world.Discovered(address));
  request.device = device;
  const auto reply = world.engine.Run(request);
  EXPECT_TRUE(reply.member_authenticated);
  EXPECT_EQ(reply.session_effect.kind, Effect::kUpgrade);
  EXPECT_THAT(reply, HasEvent(EventKind::kMfaSpared));
}

TEST_F(Exchange, MakesAMemberWithTheHostsWordOnly) {  // SE-03, EM-07
  const SessionArguments session = world.Discovered("new@example.com");
  EXPECT_THAT(Into(session), FailsWith("email_jit_provisioning_not_allowed"));
  auto request = With(session);
  request.just_in_time = JustInTime::kAddressNotAllowed;
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_email_for_jit_provisioning"));
  EXPECT_TRUE(IsThere(session)) << "what is refused consumes nothing";
  request.just_in_time = JustInTime::kAllow;
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.member_created);
  EXPECT_TRUE(reply.member_authenticated);
  const Member made = reply.member();
  EXPECT_EQ(made.status, MemberStatus::kActive);
  EXPECT_TRUE(made.email_address_verified);
  EXPECT_EQ(made.email_address, "new@example.com");
  EXPECT_EQ(reply.session_effect.member_id, made.member_id);
  for (const EventKind kind : {EventKind::kCreated, EventKind::kSessionExchanged,
                               EventKind::kEmailVerified, EventKind::kActivated})
    EXPECT_THAT(reply, HasEvent(kind));
  EXPECT_FALSE(Into(world.Discovered("New@example.com")).member_created);
  GetMemberRequest get;
  get.organization_id = organization.organization_id.str();
  get.email_address = "new@example.com";
  EXPECT_THAT(world.engine.Run(get), Succeeds());
}

TEST_F(Exchange, AMemberWhomItMakesTakesTheMfaStep) {  // EM-07, P-01, P-08
  UpdateOrganizationRequest required;
  required.mfa_policy = "REQUIRED_FOR_ALL";
  Change(required);
  auto request = With(world.Discovered("new@example.com"));
  request.just_in_time = JustInTime::kAllow;
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required->member_options);
  EXPECT_EQ(reply.session_effect.kind, Effect::kCreateIntermediate);
}

TEST_F(Exchange, ChecksInTheOrderOfTheRule) {  // SE-03, EM-08
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {"sso"};
  Change(restricted);
  ExchangeIntermediateSessionRequest request;
  const auto expect = [&](const char* error_type) {
    EXPECT_THAT(world.engine.Run(request), FailsWith(error_type));
  };
  expect("bad_request");
  request.organization_id = "no id";
  expect("invalid_id");
  request.organization_id = "nobody-s";
  expect("bad_request");
  request.intermediate_session_token = "gone";
  request.session_duration_minutes = 4;
  request.locale = "xx";
  request.session_id = std::string(129, 'x');
  request.device = "short";
  expect("invalid_session_duration_minutes");
  request.session_duration_minutes = 5;
  expect("invalid_locale");
  request.locale = "";
  expect("bad_request");
  request.session_id.pop_back();
  expect("bad_request");
  request.device.clear();
  request.channel = Channel::kEmail;
  expect("bad_request");
  request.channel = Channel::kSms;
  expect("organization_not_found");
  request.organization_id = organization.organization_id.str();
  expect("intermediate_session_not_found");
  request.intermediate_session_token = world.Intermediate(ada).intermediate_session_token;
  expect("invalid_intermediate_session_token_for_organization");
  request.intermediate_session_token = world.Discovered(kAddress).intermediate_session_token;
  expect("operation_restricted_by_organization_auth_methods");
  request.intermediate_session_token = world.Discovered("x@example.com").intermediate_session_token;
  expect("operation_restricted_by_organization_auth_methods");
  restricted.allowed_auth_methods = {"email_otp"};
  Change(restricted);
  expect("email_jit_provisioning_not_allowed");
}

TEST_F(Exchange, AnotherPrimaryFactorOfTheSessionWillDo) {  // EM-08
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {"google_oauth"};
  Change(restricted);
  Session session = World::PrimarySession();
  session.email_address = kAddress;  // as the host learned it of the identity provider
  world.directory.Add({SessionCredential::Kind::kIntermediateToken, "oauth"}, session,
                      world.clock.Now() + hours(1));
  SessionArguments arguments;
  arguments.intermediate_session_token = "oauth";
  const auto reply = Into(arguments);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.session_effect.proof.kind, FactorKind::kHostPrimary);
  EXPECT_TRUE(reply.session_effect.proof.address.empty());
  EXPECT_TRUE(Factor().id.empty()) << "no passcode was shown, so the address needs no id";
}

TEST_F(Exchange, ABreakglassMemberIsExemptOfTheMethods) {  // EM-08
  CreateMemberRequest create;
  create.is_breakglass = true;
  MakeMember("root@example.com", create);
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {"sso"};
  Change(restricted);
  EXPECT_THAT(Into(world.Discovered("root@example.com")), Succeeds());
}

class ExchangeFromElsewhere : public Exchange {
 protected:
  // Of a Member with ada's address in another Organization.
  SessionArguments Elsewhere(bool with_second, const std::string& address = kAddress) {
    CreateMemberRequest create;
    create.email_address = address;
    const Member twin = world.MakeMember(world.MakeOrganization(), create);
    Session session;
    session.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
    if (with_second) session.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
    session.email_address = address;
    return world.Intermediate(twin, session);
  }
};

TEST_F(ExchangeFromElsewhere, TheAddressCountsAndNoSecondFactor) {  // SE-03, P-01
  Enroll();
  const auto reply = Into(Elsewhere(false));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.member().member_id, ada.member_id);
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_THAT(Into(Elsewhere(true)),
              FailsWith("invalid_intermediate_session_token_for_organization"))
      << "what was shown to another Organization spares nothing here";
}

TEST_F(ExchangeFromElsewhere, APasswordOfAnotherOrganizationIsNoPrimaryFactorHere) {  // EM-08
  Session session;
  session.factors.Add(FactorKind::kHostPrimary, world.clock.Now());
  session.email_address = kAddress;
  CreateMemberRequest create;
  create.email_address = kAddress;
  const Member twin = world.MakeMember(world.MakeOrganization(), create);
  EXPECT_THAT(Into(world.Intermediate(twin, session)),
              FailsWith("invalid_intermediate_session_token_for_organization"));
  session.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
  EXPECT_THAT(Into(world.Intermediate(twin, session)), Succeeds());

  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {"password"};
  Change(restricted);
  EXPECT_THAT(Into(world.Intermediate(twin, session)),
              FailsWith("operation_restricted_by_organization_auth_methods"));
}

TEST_F(ExchangeFromElsewhere, ATokenOfThisOrganizationIsItsMembers) {  // EM-18
  Session session;
  session.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
  session.email_address = kAddress;
  EXPECT_THAT(Into(world.Intermediate(ada, session)), Succeeds());
  const Member eve = MakeMember("eve@example.com");
  EXPECT_THAT(Into(world.Intermediate(eve, session)),
              FailsWith("member_session_member_id_mismatch"));
  session.email_address = "gone@example.com";
  EXPECT_THAT(Into(world.Intermediate(ada, session)),
              FailsWith("member_session_member_id_mismatch"));
}

TEST_F(Exchange, OfTwoFromOneTokenOneGetsASession) {  // SE-06
  const SessionArguments session = world.Discovered(kAddress);
  bool nested = false;
  world.store.before_commit = [&](const Changes&) {
    nested = true;
    EXPECT_THAT(Into(session), Succeeds());
  };
  // The first conflicts with the second, and finds the token gone.
  EXPECT_THAT(Into(session), FailsWith("intermediate_session_not_found"));
  EXPECT_TRUE(nested);
  world.store.before_commit = nullptr;
  // Both have committed, and the directory has the last word: the token goes to another
  // Organization between commit and effect.
  const SessionArguments again = world.Discovered(kAddress);
  nested = false;
  world.sessions.apply_fault = [&](int) {
    if (!std::exchange(nested, true)) {
      CreateMemberRequest twin;
      twin.email_address = kAddress;
      const Organization other = world.MakeOrganization();
      world.MakeMember(other, twin);
      ExchangeIntermediateSessionRequest request = With(again);
      request.organization_id = other.organization_id.str();
      EXPECT_THAT(world.engine.Run(request), Succeeds());
    }
    return ApplyFault::kNone;
  };
  EXPECT_THAT(Into(again), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
}

TEST_F(Exchange, OfTwoThatNeedASecondFactorOneGetsAToken) {  // SE-06, SE-03
  Enroll();
  const SessionArguments session = world.Discovered(kAddress);
  world.sessions.apply_fault = [](int) { return ApplyFault::kUnknownApplied; };
  EXPECT_THAT(Into(session), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
  EXPECT_FALSE(IsThere(session));
  EXPECT_THAT(Into(session), FailsWith("intermediate_session_not_found"));
}

TEST_F(Exchange, RepeatedWhileTheTokenIsThereItGivesItsEffectAgain) {  // C-07
  ada = world.MakeVerifiedMember(organization);
  Enroll();
  const SessionArguments session = world.Discovered(std::string(ada.email_address));
  CallOptions options;
  options.operation_id.bytes.fill(6);
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_THAT(world.engine.Run(With(session), options), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
  const int deliveries = world.inbox.deliveries();
  auto other = With(session);
  other.locale = "fr";
  EXPECT_THAT(world.engine.Run(other, options), FailsWith("bad_request"));
  const auto again = world.engine.Run(With(session), options);
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again.session_effect.kind, Effect::kCreateIntermediate);
  EXPECT_EQ(again.events().size(), 0u);
  EXPECT_EQ(world.inbox.deliveries(), deliveries);
  EXPECT_FALSE(IsThere(session));
  EXPECT_THAT(world.engine.Run(With(session), options),
              FailsWith("intermediate_session_not_found"));
}

TEST_F(Exchange, RepeatedWithoutItsSmsItStandsAllTheSame) {  // C-07, P-04
  ada = world.MakeVerifiedMember(organization);
  Enroll();
  const SessionArguments session = world.Discovered(std::string(ada.email_address));
  CallOptions options;
  options.operation_id.bytes.fill(6);
  world.inbox.Script({Delivery::Kind::kRejected, false});
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_THAT(world.engine.Run(With(session), options), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
  const auto again = world.engine.Run(With(session), options);
  ASSERT_THAT(again, Succeeds());
  EXPECT_FALSE(again.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(again.session_effect.kind, Effect::kCreateIntermediate);
  EXPECT_FALSE(IsThere(session));
}

TEST_F(Exchange, RepeatedAfterTheMethodWasForbiddenItIsRefused) {  // C-07, EM-08
  const SessionArguments session = world.Discovered(kAddress);
  CallOptions options;
  options.operation_id.bytes.fill(6);
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_THAT(world.engine.Run(With(session), options), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {"sso"};
  Change(restricted);
  EXPECT_THAT(world.engine.Run(With(session), options),
              FailsWith("operation_restricted_by_organization_auth_methods"));
  EXPECT_TRUE(IsThere(session));
}

TEST_F(Exchange, ARepetitionSaysWhoWasMade) {  // C-07, EM-07
  const SessionArguments session = world.Discovered("new@example.com");
  CallOptions options;
  options.operation_id.bytes.fill(6);
  auto request = With(session);
  request.just_in_time = JustInTime::kAllow;
  world.sessions.apply_fault = [](int) { return ApplyFault::kRefused; };
  EXPECT_THAT(world.engine.Run(request, options), FailsWith("server_unavailable"));
  world.sessions.apply_fault = nullptr;
  const auto again = world.engine.Run(request, options);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again.member_created);
  EXPECT_EQ(again.session_effect.kind, Effect::kUpgrade);
}

TEST_F(Exchange, FindsTheOrganizationByAnAlias) {  // C-01
  CreateOrganizationRequest create;
  create.organization_name = "Slugged";
  create.organization_slug = "slugged";
  const Organization slugged = world.MakeOrganization(create);
  CreateMemberRequest twin;
  twin.email_address = kAddress;
  world.MakeMember(slugged, twin);
  auto request = With(world.Discovered(kAddress));
  request.organization_id = "Slugged";
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.organization().organization_id, slugged.organization_id);
}

}  // namespace
}  // namespace otpcore
