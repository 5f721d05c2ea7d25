// SPDX-License-Identifier: Apache-2.0
// Authenticate: rules A-01 … A-14, L-01, L-02, L-05, T-02, by way of the engine.
#include <algorithm>

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class AuthenticateTest : public ::testing::Test {
 protected:
  std::string SendCode(const Member& member) {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    return world.inbox.LastCode();
  }
  std::string Try(const Member& member, const std::string& code) {
    return ErrorTypeOf(world.Authenticate(member, code));
  }

  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(AuthenticateTest, NeedsExactlyOneSessionArgument) {
  const Member member = world.MakeVerifiedMember(organization);
  AuthenticateFields request = world.AuthenticateRequest(member, SendCode(member));
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "no_session_arguments");
  request.session = {"", "a", "b"};
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "too_many_session_arguments");
  request.session = {"", "", "gone"};
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "session_not_found");
  request.session = {"gone", "", ""};
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "intermediate_session_not_found");
}

TEST_F(AuthenticateTest, TheRightCodeSucceedsOnce) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  const auto reply = world.Authenticate(member, code);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  const SessionEffect& effect = reply.session_effect;
  EXPECT_EQ(effect.organization_id, member.organization_id);
  EXPECT_EQ(effect.member_id, member.member_id);
  EXPECT_EQ(effect.proof.address, Address(kNumber));
  EXPECT_EQ(effect.proof.kind, FactorKind::kSmsPasscode);
  EXPECT_EQ(ProofId(effect.proof, Environment::kTest).rfind("phone-number-test-", 0), 0u);
  EXPECT_EQ(effect.duration, minutes(60));
  EXPECT_EQ(Try(member, code), "unable_to_auth_otp_code");
  EXPECT_EQ(Try(member, World::Wrong(code)), "unable_to_auth_otp_code");  // uncompared
}

TEST_F(AuthenticateTest, ASupersededCodeIsUnableToAuthAndAnUnknownOneIsNotFound) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string oldest = SendCode(member);
  const std::string old = SendCode(member);
  const std::string code = SendCode(member);
  const Revision before = world.RevisionOf(member);
  EXPECT_EQ(Try(member, old), "unable_to_auth_otp_code");
  EXPECT_EQ(world.RevisionOf(member), before);           // costs nothing
  EXPECT_EQ(Try(member, oldest), "otp_code_not_found");  // one digest is kept
  EXPECT_EQ(world.RecordOf(member)->challenge.failures, 1);
  EXPECT_EQ(Try(member, code), "");
}

TEST_F(AuthenticateTest, WithoutALiveChallengeEveryCodeIsAnsweredAlike) {
  const Member never = world.MakeMember(organization);
  EXPECT_EQ(Try(never, "123456"), "otp_code_not_found");

  const Member member = world.MakeVerifiedMember(organization);
  const std::string expired = SendCode(member);
  world.clock.Advance(minutes(2));
  const Revision before = world.RevisionOf(member);
  EXPECT_EQ(Try(member, expired), "unable_to_auth_otp_code");
  const Revision seen = world.RevisionOf(member);
  EXPECT_NE(seen, before);  // the first sight of an expiry is written, later ones are not
  EXPECT_EQ(Try(member, World::Wrong(expired)), "unable_to_auth_otp_code");
  EXPECT_EQ(Try(member, expired), "unable_to_auth_otp_code");
  EXPECT_EQ(world.RevisionOf(member), seen);
  EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 0);
}

TEST_F(AuthenticateTest, ReadsCodesAsPeopleTypeThem) {
  const Member member = world.MakeVerifiedMember(organization);
  std::string code = SendCode(member);
  EXPECT_EQ(Try(member, "  " + code.substr(0, 3) + " " + code.substr(3) + "\n"), "");
  code = SendCode(member);
  EXPECT_EQ(Try(member, code.substr(0, 2) + "-" + code.substr(2)), "");
  code = SendCode(member);
  std::string persian;
  for (const char digit : code)
    persian += std::string("\xDB") + static_cast<char>(0xB0 + digit - '0');
  EXPECT_EQ(Try(member, persian), "");
}

TEST_F(AuthenticateTest, ACodeHasTheLengthItWasIssuedWith) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  Policy policy;
  policy.passcode_digits = 8;
  const auto config = TestConfig(policy);
  Engine later(*config,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  AuthenticateFields fields = World::AuthenticateRequest(member, code);
  fields.session = world.Intermediate(member);
  EXPECT_EQ(ErrorTypeOf(later.Run(fields.Request())), "");
}

TEST_F(AuthenticateTest, MalformedCodesCostNothing) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  const Revision before = world.RevisionOf(member);
  const std::string bad[] = {"",
                             "   ",
                             "123",
                             "12345",
                             "1234567",
                             "12345a",
                             "12.3456",
                             "12,3456",
                             "12345678901",
                             "-12345",
                             "12345-",
                             "\xFF\xFE",
                             "12345\xDB",
                             "+123456",
                             "１２３４５",
                             "0x1234",
                             "123\xC2\xAD"
                             "456",  // a soft hyphen
                             "\xC2\xB9"
                             "123456",  // a superscript one
                             "1e5555",
                             "１２３４５六",
                             std::string("123456\0", 7),
                             std::string(70000, '1')};
  for (const std::string& text : bad)
    EXPECT_EQ(Try(member, text), "invalid_code") << text.substr(0, 20);
  AuthenticateFields request = world.AuthenticateRequest(member, "1");
  request.code.reset();
  request.session = world.Intermediate(member);
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "bad_request");
  EXPECT_EQ(world.RevisionOf(member), before);
  EXPECT_EQ(Try(member, code), "");
}

TEST_F(AuthenticateTest, WhileLockedRightAndWrongAreTheSame) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  auto record = *world.RecordOf(member);
  record.failures.locked_until = world.clock.Now() + minutes(30);
  world.Put(record);
  const Revision before = world.RevisionOf(member);
  for (const std::string& text : {code, World::Wrong(code)}) {
    world.store.ResetCounts();
    const auto reply = world.Authenticate(member, text);
    EXPECT_EQ(ErrorTypeOf(reply), "user_lock_limit_reached");
    EXPECT_EQ(reply.error().retry_after(), minutes(30));
    EXPECT_EQ(world.store.loads(), 1);
    EXPECT_EQ(world.store.commits(), 0);
  }
  EXPECT_EQ(world.RevisionOf(member), before);  // tries during a lock do not count (L-02)
}

TEST_F(AuthenticateTest, ACodeIsBoundToItsMember) {
  const Member one = world.MakeVerifiedMember(organization, kNumber);
  const Member two = world.MakeVerifiedMember(organization, kOtherNumber);
  const std::string code_one = SendCode(one);
  const std::string code_two = SendCode(two);
  ASSERT_NE(code_one, code_two);
  EXPECT_EQ(Try(one, code_two), "otp_code_not_found");
  // A digest copied into another Member's record matches nothing there.
  auto record = *world.RecordOf(two);
  record.challenge = world.RecordOf(one)->challenge;
  world.Put(record);
  EXPECT_EQ(Try(two, code_one), "otp_code_not_found");
}

TEST_F(AuthenticateTest, SuccessVerifiesTheNumberAndMakesItsClaimPermanent) {  // A-08, E-02
  const Member member = world.MakeMember(organization);
  std::ignore = world.Send(member, kNumber);
  EXPECT_FALSE(world.ClaimOf(organization, kNumber)->permanent);
  const auto reply = world.Authenticate(member, world.inbox.LastCode());
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.member().mfa_phone_number_verified);
  EXPECT_TRUE(world.ClaimOf(organization, kNumber)->permanent);
  EXPECT_TRUE(reply.events().Has(EventKind::kNumberVerified));
}

TEST_F(AuthenticateTest, ARightCodeForANumberThatAnotherProvedFirstIsRefused) {
  const Member slow = world.MakeMember(organization);
  const Member fast = world.MakeMember(organization);
  std::ignore = world.Send(slow, kNumber);
  world.clock.Advance(minutes(2));
  std::ignore = world.Send(fast, kNumber);
  const std::string fast_code = world.inbox.LastCode();
  std::ignore = world.Send(slow);  // pending numbers still get their SMS
  const std::string slow_code = world.inbox.LastCode();
  for (int i = 1; i <= 2; ++i)
    ASSERT_EQ(Try(slow, World::Wrong(slow_code, i)), "otp_code_not_found");
  ASSERT_EQ(Try(fast, fast_code), "");

  AuthenticateFields request = world.AuthenticateRequest(slow, slow_code);
  request.session = world.Intermediate(slow);
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "duplicate_member_phone_number");
  const auto record = *world.RecordOf(slow);
  EXPECT_EQ(record.challenge.state, ChallengeState::kUsed);
  const FailureLedger& failures = record.failures;  // two, of before, and no more or less
  EXPECT_EQ(failures.in_a_row, 2);
  EXPECT_EQ(failures.since_success, 2);
  EXPECT_EQ(failures.recent.count, 2);
  EXPECT_EQ(record.phone.state, EnrollmentState::kPending);
  // The session is kept: the same token is found again.
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "unable_to_auth_otp_code");
}

TEST_F(AuthenticateTest, SetsTheEnrollmentAsThePolicyHasIt) {
  const Member member = world.MakeVerifiedMember(organization);
  const auto enrolled_after = [&](const Member& who, const char* field) {
    AuthenticateFields request = world.AuthenticateRequest(who, SendCode(who));
    request.session = world.Intermediate(who);
    request.set_mfa_enrollment = field;
    const auto reply = world.Run(request);
    EXPECT_EQ(ErrorTypeOf(reply), "");
    world.clock.Advance(minutes(10));
    return reply.member().mfa_enrolled;
  };
  EXPECT_FALSE(enrolled_after(member, ""));
  EXPECT_TRUE(enrolled_after(member, "enroll"));
  EXPECT_TRUE(enrolled_after(member, ""));
  EXPECT_FALSE(enrolled_after(member, "unenroll"));

  CreateOrganizationRequest create;
  create.mfa_policy = "REQUIRED_FOR_ALL";
  const Member required = world.MakeVerifiedMember(world.MakeOrganization(create));
  EXPECT_TRUE(world.RecordOf(required)->mfa_enrolled);
  EXPECT_TRUE(enrolled_after(required, "unenroll"));

  AuthenticateFields request = world.AuthenticateRequest(member, SendCode(member));
  request.session = world.Intermediate(member);
  request.set_mfa_enrollment = "Enroll";
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "bad_request");
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kLive);
}

TEST_F(AuthenticateTest, TheFirstProofSetsTheDefaultMethod) {
  const Member member = world.MakeVerifiedMember(organization);
  EXPECT_EQ(world.RecordOf(member)->default_mfa_method, MfaMethod::kSmsOtp);
  auto record = *world.RecordOf(member);
  record.hosts_totp_id = "totp-1";
  record.default_mfa_method = MfaMethod::kTotp;
  world.Put(record);
  ASSERT_EQ(Try(member, SendCode(member)), "");
  EXPECT_EQ(world.RecordOf(member)->default_mfa_method, MfaMethod::kTotp);
  AuthenticateFields request = world.AuthenticateRequest(member, SendCode(member));
  request.session = world.Intermediate(member);
  request.set_default_mfa = true;
  ASSERT_EQ(ErrorTypeOf(world.Run(request)), "");
  EXPECT_EQ(world.RecordOf(member)->default_mfa_method, MfaMethod::kSmsOtp);
}

TEST_F(AuthenticateTest, ChecksTheSessionDuration) {
  const Member member = world.MakeVerifiedMember(organization);
  AuthenticateFields request = world.AuthenticateRequest(member, SendCode(member));
  request.session = world.Full(member);
  for (const int bad : {4, 527041, 0, -60}) {
    request.session_duration_minutes = bad;
    EXPECT_EQ(ErrorTypeOf(world.Run(request)), "invalid_session_duration_minutes");
  }
  for (const int good : {5, 527040}) {
    request.session_duration_minutes = good;
    request.code = SendCode(member);
    const auto reply = world.Run(request);
    ASSERT_EQ(ErrorTypeOf(reply), "");
    EXPECT_EQ(reply.session_effect.duration, minutes(good));
    EXPECT_EQ(reply.session_effect.kind, SessionEffect::Kind::kExtend);
    EXPECT_TRUE(reply.session_effect.credential.value.empty()) << "it belongs to the request";
  }
}

TEST_F(AuthenticateTest, NeedsAPrimaryFactorAndConsumesTheTokenOnSuccessOnly) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  AuthenticateFields request = world.AuthenticateRequest(member, code);
  request.session = world.Intermediate(member, Session());
  EXPECT_EQ(ErrorTypeOf(world.Run(request)),
            "action_available_only_once_primary_authentication_is_met");
  request.session = world.Intermediate(member);
  request.code = World::Wrong(code);
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "otp_code_not_found");
  request.code = code;
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "");
  EXPECT_EQ(ErrorTypeOf(world.Run(request)), "intermediate_session_not_found");
}

TEST_F(AuthenticateTest, FiveFailuresExhaustAChallenge) {
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  for (int i = 1; i <= 5; ++i) {
    const auto reply = world.Authenticate(member, World::Wrong(code, i));
    EXPECT_EQ(ErrorTypeOf(reply), "otp_code_not_found");
    EXPECT_EQ(reply.events().Has(EventKind::kChallengeDead), i == 5);
  }
  EXPECT_EQ(Try(member, code), "unable_to_auth_otp_code");
}

// each check made to fail together with all later ones answers first.
TEST_F(AuthenticateTest, ChecksInTheDocumentedOrder) {
  CreateOrganizationRequest create;
  create.mfa_methods = "RESTRICTED";
  create.allowed_mfa_methods = {"totp"};
  const Organization restricted = world.MakeOrganization(create);
  const Member other = world.MakeMember(restricted);
  const Member member = world.MakeMember(restricted);
  auto record = *world.RecordOf(member);
  record.status = MemberStatus::kInvited;
  record.failures.locked_until = world.clock.Now() + minutes(5);
  record.challenge.state = ChallengeState::kUsed;
  record.challenge.digits = 6;
  world.Put(record);

  AuthenticateFields request;
  request.organization_id = "no-such-organization";
  request.member_id = "no-such-member";
  request.code = "12";
  request.set_mfa_enrollment = "perhaps";
  request.session_duration_minutes = 1;
  const auto error = [&] { return ErrorTypeOf(world.Run(request)); };
  EXPECT_EQ(error(), "no_session_arguments");
  request.session = {"gone", "", ""};
  EXPECT_EQ(error(), "invalid_code");
  request.code = "12345678";
  EXPECT_EQ(error(), "bad_request");
  request.set_mfa_enrollment = "";
  EXPECT_EQ(error(), "invalid_session_duration_minutes");
  request.session_duration_minutes.reset();
  EXPECT_EQ(error(), "organization_not_found");
  request.organization_id = restricted.organization_id.str();
  EXPECT_EQ(error(), "member_not_found");
  request.member_id = member.member_id.str();
  EXPECT_EQ(error(), "intermediate_session_not_found");
  request.session = world.Intermediate(other, Session());
  EXPECT_EQ(error(), "member_session_member_id_mismatch");
  request.session = world.Intermediate(member, Session());
  EXPECT_EQ(error(), "action_available_only_once_primary_authentication_is_met");
  request.session = world.Intermediate(member);
  EXPECT_EQ(error(), "action_available_only_for_active_members");
  record.status = MemberStatus::kActive;
  world.Put(record);
  EXPECT_EQ(error(), "operation_restricted_by_organization_mfa_methods");
  record.is_breakglass = true;
  world.Put(record);
  EXPECT_EQ(error(), "user_lock_limit_reached");
  record.failures = FailureLedger();
  world.Put(record);
  EXPECT_EQ(error(), "invalid_code");  // the length, once the lock is past
  request.code = "123456";
  EXPECT_EQ(error(), "unable_to_auth_otp_code");
}

// ---- Limits ----

TEST_F(AuthenticateTest, TenFailuresInARowLockForAnHourThenTwice) {  // L-01, L-02
  const Member member = world.MakeVerifiedMember(organization);
  std::string code;
  const auto fail_ten = [&] {
    for (int i = 0; i < 10; ++i) {
      if (i % 5 == 0) code = SendCode(member);  // a resend changes no counter
      const auto reply = world.Authenticate(member, World::Wrong(code));
      EXPECT_EQ(ErrorTypeOf(reply), "otp_code_not_found");
      EXPECT_EQ(reply.events().Has(EventKind::kLocked), i == 9);
    }
  };
  fail_ten();
  EXPECT_EQ(Try(member, code), "user_lock_limit_reached");
  world.clock.Advance(hours(1) - Duration(1));
  EXPECT_EQ(Try(member, code), "user_lock_limit_reached");
  world.clock.Advance(Duration(1));
  fail_ten();  // a lapsed lock restarts the count
  world.clock.Advance(hours(2) - Duration(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "user_lock_limit_reached");
  world.clock.Advance(Duration(1));
  EXPECT_EQ(Try(member, SendCode(member)), "");
}

TEST_F(AuthenticateTest, SuccessClearsTheCountInARow) {  // L-05
  const Member member = world.MakeVerifiedMember(organization);
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 9; ++i) {
      const std::string code = SendCode(member);
      EXPECT_EQ(Try(member, World::Wrong(code)), "otp_code_not_found");
      world.clock.Advance(hours(2));
    }
    EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 9);
    EXPECT_EQ(Try(member, SendCode(member)), "");
    EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 0);
    EXPECT_EQ(world.RecordOf(member)->failures.since_success, 0);
  }
  EXPECT_EQ(world.RecordOf(member)->failures.recent.count, 18);  // L-04 is not refilled
}

// ---- Clocks ----

TEST_F(AuthenticateTest, AClockThatStepsBackRevivesNothing) {  // T-02
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  world.clock.Advance(minutes(2));
  EXPECT_EQ(Try(member, code), "unable_to_auth_otp_code");
  world.clock.Advance(-minutes(1));
  EXPECT_EQ(Try(member, code), "unable_to_auth_otp_code");
}

TEST_F(AuthenticateTest, AChallengeRemembersTheLatestTimeItMet) {  // T-02
  Policy policy;
  policy.challenge_failures_max = 10;
  World patient(policy);
  const Member member = patient.MakeVerifiedMember(patient.MakeOrganization());
  std::ignore = patient.Send(member);
  const std::string code = patient.inbox.LastCode();
  patient.clock.Advance(seconds(119));
  EXPECT_EQ(ErrorTypeOf(patient.Authenticate(member, World::Wrong(code))), "otp_code_not_found");
  EXPECT_EQ(patient.RecordOf(member)->challenge.latest_seen, patient.clock.Now());
  patient.clock.Advance(-seconds(60));
  EXPECT_EQ(ErrorTypeOf(patient.Authenticate(member, World::Wrong(code))), "otp_code_not_found");
  EXPECT_EQ(patient.RecordOf(member)->challenge.latest_seen, patient.clock.Now() + seconds(60));
}

TEST_F(AuthenticateTest, AChallengeFromTheFutureIsNotLive) {  // T-02
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  world.clock.Advance(-seconds(5) - Duration(1));
  EXPECT_EQ(Try(member, code), "unable_to_auth_otp_code");
  world.clock.Advance(Duration(1));
  EXPECT_EQ(Try(member, code), "");
}

TEST_F(AuthenticateTest, AFailureCountedAtALaterClocksTimeIsToldInAnEvent) {  // T-02
  const Member member = world.MakeVerifiedMember(organization);
  const auto fail = [&] {
    const std::string wrong = World::Wrong(SendCode(member));
    const auto reply = world.Authenticate(member, wrong);
    EXPECT_EQ(ErrorTypeOf(reply), "otp_code_not_found");
    return reply.events().Has(EventKind::kClockAnomaly);
  };
  EXPECT_FALSE(fail());
  world.clock.Advance(-minutes(1));
  EXPECT_FALSE(fail()) << "hosts may differ by that";
  world.clock.Advance(-Duration(1));
  EXPECT_TRUE(fail());

  const std::string wrong = World::Wrong(SendCode(member));
  auto record = *world.RecordOf(member);
  record.sends.Push(world.clock.Now() + hours(1), kSendTimesMax);  // another one
  world.Put(record);
  const EventList events = world.Authenticate(member, wrong).events();
  EXPECT_EQ(std::count_if(events.begin(), events.end(),
                          [](const Event& e) { return e.kind == EventKind::kClockAnomaly; }),
            1);
}

TEST_F(AuthenticateTest, AnInstantFarAheadIsPulledBackWithAnEvent) {  // T-02
  const Member member = world.MakeVerifiedMember(organization);
  auto record = *world.RecordOf(member);
  record.failures.locked_at = world.clock.Now() + hours(24 * 3650);
  record.failures.locked_until = record.failures.locked_at + hours(1);
  record.sends.Push(world.clock.Now() + hours(24 * 3650), 5);
  world.Put(record);
  const auto reply = world.Send(member);
  EXPECT_EQ(ErrorTypeOf(reply), "user_lock_limit_reached");
  EXPECT_TRUE(reply.events().Has(EventKind::kClockAnomaly));
  EXPECT_EQ(reply.error().retry_after(), hours(1)) << "as long as it was to last";
  world.clock.Advance(hours(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
}

TEST_F(AuthenticateTest, ARestoreVoidsChallenges) {  // L-10, K-11
  const Member member = world.MakeVerifiedMember(organization);
  const std::string code = SendCode(member);
  world.memory.BeginEpoch(2);
  EXPECT_EQ(Try(member, code), "otp_code_not_found");
  EXPECT_EQ(Try(member, SendCode(member)), "");
}

}  // namespace
}  // namespace otpcore
