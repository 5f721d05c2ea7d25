// SPDX-License-Identifier: Apache-2.0
// Attackers who mix SMS passcodes, TOTP and recovery codes: what all their guesses weigh together
// stays within one bound, which the best of them meets (L-04, L-09, L-11, L-13).
//
// OTPCORE_STRATEGIES sets the number of random strategies.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "figures.h"
#include "fixture.h"
#include "otpcore/testing/authenticator.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kYear = hours(24 * 365);

// What the arithmetic of L-13 gives for a window, a lock and a heaviest failure: R − 1 + 2 w + t /
// L.
struct Bound {
  int64_t burst;
  Duration lock;
  int64_t At(Duration time) const { return burst + time / lock; }
};
Bound BoundOf(const Policy& policy) {
  const int heaviest = policy.totp_window.back + 1 + policy.totp_window.ahead;
  return {policy.rolling_failures - 1 + 2 * heaviest, policy.rolling_lock};
}

enum class Method { kSms, kTotp, kRecovery };

// A Member with a number, an app and recovery codes, and somebody who guesses at all three for a
// year.
class MixedAttack {
 public:
  MixedAttack(const Policy& policy, uint64_t seed) : world(TotpConfig(Sending(policy)), seed) {
    Session proved = World::PrimarySession();
    proved.factors.Add(FactorKind::kTotp, world.clock.Now());
    auto send = On<SendSmsOtpRequest>(member);
    send.mfa_phone_number = kNumber;
    send.session = world.Full(member, proved);
    EXPECT_TRUE(world.engine.Run(send).ok());
    AuthenticateFields proof = World::AuthenticateRequest(member, world.Code());
    proof.session = send.session;
    EXPECT_TRUE(world.Run(proof).ok());
    world.clock.Advance(hours(24));
    began_ = world.clock.Now();
  }

  // True when the guess was compared and counted.
  bool Guess(Method method) {
    const bool admitted = Try(method);
    if (admitted) weight_ += method == Method::kTotp ? heaviest_ : 1;
    if (weight_ > bound_.At(elapsed())) over_ = true;
    return admitted;
  }
  // What went wrong, or "".
  std::string OwnerSignsIn() {
    const std::string sent = ErrorTypeOf(world.Send(member));
    return sent.empty() ? ErrorTypeOf(world.Authenticate(member, world.Code())) : sent;
  }
  Duration elapsed() { return world.clock.Now() - began_; }
  int64_t weight() const { return weight_; }
  // True when at some time more was admitted than the bound of that time.
  bool over() const { return over_; }
  FailureLedger failures() { return world.RecordOf(member)->failures; }

  World world;
  testing::AuthenticatorApp app{world.clock};
  const Member member = world.MakeTotpMember(world.MakeOrganization(), &app);

 private:
  // Sends are not what is measured here.
  static Policy Sending(Policy policy) {
    policy.sends_max = policy.sends_day_max = kSendTimesMax;
    policy.sends_window = minutes(1);
    return policy;
  }
  bool Try(Method method) {
    const SessionArguments session = world.Intermediate(member);
    if (method == Method::kTotp) {
      auto request = On<AuthenticateTotpRequest>(member);
      request.code.emplace(app.WrongCode());
      request.session = session;
      return ErrorTypeOf(world.engine.Run(request)) == "unable_to_authenticate_totp";
    }
    if (method == Method::kRecovery) {
      auto request = On<UseRecoveryCodeRequest>(member);
      request.recovery_code.emplace("0000-0000-0000");
      request.session = session;
      return ErrorTypeOf(world.engine.Run(request)) == "unable_to_authenticate_recovery_code";
    }
    return world.Send(member).ok() &&
           ErrorTypeOf(world.Authenticate(member, World::Wrong(world.Code()))) ==
               "otp_code_not_found";
  }

  const Bound bound_ = BoundOf(world.config->policy());
  const int heaviest_ =
      world.config->policy().totp_window.back + 1 + world.config->policy().totp_window.ahead;
  Instant began_;
  int64_t weight_ = 0;
  bool over_ = false;
};

// The best there is: single guesses up to the last free place of the budget, then the heaviest
// twice, then one as each lock ends, and the heaviest last. The owner signs in whenever that clears
// a counter.
int64_t GuessGreedily(const Policy& policy) {
  MixedAttack attack(policy, 1);
  bool locked_once = false;
  while (attack.elapsed() <= kYear) {
    const FailureLedger failures = attack.failures();
    const Instant now = attack.world.clock.Now();
    if (failures.locked_until > now) {
      attack.world.clock.Set(failures.locked_until);
      continue;
    }
    if (failures.in_a_row >= policy.lock_after_failures - 1) {
      const std::string problem = attack.OwnerSignsIn();
      if (problem.empty()) continue;
      ADD_FAILURE() << "the owner heard " << problem;
      break;
    }
    const int left = policy.rolling_failures - failures.recent.count;
    const bool last = attack.elapsed() + policy.rolling_lock > kYear;
    const bool heavy = left == 1 || (left <= 0 && !locked_once) || last;
    EXPECT_TRUE(attack.Guess(heavy ? Method::kTotp : Method::kRecovery));
    locked_once |= left <= 0;
  }
  EXPECT_FALSE(attack.over());
  return attack.weight();
}

TEST(MixedGuessing, TheBestAttackMeetsTheBound) {  // L-09, L-11, L-13
  std::printf("%-8s %8s %8s %12s\n", "policy", "weight", "bound", "chance");
  for (const bool strict : {false, true}) {
    const auto config = TotpConfig(strict ? Policy::Strict() : Policy::Default());
    const Policy& policy = config->policy();
    const int64_t weight = GuessGreedily(policy);
    std::printf("%-8s %8d %8d %12.3g\n", strict ? "strict" : "default", static_cast<int>(weight),
                static_cast<int>(GuessesPerYear(policy)), SuccessPerYear(policy));
    EXPECT_EQ(weight, GuessesPerYear(policy));
    EXPECT_EQ(weight, BoundOf(policy).At(kYear));
  }
}

// Its habits are drawn once, its steps each time: how often each method, from how full a budget on
// it prefers the heaviest, how long it waits, how often the owner comes by.
class Strategy {
 public:
  Strategy(const Policy& policy, uint64_t seed) : draw_(seed), attack_(policy, seed) {
    heavy_from_ = static_cast<int>(Below(static_cast<uint32_t>(2 * policy.rolling_failures)));
    heavy_of_ten_ = Below(11);
    waits_of_ten_ = Below(2) == 0 ? 0 : Below(11);
    wait_max_ = minutes(1 << Below(13));
    owner_at_ = 1 + static_cast<int>(Below(12));
  }
  // The weight after a year, or of the time when there was more than the bound.
  int64_t Run() {
    while (attack_.elapsed() <= kYear && !attack_.over()) Step();
    return attack_.weight();
  }
  bool over() const { return attack_.over(); }

 private:
  uint32_t Below(uint32_t count) { return static_cast<uint32_t>(draw_() % count); }

  void Step() {
    const FailureLedger failures = attack_.failures();
    testing::VirtualClock& clock = attack_.world.clock;
    if (failures.locked_until > clock.Now()) clock.Set(failures.locked_until);
    if (Below(10) < waits_of_ten_)
      clock.Advance(Duration(Below(static_cast<uint32_t>(wait_max_.count()))));
    if (attack_.elapsed() > kYear) return;
    if (failures.in_a_row >= owner_at_ || failures.since_success > 80) attack_.OwnerSignsIn();
    const bool heavy = failures.recent.count >= heavy_from_ || Below(10) < heavy_of_ten_;
    const Method light = Below(3) == 0 ? Method::kSms : Method::kRecovery;
    if (!attack_.Guess(heavy ? Method::kTotp : light)) clock.Advance(minutes(5));
  }

  std::mt19937_64 draw_;
  MixedAttack attack_;
  int heavy_from_;
  uint32_t heavy_of_ten_;
  uint32_t waits_of_ten_;
  Duration wait_max_;
  int owner_at_;
};

TEST(MixedGuessing, NoStrategyPassesTheBound) {  // L-09, L-11, L-13
  const auto config = TotpConfig(Policy::Default());
  const int64_t strategies = Figure("OTPCORE_STRATEGIES", 1000, 4000);
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  int64_t most = 0;
  int64_t least = GuessesPerYear(config->policy());
  std::vector<int64_t> over;
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      for (int64_t seed = ++next; seed <= strategies; seed = ++next) {
        Strategy strategy(config->policy(), static_cast<uint64_t>(seed));
        const int64_t weight = strategy.Run();
        const std::lock_guard<std::mutex> lock(mutex);
        most = std::max(most, weight);
        least = std::min(least, weight);
        if (strategy.over()) over.push_back(seed);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("%d strategies: a weight of %d to %d in a year; bound %d\n",
              static_cast<int>(strategies), static_cast<int>(least), static_cast<int>(most),
              static_cast<int>(GuessesPerYear(config->policy())));
  EXPECT_EQ(over, std::vector<int64_t>());
  EXPECT_GE(most, GuessesPerYear(config->policy()) * 9 / 10) << "they do not try hard enough";
}

}  // namespace
}  // namespace otpcore
