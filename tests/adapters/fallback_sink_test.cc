// SPDX-License-Identifier: Apache-2.0
// FallbackSink: a second gateway, and never two messages on doubt (D-01 … D-04, D-07).
#include "otpcore/adapters/fallback_sink.h"

#include <new>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

using Kind = Delivery::Kind;

// Answers what it is told to, and counts the messages that it was handed.
class ScriptedSink : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    ++asked;
    last = message.challenge_id;
    if (throws) throw std::bad_alloc();
    return {answer, unsubscribed};
  }
  Kind answer = Kind::kAccepted;
  bool unsubscribed = false;
  bool throws = false;
  int asked = 0;
  ChallengeId last;
};

class FallbackSinkTest : public ::testing::Test {
 protected:
  FallbackSinkTest() : sink(first, second, clock) { MakeMessage(1); }
  void MakeMessage(uint8_t number) {
    message.challenge_id.bytes[0] = number;
    message.expires_at = clock.Now() + std::chrono::minutes(2);
  }
  Kind Deliver() { return sink.Deliver(message).kind; }

  testing::VirtualClock clock;
  ScriptedSink first, second;
  FallbackSink sink;
  Message message;
};

TEST_F(FallbackSinkTest, AsksTheSecondOnlyWhenTheFirstSurelySentNothing) {  // D-03, D-04
  for (const Kind kind : {Kind::kAccepted, Kind::kRejected, Kind::kUnknown}) {
    MakeMessage(static_cast<uint8_t>(kind));
    first.answer = kind;
    EXPECT_EQ(Deliver(), kind);
    EXPECT_EQ(second.asked, 0);
  }
  first.answer = Kind::kUnavailable;
  for (const Kind kind : {Kind::kAccepted, Kind::kRejected, Kind::kUnknown, Kind::kUnavailable}) {
    MakeMessage(static_cast<uint8_t>(10 + static_cast<int>(kind)));
    second.answer = kind;
    EXPECT_EQ(Deliver(), kind);
    EXPECT_EQ(second.last, message.challenge_id) << "one idempotency key for both";
    EXPECT_EQ(first.last, message.challenge_id);
  }
  EXPECT_EQ(second.asked, 4);
}

TEST_F(FallbackSinkTest, TellsThatThePersonOptedOut) {  // D-02
  first.answer = Kind::kUnavailable;
  second.answer = Kind::kRejected;
  second.unsubscribed = true;
  EXPECT_TRUE(sink.Deliver(message).unsubscribed);
  EXPECT_TRUE(sink.Deliver(message).unsubscribed) << "and again";
}

TEST_F(FallbackSinkTest, WhatWasTakenReachesNoGatewayAgain) {  // D-07
  EXPECT_EQ(Deliver(), Kind::kAccepted);
  first.answer = Kind::kUnavailable;
  EXPECT_EQ(Deliver(), Kind::kAccepted);
  EXPECT_EQ(first.asked + second.asked, 1);

  MakeMessage(2);
  EXPECT_EQ(Deliver(), Kind::kAccepted) << "by the second";
  first.answer = Kind::kAccepted;
  EXPECT_EQ(Deliver(), Kind::kAccepted);
  EXPECT_EQ(first.asked, 2);
  EXPECT_EQ(second.asked, 1);
}

TEST_F(FallbackSinkTest, AMessageInDoubtStaysWithItsGateway) {  // D-04, D-07
  first.answer = Kind::kUnknown;
  EXPECT_EQ(Deliver(), Kind::kUnknown);
  first.answer = Kind::kUnavailable;
  EXPECT_EQ(Deliver(), Kind::kUnknown) << "this time surely not, but the time before?";
  EXPECT_EQ(second.asked, 0);
  first.answer = Kind::kAccepted;
  EXPECT_EQ(Deliver(), Kind::kAccepted);

  MakeMessage(2);
  first.answer = Kind::kUnavailable;
  second.answer = Kind::kUnknown;
  EXPECT_EQ(Deliver(), Kind::kUnknown);
  first.answer = Kind::kAccepted;
  EXPECT_EQ(Deliver(), Kind::kUnknown);
  EXPECT_EQ(second.asked, 2) << "and not the first, which has recovered";
}

TEST_F(FallbackSinkTest, WhoFailsWithoutAnAnswerIsInDoubt) {  // D-04
  first.answer = Kind::kUnavailable;
  second.throws = true;
  EXPECT_THROW(Deliver(), std::bad_alloc);
  second.throws = false;
  first.answer = Kind::kAccepted;
  EXPECT_EQ(Deliver(), Kind::kAccepted);
  EXPECT_EQ(first.asked, 1);
  EXPECT_EQ(second.asked, 2);
}

TEST_F(FallbackSinkTest, WhatNoneSentMayBeTriedAnew) {  // D-03
  first.answer = second.answer = Kind::kUnavailable;
  EXPECT_EQ(Deliver(), Kind::kUnavailable);
  first.answer = Kind::kAccepted;
  EXPECT_EQ(Deliver(), Kind::kAccepted);
}

TEST_F(FallbackSinkTest, ForgetsWhatHasExpired) {
  EXPECT_EQ(Deliver(), Kind::kAccepted);
  clock.Advance(std::chrono::minutes(2));
  for (uint8_t number = 2; number < 70; ++number) {
    MakeMessage(number);
    Deliver();
  }
  const int asked = first.asked;
  MakeMessage(1);
  EXPECT_EQ(Deliver(), Kind::kAccepted);
  EXPECT_EQ(first.asked, asked + 1);
}

// The whole way: the main gateway is down, and the person signs in with the code of the spare one.
TEST(FallbackSink, ACodeOfTheSpareGatewayWorks) {  // D-03
  World world;
  ScriptedSink down;
  down.answer = Kind::kUnavailable;
  FallbackSink sink(down, world.inbox, world.clock);
  const Ports ports{world.clock, world.random, world.memory, world.directory, sink, world.guard};
  Engine engine(*world.config, ports);
  const Member ada = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(engine.Run(On<SendSmsOtpRequest>(ada))), "");
  EXPECT_EQ(down.asked, 1);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, world.Code())), "");
}

}  // namespace
}  // namespace otpcore
