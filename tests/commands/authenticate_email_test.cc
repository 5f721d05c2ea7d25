// SPDX-License-Identifier: Apache-2.0
// Authenticating a passcode by e-mail: what a code is good for, what it counts, and the MFA step
// that follows.
#include <algorithm>
#include <vector>

#include "email.h"
#include "otpcore/adapters/memory_guard.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FailsWith;
using testing::FailsWithCode;
using testing::HasEvent;
using testing::Succeeds;
using Effect = SessionEffect::Kind;

class AuthenticateEmail : public EmailTest {};

TEST_F(AuthenticateEmail, TheRightCodeSignsIn) {  // EM-16, EM-17, EM-20, A-02, SE-02, SE-03
  const auto reply = Prove(Sent());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required);
  EXPECT_EQ(reply.method_id.str().rfind("email-test-", 0), 0u) << reply.method_id;
  EXPECT_TRUE(reply.member().email_address_verified);
  const SessionEffect& effect = reply.session_effect;
  EXPECT_EQ(effect.kind, Effect::kCreate);
  EXPECT_EQ(effect.duration, minutes(60));
  EXPECT_EQ(effect.member_id, ada.member_id);
  EXPECT_EQ(effect.organization_id, organization.organization_id);
  EXPECT_EQ(effect.proof.kind, FactorKind::kEmailPasscode);
  EXPECT_EQ(effect.proof.address, kAddress);
  EXPECT_EQ(effect.proof.at, world.clock.Now());
  EXPECT_EQ(ProofId(effect.proof, Environment::kTest), reply.method_id.str());
  EXPECT_EQ(TraitsOf(effect.proof.kind).type, "email_otp");
  EXPECT_EQ(TraitsOf(effect.proof.kind).delivery_method, "email");
  EXPECT_THAT(reply, HasEvent(EventKind::kEmailAuthenticated));
  EXPECT_THAT(reply, HasEvent(EventKind::kEmailVerified));
}

TEST_F(AuthenticateEmail, OnceOnly) {  // EM-12, EM-33, A-02, A-03
  const std::string code = Sent();
  ASSERT_THAT(Prove(code), Succeeds());
  EXPECT_THAT(Prove(code), FailsWith("unable_to_auth_otp_code"));
  EXPECT_THAT(Prove(World::Wrong(code)), FailsWith("unable_to_auth_otp_code")) << "uncompared";
  EXPECT_EQ(Factor().failures.in_a_row, 0);
}

TEST_F(AuthenticateEmail, ActivatesPendingAndInvitedMembers) {  // EM-16, P-05
  CreateMemberRequest pending;
  pending.create_member_as_pending = true;
  MakeMember("pending@example.com", pending);
  CreateMemberRequest invited;
  invited.invited = true;
  MakeMember("invited@example.com", invited);
  for (const char* address : {"pending@example.com", "invited@example.com"}) {
    ASSERT_THAT(Send(address), Succeeds());
    const auto reply = Prove(Code(), address);
    ASSERT_THAT(reply, Succeeds()) << address;
    EXPECT_EQ(reply.member().status, MemberStatus::kActive);
    EXPECT_THAT(reply, HasEvent(EventKind::kActivated));
  }
}

// A stranger can make a Member for somebody's address, and nothing more: the owner's code is the
// first thing that counts.
TEST_F(AuthenticateEmail, AMemberMadeByAStrangerIsTheOwners) {  // EM-06, EM-16
  ASSERT_THAT(Send("owner@example.com", JustInTime::kAllow), Succeeds());
  const std::string code = Code();
  EXPECT_THAT(Prove(World::Wrong(code), "owner@example.com"), FailsWith("otp_code_not_found"));
  const auto reply = Prove(code, "owner@example.com");
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.member().status, MemberStatus::kActive);
  EXPECT_TRUE(reply.member().mfa_phone_number.empty());
  EXPECT_EQ(reply.member().name, "");
}

TEST_F(AuthenticateEmail, TheAddressMayBeSpelledOtherwise) {  // EM-02, EM-14
  EXPECT_THAT(Prove(Sent(), "ADA@Example.com"), Succeeds());
  const std::string code = Sent();
  EXPECT_THAT(Prove(code, "ada+x@example.com"), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove(code, "a.da@example.com"), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove(code, "ada@example.com\n"), FailsWith("invalid_email"));
  EXPECT_THAT(Prove(code), Succeeds());
}

// ---- What a code is bound to ----

TEST_F(AuthenticateEmail, IsGoodForItsMemberOnly) {  // EM-12, A-07
  MakeMember("bob@example.com");
  ASSERT_THAT(Send("bob@example.com"), Succeeds());
  const std::string bobs = Code();
  const std::string adas = Sent();
  EXPECT_THAT(Prove(bobs), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove(adas, "bob@example.com"), FailsWith("otp_code_not_found"));
  const Organization other = world.MakeOrganization();
  auto elsewhere = Proof(adas);
  elsewhere.organization_id = other.organization_id.str();
  EXPECT_THAT(world.engine.Run(elsewhere), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove(adas), Succeeds());
}

// What was drawn for one purpose is wrong for another: only the purpose in the record differs.
TEST_F(AuthenticateEmail, IsGoodForItsPurposeOnly) {  // EM-12, R-03
  const std::string code = Sent();
  auto record = *world.RecordOf(ada);
  record.email.purpose = EmailPurpose::kSignup;
  world.Put(record);
  EXPECT_THAT(Prove(code), FailsWith("otp_code_not_found"));
  record = *world.RecordOf(ada);
  record.email.purpose = EmailPurpose::kLogin;
  world.Put(record);
  EXPECT_THAT(Prove(code), Succeeds());
}

TEST_F(AuthenticateEmail, ASupersededCodeIsKnownByItsOwnPurpose) {  // EM-12, A-03
  CreateMemberRequest pending;
  pending.create_member_as_pending = true;
  const Member bob = MakeMember("bob@example.com", pending);
  ASSERT_THAT(Send("bob@example.com"), Succeeds());
  const std::string signup = Code();
  ASSERT_THAT(world.engine.Run(On<MfaStepRequest>(bob)), Succeeds());  // active by another factor
  ASSERT_THAT(Send("bob@example.com"), Succeeds());
  EXPECT_EQ(Received().purpose, EmailPurpose::kLogin);
  EXPECT_THAT(Prove(signup, "bob@example.com"), FailsWith("unable_to_auth_otp_code"));
  EXPECT_EQ(world.RecordOf(bob)->email.failures.in_a_row, 0);
}

TEST_F(AuthenticateEmail, AnAddressChangedMeanwhileVoidsTheCode) {  // EM-20, C-10
  const std::string code = Sent();
  const Uuid before = Factor().id;
  auto update = On<UpdateMemberRequest>(ada, Actor::Host());
  update.email_address = "ada@new.example.com";
  ASSERT_THAT(world.engine.Run(update), Succeeds());
  EXPECT_THAT(Prove(code), FailsWith("otp_code_not_found")) << "nobody has that address now";
  EXPECT_THAT(Prove(code, "ada@new.example.com"), FailsWith("otp_code_not_found"));
  EXPECT_NE(Factor().id, before);
  ASSERT_THAT(Send("ada@new.example.com"), Succeeds());
  const Uuid now = Factor().id;
  const auto reply = Prove(Code(), "ada@new.example.com");
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.session_effect.proof.id, now) << "kept while the address is";
  // Another update leaves it, and the code, alone.
  ASSERT_THAT(Send("ada@new.example.com"), Succeeds());
  auto name = On<UpdateMemberRequest>(ada, Actor::Host());
  name.name = "Ada";
  name.email_address = "ada@new.example.com";
  ASSERT_THAT(world.engine.Run(name), Succeeds());
  EXPECT_EQ(Factor().id, now);
  EXPECT_THAT(Prove(Code(), "ada@new.example.com"), Succeeds());
}

// A commit in between that changes the address: the plan is made anew.
TEST_F(AuthenticateEmail, AnAddressChangedWhileTheCodeIsJudgedWins) {  // EM-20
  const std::string code = Sent();
  int commits = 0;
  world.store.before_commit = [&](const Changes&) {
    if (++commits != 1) return;
    auto update = On<UpdateMemberRequest>(ada, Actor::Host());
    update.email_address = "ada@new.example.com";
    Engine other(*world.config, {world.clock, world.random, world.memory, world.directory,
                                 world.inbox, world.guard});
    EXPECT_THAT(other.Run(update), Succeeds());
  };
  EXPECT_THAT(Prove(code), FailsWith("otp_code_not_found"));
  EXPECT_FALSE(world.RecordOf(ada)->email_address_verified);
}

// ---- Form and order ----

TEST_F(AuthenticateEmail, ChecksInTheOrderOfTheRule) {  // EM-15, EM-18, A-11
  const std::string code = Sent();
  const SessionArguments bobs = world.Full(MakeMember("bob@example.com"));
  AuthenticateEmailPasscodeRequest request = Proof(code, "x");
  request.organization_id = "";
  request.code.reset();
  request.session_duration_minutes = 4;
  request.locale = "xx";
  request.session = bobs;
  request.session.intermediate_session_token = "nobody's";
  const auto fails = [&](const char* error) {
    EXPECT_THAT(world.engine.Run(request), FailsWith(error));
  };
  fails("bad_request");
  request.organization_id = "nobody";
  fails("invalid_email");
  request.email_address = kAddress;
  fails("bad_request");
  request.code.emplace("12");
  fails("invalid_code");
  request.code.emplace(code);
  fails("invalid_session_duration_minutes");
  request.session_duration_minutes = 5;
  fails("invalid_locale");
  request.locale = "de";  // the SMS has more languages
  fails("too_many_session_arguments");
  request.session.session_token = "";
  request.session_id = std::string(129, 's');
  fails("bad_request");
  request.session_id = std::string(128, 's');
  request.channel = Channel::kEmail;
  fails("bad_request");
  request.channel = Channel::kSms;
  fails("organization_not_found");
  request.organization_id = organization.organization_id.str();
  fails("intermediate_session_not_found");
  request.session = {};
  request.session.session_jwt = "nobody's";
  fails("session_not_found");
  request.session = bobs;
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {{"sso"}};
  Change(restricted);
  request.email_address = "nobody@example.com";
  fails("otp_code_not_found");
  request.email_address = kAddress;
  fails("member_session_member_id_mismatch");
  request.session = {};
  fails("operation_restricted_by_organization_auth_methods");
  EXPECT_EQ(Factor().failures.in_a_row, 0) << "none of it was looked at";
}

TEST_F(AuthenticateEmail, AnIntermediateTokenIsOfItsOrganization) {  // EM-18
  const Organization other = world.MakeOrganization();
  CreateMemberRequest create;
  create.email_address = kAddress;
  const Member there = world.MakeMember(other, create);
  const std::string code = Sent();
  EXPECT_THAT(Prove(code, world.Intermediate(there)),
              FailsWith("invalid_intermediate_session_token_for_organization"));
  EXPECT_THAT(Prove(code, world.Full(there)), FailsWith("member_session_member_id_mismatch"));
  EXPECT_THAT(Prove(code, world.Intermediate(ada)), Succeeds());
}

TEST_F(AuthenticateEmail, WhatWasTypedIsReadGenerously) {  // EM-12, A-05
  std::string code = Sent();
  EXPECT_THAT(Prove(" " + code.substr(0, 3) + "-" + code.substr(3) + "\xE2\x80\x8B"), Succeeds());
  EXPECT_THAT(Prove("12345x"), FailsWith("invalid_code"));
}

// Another length would tell that there is a challenge, or was one.
TEST_F(AuthenticateEmail, AnotherLengthTellsNothing) {  // EM-14, EM-23
  for (const char* address : {kAddress, "nobody@example.com"}) {
    EXPECT_THAT(Prove("1234567", address), FailsWith("otp_code_not_found")) << address;
  }
  const std::string code = Sent();
  EXPECT_THAT(Prove("1234567"), FailsWith("otp_code_not_found"));
  EXPECT_EQ(Factor().challenge.failures, 0) << "and costs nothing";
  EXPECT_THAT(Prove(code), Succeeds());
}

TEST_F(AuthenticateEmail, WithoutAChallengeThereIsNoCode) {  // EM-14
  EXPECT_THAT(Prove("123456"), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove("123456", "nobody@example.com"), FailsWith("otp_code_not_found"));
  const std::string code = Sent();
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(ada)), Succeeds());
  EXPECT_THAT(Prove(code), FailsWith("otp_code_not_found"));
}

// ---- Time ----

TEST_F(AuthenticateEmail, ACodeEndsWhenItsLifeIsOver) {  // EM-09, EM-12, T-02, A-04
  const std::string code = Sent();
  world.clock.Advance(minutes(10) - Duration(1));
  EXPECT_THAT(Prove(World::Wrong(code)), FailsWith("otp_code_not_found"));
  world.clock.Advance(Duration(1));
  const auto late = Prove(code);
  EXPECT_THAT(late, FailsWith("unable_to_auth_otp_code"));
  EXPECT_THAT(late, HasEvent(EventKind::kChallengeDead));
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kExpired);
  world.clock.Advance(-minutes(5));
  EXPECT_THAT(Prove(code), FailsWith("unable_to_auth_otp_code")) << "a clock revives nothing";
}

TEST_F(AuthenticateEmail, EachWriteTellsTheChallengeTheTime) {  // T-02
  const std::string code = Sent();
  world.clock.Advance(minutes(11));
  auto name = On<UpdateMemberRequest>(ada, Actor::Host());
  name.name = "Ada";
  ASSERT_THAT(world.engine.Run(name), Succeeds());
  world.clock.Advance(-minutes(11));
  EXPECT_THAT(Prove(code), FailsWith("unable_to_auth_otp_code"));
}

TEST_F(AuthenticateEmail, ARestoreVoidsIt) {  // L-10
  const std::string code = Sent();
  world.memory.BeginEpoch(9);
  EXPECT_THAT(Prove(code), FailsWith("otp_code_not_found"));
}

// ---- Failures ----

TEST_F(AuthenticateEmail, FiveWrongCodesEndAChallenge) {  // EM-12, A-13, V-02
  const std::string code = Sent();
  for (int i = 1; i <= 5; ++i) {
    const auto reply = Prove(World::Wrong(code, i));
    EXPECT_THAT(reply, FailsWith("otp_code_not_found"));
    EXPECT_EQ(reply.hints().tries_left, 5 - i);
    EXPECT_THAT(reply, HasEvent(EventKind::kFailure));
    EXPECT_EQ(reply.events().factor, FactorKind::kEmailPasscode);
  }
  EXPECT_THAT(Prove(code), FailsWith("unable_to_auth_otp_code"));
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kExhausted);
}

// Wrong codes, with a new passcode whenever one is dead.
void FailOften(World* world, const std::function<void()>& send,
               const std::function<std::string(const std::string&)>& prove, int times) {
  for (int i = 0; i < times; ++i) {
    if (i % 5 == 0) {
      world->clock.Advance(minutes(10));
      send();
    }
    EXPECT_EQ(prove(World::Wrong(world->inbox.LastCode(6), 1 + i % 5)), "otp_code_not_found") << i;
  }
}

class EmailLedger : public EmailTest {
 protected:
  void Fail(int times) {
    FailOften(
        &world, [this] { Sent(); }, [this](const std::string& c) { return ErrorTypeOf(Prove(c)); },
        times);
  }
};

TEST_F(EmailLedger, TenInARowLockEmailAlone) {  // L-12, L-02, A-06
  const Member bob = world.MakeVerifiedMember(organization);
  auto record = *world.RecordOf(bob);
  ada = bob;
  const std::string address(bob.email_address);
  FailOften(
      &world, [&] { ASSERT_THAT(Send(address), Succeeds()); },
      [&](const std::string& c) { return ErrorTypeOf(Prove(c, address)); }, 10);
  const Instant until = world.clock.Now() + hours(1);
  const auto locked = Prove("123456", address);
  EXPECT_THAT(locked, FailsWithCode(ErrorCode::kEmailLockLimitReached));
  EXPECT_THAT(locked, FailsWith("user_lock_limit_reached"));
  EXPECT_EQ(locked.error().retry_after(), hours(1));
  EXPECT_THAT(Send(address), FailsWith("user_lock_limit_reached"));
  const auto got = world.engine.Run(On<GetMemberRequest>(bob));
  const Member shown = got.member();
  EXPECT_TRUE(shown.is_locked) << "it shows both";
  EXPECT_EQ(shown.lock_expires_at, until);
  // The second factor goes on.
  ASSERT_THAT(world.Send(bob), Succeeds());
  EXPECT_THAT(world.Authenticate(bob, world.Code()), Succeeds());
  EXPECT_EQ(world.RecordOf(bob)->failures.in_a_row, 0);
  world.clock.Advance(hours(1));
  ASSERT_THAT(Send(address), Succeeds());
  EXPECT_THAT(Prove(Code(), address), Succeeds());
}

// While locked the code is not looked at: right and wrong are the same.
TEST_F(EmailLedger, ALockHidesTheCode) {  // A-06, EM-15
  Fail(10);
  auto record = *world.RecordOf(ada);
  const std::string code = Code();
  record.email.challenge.state = ChallengeState::kLive;
  record.email.challenge.failures = 0;
  world.Put(record);
  const auto right = Prove(code);
  const auto wrong = Prove(World::Wrong(code));
  EXPECT_THAT(right, FailsWith("user_lock_limit_reached"));
  EXPECT_THAT(wrong, FailsWith("user_lock_limit_reached"));
  EXPECT_EQ(Factor().challenge.failures, 0);
}

TEST_F(EmailLedger, SecondFactorsLockNoEmail) {  // L-12
  const Member bob = world.MakeVerifiedMember(organization);
  const std::string address(bob.email_address);
  for (int i = 0; i < 10; ++i) {
    if (i % 5 == 0) {
      world.clock.Advance(minutes(10));
      ASSERT_THAT(world.Send(bob), Succeeds());
    }
    EXPECT_THAT(world.Authenticate(bob, World::Wrong(world.Code(), 1 + i % 5)),
                FailsWith("otp_code_not_found"));
  }
  EXPECT_THAT(world.Authenticate(bob, "123456"), FailsWith("user_lock_limit_reached"));
  ASSERT_THAT(Send(address), Succeeds());
  EXPECT_THAT(Prove(Code(), address), Succeeds());
}

TEST_F(EmailLedger, FourteenInThirtyDaysAreFree) {  // L-12, L-04
  int free = 0;
  for (int i = 0; i < 20; ++i) {
    // Never ten in a row: a success between.
    if (i % 4 == 0) {
      world.clock.Advance(minutes(10));
      const std::string code = Sent();
      ASSERT_THAT(Prove(code), Succeeds());
      Sent();
    }
    const auto reply = Prove(World::Wrong(Code()));
    if (!reply.events().Has(EventKind::kLocked)) {
      ++free;
      continue;
    }
    for (const Event& event : reply.events()) {
      EXPECT_TRUE(event.kind != EventKind::kLocked ||
                  event.lock_rule == LockRule::kRollingFailures);
    }
    const auto got = world.engine.Run(On<GetMemberRequest>(ada));
    EXPECT_EQ(got.member().lock_expires_at, world.clock.Now() + hours(48));
    break;
  }
  EXPECT_EQ(free, 14);
  EXPECT_EQ(Factor().failures.recent.count, 14) << "no more are kept";
}

TEST_F(EmailLedger, UnlockingClearsBothLedgers) {  // L-12, L-05
  Fail(10);
  auto record = *world.RecordOf(ada);
  record.failures.disabled = true;
  world.Put(record);
  ASSERT_THAT(world.engine.Run(On<UnlockMemberRequest>(ada)), Succeeds());
  const auto got = world.engine.Run(On<GetMemberRequest>(ada));
  EXPECT_FALSE(got.member().is_locked);
  EXPECT_TRUE(Factor().sends.empty());
  EXPECT_THAT(Prove(Sent()), Succeeds());
}

TEST_F(EmailLedger, TheLongerLockIsShown) {  // L-12
  Fail(10);
  const auto shown = [&] {
    const auto got = world.engine.Run(On<GetMemberRequest>(ada));
    return std::pair(got.member().is_locked, got.member().lock_expires_at);
  };
  const Instant email_end = world.clock.Now() + hours(1);
  auto record = *world.RecordOf(ada);
  record.failures.locked_at = world.clock.Now();
  record.failures.locked_until = email_end - minutes(1);
  world.Put(record);
  EXPECT_EQ(shown().second, email_end);
  record.failures.locked_until = email_end + minutes(1);
  world.Put(record);
  EXPECT_EQ(shown().second, email_end + minutes(1));
  record.failures.disabled = true;
  world.Put(record);
  EXPECT_TRUE(shown().first);
  EXPECT_EQ(shown().second, std::nullopt);
  record.failures.disabled = false;
  record.email.failures.disabled = true;
  world.Put(record);
  EXPECT_TRUE(shown().first);
  EXPECT_EQ(shown().second, std::nullopt) << "that of e-mail has no end";
}

TEST_F(EmailLedger, ASuccessTakesTheFailuresOfItsSessionOut) {  // L-12, L-05
  const SessionArguments session = world.Full(ada);
  const std::string code = Sent();
  for (int i = 1; i <= 3; ++i)
    EXPECT_THAT(Prove(World::Wrong(code, i), session), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove(World::Wrong(code, 4)), FailsWith("otp_code_not_found")) << "of no session";
  EXPECT_EQ(Factor().failures.recent.count, 4);
  ASSERT_THAT(Prove(code, session), Succeeds());
  EXPECT_EQ(Factor().failures.recent.count, 1);
  EXPECT_EQ(Factor().failures.in_a_row, 0);
  EXPECT_EQ(Factor().failures.since_success, 0);
}

TEST_F(EmailLedger, ASuccessWithoutASessionLeavesThoseOfSessions) {  // L-12, L-05
  const std::string code = Sent();
  EXPECT_THAT(Prove(World::Wrong(code), world.Full(ada)), FailsWith("otp_code_not_found"));
  ASSERT_THAT(Prove(code), Succeeds());
  EXPECT_EQ(Factor().failures.recent.count, 1);
}

TEST_F(EmailLedger, AFailureCountedAtALaterClocksTimeIsToldOnce) {  // T-02, L-12
  const auto fail = [&] {
    const std::string wrong = World::Wrong(Sent());
    const auto reply = Prove(wrong);
    EXPECT_THAT(reply, FailsWith("otp_code_not_found"));
    const EventList events = reply.events();
    return std::count_if(events.begin(), events.end(),
                         [](const Event& e) { return e.kind == EventKind::kClockAnomaly; });
  };
  EXPECT_EQ(fail(), 0);
  world.clock.Advance(-minutes(1) - Duration(1));
  EXPECT_EQ(fail(), 1);
  const std::string wrong = World::Wrong(Sent());
  auto record = *world.RecordOf(ada);
  record.email.sends.Push(world.clock.Now() + hours(1), kSendTimesMax);  // another anomaly
  world.Put(record);
  const EventList events = Prove(wrong).events();
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& e) { return e.kind == EventKind::kClockAnomaly; }),
            1);
}

TEST_F(EmailLedger, StaysAtDeleteAndGoesAtPurge) {  // M-09, L-12
  Fail(3);
  Sent();
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(ada)), Succeeds());
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kNone);
  EXPECT_TRUE(Factor().challenge.superseded_id.empty());
  EXPECT_EQ(Factor().failures.recent.count, 3) << "coming back is no way around a lock";
  EXPECT_FALSE(Factor().sends.empty());
  ASSERT_THAT(world.engine.Run(On<PurgeMemberRequest>(ada)), Succeeds());
  EXPECT_TRUE(Factor().failures.recent.empty());
  EXPECT_TRUE(Factor().sends.empty());
  EXPECT_TRUE(Factor().id.empty());
}

TEST_F(EmailLedger, CountsForSpraying) {  // L-08, L-14
  MemorySendGuard::Options options;
  options.spraying_failures = 3;
  MemorySendGuard guard(world.clock, options);
  world.guard.set_inner(&guard);
  const std::string code = Sent();
  for (int i = 1; i <= 4; ++i) {
    const auto reply = Prove(World::Wrong(code, i));
    EXPECT_EQ(reply.events().Has(EventKind::kSpraying), i == 4) << i;
  }
  world.guard.set_inner(nullptr);
}

TEST_F(EmailLedger, AClockThatWasAheadLocksNobodyForLong) {  // T-02, L-12
  world.clock.Advance(hours(24 * 365));
  Fail(10);
  world.clock.Advance(-hours(24 * 365));
  const auto reply = Send();
  ASSERT_THAT(reply, FailsWith("user_lock_limit_reached"));
  EXPECT_THAT(reply, HasEvent(EventKind::kClockAnomaly));
  EXPECT_EQ(reply.error().retry_after(), hours(1)) << "its own length, from when this clock came";
  world.clock.Advance(hours(1));
  EXPECT_THAT(Prove(Sent()), Succeeds());
}

// ---- Sessions and the MFA step ----

TEST_F(AuthenticateEmail, AddsTheFactorToTheSessionThatWasGiven) {  // EM-18, SE-03, SE-04
  auto request = Proof(Sent());
  request.session = world.Full(ada);
  request.session_duration_minutes = 30;
  const auto extended = world.engine.Run(request);
  ASSERT_THAT(extended, Succeeds());
  EXPECT_EQ(extended.session_effect.kind, Effect::kExtend);
  EXPECT_EQ(extended.session_effect.duration, minutes(30));
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken,
                                        request.session.session_token};
  EXPECT_TRUE(world.directory.Find(credential).session->factors.Has(FactorKind::kEmailPasscode));
  const auto upgraded = Prove(Sent(), world.Intermediate(ada));
  ASSERT_THAT(upgraded, Succeeds());
  EXPECT_EQ(upgraded.session_effect.kind, Effect::kUpgrade);
}

TEST_F(AuthenticateEmail, AsksForTheSecondFactorAndSendsTheSms) {  // EM-16, EM-17, P-01 … P-03
  const Member bob = world.MakeVerifiedMember(organization);
  ada = bob;
  Enroll();
  const std::string address(bob.email_address);
  ASSERT_THAT(Send(address), Succeeds());
  auto request = Proof(Code(), address);
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
  const auto sms = Received();
  EXPECT_EQ(sms.channel, Channel::kSms);
  EXPECT_EQ(sms.to, kNumber);
  EXPECT_NE(sms.body.find("Best"), std::string::npos) << "German: " << sms.body;
  EXPECT_EQ(world.RecordOf(bob)->email.challenge.state, ChallengeState::kUsed) << "in one commit";
  EXPECT_THAT(world.Authenticate(bob, Code()), Succeeds());
}

TEST_F(AuthenticateEmail, OneCommitWritesBoth) {  // EM-16
  const Member bob = world.MakeVerifiedMember(organization);
  ada = bob;
  Enroll();
  const std::string address(bob.email_address);
  ASSERT_THAT(Send(address), Succeeds());
  const std::string code = Code();
  world.ResetCounts();
  ASSERT_THAT(Prove(code, address), Succeeds());
  EXPECT_EQ(world.store.commits(), 1);
  EXPECT_EQ(world.sessions.applies(), 1);
}

TEST_F(AuthenticateEmail, EnrolsInTheIntermediateSessionWhereThereIsNoFactor) {  // P-08, EM-17
  UpdateOrganizationRequest required;
  required.mfa_policy = "REQUIRED_FOR_ALL";
  Change(required);
  const auto reply = Prove(Sent());
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_authenticated);
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_FALSE(reply.mfa_required->member_options);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(reply.session_effect.kind, Effect::kCreateIntermediate);
  EXPECT_THAT(world.Send(ada, kNumber), Succeeds());
}

// Whatever the session that was given.
TEST_F(AuthenticateEmail, OnlyASecondFactorSparesTheStep) {  // EM-18, EM-19, P-01
  const Member bob = world.MakeVerifiedMember(organization);
  ada = bob;
  Enroll();
  const std::string address(bob.email_address);
  const auto prove = [&](const SessionArguments& session) {
    world.clock.Advance(minutes(10));
    EXPECT_THAT(Send(address), Succeeds());
    auto request = Proof(Code(), address);
    request.session = session;
    return world.engine.Run(request);
  };
  const auto full = prove(world.Full(bob));
  EXPECT_FALSE(full.member_authenticated) << "a primary session spares nothing";
  EXPECT_EQ(full.session_effect.kind, Effect::kCreateIntermediate);
  const auto intermediate = prove(world.Intermediate(bob));
  EXPECT_FALSE(intermediate.member_authenticated);
  EXPECT_EQ(intermediate.session_effect.kind, Effect::kExtend) << "the same token goes on";
  EXPECT_EQ(intermediate.session_effect.duration, minutes(10));
  Session by_email = World::PrimarySession();
  by_email.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
  EXPECT_FALSE(prove(world.Full(bob, by_email)).member_authenticated)
      << "e-mail is no second factor";
  Session with_sms = World::PrimarySession();
  with_sms.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  const auto spared = prove(world.Full(bob, with_sms));
  EXPECT_TRUE(spared.member_authenticated);
  EXPECT_EQ(spared.session_effect.kind, Effect::kExtend);
  const auto upgraded = prove(world.Intermediate(bob, with_sms));
  EXPECT_TRUE(upgraded.member_authenticated);
  EXPECT_EQ(upgraded.session_effect.kind, Effect::kUpgrade);
}

TEST_F(AuthenticateEmail, NeverCountsAsASecondFactor) {  // EM-19, S-12
  const Member bob = world.MakeVerifiedMember(organization);
  Session by_email;
  by_email.factors.Add(FactorKind::kEmailPasscode, world.clock.Now());
  const SessionArguments session = world.Full(bob, by_email);
  EXPECT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(bob, Actor::Person(session))),
              FailsWith("insufficient_factors"));
  // As a primary one it does: a second factor can be shown beside it.
  ASSERT_THAT(world.Send(bob), Succeeds());
  auto sms = On<AuthenticateSmsOtpRequest>(bob);
  sms.code.emplace(Code());
  sms.session = session;
  EXPECT_THAT(world.engine.Run(sms), Succeeds());
}

TEST_F(AuthenticateEmail, TheStepStandsWhenTheSmsIsRefused) {  // P-04, EM-16
  const Member bob = world.MakeVerifiedMember(organization);
  ada = bob;
  Enroll();
  const std::string address(bob.email_address);
  for (int i = 0; i < 5; ++i) ASSERT_THAT(world.Send(bob), Succeeds());
  world.clock.Advance(minutes(2));  // the last one has expired
  ASSERT_THAT(Send(address), Succeeds());
  const auto reply = Prove(Code(), address);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_THAT(reply, HasEvent(EventKind::kMfaSmsNotSent));
  EXPECT_EQ(reply.session_effect.kind, Effect::kCreateIntermediate);
  EXPECT_TRUE(reply.member().email_address_verified);
}

TEST_F(AuthenticateEmail, TheStepStandsWhenTheSmsIsNotDelivered) {  // P-04, D-02
  const Member bob = world.MakeVerifiedMember(organization);
  ada = bob;
  Enroll();
  const std::string address(bob.email_address);
  ASSERT_THAT(Send(address), Succeeds());
  const std::string code = Code();
  world.inbox.Script({Delivery::Kind::kRejected, false});
  CallOptions options;
  options.operation_id.bytes.fill(5);
  auto request = Proof(code, address);
  const auto reply = world.engine.Run(request, options);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_THAT(reply, HasEvent(EventKind::kDeliveryFailed));
  const auto again = world.engine.Run(request, options);
  ASSERT_THAT(again, Succeeds()) << "the failed SMS is not the answer (C-07)";
  EXPECT_FALSE(again.member_authenticated);
}

TEST_F(AuthenticateEmail, ARememberedDeviceIsSparedTheStep) {  // DV-05
  Policy policy;
  policy.remember_life = hours(24 * 30);
  World remembering(policy);
  const Organization where = remembering.MakeOrganization();
  const Member bob = remembering.MakeVerifiedMember(where);
  const std::string device = "the device of bob";
  ASSERT_THAT(remembering.Send(bob), Succeeds());
  auto sms = On<AuthenticateSmsOtpRequest>(bob);
  sms.code.emplace(remembering.Code());
  sms.session = remembering.Intermediate(bob);
  sms.device = device;
  sms.remember_device = true;
  sms.set_mfa_enrollment = "enroll";
  ASSERT_THAT(remembering.engine.Run(sms), Succeeds());
  SendEmailPasscodeRequest send;
  send.organization_id = where.organization_id.str();
  send.email_address = std::string(bob.email_address);
  for (const bool known : {false, true}) {
    ASSERT_THAT(remembering.engine.Run(send), Succeeds());
    AuthenticateEmailPasscodeRequest prove;
    prove.organization_id = send.organization_id;
    prove.email_address = send.email_address;
    prove.code.emplace(remembering.inbox.LastCodeTo(send.email_address));
    if (known) prove.device = device;
    const auto reply = remembering.engine.Run(prove);
    ASSERT_THAT(reply, Succeeds());
    EXPECT_EQ(reply.member_authenticated, known);
    EXPECT_EQ(reply.session_effect.kind, known ? Effect::kCreate : Effect::kCreateIntermediate);
  }
}

// ---- Repetition, faults ----

TEST_F(AuthenticateEmail, RepeatedUnderItsIdItSaysTheSame) {  // C-07
  CallOptions options;
  options.operation_id.bytes.fill(5);
  auto request = Proof(Sent());
  request.session = world.Intermediate(ada);
  const auto first = world.engine.Run(request, options);
  ASSERT_THAT(first, Succeeds());
  const auto again = world.engine.Run(request, options);
  ASSERT_THAT(again, Succeeds()) << "the token that is gone was consumed by this success";
  EXPECT_EQ(again.method_id, first.method_id);
  EXPECT_EQ(again.session_effect.kind, Effect::kUpgrade);
  EXPECT_EQ(again.events().size(), 0u) << "nothing is told twice";
  auto wrong = Proof("000000");
  EXPECT_THAT(world.engine.Run(wrong, options), FailsWith("bad_request")) << "another request";

  options.operation_id.bytes.fill(6);
  auto failed = Proof(World::Wrong(Sent()));
  EXPECT_THAT(world.engine.Run(failed, options), FailsWith("otp_code_not_found"));
  EXPECT_THAT(world.engine.Run(failed, options), FailsWith("otp_code_not_found"));
  EXPECT_EQ(Factor().challenge.failures, 1) << "counted once";
}

TEST_F(AuthenticateEmail, ARepeatedSuccessNeedsItsSession) {  // C-07, S-11
  CallOptions options;
  options.operation_id.bytes.fill(5);
  auto request = Proof(Sent());
  request.session = world.Full(ada);
  ASSERT_THAT(world.engine.Run(request, options), Succeeds());
  world.clock.Advance(hours(2));
  EXPECT_THAT(world.engine.Run(request, options), Succeeds());
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {{"sso"}};
  Change(restricted);
  EXPECT_THAT(world.engine.Run(request, options),
              FailsWith("operation_restricted_by_organization_auth_methods"));
}

TEST_F(AuthenticateEmail, ARepetitionJudgesItsSessionAnew) {  // C-07, S-11, EM-18
  CallOptions options;
  options.operation_id.bytes.fill(5);
  auto request = Proof(Sent());
  request.session = world.Full(ada);
  ASSERT_THAT(world.engine.Run(request, options), Succeeds());
  const auto put = [&](const Member& member, Duration life) {
    Session session = World::PrimarySession();
    session.organization_id = member.organization_id;
    session.member_id = member.member_id;
    world.directory.Add({SessionCredential::Kind::kSessionToken, request.session.session_token},
                        session, world.clock.Now() + life);
  };
  put(MakeMember("bob@example.com"), hours(1));
  EXPECT_THAT(world.engine.Run(request, options), FailsWith("member_session_member_id_mismatch"));
  put(ada, Duration(0));
  EXPECT_THAT(world.engine.Run(request, options), FailsWith("session_not_found"));
}

TEST_F(AuthenticateEmail, NothingIsAcceptedOnDoubt) {  // C-08, P-04
  using Fault = testing::FaultyStore::CommitFault;
  for (const Fault fault : {Fault::kUnavailable, Fault::kUnknownLost, Fault::kUnknownApplied}) {
    const std::string code = Sent();
    world.ResetCounts();
    world.store.commit_fault = [&](int call) { return call == 1 ? fault : Fault::kNone; };
    const auto reply = Prove(code);
    world.store.commit_fault = nullptr;
    if (fault == Fault::kUnavailable) {
      EXPECT_THAT(reply, FailsWith("server_unavailable"));
      EXPECT_THAT(Prove(code), Succeeds());
    } else {
      EXPECT_THAT(reply, Succeeds());
    }
    world.clock.Advance(minutes(10));
  }
}

// ---- Work without a Member ----

// No Member, no challenge and a dead one cost as many draws and store calls, and none is written.
TEST_F(AuthenticateEmail, WithoutAChallengeNothingIsWritten) {  // EM-14
  std::vector<std::pair<int, int>> calls;
  const auto prove = [&](const std::string& address) {
    world.ResetCounts();
    EXPECT_THAT(Prove("123456", address), FailsWith("otp_code_not_found"));
    calls.emplace_back(world.store.commits(), world.faulty_random.fills());
  };
  prove("nobody@example.com");
  prove(kAddress);
  world.inbox.Script({Delivery::Kind::kRejected, false});
  EXPECT_THAT(Send(), FailsWith("inactive_email"));
  prove(kAddress);
  for (const auto& call : calls) EXPECT_EQ(call, calls.front());
  EXPECT_EQ(calls.front().first, 0);
}

TEST(SafeAuthenticateEmailError, IsOneForAllThatTells) {  // EM-23, X-04
  for (const ErrorCode hidden : {ErrorCode::kOtpCodeNotFound, ErrorCode::kUnableToAuthOtpCode,
                                 ErrorCode::kEmailLockLimitReached, ErrorCode::kMemberNotFound,
                                 ErrorCode::kOperationRestrictedByOrganizationAuthMethods})
    EXPECT_EQ(SafeAuthenticateEmailError(hidden), ErrorCode::kUnableToAuthOtpCode);
  for (const ErrorCode told :
       {ErrorCode::kBadRequest, ErrorCode::kInvalidEmail, ErrorCode::kInvalidCode,
        ErrorCode::kOrganizationNotFound, ErrorCode::kServerUnavailable, ErrorCode::kOk})
    EXPECT_EQ(SafeAuthenticateEmailError(told), told);
}

}  // namespace
}  // namespace otpcore
