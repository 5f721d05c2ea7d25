// SPDX-License-Identifier: Apache-2.0
// TOTP from create to delete, by way of the engine: rules TO-01 … TO-17, TO-21 … TO-27.
#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "otpcore/testing/matchers.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;

class Totp : public ::testing::Test {
 protected:
  // The app takes the new secret, and the clock goes on to a step of its own.
  Reply<CreateTotp> Create(const Member& to, SessionArguments session = {},
                           CallOptions options = {}) {
    auto reply = world.engine.Run(On<CreateTotpRequest>(to, ActorOf(session)), std::move(options));
    if (reply.ok() && !reply.uri.empty()) app.Scan(reply.uri);
    return reply;
  }
  AuthenticateTotpRequest Request(const Member& who, const std::string& code,
                                  const SessionArguments& session) {
    auto request = On<AuthenticateTotpRequest>(who);
    request.code.emplace(code);
    request.session = session;
    return request;
  }
  Reply<AuthenticateTotp> Try(const Member& who, const std::string& code,
                              CallOptions options = {}) {
    return world.engine.Run(Request(who, code, world.Intermediate(who)), std::move(options));
  }
  // Proves the registration and leaves the step that it was proved in.
  void Activate(const Member& who) {
    ASSERT_THAT(Create(who), Succeeds());
    ASSERT_THAT(Try(who, app.Code()), Succeeds());
    world.clock.Advance(minutes(2));
  }
  // A session of ada's that has shown the app.
  SessionArguments WithTotp() {
    Session session = World::PrimarySession();
    session.factors.Add(FactorKind::kTotp, world.clock.Now());
    return world.Full(ada, session);
  }
  int FailuresInARow(const Member& who) { return world.RecordOf(who)->failures.in_a_row; }

  World world{TotpConfig()};
  testing::AuthenticatorApp app{world.clock};
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeMember(organization);
};

// ---- What a host that is not whole answers ----

TEST_F(Totp, AHostsOwnRegistrationIsNoneOfTheLibrarys) {  // TO-08
  auto set = On<SetTotpRegistrationRequest>(ada, Actor::Host());
  set.totp_registration_id = "totp-1";
  ASSERT_THAT(world.engine.Run(set), Succeeds());
  EXPECT_THAT(Try(ada, "123456"), FailsWith("totp_not_found"));
}

TEST_F(Totp, ARegistrationOfAClockFarAheadCannotBeProved) {  // TO-05, T-02
  ASSERT_THAT(Create(ada), Succeeds());
  world.clock.Advance(-seconds(6));
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("expired_totp"));
  UseRecoveryCodeRequest recover = On<UseRecoveryCodeRequest>(ada);
  recover.recovery_code.emplace("0000-0000-0000");
  recover.session = world.Intermediate(ada);
  EXPECT_THAT(world.engine.Run(std::move(recover)),
              FailsWith("no_active_recovery_code_backed_factor"));
  EXPECT_THAT(world.engine.Run(On<RotateRecoveryCodesRequest>(ada, Actor::Host())),
              FailsWith("no_active_recovery_code_backed_factor"));
  // For hosts that do not lag it stands.
  world.clock.Advance(seconds(6));
  EXPECT_THAT(Try(ada, app.Code()), Succeeds());
}

TEST_F(Totp, TwoSignsOfAClockThatWasAheadAreOneEvent) {  // T-02, T-03
  Activate(ada);
  auto record = *world.RecordOf(ada);
  record.totp.last_step += 1000;
  record.sends.Push(world.clock.Now() + hours(1), 5);
  world.Put(record);
  const auto reply = Try(ada, app.Code());
  int anomalies = 0;
  for (const Event& event : reply.events()) anomalies += event.kind == EventKind::kClockAnomaly;
  EXPECT_EQ(anomalies, 1);
}

TEST_F(Totp, WithoutAnAddressTheAppShowsTheId) {  // TO-07
  auto record = *world.RecordOf(ada);
  record.email_address = {};
  world.Put(record);
  ASSERT_THAT(Create(ada), Succeeds());
  EXPECT_EQ(app.account(), ada.member_id.str());
}

TEST_F(Totp, ARepeatedCreateWithoutTheKeyShowsNothing) {  // TO-06, R-03
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  ASSERT_THAT(Create(ada, {}, options), Succeeds());
  const auto config = Config::Create(world.config->policy(), TestKeys());
  Engine engine(*config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  EXPECT_THAT(engine.Run(On<CreateTotpRequest>(ada, Actor::Host()), options),
              FailsWith("internal_server_error"));
}

// ---- Create ----

TEST_F(Totp, CreateShowsASecretThatAppsTake) {  // TO-03, TO-04, TO-05, TO-07, TO-15
  const auto reply = Create(ada);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kTotpCreated));
  EXPECT_EQ(reply.secret.size(), 32u);
  EXPECT_EQ(app.issuer(), "Acme Bank");
  EXPECT_EQ(app.account(), ada.email_address);
  EXPECT_EQ(app.secret().size(), 20u);
  EXPECT_EQ(reply.totp_registration_id.str().rfind("member-totp-test-", 0), 0u);
  EXPECT_EQ(reply.expires_at, world.clock.Now() + hours(1));
  EXPECT_EQ(reply.member().totp_registration_id, "") << "no code has proved it";
  EXPECT_FALSE(world.RecordOf(ada)->HasActiveMfaFactor());
}

TEST_F(Totp, EveryRegistrationHasASecretOfItsOwn) {  // TO-02, TO-03
  ASSERT_THAT(Create(ada), Succeeds());
  const std::string old = app.Code();
  const auto second = Create(ada);
  ASSERT_THAT(second, Succeeds());
  EXPECT_NE(app.Code(), old);
  EXPECT_THAT(Try(ada, old), FailsWith("unable_to_authenticate_totp"));
  EXPECT_THAT(Try(ada, app.Code()), Succeeds());
  EXPECT_THAT(Create(ada, WithTotp()), FailsWith("active_totp_exists"));
}

TEST_F(Totp, CreateIsRefusedInTheOrderOfItsRule) {  // TO-01, TO-05, S-08, S-13
  auto request = On<CreateTotpRequest>(ada, Actor::Host());
  for (const int wrong : {4, 1441, -1}) {
    request.expiration_minutes = wrong;
    EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_expiration")) << wrong;
  }
  request.expiration_minutes = {};
  request.actor = Actor::Person({"", "a", "b"});
  EXPECT_THAT(world.engine.Run(request), FailsWith("too_many_session_arguments"));
  request.actor = Actor::Person({"", "gone", ""});
  EXPECT_THAT(world.engine.Run(request), FailsWith("session_not_found"));
  auto record = *world.RecordOf(ada);
  record.status = MemberStatus::kInvited;
  world.Put(record);
  EXPECT_THAT(Create(ada), FailsWith("action_available_only_for_active_members"));
  record.status = MemberStatus::kActive;
  record.failures.disabled = true;
  record.failures.locked_at = world.clock.Now();
  world.Put(record);
  EXPECT_THAT(Create(ada), FailsWith("user_lock_limit_reached"));
  UpdateOrganizationRequest sms_only;
  sms_only.organization_id = organization.organization_id.str();
  sms_only.mfa_methods = "RESTRICTED";
  sms_only.allowed_mfa_methods = {{"sms_otp"}};
  ASSERT_THAT(world.engine.Run(sms_only), Succeeds());
  EXPECT_THAT(Create(ada), FailsWith("operation_restricted_by_organization_mfa_methods"));
}

TEST_F(Totp, AStolenPasswordAddsNoAppBesideANumber) {  // S-12, TO-01
  const Member bob = world.MakeVerifiedMember(organization);
  EXPECT_THAT(Create(bob, world.Full(bob)), FailsWith("insufficient_factors"));
  Session proved = World::PrimarySession();
  proved.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  EXPECT_THAT(Create(bob, world.Full(bob, proved)), Succeeds());
}

TEST_F(Totp, APlantedRegistrationCannotBeProvedOnceThereIsANumber) {  // TO-16
  ASSERT_THAT(Create(ada), Succeeds());
  ASSERT_THAT(world.Send(ada, testing::kNumber), Succeeds());
  ASSERT_THAT(world.Authenticate(ada, world.Code()), Succeeds());
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("insufficient_factors"));
  EXPECT_EQ(FailuresInARow(ada), 0);
  Session proved = World::PrimarySession();
  proved.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  EXPECT_THAT(world.engine.Run(Request(ada, app.Code(), world.Full(ada, proved))), Succeeds());
}

TEST_F(Totp, WithoutASealingKeyOrAnIssuerNothingIsMade) {  // TO-25
  const auto detail = [&](const Config& config) {
    Engine engine(
        config, {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
    const auto reply = engine.Run(On<CreateTotpRequest>(ada, Actor::Host()));
    EXPECT_THAT(reply, FailsWith("internal_server_error"));
    return std::string(reply.error().detail());
  };
  const Revision before = world.RevisionOf(ada);
  EXPECT_EQ(detail(*TestConfig()), "there is no sealing key");
  std::string problem;
  const auto no_issuer = Config::Create(Policy(), TestKeys(), TestSealingKeys(), {}, &problem);
  EXPECT_EQ(detail(*no_issuer), "totp_issuer is not configured");
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(Totp, ARepeatedCreateShowsTheSameSecretUntilItIsProved) {  // C-07, TO-06
  CallOptions once;
  once.operation_id.bytes.fill(1);
  ASSERT_THAT(Create(ada, {}, once), Succeeds());
  const std::string code = app.Code();
  const Revision before = world.RevisionOf(ada);
  const auto again = Create(ada, {}, once);
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(app.Code(), code);
  EXPECT_EQ(world.RevisionOf(ada), before);
  EXPECT_EQ(again.events().size(), 0u);
  // The host's retry arrives after all; the record's mark is put back as a late reader sees it.
  const OperationMark mark = world.RecordOf(ada)->mark;
  ASSERT_THAT(Try(ada, code), Succeeds());
  auto record = *world.RecordOf(ada);
  record.mark = mark;
  world.Put(record);
  const auto late = Create(ada, {}, once);
  ASSERT_THAT(late, Succeeds());
  EXPECT_TRUE(late.secret.empty());
  EXPECT_TRUE(late.uri.empty());
  EXPECT_FALSE(late.totp_registration_id.empty());
}

TEST_F(Totp, AGeneratorThatRepeatsItselfMakesNoSecret) {
  world.faulty_random.fill_fault = [](int) { return testing::FaultyRandom::FillFault::kStuck; };
  EXPECT_THAT(Create(ada), FailsWith("internal_server_error"));
  EXPECT_EQ(world.RecordOf(ada)->totp.state, RegistrationState::kNone);
}

// ---- Authenticate ----

TEST_F(Totp, TheFirstRightCodeActivatesTheRegistration) {  // TO-15, A-10, A-12, C-04
  const auto created = Create(ada);
  const auto reply = Try(ada, app.Code());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kTotpActivated));
  EXPECT_THAT(reply, HasEvent(EventKind::kAuthenticated));
  EXPECT_EQ(reply.member().totp_registration_id.view(), created.totp_registration_id.view());
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kTotp);
  EXPECT_EQ(reply.session_effect.kind, SessionEffect::Kind::kUpgrade);
  EXPECT_EQ(reply.session_effect.proof.kind, FactorKind::kTotp);
  EXPECT_EQ(ProofId(reply.session_effect.proof, Environment::kTest),
            created.totp_registration_id.str());
  EXPECT_TRUE(world.RecordOf(ada)->HasActiveMfaFactor());
}

TEST_F(Totp, CompletesTheLogin) {  // P-01
  Activate(ada);
  const SessionArguments session = world.Full(ada);
  ASSERT_THAT(world.engine.Run(Request(ada, app.Code(), session)), Succeeds());
  auto step = On<MfaStepRequest>(ada);
  step.session = session;
  EXPECT_TRUE(world.engine.Run(step).member_authenticated);
}

TEST_F(Totp, CodesOfTheWindowAreRightAndNoOthers) {  // TO-09
  Activate(ada);
  EXPECT_THAT(Try(ada, app.Code(-2)), FailsWith("unable_to_authenticate_totp"));
  EXPECT_THAT(Try(ada, app.Code(2)), FailsWith("unable_to_authenticate_totp"));
  EXPECT_THAT(Try(ada, app.Code(-1)), Succeeds());
  EXPECT_THAT(Try(ada, app.Code(0)), Succeeds());
  EXPECT_THAT(Try(ada, app.Code(1)), Succeeds());
}

TEST_F(Totp, ACodeIsGoodOnceAlsoTheOneThatActivated) {  // TO-11, TO-12
  ASSERT_THAT(Create(ada), Succeeds());
  const std::string code = app.Code();
  ASSERT_THAT(Try(ada, code), Succeeds());
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(Try(ada, code), FailsWith("totp_code_already_authenticated"));
  EXPECT_THAT(Try(ada, app.Code(-1)), FailsWith("totp_code_already_authenticated"));
  EXPECT_EQ(world.RevisionOf(ada), before) << "not counted";
  world.clock.Advance(seconds(30));
  EXPECT_THAT(Try(ada, app.Code()), Succeeds());
}

TEST_F(Totp, OfTwoRequestsWithOneCodeOneSucceeds) {  // TO-11
  Activate(ada);
  std::string inner;
  world.store.before_commit = [&](const Changes&) {
    if (inner.empty()) inner = "?" + ErrorTypeOf(Try(ada, app.Code()));
  };
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("totp_code_already_authenticated"));
  EXPECT_EQ(inner, "?");
}

TEST_F(Totp, WrongCodesLockTogetherWithThoseOfSms) {  // A-04, L-02, TO-13, TO-17
  const Member bob = world.MakeVerifiedMember(organization);
  Session proved = World::PrimarySession();
  proved.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  ASSERT_THAT(Create(bob, world.Full(bob, proved)), Succeeds());
  ASSERT_THAT(world.engine.Run(Request(bob, app.Code(), world.Full(bob, proved))), Succeeds());
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Try(bob, app.WrongCode()), FailsWith("unable_to_authenticate_totp"));
    world.clock.Advance(minutes(10));
    ASSERT_THAT(world.Send(bob), Succeeds());
    const auto wrong = world.Authenticate(bob, World::Wrong(world.Code()));
    EXPECT_THAT(wrong, FailsWith("otp_code_not_found"));
    if (i == 4) {
      EXPECT_THAT(wrong, HasEvent(EventKind::kLocked));
    }
  }
  EXPECT_THAT(Try(bob, app.Code()), FailsWith("user_lock_limit_reached"));
}

TEST_F(Totp, ItsEventsAreAboutNoPasscode) {  // V-01
  ASSERT_THAT(world.Send(ada, kNumber), Succeeds());
  ASSERT_THAT(Create(ada), Succeeds());
  const auto failed = Try(ada, World::Wrong(app.Code()));
  EXPECT_THAT(failed, HasEvent(EventKind::kFailure));
  for (const Event& event : failed.events()) EXPECT_TRUE(event.challenge_id.empty());
  const auto proved = Try(ada, app.Code());
  EXPECT_THAT(proved, HasEvent(EventKind::kAuthenticated));
  for (const Event& event : proved.events()) EXPECT_TRUE(event.challenge_id.empty());
}

TEST_F(Totp, AFailureWeighsAsManyCodesAsAreRight) {  // L-11
  Activate(ada);
  EXPECT_THAT(Try(ada, app.WrongCode()), FailsWith("unable_to_authenticate_totp"));
  EXPECT_EQ(world.RecordOf(ada)->failures.recent.count, 3);
  EXPECT_EQ(FailuresInARow(ada), 1);
  for (int i = 1; i < 9; ++i) {
    world.clock.Advance(hours(2));
    if (i % 5 == 0) {
      ASSERT_THAT(Try(ada, app.Code()), Succeeds());
    }
    EXPECT_THAT(Try(ada, app.WrongCode()), FailsWith("unable_to_authenticate_totp"));
  }
  EXPECT_EQ(world.RecordOf(ada)->failures.recent.count, 25) << "the budget of L-04 is full";
  world.clock.Advance(seconds(30));
  ASSERT_THAT(Try(ada, app.Code()), Succeeds());
  EXPECT_THAT(Try(ada, app.WrongCode()), HasEvent(EventKind::kLocked));
  const auto locked = Try(ada, app.Code());
  EXPECT_THAT(locked, FailsWith("user_lock_limit_reached"));
  EXPECT_EQ(locked.error().retry_after(), Duration(hours(72)));
}

TEST_F(Totp, AuthenticateIsRefusedInTheOrderOfItsRule) {  // TO-08, S-14, TO-16
  EXPECT_THAT(world.engine.Run(Request(ada, "1", {})), FailsWith("no_session_arguments"));
  EXPECT_THAT(world.engine.Run(Request(ada, "1", world.Full(ada))), FailsWith("invalid_totp_code"));
  EXPECT_THAT(world.engine.Run(Request(ada, "12345678", world.Full(ada, Session()))),
              FailsWith("action_available_only_once_primary_authentication_is_met"));
  ASSERT_THAT(Create(ada), Succeeds());
  auto record = *world.RecordOf(ada);
  record.phone = {EnrollmentState::kVerified, "+14155550123", "US", 0, {}};
  world.Put(record);
  EXPECT_THAT(Try(ada, "12345678"), FailsWith("insufficient_factors")) << "before the length";
  record.totp.state = RegistrationState::kExpired;
  record.totp.sealed_secret = {};
  world.Put(record);
  EXPECT_THAT(Try(ada, "12345678"), FailsWith("expired_totp")) << "before the other factor";
  record.failures.disabled = true;
  record.failures.locked_at = world.clock.Now();
  world.Put(record);
  EXPECT_THAT(Try(ada, "12345678"), FailsWith("user_lock_limit_reached"));
  record.status = MemberStatus::kInvited;
  world.Put(record);
  EXPECT_THAT(Try(ada, "12345678"), FailsWith("action_available_only_for_active_members"));
}

TEST_F(Totp, MalformedCodesAreFree) {  // TO-14
  Activate(ada);
  const Revision before = world.RevisionOf(ada);
  for (const char* code : {"", "12345", "1234567", "12345678", "123", "12.456", "12345678901"})
    EXPECT_THAT(Try(ada, code), FailsWith("invalid_totp_code")) << code;
  EXPECT_THAT(Try(ada, "4h0x-9ysk-b2qe"), FailsWith("recovery_code_used_as_totp_code"));
  auto absent = On<AuthenticateTotpRequest>(ada);
  absent.session = world.Intermediate(ada);
  EXPECT_THAT(world.engine.Run(absent), FailsWith("bad_request"));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(Totp, WithoutARegistrationNothingIsComparedOrCounted) {  // TO-13
  EXPECT_THAT(Try(ada, "123456"), FailsWith("totp_not_found"));
  SetTotpRegistrationRequest external = On<SetTotpRegistrationRequest>(ada, Actor::Host());
  external.totp_registration_id = "totp-1";
  ASSERT_THAT(world.engine.Run(external), Succeeds());
  EXPECT_THAT(Try(ada, "123456"), FailsWith("totp_not_found"));
  EXPECT_THAT(Create(ada, WithTotp()), FailsWith("active_totp_exists"));
  EXPECT_EQ(FailuresInARow(ada), 0);
}

TEST_F(Totp, AnEndThatIsSeenErasesTheSecret) {  // TO-05, TO-13
  ASSERT_THAT(Create(ada), Succeeds());
  world.clock.Advance(hours(1));
  const auto first = Try(ada, app.Code());
  EXPECT_THAT(first, FailsWith("expired_totp"));
  EXPECT_THAT(first, HasEvent(EventKind::kTotpExpired));
  EXPECT_EQ(world.RecordOf(ada)->totp.state, RegistrationState::kExpired);
  EXPECT_TRUE(world.RecordOf(ada)->totp.sealed_secret.empty());
  const Revision seen = world.RevisionOf(ada);
  world.clock.Advance(-minutes(30));
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("expired_totp"));
  EXPECT_EQ(world.RevisionOf(ada), seen);
  EXPECT_THAT(Create(ada), Succeeds());
}

// Any write of the record tells a pending registration the time, not only those that look at it.
TEST_F(Totp, AClockThatStepsBackRevivesNoRegistration) {  // TO-05, T-02
  ASSERT_THAT(Create(ada), Succeeds());
  world.clock.Advance(minutes(70));
  ASSERT_THAT(world.engine.Run(On<UnlockMemberRequest>(ada)), Succeeds());
  world.clock.Advance(-minutes(40));
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("expired_totp"));
}

TEST_F(Totp, AKeyThatIsGoneCountsNothing) {  // TO-22, TO-23
  Activate(ada);
  std::string problem;
  Policy policy;
  policy.totp_issuer = "Acme Bank";
  const auto config = Config::Create(policy, TestKeys(), TestSealingKeys(2), {}, &problem);
  Engine engine(*config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  const Revision before = world.RevisionOf(ada);
  const auto reply = engine.Run(Request(ada, app.Code(), world.Intermediate(ada)));
  EXPECT_THAT(reply, FailsWith("internal_server_error"));
  EXPECT_THAT(reply, HasEvent(EventKind::kKeyMissing));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(Totp, ASecretOpensInItsOwnRecordOnly) {  // TO-22
  Activate(ada);
  const Member eve = world.MakeMember(organization);
  auto record = *world.RecordOf(eve);
  const auto of_ada = *world.RecordOf(ada);
  record.totp = of_ada.totp;
  world.Put(record);
  EXPECT_THAT(Try(eve, app.Code()), FailsWith("internal_server_error"));
}

TEST_F(Totp, AfterARestoreTheFirstRightCodeIsUsedUp) {  // TO-27, L-10
  Activate(ada);
  world.memory.BeginEpoch(9);
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("totp_code_already_authenticated"));
  EXPECT_EQ(FailuresInARow(ada), 0);
  world.clock.Advance(seconds(30));
  EXPECT_THAT(Try(ada, app.Code()), Succeeds());
}

TEST_F(Totp, AClockThatStepsBackAcceptsNothingTwice) {  // T-03, TO-11
  Activate(ada);
  ASSERT_THAT(Try(ada, app.Code()), Succeeds());
  world.clock.Advance(-minutes(5));
  const auto reply = Try(ada, app.Code());
  EXPECT_THAT(reply, FailsWith("totp_code_already_authenticated"));
  EXPECT_THAT(reply, HasEvent(EventKind::kClockAnomaly));
}

TEST_F(Totp, ARepeatedProofIsAnsweredAsTheFirst) {  // C-07
  Activate(ada);
  const SessionArguments session = world.Full(ada);
  CallOptions once;
  once.operation_id.bytes.fill(7);
  const std::string code = app.Code();
  ASSERT_THAT(world.engine.Run(Request(ada, code, session), once), Succeeds());
  const auto again = world.engine.Run(Request(ada, code, session), once);
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again.session_effect.proof.kind, FactorKind::kTotp);
  EXPECT_EQ(again.session_effect.proof.id, world.RecordOf(ada)->totp.id);
}

// ---- Delete, and what else ends a registration ----

TEST_F(Totp, DeleteErasesIt) {  // TO-21
  EXPECT_THAT(world.engine.Run(On<DeleteTotpRequest>(ada, Actor::Host())),
              FailsWith("totp_not_found"));
  Activate(ada);
  const auto on_behalf = On<DeleteTotpRequest>(ada, Actor::Person(world.Full(ada)));
  EXPECT_THAT(world.engine.Run(on_behalf), FailsWith("insufficient_factors"));
  const auto reply = world.engine.Run(On<DeleteTotpRequest>(ada, Actor::Host()));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kTotpDeleted));
  EXPECT_EQ(reply.member().totp_registration_id, "");
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kNone);
  EXPECT_TRUE(world.RecordOf(ada)->totp.sealed_secret.empty());
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("totp_not_found"));
  ASSERT_THAT(Create(ada), Succeeds());
  EXPECT_THAT(world.engine.Run(On<DeleteTotpRequest>(ada, Actor::Host())), Succeeds())
      << "a pending one too";
}

TEST_F(Totp, GoesWithItsMember) {  // M-04
  Activate(ada);
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(ada)), Succeeds());
  const auto record = *world.RecordOf(ada);
  EXPECT_EQ(record.totp.state, RegistrationState::kNone);
  EXPECT_TRUE(record.totp.sealed_secret.empty());
  EXPECT_FALSE(record.HasActiveTotp());
  EXPECT_EQ(record.default_mfa_method, MfaMethod::kNone);
}

TEST_F(Totp, TheHostsOwnReplacesNoneThatIsActive) {  // TO-28
  auto external = On<SetTotpRegistrationRequest>(ada, Actor::Host());
  external.totp_registration_id = "totp-1";
  ASSERT_THAT(Create(ada), Succeeds());
  ASSERT_THAT(world.engine.Run(external), Succeeds());
  EXPECT_EQ(world.RecordOf(ada)->totp.state, RegistrationState::kNone) << "the secret is erased";
  external.totp_registration_id = "";
  ASSERT_THAT(world.engine.Run(external), Succeeds());
  Activate(ada);
  external.totp_registration_id = "totp-1";
  EXPECT_THAT(world.engine.Run(external), FailsWith("active_totp_exists"));
  external.totp_registration_id = "";
  EXPECT_THAT(world.engine.Run(external), FailsWith("active_totp_exists"));
  EXPECT_THAT(Try(ada, app.Code()), Succeeds());
}

}  // namespace
}  // namespace otpcore
