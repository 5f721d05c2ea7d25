// SPDX-License-Identifier: Apache-2.0
// Attackers who pump SMS: what they spend stays within the configured budget, and nobody else's is
// touched (L-06, L-07, N-03, S-17).
#include <algorithm>
#include <cstdio>
#include <optional>
#include <vector>

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

// ---- A SIM of the attacker's own ----

// Accounts enough, one SIM, and a range of numbers that pays for each SMS.
struct PumpWithSim : Pump {
  using Pump::Pump;
  // Links the SIM to an account, proves it, and takes it off again.
  bool Prove() {
    const Member member = NewMember();
    if (!Try(member, "+14155550000").empty()) return false;
    spent_ = true;
    AuthenticateFields fields = World::AuthenticateRequest(member, world.inbox.LastCode());
    fields.session = world.Intermediate(member);
    EXPECT_EQ(ErrorTypeOf(guarded.Run(fields.Request())), "");
    EXPECT_EQ(ErrorTypeOf(guarded.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))), "");
    return true;
  }
  // How many of `most` SMS to numbers of the range go out now.
  int SendSome(int most) {
    int sent = 0;
    for (; sent < most; ++sent, ++next) {
      char number[20];
      std::snprintf(number, sizeof number, "+1415556%04d", next % 10000);
      if (!Try(NewMember(), number).empty()) break;
      spent_ = true;
    }
    return sent;
  }
  // One that got no SMS yet.
  Member NewMember() {
    if (!member_ || spent_) member_ = world.MakeMember(organization);
    spent_ = false;
    return *member_;
  }

  const Organization organization = world.MakeOrganization();
  int next = 0;
  int minute = 0;

 private:
  std::optional<Member> member_;
  bool spent_ = false;
};

// The most of `times` that lie within any 24 hours.
int MostInADay(const std::vector<Instant>& times) {
  size_t most = 0;
  size_t first = 0;
  for (size_t i = 0; i < times.size(); ++i) {
    while (times[i] - times[first] >= hours(24)) ++first;
    most = std::max(most, i - first + 1);
  }
  return static_cast<int>(most);
}

// SMS that nobody answers, over three days. Of 50 that have ended 5 must be proved, and one SIM
// counts once in a day: so at most 49 have ended whenever one is sent. Beside them as many are on
// the way as an hour's quota admits.
TEST(Pumping, OneSimProvedAgainAndAgainHidesNothing) {  // L-07
  constexpr int kBudget = 49 + 100;
  struct Way {
    const char* name;
    int most;  // in any 24 hours
    int (*send)(PumpWithSim&, const std::vector<Instant>& sent);
  };
  const Way ways[] = {
      // As many beside each of ten proofs an hour as keep the share of the proved at 10 %.
      {"one SIM proved 10 times an hour, 9 SMS beside each", 45,
       [](PumpWithSim& pump, const std::vector<Instant>&) {
         if (pump.minute % 6 != 0) return 0;
         pump.Prove();
         return pump.SendSome(9);
       }},
      {"the same, as many SMS beside as go out", 100,
       [](PumpWithSim& pump, const std::vector<Instant>&) {
         if (pump.minute % 6 == 0) pump.Prove();
         return pump.SendSome(1000);
       }},
      // 49 that end; when the hour's quota is free again, all of it within two minutes.
      {"no SIM, 49 SMS and an hour later all that go out", kBudget,
       [](PumpWithSim& pump, const std::vector<Instant>& sent) {
         int count = 0;
         for (const Instant at : sent)
           count += pump.world.clock.Now() - at < hours(24) + minutes(2);
         if (count < 49) return pump.SendSome(49 - count);
         const bool rested = pump.world.clock.Now() - sent.back() >= hours(1);
         return rested ? pump.SendSome(1000) : 0;
       }},
  };
  for (const Way& way : ways) {
    PumpWithSim pump;
    std::vector<Instant> sent;
    for (; pump.minute < 3 * 24 * 60; ++pump.minute) {
      sent.insert(sent.end(), static_cast<size_t>(way.send(pump, sent)), pump.world.clock.Now());
      pump.world.clock.Advance(minutes(1));
    }
    Report(way.name, MostInADay(sent), kBudget);
    EXPECT_EQ(MostInADay(sent), way.most) << way.name;
    EXPECT_LE(sent.size(), 3u * kBudget) << way.name;
  }
}

// Every two minutes for 100 minutes to another number, as often as the Member's own limits allow:
// 50 had ended, none of them answered. The least number is lower here, so that stricter limits of
// the Member do not hide what counts.
TEST(Pumping, OneMemberWhoNeverAnswersClosesNoOrganization) {  // L-07
  Policy policy;
  policy.conversion_ended_min = 10;
  Pump pump(policy);
  const Organization organization = pump.world.MakeOrganization();
  const Member silent = pump.world.MakeMember(organization);
  int sent = 0;
  for (int i = 0; i < 50; ++i) {
    sent += pump.Try(silent, "+1415555" + std::to_string(1000 + i)).empty() ? 1 : 0;
    std::ignore = pump.guarded.Run(On<DeleteMfaPhoneNumberRequest>(silent, Actor::Host()));
    pump.world.clock.Advance(minutes(2));
  }
  EXPECT_GT(sent, policy.conversion_ended_min);
  Report("one Member who never answers, 100 minutes", sent, 50);
  EXPECT_EQ(pump.Send(organization, "+1415556", 40), 40) << "others, of the same region";
}

// Ten people an hour enrol: one of ten never answers, one asks for a second SMS. On the second day
// beside them one Member never answers, one SIM is proved ten times an hour, and for each person
// that enrols three SMS are pumped.
TEST(Pumping, PeopleWhoEnrolAreNotRefusedBesideAttackers) {  // L-07
  PumpWithSim pump;
  World& world = pump.world;
  const auto type = [&](const Member& member) {
    AuthenticateFields fields = World::AuthenticateRequest(member, world.inbox.LastCode());
    fields.session = world.Intermediate(member);
    return pump.guarded.Run(fields.Request()).ok();
  };
  const Member silent = world.MakeMember(pump.organization);
  int enrolled = 0, refused = 0, pumped = 0;
  for (int slot = 0; slot < 2 * 240; ++slot) {
    const Member person = world.MakeMember(pump.organization);
    const std::string number = "+1415557" + std::to_string(1000 + slot);
    refused += pump.Try(person, number).empty() ? 0 : 1;
    world.clock.Advance(minutes(1));
    if (slot % 10 == 1) refused += pump.Try(person, "").empty() ? 0 : 1;
    if (slot % 10 != 0) enrolled += type(person) ? 1 : 0;
    for (int minute = 1; minute < 6; ++minute) {
      if (slot >= 240 && minute % 2 == 1) std::ignore = pump.Try(silent, "+14155551111");
      if (slot >= 240 && minute == 2) pump.Prove();
      if (slot >= 240 && minute == 4) pumped += pump.SendSome(3);
      world.clock.Advance(minutes(1));
    }
  }
  EXPECT_EQ(refused, 0);
  EXPECT_EQ(enrolled, 2 * 216);
  Report("3 SMS beside each of 240 who enrol", pumped, 720);
  EXPECT_EQ(pumped, 720) << "people who answer pay for so many";
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
