// SPDX-License-Identifier: Apache-2.0
// Change of phone without a gap (rule E-04): start and finish, by way of the engine.
#include "otpcore/commands/phone_change.h"

#include "otpcore/testing/matchers.h"
#include "phone_changes.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::FailsWith;
using testing::HasEvent;
using testing::Succeeds;

class PhoneChange : public PhoneChanges {};

TEST_F(PhoneChange, SwapsTheNumbersInOneCommit) {  // E-04, A-02, A-08, M-03
  ASSERT_THAT(world.Send(ada), Succeeds());        // an MFA step is under way meanwhile
  const auto started = Start();
  ASSERT_THAT(started, Succeeds());
  EXPECT_EQ(world.inbox.messages().back().to, kOtherNumber);
  EXPECT_EQ(started.hints().expires_at, world.clock.Now() + minutes(2));
  EXPECT_EQ(started.hints().sends_left, 3);
  EXPECT_EQ(started.member().mfa_phone_number, kNumber) << "the candidate is not shown";
  EXPECT_TRUE(started.member().mfa_phone_number_verified);
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 open");
  EXPECT_EQ(Claim(kNumber), "ada for good");
  EXPECT_EQ(Claim(kOtherNumber), "ada for 120 s");

  world.store.ResetCounts();
  const auto finished = Finish(world.Code());
  ASSERT_THAT(finished, Succeeds());
  EXPECT_EQ(world.store.commits(), 1);
  EXPECT_EQ(finished.member().mfa_phone_number, kOtherNumber);
  EXPECT_TRUE(finished.member().mfa_phone_number_verified);
  EXPECT_EQ(Numbers(), "+16502530000 verified");
  EXPECT_EQ(Claim(kNumber), "nobody");
  EXPECT_EQ(Claim(kOtherNumber), "ada for good");
  EXPECT_EQ(Record().challenge.state, ChallengeState::kNone);
  EXPECT_EQ(Record().updated_at, world.clock.Now());
  EXPECT_THAT(Finish(world.Code()), FailsWith("otp_code_not_found")) << "there is no change now";
}

TEST_F(PhoneChange, EachStepIsOneLoadMoreAtMost) {
  world.store.ResetCounts();
  ASSERT_THAT(Start(), Succeeds());
  EXPECT_EQ(world.store.loads(), 1);
  EXPECT_EQ(world.store.commits(), 1);
  world.store.ResetCounts();
  ASSERT_THAT(Finish(World::Wrong(world.Code())), FailsWith("otp_code_not_found"));
  EXPECT_EQ(world.store.loads(), 2) << "the claims";
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_EQ(world.store.loads(), 4) << "the same for a right code and a wrong one";
}

TEST_F(PhoneChange, KeepsWhatIsNotTheNumbers) {  // M-03
  auto record = Record();
  record.mfa_enrolled = true;
  record.default_mfa_method = MfaMethod::kSmsOtp;
  world.Put(record);
  const Uuid old_id = record.phone.id;
  ASSERT_THAT(Start(), Succeeds());
  const Uuid id = Record().candidate.phone.id;
  const auto finished = Finish(world.Code());
  ASSERT_THAT(finished, Succeeds());
  EXPECT_TRUE(finished.member().mfa_enrolled);
  EXPECT_EQ(finished.member().default_mfa_method, MfaMethod::kSmsOtp);
  EXPECT_EQ(Record().phone.id, id);
  EXPECT_NE(id, old_id);
}

TEST_F(PhoneChange, TellsWhatItDoes) {  // V-01, N-05
  const auto started = Start();
  const ChallengeId challenge = Record().candidate.challenge.id;
  ASSERT_EQ(started.events().size(), 2u);
  EXPECT_EQ(started.events().begin()[0].kind, EventKind::kPhoneChangeStarted);
  EXPECT_EQ(started.events().begin()[1].kind, EventKind::kSent);
  EXPECT_EQ(started.events().begin()[1].challenge_id, challenge);
  for (const Event& event : started.events()) EXPECT_EQ(event.last_digits.view(), "00");
  const auto finished = Finish(world.Code());
  ASSERT_EQ(finished.events().size(), 3u);
  const Event* const event = finished.events().begin();
  EXPECT_EQ(event[0].kind, EventKind::kNumberUnlinked);
  EXPECT_EQ(event[0].last_digits.view(), "23");
  EXPECT_EQ(event[1].kind, EventKind::kNumberVerified);
  EXPECT_EQ(event[2].kind, EventKind::kPhoneChanged);
  for (const Event& of_new : {event[1], event[2]}) {
    EXPECT_EQ(of_new.last_digits.view(), "00");
    EXPECT_EQ(of_new.challenge_id, challenge);
  }
}

// ---- Who may ----

TEST_F(PhoneChange, APasswordIsNotEnough) {  // E-04, S-12: a stranger disturbs nothing
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  const Revision before = world.RevisionOf(ada);
  for (const SessionArguments& password : {world.Intermediate(ada), world.Full(ada)}) {
    const Actor stranger = Actor::Person(password);
    EXPECT_THAT(world.engine.Run(StartChange(ada, stranger, kThirdNumber)),
                FailsWith("insufficient_factors"));
    EXPECT_THAT(world.engine.Run(StartChange(ada, stranger, kOtherNumber)),
                FailsWith("insufficient_factors"));
    for (int i = 0; i < 12; ++i) {
      EXPECT_THAT(world.engine.Run(FinishChange(ada, stranger, World::Wrong(code))),
                  FailsWith("insufficient_factors"));
    }
    EXPECT_THAT(world.engine.Run(FinishChange(ada, stranger, code)),
                FailsWith("insufficient_factors"));
  }
  EXPECT_EQ(world.RevisionOf(ada), before) << "nothing was counted";
  EXPECT_THAT(Finish(code), Succeeds());
}

TEST_F(PhoneChange, AStrangersGuessesAtTheSignInTouchNoCandidate) {  // E-04
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  ASSERT_THAT(world.Send(ada), Succeeds());
  const std::string sign_in = world.Code();
  ASSERT_NE(sign_in, code);
  EXPECT_THAT(world.Authenticate(ada, code), FailsWith("otp_code_not_found"))
      << "the candidate's code proves nothing there";
  for (int i = 1; i < 4; ++i) {
    EXPECT_THAT(world.Authenticate(ada, World::Wrong(sign_in, i)), FailsWith("otp_code_not_found"));
  }
  EXPECT_EQ(Record().candidate.challenge.failures, 0);
  EXPECT_THAT(Finish(sign_in), FailsWith("otp_code_not_found"))
      << "nor the sign-in's code the candidate";
  EXPECT_EQ(Record().candidate.challenge.failures, 1);
  EXPECT_EQ(Record().challenge.failures, 4);
  EXPECT_THAT(world.Authenticate(ada, sign_in), Succeeds());
  EXPECT_THAT(Finish(code), Succeeds());
}

TEST_F(PhoneChange, TheHostMay) {  // E-04
  ASSERT_THAT(world.engine.Run(StartChange(ada, Actor::Host(), kOtherNumber)), Succeeds());
  ASSERT_THAT(world.engine.Run(FinishChange(ada, Actor::Host(), world.Code())), Succeeds());
  EXPECT_EQ(Numbers(), "+16502530000 verified");
}

TEST_F(PhoneChange, AnyOtherFactorOfTheSessionWillDo) {  // S-12
  Session session = World::PrimarySession();
  session.factors.Add(FactorKind::kTotp, world.clock.Now());
  in_session = Actor::Person(world.Full(ada, session));
  EXPECT_THAT(Start(), Succeeds());
}

TEST_F(PhoneChange, NeedsASessionThatIsThereAndTheMembers) {  // S-11
  const Member bob = world.MakeMember(organization);
  in_session = Actor::Person({"", "nothing", ""});
  EXPECT_THAT(Start(), FailsWith("session_not_found"));
  EXPECT_THAT(Finish("123456"), FailsWith("session_not_found"));
  in_session = Shown(bob);
  EXPECT_THAT(Start(), FailsWith("member_session_member_id_mismatch"));
  EXPECT_THAT(Finish("123456"), FailsWith("member_session_member_id_mismatch"));
}

// ---- Which Member, and which number ----

TEST_F(PhoneChange, IsOfAVerifiedNumberOnly) {  // E-04: a link is what the others need
  const Member bob = world.MakeMember(organization);
  EXPECT_THAT(world.engine.Run(StartChange(bob, Actor::Host(), kOtherNumber)),
              FailsWith("member_phone_number_not_found"));
  ASSERT_THAT(world.Send(bob, kThirdNumber), Succeeds());  // pending
  EXPECT_THAT(world.engine.Run(StartChange(bob, Actor::Host(), kOtherNumber)),
              FailsWith("member_phone_number_not_found"));
  EXPECT_THAT(world.engine.Run(FinishChange(bob, Actor::Host(), world.Code())),
              FailsWith("otp_code_not_found"));
}

TEST_F(PhoneChange, ChecksStatusAndMethod) {  // S-08, S-13
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.mfa_methods = "RESTRICTED";
  update.allowed_mfa_methods = {"totp"};
  ASSERT_THAT(world.engine.Run(update), Succeeds());
  EXPECT_THAT(Start(), FailsWith("operation_restricted_by_organization_mfa_methods"));
  EXPECT_THAT(Finish(code), FailsWith("operation_restricted_by_organization_mfa_methods"));
  auto record = Record();
  record.status = MemberStatus::kPending;
  world.Put(record);
  EXPECT_THAT(Start(), FailsWith("action_available_only_for_active_members"));
  EXPECT_THAT(Finish(code), FailsWith("action_available_only_for_active_members"));
}

TEST_F(PhoneChange, ChecksTheNumberLikeALink) {  // N-01, N-03, S-03, S-04, S-16, M-02
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(Start(""), FailsWith("bad_request"));
  EXPECT_THAT(Start("415 555"), FailsWith("invalid_phone_number"));
  EXPECT_THAT(Start("+19002530000"), FailsWith("invalid_phone_number"));
  EXPECT_THAT(Start(kNumber), FailsWith("duplicate_member_phone_number_for_member"));
  EXPECT_THAT(Start("+447400123456"), FailsWith("invalid_phone_number_country_code"));
  auto request = StartChange(ada, in_session, kOtherNumber);
  request.locale = "tlh";
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_locale"));
  EXPECT_EQ(world.RevisionOf(ada), before);
  EXPECT_EQ(world.inbox.deliveries(), 0);
  request.locale = "de";
  EXPECT_THAT(world.engine.Run(request), Succeeds());
}

TEST_F(PhoneChange, TheStoredNumberIsNotParsed) {  // S-03, N-04, N-06
  CreateMemberRequest import;
  import.mfa_phone_number = "+15005550006";  // no number to the library
  import.mfa_phone_number_verified = true;
  ada = world.MakeMember(organization, import);
  in_session = Shown(ada);
  EXPECT_THAT(Start("+15005550006"), FailsWith("duplicate_member_phone_number_for_member"));
  EXPECT_THAT(Start("+15005550007"), FailsWith("invalid_phone_number"));
}

TEST_F(PhoneChange, TheCodeHasItsForm) {
  ASSERT_THAT(Start(), Succeeds());
  EXPECT_THAT(world.engine.Run(On<FinishPhoneChangeRequest>(ada, in_session)),
              FailsWith("bad_request"));
  for (const char* text : {"", "12a456", "12345678901"})
    EXPECT_THAT(Finish(text), FailsWith("invalid_code"));
  EXPECT_THAT(Finish("1234567"), FailsWith("invalid_code")) << "of another length";
  EXPECT_EQ(Record().candidate.challenge.failures, 0);
  std::string typed = world.Code();
  typed.insert(3, " ");
  EXPECT_THAT(Finish(typed), Succeeds());
}

// ---- Claims ----

TEST_F(PhoneChange, ATakenNumberIsRefusedAndCostsASend) {  // S-07, S-19
  world.MakeVerifiedMember(organization, kOtherNumber);
  for (int sends = 1; sends <= 5; ++sends) {
    const auto refused = Start();
    EXPECT_THAT(refused, FailsWith("duplicate_member_phone_number"));
    EXPECT_THAT(refused, HasEvent(EventKind::kNumberTaken));
    EXPECT_EQ(Record().sends.CountWithin(minutes(10), world.clock.Now()), sends);
  }
  EXPECT_THAT(Start(), FailsWith("too_many_requests"));
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_EQ(Numbers(), "+14155550123 verified");
}

TEST_F(PhoneChange, TheLeaseOfAnotherKeepsItOutForItsTime) {  // S-07
  ASSERT_THAT(world.Send(world.MakeMember(organization), kOtherNumber), Succeeds());
  EXPECT_THAT(Start(), FailsWith("duplicate_member_phone_number"));
  world.clock.Advance(minutes(2));
  EXPECT_THAT(Start(), Succeeds());
}

TEST_F(PhoneChange, ItsOwnLeaseKeepsOthersOutForItsTime) {  // S-07
  ASSERT_THAT(Start(), Succeeds());
  const Member bob = world.MakeMember(organization);
  EXPECT_THAT(world.Send(bob, kOtherNumber), FailsWith("duplicate_member_phone_number"));
  world.clock.Advance(minutes(1));
  ASSERT_THAT(Start(), Succeeds());
  EXPECT_EQ(Claim(kOtherNumber), "ada for 60 s") << "no resend renews it";
  world.clock.Advance(minutes(1));
  EXPECT_THAT(world.Send(bob, kOtherNumber), Succeeds());
  EXPECT_EQ(Claim(kOtherNumber), "another for 120 s");
  EXPECT_THAT(Start(), FailsWith("duplicate_member_phone_number"));
  EXPECT_EQ(Claim(kOtherNumber), "another for 120 s");
}

TEST_F(PhoneChange, OneLeaseInFiveLives) {  // S-07
  ASSERT_THAT(Start(), Succeeds());
  ASSERT_THAT(Start(kThirdNumber), Succeeds());
  EXPECT_EQ(Claim(kOtherNumber), "nobody");
  EXPECT_EQ(Claim(kThirdNumber), "ada no more");
  world.clock.Advance(minutes(10));
  ASSERT_THAT(Start(kThirdNumber), Succeeds());
  EXPECT_EQ(Claim(kThirdNumber), "ada for 120 s");
}

TEST_F(PhoneChange, AnotherMemberWhoProvesItFirstKeepsIt) {
  const Member bob = world.MakeMember(organization);
  ASSERT_THAT(world.Send(bob, kOtherNumber), Succeeds());
  world.clock.Advance(minutes(2));
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  ASSERT_THAT(world.Send(bob), Succeeds());
  ASSERT_THAT(world.Authenticate(bob, world.Code()), Succeeds());
  const int failures = Record().failures.in_a_row;
  const auto late = Finish(code);
  EXPECT_THAT(late, FailsWith("duplicate_member_phone_number"));
  EXPECT_THAT(late, HasEvent(EventKind::kChallengeDead));
  EXPECT_EQ(Record().failures.in_a_row, failures);
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 over");
  EXPECT_EQ(Claim(kNumber), "ada for good");
  EXPECT_EQ(Claim(kOtherNumber), "another for good");
  EXPECT_THAT(Finish(code), FailsWith("unable_to_auth_otp_code")) << "used up";
  // The candidate goes, and takes nothing from the other.
  ASSERT_THAT(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), Succeeds());
  EXPECT_EQ(Claim(kOtherNumber), "another for good");
}

TEST_F(PhoneChange, WhoChangesFirstKeepsIt) {  // A-08, the other way round
  const Member bob = world.MakeMember(organization);
  ASSERT_THAT(world.Send(bob, kOtherNumber), Succeeds());
  world.clock.Advance(minutes(2));
  ASSERT_THAT(world.Send(bob), Succeeds());
  const std::string bobs = world.Code();
  ASSERT_THAT(Start(), Succeeds());
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_THAT(world.Authenticate(bob, bobs), FailsWith("duplicate_member_phone_number"));
  EXPECT_EQ(Claim(kOtherNumber), "ada for good");
}

// ---- The passcode ----

TEST_F(PhoneChange, ASecondStartSupersedesTheFirst) {  // S-10, A-03
  ASSERT_THAT(Start(), Succeeds());
  const std::string first = world.Code();
  const Uuid id = Record().candidate.phone.id;
  ASSERT_THAT(Start(), Succeeds());
  EXPECT_THAT(Finish(first), FailsWith("unable_to_auth_otp_code"));
  EXPECT_EQ(Record().failures.in_a_row, 0) << "A-04";
  EXPECT_EQ(Record().candidate.phone.id, id) << "the same number";
  EXPECT_THAT(Finish(world.Code()), Succeeds());
}

TEST_F(PhoneChange, AnotherNumberReplacesTheFirst) {  // E-04: one candidate at a time
  ASSERT_THAT(Start(), Succeeds());
  const std::string first = world.Code();
  const auto again = Start(kThirdNumber);
  ASSERT_THAT(again, Succeeds());
  EXPECT_THAT(again, HasEvent(EventKind::kPhoneChangeDropped));
  EXPECT_EQ(again.events().begin()->last_digits.view(), "00");
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16135550187 open");
  EXPECT_EQ(Claim(kOtherNumber), "nobody");
  EXPECT_THAT(Finish(first), FailsWith("otp_code_not_found")) << "A-07: of another number";
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_EQ(Numbers(), "+16135550187 verified");
}

TEST_F(PhoneChange, ExpiresAndLeavesTheOldNumber) {  // S-09, A-03, A-04
  ASSERT_THAT(Start(), Succeeds());
  world.clock.Advance(minutes(2));
  const auto late = Finish(world.Code());
  EXPECT_THAT(late, FailsWith("unable_to_auth_otp_code"));
  EXPECT_THAT(late, HasEvent(EventKind::kChallengeDead));
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 over");
  const Revision before = world.RevisionOf(ada);
  EXPECT_THAT(Finish(World::Wrong(world.Code())), FailsWith("unable_to_auth_otp_code"));
  EXPECT_EQ(world.RevisionOf(ada), before) << "the first sight of the expiry is written";
  EXPECT_THAT(world.Send(ada), Succeeds());
}

TEST_F(PhoneChange, AClockThatStepsBackRevivesNothing) {  // T-02
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  world.clock.Advance(minutes(2));
  ASSERT_THAT(world.Send(ada), Succeeds());  // any write tells the time
  world.clock.Advance(-minutes(1));
  EXPECT_THAT(Finish(code), FailsWith("unable_to_auth_otp_code"));
}

TEST_F(PhoneChange, FiveWrongCodesEndIt) {  // A-13, L-01
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  for (int i = 1; i <= 5; ++i) {
    const auto wrong = Finish(World::Wrong(code, i));
    EXPECT_THAT(wrong, FailsWith("otp_code_not_found"));
    EXPECT_THAT(wrong, HasEvent(EventKind::kFailure));
    EXPECT_EQ(wrong.hints().tries_left, 5 - i);
  }
  EXPECT_EQ(Record().failures.in_a_row, 5);
  EXPECT_THAT(Finish(code), FailsWith("unable_to_auth_otp_code"));
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 over");
  ASSERT_THAT(Start(), Succeeds()) << "anew";
  EXPECT_THAT(Finish(code), FailsWith("unable_to_auth_otp_code")) << "superseded";
  EXPECT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_EQ(Record().failures.in_a_row, 0) << "L-05";
}

TEST_F(PhoneChange, ItsFailuresLockLikeAnyOthers) {  // L-01, L-02
  for (int i = 0; i < 10; ++i) {
    if (i % 5 == 0) {
      ASSERT_THAT(Start(), Succeeds());
    }
    EXPECT_THAT(Finish(World::Wrong(world.Code(), 1 + i % 5)), FailsWith("otp_code_not_found"));
  }
  EXPECT_THAT(world.Send(ada), FailsWith("user_lock_limit_reached"));
}

TEST_F(PhoneChange, ItsEventsNameTheMethodJudged) {  // V-02
  ASSERT_THAT(Start(), Succeeds());
  const auto wrong = Finish(World::Wrong(world.Code()));
  ASSERT_TRUE(wrong.events().Has(EventKind::kFailure));
  EXPECT_EQ(wrong.events().factor, FactorKind::kSmsPasscode);
  const auto right = Finish(world.Code());
  ASSERT_TRUE(right.events().Has(EventKind::kPhoneChanged));
  EXPECT_EQ(right.events().factor, FactorKind::kSmsPasscode);
}

TEST_F(PhoneChange, ALockStopsBothOnAKnownDeviceToo) {  // S-14, A-06
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  auto record = Record();
  record.failures.locked_at = world.clock.Now();
  record.failures.locked_until = world.clock.Now() + hours(1);
  record.failures.lock_rule = LockRule::kFailuresInARow;
  world.Put(record);
  const auto right = Finish(code);
  const auto wrong = Finish(World::Wrong(code));
  EXPECT_THAT(right, FailsWith("user_lock_limit_reached"));
  EXPECT_THAT(wrong, FailsWith("user_lock_limit_reached"));
  EXPECT_EQ(right.error().retry_after(), hours(1));
  EXPECT_EQ(wrong.error().retry_after(), hours(1));
  EXPECT_THAT(Start(), FailsWith("user_lock_limit_reached"));
  EXPECT_EQ(Record().candidate.challenge.failures, 0);
}

TEST_F(PhoneChange, ItsOwnTyposAreForgiven) {  // L-05
  ASSERT_THAT(Start(), Succeeds());
  ASSERT_THAT(Finish(World::Wrong(world.Code())), FailsWith("otp_code_not_found"));
  EXPECT_EQ(Record().failures.recent.count, 1);
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_EQ(Record().failures.recent.count, 0);
}

TEST_F(PhoneChange, ARestoreVoidsItsCode) {  // L-10
  ASSERT_THAT(Start(), Succeeds());
  world.memory.BeginEpoch(9);
  EXPECT_THAT(Finish(world.Code()), FailsWith("otp_code_not_found"));
  EXPECT_EQ(Record().failures.in_a_row, 0);
}

TEST_F(PhoneChange, ACodeWhoseKeyIsGoneCountsNothing) {
  ASSERT_THAT(Start(), Succeeds());
  const auto rotated = Config::Create(Policy::Default(), TestKeys(8));
  Engine later(*rotated,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  const Revision before = world.RevisionOf(ada);
  EXPECT_EQ(ErrorTypeOf(later.Run(FinishChange(ada, in_session, world.Code()))),
            "internal_server_error");
  EXPECT_EQ(world.RevisionOf(ada), before);
  EXPECT_THAT(Finish(world.Code()), Succeeds());
}

TEST_F(PhoneChange, WithoutEntropyNothingIsNamedOrSent) {
  const Revision before = world.RevisionOf(ada);
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  world.random.set_stuck(0xFF);
  EXPECT_THAT(Start(kOtherNumber, options), FailsWith("internal_server_error"));
  world.random.set_failing(true);
  EXPECT_THAT(Start(kOtherNumber, options), FailsWith("internal_server_error"));
  EXPECT_EQ(world.RevisionOf(ada), before);
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

// ---- Limits ----

TEST_F(PhoneChange, ItsSendsAreTheMembers) {  // L-06, S-20
  for (int i = 0; i < 4; ++i) ASSERT_THAT(Start(), Succeeds());
  ASSERT_THAT(world.Send(ada), Succeeds());
  const auto refused = Start();
  EXPECT_THAT(refused, FailsWith("too_many_requests"));
  EXPECT_EQ(refused.error().retry_after(), minutes(10));
  EXPECT_EQ(refused.hints().expires_at, Record().candidate.challenge.expires_at);
  EXPECT_EQ(refused.hints().tries_left, 5);
  EXPECT_THAT(world.Send(ada), FailsWith("too_many_requests"));
}

TEST_F(PhoneChange, AnotherSessionWaitsAMoment) {  // S-21
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  const Actor mine = std::exchange(in_session, Shown(ada));
  const auto held = Start(kThirdNumber);
  EXPECT_THAT(held, FailsWith("too_many_requests"));
  EXPECT_EQ(held.error().retry_after(), seconds(60));
  const std::vector<Hold> holds = Explain(Record(), world.config->policy(), world.clock.Now());
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0].kind, HoldKind::kPhoneChangeOfOtherSession);
  EXPECT_EQ(RuleOf(holds[0].kind), "S-21");
  EXPECT_FALSE(EndOf(holds[0].kind).empty());
  EXPECT_EQ(*holds[0].until, world.clock.Now() + seconds(60));
  // It holds back no sign-in.
  EXPECT_THAT(world.Send(ada), Succeeds());
  in_session = mine;
  EXPECT_THAT(Finish(code), Succeeds());
}

TEST_F(PhoneChange, TheGuardIsAskedForTheNewNumber) {  // L-07, N-08
  MemorySendGuard guard(world.clock);
  world.guard.set_inner(&guard);
  ASSERT_THAT(world.Send(ada), Succeeds());
  EXPECT_EQ(world.guard.questions(), 0) << "verified";
  ASSERT_THAT(Start(), Succeeds());
  EXPECT_EQ(world.guard.questions(), 1);
  EXPECT_EQ(world.guard.spent(), 1);
  world.guard.answer = [](int) { return Admission::Kind::kTooFewAuthenticated; };
  EXPECT_THAT(Start(), FailsWith("too_few_tokens_authenticated"));
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 open") << "the earlier one";
  world.guard.answer = [](int) { return Admission::Kind::kUnreachable; };
  EXPECT_THAT(Start(), FailsWith("server_unavailable"));
  EXPECT_THAT(Finish(world.Code()), Succeeds());
}

// The quota of a number is one for all who name it, in either form of a handset's.
struct QuotaOfOne : PhoneChanges {
  static Policy OneSend() {
    Policy policy;
    policy.number_sends_max = 1;
    policy.allowed_regions = {"US", "AR"};
    return policy;
  }
  QuotaOfOne() : PhoneChanges(OneSend()) { world.guard.set_inner(&guard); }
  MemorySendGuard guard{world.clock};
};

TEST_F(QuotaOfOne, HoldsForACandidate) {  // L-06, N-08
  ASSERT_THAT(Start("+5491123456789"), Succeeds());
  for (const char* number : {"+5491123456789", "+541123456789"}) {
    const auto refused = Start(number);
    EXPECT_THAT(refused, FailsWith("too_many_requests"));
    EXPECT_EQ(refused.error().retry_after(), hours(1));
  }
  EXPECT_EQ(Numbers(), "+14155550123 verified to +5491123456789 open");
  EXPECT_THAT(world.Send(ada), Succeeds()) << "to the verified number";
}

TEST_F(PhoneChange, ItsProofIsOneForTheGuard) {  // L-07
  ASSERT_THAT(Start(), Succeeds());
  const ChallengeId challenge = Record().candidate.challenge.id;
  const PasscodeEnd end = PasscodeEndOf(Finish(world.Code()).events());
  EXPECT_EQ(end.challenge_id, challenge);
  EXPECT_TRUE(end.proved);
}

// ---- Delivery ----

TEST_F(PhoneChange, AMessageThatSurelyFailedDropsTheCandidate) {  // D-02, D-03, D-05
  const struct {
    Delivery delivery;
    const char* error;
  } rows[] = {
      {{Delivery::Kind::kRejected, false}, "downstream_carrier_error"},
      {{Delivery::Kind::kRejected, true}, "unsubscribed_phone_number"},
      {{Delivery::Kind::kUnavailable, false}, "downstream_carrier_error"},
  };
  for (const auto& row : rows) {
    world.clock.Advance(hours(24));
    in_session = Shown(ada);
    world.inbox.Script(row.delivery);
    CallOptions options;
    options.operation_id.bytes[0] = static_cast<uint8_t>(&row - rows + 1);
    const int sends = Record().sends.count;
    const auto failed = Start(kOtherNumber, options);
    EXPECT_THAT(failed, FailsWith(row.error));
    EXPECT_THAT(failed, HasEvent(EventKind::kDeliveryFailed));
    EXPECT_THAT(failed, HasEvent(EventKind::kPhoneChangeDropped));
    EXPECT_EQ(Numbers(), "+14155550123 verified");
    EXPECT_EQ(Claim(kOtherNumber), "nobody");
    EXPECT_EQ(Record().leased_at, Instant()) << "nobody got anything of it";
    EXPECT_EQ(Record().sends.count, sends) << "given back";
    EXPECT_THAT(Finish("123456"), FailsWith("otp_code_not_found"));
    EXPECT_THAT(Start(kOtherNumber, options), FailsWith(row.error)) << "C-07";
  }
}

TEST_F(PhoneChange, AMessageInDoubtMayStillBeAnswered) {  // D-04
  world.inbox.Script({Delivery::Kind::kUnknown, false});
  EXPECT_THAT(Start(), FailsWith("downstream_carrier_error"));
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 open");
  EXPECT_THAT(Finish(world.Code()), Succeeds());
}

TEST_F(PhoneChange, ALateReportFindsTheCandidatesPasscode) {  // D-06
  ASSERT_THAT(Start(), Succeeds());
  const ChallengeId first = Record().candidate.challenge.id;
  world.clock.Advance(seconds(1));
  ASSERT_THAT(Start(), Succeeds());
  const ChallengeId second = Record().candidate.challenge.id;
  const Delivery rejected = {Delivery::Kind::kRejected, false};
  EXPECT_FALSE(Report(first, rejected).applied) << "it was superseded";
  EXPECT_FALSE(Report(second, {Delivery::Kind::kAccepted, false}).applied);
  const auto doubt = Report(second, {Delivery::Kind::kUnknown, false});
  EXPECT_FALSE(doubt.applied);
  EXPECT_THAT(doubt, HasEvent(EventKind::kDeliveryFailed));
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 open");
  const auto told = Report(second, rejected);
  EXPECT_TRUE(told.applied);
  for (const Event& event : told.events()) EXPECT_EQ(event.last_digits.view(), "00");
  EXPECT_EQ(Numbers(), "+14155550123 verified");
  EXPECT_EQ(Claim(kOtherNumber), "nobody");
  EXPECT_NE(Record().leased_at, Instant()) << "somebody got the first message";
  EXPECT_FALSE(Report(second, rejected).applied) << "there is nothing any more";
}

TEST_F(PhoneChange, ALateReportChangesNoNumberThatIsProved) {  // D-06
  ASSERT_THAT(Start(), Succeeds());
  const ChallengeId challenge = Record().candidate.challenge.id;
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_FALSE(Report(challenge, {Delivery::Kind::kRejected, false}).applied);
  EXPECT_EQ(Numbers(), "+16502530000 verified");
}

TEST_F(PhoneChange, AReportOnADeadPasscodeIsTooLate) {  // D-06
  ASSERT_THAT(Start(), Succeeds());
  world.clock.Advance(minutes(2));
  ASSERT_THAT(Finish(world.Code()), FailsWith("unable_to_auth_otp_code"));
  const ChallengeId challenge = Record().candidate.challenge.id;
  EXPECT_FALSE(Report(challenge, {Delivery::Kind::kRejected, false}).applied);
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 over");
}

TEST_F(PhoneChange, WhatIsNotGivenBackStaysSpent) {  // D-02
  for (int i = 1; i <= 3; ++i) {
    world.guard.ResetCounts();
    world.inbox.Script({Delivery::Kind::kUnavailable, false});
    ASSERT_THAT(Start(), FailsWith("downstream_carrier_error"));
    EXPECT_EQ(world.guard.returned(), i <= 2 ? 1 : 0);
  }
  EXPECT_EQ(Record().sends.CountWithin(minutes(10), world.clock.Now()), 1);
}

// ---- What ends it besides ----

TEST_F(PhoneChange, GoesWithTheNumberAndWithTheMember) {  // M-03, M-04, E-03
  const auto gone = [&](const auto& request) {
    const auto reply = world.engine.Run(request);
    EXPECT_THAT(reply, Succeeds());
    EXPECT_THAT(reply, HasEvent(EventKind::kPhoneChangeDropped));
    EXPECT_EQ(Record().phone.state, EnrollmentState::kNone);
    EXPECT_EQ(Record().candidate.phone.state, EnrollmentState::kNone);
    EXPECT_EQ(Claim(kNumber), "nobody");
    EXPECT_EQ(Claim(kOtherNumber), "nobody");
  };
  const auto begin = [&] {
    ada = world.MakeVerifiedMember(organization, kNumber);
    in_session = Shown(ada);
    ASSERT_THAT(Start(), Succeeds());
    ASSERT_EQ(Claim(kOtherNumber), "ada for 120 s");
  };
  ASSERT_THAT(Start(), Succeeds());
  gone(On<DeleteMfaPhoneNumberRequest>(ada, in_session));
  EXPECT_THAT(Finish(world.Code()), FailsWith("otp_code_not_found"));
  begin();
  gone(On<DeleteMemberRequest>(ada));
  begin();
  gone(On<PurgeMemberRequest>(ada));
  begin();
  world.clock.Advance(minutes(2));
  ASSERT_THAT(Finish(world.Code()), FailsWith("unable_to_auth_otp_code"));
  gone(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host()));
}

TEST_F(PhoneChange, AnErasureHasRoomForItAll) {  // M-01: at most Writes::kMax writes
  auto update = On<UpdateMemberRequest>(ada, Actor::Host());
  update.external_id = "ada";
  ASSERT_THAT(world.engine.Run(update), Succeeds());
  ASSERT_THAT(Start(), Succeeds());
  size_t writes = 0;
  world.store.before_commit = [&](const Changes& changes) { writes = changes.writes.size(); };
  ASSERT_THAT(world.engine.Run(On<PurgeMemberRequest>(ada)), Succeeds());
  EXPECT_EQ(writes, 5u) << "the Member, two names, two claims";
  EXPECT_EQ(Claim(kOtherNumber), "nobody");
}

TEST_F(PhoneChange, OtherCommandsLeaveItAndTheNumber) {  // E-04
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  auto update = On<UpdateMemberRequest>(ada, in_session);
  update.mfa_phone_number = kOtherNumber;
  EXPECT_THAT(world.engine.Run(update), FailsWith("duplicate_member_phone_number_for_member"));
  EXPECT_THAT(world.Send(ada, kOtherNumber), FailsWith("duplicate_member_phone_number_for_member"));
  EXPECT_THAT(world.engine.Run(On<UnlockMemberRequest>(ada)), Succeeds());
  ASSERT_THAT(world.Send(ada), Succeeds());
  ASSERT_EQ(world.inbox.messages().back().to, kNumber);
  ASSERT_THAT(world.Authenticate(ada, world.Code()), Succeeds());
  EXPECT_EQ(Numbers(), "+14155550123 verified to +16502530000 open");
  EXPECT_THAT(Finish(code), Succeeds());
}

TEST_F(PhoneChange, ForgetsTheKnownDevices) {  // DV-06
  ASSERT_THAT(world.Send(ada), Succeeds());
  AuthenticateFields proof = World::AuthenticateRequest(ada, world.Code());
  proof.session = world.Intermediate(ada);
  proof.device = "a device of Ada's own";
  ASSERT_THAT(world.Run(proof), Succeeds());
  ASSERT_EQ(Record().devices.size(), 1u);
  ASSERT_THAT(Start(), Succeeds());
  EXPECT_EQ(Record().devices.size(), 1u);
  EXPECT_THAT(Finish(world.Code()), HasEvent(EventKind::kDeviceForgotten));
  EXPECT_TRUE(Record().devices.empty());
}

TEST_F(PhoneChange, OfARecordWithoutAVerifiedNumberIsNone) {
  ASSERT_THAT(Start(), Succeeds());
  auto record = Record();
  record.phone = PhoneFactor();  // no command leaves it so
  world.Put(record);
  EXPECT_THAT(Finish(world.Code()), FailsWith("otp_code_not_found"));
  EXPECT_EQ(Record().phone.state, EnrollmentState::kNone);
}

// ---- Two forms of one handset (N-08) ----

struct OneHandset : PhoneChanges {
  static Policy Argentina() {
    Policy policy;
    policy.allowed_regions = {"US", "AR"};
    return policy;
  }
  OneHandset() : PhoneChanges(Argentina()) {}
};
constexpr char kLong[] = "+5491123456789";
constexpr char kShort[] = "+541123456789";

TEST_F(OneHandset, HasOneClaimAllTheWhile) {  // N-08, E-04
  ada = world.MakeVerifiedMember(organization, kLong);
  in_session = Shown(ada);
  ASSERT_THAT(Start(kShort), Succeeds());
  EXPECT_EQ(Claim(kLong), "ada for good") << "no lease takes its place";
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_EQ(Numbers(), "+541123456789 verified");
  EXPECT_EQ(Claim(kShort), "ada for good");
}

TEST_F(OneHandset, KeepsItsClaimWhenTheCandidateGoes) {  // N-08
  ada = world.MakeVerifiedMember(organization, kLong);
  in_session = Shown(ada);
  ASSERT_THAT(Start(kShort), Succeeds());
  ASSERT_THAT(Start(kOtherNumber), Succeeds());
  EXPECT_EQ(Claim(kLong), "ada for good");
  ASSERT_THAT(Start(kShort), Succeeds());
  EXPECT_EQ(Claim(kOtherNumber), "nobody");
  world.inbox.Script({Delivery::Kind::kRejected, false});
  ASSERT_THAT(Start(kShort), FailsWith("downstream_carrier_error"));
  EXPECT_EQ(Numbers(), "+5491123456789 verified");
  EXPECT_EQ(Claim(kLong), "ada for good");
}

TEST_F(OneHandset, OfACandidateIsAnotherNumberUnderTheSameLease) {  // N-08, A-07
  ASSERT_THAT(Start(kLong), Succeeds());
  const std::string code = world.Code();
  ASSERT_THAT(Start(kShort), Succeeds());
  EXPECT_EQ(Claim(kShort), "ada for 120 s");
  EXPECT_THAT(Finish(code), FailsWith("otp_code_not_found"));
  ASSERT_THAT(Finish(world.Code()), Succeeds());
  EXPECT_EQ(Numbers(), "+541123456789 verified");
  EXPECT_EQ(Claim(kLong), "ada for good");
  EXPECT_EQ(Claim(kNumber), "nobody");
}

// ---- Sandbox (X-01) ----

struct SandboxChange : PhoneChanges {
  static Policy WithSandbox() {
    Policy policy;
    policy.sandbox_numbers = {{"+15005550006", "424242", Instant::FromUnixMillis(4102444800000)}};
    return policy;
  }
  SandboxChange() : PhoneChanges(WithSandbox()) {}
};

TEST_F(SandboxChange, SendsNothingAndTakesTheFixedCode) {
  ASSERT_THAT(Start("+15005550006"), Succeeds());
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_EQ(Claim("+15005550006"), "ada for 120 s");
  EXPECT_THAT(Finish("424243"), FailsWith("otp_code_not_found"));
  ASSERT_THAT(Start("+15005550006"), Succeeds()) << "its region is not known: read again";
  ASSERT_THAT(Finish("424242"), Succeeds());
  EXPECT_EQ(Numbers(), "+15005550006 verified");
}

}  // namespace
}  // namespace otpcore
