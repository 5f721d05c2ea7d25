// SPDX-License-Identifier: Apache-2.0
// Recovery codes by way of the engine: rules RC-01 … RC-18, P-09, A-15.
#include <algorithm>
#include <set>

#include "fixture.h"
#include "otpcore/testing/authenticator.h"
#include "otpcore/testing/matchers.h"
#include "rotated_keys.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;
using Texts = std::vector<std::string>;

Texts TextsOf(const RecoveryCodes& codes) {
  Texts texts;
  for (size_t i = 0; i < codes.size(); ++i)
    texts.emplace_back(codes[i].Reveal(SecretAccess("a test")));
  return texts;
}

const Event* Find(const ReplyBase& reply, EventKind kind) {
  for (const Event& event : reply.events()) {
    if (event.kind == kind) return &event;
  }
  return nullptr;
}

class RecoveryCodesTest : public ::testing::Test {
 protected:
  explicit RecoveryCodesTest(Policy policy = {}) : world(TotpConfig(std::move(policy))) {}

  UseRecoveryCodeRequest Request(const Member& who, const std::string& code,
                                 const SessionArguments& session) {
    auto request = On<UseRecoveryCodeRequest>(who);
    request.recovery_code.emplace(code);
    request.session = session;
    return request;
  }
  Reply<UseRecoveryCode> Use(const Member& who, const std::string& code, CallOptions options = {}) {
    return world.engine.Run(Request(who, code, world.Intermediate(who)), std::move(options));
  }
  Reply<GetRecoveryCodes> Get(const Member& who, Actor actor = Actor::Host()) {
    return world.engine.Run(On<GetRecoveryCodesRequest>(who, std::move(actor)));
  }
  Reply<RotateRecoveryCodes> Rotate(const Member& who, Actor actor = Actor::Host(),
                                    CallOptions options = {}) {
    return world.engine.Run(On<RotateRecoveryCodesRequest>(who, std::move(actor)),
                            std::move(options));
  }
  Reply<AuthenticateTotp> Try(const Member& who, const std::string& code) {
    auto request = On<AuthenticateTotpRequest>(who);
    request.code.emplace(code);
    request.session = world.Intermediate(who);
    return world.engine.Run(request);
  }
  // A full session that has shown this factor.
  SessionArguments Shown(const Member& who, FactorKind kind) {
    Session session = World::PrimarySession();
    session.factors.Add(kind, world.clock.Now());
    return world.Full(who, session);
  }
  // The same ports under other keys or another policy.
  Engine With(const Config& config) {
    return Engine(
        config, {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  }
  CallOptions Once(uint8_t id) {
    CallOptions options;
    options.operation_id.bytes.fill(id);
    return options;
  }
  int FailuresInARow(const Member& who) { return world.RecordOf(who)->failures.in_a_row; }
  static std::string Wrong(std::string code) {
    code[0] = code[0] == '2' ? '3' : '2';
    return code;
  }

  World world;
  testing::AuthenticatorApp app{world.clock};
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeTotpMember(organization, &app);
};

class StrictRecoveryCodes : public RecoveryCodesTest {
 protected:
  static Policy Unreadable() {
    Policy policy;
    policy.recovery_codes_readable = false;
    policy.recovery_code_groups = 6;
    policy.recovery_codes = 16;
    return policy;
  }
  StrictRecoveryCodes() : RecoveryCodesTest(Unreadable()) {}
};

// ---- The set and its registration ----

TEST_F(RecoveryCodesTest, ComeWithTheRegistration) {  // RC-01, RC-02, TO-06
  const Member bob = world.MakeMember(organization);
  const auto created = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host()), Once(1));
  ASSERT_THAT(created, Succeeds());
  const Texts codes = TextsOf(created.recovery_codes);
  ASSERT_EQ(codes.size(), 10u);
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10u);
  for (const std::string& code : codes) {
    EXPECT_EQ(code.size(), 14u);
    EXPECT_EQ(code[4], '-');
  }
  const auto again = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host()), Once(1));
  EXPECT_EQ(TextsOf(again.recovery_codes), codes);
  const auto replaced = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host()));
  EXPECT_NE(TextsOf(replaced.recovery_codes), codes) << "a set belongs to one registration";
}

TEST_F(RecoveryCodesTest, AreOfNoUseUntilTheAppIsProved) {  // RC-03, RC-07
  const Member bob = world.MakeMember(organization);
  EXPECT_THAT(Use(bob, "aaaa-bbbb-cccc"), FailsWith("recovery_codes_not_found"));
  const auto created = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host()));
  app.Scan(created.uri);
  app.NoteRecoveryCodes(created.recovery_codes);
  const std::string code = app.TakeRecoveryCode();
  const Revision before = world.RevisionOf(bob);
  EXPECT_THAT(Use(bob, code), FailsWith("no_active_recovery_code_backed_factor"));
  EXPECT_THAT(Get(bob), FailsWith("no_active_recovery_code_backed_factor"));
  EXPECT_THAT(Rotate(bob), FailsWith("no_active_recovery_code_backed_factor"));
  EXPECT_EQ(world.RevisionOf(bob), before);
  ASSERT_THAT(Try(bob, app.Code()), Succeeds());
  EXPECT_THAT(Use(bob, code), Succeeds());
}

TEST_F(RecoveryCodesTest, GoWithTheRegistration) {  // RC-18, M-09, TO-05, TO-21
  const auto has_codes = [&](const Member& who) { return !world.RecordOf(who)->recovery.empty(); };
  EXPECT_TRUE(has_codes(ada));
  ASSERT_THAT(world.engine.Run(On<DeleteTotpRequest>(ada, Actor::Host())), Succeeds());
  EXPECT_FALSE(has_codes(ada));

  const Member bob = world.MakeMember(organization);
  for (const bool rotates : {false, true}) {
    ASSERT_THAT(world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host())), Succeeds());
    EXPECT_TRUE(has_codes(bob));
    world.clock.Advance(hours(2));
    const ReplyBase seen = rotates ? ReplyBase(Rotate(bob)) : Use(bob, "aaaa-bbbb-cccc");
    EXPECT_THAT(seen, FailsWith("no_active_recovery_code_backed_factor"));
    EXPECT_THAT(seen, HasEvent(EventKind::kTotpExpired)) << "the first sight of its end";
    EXPECT_FALSE(has_codes(bob));
    EXPECT_EQ(world.RecordOf(bob)->totp.state, RegistrationState::kExpired);
    EXPECT_THAT(Get(bob), FailsWith("no_active_recovery_code_backed_factor"));
    EXPECT_THAT(Use(bob, "aaaa-bbbb-cccc"), FailsWith("no_active_recovery_code_backed_factor"));
    EXPECT_THAT(Rotate(bob), FailsWith("no_active_recovery_code_backed_factor"));
  }
  ASSERT_THAT(world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host())), Succeeds());
  auto external = On<SetTotpRegistrationRequest>(bob, Actor::Host());
  external.totp_registration_id = "totp-1";
  ASSERT_THAT(world.engine.Run(external), Succeeds());
  EXPECT_FALSE(has_codes(bob));
  EXPECT_THAT(Use(bob, "aaaa-bbbb-cccc"), FailsWith("recovery_codes_not_found"));
  EXPECT_THAT(Get(bob), FailsWith("recovery_codes_not_found"));

  const Member eve = world.MakeTotpMember(organization, &app);
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(eve)), Succeeds());
  EXPECT_FALSE(has_codes(eve));
}

TEST_F(RecoveryCodesTest, DeletionAlsoForgetsAHostsOwnRegistration) {  // M-09
  CreateMemberRequest create;
  create.totp_registration_id = "totp-1";
  create.email_address_verified = true;
  const Member bob = world.MakeMember(organization, create);
  const auto deleted = world.engine.Run(On<DeleteMemberRequest>(bob));
  EXPECT_THAT(deleted, HasEvent(EventKind::kTotpCleared));
  EXPECT_EQ(world.RecordOf(bob)->hosts_totp_id, "");
  const auto back = world.engine.Run(On<ReactivateMemberRequest>(bob));
  ASSERT_THAT(back, Succeeds());
  EXPECT_EQ(back.member().totp_registration_id, "") << "nothing brings a factor back";
}

TEST_F(RecoveryCodesTest, StayWhenTheNumberGoes) {  // RC-18
  auto link = On<UpdateMemberRequest>(ada, Actor::Host());
  link.mfa_phone_number = kNumber;
  ASSERT_THAT(world.engine.Run(link), Succeeds());
  ASSERT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), Succeeds());
  EXPECT_THAT(Use(ada, app.TakeRecoveryCode()), Succeeds());
}

// ---- Use ----

TEST_F(RecoveryCodesTest, EachIsGoodOnce) {  // RC-06, RC-07, RC-12, RC-19
  for (int left = 9; left >= 0; --left) {
    const std::string code = app.TakeRecoveryCode();
    const auto reply = Use(ada, code);
    ASSERT_THAT(reply, Succeeds());
    EXPECT_EQ(reply.recovery_codes_remaining, left);
    const Event* const used = Find(reply, EventKind::kRecoveryCodeUsed);
    ASSERT_NE(used, nullptr);
    EXPECT_EQ(used->codes_left, left);
    EXPECT_FALSE(used->after_restore);
    EXPECT_EQ(Find(reply, EventKind::kRecoveryCodesLow) != nullptr, left <= 3) << left;
    if (left > 0) {
      EXPECT_THAT(Use(ada, code), FailsWith("unable_to_authenticate_recovery_code"));
      EXPECT_EQ(FailuresInARow(ada), 1);
      EXPECT_EQ(world.RecordOf(ada)->failures.recent.count, std::min(10 - left, 24)) << "weight 1";
    }
  }
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(Use(ada, "aaaa-bbbb-cccc"), FailsWith("recovery_codes_not_found"));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(RecoveryCodesTest, ASuccessIsASecondFactor) {  // RC-11, S-12, P-10, C-04
  auto enroll = On<UpdateMemberRequest>(ada, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_THAT(world.engine.Run(enroll), Succeeds());
  const SessionArguments session = world.Full(ada);
  const auto before = *world.RecordOf(ada);
  const auto reply = world.engine.Run(Request(ada, app.TakeRecoveryCode(), session));
  ASSERT_THAT(reply, Succeeds());
  EXPECT_THAT(reply, HasEvent(EventKind::kAuthenticated));
  EXPECT_EQ(reply.session_effect.kind, SessionEffect::Kind::kExtend);
  EXPECT_EQ(reply.session_effect.proof.kind, FactorKind::kRecoveryCode);
  EXPECT_EQ(
      ProofId(reply.session_effect.proof, Environment::kTest).rfind("totp-recovery-code-test-", 0),
      0u);
  const auto after = *world.RecordOf(ada);
  EXPECT_EQ(after.mfa_enrolled, before.mfa_enrolled);
  EXPECT_EQ(after.default_mfa_method, before.default_mfa_method);
  EXPECT_EQ(after.totp.state, RegistrationState::kActive);
  auto step = On<MfaStepRequest>(ada);
  step.session = session;
  EXPECT_TRUE(world.engine.Run(step).member_authenticated) << "no further step follows";
  EXPECT_THAT(world.engine.Run(On<DeleteTotpRequest>(ada, Actor::Person(session))), Succeeds())
      << "its owner deletes the lost app";
}

TEST_F(RecoveryCodesTest, ASuccessEnrollsNobodyAndSetsNoDefault) {  // RC-11, A-10
  UpdateOrganizationRequest required;
  required.organization_id = organization.organization_id.str();
  required.mfa_policy = "REQUIRED_FOR_ALL";
  ASSERT_THAT(world.engine.Run(required), Succeeds());
  auto record = *world.RecordOf(ada);
  record.mfa_enrolled = false;
  record.default_mfa_method = MfaMethod::kNone;
  world.Put(record);
  const auto reply = Use(ada, app.TakeRecoveryCode());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member().mfa_enrolled);
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kNone);
}

TEST_F(RecoveryCodesTest, AreTypedInAnySpelling) {  // RC-04
  std::string code = app.TakeRecoveryCode();
  std::replace(code.begin(), code.end(), '0', 'O');
  std::replace(code.begin(), code.end(), '1', 'L');
  std::replace(code.begin(), code.end(), '-', ' ');
  for (char& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  EXPECT_THAT(Use(ada, " " + code), Succeeds());
}

TEST_F(RecoveryCodesTest, MalformedOnesAreFree) {  // RC-08
  const Revision before = world.RevisionOf(ada);
  for (const char* code : {"", "abcdefg", "12345", "abcd-efg!", "1234567"})
    EXPECT_THAT(Use(ada, code), FailsWith("invalid_recovery_code")) << code;
  for (const char* code : {"123456", "1234 5678"})
    EXPECT_THAT(Use(ada, code), FailsWith("totp_code_used_as_recovery_code")) << code;
  auto absent = On<UseRecoveryCodeRequest>(ada);
  absent.session = world.Intermediate(ada);
  EXPECT_THAT(world.engine.Run(absent), FailsWith("bad_request"));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(RecoveryCodesTest, UseIsRefusedInTheOrderOfItsRule) {  // RC-09, S-08, S-13, A-06, A-12
  const std::string code = app.TakeRecoveryCode();
  EXPECT_THAT(world.engine.Run(Request(ada, "1", {})), FailsWith("no_session_arguments"));
  auto request = Request(ada, "1", world.Full(ada));
  request.session_duration_minutes = 1;
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_recovery_code"));
  request.recovery_code.emplace(code);
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_session_duration_minutes"));
  EXPECT_THAT(world.engine.Run(Request(ada, code, {"", "gone", ""})),
              FailsWith("session_not_found"));
  EXPECT_THAT(world.engine.Run(Request(ada, code, world.Full(ada, Session()))),
              FailsWith("action_available_only_once_primary_authentication_is_met"));
  auto record = *world.RecordOf(ada);
  record.recovery.used = 0xFFFF;
  world.Put(record);
  EXPECT_THAT(Use(ada, code), FailsWith("recovery_codes_not_found"));
  record.failures.disabled = true;
  record.failures.locked_at = world.clock.Now();
  world.Put(record);
  const auto locked = Use(ada, code);
  EXPECT_THAT(locked, FailsWith("user_lock_limit_reached"));
  EXPECT_EQ(locked.events().factor, FactorKind::kRecoveryCode);
  UpdateOrganizationRequest sms_only;
  sms_only.organization_id = organization.organization_id.str();
  sms_only.mfa_methods = "RESTRICTED";
  sms_only.allowed_mfa_methods = {{"sms_otp"}};
  ASSERT_THAT(world.engine.Run(sms_only), Succeeds());
  EXPECT_THAT(Use(ada, code), FailsWith("operation_restricted_by_organization_mfa_methods"));
  record.status = MemberStatus::kInvited;
  world.Put(record);
  EXPECT_THAT(Use(ada, code), FailsWith("action_available_only_for_active_members"));
}

TEST_F(RecoveryCodesTest, OfTwoRequestsWithOneCodeOneSucceeds) {  // RC-06
  const std::string code = app.TakeRecoveryCode();
  std::string inner;
  world.store.before_commit = [&](const Changes&) {
    if (inner.empty()) inner = "?" + ErrorTypeOf(Use(ada, code));
  };
  EXPECT_THAT(Use(ada, code), FailsWith("unable_to_authenticate_recovery_code"));
  EXPECT_EQ(inner, "?");
}

TEST_F(RecoveryCodesTest, ARepeatedUseIsAnsweredAsTheFirst) {  // C-07
  const SessionArguments session = world.Full(ada);
  const std::string code = app.TakeRecoveryCode();
  const auto first = world.engine.Run(Request(ada, code, session), Once(7));
  const auto again = world.engine.Run(Request(ada, code, session), Once(7));
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again.recovery_codes_remaining, 9);
  EXPECT_EQ(again.session_effect.proof.id, first.session_effect.proof.id);
  EXPECT_EQ(again.events().size(), 0u);
}

TEST_F(RecoveryCodesTest, WrongOnesLockTogetherWithThoseOfTheApp) {  // L-01, L-02, RC-07
  for (int i = 0; i < 5; ++i) {
    const auto wrong = Use(ada, Wrong(app.recovery_codes().front()));
    EXPECT_THAT(wrong, FailsWith("unable_to_authenticate_recovery_code"));
    EXPECT_EQ(wrong.events().factor, FactorKind::kRecoveryCode) << "V-02";
    const auto app_code = Try(ada, app.WrongCode());
    EXPECT_THAT(app_code, FailsWith("unable_to_authenticate_totp"));
    EXPECT_EQ(app_code.events().factor, FactorKind::kTotp) << "V-02";
    EXPECT_EQ(Find(app_code, EventKind::kLocked) != nullptr, i == 4);
  }
  EXPECT_THAT(Use(ada, app.TakeRecoveryCode()), FailsWith("user_lock_limit_reached"));
}

TEST_F(RecoveryCodesTest, ASuccessForgivesTheFailuresOfItsSession) {  // L-05
  const SessionArguments session = world.Full(ada);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(world.engine.Run(Request(ada, Wrong(app.recovery_codes().front()), session)),
                FailsWith("unable_to_authenticate_recovery_code"));
  }
  EXPECT_EQ(world.RecordOf(ada)->failures.recent.count, 2);
  ASSERT_THAT(world.engine.Run(Request(ada, app.TakeRecoveryCode(), session)), Succeeds());
  EXPECT_EQ(world.RecordOf(ada)->failures.recent.count, 0);
  EXPECT_EQ(FailuresInARow(ada), 0);
}

TEST_F(RecoveryCodesTest, OnAKnownDeviceNoLockStopsTheOwner) {  // DV-02, DV-03
  const std::string device = "a device of Ada's";
  auto request = Request(ada, app.TakeRecoveryCode(), world.Intermediate(ada));
  request.device = device;
  EXPECT_THAT(world.engine.Run(request), HasEvent(EventKind::kDeviceKnown));
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(Use(ada, Wrong(app.recovery_codes().front())),
                FailsWith("unable_to_authenticate_recovery_code"));
  }
  const std::string code = app.TakeRecoveryCode();
  EXPECT_THAT(Use(ada, code), FailsWith("user_lock_limit_reached"));
  auto wrong = Request(ada, Wrong(code), world.Intermediate(ada));
  wrong.device = device;
  EXPECT_THAT(world.engine.Run(wrong), FailsWith("unable_to_authenticate_recovery_code"));
  EXPECT_EQ(world.RecordOf(ada)->devices[0].failures, 1);
  auto right = Request(ada, code, world.Intermediate(ada));
  right.device = device;
  EXPECT_THAT(world.engine.Run(right), Succeeds());
}

TEST_F(RecoveryCodesTest, LeavesALiveSmsChallengeAsItIs) {
  const Member bob = world.MakeTotpMember(organization, &app);
  auto link = On<UpdateMemberRequest>(bob, Actor::Host());
  link.mfa_phone_number = kNumber;
  ASSERT_THAT(world.engine.Run(link), Succeeds());
  auto send = On<SendSmsOtpRequest>(bob);
  send.session = Shown(bob, FactorKind::kTotp);
  ASSERT_THAT(world.engine.Run(send), Succeeds());
  const Challenge live = world.RecordOf(bob)->challenge;
  ASSERT_EQ(live.state, ChallengeState::kLive);
  ASSERT_THAT(Use(bob, app.TakeRecoveryCode()), Succeeds());
  ASSERT_THAT(Try(bob, app.Code()), Succeeds());
  const Challenge after = world.RecordOf(bob)->challenge;
  EXPECT_EQ(after.state, live.state);
  EXPECT_EQ(after.id, live.id);
  EXPECT_EQ(after.failures, live.failures);
  EXPECT_EQ(after.expires_at, live.expires_at);
  const auto used = world.RecordOf(bob)->recovery.used;
  const auto step = world.RecordOf(bob)->totp.last_step;
  auto proof = World::AuthenticateRequest(bob, world.Code());
  proof.session = send.session;
  ASSERT_THAT(world.Run(proof), Succeeds());
  EXPECT_EQ(world.RecordOf(bob)->recovery.used, used) << "and the other way round";
  EXPECT_EQ(world.RecordOf(bob)->totp.last_step, step);
}

TEST_F(RecoveryCodesTest, ADigestKeyThatIsGoneCountsNothing) {  // RC-16
  const auto config = Config::Create(world.config->policy(), TestKeys(8), TestSealingKeys());
  Engine other = With(*config);
  const Revision before = world.RevisionOf(ada);
  const auto reply = other.Run(Request(ada, app.recovery_codes().front(), world.Intermediate(ada)));
  EXPECT_THAT(reply, FailsWith("internal_server_error"));
  EXPECT_THAT(reply, HasEvent(EventKind::kKeyMissing));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(RecoveryCodesTest, WithoutASealingKeyNothingWorks) {  // TO-25
  const auto config = Config::Create(world.config->policy(), TestKeys());
  Engine other = With(*config);
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(other.Run(Request(ada, app.recovery_codes().front(), world.Intermediate(ada))),
              FailsWith("internal_server_error"));
  EXPECT_THAT(other.Run(On<GetRecoveryCodesRequest>(ada, Actor::Host())),
              FailsWith("internal_server_error"));
  EXPECT_THAT(other.Run(On<RotateRecoveryCodesRequest>(ada, Actor::Host())),
              FailsWith("internal_server_error"));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(RecoveryCodesTest, AfterARestoreUsedOnesWorkAgainAndTheEventSaysSo) {  // RC-17, TO-27
  const auto backup = *world.RecordOf(ada);
  const std::string code = app.TakeRecoveryCode();
  ASSERT_THAT(Use(ada, code), Succeeds());
  world.Put(backup);
  world.memory.BeginEpoch(9);
  const auto first = Use(ada, code);
  ASSERT_THAT(first, Succeeds());
  EXPECT_TRUE(Find(first, EventKind::kRecoveryCodeUsed)->after_restore);
  const auto second = Use(ada, app.TakeRecoveryCode());
  EXPECT_FALSE(Find(second, EventKind::kRecoveryCodeUsed)->after_restore);
  EXPECT_THAT(Try(ada, app.Code()), FailsWith("totp_code_already_authenticated"))
      << "a recovery code says nothing of the app's steps";
}

// ---- Get and rotate ----

TEST_F(RecoveryCodesTest, GetShowsTheUnusedOnesInOrder) {  // RC-14
  Texts codes(app.recovery_codes().begin(), app.recovery_codes().end());
  EXPECT_EQ(TextsOf(Get(ada).recovery_codes), codes);
  ASSERT_THAT(Use(ada, codes[4]), Succeeds());
  codes.erase(codes.begin() + 4);
  const Revision before = world.RevisionOf(ada);
  EXPECT_EQ(TextsOf(Get(ada).recovery_codes), codes);
  EXPECT_EQ(world.RevisionOf(ada), before);
  auto record = *world.RecordOf(ada);
  record.recovery = RecoveryFactor();
  world.Put(record);
  EXPECT_THAT(Get(ada), FailsWith("recovery_codes_not_found")) << "one of before there were any";
  EXPECT_THAT(Use(ada, codes[0]), FailsWith("recovery_codes_not_found"));
  EXPECT_THAT(Rotate(ada), Succeeds());
}

TEST_F(RecoveryCodesTest, GetAndRotateNeedTheSecondFactor) {  // RC-13, S-12, S-13, P-07
  const Actor password = Actor::Person(world.Full(ada));
  EXPECT_THAT(Get(ada, password), FailsWith("insufficient_factors"));
  EXPECT_THAT(Rotate(ada, password), FailsWith("insufficient_factors"));
  for (const FactorKind kind : {FactorKind::kTotp, FactorKind::kRecoveryCode}) {
    EXPECT_THAT(Get(ada, Actor::Person(Shown(ada, kind))), Succeeds());
    EXPECT_THAT(Rotate(ada, Actor::Person(Shown(ada, kind))), Succeeds());
  }
  UpdateOrganizationRequest sms_only;
  sms_only.organization_id = organization.organization_id.str();
  sms_only.mfa_methods = "RESTRICTED";
  sms_only.allowed_mfa_methods = {{"sms_otp"}};
  ASSERT_THAT(world.engine.Run(sms_only), Succeeds());
  EXPECT_THAT(Get(ada), FailsWith("operation_restricted_by_organization_mfa_methods"));
  EXPECT_THAT(Rotate(ada), FailsWith("operation_restricted_by_organization_mfa_methods"));
  // The forbidden app still counts: a stolen password neither takes it away nor adds a number.
  EXPECT_THAT(world.engine.Run(On<DeleteTotpRequest>(ada, password)),
              FailsWith("insufficient_factors"));
  auto send = On<SendSmsOtpRequest>(ada);
  send.mfa_phone_number = kNumber;
  send.session = world.Full(ada);
  EXPECT_THAT(world.engine.Run(send), FailsWith("insufficient_factors"));
}

TEST_F(RecoveryCodesTest, RotateReplacesAllAtOnce) {  // RC-13, RC-12
  const std::string old = app.TakeRecoveryCode();
  const auto rotated = Rotate(ada);
  ASSERT_THAT(rotated, Succeeds());
  EXPECT_EQ(Find(rotated, EventKind::kRecoveryCodesRotated)->codes_left, 10);
  EXPECT_THAT(Use(ada, old), FailsWith("unable_to_authenticate_recovery_code"));
  EXPECT_EQ(FailuresInARow(ada), 1) << "simply wrong";
  app.NoteRecoveryCodes(rotated.recovery_codes);
  EXPECT_EQ(TextsOf(Get(ada).recovery_codes), TextsOf(rotated.recovery_codes));
  EXPECT_THAT(Use(ada, app.TakeRecoveryCode()), Succeeds());
}

TEST_F(RecoveryCodesTest, ALockStopsNeitherGetNorRotate) {  // RC-13
  auto record = *world.RecordOf(ada);
  record.failures.disabled = true;
  record.failures.locked_at = world.clock.Now();
  world.Put(record);
  EXPECT_THAT(Get(ada), Succeeds());
  EXPECT_THAT(Rotate(ada), Succeeds());
}

TEST_F(RecoveryCodesTest, ARepeatedRotateShowsTheSameSet) {  // C-07
  const auto first = Rotate(ada, Actor::Host(), Once(3));
  const Revision before = world.RevisionOf(ada);
  const auto again = Rotate(ada, Actor::Host(), Once(3));
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(TextsOf(again.recovery_codes), TextsOf(first.recovery_codes));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(RecoveryCodesTest, ARotateOfADeletedMemberIsRefused) {  // M-04
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(ada)), Succeeds());
  EXPECT_THAT(Rotate(ada), FailsWith("member_not_found"));
}

TEST_F(RecoveryCodesTest, ARepeatedRefusalStaysOne) {  // C-07, TO-05
  const Member bob = world.MakeMember(organization);
  ASSERT_THAT(world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host())), Succeeds());
  world.clock.Advance(hours(2));
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT(Rotate(bob, Actor::Host(), Once(4)),
                FailsWith("no_active_recovery_code_backed_factor"));
  EXPECT_TRUE(world.RecordOf(bob)->recovery.empty());
}

TEST_F(RecoveryCodesTest, ARepeatedRotateNeedsTheKeyOfTheCopy) {  // C-07, TO-23
  ASSERT_THAT(Rotate(ada, Actor::Host(), Once(3)), Succeeds());
  const auto config = ConfigWith(world.config->policy(), testing::TestKeys(), NewSealingKeyOnly());
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(With(*config).Run(On<RotateRecoveryCodesRequest>(ada, Actor::Host()), Once(3)),
              FailsWith("internal_server_error"));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

TEST_F(RecoveryCodesTest, AGeneratorThatRepeatsItselfMakesNone) {
  const Revision before = world.RevisionOf(ada);
  world.faulty_random.fill_fault = [](int) { return testing::FaultyRandom::FillFault::kStuck; };
  EXPECT_THAT(Rotate(ada), FailsWith("internal_server_error"));
  EXPECT_EQ(world.RevisionOf(ada), before);
}

// ---- Codes that cannot be read again ----

TEST_F(StrictRecoveryCodes, AreShownOnce) {  // RC-15
  EXPECT_EQ(app.recovery_codes().size(), 16u);
  EXPECT_EQ(app.recovery_codes().front().size(), 29u);
  EXPECT_TRUE(world.RecordOf(ada)->recovery.sealed_codes.empty()) << "dropped with the first code";
  EXPECT_THAT(Get(ada), FailsWith("unauthorized_action"));
  EXPECT_THAT(Use(ada, app.TakeRecoveryCode()), Succeeds());
  const Member bob = world.MakeMember(organization);
  const auto first = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host()), Once(1));
  const auto again = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host()), Once(1));
  EXPECT_EQ(TextsOf(again.recovery_codes), TextsOf(first.recovery_codes)) << "while it is pending";
}

TEST_F(StrictRecoveryCodes, ARepeatedRotateDrawsANewSet) {  // RC-15, C-07
  const auto first = Rotate(ada, Actor::Host(), Once(3));
  ASSERT_THAT(first, Succeeds());
  EXPECT_TRUE(world.RecordOf(ada)->recovery.sealed_codes.empty());
  const auto again = Rotate(ada, Actor::Host(), Once(3));
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again.recovery_codes.size(), 16u);
  EXPECT_NE(TextsOf(again.recovery_codes), TextsOf(first.recovery_codes));
  EXPECT_THAT(Use(ada, TextsOf(first.recovery_codes)[0]),
              FailsWith("unable_to_authenticate_recovery_code"));
  EXPECT_THAT(Use(ada, TextsOf(again.recovery_codes)[0]), Succeeds());
  EXPECT_THAT(Rotate(ada, Actor::Person(world.Full(ada)), Once(4)),
              FailsWith("insufficient_factors"));
}

TEST_F(StrictRecoveryCodes, ASwitchOfThePolicyReadsNoneAgain) {  // RC-14, RC-15
  const auto readable = TotpConfig();
  EXPECT_THAT(With(*readable).Run(On<GetRecoveryCodesRequest>(ada, Actor::Host())),
              FailsWith("unauthorized_action"))
      << "there is no copy";
}

// ---- What the MFA step tells the host ----

TEST_F(RecoveryCodesTest, TheStepTellsTheHostHowManyAreLeft) {  // P-09, P-06
  auto enroll = On<UpdateMemberRequest>(ada, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_THAT(world.engine.Run(enroll), Succeeds());
  ASSERT_THAT(Use(ada, app.TakeRecoveryCode()), Succeeds());
  const auto step = world.engine.Run(On<MfaStepRequest>(ada));
  ASSERT_TRUE(step.mfa_required.has_value());
  EXPECT_EQ(step.mfa_required->recovery_codes_left, 9);
  EXPECT_EQ(step.mfa_required->member_options->totp_registration_id.view(),
            step.member().totp_registration_id.view());
  EXPECT_EQ(step.mfa_required->member_options->mfa_phone_number, "");

  const Member bob = world.MakeMember(organization);
  enroll = On<UpdateMemberRequest>(bob, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_THAT(world.engine.Run(enroll), Succeeds());
  ASSERT_THAT(world.engine.Run(On<CreateTotpRequest>(bob, Actor::Host())), Succeeds());
  const auto pending = world.engine.Run(On<MfaStepRequest>(bob));
  EXPECT_EQ(pending.mfa_required->recovery_codes_left, 0) << "none without an active registration";
  EXPECT_FALSE(pending.mfa_required->member_options.has_value());
}

// P-08: without a usable factor the intermediate session enrolls one, and so completes the step.
TEST_F(RecoveryCodesTest, AnIntermediateSessionEnrollsTheFirstApp) {  // P-08
  CreateMemberRequest create;
  create.mfa_enrolled = true;
  const Member bob = world.MakeMember(organization, create);
  EXPECT_FALSE(world.engine.Run(On<MfaStepRequest>(bob)).member_authenticated);
  const SessionArguments session = world.Intermediate(bob);
  const auto created = world.engine.Run(On<CreateTotpRequest>(bob, Actor::Person(session)));
  ASSERT_THAT(created, Succeeds());
  app.Scan(created.uri);
  auto proof = On<AuthenticateTotpRequest>(bob);
  proof.code.emplace(app.Code());
  proof.session = session;
  const auto proved = world.engine.Run(proof);
  ASSERT_THAT(proved, Succeeds());
  EXPECT_EQ(proved.session_effect.kind, SessionEffect::Kind::kUpgrade);
}

}  // namespace
}  // namespace otpcore
