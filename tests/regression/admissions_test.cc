// SPDX-License-Identifier: Apache-2.0
// What the guard is asked and told (L-06, L-07, C-07), and stores that leave records out.
#include "fixture.h"
#include "otpcore/adapters/memory_guard.h"

namespace otpcore {
namespace {

CallOptions Options(uint8_t id) {
  CallOptions options;
  options.operation_id.bytes[0] = id;
  return options;
}

// Quotas went by the caller's operation id: who used one id again sent without limit.
TEST(Admissions, AnOperationIdThatIsUsedAgainTakesQuotasAgain) {  // L-07
  Policy policy;
  policy.organization_sends_max = 3;
  World world(policy);
  MemorySendGuard guard(world.clock);
  world.guard.set_inner(&guard);
  const Organization organization = world.MakeOrganization();
  int sent = 0;
  for (int i = 0; i < 6; ++i) {
    const std::string number = "+1415555010" + std::to_string(i);
    sent += world.Send(world.MakeMember(organization), number, Options(1)).ok() ? 1 : 0;
  }
  EXPECT_EQ(sent, 3);
}

// Told of a refusal as if it had been an admission, a shared guard took each repetition for one
// that was returned.
TEST(Admissions, OnlyWhatWasGrantedIsSettled) {
  using Answer = testing::FaultyGuard::Answer;
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  world.guard.answer = [](int) { return Answer::kTooMany; };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "too_many_requests");
  EXPECT_EQ(world.guard.returned() + world.guard.spent(), 0);
  // An answer that was lost may have been an admission.
  world.guard.answer = [](int) { return Answer::kUnreachable; };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "server_unavailable");
  EXPECT_EQ(world.guard.returned(), 1);
}

// A refusal that had a clock anomaly to write was settled like a send.
TEST(Admissions, ARefusalThatIsWrittenGivesBack) {  // L-06, T-02
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  world.clock.Advance(std::chrono::hours(24));
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");
  world.clock.Advance(-std::chrono::hours(24));
  const int spent = world.guard.spent();
  world.guard.answer = [](int) { return testing::FaultyGuard::Answer::kUnreachable; };
  const Revision before = world.RevisionOf(ada);
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "server_unavailable");
  EXPECT_NE(world.RevisionOf(ada), before);
  EXPECT_EQ(world.guard.spent(), spent);
  EXPECT_EQ(world.guard.returned(), 1);
}

// Nor is it known to be a send when nobody knows whether it was written.
TEST(Admissions, ARefusalInDoubtGivesBack) {  // L-06, T-02, C-08
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization());
  world.clock.Advance(std::chrono::hours(24));
  ASSERT_EQ(ErrorTypeOf(world.Send(ada, kNumber)), "");
  world.clock.Advance(-std::chrono::hours(24));
  world.ResetCounts();
  world.guard.answer = [](int) { return testing::FaultyGuard::Answer::kUnreachable; };
  world.store.commit_fault = [&](int) {
    world.store.fail_load = [](int) { return true; };
    return testing::FaultyStore::CommitFault::kUnknownApplied;
  };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "server_unavailable");
  EXPECT_EQ(world.guard.spent(), 0);
  EXPECT_EQ(world.guard.returned(), 1);
}

// An admission was kept over a conflict though the number had become another: that one got SMS
// without limit.
TEST(Admissions, OfOneNumberAdmitNoOther) {  // L-06, L-07
  Policy policy;
  policy.number_sends_max = 1;
  policy.replace_pending_number = true;
  World world(policy);
  MemorySendGuard guard(world.clock);
  world.guard.set_inner(&guard);
  const Organization organization = world.MakeOrganization();
  int delivered = 0;
  for (int i = 0; i < 4; ++i) {
    const Member ada = world.MakeMember(organization);
    ASSERT_EQ(ErrorTypeOf(world.Send(ada, "+1415555010" + std::to_string(i))), "");
    world.clock.Advance(std::chrono::hours(1));
    const int before = world.inbox.deliveries();
    world.store.before_commit = [&](const Changes&) {
      auto update = testing::On<UpdateMemberRequest>(ada, Actor::Host());
      update.mfa_phone_number = kOtherNumber;
      EXPECT_EQ(ErrorTypeOf(world.engine.Run(std::move(update))), "");
    };
    EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "server_unavailable");
    world.store.before_commit = nullptr;
    delivered += world.inbox.deliveries() - before;
    auto leave = testing::On<DeleteMemberRequest>(ada);
    ASSERT_EQ(ErrorTypeOf(world.engine.Run(std::move(leave))), "");
  }
  EXPECT_EQ(delivered, 0);
}

// The store was unavailable once after the admission; each repetition is asked for anew.
TEST(Admissions, ARepetitionAfterAnUnavailableStoreIsAskedForAnew) {  // C-07
  World world;
  MemorySendGuard guard(world.clock);
  world.guard.set_inner(&guard);
  const Member ada = world.MakeMember(world.MakeOrganization());
  world.store.commit_fault = [](int) { return testing::FaultyStore::CommitFault::kUnavailable; };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada, kNumber, Options(1))), "server_unavailable");
  EXPECT_EQ(world.guard.returned(), 1);
  world.store.commit_fault = nullptr;
  EXPECT_EQ(ErrorTypeOf(world.Send(ada, kNumber, Options(1))), "");
  EXPECT_EQ(world.guard.questions(), 2);
}

}  // namespace
}  // namespace otpcore
