// SPDX-License-Identifier: Apache-2.0
// Latency of single commands in a mixed load: people get a passcode, some mistype it, most of those
// answer rightly then, some ask too often. One histogram over all commands.
#include <algorithm>
#include <cmath>
#include <random>

#include "bench/bench_main.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

using State = benchmark::State;

constexpr size_t kStepsEach = 4096;  // of one iteration

// Keeps the newest passcode; what a person does with it happens outside the clock.
class LastMessage final : public MessageSink {
 public:
  Delivery Deliver(const Message& message) override {
    passcode_ = message.passcode.Duplicate();
    return {};
  }
  std::string Code() const {
    return std::string(passcode_.Reveal(SecretAccess("this is the phone")));
  }

 private:
  Passcode passcode_;
};

// Buckets of an eighth of an octave: the bounds are within 9 % of each value.
class Histogram {
 public:
  void Add(int64_t nanos) {
    const double octaves = std::log2(static_cast<double>(std::max<int64_t>(nanos, 1)));
    counts_[std::min(counts_.size() - 1, static_cast<size_t>(octaves * 8))]++;
    ++total_;
  }
  // The upper bound of the bucket that holds the quantile.
  double Quantile(double q) const {
    double left = q * static_cast<double>(total_);
    size_t i = 0;
    for (; i + 1 < counts_.size() && left > static_cast<double>(counts_[i]); ++i)
      left -= static_cast<double>(counts_[i]);
    return std::exp2(static_cast<double>(i + 1) / 8);
  }
  // As counters "h<eighth of octave>": the share of each bucket.
  void Report(State& state) const {
    for (const auto& [name, q] : {std::pair("p50", 0.5), {"p99", 0.99}, {"p999", 0.999}})
      state.counters[name] = Quantile(q);
    for (size_t i = 0; i < counts_.size(); ++i) {
      if (counts_[i] == 0) continue;
      state.counters["h" + std::to_string(i)] =
          static_cast<double>(counts_[i]) / static_cast<double>(total_);
    }
  }

 private:
  std::array<uint64_t, 8 * 40> counts_{};
  uint64_t total_ = 0;
};

// What one person does next.
struct Person {
  size_t member = 0;
  std::string code;  // empty: ask for one
  int sends_left = 0;
};

class Crowd {
 public:
  Crowd(World& world, size_t people)
      : world_(world), walk_(world.size()), people_(people), random_(1) {
    for (Person& person : people_) Replace(&person);
  }

  // One command of a person drawn at random; its CPU time in nanoseconds, and what reading the
  // clock takes.
  int64_t Step() {
    Person& person = people_[random_() % people_.size()];
    const uint64_t dice = random_() % 100;
    if (person.code.empty() || dice < 20) return Ask(&person);
    return Prove(&person, dice < 35 ? kWrongCode : person.code.c_str());
  }

 private:
  void Replace(Person* person) {
    if (walk_.RoundEnded()) world_.clock().Advance(std::chrono::hours(24 * 40));
    *person = {walk_.Next(), {}, 1 + static_cast<int>(random_() % 3)};
  }
  int64_t Ask(Person* person) {
    const SendSmsOtpRequest request = World::Send(person->member);
    const int64_t started = Nanos(CLOCK_THREAD_CPUTIME_ID);
    engine_.Run(request, {}, &send_reply_);
    const int64_t nanos = Nanos(CLOCK_THREAD_CPUTIME_ID) - started;
    const bool sent = send_reply_.ok();
    person->code = sent ? sink_.Code() : "";
    // Some give up; else a person would meet the limit of sends again and again.
    if (!sent || --person->sends_left <= 0) person->sends_left = 1;
    if (!sent) Replace(person);
    return nanos;
  }
  int64_t Prove(Person* person, const char* code) {
    const AuthenticateSmsOtpRequest request = world_.Authenticate(person->member, code, 0);
    const int64_t started = Nanos(CLOCK_THREAD_CPUTIME_ID);
    engine_.Run(request, {}, &proof_reply_);
    const int64_t nanos = Nanos(CLOCK_THREAD_CPUTIME_ID) - started;
    if (proof_reply_.ok()) Replace(person);
    return nanos;
  }

  World& world_;
  LastMessage sink_;
  Engine engine_{
      world_.config(),
      {world_.clock(), world_.random(), world_.store(), world_.sessions(), sink_, world_.guard()}};
  Reply<SendSmsOtp> send_reply_;
  Reply<AuthenticateSmsOtp> proof_reply_;
  Walk walk_;
  std::vector<Person> people_;
  std::mt19937_64 random_;
};

// What reading the clock twice takes: a system call, hence not little beside a command.
int64_t ClockNanos() {
  std::array<int64_t, 1001> taken;
  for (int64_t& nanos : taken) {
    const int64_t started = Nanos(CLOCK_THREAD_CPUTIME_ID);
    nanos = Nanos(CLOCK_THREAD_CPUTIME_ID) - started;
  }
  std::sort(taken.begin(), taken.end());
  return taken[taken.size() / 2];
}

void RunMixed(World& world, State& state) {
  static Crowd crowd(world, std::min<size_t>(world.size() / 2, 4096));
  Histogram histogram;
  const int64_t clock = ClockNanos();
  for (auto _ : state) {
    int64_t nanos = 0;
    for (size_t i = 0; i < kStepsEach; ++i) {
      const int64_t one = crowd.Step() - clock;
      histogram.Add(one);
      nanos += one;
    }
    state.SetIterationTime(static_cast<double>(nanos) * 1e-9);
  }
  histogram.Report(state);
  state.counters["clock_ns"] = static_cast<double>(clock);
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  static World world(members);
  return {{"mixed", [](State& state) { RunMixed(world, state); }}};
}

}  // namespace bench
}  // namespace otpcore
