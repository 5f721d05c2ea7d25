// SPDX-License-Identifier: Apache-2.0
// What keeps a live passcode alive, and what a refused send costs and tells (rules S-01, S-19 …
// S-21, P-02, L-05, L-06, D-02).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class LiveCodeTest : public ::testing::Test {
 protected:
  Reply<SendSmsOtp> Send(const SessionArguments& session) {
    auto request = On<SendSmsOtpRequest>(member);
    request.session = session;
    return world.engine.Run(request);
  }
  Reply<AuthenticateSmsOtp> Try(const std::string& code, const SessionArguments& session) {
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = session;
    return world.Run(fields);
  }
  Session Named(const char* id) {
    Session session = World::PrimarySession();
    session.id = id;
    return session;
  }
  int Budget() { return world.RecordOf(member)->failures.recent.count; }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeVerifiedMember(organization);
};

// ---- S-21 ----

TEST_F(LiveCodeTest, ASendInAnotherSessionLeavesAYoungCodeAlone) {  // S-21, S-20
  const SessionArguments mine = world.Full(member);
  const SessionArguments other = world.Full(member);
  ASSERT_EQ(ErrorTypeOf(Send(mine)), "");
  const std::string code = world.Code();
  world.clock.Advance(seconds(60) - Duration(1));
  const auto refused = Send(other);
  EXPECT_EQ(ErrorTypeOf(refused), "too_many_requests");
  EXPECT_EQ(refused.error().retry_after(), Duration(1));
  EXPECT_EQ(refused.hints().expires_at, world.clock.Now() + seconds(60) + Duration(1));
  EXPECT_EQ(refused.hints().tries_left, 5);
  EXPECT_EQ(refused.hints().sends_left, 4);
  EXPECT_EQ(refused.hints().next_send_at, world.clock.Now() + Duration(1));
  EXPECT_EQ(world.RecordOf(member)->sends.count, 2) << "a refusal costs nothing (L-06)";
  EXPECT_EQ(ErrorTypeOf(Try(code, mine)), "");
  ASSERT_EQ(ErrorTypeOf(Send(mine)), "");
  world.clock.Advance(seconds(60));
  EXPECT_EQ(ErrorTypeOf(Send(other)), "") << "old enough";
}

TEST_F(LiveCodeTest, TheSameSessionReplacesItAndSoDoesTheHost) {  // S-21, S-10
  const SessionArguments mine = world.Full(member);
  ASSERT_EQ(ErrorTypeOf(Send(mine)), "");
  EXPECT_EQ(ErrorTypeOf(Send(mine)), "");
  EXPECT_EQ(ErrorTypeOf(Send({})), "") << "the host's own act";
  EXPECT_EQ(ErrorTypeOf(Send(mine)), "") << "a challenge without a session";
}

TEST_F(LiveCodeTest, ATokenAndAJwtOfOneSessionAreOne) {  // S-21
  const SessionArguments token = world.Full(member, Named("session-1"));
  const SessionArguments jwt = world.Intermediate(member, Named("session-1"));
  ASSERT_EQ(ErrorTypeOf(Send(token)), "");
  EXPECT_EQ(ErrorTypeOf(Send(jwt)), "");
  EXPECT_EQ(ErrorTypeOf(Send(world.Full(member, Named("session-2")))), "too_many_requests");
}

TEST_F(LiveCodeTest, ACodeThatIsDeadProtectsNothing) {  // S-21
  const SessionArguments mine = world.Full(member);
  ASSERT_EQ(ErrorTypeOf(Send(mine)), "");
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(ErrorTypeOf(Try(World::Wrong(world.Code()), mine)), "otp_code_not_found");
  EXPECT_EQ(ErrorTypeOf(Send(world.Full(member))), "");
}

TEST_F(LiveCodeTest, TheStepTagsItsCodeWithTheSessionToCome) {  // S-21
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  auto step = On<MfaStepRequest>(member);
  step.session_id = "session-1";
  ASSERT_TRUE(world.engine.Run(step).mfa_required->secondary_auth_initiated);
  EXPECT_EQ(ErrorTypeOf(Send(world.Full(member, Named("session-2")))), "too_many_requests");
  EXPECT_EQ(ErrorTypeOf(Send(world.Full(member, Named("session-1")))), "");
  step.session_id = std::string(129, 'x');
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(step)), "bad_request");
}

TEST(LiveCode, IsReplacedAtOnceWhereThePolicySaysSo) {  // S-21
  Policy policy;
  policy.resend_after = Duration(0);
  World world(policy);
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  for (int i = 0; i < 2; ++i) {
    auto request = On<SendSmsOtpRequest>(member);
    request.session = world.Full(member);
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
  }
}

// ---- P-02 ----

TEST_F(LiveCodeTest, TheStepKeepsOneThatHasAQuarterOfItsLifeLeft) {  // P-02
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  const auto step = [&] { return world.engine.Run(On<MfaStepRequest>(member)); };
  ASSERT_TRUE(step().mfa_required->secondary_auth_initiated);
  const std::string code = world.Code();
  const int sent = world.inbox.deliveries();
  world.clock.Advance(seconds(90));
  const auto kept = step();
  EXPECT_TRUE(kept.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(kept.hints().expires_at, world.clock.Now() + seconds(30));
  EXPECT_EQ(world.inbox.deliveries(), sent);
  world.clock.Advance(Duration(1));
  EXPECT_TRUE(step().mfa_required->secondary_auth_initiated);
  EXPECT_EQ(world.inbox.deliveries(), sent + 1);
  EXPECT_NE(world.Code(), code);
}

TEST_F(LiveCodeTest, TheStepJudgesTheLockBeforeIt) {  // P-02
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  auto record = *world.RecordOf(member);
  record.failures.locked_until = world.clock.Now() + hours(1);
  world.Put(record);
  const auto locked = world.engine.Run(On<MfaStepRequest>(member));
  EXPECT_FALSE(locked.mfa_required->secondary_auth_initiated);
  EXPECT_TRUE(locked.events().Has(EventKind::kMfaSmsNotSent));
}

// A step that is refused for another reason does not take a passcode that lives for its own.
TEST_F(LiveCodeTest, ALockedStepPromisesNothing) {  // P-03, P-04, C-07
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  auto record = *world.RecordOf(member);
  record.failures.locked_until = world.clock.Now() + hours(1);
  CallOptions options;
  for (const MemberStatus status : {MemberStatus::kActive, MemberStatus::kInvited}) {
    record.status = status;
    world.Put(record);
    ++options.operation_id.bytes[0];
    const auto reply = world.engine.Run(On<MfaStepRequest>(member), options);
    ASSERT_TRUE(reply.mfa_required);
    EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
    EXPECT_EQ(world.RecordOf(member)->status, MemberStatus::kActive);
  }
}

TEST_F(LiveCodeTest, ACodeOfALostNumberIsNotKept) {  // P-02, S-07
  CreateMemberRequest create;
  create.mfa_enrolled = true;
  const Member other = world.MakeMember(organization, create);
  ASSERT_EQ(ErrorTypeOf(world.Send(other, kOtherNumber)), "");
  auto claim = testing::LoadFrom(world.memory,
                                 RecordKey::PhoneClaim(organization.organization_id, kOtherNumber));
  PhoneClaim lost;
  lost.member_id = member.member_id;
  lost.permanent = true;
  ASSERT_EQ(testing::CommitTo(world.memory, {{claim.key, claim.revision, testing::Packed(lost)}}),
            CommitOutcome::kCommitted);
  const auto reply = world.engine.Run(On<MfaStepRequest>(other));
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
}

TEST_F(LiveCodeTest, AGuardThatRefusesLeavesTheCodeThatLives) {  // P-02, L-07
  CreateMemberRequest create;
  create.mfa_enrolled = true;
  const Member other = world.MakeMember(organization, create);
  ASSERT_EQ(ErrorTypeOf(world.Send(other, kOtherNumber)), "");
  world.clock.Advance(seconds(100));
  using Kind = Admission::Kind;
  for (const Kind kind : {Kind::kTooFewAuthenticated, Kind::kTooMany, Kind::kUnreachable}) {
    world.guard.answer = [kind](int) { return kind; };
    const auto reply = world.engine.Run(On<MfaStepRequest>(other));
    ASSERT_TRUE(reply.mfa_required);
    EXPECT_EQ(reply.mfa_required->secondary_auth_initiated, kind != Kind::kUnreachable);
  }
}

TEST_F(LiveCodeTest, OnAKnownDeviceTheStepSendsUnlessTheCodeIsItsOwn) {  // P-02
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  AuthenticateFields fields = World::AuthenticateRequest(member, world.Code());
  fields.session = world.Full(member);
  fields.device = "the laptop of Ada";
  ASSERT_EQ(ErrorTypeOf(world.Run(fields)), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");  // a stranger's
  const int sent = world.inbox.deliveries();
  auto step = On<MfaStepRequest>(member);
  step.device = fields.device;
  EXPECT_TRUE(world.engine.Run(step).mfa_required->secondary_auth_initiated);
  EXPECT_EQ(world.inbox.deliveries(), sent + 1);
  world.clock.Advance(seconds(90));
  EXPECT_TRUE(world.engine.Run(step).mfa_required->secondary_auth_initiated);
  EXPECT_EQ(world.inbox.deliveries(), sent + 1) << "its own";
  world.clock.Advance(seconds(1));
  EXPECT_TRUE(world.engine.Run(step).mfa_required->secondary_auth_initiated);
  EXPECT_EQ(world.inbox.deliveries(), sent + 2) << "too little time is left";
  EXPECT_TRUE(world.engine.Run(On<MfaStepRequest>(member)).mfa_required->secondary_auth_initiated);
  EXPECT_EQ(world.inbox.deliveries(), sent + 2) << "nobody else gets another one";
}

// ---- L-05 ----

TEST_F(LiveCodeTest, ASuccessForgivesTheFailuresOfItsSession) {  // L-05
  const SessionArguments mine = world.Full(member);
  const SessionArguments other = world.Full(member);
  ASSERT_EQ(ErrorTypeOf(Send(mine)), "");
  for (int i = 0; i < 3; ++i) std::ignore = Try(World::Wrong(world.Code()), mine);
  std::ignore = Try(World::Wrong(world.Code()), other);
  EXPECT_EQ(Budget(), 4);
  EXPECT_EQ(ErrorTypeOf(Try(world.Code(), mine)), "");
  EXPECT_EQ(Budget(), 1) << "what another session failed stays";
}

TEST_F(LiveCodeTest, ASuccessForgivesTheLatestFourAtMost) {  // L-05
  const SessionArguments mine = world.Full(member);
  for (int i = 0; i < 6; ++i) {
    if (i % 3 == 0) {
      ASSERT_EQ(ErrorTypeOf(Send(mine)), "");
    }
    world.clock.Advance(seconds(1));
    std::ignore = Try(World::Wrong(world.Code()), mine);
  }
  const Instant second = world.RecordOf(member)->failures.recent[1];
  EXPECT_EQ(ErrorTypeOf(Try(world.Code(), mine)), "");
  ASSERT_EQ(Budget(), 2);
  EXPECT_EQ(world.RecordOf(member)->failures.recent[1], second);
}

TEST_F(LiveCodeTest, ASessionWithoutIdIsForgivenNothing) {  // L-05
  Session session = World::PrimarySession();
  session.organization_id = member.organization_id;
  session.member_id = member.member_id;
  world.directory.Add({SessionCredential::Kind::kSessionToken, "nameless"}, session,
                      world.clock.Now() + hours(1));
  const SessionArguments nameless = {"", "nameless", ""};
  ASSERT_EQ(ErrorTypeOf(Send(nameless)), "");
  std::ignore = Try(World::Wrong(world.Code()), nameless);
  EXPECT_EQ(ErrorTypeOf(Try(world.Code(), nameless)), "");
  EXPECT_EQ(Budget(), 1);
}

TEST_F(LiveCodeTest, TheDefaultMethodIsSetOnce) {
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  AuthenticateFields fields = World::AuthenticateRequest(member, world.Code());
  fields.session = world.Full(member);
  fields.set_default_mfa = true;
  const auto reply = world.Run(fields);
  EXPECT_EQ(ErrorTypeOf(reply), "");
  EXPECT_FALSE(reply.events().Has(EventKind::kDefaultMethodChanged)) << "it was that already";
}

// ---- L-06 ----

TEST_F(LiveCodeTest, FifteenSendsADay) {  // L-06
  world.clock.Advance(hours(24));
  const Instant first = world.clock.Now();
  for (int i = 0; i < 15; ++i) {
    ASSERT_EQ(ErrorTypeOf(Send({})), "") << i;
    world.clock.Advance(minutes(3));
  }
  const auto refused = Send({});
  EXPECT_EQ(ErrorTypeOf(refused), "too_many_requests");
  EXPECT_EQ(refused.error().retry_after(), first + hours(24) - world.clock.Now());
  world.clock.Set(first + hours(24) - Duration(1));
  EXPECT_EQ(ErrorTypeOf(Send({})), "too_many_requests");
  world.clock.Advance(Duration(1));
  const auto sent = Send({});
  EXPECT_EQ(ErrorTypeOf(sent), "");
  EXPECT_EQ(sent.hints().sends_left, 0);
  EXPECT_EQ(ErrorTypeOf(Send({})), "too_many_requests");
}

// ---- D-02 ----

TEST_F(LiveCodeTest, TwoSendsInTenMinutesAndFourADayAreGivenBack) {  // D-02
  world.clock.Advance(hours(24));
  int calls = 0;
  const auto rejected = [&] {
    world.inbox.Script({Delivery::Kind::kRejected, false});
    const std::string type = ErrorTypeOf(Send({}));
    calls += type == "downstream_carrier_error";
    return type;
  };
  for (int i = 0; i < 7; ++i) EXPECT_EQ(rejected(), "downstream_carrier_error") << i;
  EXPECT_EQ(rejected(), "too_many_requests") << "2 given back, 5 spent";
  for (int i = 0; i < 24 * 6; ++i) {
    world.clock.Advance(minutes(10) - Duration(i == 0 ? 1 : 0));
    while (rejected() == "downstream_carrier_error") {
    }
  }
  EXPECT_LE(calls, 15 + 4 + 4) << "and the first of them have left the day at its end";
}

TEST_F(LiveCodeTest, WhatIsNotGivenBackStaysSpentInTheGuardToo) {  // D-02, D-03
  const Member other = world.MakeMember(organization);
  std::vector<Settlement> settled;
  world.clock.Advance(hours(24));
  for (int i = 0; i < 3; ++i) {
    world.inbox.Script({Delivery::Kind::kUnavailable, false});
    EXPECT_EQ(ErrorTypeOf(world.Send(other, kOtherNumber)), "downstream_carrier_error");
  }
  EXPECT_EQ(world.RecordOf(other)->sends.count, 1);
}

// ---- S-19, S-01 ----

TEST_F(LiveCodeTest, AskingWhoHasANumberCostsASend) {  // S-19, S-01
  const Member curious = world.MakeMember(organization);
  int told = 0;
  for (int i = 0; i < 10000; ++i) {
    const auto reply = world.Send(curious, kNumber);
    if (ErrorTypeOf(reply) == "duplicate_member_phone_number") {
      ++told;
      EXPECT_TRUE(reply.events().Has(EventKind::kNumberTaken));
      EXPECT_EQ(reply.events().begin()->last_digits.view(), "23");
      EXPECT_EQ(reply.events().begin()->region.view(), "US");
    } else {
      EXPECT_EQ(ErrorTypeOf(reply), "too_many_requests");
    }
    world.clock.Advance(Duration(8640));
  }
  EXPECT_EQ(told, 15) << "of 10,000 that day";
  EXPECT_EQ(world.RecordOf(curious)->phone.state, EnrollmentState::kNone);
}

TEST_F(LiveCodeTest, AskingByAnUpdateCostsASendToo) {  // S-19, M-02
  const Member curious = world.MakeMember(organization);
  int told = 0;
  for (int i = 0; i < 1000; ++i) {
    auto update = On<UpdateMemberRequest>(curious, Actor::Person(world.Full(curious)));
    update.mfa_phone_number = kNumber;
    const auto reply = world.engine.Run(update);
    if (ErrorTypeOf(reply) == "duplicate_member_phone_number") {
      ++told;
      EXPECT_TRUE(reply.events().Has(EventKind::kNumberTaken));
    } else {
      EXPECT_EQ(ErrorTypeOf(reply), "too_many_requests");
      EXPECT_TRUE(reply.events().Has(EventKind::kRefusedByLimit));
      EXPECT_GT(reply.error().retry_after(), Duration(0));
    }
    world.clock.Advance(Duration(86400));
  }
  EXPECT_EQ(told, 15) << "of a thousand that day";
  auto by_host = On<UpdateMemberRequest>(curious, Actor::Host());
  by_host.mfa_phone_number = kNumber;
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(by_host)), "duplicate_member_phone_number");
}

TEST_F(LiveCodeTest, ALostNumberIsToldAtNoCost) {  // S-19
  const Member other = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(other, kOtherNumber)), "");
  world.clock.Advance(minutes(5));
  std::ignore = world.MakeVerifiedMember(organization, kOtherNumber);
  const int sends = world.RecordOf(other)->sends.count;
  EXPECT_EQ(ErrorTypeOf(world.Send(other)), "duplicate_member_phone_number");
  EXPECT_EQ(world.RecordOf(other)->sends.count, sends);
}

}  // namespace
}  // namespace otpcore
