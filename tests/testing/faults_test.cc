// SPDX-License-Identifier: Apache-2.0
#include "otpcore/testing/faults.h"

#include <gtest/gtest.h>

#include <array>
#include <tuple>

#include "otpcore/adapters/memory_guard.h"
#include "otpcore/testing/records.h"
#include "otpcore/testing/world.h"

namespace otpcore {
namespace testing {
namespace {

TEST(FaultyClock, ShowsTheInnerClockUntilToldOtherwise) {
  VirtualClock inner;
  FaultyClock clock(inner);
  const Instant start = inner.Now();
  EXPECT_EQ(clock.Now(), start);
  clock.show = [](int reading, Instant now) {
    return reading == 2 ? now - std::chrono::hours(1) : now;
  };
  EXPECT_EQ(clock.Now(), start - std::chrono::hours(1));
  EXPECT_EQ(clock.Now(), start);
  EXPECT_EQ(clock.readings(), 3);
}

TEST(FaultyRandom, FailsOrSticksAtTheCallThatIsChosen) {
  SeededRandom inner;
  SeededRandom same;
  FaultyRandom random(inner);
  random.fill_fault = [](int call) {
    return call == 1   ? FaultyRandom::FillFault::kFails
           : call == 2 ? FaultyRandom::FillFault::kStuck
                       : FaultyRandom::FillFault::kNone;
  };
  std::array<uint8_t, 8> bytes{};
  EXPECT_FALSE(random.Fill(bytes.data(), bytes.size()));
  EXPECT_EQ(bytes[3], 0xFF);
  EXPECT_EQ(bytes[4], 0);
  EXPECT_TRUE(random.Fill(bytes.data(), bytes.size()));
  EXPECT_EQ(bytes[7], 0xFF);
  std::array<uint8_t, 8> expected{};
  EXPECT_TRUE(random.Fill(bytes.data(), bytes.size()));
  EXPECT_TRUE(same.Fill(expected.data(), expected.size()));
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(random.fills(), 3);
}

// What each fault of a delivery answers, how many SMS arrive, and what the caller hears.
struct DeliveryCase {
  FaultySink::DeliveryFault fault;
  Delivery::Kind kind;
  bool unsubscribed;
  int received;
  const char* error_type;
};

TEST(FaultySink, EachFaultAnswersAndDeliversAsItSays) {
  using Fault = FaultySink::DeliveryFault;
  using Kind = Delivery::Kind;
  const char* carrier = "downstream_carrier_error";
  const DeliveryCase cases[] = {
      {Fault::kNone, Kind::kAccepted, false, 1, ""},
      {Fault::kTwice, Kind::kAccepted, false, 1, ""},  // one key, one SMS
      {Fault::kRejected, Kind::kRejected, false, 0, carrier},
      {Fault::kUnsubscribed, Kind::kRejected, true, 0, "unsubscribed_phone_number"},
      {Fault::kUnavailable, Kind::kUnavailable, false, 0, carrier},
      {Fault::kUnknownLost, Kind::kUnknown, false, 0, carrier},
      {Fault::kUnknownSent, Kind::kUnknown, false, 1, carrier},
  };
  for (const DeliveryCase& c : cases) {
    World world;
    const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
    const size_t before = world.inbox.messages().size();
    world.sink.delivery_fault = [&](int) { return c.fault; };
    EXPECT_EQ(ErrorTypeOf(world.Send(ada)), c.error_type) << static_cast<int>(c.fault);
    EXPECT_EQ(world.inbox.messages().size() - before, static_cast<size_t>(c.received))
        << static_cast<int>(c.fault);
    Message message;
    message.challenge_id.bytes[0] = 1;
    const Delivery told = world.sink.Deliver(message);
    EXPECT_EQ(told.kind, c.kind) << static_cast<int>(c.fault);
    EXPECT_EQ(told.unsubscribed, c.unsubscribed) << static_cast<int>(c.fault);
  }
}

TEST(FaultySink, ARetryingGatewayIsTwoDeliveriesOfOneSms) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  const int before = world.inbox.deliveries();
  world.sink.delivery_fault = [](int) { return FaultySink::DeliveryFault::kTwice; };
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(world.inbox.deliveries() - before, 2);
}

Quotas OneSendToANumber(int max) {
  Quota quota;
  quota.address = kNumber;
  quota.max = max;
  quota.window = std::chrono::hours(1);
  return {quota};
}
OperationId Operation(uint8_t number) {
  OperationId id;
  id.bytes[0] = number;
  return id;
}

TEST(FaultyGuard, AnswersInPlaceOfTheInnerGuardWhichHearsNothing) {
  VirtualClock clock;
  MemorySendGuard inner(clock);
  FaultyGuard guard(&inner);
  guard.answer = [](int question) {
    return question == 1 ? Admission::Kind::kUnreachable : Admission::Kind::kAdmitted;
  };
  EXPECT_EQ(guard.Admit(Operation(1), OneSendToANumber(1)).kind, Admission::Kind::kUnreachable);
  EXPECT_EQ(inner.size(), 0u);
  EXPECT_EQ(guard.Admit(Operation(2), OneSendToANumber(1)).kind, Admission::Kind::kAdmitted);
  EXPECT_EQ(guard.Admit(Operation(3), OneSendToANumber(1)).kind, Admission::Kind::kTooMany);
  EXPECT_EQ(guard.questions(), 3);
}

TEST(FaultyGuard, WithoutAnInnerGuardEverythingIsAdmitted) {
  FaultyGuard guard;
  EXPECT_EQ(guard.Admit(Operation(1), OneSendToANumber(0)).kind, Admission::Kind::kAdmitted);
  guard.Settle(Operation(1), Settlement::kSpent);
  EventList events;
  guard.Observe(&events);
  EXPECT_EQ(events.size(), 0u);
}

TEST(FaultyGuard, SettlementsCanGetLost) {
  for (const bool lost : {false, true}) {
    VirtualClock clock;
    MemorySendGuard inner(clock);
    FaultyGuard guard(&inner);
    guard.lose_settlements = lost;
    ASSERT_EQ(guard.Admit(Operation(1), OneSendToANumber(1)).kind, Admission::Kind::kAdmitted);
    guard.Settle(Operation(1), Settlement::kReturned);
    const auto next = guard.Admit(Operation(2), OneSendToANumber(1)).kind;
    EXPECT_EQ(next, lost ? Admission::Kind::kTooMany : Admission::Kind::kAdmitted);
    EXPECT_EQ(guard.returned(), 1);
    EXPECT_EQ(guard.spent(), 0);
  }
}

TEST(FaultyStore, UnknownIsAppliedOrLostAsItSays) {
  for (const bool applied : {true, false}) {
    MemoryStore memory;
    FaultyStore store(memory);
    store.commit_fault = [&](int) {
      return applied ? FaultyStore::CommitFault::kUnknownApplied
                     : FaultyStore::CommitFault::kUnknownLost;
    };
    EXPECT_EQ(CommitTo(store, {{RecordKey::MemberName("acme", "ada"), 0, "x"}}),
              CommitOutcome::kUnknown);
    EXPECT_EQ(memory.size(), applied ? 1u : 0u);
    EXPECT_EQ(store.commits(), 1);
  }
}

// A commit that the hook makes is not the hook's affair, whoever's it is.
TEST(FaultyStore, ACommitCanBeNestedBeforeACommit) {
  World world;
  World other;
  const Organization acme = world.MakeOrganization();
  const Member ada = world.MakeVerifiedMember(acme);
  const Member bob = world.MakeVerifiedMember(acme, kOtherNumber);
  const Member eve = other.MakeVerifiedMember(other.MakeOrganization());
  int hooks = 0;
  int others = 0;
  world.store.before_commit = [&](const Changes&) {
    ++hooks;
    EXPECT_EQ(ErrorTypeOf(world.Send(bob)), "");
    EXPECT_EQ(ErrorTypeOf(other.Send(eve)), "");
  };
  other.store.before_commit = [&](const Changes&) {
    ++others;
    EXPECT_EQ(ErrorTypeOf(world.Send(bob)), "");
  };
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(hooks, 1);
  EXPECT_EQ(others, 1) << "another store's hook is called";
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
  EXPECT_EQ(hooks, 2);
}

TEST(FaultyStore, AHookThatThrewIsCalledAgain) {
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  int hooks = 0;
  world.store.before_commit = [&](const Changes&) {
    ++hooks;
    SetupFailed("a test that is wrong");
  };
  EXPECT_THROW(std::ignore = world.Send(ada), std::logic_error);
  EXPECT_THROW(std::ignore = world.Send(ada), std::logic_error);
  EXPECT_EQ(hooks, 2);
}

TEST(FaultySessions, FailAtTheCallThatIsChosen) {
  using Fault = FaultySessions::ApplyFault;
  World world;
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  world.sessions.fail_find = [](int call) { return call == 1; };
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "server_unavailable");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "");
  EXPECT_EQ(world.sessions.finds(), 2);
  EXPECT_EQ(world.sessions.applies(), 1);
  world.sessions.fail_find = nullptr;

  for (const Fault fault : {Fault::kRefused, Fault::kUnknownApplied}) {
    const bool applied = fault == Fault::kUnknownApplied;
    ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
    world.ResetCounts();
    world.sessions.apply_fault = [&](int call) { return call == 1 ? fault : Fault::kNone; };
    auto proof = On<AuthenticateSmsOtpRequest>(ada);
    proof.code.emplace(world.Code());
    proof.session = world.Full(ada);
    const SessionCredential credential = {SessionCredential::Kind::kSessionToken,
                                          proof.session.session_token};
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(std::move(proof))), "server_unavailable");
    EXPECT_EQ(world.directory.Find(credential).session->factors.HasSecond(), applied);
    // The passcode stays used.
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "unable_to_auth_otp_code");
  }
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
