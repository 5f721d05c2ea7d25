// SPDX-License-Identifier: Apache-2.0
// Attackers who pump SMS: what they spend stays within the configured budget, and nobody else's is
// touched (L-06, L-07, N-03, S-17).
#include <cstdio>

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr int kNumbers = 10000;

struct Pump {
  explicit Pump(const Policy& policy = Policy::Default()) : world(policy) {}

  // One SMS to each number, each for a Member of its own. Returns how many went out.
  int Send(const Organization& organization, const char* prefix, int count = kNumbers) {
    const int before = world.inbox.deliveries();
    for (int i = 0; i < count; ++i) {
      char number[20];
      std::snprintf(number, sizeof number, "%s%04d", prefix, i % 10000);
      Try(world.MakeMember(organization), number);
    }
    return world.inbox.deliveries() - before;
  }
  std::string Try(const Member& member, const std::string& number) {
    auto request = On<SendSmsOtpRequest>(member);
    request.mfa_phone_number = number;
    return ErrorTypeOf(guarded.Run(request));
  }

  World world;
  MemorySendGuard guard{world.clock};
  Engine guarded{*world.config,
                 {world.clock, world.random, world.store, world.sessions, world.inbox, guard}};
};

void Report(const char* strategy, int sent, int budget) {
  std::printf("%-52s %6d SMS, budget %d\n", strategy, sent, budget);
}

TEST(Pumping, APremiumPrefixGetsNothing) {  // N-03
  Pump pump;
  const int sent = pump.Send(pump.world.MakeOrganization(), "+1900555");
  Report("10,000 numbers of one premium prefix", sent, 0);
  EXPECT_EQ(sent, 0);
}

TEST(Pumping, OtherRegionsOfPlusOneGetNothingByDefault) {  // S-17
  Pump pump;
  const Organization organization = pump.world.MakeOrganization();
  int sent = 0;
  for (const char* prefix : {"+1242357", "+1876210", "+1246234", "+1809234", "+1868291"})
    sent += pump.Send(organization, prefix, 2000);
  Report("10,000 numbers over Caribbean regions, default policy", sent, 0);
  EXPECT_EQ(sent, 0);
}

TEST(Pumping, EachRegionHasItsQuota) {  // L-07
  Policy policy;
  policy.allowed_regions = {"US", "BS", "JM", "BB", "DO", "TT"};
  Pump pump(policy);
  const Organization organization = pump.world.MakeOrganization();
  int sent = 0;
  for (const char* prefix : {"+1242357", "+1876210", "+1246234", "+1809234", "+1868291"})
    sent += pump.Send(organization, prefix, 2000);
  Report("the same, with these regions allowed, at once", sent, 500);
  EXPECT_EQ(sent, 500);
  // An hour later the quota is back, but none of those passcodes was ever typed in.
  pump.world.clock.Advance(hours(1));
  EXPECT_EQ(pump.Send(organization, "+1242357", 200), 0);
  EXPECT_EQ(pump.Try(pump.world.MakeMember(organization), "+12423571999"),
            "too_few_tokens_authenticated");
}

TEST(Pumping, AnOrganizationHasItsQuota) {  // L-07
  Policy policy;
  policy.region_sends_max = 1000000;
  Pump pump(policy);
  const int sent = pump.Send(pump.world.MakeOrganization(), "+1415555");
  Report("10,000 numbers of one Organization, at once", sent, 1000);
  EXPECT_EQ(sent, 1000);
}

TEST(Pumping, ADayOfPatienceBuysLittleMore) {  // L-07
  Pump pump;
  const Organization organization = pump.world.MakeOrganization();
  int sent = 0;
  int next = 0;
  for (int minute = 0; minute < 24 * 60; minute += 3) {
    for (int i = 0; i < 10; ++i, ++next) {
      char number[20];
      std::snprintf(number, sizeof number, "+1415555%04d", next % 10000);
      sent += pump.Try(pump.world.MakeMember(organization), number).empty();
    }
    pump.world.clock.Advance(minutes(3));
  }
  Report("10 every 3 minutes for a day, none typed in", sent, 100 * 24);
  EXPECT_EQ(sent, 50);  // the conversion guard stops it as soon as 50 have ended
}

TEST(Pumping, OneNumberIsNotFloodedThroughManyMembers) {  // L-06
  Pump pump;
  int sent = 0;
  for (int i = 0; i < 100; ++i) {
    const Organization organization = pump.world.MakeOrganization();
    sent += pump.Try(pump.world.MakeMember(organization), kNumber).empty();
  }
  Report("one number, 100 Organizations, at once", sent, 10);
  EXPECT_EQ(sent, 10);
}

TEST(Pumping, NobodyCanUseUpAnOwnersOrAnotherOrganizationsQuota) {  // L-06, L-07
  Pump pump;
  const Organization victim = pump.world.MakeOrganization();
  const Member owner = pump.world.MakeVerifiedMember(victim, kNumber);
  // Strangers flood the owner's number, in other Organizations and in this one.
  for (int i = 0; i < 50; ++i) {
    pump.Try(pump.world.MakeMember(pump.world.MakeOrganization()), kNumber);
    pump.Try(pump.world.MakeMember(victim), kNumber);
  }
  EXPECT_EQ(pump.Try(owner, ""), "");
  // And another Organization burns all of its own quotas.
  pump.Send(pump.world.MakeOrganization(), "+1415556", 2000);
  EXPECT_EQ(pump.Try(pump.world.MakeMember(victim), kOtherNumber), "");
  EXPECT_EQ(pump.Try(owner, ""), "");
}

TEST(Pumping, AGuardThatCannotBeReachedRefuses) {  // L-07
  struct Unreachable final : SendGuard {
    Admission Admit(const OperationId&, const Quotas&) override {
      return {Admission::Kind::kUnreachable, {}};
    }
    void Settle(const OperationId&, Settlement) override {}
    void Observe(EventList*) override {}
  } unreachable;
  for (const bool lenient : {false, true}) {
    Policy policy;
    policy.send_when_guard_unreachable = lenient;
    World world(policy);
    Engine engine(*world.config, {world.clock, world.random, world.store, world.sessions,
                                  world.inbox, unreachable});
    const Member member = world.MakeMember(world.MakeOrganization());
    auto request = On<SendSmsOtpRequest>(member);
    request.mfa_phone_number = kNumber;
    EXPECT_EQ(ErrorTypeOf(engine.Run(request)), lenient ? "" : "server_unavailable");
  }
}

TEST(Pumping, ARetriedCommitPaysOnceAndAFailedOneNothing) {  // C-07, L-07
  using CommitFault = testing::FaultyStore::CommitFault;
  Policy policy;
  policy.number_sends_max = 1;
  Pump pump(policy);
  const Organization organization = pump.world.MakeOrganization();
  const Member member = pump.world.MakeMember(organization);
  pump.world.store.commit_fault = [](int) { return CommitFault::kUnavailable; };
  EXPECT_EQ(pump.Try(member, kNumber), "server_unavailable");
  int conflicts = 2;
  pump.world.store.commit_fault = [&](int) {
    return conflicts-- > 0 ? CommitFault::kConflict : CommitFault::kNone;
  };
  EXPECT_EQ(pump.Try(member, kNumber), "");
  EXPECT_EQ(pump.Try(member, kNumber), "too_many_requests");
}

TEST(Pumping, SprayingRaisesAnEvent) {  // L-08
  Pump pump;
  const Organization organization = pump.world.MakeOrganization();
  int raised = 0;
  for (int i = 0; i <= 100; ++i) {
    const std::string number = "+1415555" + std::to_string(1000 + i);
    const Member member = pump.world.MakeVerifiedMember(organization, number);
    ASSERT_EQ(pump.Try(member, ""), "");
    AuthenticateFields fields =
        World::AuthenticateRequest(member, World::Wrong(pump.world.inbox.LastCode()));
    fields.session = pump.world.Intermediate(member);
    const auto reply = pump.guarded.Run(fields.Request());
    raised += reply.events().Has(EventKind::kSpraying);
    pump.world.clock.Advance(-minutes(10));  // MakeVerifiedMember moved it
    EXPECT_EQ(raised, i == 100 ? 1 : 0);
  }
}

}  // namespace
}  // namespace otpcore
