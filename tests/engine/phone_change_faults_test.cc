// SPDX-License-Identifier: Apache-2.0
// A change of phone that breaks off at any need, in any way: the Member has the old number or the
// new one, verified and claimed for good; never none, never both (E-04, C-08).
#include <functional>

#include "otpcore/testing/matchers.h"
#include "phone_changes.h"
#include "stepper.h"

namespace otpcore {
namespace {

using CommitFault = testing::FaultyStore::CommitFault;
using testing::FailsWith;
using testing::Succeeds;

class PhoneChangeFaults : public PhoneChanges {
 protected:
  // The Member's number, which must be one of the two, with its claim and without the other's.
  std::string TheNumber() {
    const auto record = Record();
    EXPECT_EQ(record.phone.state, EnrollmentState::kVerified);
    const std::string number = record.phone.number.str();
    EXPECT_TRUE(number == kNumber || number == kOtherNumber) << number;
    const std::string other = number == kNumber ? kOtherNumber : kNumber;
    EXPECT_EQ(Claim(number), "ada for good");
    EXPECT_EQ(Claim(other).find("for good"), std::string::npos) << "two claims for good";
    EXPECT_NE(record.candidate.phone.number, number);
    return number;
  }
  // Sign-in and change still work, whatever was left behind.
  void ExpectAlive() {
    const std::string number = TheNumber();
    ASSERT_THAT(world.Send(ada), Succeeds());
    ASSERT_EQ(world.inbox.messages().back().to, number);
    ASSERT_THAT(world.Authenticate(ada, world.Code()), Succeeds());
    const std::string other = number == kNumber ? kOtherNumber : kNumber;
    ASSERT_THAT(Start(other), Succeeds());
    ASSERT_THAT(Finish(world.Code()), Succeeds());
    EXPECT_EQ(Record().phone.number, other);
    EXPECT_EQ(Claim(other), "ada for good");
    EXPECT_EQ(Claim(number), "nobody");
  }
};

// One world for each place in which the host may die.
template <typename Test, typename Act>
void CrashAtEachNeed(const Act& act) {
  bool done = false;
  for (int steps = 0; !done; ++steps) {
    SCOPED_TRACE("dead after " + std::to_string(steps) + " needs");
    ASSERT_LT(steps, 10);
    struct Fresh : Test {
      void TestBody() override {}
      using Test::ada, Test::ExpectAlive, Test::Finish, Test::in_session, Test::Numbers,
          Test::Start, Test::TheNumber, Test::world;
    } test;
    done = act(&test, steps);
    test.ExpectAlive();
  }
}

TEST_F(PhoneChangeFaults, AStartThatDiesLeavesTheOldNumber) {  // E-04
  CrashAtEachNeed<PhoneChangeFaults>([](auto* in, int steps) {
    Stepper start(in->world, StartChange(in->ada, in->in_session, kOtherNumber), 1);
    for (int i = 0; i < steps && !start.done(); ++i) start.Step();
    EXPECT_EQ(in->TheNumber(), kNumber);
    return start.done();
  });
}

TEST_F(PhoneChangeFaults, AFinishThatDiesLeavesOneNumber) {  // E-04, C-08
  int old_ones = 0;
  int new_ones = 0;
  CrashAtEachNeed<PhoneChangeFaults>([&](auto* in, int steps) {
    EXPECT_THAT(in->Start(), Succeeds());
    Stepper finish(in->world, FinishChange(in->ada, in->in_session, in->world.Code()), 2);
    for (int i = 0; i < steps && !finish.done(); ++i) finish.Step();
    ++(in->TheNumber() == kNumber ? old_ones : new_ones);
    EXPECT_EQ(in->TheNumber() == kNumber, !finish.done()) << "the commit is its last need";
    return finish.done();
  });
  EXPECT_EQ(old_ones, 3);
  EXPECT_EQ(new_ones, 1);
}

TEST_F(PhoneChangeFaults, ACommitOfUnknownOutcomeIsFoundOut) {  // C-08
  bool first = false;
  for (const CommitFault fault : {CommitFault::kUnknownApplied, CommitFault::kUnknownLost}) {
    world.store.commit_fault = [&first, fault](int) {
      return std::exchange(first, false) ? fault : CommitFault::kNone;
    };
    first = true;
    const std::string to = TheNumber() == kNumber ? kOtherNumber : kNumber;
    const int deliveries = world.inbox.deliveries();
    ASSERT_THAT(Start(to), Succeeds());
    EXPECT_EQ(world.inbox.deliveries(), deliveries + 1);
    first = true;
    ASSERT_THAT(Finish(world.Code()), Succeeds());
    EXPECT_EQ(TheNumber(), to);
  }
  ExpectAlive();
}

TEST_F(PhoneChangeFaults, ACommitThatStaysUnknownIsAnsweredByItsRepetition) {  // C-07, C-08
  for (const CommitFault fault : {CommitFault::kUnknownApplied, CommitFault::kUnknownLost}) {
    const std::string was = TheNumber();
    ASSERT_THAT(Start(was == kNumber ? kOtherNumber : kNumber), Succeeds());
    const std::string code = world.Code();
    world.store.ResetCounts();
    world.store.commit_fault = [&](int) { return fault; };
    world.store.fail_load = [](int call) { return call > 2; };
    CallOptions options;
    options.operation_id.bytes[0] = static_cast<uint8_t>(fault);
    EXPECT_THAT(Finish(code, options), FailsWith("server_unavailable"));
    world.store.commit_fault = nullptr;
    world.store.fail_load = nullptr;
    EXPECT_EQ(TheNumber() == was, fault == CommitFault::kUnknownLost);
    ASSERT_THAT(Finish(code, options), Succeeds());
    EXPECT_NE(TheNumber(), was);
  }
}

TEST_F(PhoneChangeFaults, APortThatFailsChangesNothing) {  // C-06, K-12
  ASSERT_THAT(Start(), Succeeds());
  const std::string code = world.Code();
  const Revision before = world.RevisionOf(ada);
  for (int failing = 1; failing <= 2; ++failing) {
    world.store.ResetCounts();
    world.store.fail_load = [failing](int call) { return call == failing; };
    EXPECT_THAT(Finish(code), FailsWith("server_unavailable"));
  }
  world.store.fail_load = nullptr;
  world.store.commit_fault = [](int) { return CommitFault::kUnavailable; };
  EXPECT_THAT(Finish(code), FailsWith("server_unavailable"));
  EXPECT_THAT(Start(kThirdNumber), FailsWith("server_unavailable"));
  world.store.commit_fault = nullptr;
  EXPECT_EQ(world.RevisionOf(ada), before);
  ASSERT_THAT(Finish(code), Succeeds());
}

TEST_F(PhoneChangeFaults, AClaimThatCannotBeReadAnswersNobody) {  // K-12
  ASSERT_THAT(Start(), Succeeds());
  for (const char* number : {kNumber, kOtherNumber}) {
    const RecordKey key = RecordKey::PhoneClaim(organization.organization_id, number);
    const auto stored = testing::LoadFrom(world.memory, key);
    ASSERT_EQ(testing::CommitTo(world.memory, {{key, stored.revision, "no claim"}}),
              CommitOutcome::kCommitted);
    EXPECT_THAT(Finish(world.Code()), FailsWith("internal_server_error"));
    const Revision revision = testing::LoadFrom(world.memory, key).revision;
    ASSERT_EQ(testing::CommitTo(world.memory, {{key, revision, stored.bytes}}),
              CommitOutcome::kCommitted);
  }
  EXPECT_THAT(Finish(world.Code()), Succeeds());
}

// Two hosts finish at once, or one finishes while the other starts with another number.
TEST_F(PhoneChangeFaults, HostsThatMeetLeaveOneNumber) {  // E-04, A-02
  for (const bool both_finish : {true, false}) {
    for (int first = 0; first <= 3; ++first) {
      struct Fresh : PhoneChangeFaults {
        void TestBody() override {}
        using PhoneChangeFaults::ada, PhoneChangeFaults::Claim, PhoneChangeFaults::in_session,
            PhoneChangeFaults::Numbers, PhoneChangeFaults::Start, PhoneChangeFaults::world;
      } in;
      ASSERT_THAT(in.Start(), Succeeds());
      const std::string code = in.world.Code();
      Stepper one(in.world, FinishChange(in.ada, in.in_session, code), 1);
      for (int i = 0; i < first && !one.done(); ++i) one.Step();
      std::string other;
      if (both_finish) {
        Stepper two(in.world, FinishChange(in.ada, in.in_session, code), 2);
        while (!two.done()) two.Step();
        other = two.error_type();
      } else {
        Stepper two(in.world, StartChange(in.ada, in.in_session, kThirdNumber), 2);
        while (!two.done()) two.Step();
        other = two.error_type();
      }
      while (!one.done()) one.Step();
      if (both_finish) {
        EXPECT_NE(one.error_type().empty(), other.empty()) << "the code succeeds once";
        EXPECT_EQ(in.Numbers(), "+16502530000 verified");
        EXPECT_EQ(in.Claim(kNumber), "nobody");
      } else {
        EXPECT_EQ(other, "");
        EXPECT_EQ(in.Numbers(), one.error_type().empty()
                                    ? "+16502530000 verified to +16135550187 open"
                                    : "+14155550123 verified to +16135550187 open");
      }
    }
  }
}

}  // namespace
}  // namespace otpcore
