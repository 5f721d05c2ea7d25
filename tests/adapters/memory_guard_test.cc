// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/memory_guard.h"

#include <gtest/gtest.h>

#include <string>

#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using Kind = Admission::Kind;

class MemoryGuardTest : public ::testing::Test {
 protected:
  static OperationId Op(uint64_t number) {
    OperationId id;
    for (size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<uint8_t>(number >> (8 * i));
    id.bytes[15] = 1;
    return id;
  }
  static Quota Number(const char* number, int max) {
    Quota quota;
    quota.subject = Quota::Subject::kAddress;
    quota.address = number;
    quota.max = max;
    quota.window = hours(1);
    return quota;
  }
  static Quota ForOrganization(const char* organization, int max) {
    Quota quota;
    quota.subject = Quota::Subject::kOrganization;
    quota.organization_id = organization;
    quota.max = max;
    quota.window = hours(1);
    return quota;
  }
  // Of a Member and a number of its own.
  Quota Conversion(const char* organization) {
    const std::string own = std::to_string(++people);
    Quota quota;
    quota.subject = Quota::Subject::kConversion;
    quota.organization_id = organization;
    quota.region = "US";
    quota.max = 10;
    quota.min_ended = 50;
    quota.window = hours(24);
    quota.life = minutes(2);
    quota.member_id = "member" + own;
    quota.address = "+" + own;
    return quota;
  }
  Admission Admit(const Quotas& quotas) { return guard.Admit(Op(++operation), quotas); }
  void Prove(const OperationId& id) {
    EventList events;
    for (const EventKind kind : {EventKind::kAuthenticated, EventKind::kNumberVerified}) {
      Event event;
      event.kind = kind;
      event.challenge_id = id;
      events.Add(event);
    }
    guard.Observe(&events);
  }
  bool Fail(const char* organization) {
    EventList events;
    events.organization_id = organization;
    Event event;
    event.kind = EventKind::kFailure;
    events.Add(event);
    guard.Observe(&events);
    return events.Has(EventKind::kSpraying);
  }

  testing::VirtualClock clock;
  MemorySendGuard guard{clock, {1000, 100}};
  uint64_t operation = 0;
  int people = 0;
};

TEST_F(MemoryGuardTest, AnAdmissionLeavesAtItsTimePlusWindow) {  // L-06
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kAdmitted);
  clock.Advance(minutes(20));
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kAdmitted);
  const Admission refused = Admit({Number("+1", 2)});
  EXPECT_EQ(refused.kind, Kind::kTooMany);
  EXPECT_EQ(refused.retry_after, minutes(40));
  EXPECT_EQ(Admit({Number("+2", 2)}).kind, Kind::kAdmitted);
  clock.Advance(minutes(40) - Duration(1));
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kTooMany);
  clock.Advance(Duration(1));
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kTooMany);
}

TEST_F(MemoryGuardTest, TakesAllQuotasOrNone) {  // L-07
  ASSERT_EQ(Admit({Number("+1", 1)}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({ForOrganization("o", 1), Number("+1", 1)}).kind, Kind::kTooMany);
  EXPECT_EQ(Admit({ForOrganization("o", 1)}).kind, Kind::kAdmitted);
  ASSERT_EQ(Admit({Number("+2", 1), ForOrganization("p", 1), Number("+3", 1)}).kind,
            Kind::kAdmitted);
  EXPECT_EQ(Admit({Number("+2", 1)}).kind, Kind::kTooMany);
  EXPECT_EQ(Admit({ForOrganization("p", 1)}).kind, Kind::kTooMany);
  EXPECT_EQ(Admit({Number("+3", 1)}).kind, Kind::kTooMany);
}

TEST_F(MemoryGuardTest, ARepeatedOperationTakesNothing) {  // C-07
  EXPECT_EQ(guard.Admit(Op(1), {Number("+1", 2)}).kind, Kind::kAdmitted);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(guard.Admit(Op(1), {Number("+1", 2)}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.Admit(Op(2), {Number("+1", 2)}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.Admit(Op(3), {Number("+1", 2)}).kind, Kind::kTooMany);
  EXPECT_EQ(guard.Admit(Op(1), {Number("+1", 2)}).kind, Kind::kAdmitted);
}

TEST_F(MemoryGuardTest, GivesBackWhatSurelyWasNotSent) {  // D-03
  ASSERT_EQ(guard.Admit(Op(1), {Number("+1", 1)}).kind, Kind::kAdmitted);
  guard.Settle(Op(1), Settlement::kSpent);
  EXPECT_EQ(guard.Admit(Op(2), {Number("+1", 1)}).kind, Kind::kTooMany);
  guard.Settle(Op(1), Settlement::kReturned);
  guard.Settle(Op(1), Settlement::kReturned);  // once is enough
  EXPECT_EQ(guard.Admit(Op(2), {Number("+1", 1)}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.Admit(Op(3), {Number("+1", 1)}).kind, Kind::kTooMany);
}

TEST_F(MemoryGuardTest, OrganizationsDoNotShareQuotas) {  // L-07
  EXPECT_EQ(Admit({ForOrganization("a", 1)}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({ForOrganization("a", 1)}).kind, Kind::kTooMany);
  EXPECT_EQ(Admit({ForOrganization("b", 1)}).kind, Kind::kAdmitted);
}

TEST_F(MemoryGuardTest, RefusesWhenTooFewAuthenticate) {  // L-07
  for (int i = 0; i < 50; ++i) ASSERT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted) << i;
  EXPECT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted);  // none has ended yet
  clock.Advance(minutes(2));
  const Admission refused = Admit({Conversion("o")});
  EXPECT_EQ(refused.kind, Kind::kTooFewAuthenticated);
  EXPECT_EQ(refused.retry_after, hours(24));
  EXPECT_EQ(Admit({Conversion("other")}).kind, Kind::kAdmitted);
  for (uint64_t i = 1; i <= 5; ++i) Prove(Op(i));
  EXPECT_EQ(Admit({Conversion("o")}).kind, Kind::kTooFewAuthenticated);  // 5 of 51
  Prove(Op(6));
  EXPECT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted);
  clock.Advance(hours(24));
  EXPECT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted);
}

TEST_F(MemoryGuardTest, FailingOnPurposeBendsNothing) {  // L-07
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted);
    Prove(Op(operation));
  }
  clock.Advance(minutes(2));
  for (int i = 0; i < 1000; ++i) Fail("o");
  EXPECT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted);
  // Nor do wrong codes pass for answers: who pumps can give as many as they like.
  for (int i = 0; i < 50; ++i) ASSERT_EQ(Admit({Conversion("p")}).kind, Kind::kAdmitted);
  clock.Advance(minutes(2));
  for (int i = 0; i < 100; ++i) Fail("p");
  EXPECT_EQ(Admit({Conversion("p")}).kind, Kind::kTooFewAuthenticated);
}

TEST_F(MemoryGuardTest, SuccessesWithoutAdmissionsCountNothing) {  // L-07
  for (uint64_t i = 1; i <= 100; ++i) Prove(Op(1000 + i));
  for (int i = 0; i < 50; ++i) ASSERT_EQ(Admit({Conversion("o")}).kind, Kind::kAdmitted);
  clock.Advance(minutes(2));
  EXPECT_EQ(Admit({Conversion("o")}).kind, Kind::kTooFewAuthenticated);
}

TEST_F(MemoryGuardTest, AClockThatStepsBackAdmitsNoMore) {  // T-02
  EXPECT_EQ(Admit({Number("+1", 1)}).kind, Kind::kAdmitted);
  clock.Advance(-minutes(30));
  const Admission refused = Admit({Number("+1", 1)});
  EXPECT_EQ(refused.kind, Kind::kTooMany);
  EXPECT_EQ(refused.retry_after, minutes(90));
  // Further back than the window: it was a wrong clock, and counts as now.
  clock.Advance(-hours(24));
  EXPECT_EQ(Admit({Number("+1", 1)}).retry_after, hours(1));
  clock.Advance(hours(1));
  EXPECT_EQ(Admit({Number("+1", 1)}).kind, Kind::kAdmitted);
}

TEST_F(MemoryGuardTest, RefusesWhenItIsFullAndRecovers) {
  size_t admitted = 0;
  for (int i = 0; i < 2000; ++i)
    admitted += Admit({Number(("+" + std::to_string(i)).c_str(), 10)}).kind == Kind::kAdmitted;
  EXPECT_EQ(admitted, 500u);  // a number and an operation each
  EXPECT_EQ(guard.size(), 1000u);
  // Known numbers are still counted right, and refusals take no room.
  const Admission refused = Admit({Number("+5000", 10)});
  EXPECT_EQ(refused.kind, Kind::kTooMany);
  EXPECT_GT(refused.retry_after, Duration(0));
  clock.Advance(hours(1));
  EXPECT_EQ(Admit({Number("+5000", 10)}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 2u);
}

TEST_F(MemoryGuardTest, RaisesSprayingOnceUntilItCalmsDown) {  // L-08
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Fail("o"));
  EXPECT_TRUE(Fail("o"));
  EXPECT_FALSE(Fail("o"));
  EXPECT_FALSE(Fail("other"));
  clock.Advance(hours(1));
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(Fail("o"));
  EXPECT_TRUE(Fail("o"));
}

}  // namespace
}  // namespace otpcore
