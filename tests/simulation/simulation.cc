// SPDX-License-Identifier: Apache-2.0
// The seeded simulation (B-04). Runs many small worlds, each made of its own seed, until so many
// events have happened. Prints the seed of a world in which something was wrong, and the shortest
// sequence of steps it could find that still shows it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "world.h"

namespace otpcore {
namespace simulation {
namespace {

struct Scenario {
  Options options;
  std::vector<Step> steps;
};

constexpr size_t kSteps = 1200;

Scenario MakeScenario(uint64_t seed, bool sequential) {
  // A draw's own start: the streams of two seeds would else be one stream, a few draws apart.
  Draw draw(Draw(seed).Next());
  Scenario scenario;
  scenario.options.policy = draw.Below(64);
  scenario.options.members = 1 + draw.Below(4);
  scenario.options.hosts = sequential ? 1 : 1 + draw.Below(4);
  scenario.options.faults = !sequential && !draw.Chance(1, 4);
  const uint32_t slots = scenario.options.hosts * World::kSlotsPerHost;
  const bool restores = scenario.options.faults && draw.Chance(1, 3);
  const bool crashes = scenario.options.faults && draw.Chance(1, 2);
  const bool rotates = draw.Chance(1, 2);
  for (size_t i = 0; i < kSteps; ++i) {
    Step step;
    step.slot = static_cast<uint8_t>(draw.Below(slots));
    step.salt = draw.Next();
    const uint32_t what = draw.Below(100);
    if (sequential)
      step.kind = what < 12 ? StepKind::kClock : i % 2 == 0 ? StepKind::kStart : StepKind::kFinish;
    else
      step.kind = what < 30   ? StepKind::kStart
                  : what < 88 ? StepKind::kAdvance
                  : what < 91 ? StepKind::kFinish
                  : what < 97 ? StepKind::kClock
                  : what < 98 ? StepKind::kPhone
                  : !crashes  ? StepKind::kAdvance
                              : StepKind::kCrash;
    if (sequential) step.slot = 0;
    if (restores && draw.Chance(1, 150))
      step.kind = draw.Chance(1, 2) ? StepKind::kBackup : StepKind::kRestore;
    if (rotates && draw.Chance(1, 60)) step.kind = StepKind::kKeys;
    if (draw.Chance(1, 80)) step.kind = StepKind::kForget;
    scenario.steps.push_back(step);
  }
  return scenario;
}

struct Outcome {
  std::string problem;
  uint64_t hash = 0;
  uint64_t events = 0;
  std::map<std::string, uint64_t> counts;
};

Outcome Run(const Scenario& scenario, std::vector<std::string>* log = nullptr) {
  World world(scenario.options, log);
  for (const Step& step : scenario.steps) {
    world.Apply(step);
    if (!world.problem().empty()) break;
  }
  return {world.problem(), world.hash(), world.events(), world.counts()};
}

// What is wrong, whoever it happens to: a smaller sequence must show the same.
std::string KindOf(const std::string& problem) {
  std::string kind;
  for (const char c : problem) {
    if (c < '0' || c > '9') kind += c;
  }
  return kind;
}

// Leaves out what is not needed for that to be wrong: big pieces first, then single steps.
Scenario Shrink(Scenario scenario) {
  const std::string kind = KindOf(Run(scenario).problem);
  const auto wrong = [&kind](const Scenario& tried) { return KindOf(Run(tried).problem) == kind; };
  bool smaller = true;
  while (smaller) {
    smaller = false;
    for (size_t size = std::max<size_t>(scenario.steps.size() / 2, 1); size > 0; size /= 2) {
      for (size_t at = 0; at + size <= scenario.steps.size();) {
        Scenario tried = scenario;
        const auto begin = tried.steps.begin() + static_cast<std::ptrdiff_t>(at);
        tried.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(size));
        if (wrong(tried)) {
          scenario = std::move(tried);
          smaller = true;
        } else {
          at += size;
        }
      }
    }
    for (int what = 0; what < 4; ++what) {
      Scenario tried = scenario;
      if (what == 0 && tried.options.faults) tried.options.faults = false;
      if (what == 1 && tried.options.members > 1) --tried.options.members;
      if (what == 2 && tried.options.hosts > 1) --tried.options.hosts;
      if (what == 3) tried.options.policy = 0;
      const bool same = tried.options.faults == scenario.options.faults &&
                        tried.options.members == scenario.options.members &&
                        tried.options.hosts == scenario.options.hosts &&
                        tried.options.policy == scenario.options.policy;
      if (same || !wrong(tried)) continue;
      scenario = std::move(tried);
      smaller = true;
    }
  }
  return scenario;
}

struct Arguments {
  uint64_t seed = 1;
  uint64_t events = 200000;
  unsigned jobs = 1;
  bool sequential = false;
  bool counts = false;
  bool one = false;      // only the world of `seed`
  bool verbose = false;  // print what happens in it
  bool shrink = true;
};

void Report(uint64_t seed, const Arguments& arguments) {
  Scenario scenario = MakeScenario(seed, arguments.sequential);
  const Outcome outcome = Run(scenario);
  std::printf("\nFAILED  seed %llu: %s\n", static_cast<unsigned long long>(seed),
              outcome.problem.c_str());
  if (arguments.shrink) {
    scenario = Shrink(std::move(scenario));
    std::printf("the shortest sequence found: %zu steps, %u Members, %u hosts, policy %u\n",
                scenario.steps.size(), scenario.options.members, scenario.options.hosts,
                scenario.options.policy);
  }
  std::vector<std::string> log;
  Run(scenario, &log);
  for (const std::string& line : log) std::printf("  %s\n", line.c_str());
  std::printf("again: otpcore_simulation --one --seed %llu%s\n",
              static_cast<unsigned long long>(seed), arguments.sequential ? " --sequential" : "");
}

// Worlds are numbered from the seed on. Results are joined in the order of their numbers, whoever
// ran them.
class Campaign {
 public:
  explicit Campaign(const Arguments& arguments) : arguments_(arguments) {}

  int Run() {
    start_ = std::chrono::steady_clock::now();
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < arguments_.jobs; ++i) workers.emplace_back([this] { Work(); });
    for (std::thread& worker : workers) worker.join();
    std::printf("\rseeds %llu to %llu: %llu events, %.0f events/s, trace hash %016llx\n",
                Ull(arguments_.seed), Ull(next_to_join_ - 1 + arguments_.seed), Ull(events_),
                static_cast<double>(events_) / Seconds(), Ull(hash_.value()));
    if (arguments_.counts) {
      for (const auto& [what, count] : counts_)
        std::printf("%10llu  %s\n", Ull(count), what.c_str());
    }
    if (!failed_) return 0;
    Report(failed_seed_, arguments_);
    return 1;
  }

 private:
  static unsigned long long Ull(uint64_t value) { return value; }
  double Seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

  void Work() {
    for (;;) {
      uint64_t number;
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (stop_) return;
        number = next_++;
      }
      Outcome outcome =
          simulation::Run(MakeScenario(arguments_.seed + number, arguments_.sequential));
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting_[number] = std::move(outcome);
      while (!stop_ && waiting_.count(next_to_join_) != 0) Join();
    }
  }

  // Requires the lock.
  void Join() {
    const Outcome& outcome = waiting_[next_to_join_];
    hash_.Number(outcome.hash);
    events_ += outcome.events;
    for (const auto& [what, count] : outcome.counts) counts_[what] += count;
    if (!outcome.problem.empty()) {
      failed_ = stop_ = true;
      failed_seed_ = arguments_.seed + next_to_join_;
    }
    waiting_.erase(next_to_join_++);
    if (events_ >= arguments_.events || arguments_.one) stop_ = true;
    const double seconds = Seconds();
    if (seconds < next_line_) return;
    next_line_ = seconds + 5;
    std::fprintf(stderr, "\r%llu of %llu events, %.0f s, resume with --seed %llu   ", Ull(events_),
                 Ull(arguments_.events), seconds, Ull(arguments_.seed + next_to_join_));
  }

  const Arguments arguments_;
  std::chrono::steady_clock::time_point start_;
  std::mutex mutex_;
  bool stop_ = false;
  bool failed_ = false;
  uint64_t failed_seed_ = 0;
  uint64_t next_ = 0;
  uint64_t next_to_join_ = 0;
  uint64_t events_ = 0;
  double next_line_ = 5;
  TraceHash hash_;
  std::map<uint64_t, Outcome> waiting_;
  std::map<std::string, uint64_t> counts_;
};

bool Parse(int argc, char** argv, Arguments* arguments) {
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const bool more = i + 1 < argc;
    if (name == "--seed" && more) {
      arguments->seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (name == "--events" && more) {
      arguments->events = static_cast<uint64_t>(std::strtod(argv[++i], nullptr));
    } else if (name == "--jobs" && more) {
      arguments->jobs = static_cast<unsigned>(std::strtoul(argv[++i], nullptr, 10));
    } else if (name == "--sequential") {
      arguments->sequential = true;
    } else if (name == "--counts") {
      arguments->counts = true;
    } else if (name == "--one") {
      arguments->one = true;
    } else if (name == "--verbose") {
      arguments->verbose = true;
    } else if (name == "--no-shrink") {
      arguments->shrink = false;
    } else {
      std::printf(
          "usage: otpcore_simulation [--seed N] [--events N] [--jobs N] [--sequential] [--counts]\n"
          "                          [--one [--verbose]] [--no-shrink]\n");
      return false;
    }
  }
  return true;
}

}  // namespace

int Main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, &arguments)) return 2;
  if (arguments.verbose) {
    std::vector<std::string> log;
    Run(MakeScenario(arguments.seed, arguments.sequential), &log);
    for (const std::string& line : log) std::printf("%s\n", line.c_str());
  }
  return Campaign(arguments).Run();
}

}  // namespace simulation
}  // namespace otpcore

int main(int argc, char** argv) { return otpcore::simulation::Main(argc, argv); }
