// SPDX-License-Identifier: Apache-2.0
// Attackers of six kinds, very many guesses (B-11). Each guess must be admitted or refused exactly
// as a second, independent account of the rules L-01 … L-05 says; and at four digits, where luck
// can be measured, they must not be luckier than the bound (L-09).
//
// OTPCORE_GUESSES sets the number of guesses of each test.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <random>
#include <thread>
#include <vector>

#include "figures.h"
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// The rules, told once more: every failure is kept.
struct Budget {
  Policy policy;
  std::vector<Instant> failures = {};
  int in_a_row = 0;
  int since_success = 0;
  int locks = 0;
  bool disabled = false;
  Instant locked_until = {};

  bool Admits(Instant now) const { return !disabled && now >= locked_until; }
  void Fail(Instant now) {
    const auto recent = std::count_if(failures.begin(), failures.end(),
                                      [&](Instant at) { return now < at + policy.rolling_window; });
    failures.push_back(now);
    Duration lock{0};
    if (++in_a_row == policy.lock_after_failures) {
      in_a_row = 0;
      lock = std::min<Duration>(policy.lock_duration * (1 << std::min(locks++, 20)),
                                policy.lock_duration_max);
    }
    if (recent >= policy.rolling_failures) lock = std::max(lock, policy.rolling_lock);
    if (++since_success >= policy.disable_after_failures) disabled = true;
    if (lock > Duration(0)) locked_until = now + lock;
  }
  void Succeed() { in_a_row = since_success = locks = 0; }
  // By a lucky guess, in the session of all these failures (L-05).
  void SucceedInTheirSession(Instant now) {
    Succeed();
    const auto recent = std::count_if(failures.begin(), failures.end(),
                                      [&](Instant at) { return now < at + policy.rolling_window; });
    if (recent >= policy.rolling_failures) return;
    failures.resize(failures.size() - std::min<size_t>(failures.size(), 4));
  }
};

enum class Kind { kResend, kHosts, kAfterSuccess, kOtherMembers, kClock, kRestore };

// Codes that luck can find, and sends that do not limit the guesses.
Policy Guessable() {
  Policy policy = FourDigits();
  policy.sends_max = policy.sends_day_max = kSendTimesMax;
  policy.sends_window = minutes(1);
  return policy;
}

// One person with one world, and somebody who guesses their codes.
class Attack {
 public:
  Attack(Kind kind, uint64_t seed)
      : kind_(kind),
        draw_(seed),
        world_(Guessable(), seed),
        organization_(world_.MakeOrganization()),
        other_engine_(*world_.config, {world_.clock, world_.random, world_.store, world_.sessions,
                                       world_.inbox, world_.guard}) {
    const int members = kind == Kind::kOtherMembers ? 4 : 1;
    for (int i = 0; i < members; ++i) {
      members_.push_back(
          world_.MakeVerifiedMember(organization_, "+1415555" + std::to_string(1000 + i)));
      sessions_.push_back(world_.Full(members_.back()));
      owners_.push_back(world_.Full(members_.back()));
      budgets_.push_back({Guessable()});
    }
    codes_.resize(members_.size());
    superseded_.resize(members_.size());
  }

  // Returns "" or what did not go by the rules.
  std::string Run(int steps) {
    std::string wrong;
    for (int i = 0; i < steps && wrong.empty(); ++i) wrong = Step();
    return wrong;
  }
  int64_t guesses = 0;
  int64_t admitted = 0;
  int64_t right = 0;

 private:
  uint32_t Below(uint32_t count) { return static_cast<uint32_t>(draw_() % count); }

  std::string Step() {
    const size_t who = Below(static_cast<uint32_t>(members_.size()));
    world_.clock.Advance(Duration(Below(20) == 0 ? 3600000 * Below(48) : 60000 * Below(240)));
    if (kind_ == Kind::kClock && Below(10) == 0) world_.clock.Advance(-minutes(Below(120)));
    if (kind_ == Kind::kRestore && Below(40) == 0) BackUpOrRestore();
    Send(who);
    if (kind_ == Kind::kAfterSuccess && Below(4) == 0) return OwnerSignsIn(who);
    return Guess(who);
  }

  void BackUpOrRestore() {
    if (!backup_) {
      backup_ = *world_.RecordOf(members_[0]);
      backup_budget_ = budgets_[0];
      backup_code_ = codes_[0];
      return;
    }
    world_.Put(*backup_);
    budgets_[0] = *backup_budget_;  // it admits again what it lost, and no more (L-10)
    codes_[0] = backup_code_;
    world_.memory.BeginEpoch(++epoch_);
    backup_.reset();
  }

  void Send(size_t who) {
    SendSmsOtpRequest send;
    send.organization_id = organization_.organization_id.str();
    send.member_id = members_[who].member_id.str();
    sent_ = world_.engine.Run(send).ok();
    if (!sent_) return;
    superseded_[who] = codes_[who];
    codes_[who] = world_.Code();
  }

  std::string Try(size_t who, const std::string& code, const SessionArguments& session) {
    AuthenticateFields fields = World::AuthenticateRequest(members_[who], code);
    fields.session = session;
    Engine& engine = kind_ == Kind::kHosts && Below(2) == 0 ? other_engine_ : world_.engine;
    return ErrorTypeOf(engine.Run(fields.Request()));
  }

  std::string OwnerSignsIn(size_t who) {
    const bool admits = budgets_[who].Admits(world_.clock.Now());
    if (!sent_) return "";
    const std::string type = Try(who, world_.Code(), owners_[who]);
    if (type.empty()) budgets_[who].Succeed();
    return type.empty() == admits ? "" : "the owner heard '" + type + "'";
  }

  std::string Guess(size_t who) {
    char code[5];
    std::snprintf(code, sizeof code, "%04u", Below(10000));
    const bool lucky = sent_ && world_.Code() == code;
    const Instant now = world_.clock.Now();
    const bool admits = budgets_[who].Admits(now);
    const std::string type = Try(who, code, sessions_[who]);
    ++guesses;
    const bool admitted_now = type.empty() || type == "otp_code_not_found";
    if (admitted_now) {
      ++admitted;
      right += type.empty();
      if (type.empty() != lucky) return std::string("a guess was answered '") + type + "'";
      if (lucky)
        budgets_[who].SucceedInTheirSession(now);
      else
        budgets_[who].Fail(now);
    }
    // The passcode before this one: it is told apart, costs nothing and opens nothing.
    // Before the second passcode it is that of the enrolment, which this test has not seen.
    if (type == "unable_to_auth_otp_code" && (superseded_[who].empty() || superseded_[who] == code))
      return "";
    if (admitted_now && !admits) return "a guess too many was admitted";
    if (!admitted_now && admits && sent_)
      return "a guess was refused, which the rules admit: " + type;
    if (!admitted_now && type != "user_lock_limit_reached" && sent_) return "refused as " + type;
    return "";
  }

  const Kind kind_;
  std::mt19937_64 draw_;
  World world_;
  const Organization organization_;
  Engine other_engine_;
  std::vector<Member> members_;
  std::vector<SessionArguments> sessions_;  // the attacker's
  std::vector<SessionArguments> owners_;
  std::vector<Budget> budgets_;
  std::vector<std::string> codes_;
  std::vector<std::string> superseded_;
  bool sent_ = false;
  std::optional<testing::Kept<MemberRecord>> backup_;
  std::optional<Budget> backup_budget_;
  std::string backup_code_;
  uint64_t epoch_ = 0;
};

// Runs `work(number)` for the numbers from 0 until one returns false, on all cores.
template <typename Work>
void OnAllCores(const Work& work) {
  std::atomic<uint64_t> next{0};
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < std::max(2u, std::thread::hardware_concurrency()); ++i) {
    threads.emplace_back([&] {
      while (work(next++)) {
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

int64_t Guesses() { return Figure("OTPCORE_GUESSES", 100000, 1000000); }

TEST(Attackers, AreAdmittedExactlyWhatTheRulesGive) {  // L-01 … L-05, L-10, B-11
  std::atomic<int64_t> guesses{0};
  std::atomic<int64_t> admitted{0};
  std::atomic<int64_t> right{0};
  std::mutex mutex;
  std::string problem;
  OnAllCores([&](uint64_t number) {
    const auto kind = static_cast<Kind>(number % 6);
    Attack attack(kind, number + 1);
    const std::string wrong = attack.Run(600);
    guesses += attack.guesses;
    admitted += attack.admitted;
    right += attack.right;
    if (!wrong.empty()) {
      const std::lock_guard<std::mutex> lock(mutex);
      problem = "attack " + std::to_string(number) + ": " + wrong;
    }
    return wrong.empty() && guesses < 3 * Guesses();  // few are admitted, and luck is to be seen
  });
  EXPECT_EQ(problem, "");
  const double expected = static_cast<double>(admitted) / 1e4;
  std::printf("%lld guesses, %lld admitted, %lld right; expected %.1f\n",
              static_cast<long long>(guesses), static_cast<long long>(admitted),
              static_cast<long long>(right), expected);
  EXPECT_GE(admitted, guesses / 100);
  EXPECT_LE(std::abs(static_cast<double>(right) - expected), 6 * std::sqrt(expected) + 3);
}

// The best an attacker can do: as soon as a guess is admitted it is made, and the owner signs in in
// between whenever that clears a counter.
class BestAttack {
 public:
  explicit BestAttack(uint64_t seed)
      : draw_(seed),
        world_(Guessable(), seed),
        member_(world_.MakeVerifiedMember(world_.MakeOrganization())) {}
  // A year of it, or until a guess is right.
  bool Succeeds(int64_t* guesses) {
    const Instant end = world_.clock.Now() + hours(24 * 365);
    const SessionArguments session = world_.Full(member_);
    const SessionArguments owners = world_.Full(member_);
    while (world_.clock.Now() <= end) {
      if (!world_.Send(member_).ok()) {
        const FailureLedger failures = world_.RecordOf(member_)->failures;
        world_.clock.Set(std::max(failures.locked_until, world_.clock.Now() + seconds(60)));
        continue;
      }
      AuthenticateFields fields = World::AuthenticateRequest(member_, world_.Code());
      fields.session = session;
      if (world_.RecordOf(member_)->failures.in_a_row >= 4) {
        fields.session = owners;
        std::ignore = world_.Run(fields);
        continue;
      }
      char code[5];
      std::snprintf(code, sizeof code, "%04u", static_cast<unsigned>(draw_() % 10000));
      fields.code = code;
      ++*guesses;
      if (world_.Run(fields).ok()) return true;
      world_.clock.Advance(seconds(5));
    }
    return false;
  }

 private:
  std::mt19937_64 draw_;
  World world_;
  const Member member_;
};

TEST(Attackers, AreRightNoMoreOftenInAYearThanTheBoundSays) {  // L-09, B-11
  std::atomic<int64_t> guesses{0};
  std::atomic<int64_t> accounts{0};
  std::atomic<int64_t> broken{0};
  OnAllCores([&](uint64_t number) {
    BestAttack attack(number + 1);
    int64_t made = 0;
    broken += attack.Succeeds(&made);
    guesses += made;
    return ++accounts, guesses < Guesses();
  });
  const double bound = SuccessPerYear(Guessable());
  const double count = static_cast<double>(accounts);
  const double rate = static_cast<double>(broken) / count;
  const double sigma = std::sqrt(bound * (1 - bound) / count);
  std::printf("%lld accounts, %lld guesses: a share of %.5f broken in a year; bound %.5f\n",
              static_cast<long long>(accounts), static_cast<long long>(guesses), rate, bound);
  EXPECT_LE(rate, bound + 5 * sigma);
  EXPECT_GE(rate, bound * 0.9 - 5 * sigma) << "the attacker is not the best one any more";
}

}  // namespace
}  // namespace otpcore
