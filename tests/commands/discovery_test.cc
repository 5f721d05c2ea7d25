// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail outside any Organization: send, authenticate, and what the record holds.
#include "discovery.h"

#include "otpcore/adapters/memory_guard.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::FailsWith;
using testing::FailsWithCode;
using testing::HasEvent;
using testing::Succeeds;
using testing::WrongCode;
using CommitFault = testing::FaultyStore::CommitFault;

struct NotingGuard final : SendGuard {
  Admission Admit(const AdmissionId&, const Quotas& quotas) override {
    asked = quotas;
    return {};
  }
  void Settle(const AdmissionId&, Settlement) override {}
  void Observe(EventList*) override {}
  Quotas asked;
};

// Notes the kind of each record that is loaded or written.
struct NotingStore final : Store {
  explicit NotingStore(Store& the_inner) : inner(the_inner) {}
  LoadResult Load(LoadBatch& batch) override {
    for (size_t i = 0; i < batch.size(); ++i) kinds.push_back(batch.key(i).kind());
    ++loads;
    return inner.Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    for (const Write& write : changes.writes) kinds.push_back(write.key->kind());
    ++commits;
    return inner.Commit(changes);
  }
  Store& inner;
  std::vector<RecordKind> kinds;
  int loads = 0;
  int commits = 0;
};

class SendDiscovery : public DiscoveryTest {};
class AuthenticateDiscovery : public DiscoveryTest {};
class DiscoveryLedger : public DiscoveryTest {};

// ---- Send ----

TEST_F(SendDiscovery, AnyAddressGetsACode) {  // EM-24, EM-25, EM-30, R-03
  for (const char* address : {kAddress, "nobody@example.com"}) {
    const auto reply = Discover(address);
    ASSERT_THAT(reply, Succeeds()) << address;
    EXPECT_THAT(reply, HasEvent(EventKind::kDiscoverySent));
    EXPECT_EQ(reply.events().size(), 1u) << "the answer is the same whoever is a Member";
    EXPECT_EQ(reply.events().factor, FactorKind::kEmailPasscode);
    EXPECT_TRUE(reply.events().organization_id.empty());
    EXPECT_TRUE(reply.member().member_id.empty());
    EXPECT_EQ(reply.hints().expires_at, world.clock.Now() + minutes(10));
    EXPECT_EQ(reply.hints().sends_left, 4);
    const auto mail = Received();
    EXPECT_EQ(mail.to, address);
    EXPECT_EQ(mail.channel, Channel::kEmail);
    EXPECT_EQ(mail.purpose, EmailPurpose::kDiscovery);
    EXPECT_TRUE(mail.organization_id.empty());
    EXPECT_TRUE(mail.member_id.empty());
    const auto record = Remembered(address);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->email.challenge.id, mail.challenge_id);
    EXPECT_EQ(record->email.purpose, EmailPurpose::kDiscovery);
    EXPECT_FALSE(record->email.id.empty());
  }
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kNone) << "no Member's record knows of it";
}

TEST_F(SendDiscovery, ReadsNoOrganizationAndNoMember) {  // EM-24, EM-28
  NotingStore store(world.memory);
  Engine engine(*world.config,
                {world.clock, world.random, store, world.directory, world.inbox, world.guard});
  ASSERT_THAT(engine.Run(Discovery()), Succeeds());
  ASSERT_THAT(engine.Run(Answer(Code())), Succeeds());
  EXPECT_EQ(store.kinds, std::vector<RecordKind>(4, RecordKind::kDiscovery));
  EXPECT_EQ(store.loads, 2) << "one for each";
  EXPECT_EQ(store.commits, 2);
}

TEST_F(SendDiscovery, GoesToTheAddressInLowerCase) {  // EM-02, EM-03, EM-25
  ASSERT_THAT(Discover("Ada@Example.COM"), Succeeds());
  EXPECT_EQ(Received().to, "ada@example.com");
  EXPECT_THAT(Show(Code(), "aDA@example.com"), Succeeds());
}

TEST_F(SendDiscovery, HandsTheSinkWhatATemplateNeeds) {  // EM-09, EM-10, EM-30
  auto request = Discovery();
  request.login_template_id = "tpl";
  request.locale = "PT";
  request.discovery_expiration_minutes = 3;
  const auto reply = world.engine.Run(request);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(Received().template_id, "tpl");
  EXPECT_NE(Received().body.find("3 minutos"), std::string::npos) << Received().body;
  EXPECT_EQ(reply.hints().expires_at, world.clock.Now() + minutes(3));
}

TEST_F(SendDiscovery, ChecksInTheOrderOfTheRule) {  // EM-24, EM-05, EM-09
  FailTimes(10);
  auto request = Discovery("");
  request.locale = "xx";
  request.discovery_expiration_minutes = 1;
  request.login_template_id = std::string(129, 'x');
  const auto expect = [&](const char* error_type) {
    EXPECT_THAT(world.engine.Run(request), FailsWith(error_type));
  };
  expect("bad_request");
  request.email_address = "ada@example";
  expect("invalid_email");
  request.email_address = kAddress;
  expect("invalid_locale");
  request.locale = "";
  for (const int asked : {1, 0, -1, 16}) {
    request.discovery_expiration_minutes = asked;
    expect("invalid_expiration_otp");
  }
  request.discovery_expiration_minutes = 15;
  expect("bad_request");
  request.login_template_id.pop_back();
  EXPECT_THAT(world.engine.Run(request), FailsWithCode(ErrorCode::kEmailLockLimitReached));
}

TEST_F(SendDiscovery, FiveGoOutInTenMinutes) {  // EM-24, EM-21, S-20
  for (int i = 0; i < 5; ++i) ASSERT_THAT(Discover(), Succeeds()) << i;
  const std::string code = Code();
  world.clock.Advance(minutes(3));
  const auto refused = Discover("ADA@example.com");
  EXPECT_THAT(refused, FailsWith("too_many_requests"));
  EXPECT_EQ(refused.error().retry_after(), minutes(7));
  EXPECT_THAT(refused, HasEvent(EventKind::kRefusedByLimit));
  EXPECT_EQ(refused.hints().expires_at, world.clock.Now() + minutes(7)) << "of the live code";
  EXPECT_EQ(refused.hints().tries_left, 5);
  EXPECT_THAT(Discover("another@example.com"), Succeeds());
  EXPECT_THAT(Send(), Succeeds()) << "a Member's sends are counted apart";
  EXPECT_THAT(Show(code), Succeeds()) << "a refused send takes no code away";
  world.clock.Advance(minutes(7));
  EXPECT_THAT(Discover(), Succeeds());
}

class LimitedDiscovery : public DiscoveryTest {
 protected:
  static Policy Limits() {
    Policy policy;
    policy.email_address_sends_max = 3;
    policy.email_discovery_sends_max = 5;
    return policy;
  }
  LimitedDiscovery() : DiscoveryTest(Limits()) { world.guard.set_inner(&guard); }
  MemorySendGuard guard{world.clock};
};

TEST_F(LimitedDiscovery, TheGuardCountsMailboxesAndAllTogether) {  // EM-24, EM-21, EM-22
  EXPECT_THAT(Discover("a.b@example.com"), Succeeds());
  EXPECT_THAT(Discover("ab+1@example.com"), Succeeds());
  EXPECT_THAT(Send("ab+2@example.com", JustInTime::kAllow), Succeeds()) << "into an Organization";
  EXPECT_THAT(Discover("ab@example.com"), FailsWith("too_many_requests")) << "one mailbox";
  EXPECT_FALSE(Remembered("ab@example.com"));
  EXPECT_THAT(Discover("c@example.com"), Succeeds());
  EXPECT_THAT(Discover("d@example.com"), Succeeds());
  EXPECT_THAT(Discover("e@example.com"), Succeeds());
  const auto refused = Discover("f@example.com");
  EXPECT_THAT(refused, FailsWith("too_many_requests")) << "five in all";
  EXPECT_EQ(refused.error().retry_after(), hours(1));
  EXPECT_THAT(Send(kAddress), Succeeds()) << "an Organization's sends are counted apart";
  world.clock.Advance(hours(1));
  EXPECT_THAT(Discover("f@example.com"), Succeeds());
}

TEST_F(SendDiscovery, AsksForTheseQuotas) {  // EM-24, EM-22
  NotingGuard guard;
  const Quotas& asked = guard.asked;
  world.guard.set_inner(&guard);
  ASSERT_THAT(Discover("A.da+x@example.com"), Succeeds());
  ASSERT_EQ(asked.size(), 2u);
  EXPECT_EQ(asked[0].subject, Quota::Subject::kAddress);
  EXPECT_EQ(asked[0].address.view(), "ada@example.com");
  EXPECT_EQ(asked[0].max, 10);
  EXPECT_EQ(asked[0].window, hours(1));
  EXPECT_EQ(asked[1].subject, Quota::Subject::kEmailDiscovery);
  EXPECT_TRUE(asked[1].organization_id.empty());
  EXPECT_EQ(asked[1].max, 5000);
  EXPECT_EQ(asked[1].window, hours(1));
}

TEST_F(SendDiscovery, AnAddressThatRejectsIsInactive) {  // EM-13, D-02, D-06
  world.inbox.Script({Delivery::Kind::kRejected, false});
  const auto reply = Discover();
  EXPECT_THAT(reply, FailsWith("inactive_email"));
  EXPECT_THAT(reply, HasEvent(EventKind::kDeliveryFailed));
  EXPECT_THAT(reply, HasEvent(EventKind::kChallengeDead));
  EXPECT_EQ(Remembered()->email.challenge.state, ChallengeState::kVoid);
  EXPECT_TRUE(Remembered()->email.sends.empty()) << "given back";
}

TEST_F(SendDiscovery, AGatewayThatIsAwayIsUnavailable) {  // EM-13, D-03, D-04
  for (const auto kind : {Delivery::Kind::kUnavailable, Delivery::Kind::kUnknown}) {
    world.inbox.Script({kind, false});
    const auto reply = Discover();
    EXPECT_THAT(reply, FailsWith("server_unavailable"));
    EXPECT_EQ(Remembered()->email.challenge.state,
              kind == Delivery::Kind::kUnknown ? ChallengeState::kLive : ChallengeState::kVoid);
  }
  EXPECT_THAT(Show(Code()), Succeeds()) << "perhaps it arrived";
}

TEST_F(SendDiscovery, AFailedDeliveryIsToldThoughItsReportIsNotWritten) {  // D-06, V-01
  world.inbox.Script({Delivery::Kind::kRejected, false});
  world.store.commit_fault = [](int call) {
    return call == 1 ? CommitFault::kNone : CommitFault::kUnavailable;
  };
  world.ResetCounts();
  const auto reply = Discover();
  EXPECT_THAT(reply, FailsWith("inactive_email"));
  EXPECT_THAT(reply, HasEvent(EventKind::kDeliveryFailed));
}

TEST_F(SendDiscovery, ALateReportVoidsItsOwnCodeOnly) {  // D-06, EM-13
  ReportDiscoveryDeliveryRequest report;
  report.email_address = kAddress;
  EXPECT_THAT(world.engine.Run(report), FailsWith("bad_request")) << "of no message";
  const std::string first = Discovered();
  report.challenge_id = Received().challenge_id;
  report.delivery.kind = Delivery::Kind::kRejected;
  const std::string second = Discovered();
  EXPECT_FALSE(world.engine.Run(report).applied);
  report.challenge_id = Received().challenge_id;
  report.delivery.kind = Delivery::Kind::kAccepted;
  EXPECT_FALSE(world.engine.Run(report).applied);
  report.delivery.kind = Delivery::Kind::kUnknown;
  const auto unknown = world.engine.Run(report);
  EXPECT_FALSE(unknown.applied);
  EXPECT_THAT(unknown, HasEvent(EventKind::kDeliveryFailed));
  report.delivery.kind = Delivery::Kind::kUnavailable;
  const auto applied = world.engine.Run(report);
  EXPECT_TRUE(applied.applied);
  EXPECT_THAT(applied, HasEvent(EventKind::kChallengeDead));
  EXPECT_EQ(Remembered()->email.sends.count, 1);
  EXPECT_THAT(Show(second), FailsWith("otp_code_not_found"));
  EXPECT_FALSE(world.engine.Run(report).applied);
  report.email_address = "nobody@example.com";
  EXPECT_FALSE(world.engine.Run(report).applied);
  EXPECT_FALSE(Remembered("nobody@example.com"));
}

TEST_F(SendDiscovery, AReportUnderItsIdIsMadeOnce) {  // C-07, D-06
  ReportDiscoveryDeliveryRequest report;
  report.email_address = "ada";
  EXPECT_THAT(world.engine.Run(report), FailsWith("invalid_email"));
  report.email_address = kAddress;
  report.delivery.kind = Delivery::Kind::kRejected;
  Discovered();
  report.challenge_id = Received().challenge_id;
  CallOptions options;
  options.operation_id.bytes.fill(7);
  EXPECT_TRUE(world.engine.Run(report, options).applied);
  const auto again = world.engine.Run(report, options);
  EXPECT_THAT(again, Succeeds());
  EXPECT_EQ(again.events().size(), 0u);
}

TEST_F(SendDiscovery, GivesBackTwoRejectedSends) {  // D-02
  for (const int counted : {0, 0, 1, 2}) {
    world.inbox.Script({Delivery::Kind::kRejected, false});
    EXPECT_THAT(Discover(), FailsWith("inactive_email"));
    EXPECT_EQ(Remembered()->email.sends.count, counted);
  }
}

TEST_F(SendDiscovery, RepeatedUnderItsIdItSaysTheSame) {  // C-07
  CallOptions options;
  options.operation_id.bytes.fill(7);
  ASSERT_THAT(world.engine.Run(Discovery(), options), Succeeds());
  const auto again = world.engine.Run(Discovery(), options);
  EXPECT_THAT(again, Succeeds());
  EXPECT_EQ(again.events().size(), 0u);
  EXPECT_EQ(world.inbox.messages().size(), 1u);
  auto other = Discovery();
  other.locale = "fr";
  EXPECT_THAT(world.engine.Run(other, options), FailsWith("bad_request")) << "another request";
  ASSERT_THAT(Show(Code()), Succeeds());
  EXPECT_THAT(world.engine.Run(Discovery(), options), Succeeds())
      << "it is not the latest any more, so this is a send of its own";
  EXPECT_EQ(world.inbox.messages().size(), 2u);
  // A report changes what the send is recorded to have answered.
  options.operation_id.bytes.fill(8);
  world.inbox.Script({Delivery::Kind::kRejected, false});
  EXPECT_THAT(world.engine.Run(Discovery(), options), FailsWith("inactive_email"));
  EXPECT_THAT(world.engine.Run(Discovery(), options), FailsWith("inactive_email"));
  world.clock.Advance(hours(24));
  EXPECT_THAT(world.engine.Run(Discovery(), options), FailsWith("bad_request")) << "too late";
}

TEST_F(SendDiscovery, NothingIsDeliveredOnDoubt) {  // C-08
  world.ResetCounts();
  world.store.commit_fault = [](int) { return CommitFault::kUnknownLost; };
  EXPECT_THAT(Discover(), FailsWith("server_unavailable"));
  EXPECT_EQ(world.inbox.deliveries(), 0);
  world.ResetCounts();
  world.store.commit_fault = [](int call) {
    return call == 1 ? CommitFault::kUnknownApplied : CommitFault::kNone;
  };
  EXPECT_THAT(Discover(), Succeeds()) << "its own run is in the record";
  world.store.commit_fault = nullptr;
  EXPECT_EQ(world.inbox.deliveries(), 1);
}

class SandboxDiscovery : public DiscoveryTest {
 protected:
  static Policy Sandbox() {
    Policy policy;
    SandboxAddress one;
    one.address = "sandbox@example.com";
    one.code = "424242";
    one.until = Instant::FromUnixMillis(1767225600000) + hours(24);
    policy.sandbox_addresses.push_back(one);
    return policy;
  }
  SandboxDiscovery() : DiscoveryTest(Sandbox()) {}
};

TEST_F(SandboxDiscovery, HasItsFixedCodeAndDeliversNothing) {  // EM-34, X-01
  NotingGuard guard;
  const Quotas& asked = guard.asked;
  world.guard.set_inner(&guard);
  ASSERT_THAT(Discover("Sandbox@example.com"), Succeeds());
  EXPECT_EQ(asked.size(), 1u);
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_THAT(Show("424242", "sandbox@example.com"), Succeeds());
}

// ---- Authenticate ----

TEST_F(AuthenticateDiscovery, TheRightCodeAsksForASessionOfNoMember) {  // EM-26, SE-02, SE-03
  const std::string code = Discovered();
  const auto reply = Show(code, "Ada@Example.com");
  ASSERT_THAT(reply, Succeeds());
  EXPECT_EQ(reply.email_address.view(), "ada@example.com");
  const SessionEffect& effect = reply.session_effect;
  EXPECT_EQ(effect.kind, SessionEffect::Kind::kCreateIntermediate);
  EXPECT_TRUE(effect.credential.value.empty());
  EXPECT_TRUE(effect.organization_id.empty());
  EXPECT_TRUE(effect.member_id.empty());
  EXPECT_EQ(effect.duration, minutes(10));
  EXPECT_EQ(effect.proof.kind, FactorKind::kEmailPasscode);
  EXPECT_EQ(effect.proof.address.view(), "ada@example.com");
  EXPECT_EQ(effect.proof.id, Remembered()->email.id);
  EXPECT_EQ(effect.proof.at, world.clock.Now());
  EXPECT_THAT(reply, HasEvent(EventKind::kDiscoveryAuthenticated));
  EXPECT_EQ(reply.events().size(), 1u);
  EXPECT_EQ(Remembered()->email.challenge.state, ChallengeState::kUsed);
}

TEST_F(AuthenticateDiscovery, SendsNothingAndTakesNoStep) {  // EM-28
  Enroll();
  CreateMemberRequest invited;
  invited.invited = true;
  const Member eve = MakeMember("eve@example.com", invited);
  const Revision before = world.RevisionOf(eve);
  for (const char* address : {kAddress, "eve@example.com"}) {
    const std::string code = Discovered(address);
    const int deliveries = world.inbox.deliveries();
    ASSERT_THAT(Show(code, address), Succeeds());
    EXPECT_EQ(world.inbox.deliveries(), deliveries);
  }
  EXPECT_EQ(world.RevisionOf(eve), before) << "no Member is touched";
}

TEST_F(AuthenticateDiscovery, OnceOnly) {  // EM-12, A-02, A-03
  const std::string code = Discovered();
  ASSERT_THAT(Show(code), Succeeds());
  EXPECT_THAT(Show(code), FailsWith("unable_to_auth_otp_code"));
  EXPECT_THAT(Show(WrongCode(code)), FailsWith("unable_to_auth_otp_code"));
  EXPECT_TRUE(Remembered()->email.failures.recent.empty()) << "a dead code never counts";
}

TEST_F(AuthenticateDiscovery, IsOfItsAddressAndPurposeOnly) {  // EM-11, EM-12, A-07
  const std::string discovery = Discovered();
  const std::string login = Sent();
  const std::string other = Discovered("eve@example.com");
  EXPECT_THAT(Prove(discovery), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Show(login), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Show(other), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Show(discovery), Succeeds()) << "neither send touched the other's code";
  EXPECT_THAT(Prove(login), Succeeds());
}

TEST_F(AuthenticateDiscovery, ASupersededCodeIsDeadAndDoesNotCount) {  // EM-12, A-03, S-10
  const std::string first = Discovered();
  const std::string second = Discovered();
  EXPECT_THAT(Show(first), FailsWith("unable_to_auth_otp_code"));
  EXPECT_TRUE(Remembered()->email.failures.recent.empty());
  EXPECT_THAT(Show(second), Succeeds());
}

TEST_F(AuthenticateDiscovery, ChecksInTheOrderOfTheRule) {  // EM-26, EM-15
  AuthenticateDiscoveryPasscodeRequest request;
  EXPECT_THAT(world.engine.Run(request), FailsWith("bad_request"));
  request.email_address = "ada@example";
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_email"));
  request.email_address = kAddress;
  EXPECT_THAT(world.engine.Run(request), FailsWith("bad_request")) << "the code is absent";
  request.code.emplace("12a456");
  EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_code"));
  request.code.emplace(" 123 456 ");
  EXPECT_THAT(world.engine.Run(request), FailsWith("otp_code_not_found"));
}

TEST_F(AuthenticateDiscovery, WithoutACodeNothingIsWritten) {  // EM-14, EM-26
  EXPECT_THAT(Show("123456"), FailsWith("otp_code_not_found"));
  EXPECT_FALSE(Remembered()) << "a guess makes no record";
  const std::string code = Discovered();
  const auto revision = testing::LoadFrom(world.memory, RecordKey::Discovery(kAddress)).revision;
  EXPECT_THAT(Show(code + "7"), FailsWith("otp_code_not_found")) << "as where there is none";
  EXPECT_EQ(testing::LoadFrom(world.memory, RecordKey::Discovery(kAddress)).revision, revision);
  ASSERT_THAT(Show(code), Succeeds());
}

TEST_F(AuthenticateDiscovery, ACodeEndsWhenItsLifeIsOver) {  // EM-09, A-04, T-02
  const std::string code = Discovered();
  world.clock.Advance(minutes(10));
  const auto reply = Show(code);
  EXPECT_THAT(reply, FailsWith("unable_to_auth_otp_code"));
  EXPECT_THAT(reply, HasEvent(EventKind::kChallengeDead));
  EXPECT_EQ(Remembered()->email.challenge.state, ChallengeState::kExpired);
  world.clock.Advance(-minutes(5));
  EXPECT_THAT(Show(code), FailsWith("unable_to_auth_otp_code")) << "its end was seen";
}

TEST_F(AuthenticateDiscovery, EachWriteTellsTheChallengeTheTime) {  // T-02
  const std::string code = Discovered();
  world.clock.Advance(minutes(10));
  UnlockDiscoveryAddressRequest unlock;
  unlock.email_address = kAddress;
  ASSERT_TRUE(world.engine.Run(unlock).applied);
  world.clock.Advance(-minutes(5));
  EXPECT_THAT(Show(code), FailsWith("unable_to_auth_otp_code"));
}

TEST_F(AuthenticateDiscovery, ARestoreVoidsIt) {  // L-10
  const std::string code = Discovered();
  world.memory.BeginEpoch(9);
  EXPECT_THAT(Show(code), FailsWith("otp_code_not_found"));
}

TEST_F(AuthenticateDiscovery, FiveWrongCodesEndAChallenge) {  // A-13, V-02
  const std::string code = Discovered();
  for (int i = 1; i <= 5; ++i) {
    const auto reply = Show(WrongCode(code, i));
    EXPECT_THAT(reply, FailsWith("otp_code_not_found"));
    EXPECT_THAT(reply, HasEvent(EventKind::kFailure));
    EXPECT_EQ(reply.hints().tries_left, 5 - i);
    EXPECT_EQ(reply.events().Has(EventKind::kChallengeDead), i == 5);
    EXPECT_EQ(reply.events().factor, FactorKind::kEmailPasscode);
  }
  EXPECT_THAT(Show(code), FailsWith("unable_to_auth_otp_code"));
}

TEST_F(AuthenticateDiscovery, RepeatedUnderItsIdItGivesItsEffectAgain) {  // C-07
  const std::string code = Discovered();
  CallOptions options;
  options.operation_id.bytes.fill(3);
  const auto first = world.engine.Run(Answer(code), options);
  ASSERT_THAT(first, Succeeds());
  const auto again = world.engine.Run(Answer(code), options);
  ASSERT_THAT(again, Succeeds());
  EXPECT_EQ(again.session_effect.kind, SessionEffect::Kind::kCreateIntermediate);
  EXPECT_EQ(again.session_effect.proof.id, first.session_effect.proof.id);
  EXPECT_EQ(again.session_effect.proof.address, first.session_effect.proof.address);
  EXPECT_THAT(world.engine.Run(Answer(WrongCode(code)), options), FailsWith("bad_request"));
}

TEST_F(AuthenticateDiscovery, NothingIsAcceptedOnDoubt) {  // C-08
  const std::string code = Discovered();
  world.ResetCounts();
  world.store.commit_fault = [](int) { return CommitFault::kUnknownApplied; };
  world.store.fail_load = [](int call) { return call > 1; };
  EXPECT_THAT(Show(code), FailsWith("server_unavailable"));
}

// ---- The ledger ----

TEST_F(DiscoveryLedger, TenInARowLockTheAddressAndNothingElse) {  // L-12, L-02, A-06
  FailTimes(9);
  const std::string code = Discovered();
  const auto locks = Show(WrongCode(code));
  EXPECT_THAT(locks, FailsWith("otp_code_not_found"));
  EXPECT_THAT(locks, HasEvent(EventKind::kLocked));
  const auto locked = Show(code);
  EXPECT_THAT(locked, FailsWithCode(ErrorCode::kEmailLockLimitReached));
  EXPECT_EQ(locked.error().retry_after(), hours(1));
  EXPECT_THAT(locked, HasEvent(EventKind::kRefusedByLimit));
  EXPECT_THAT(Discover(), FailsWithCode(ErrorCode::kEmailLockLimitReached));
  EXPECT_THAT(Prove(Sent()), Succeeds()) << "the Member's own ledger is another";
  const auto shown = world.engine.Run(On<GetMemberRequest>(ada));
  EXPECT_FALSE(shown.member().is_locked);
  world.clock.Advance(hours(1));
  EXPECT_THAT(Show(Discovered()), Succeeds());
}

TEST_F(DiscoveryLedger, FourteenInThirtyDaysAreFree) {  // L-12, L-04
  for (int i = 0; i < 14; ++i) {
    world.clock.Advance(hours(1));
    const std::string code = Discovered();
    EXPECT_THAT(Show(WrongCode(code)), FailsWith("otp_code_not_found"));
    ASSERT_THAT(Show(code), Succeeds()) << "never ten in a row";
  }
  const std::string code = Discovered();
  const auto locks = Show(WrongCode(code));
  EXPECT_THAT(locks, HasEvent(EventKind::kLocked));
  EXPECT_EQ(Show(code).error().retry_after(), hours(48));
}

TEST_F(DiscoveryLedger, UnlockingAnAddressIsACommand) {  // L-12
  UnlockDiscoveryAddressRequest unlock;
  EXPECT_THAT(world.engine.Run(unlock), FailsWith("bad_request"));
  unlock.email_address = "ADA@example.com";
  const auto none = world.engine.Run(unlock);
  EXPECT_THAT(none, Succeeds());
  EXPECT_FALSE(none.applied);
  EXPECT_FALSE(Remembered());
  FailTimes(10);
  ASSERT_THAT(Discover(), FailsWithCode(ErrorCode::kEmailLockLimitReached));
  auto member = On<UnlockMemberRequest>(ada);
  ASSERT_THAT(world.engine.Run(member), Succeeds());
  ASSERT_THAT(Discover(), FailsWithCode(ErrorCode::kEmailLockLimitReached)) << "of the Member";
  const auto reply = world.engine.Run(unlock);
  EXPECT_TRUE(reply.applied);
  EXPECT_THAT(reply, HasEvent(EventKind::kUnlocked));
  EXPECT_TRUE(Remembered()->email.failures.recent.empty());
  EXPECT_TRUE(Remembered()->email.sends.empty());
  EXPECT_THAT(Show(Discovered()), Succeeds());
}

TEST_F(DiscoveryLedger, UnlockingUnderItsIdIsDoneOnce) {  // C-07, L-12
  Discovered();
  UnlockDiscoveryAddressRequest unlock;
  unlock.email_address = kAddress;
  CallOptions options;
  options.operation_id.bytes.fill(7);
  ASSERT_TRUE(world.engine.Run(unlock, options).applied);
  const auto again = world.engine.Run(unlock, options);
  EXPECT_THAT(again, Succeeds());
  EXPECT_EQ(again.events().size(), 0u);
  PurgeDiscoveryAddressRequest purge;
  purge.email_address = kAddress;
  options.operation_id.bytes.fill(8);
  EXPECT_TRUE(world.engine.Run(purge, options).applied);
  EXPECT_FALSE(Remembered());
}

TEST_F(DiscoveryLedger, PurgeForgetsTheAddress) {  // EM-25
  FailTimes(10);
  PurgeDiscoveryAddressRequest purge;
  purge.email_address = "ada@Example.com";
  const auto reply = world.engine.Run(purge);
  EXPECT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.applied);
  EXPECT_THAT(reply, HasEvent(EventKind::kDiscoveryPurged));
  EXPECT_FALSE(Remembered());
  const auto again = world.engine.Run(purge);
  EXPECT_THAT(again, Succeeds());
  EXPECT_FALSE(again.applied);
  EXPECT_EQ(again.events().size(), 0u);
  EXPECT_THAT(Show(Discovered()), Succeeds());
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kNone) << "the Member is not asked";
}

TEST_F(DiscoveryLedger, APurgeInDoubtIsLookedUp) {  // C-08
  Discovered();
  PurgeDiscoveryAddressRequest purge;
  purge.email_address = kAddress;
  world.ResetCounts();
  world.store.commit_fault = [](int call) {
    return call == 1 ? CommitFault::kUnknownApplied : CommitFault::kNone;
  };
  EXPECT_TRUE(world.engine.Run(purge).applied);
  world.store.commit_fault = nullptr;
  EXPECT_FALSE(Remembered());
  Discovered();
  world.ResetCounts();
  world.store.commit_fault = [](int call) {
    return call == 1 ? CommitFault::kUnknownLost : CommitFault::kNone;
  };
  EXPECT_TRUE(world.engine.Run(purge).applied);
  world.store.commit_fault = nullptr;
  EXPECT_FALSE(Remembered());
}

TEST_F(DiscoveryLedger, CountsForSprayingUnderTheProject) {  // L-14, L-08
  MemorySendGuard guard(world.clock, {1000, 3});
  world.guard.set_inner(&guard);
  int raised = 0;
  for (int i = 0; i < 4; ++i) {
    const std::string address = "p" + std::to_string(i) + "@example.com";
    raised += Show(WrongCode(Discovered(address)), address).events().Has(EventKind::kSpraying);
  }
  EXPECT_EQ(raised, 1);
  const std::string code = Sent();
  EXPECT_FALSE(Prove(WrongCode(code)).events().Has(EventKind::kSpraying))
      << "an Organization's failures are counted apart";
}

TEST_F(DiscoveryLedger, AClockThatWasAheadLocksNobodyForLong) {  // T-02, L-12
  world.clock.Advance(hours(24 * 365));
  FailTimes(10);
  world.clock.Advance(-hours(24 * 365));
  const auto reply = Discover();
  EXPECT_THAT(reply, FailsWithCode(ErrorCode::kEmailLockLimitReached));
  EXPECT_THAT(reply, HasEvent(EventKind::kClockAnomaly));
  world.clock.Advance(hours(2));
  EXPECT_THAT(Discover(), Succeeds());
}

TEST_F(DiscoveryLedger, ARecordThatCannotBeReadIsRefusedAndCanBePurged) {  // K-12, EM-25
  const RecordKey key = RecordKey::Discovery(kAddress);
  ASSERT_EQ(testing::CommitTo(world.memory, {{key, 0, "no record"}}), CommitOutcome::kCommitted);
  EXPECT_THAT(Discover(), FailsWith("internal_server_error"));
  EXPECT_THAT(Show("123456"), FailsWith("internal_server_error"));
  PurgeDiscoveryAddressRequest purge;
  purge.email_address = kAddress;
  EXPECT_TRUE(world.engine.Run(purge).applied);
  EXPECT_THAT(Discover(), Succeeds());
}

// ---- When it may be forgotten ----

class ForgettingDiscovery : public DiscoveryTest {
 protected:
  Instant ForgetAt() {
    const auto stored = testing::LoadFrom(world.memory, RecordKey::Discovery(kAddress));
    return ForgettableFrom(stored.bytes).value_or(Instant::Max());
  }
};

TEST_F(ForgettingDiscovery, NotBeforeItsWindowsAreEmpty) {  // EM-25
  const Policy& policy = world.config->policy();
  const Instant sent = world.clock.Now();
  auto request = Discovery();
  request.discovery_expiration_minutes = 2;
  ASSERT_THAT(world.engine.Run(request), Succeeds());
  EXPECT_EQ(ForgetAt(), sent + policy.email_sends_window + policy.clock_tolerance);
  world.clock.Advance(minutes(1));
  request.discovery_expiration_minutes = 15;
  ASSERT_THAT(world.engine.Run(request), Succeeds());
  EXPECT_EQ(ForgetAt(), world.clock.Now() + minutes(15) + policy.clock_tolerance) << "the code";
  EXPECT_THAT(Show(WrongCode(Code())), FailsWith("otp_code_not_found"));
  EXPECT_EQ(ForgetAt(), world.clock.Now() + hours(24 * 30) + policy.clock_tolerance)
      << "the failure";
  CallOptions options;
  options.operation_id.bytes.fill(4);
  PurgeDiscoveryAddressRequest purge;
  purge.email_address = kAddress;
  ASSERT_TRUE(world.engine.Run(purge).applied);
  ASSERT_THAT(world.engine.Run(Discovery(), options), Succeeds());
  EXPECT_EQ(ForgetAt(), world.clock.Now() + hours(24) + policy.clock_tolerance)
      << "its operation may be repeated";
}

TEST_F(ForgettingDiscovery, NotBeforeAGivenBackSendIsForgotten) {  // EM-25, D-02
  world.inbox.Script({Delivery::Kind::kRejected, false});
  EXPECT_THAT(Discover(), FailsWith("inactive_email"));
  EXPECT_EQ(ForgetAt(), world.clock.Now() + hours(24) + world.config->policy().clock_tolerance);
}

class BrieflyRemembered : public DiscoveryTest {
 protected:
  static Policy ShortWindow() {
    Policy policy;
    policy.email_passcode_digits = 10;
    policy.email_rolling_window = hours(1);
    policy.lock_duration = hours(5);
    policy.disable_after_failures = 11;
    return policy;
  }
  BrieflyRemembered() : DiscoveryTest(ShortWindow()) {}
  std::string Mailed() {
    EXPECT_THAT(Discover(), Succeeds());
    return world.inbox.LastCode(10);
  }
};

TEST_F(BrieflyRemembered, NotBeforeTheLockHasEnded) {  // EM-25, L-02, L-03
  for (int i = 0; i < 10; ++i) {
    world.clock.Advance(minutes(5));
    EXPECT_THAT(Show(WrongCode(Mailed())), FailsWith("otp_code_not_found"));
  }
  EXPECT_EQ(Remembered()->forget_at,
            world.clock.Now() + hours(5) + world.config->policy().clock_tolerance);
  world.clock.Advance(hours(5));
  EXPECT_THAT(Show(WrongCode(Mailed())), FailsWith("otp_code_not_found"));
  EXPECT_EQ(Remembered()->forget_at, Instant::Max()) << "a lock without end";
}

}  // namespace
}  // namespace otpcore
