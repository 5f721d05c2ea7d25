// SPDX-License-Identifier: Apache-2.0
// Explain: every reason that a command refuses a Member for is named, with the same end.
#include "otpcore/model/explain.h"

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class ExplainTest : public ::testing::Test {
 protected:
  std::vector<Hold> Holds() {
    return Explain(*world.RecordOf(member), world.config->policy(), world.clock.Now());
  }
  void ExpectHold(const Hold& hold, HoldKind kind, Instant since, std::optional<Instant> until) {
    EXPECT_EQ(hold.kind, kind);
    EXPECT_EQ(hold.since, since) << RuleOf(kind);
    EXPECT_EQ(hold.until, until) << RuleOf(kind);
    EXPECT_FALSE(RuleOf(kind).empty());
    EXPECT_FALSE(EndOf(kind).empty());
  }
  void Fail(int times) {
    for (int i = 0; i < times; ++i) {
      if (i % 5 == 0) {
        ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
      }
      ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, World::Wrong(world.Code()))),
                "otp_code_not_found");
    }
  }
  MemberRecord Lock(LockRule rule) {
    MemberRecord record = *world.RecordOf(member);
    record.failures.lock_rule = rule;
    record.failures.locked_at = now;
    record.failures.locked_until = now + hours(1);
    record.failures.disabled = rule == LockRule::kFailuresSinceSuccess;
    return record;
  }

  World world;
  Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const Instant now = world.clock.Now();
};

TEST_F(ExplainTest, NothingHoldsAMemberWhoDidNothing) { EXPECT_TRUE(Holds().empty()); }

TEST_F(ExplainTest, ALockAndItsRule) {  // L-02, L-03, L-04
  Fail(10);
  ExpectHold(Holds().at(0), HoldKind::kLockedInARow, now, now + hours(1));
  const Policy policy;
  ExpectHold(Explain(Lock(LockRule::kRollingFailures), policy, now).at(0),
             HoldKind::kLockedByBudget, now, now + hours(1));
  ExpectHold(Explain(Lock(LockRule::kFailuresSinceSuccess), policy, now).at(0),
             HoldKind::kLockedForGood, now, std::nullopt);
  world.clock.Advance(hours(1));
  EXPECT_TRUE(Holds().empty());
}

TEST_F(ExplainTest, ABudgetThatIsSpent) {  // L-04
  MemberRecord record = *world.RecordOf(member);
  const Policy policy;
  for (int i = 0; i < 25; ++i) record.failures.recent.Push(now - hours(25 - i), 25);
  const auto holds = Explain(record, policy, now);
  ASSERT_EQ(holds.size(), 1u);
  ExpectHold(holds[0], HoldKind::kBudgetSpent, now - hours(1), now - hours(25) + hours(24 * 30));
  EXPECT_TRUE(Explain(record, policy, *holds[0].until).empty());
  record.failures.recent.RemoveAt(3);
  EXPECT_TRUE(Explain(record, policy, now).empty());
}

TEST_F(ExplainTest, SendsAsTheSendIsRefused) {  // L-06
  world.clock.Advance(hours(24));
  const Instant first = world.clock.Now();
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  ASSERT_EQ(Holds().size(), 1u);
  ExpectHold(Holds()[0], HoldKind::kSendsOfWindow, first, first + minutes(10));
  world.clock.Advance(minutes(7));
  for (int i = 5; i < 15; ++i) {
    world.clock.Advance(minutes(3));
    ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  }
  const Instant latest = world.clock.Now();
  world.clock.Advance(minutes(3));
  ASSERT_EQ(Holds().size(), 1u);
  ExpectHold(Holds()[0], HoldKind::kSendsOfDay, latest, first + hours(24));
  EXPECT_EQ(world.Send(member).error().retry_after(), first + hours(24) - world.clock.Now());

  Policy slow;
  slow.send_interval_min = minutes(5);
  ExpectHold(Explain(*world.RecordOf(member), slow, world.clock.Now()).at(1),
             HoldKind::kSendInterval, latest, latest + minutes(5));
}

TEST_F(ExplainTest, WhatHoldsPasscodesByEmailBack) {  // L-12, EM-21
  const Policy policy;
  MemberRecord record = *world.RecordOf(member);
  FailureLedger& failures = record.email.failures;
  failures.lock_rule = LockRule::kFailuresInARow;
  failures.locked_at = now;
  failures.locked_until = now + hours(1);
  ExpectHold(Explain(record, policy, now).at(0), HoldKind::kEmailLockedInARow, now, now + hours(1));
  failures.lock_rule = LockRule::kRollingFailures;
  ExpectHold(Explain(record, policy, now).at(0), HoldKind::kEmailLockedByBudget, now,
             now + hours(1));
  failures.disabled = true;
  ExpectHold(Explain(record, policy, now).at(0), HoldKind::kEmailLockedForGood, now, std::nullopt);
  failures = FailureLedger();
  for (int i = 1; i <= 14; ++i) failures.recent.Push(now + minutes(i), 14);
  ExpectHold(Explain(record, policy, now + minutes(14)).at(0), HoldKind::kEmailBudgetSpent,
             now + minutes(14), now + minutes(1) + hours(24 * 30));
  failures = FailureLedger();
  for (int i = 0; i < 5; ++i) record.email.sends.Push(now + minutes(i), 5);
  const auto holds = Explain(record, policy, now + minutes(5));
  ASSERT_EQ(holds.size(), 1u);
  ExpectHold(holds[0], HoldKind::kEmailSendsOfWindow, now + minutes(4), now + minutes(10));
  EXPECT_TRUE(Explain(record, policy, now + minutes(10)).empty());
}

// What holds an address back is what its commands are refused for, and ends when they are not.
TEST_F(ExplainTest, WhatHoldsAnAddressBack) {  // L-12, EM-24
  const Policy policy;
  const std::string address = "ada@example.com";
  const auto record = [&] {
    testing::Kept<DiscoveryRecord> kept;
    EXPECT_TRUE(
        testing::ReadStored(testing::LoadFrom(world.memory, RecordKey::Discovery(address)), &kept));
    return kept;
  };
  const auto send = [&] {
    SendDiscoveryPasscodeRequest request;
    request.email_address = address;
    return ErrorTypeOf(world.engine.Run(request));
  };
  EXPECT_TRUE(Explain(DiscoveryRecord(), policy, now).empty());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(send(), "");
  auto holds = Explain(record(), policy, now);
  ASSERT_EQ(holds.size(), 1u);
  ExpectHold(holds[0], HoldKind::kDiscoverySendsOfWindow, now, now + minutes(10));
  EXPECT_EQ(send(), "too_many_requests");
  world.clock.Advance(minutes(10));
  EXPECT_TRUE(Explain(record(), policy, world.clock.Now()).empty());
  EXPECT_EQ(send(), "");

  auto locked = record();
  FailureLedger& failures = locked.email.failures;
  failures.lock_rule = LockRule::kFailuresInARow;
  failures.locked_at = now;
  failures.locked_until = now + hours(1);
  ExpectHold(Explain(locked, policy, now).at(0), HoldKind::kDiscoveryLockedInARow, now,
             now + hours(1));
  failures.lock_rule = LockRule::kRollingFailures;
  ExpectHold(Explain(locked, policy, now).at(0), HoldKind::kDiscoveryLockedByBudget, now,
             now + hours(1));
  failures.disabled = true;
  ExpectHold(Explain(locked, policy, now).at(0), HoldKind::kDiscoveryLockedForGood, now,
             std::nullopt);
  failures = FailureLedger();
  for (int i = 1; i <= 14; ++i) failures.recent.Push(now + minutes(i), 14);
  ExpectHold(Explain(locked, policy, now + minutes(14)).at(0), HoldKind::kDiscoveryBudgetSpent,
             now + minutes(14), now + minutes(1) + hours(24 * 30));
  EXPECT_TRUE(Explain(*world.RecordOf(member), policy, now).empty()) << "no Member is held";
}

TEST_F(ExplainTest, ACodeThatOthersMayNotReplace) {  // S-21
  auto send = On<SendSmsOtpRequest>(member);
  send.session = world.Full(member);
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(send)), "");
  ASSERT_EQ(Holds().size(), 1u);
  ExpectHold(Holds()[0], HoldKind::kCodeOfOtherSession, now, now + seconds(60));
  MemberRecord record = *world.RecordOf(member);
  const Policy policy;
  EXPECT_TRUE(Explain(record, policy, now + seconds(60)).empty());
  record.challenge.device = 5;
  EXPECT_EQ(Explain(record, policy, now).at(0).kind, HoldKind::kCodeOfOtherSession) << "forgotten";
  record.devices.Add().tag = 5;
  ExpectHold(Explain(record, policy, now).at(0), HoldKind::kCodeOfKnownDevice, now,
             now + minutes(2));
  EXPECT_TRUE(Explain(record, policy, now + minutes(2)).empty());
  record.challenge.state = ChallengeState::kUsed;
  EXPECT_TRUE(Explain(record, policy, now).empty());
}

}  // namespace
}  // namespace otpcore
