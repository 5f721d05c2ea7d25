// SPDX-License-Identifier: Apache-2.0
// The times in a ledger were pulled back to `now` as soon as a clock, or another host's, was behind
// them by more than the tolerance. Once it was right again they left their windows too early: a
// clock that stepped back and forward refilled the budgets of guesses and sends (T-02, L-10).
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Any command that may write: the clock it sees is what matters.
void Touch(World& world, const Member& member) {
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.name = "Ada";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
}

TEST(ClockExcursions, ShortenNoWaitForTheNextSend) {  // T-02, L-06
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  world.clock.Advance(-minutes(1));
  Touch(world, member);
  world.clock.Advance(minutes(1));
  const auto refused = world.Send(member);
  ASSERT_EQ(ErrorTypeOf(refused), "too_many_requests");
  EXPECT_EQ(refused.error().retry_after(), minutes(10));
}

TEST(ClockExcursions, AdmitNoMoreGuesses) {  // L-04, L-10
  Policy policy;
  policy.lock_after_failures = 100;
  policy.sends_max = kSendTimesMax;
  policy.sends_window = minutes(1);
  World world(policy);
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  int admitted = 0;
  const auto guess = [&](int times) {
    for (int i = 0; i < times; ++i) {
      world.clock.Advance(seconds(30));
      std::ignore = world.Send(member);
      admitted += ErrorTypeOf(world.Authenticate(member, World::Wrong(world.Code()))) ==
                  "otp_code_not_found";
    }
  };
  guess(25);
  world.clock.Advance(-hours(24 * 29));
  Touch(world, member);
  world.clock.Advance(hours(24 * 29 + 30));  // right again, and a day later
  guess(100);
  EXPECT_EQ(admitted, 26);  // the one that locks for a day is the last
}

// Pulled back by a host whose clock was right, the sends of one that was 21 minutes ahead had left
// its window: each call to the first gave the second a new budget.
TEST(ClockExcursions, TwoHostsFarApartSendNoMoreThanEachMay) {  // L-06, T-02
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const int before = world.inbox.deliveries();
  for (int i = 0; i < 50; ++i) {
    world.clock.Advance(minutes(21));
    const auto reply = world.Send(member);
    if (!reply.ok()) {
      EXPECT_EQ(ErrorTypeOf(reply), "too_many_requests");
      EXPECT_LE(reply.error().retry_after(), minutes(10));
    }
    world.clock.Advance(-minutes(21) + seconds(1));
    Touch(world, member);
  }
  EXPECT_LE(world.inbox.deliveries() - before, 5) << "in 50 seconds";
}

// A send that had been pulled back was not found when it was to be given back.
TEST(ClockExcursions, ASendThatWasPulledBackIsGivenBack) {  // D-02, T-02
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const int before = world.RecordOf(member)->sends.count;
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  auto report = testing::On<ReportDeliveryRequest>(member);
  report.challenge_id = world.RecordOf(member)->challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  world.clock.Advance(-minutes(11));
  const auto reply = world.engine.Run(report);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.applied);
  EXPECT_EQ(world.RecordOf(member)->sends.count, before);

  // A record that lost it has nothing to give.
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  auto record = *world.RecordOf(member);
  report.challenge_id = record.challenge.id;
  record.sends = {};
  world.Put(record);
  EXPECT_TRUE(world.engine.Run(report).applied);
  EXPECT_EQ(world.RecordOf(member)->sends.count, 0);
}

}  // namespace
}  // namespace otpcore
