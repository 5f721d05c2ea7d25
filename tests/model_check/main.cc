// SPDX-License-Identifier: Apache-2.0
// otpcore_model: the model checker (B-02), the search for one planted defect (B-03), the fault
// sequences (B-05).
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "model_check/scenarios.h"
#include "model_check/search.h"
#include "model_check/sequences.h"
#include "model_check/story.h"
#include "otpcore/testing/world.h"

namespace otpcore {
namespace model {
namespace {

constexpr char kUsage[] =
    "otpcore_model check [--deep] [--states N] [--scenario NAME] [--threads N] [--seconds N]\n"
    "    every state of the scenarios, breadth first; --states is for all of them together\n"
    "otpcore_model faults [--deep] [--length N]\n"
    "    every sequence of commands with every fault and pair of faults\n"
    "otpcore_model plant [--scenario NAME] [--defect NAME] [--tell]\n"
    "    succeeds when a violation is found: in this build of the library, or with a host's "
    "defect\n"
    "otpcore_model picture\n"
    "    the picture of docs/counterexample.svg\n";

struct Options {
  std::string mode;
  std::string scenario;
  std::string defect;
  std::string only;
  uint64_t states = 0;
  int threads = 2;
  int length = 3;
  double seconds = 0;
  bool deep = false;
  bool tell = false;
  bool faults = true;  // those of the scenario
};

bool ReadOptions(int argc, char** argv, Options* options) {
  if (argc < 2) return false;
  options->mode = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--deep" || name == "--tell") {
      (name == "--deep" ? options->deep : options->tell) = true;
      continue;
    }
    if (++i == argc) return false;
    const std::string value = argv[i];
    if (name == "--scenario") {
      options->scenario = value;
    } else if (name == "--defect") {
      options->defect = value;
    } else if (name == "--states") {
      options->states = std::strtoull(value.c_str(), nullptr, 10);
    } else if (name == "--threads") {
      options->threads = std::atoi(value.c_str());
    } else if (name == "--length") {
      options->length = std::atoi(value.c_str());
    } else if (name == "--seconds") {
      options->seconds = std::atof(value.c_str());
    } else {
      return false;
    }
  }
  return options->threads > 0 && options->length > 0;
}

std::vector<Scenario> Chosen(const std::string& name) {
  std::vector<Scenario> chosen;
  for (Scenario& scenario : AllScenarios()) {
    if (name.empty() || scenario.name == name) chosen.push_back(std::move(scenario));
  }
  return chosen;
}

int Check(const Options& options) {
  const auto config = testing::TestTotpConfig(ModelPolicy());
  const std::vector<Scenario> scenarios = Chosen(options.scenario);
  const uint64_t asked = options.deep ? 100000000 : 1000000;
  const uint64_t total = options.states != 0 ? options.states
                         : options.deep      ? asked + asked / 20
                                             : 3 * asked;
  uint64_t states = 0;
  double seconds = 0;
  for (size_t i = 0; i < scenarios.size(); ++i) {
    SearchLimits limits;
    limits.threads = options.threads;
    limits.seconds = options.seconds;
    limits.progress = options.deep;
    // What a scenario that closes leaves over, the next ones get.
    limits.states = states >= total ? 1000 : (total - states) / (scenarios.size() - i);
    const auto world = std::make_unique<World>(scenarios[i], *config);
    const SearchResult result = Search(world.get(), limits);
    states += result.states;
    seconds += result.seconds;
    std::printf(
        "%-10s %10llu states, %s %d steps; %llu steps taken, %zu runs of the library, "
        "%zu records, %.1f s\n",
        scenarios[i].name.c_str(), static_cast<unsigned long long>(result.states),
        result.closed ? "all there are, at most" : "all within", result.depth,
        static_cast<unsigned long long>(result.steps_taken), result.points, result.records,
        result.seconds);
    std::fflush(stdout);
    if (result.violation == nullptr) continue;
    std::printf("%s", AsText(TellWay(world.get(), result.way, result.violation)).c_str());
    return 1;
  }
  std::printf(
      "B-02 | asked >= %.0e distinct states, no violation | reached %llu, none, %.0f s | "
      "otpcore_model check%s\n",
      static_cast<double>(asked), static_cast<unsigned long long>(states), seconds,
      options.deep ? " --deep" : "");
  return 0;
}

int Faults(const Options& options) {
  const int length = options.deep ? 4 : options.length;
  const auto config = testing::TestTotpConfig(ModelPolicy());
  const auto world = std::make_unique<World>(SequencesScenario(), *config);
  const SequencesResult result = RunSequences(world.get(), length, 2);
  if (result.violation != nullptr) {
    std::printf("%s", AsText(TellActions(world.get(), result.way, result.violation)).c_str());
    return 1;
  }
  std::printf(
      "B-05 | asked every fault and pair of faults, sequences <= %d | %llu sequences, %llu "
      "runs, %llu needs met, none broke a property, %.0f s | otpcore_model faults%s\n",
      length, static_cast<unsigned long long>(result.sequences),
      static_cast<unsigned long long>(result.runs), static_cast<unsigned long long>(result.needs),
      result.seconds, options.deep ? " --deep" : "");
  return 0;
}

struct NamedDefect {
  const char* name;
  HostDefect defect;
};
constexpr NamedDefect kHostDefects[] = {
    {"no-revision-check", HostDefect::kNoRevisionCheck},
    {"writes-not-atomic", HostDefect::kWritesNotAtomic},
    {"delivers-before-commit", HostDefect::kDeliversBeforeCommit},
    {"claims-without-revision", HostDefect::kClaimsUnchecked},
};

// The shortest way to a violation, over the chosen scenarios; false when there is none.
bool FindPlanted(const Options& options, Story* story, double* seconds) {
  const auto config = testing::TestTotpConfig(ModelPolicy());
  for (Scenario& scenario : Chosen(options.scenario)) {
    for (const NamedDefect& named : kHostDefects) {
      if (options.defect == named.name) scenario.defect = named.defect;
    }
    if (!options.faults) scenario.faults.clear();
    SearchLimits limits;
    limits.threads = options.threads;
    limits.states = options.states != 0 ? options.states : 1000000;
    limits.only = options.only;
    const auto world = std::make_unique<World>(scenario, *config);
    const SearchResult result = Search(world.get(), limits);
    *seconds += result.seconds;
    if (result.violation == nullptr) continue;
    *story = TellWay(world.get(), result.way, result.violation);
    return true;
  }
  return false;
}

int Plant(const Options& options) {
  Story story;
  double seconds = 0;
  if (!FindPlanted(options, &story, &seconds)) {
    std::printf("- | %.1f s | NOT FOUND\n", seconds);
    return 1;
  }
  std::printf("%zu steps | %.1f s | %s\n", story.lines.size(), seconds, story.violation.c_str());
  if (options.tell) std::printf("%s", AsText(story).c_str());
  return 0;
}

int Picture() {
  Options options;
  options.scenario = "guesses";
  options.defect = "no-revision-check";
  options.only = "succeeded twice";
  options.faults = false;
  Story story;
  double seconds = 0;
  if (!FindPlanted(options, &story, &seconds)) return 1;
  story.lines.back().fault = true;
  story.title = "A store that does not compare revisions: the shortest way to two successes";
  std::printf("%s", AsSvg(story).c_str());
  return 0;
}

}  // namespace
}  // namespace model
}  // namespace otpcore

int main(int argc, char** argv) {  // NOLINT(bugprone-exception-escape): a bad setup ends it
  using namespace otpcore::model;  // NOLINT(google-build-using-namespace): the program's own
  Options options;
  if (ReadOptions(argc, argv, &options)) {
    if (options.mode == "check") return Check(options);
    if (options.mode == "faults") return Faults(options);
    if (options.mode == "plant") return Plant(options);
    if (options.mode == "picture") return Picture();
  }
  std::fprintf(stderr, "%s", kUsage);
  return 2;
}
