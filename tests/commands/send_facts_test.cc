// SPDX-License-Identifier: Apache-2.0
// What a send asks the guard for and what it leaves behind, field by field: quotas, challenge,
// message, hints, writes (S-09, S-10, L-06, L-07, T-02, D-05, D-07).
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Answers as it is told, and remembers the last question.
struct AskedGuard final : SendGuard {
  Admission Admit(const AdmissionId& asked_as, const Quotas& asked) override {
    id = asked_as;
    quotas = asked;
    ++questions;
    return answer;
  }
  void Settle(const AdmissionId& settled, Settlement) override { EXPECT_EQ(settled, id); }
  void Observe(EventList*) override {}

  Admission answer;
  AdmissionId id;
  Quotas quotas;
  int questions = 0;
};

// No two figures alike.
Policy OddPolicy() {
  Policy policy;
  policy.passcode_digits = 8;
  policy.passcode_life = seconds(90);
  policy.sends_max = 3;
  policy.number_sends_max = 11;
  policy.region_sends_max = 101;
  policy.organization_sends_max = 1001;
  policy.conversion_ended_min = 51;
  policy.conversion_percent_min = 12;
  return policy;
}

class SendFacts : public ::testing::Test {
 protected:
  SendFacts() { world.guard.set_inner(&guard); }
  static CallOptions Operation(uint8_t id) {
    CallOptions options;
    options.operation_id.bytes[0] = id;
    return options;
  }

  World world{OddPolicy()};
  AskedGuard guard;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeMember(organization);
};

void ExpectQuota(const Quota& quota, const Quota& expected) {
  EXPECT_EQ(quota.subject, expected.subject);
  EXPECT_EQ(quota.organization_id, expected.organization_id);
  EXPECT_EQ(quota.address, expected.address);
  EXPECT_EQ(quota.region, expected.region);
  EXPECT_EQ(quota.max, expected.max);
  EXPECT_EQ(quota.min_ended, expected.min_ended);
  EXPECT_EQ(quota.window, expected.window);
  EXPECT_EQ(quota.life, expected.life);
  EXPECT_EQ(quota.member_id, expected.member_id);
  EXPECT_EQ(quota.replaces, expected.replaces);
}

TEST_F(SendFacts, AsksForFourQuotasForANumberThatIsNotVerified) {  // L-06, L-07
  using Subject = Quota::Subject;
  const EntityId& acme = organization.organization_id;
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber, Operation(7))), "");
  EXPECT_NE(guard.id, Operation(7).operation_id);
  ASSERT_EQ(guard.quotas.size(), 4u);
  ExpectQuota(guard.quotas[0], {Subject::kAddress, {}, kNumber, {}, 11, 0, hours(1)});
  ExpectQuota(guard.quotas[1], {Subject::kRegion, acme, {}, "US", 101, 0, hours(1)});
  ExpectQuota(guard.quotas[2], {Subject::kOrganization, acme, {}, {}, 1001, 0, hours(1)});
  Quota conversion = {Subject::kConversion, acme, kNumber, "US", 12, 51, hours(24), seconds(90),
                      member.member_id};
  ExpectQuota(guard.quotas[3], conversion);
  const ChallengeId first = world.RecordOf(member)->challenge.id;
  EXPECT_EQ(guard.id, first);
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(guard.questions, 2) << "at each send while it is pending";
  conversion.replaces = first;
  ExpectQuota(guard.quotas[3], conversion);
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(guard.questions, 2) << "for a verified number nobody is asked";
}

TEST_F(SendFacts, ReplacesOnlyALivePasscode) {  // L-07
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  testing::Kept<MemberRecord> record = *world.RecordOf(member);
  for (const ChallengeState state :
       {ChallengeState::kNone, ChallengeState::kUsed, ChallengeState::kExpired,
        ChallengeState::kExhausted, ChallengeState::kVoid}) {
    record.challenge.state = state;
    record.sends = {};
    world.Put(record);
    ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
    EXPECT_TRUE(guard.quotas[3].replaces.empty()) << static_cast<int>(state);
  }
}

TEST_F(SendFacts, TheGuardIsToldTheHandset) {  // L-07, N-08
  world.guard.set_inner(nullptr);
  Policy policy = OddPolicy();
  policy.allowed_regions = {"AR"};
  const auto config = TestConfig(policy);
  Engine argentine(*config,
                   {world.clock, world.random, world.store, world.sessions, world.inbox, guard});
  auto request = On<SendSmsOtpRequest>(member);
  request.mfa_phone_number = "+5491123456789";
  ASSERT_EQ(ErrorTypeOf(argentine.Run(request)), "");
  EXPECT_EQ(guard.quotas[0].address.view(), "+541123456789");
  EXPECT_EQ(guard.quotas[3].address.view(), "+541123456789");
}

// After a conflict all is drawn anew, but for the id that the guard knows.
TEST_F(SendFacts, APasscodeHasTheIdOfItsAdmission) {  // L-07, V-01
  using CommitFault = testing::FaultyStore::CommitFault;
  int conflicts = 2;
  std::vector<AdmissionId> asked;
  world.store.commit_fault = [&](int) {
    asked.push_back(guard.id);
    return conflicts-- > 0 ? CommitFault::kConflict : CommitFault::kNone;
  };
  const auto sent = world.Send(member, kNumber);
  ASSERT_EQ(ErrorTypeOf(sent), "");
  EXPECT_EQ(asked, std::vector<AdmissionId>(3, guard.id));
  EXPECT_FALSE(guard.id.empty());
  EXPECT_EQ(world.RecordOf(member)->challenge.id, guard.id);
  EXPECT_EQ(world.inbox.messages().back().challenge_id, guard.id);
}

TEST_F(SendFacts, ARefusalOfTheGuardNamesTheWait) {  // L-06, L-07, X-02
  using Kind = Admission::Kind;
  const auto reply_to = [&](Kind kind) {
    guard.answer = {kind, minutes(7)};
    return world.Send(member, kNumber);
  };
  const auto too_many = reply_to(Kind::kTooMany);
  EXPECT_EQ(ErrorTypeOf(too_many), "too_many_requests");
  EXPECT_EQ(too_many.error().retry_after(), minutes(7));
  const auto too_few = reply_to(Kind::kTooFewAuthenticated);
  EXPECT_EQ(ErrorTypeOf(too_few), "too_few_tokens_authenticated");
  EXPECT_EQ(too_few.error().retry_after(), minutes(7));
  EXPECT_EQ(ErrorTypeOf(reply_to(Kind::kUnreachable)), "server_unavailable");
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kNone);
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_EQ(ErrorTypeOf(reply_to(Kind::kAdmitted)), "");
}

TEST_F(SendFacts, APolicyMaySendWithoutTheGuard) {  // L-07
  Policy policy;
  policy.send_when_guard_unreachable = true;
  World open(policy);
  open.guard.answer = [](int) { return Admission::Kind::kUnreachable; };
  EXPECT_EQ(ErrorTypeOf(open.Send(open.MakeMember(open.MakeOrganization()), kNumber)), "");
}

TEST_F(SendFacts, TheChallengeSaysWhenAndByWhomItWasIssued) {  // S-09, T-02, L-10, D-05
  world.memory.BeginEpoch(5);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber, Operation(7))), "");
  const Instant now = world.clock.Now();
  const auto record = *world.RecordOf(member);
  const Challenge& challenge = record.challenge;
  EXPECT_EQ(challenge.state, ChallengeState::kLive);
  EXPECT_EQ(challenge.id, world.inbox.messages().back().challenge_id);
  EXPECT_EQ(challenge.issued_at, now);
  EXPECT_EQ(challenge.expires_at, now + seconds(90));
  EXPECT_EQ(challenge.latest_seen, now);
  EXPECT_EQ(challenge.epoch, 5u);
  EXPECT_EQ(challenge.digits, 8);
  EXPECT_EQ(challenge.failures, 0);
  EXPECT_TRUE(challenge.linked_its_address);
  EXPECT_EQ(challenge.issued_by, record.mark.run);
  EXPECT_NE(challenge.issued_by, 0u);
  EXPECT_EQ(challenge.digest.key_id, world.config->keys().current_id());
  EXPECT_TRUE(challenge.superseded_id.empty());
  EXPECT_EQ(record.updated_at, now);
  EXPECT_EQ(record.mark.id, Operation(7).operation_id);
  EXPECT_EQ(record.mark.command, CommandKind::kSendSmsOtp);
  EXPECT_EQ(record.mark.answer, 0);
  ASSERT_EQ(record.sends.count, 1);
  EXPECT_EQ(record.sends[0], now);

  // A resend: the challenge before is remembered, and nothing is linked any more.
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  const Challenge next = world.RecordOf(member)->challenge;
  EXPECT_NE(next.id, challenge.id);
  EXPECT_EQ(next.superseded_id, challenge.id);
  EXPECT_EQ(next.superseded_digest.bytes, challenge.digest.bytes);
  EXPECT_FALSE(next.linked_its_address);
}

TEST_F(SendFacts, TheMessageSaysForWhomAndUntilWhen) {  // D-07
  int messages = 0;
  world.store.before_commit = [&](const Changes& changes) {
    ASSERT_NE(changes.message, nullptr);
    ++messages;
    const Message& message = *changes.message;
    EXPECT_EQ(message.organization_id, organization.organization_id);
    EXPECT_EQ(message.member_id, member.member_id);
    EXPECT_EQ(message.to.view(), kNumber);
    EXPECT_EQ(message.expires_at, world.clock.Now() + seconds(90));
    ASSERT_EQ(changes.writes.size(), 2u) << "the Member with the mark, then the claim";
    EXPECT_EQ(changes.writes[0].key->kind(), RecordKind::kMember);
    EXPECT_EQ(changes.writes[1].key->kind(), RecordKind::kPhoneClaim);
  };
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  EXPECT_EQ(messages, 1);
}

TEST_F(SendFacts, TheHostHearsWhatIsLeft) {  // L-06
  for (int left = 2; left >= 0; --left) {
    const auto reply = world.Send(member, kNumber);
    ASSERT_EQ(ErrorTypeOf(reply), "");
    const Hints& hints = reply.hints();
    EXPECT_EQ(hints.expires_at, world.clock.Now() + seconds(90));
    EXPECT_EQ(hints.sends_left, left);
    const Instant last_leaves = world.clock.Now() - seconds(2) + minutes(10);
    EXPECT_EQ(hints.next_send_at, left > 0 ? world.clock.Now() : last_leaves);
    EXPECT_EQ(hints.tries_left, 0);
    world.clock.Advance(seconds(1));
  }
}

// S-10, A-03: whatever ended it, but one that was never delivered.
TEST_F(SendFacts, ACodeThatSomebodyMayHoldIsRememberedAsSuperseded) {
  const auto superseded_after = [&](ChallengeState state) {
    auto record = *world.RecordOf(member);
    record.sends = {};
    record.challenge.state = state;
    record.challenge.id.bytes[0] = 9;
    world.Put(record);
    EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
    return !world.RecordOf(member)->challenge.superseded_id.empty();
  };
  EXPECT_FALSE(superseded_after(ChallengeState::kNone));
  EXPECT_TRUE(superseded_after(ChallengeState::kLive));
  EXPECT_TRUE(superseded_after(ChallengeState::kUsed));
  EXPECT_TRUE(superseded_after(ChallengeState::kExpired));
  EXPECT_TRUE(superseded_after(ChallengeState::kExhausted));
  EXPECT_FALSE(superseded_after(ChallengeState::kVoid));
}

}  // namespace
}  // namespace otpcore
