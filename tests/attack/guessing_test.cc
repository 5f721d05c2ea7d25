// SPDX-License-Identifier: Apache-2.0
// Attackers who guess: what they are admitted is exactly what the rules give (L-01 … L-05, L-09,
// L-10, A-06, B-11, B-15).
#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// As many sends as a record can keep, so that sends do not limit the guesses.
Policy Generous(Policy policy) {
  policy.sends_max = policy.sends_day_max = kSendTimesMax;
  policy.sends_window = minutes(1);
  return policy;
}

struct Attack {
  explicit Attack(const Policy& the_policy)
      : policy(the_policy),
        world(Generous(the_policy)),
        member(world.MakeVerifiedMember(world.MakeOrganization())) {}

  std::string Code() const { return world.Code(); }
  bool Send() { return world.Send(member).ok(); }
  // True when the guess was admitted, that is, compared and counted.
  bool GuessWrong() {
    return ErrorTypeOf(world.Authenticate(member, World::Wrong(Code()))) == "otp_code_not_found";
  }
  bool OwnerSucceeds() { return Send() && world.Authenticate(member, Code()).ok(); }

  Policy policy;
  World world;
  Member member;
};

TEST(Guessing, AThousandResendsAdmitTheBudgetOnly) {  // L-01, L-02, L-04
  Attack attack(Policy::Default());
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) {
    // Three for each passcode, so that the sends of a day do for all of them.
    for (int guess = attack.Send() ? 0 : 3; guess < 3; ++guess) admitted += attack.GuessWrong();
    attack.world.clock.Advance(minutes(2));
  }
  // In these 33 hours: 10, a lock of 1 h, 10, a lock of 2 h, then 5 that make 25 within 30 days,
  // and after that one each 24 h: at about 4 h and at about 28 h.
  EXPECT_EQ(admitted, 10 + 10 + 5 + 2);
}

// With hosts in parallel the clock does not help: all share the one record.
void GuessInParallel(int threads, int engines) {
  Attack attack(Policy::Default());
  World& world = attack.world;
  std::vector<std::unique_ptr<Engine>> hosts;
  for (int i = 0; i < engines; ++i)
    hosts.push_back(std::make_unique<Engine>(
        *world.config,
        Ports{world.clock, world.random, world.store, world.sessions, world.inbox, world.guard}));
  ASSERT_TRUE(attack.Send());
  std::atomic<int> admitted{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < threads; ++i) {
    workers.emplace_back([&, i] {
      Engine& engine = *hosts[static_cast<size_t>(i % engines)];
      for (bool locked = false; !locked;) {
        AuthenticateFields fields =
            World::AuthenticateRequest(attack.member, World::Wrong(attack.Code(), 1 + i % 9));
        fields.session = world.Intermediate(attack.member);
        const std::string type = ErrorTypeOf(engine.Run(fields.Request()));
        admitted += type == "otp_code_not_found";
        locked = type == "user_lock_limit_reached";
        if (type == "unable_to_auth_otp_code") {
          auto send = On<SendSmsOtpRequest>(attack.member);
          std::ignore = engine.Run(send);
        }
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(admitted, 10);
  EXPECT_EQ(world.RecordOf(attack.member)->failures.since_success, 10);
}

TEST(Guessing, SixtyFourThreadsAdmitTheBudgetOnly) { GuessInParallel(64, 1); }  // L-01
TEST(Guessing, FourEnginesAdmitTheBudgetOnly) { GuessInParallel(16, 4); }       // L-01, L-10

// The best an attacker can do: guess as soon as it is allowed, with an owner who signs in whenever
// that refills a counter. A year of it.
int64_t GuessForAYear(Attack& attack) {
  // The burst takes some milliseconds; the year is counted from its end.
  const Instant end = attack.world.clock.Now() + hours(24 * 365) + std::chrono::seconds(1);
  int64_t admitted = 0;
  while (attack.world.clock.Now() <= end) {
    // Four wrong ones and the owner's right one, on each challenge.
    while (attack.OwnerSucceeds() && attack.Send()) {
      for (int i = 0; i < 4; ++i) admitted += attack.GuessWrong();
      std::ignore = attack.world.Authenticate(attack.member, attack.Code());
      attack.world.clock.Advance(Duration(1));
      attack.world.store.ResetCounts();
      auto record = *attack.world.RecordOf(attack.member);
      record.sends = {};  // sends are not what is measured here
      attack.world.Put(record);
    }
    const FailureLedger failures = attack.world.RecordOf(attack.member)->failures;
    if (failures.locked_until > attack.world.clock.Now()) {
      attack.world.clock.Set(failures.locked_until);
    } else {
      attack.world.clock.Advance(minutes(1));
    }
  }
  return admitted;
}

TEST(Guessing, AYearAdmitsExactlyTheComputedNumber) {  // L-04, L-09
  std::printf("%-8s %8s %10s %12s\n", "policy", "digits", "guesses", "chance");
  for (const bool strict : {false, true}) {
    const Policy policy = strict ? Policy::Strict() : Policy::Default();
    Attack attack(policy);
    const int64_t admitted = GuessForAYear(attack);
    std::printf("%-8s %8d %10d %12.3g\n", strict ? "strict" : "default", policy.passcode_digits,
                static_cast<int>(admitted), SuccessPerYear(policy));
    EXPECT_EQ(admitted, GuessesPerYear(policy));
    EXPECT_LE(SuccessPerYear(policy), strict ? 1e-5 : 5e-4);
  }
  EXPECT_EQ(GuessesPerYear(Policy::Default()), 25 + 1 + 365);
  EXPECT_EQ(GuessesPerYear(Policy::Strict()), 8 + 1 + 365);
  EXPECT_EQ(GuessesPerYear(Policy::Default(), {2}), 391 + 2 * 26);
}

TEST(Guessing, ARestoreReadmitsTheFailuresItLost) {  // L-10
  Attack attack(Policy::Default());
  ASSERT_TRUE(attack.Send());
  const std::string code = attack.Code();
  const auto backup = *attack.world.RecordOf(attack.member);
  EXPECT_TRUE(attack.GuessWrong());
  EXPECT_TRUE(attack.GuessWrong());
  attack.world.Put(backup);
  attack.world.memory.BeginEpoch(1);
  EXPECT_EQ(ErrorTypeOf(attack.world.Authenticate(attack.member, code)), "otp_code_not_found");
  int admitted = 0;
  for (int i = 0; i < 20; ++i) {
    if (attack.Send()) admitted += attack.GuessWrong();
  }
  EXPECT_EQ(admitted, 10);
}

TEST(Guessing, ClockStepsAdmitNoMore) {  // L-10, T-02
  Attack attack(Policy::Default());
  int admitted = 0;
  for (int i = 0; i < 200; ++i) {
    if (attack.Send()) admitted += attack.GuessWrong();
    attack.world.clock.Advance(i % 2 == 0 ? minutes(40) : -minutes(40));
  }
  EXPECT_EQ(admitted, 10);
}

// A host over the store of `attack`, its clock `ahead` of the first one's.
struct Host {
  Host(Attack& attack, Duration ahead, Policy policy = Policy::Default())
      : attack_(attack), config_(testing::TestConfig(Generous(std::move(policy)))) {
    clock.Set(attack.world.clock.Now() + ahead);
  }
  bool Send() { return engine_.Run(On<SendSmsOtpRequest>(attack_.member)).ok(); }
  std::string Try(const std::string& code) {
    auto proof = World::AuthenticateRequest(attack_.member, code);
    proof.session = attack_.world.Intermediate(attack_.member);
    return ErrorTypeOf(engine_.Run(proof.Request()));
  }
  // True when the guess was admitted.
  bool GuessWrong() { return Try(World::Wrong(Code())) == "otp_code_not_found"; }

  std::string Code() const { return attack_.Code(); }

  testing::VirtualClock clock;
  size_t rounds_between = 1;  // it is asked in each so many

 private:
  Attack& attack_;
  std::unique_ptr<const Config> config_;
  Engine engine_{*config_,
                 {clock, attack_.world.random, attack_.world.memory, attack_.world.directory,
                  attack_.world.inbox, attack_.world.guard}};
};

// Ten days long each host is asked for a passcode and gets a wrong code every ten minutes, or as it
// says; which goes first changes. Every two hours the owner signs in with the first one. How many
// guesses are admitted.
int GuessesOf(const std::vector<Host*>& hosts, bool owner) {
  int admitted = 0;
  for (size_t round = 0; round < 6 * 24 * 10; ++round) {
    if (owner && round % 12 == 6 && hosts[0]->Send()) hosts[0]->Try(hosts[0]->Code());
    for (size_t i = 0; i < hosts.size(); ++i) {
      Host& host = *hosts[(round + i) % hosts.size()];
      if (round % host.rounds_between == 0 && host.Send()) admitted += host.GuessWrong();
    }
    for (Host* host : hosts) host->clock.Advance(minutes(10));
  }
  return admitted;
}

int GuessesAlone(bool owner) {
  Attack attack(Policy::Default());
  Host host(attack, Duration(0));
  const int alone = GuessesOf({&host}, owner);
  EXPECT_GE(alone, 25 + 8) << "the budget, then one a day";
  return alone;
}

TEST(Guessing, AHostFarAheadBesideARightOneAdmitsNoMore) {  // L-09, L-10, T-02
  for (const bool owner : {false, true}) {
    const int alone = GuessesAlone(owner);
    for (const int hours_ahead : {14, 25, 8 * 24}) {
      for (const size_t rounds_between : {1u, 13u}) {
        Attack attack(Policy::Default());
        Host early(attack, hours(hours_ahead));
        Host late(attack, Duration(0));
        early.rounds_between = rounds_between;
        // Those that the late clock counted before the other one ever came are long past for that.
        EXPECT_LE(GuessesOf({&early, &late}, owner), alone + 1)
            << hours_ahead << " h ahead, asked each " << rounds_between << ", owner " << owner;
      }
    }
  }
}

// Each visit of a clock far behind gave a lock, that a clock far ahead had seen begin, another end.
TEST(Guessing, AHostFarBehindEndsNoLock) {  // L-10, T-02
  const int alone = GuessesAlone(false);
  Attack attack(Policy::Default());
  Host ahead(attack, hours(24 * 60));
  ASSERT_TRUE(ahead.Send());
  ASSERT_TRUE(ahead.GuessWrong());
  Host right(attack, Duration(0));
  Host behind(attack, -hours(24 * 10));
  EXPECT_LE(GuessesOf({&right, &behind}, false), alone);
}

// The one with the smaller budget threw away the failures that the other still counts.
TEST(Guessing, HostsOfTwoPoliciesAdmitTheLargerBudgetOnly) {  // L-04, L-09
  Policy strict;
  strict.rolling_failures = 8;
  for (const bool owner : {false, true}) {
    Attack attack(Policy::Default());
    Host one(attack, Duration(0));
    Host other(attack, Duration(0), strict);
    other.rounds_between = 13;
    EXPECT_LE(GuessesOf({&one, &other}, owner), GuessesAlone(owner));
  }
}

// Told to wait an hour, the person was locked for another one when they came back.
TEST(Guessing, ALockIsWaitedOutOnceThoughTwoClocksDisagree) {  // L-02, T-02
  Attack attack(Policy::Default());
  Host early(attack, minutes(2));
  Host late(attack, Duration(0));
  for (int i = 0; i < 10; ++i) {
    Host& host = i < 9 ? early : late;
    ASSERT_TRUE((i % 5 != 0 && i != 9) || host.Send());
    ASSERT_TRUE(host.GuessWrong());
  }
  EXPECT_EQ(late.Try(attack.Code()), "user_lock_limit_reached");
  for (Host* host : {&early, &late}) host->clock.Advance(hours(1) + minutes(2));
  EXPECT_TRUE(late.Send());
  EXPECT_TRUE(early.Send());
}

TEST(Guessing, AClockThatGoesFarAheadAndBackAdmitsNoMore) {  // L-10, T-02
  const auto guesses = [](Duration ahead) {
    Attack attack(Policy::Default());
    int admitted = 0;
    for (int i = 0; i < 600; ++i) {
      for (int guess = attack.Send() ? 0 : 3; guess < 3; ++guess) admitted += attack.GuessWrong();
      attack.world.clock.Advance(i % 2 == 0 ? ahead : minutes(4) - ahead);
    }
    return admitted;
  };
  const int steady = guesses(minutes(2));
  EXPECT_EQ(steady, 10 + 10 + 5 + 1) << "in 20 hours";
  EXPECT_LE(guesses(hours(24 * 8)), steady);
  EXPECT_LE(guesses(hours(24 * 60)), steady + 1) << "the very first is 60 days old for that clock";
}

TEST(Guessing, ManyMembersHaveABudgetEach) {  // L-01, L-08
  World world(Generous(Policy::Default()));
  const Organization organization = world.MakeOrganization();
  int admitted = 0;
  constexpr int kMembers = 20;
  for (int m = 0; m < kMembers; ++m) {
    const Member member =
        world.MakeVerifiedMember(organization, "+1415555" + std::to_string(1000 + m));
    for (int i = 0; i < 15; ++i) {
      if (!world.Send(member).ok()) continue;
      admitted += ErrorTypeOf(world.Authenticate(member, World::Wrong(world.inbox.LastCode()))) ==
                  "otp_code_not_found";
    }
  }
  EXPECT_EQ(admitted, 10 * kMembers);
}

TEST(Guessing, SuccessRateStaysUnderTheBoundOfFourDigits) {  // L-09, B-11
  int successes = 0;
  int guesses = 0;
  for (uint64_t seed = 0; seed < 510; ++seed) {
    World world(Generous(FourDigits()), seed + 1);
    const Member member = world.MakeVerifiedMember(world.MakeOrganization());
    for (int i = 0; i < 20; ++i) {
      if (!world.Send(member).ok()) break;
      const std::string guess =
          std::to_string(1000 + (seed * 20 + static_cast<uint64_t>(i)) % 9000);
      const std::string type = ErrorTypeOf(world.Authenticate(member, guess));
      if (type == "user_lock_limit_reached") break;
      ++guesses;
      successes += type.empty();
    }
  }
  std::printf("%d guesses at 4 digits, %d right; expected %.2f\n", guesses, successes,
              guesses / 1e4);
  EXPECT_GE(guesses, 4000);
  EXPECT_LE(successes, 5);  // Poisson with mean 0.4: more than 5 has a chance below 1e-6
}

TEST(Guessing, LockedRightAndLockedWrongAreTheSame) {  // A-06, B-15
  Attack attack(Policy::Default());
  ASSERT_TRUE(attack.Send());
  const std::string code = attack.Code();
  auto record = *attack.world.RecordOf(attack.member);
  record.failures.locked_until = attack.world.clock.Now() + hours(1);
  attack.world.Put(record);
  // An engine without the key of the challenge could not even compare: it is never asked to.
  const auto keyless = Config::Create(Policy::Default(), TestKeys(99));
  World& world = attack.world;
  Engine engine(*keyless,
                {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  for (const std::string& text : {code, World::Wrong(code)}) {
    AuthenticateFields fields = World::AuthenticateRequest(attack.member, text);
    fields.session = world.Intermediate(attack.member);
    CallOptions options;
    options.request_id = "r";
    world.store.ResetCounts();
    const auto reply = engine.Run(fields.Request(), options);
    EXPECT_EQ(CodeOf(reply), ErrorCode::kUserLockLimitReached);
    EXPECT_EQ(reply.error().retry_after(), hours(1));
    EXPECT_EQ(reply.error().detail(), "");
    EXPECT_EQ(world.store.loads() * 10 + world.store.commits(), 10);
  }
}

TEST(Guessing, AnAttackerKeepsTheOwnerOutNoLongerThanTheRulesSay) {  // L-02
  Attack attack(Policy::Default());
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(attack.Send());
    ASSERT_TRUE(attack.GuessWrong());
  }
  // Tries during the lock do not extend it.
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(attack.GuessWrong());
  attack.world.clock.Advance(hours(1));
  EXPECT_TRUE(attack.OwnerSucceeds());
}

}  // namespace
}  // namespace otpcore
