// SPDX-License-Identifier: Apache-2.0
// MemorySendGuard at the edges of its windows and of its memory, and which refusal it names (L-06,
// L-07, L-08).
#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

#include "otpcore/adapters/memory_guard.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/faults.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = Admission::Kind;

class GuardLimits : public ::testing::Test {
 protected:
  static Quota Number(const char* number, int max = 1) {
    return {Quota::Subject::kAddress, {}, number, {}, max, 0, hours(1)};
  }
  static Quota OfOrganization(const char* organization, int max = 1) {
    return {Quota::Subject::kOrganization, organization, {}, {}, max, 0, hours(1)};
  }
  static Quota Conversion(const char* region) {
    return {Quota::Subject::kConversion, "o", "+0", region, 50, 2, hours(24), minutes(2), "m"};
  }
  static OperationId Op(uint8_t number) {
    OperationId id;
    id.bytes[0] = number;
    return id;
  }
  Admission Admit(const Quotas& quotas) { return guard.Admit(Op(++operation), quotas); }
  EventList Observe(std::initializer_list<EventKind> kinds) {
    EventList events;
    events.organization_id = "o";
    for (const EventKind kind : kinds) {
      Event event;
      event.kind = kind;
      events.Add(event);
    }
    guard.Observe(&events);
    return events;
  }

  testing::VirtualClock clock;
  MemorySendGuard guard{clock, {8, 3}};
  uint8_t operation = 0;
};

TEST_F(GuardLimits, TheLongestWaitIsTold) {  // L-06, L-07
  ASSERT_EQ(Admit({Number("+1")}).kind, Kind::kAdmitted);
  clock.Advance(minutes(20));
  ASSERT_EQ(Admit({OfOrganization("o")}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({Number("+1")}).retry_after, minutes(40));
  EXPECT_EQ(Admit({Number("+1"), OfOrganization("o")}).retry_after, hours(1));
  EXPECT_EQ(Admit({OfOrganization("o"), Number("+1")}).retry_after, hours(1));
  // Who admits says nothing of the wait.
  EXPECT_EQ(Admit({Number("+1"), OfOrganization("o", 2)}).retry_after, minutes(40));
}

TEST_F(GuardLimits, GivesBackEveryQuotaOfAnOperation) {  // D-03
  ASSERT_EQ(guard.Admit(Op(1), {Number("+1"), OfOrganization("o")}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 3u);
  EXPECT_EQ(guard.size(), 3u);
  guard.Settle(Op(1), Settlement::kReturned);
  EXPECT_EQ(guard.size(), 2u) << "what an operation took is forgotten with it";
  EXPECT_EQ(guard.Admit(Op(1), {Number("+1")}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.Admit(Op(2), {OfOrganization("o")}).kind, Kind::kAdmitted);
}

TEST_F(GuardLimits, WhatHasLeftTheWindowIsNotGivenBackToo) {  // D-03, L-06
  ASSERT_EQ(guard.Admit(Op(1), {Number("+1", 2)}).kind, Kind::kAdmitted);
  clock.Advance(minutes(50));
  ASSERT_EQ(guard.Admit(Op(2), {Number("+1", 2)}).kind, Kind::kAdmitted);
  clock.Advance(minutes(10));
  ASSERT_EQ(guard.Admit(Op(3), {Number("+1", 2)}).kind, Kind::kAdmitted);
  guard.Settle(Op(1), Settlement::kReturned);
  EXPECT_EQ(guard.Admit(Op(4), {Number("+1", 2)}).kind, Kind::kTooMany);
}

TEST_F(GuardLimits, LooksForRoomOnceAMinute) {
  for (const char* number : {"+1", "+2", "+3", "+4"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 8u);
  clock.Advance(minutes(59) + seconds(30));
  const Admission refused = Admit({Number("+5")});
  EXPECT_EQ(refused.kind, Kind::kTooMany);
  EXPECT_EQ(refused.retry_after, minutes(1));
  clock.Advance(minutes(1) - Duration(1));  // all could be forgotten by now
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kTooMany);
  clock.Advance(Duration(1));
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 2u);
}

TEST_F(GuardLimits, EachKindOfQuotaAndEachOrganizationHasAKeyOfItsOwn) {  // L-07
  const Quota region = {Quota::Subject::kRegion, "o", {}, "US", 1, 0, hours(1)};
  const Quota likeness = {Quota::Subject::kRegion, "oU", {}, "S", 1, 0, hours(1)};
  ASSERT_EQ(Admit({region, Conversion("US"), OfOrganization("o"), likeness}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 5u);
  Observe({EventKind::kFailure});
  EXPECT_EQ(guard.size(), 6u);
}

TEST_F(GuardLimits, TakesItsLastKeysWithoutLookingForRoom) {
  for (const char* number : {"+1", "+2", "+3"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  clock.Advance(hours(1));
  ASSERT_EQ(Admit({Number("+4")}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 8u) << "nothing was forgotten yet";
  ASSERT_EQ(Admit({Number("+5")}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 4u);
  ASSERT_EQ(Admit({OfOrganization("o"), OfOrganization("p")}).kind, Kind::kAdmitted);
  Observe({EventKind::kFailure});
  EXPECT_EQ(guard.size(), 8u) << "failures take the last one too";
}

TEST_F(GuardLimits, LooksForRoomOnceInAnInstantToo) {
  for (const char* number : {"+1", "+2", "+3", "+4"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kTooMany);
  guard.Settle(Op(1), Settlement::kReturned);
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kTooMany) << "its number would be found empty now";
  clock.Advance(minutes(1));
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kAdmitted);
}

TEST_F(GuardLimits, KeepsForTheWindowLastAskedFor) {  // L-06
  Quota longer = Number("+1");
  longer.window = hours(2);
  ASSERT_EQ(Admit({Number("+1")}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({longer}).kind, Kind::kTooMany);
  clock.Advance(hours(1));
  for (const char* number : {"+2", "+3", "+4"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  ASSERT_EQ(Admit({OfOrganization("o")}).kind, Kind::kTooMany)
      << "room for one, and two are needed";
  EXPECT_EQ(Admit({longer}).kind, Kind::kTooMany);
}

TEST_F(GuardLimits, KeepsWhatStillCountsWhenItMakesRoom) {
  ASSERT_EQ(guard.Admit(Op(1), {Number("+1")}).kind, Kind::kAdmitted);
  clock.Advance(minutes(30));
  ASSERT_EQ(guard.Admit(Op(2), {Number("+2"), OfOrganization("o"), OfOrganization("p")}).kind,
            Kind::kAdmitted);
  ASSERT_EQ(guard.Admit(Op(5), {OfOrganization("q")}).kind, Kind::kAdmitted);
  EXPECT_EQ(guard.size(), 8u);
  clock.Advance(minutes(30));
  EXPECT_EQ(guard.Admit(Op(3), {Number("+3")}).kind, Kind::kAdmitted) << "the first is forgotten";
  EXPECT_EQ(guard.size(), 8u);
  EXPECT_EQ(guard.Admit(Op(4), {Number("+2")}).kind, Kind::kTooMany);
  EXPECT_EQ(guard.Admit(Op(2), {Number("+2")}).kind, Kind::kAdmitted) << "the same operation";
}

TEST_F(GuardLimits, AClockThatStepsBackMakesRoom) {  // T-02
  for (const char* number : {"+1", "+2", "+3", "+4"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kTooMany);
  clock.Advance(-hours(1));
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kTooMany);
  clock.Advance(-Duration(1));  // the operations were of a wrong clock
  EXPECT_EQ(Admit({Number("+5")}).kind, Kind::kAdmitted);
}

TEST_F(GuardLimits, AClockThatStepsBackByAWindowIsTakenForRight) {  // T-02
  ASSERT_EQ(Admit({Number("+1")}).kind, Kind::kAdmitted);
  clock.Advance(-hours(1));
  EXPECT_EQ(Admit({Number("+1")}).retry_after, hours(2));
  clock.Advance(-Duration(1));
  EXPECT_EQ(Admit({Number("+1")}).retry_after, hours(1)) << "now it was a wrong one";
}

TEST_F(GuardLimits, EachAdmissionLeavesAtItsOwnTimeThoughTheClockStepsBack) {  // L-06, T-02
  ASSERT_EQ(Admit({Number("+1", 2)}).kind, Kind::kAdmitted);
  clock.Advance(-minutes(30));
  ASSERT_EQ(Admit({Number("+1", 2)}).kind, Kind::kAdmitted);
  clock.Advance(hours(1));
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kAdmitted) << "the second has left";
  EXPECT_EQ(Admit({Number("+1", 2)}).kind, Kind::kTooMany);
}

TEST_F(GuardLimits, OneOfThreeThatLeavesMakesRoomForOne) {  // L-06
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Admit({Number("+1", 3)}).kind, Kind::kAdmitted);
    clock.Advance(minutes(20));
  }
  EXPECT_EQ(Admit({Number("+1", 3)}).kind, Kind::kAdmitted);
  EXPECT_EQ(Admit({Number("+1", 3)}).kind, Kind::kTooMany);
}

TEST_F(GuardLimits, ASuccessIsNoFailure) {  // L-08
  for (int i = 0; i < 4; ++i) {
    const EventList seen = Observe({EventKind::kAuthenticated, EventKind::kNumberVerified});
    EXPECT_FALSE(seen.Has(EventKind::kSpraying)) << i;
  }
  EXPECT_EQ(guard.size(), 0u);
}

TEST_F(GuardLimits, WhatIsNeitherFailureNorProofCostsNothing) {
  testing::FaultyClock counted(clock);
  MemorySendGuard own(counted);
  EventList events;
  Event sent;
  sent.kind = EventKind::kSent;
  events.Add(sent);
  own.Observe(&events);
  EXPECT_EQ(counted.readings(), 0);
}

TEST_F(GuardLimits, SprayingIsRaisedAtItsTimeAndOnceUntilItCalms) {  // L-08
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying)) << i;
    clock.Advance(minutes(10));
  }
  const EventList raised = Observe({EventKind::kFailure});
  ASSERT_TRUE(raised.Has(EventKind::kSpraying));
  EXPECT_EQ((raised.end() - 1)->at, clock.Now());
  EXPECT_FALSE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying));
  // Calm: three within the hour are not too many, and the next one raises it again.
  clock.Advance(hours(1));
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying)) << i;
  EXPECT_TRUE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying));
}

TEST_F(GuardLimits, FailuresTakeRoomAndKeepItWhileTheyCount) {  // L-08
  for (const char* number : {"+1", "+2", "+3", "+4"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  for (int i = 0; i < 4; ++i)
    EXPECT_FALSE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying)) << "there is no room";
  EXPECT_EQ(guard.size(), 8u);
  clock.Advance(hours(1));
  for (int i = 0; i < 3; ++i) Observe({EventKind::kFailure});
  EXPECT_EQ(guard.size(), 1u);
  for (const char* number : {"+1", "+2", "+3"})
    ASSERT_EQ(Admit({Number(number)}).kind, Kind::kAdmitted);
  clock.Advance(minutes(30));
  EXPECT_EQ(Admit({Number("+4")}).kind, Kind::kTooMany) << "looked for room and found none";
  EXPECT_TRUE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying));
}

TEST_F(GuardLimits, FailuresLeaveAtTheirTimePlusAnHour) {  // L-08
  for (int i = 0; i < 3; ++i) Observe({EventKind::kFailure});
  clock.Advance(hours(1) - Duration(1));
  EXPECT_TRUE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying));
  clock.Advance(Duration(1));
  EXPECT_FALSE(Observe({EventKind::kFailure}).Has(EventKind::kSpraying));
}

}  // namespace
}  // namespace otpcore
