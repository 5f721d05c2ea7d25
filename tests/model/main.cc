// otpcore_model: the model checker and the fault sequences.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "model/scenarios.h"
#include "model/search.h"
#include "model/story.h"

namespace otpcore {
namespace model {
namespace {

int Check(const SearchLimits& limits) {
  uint64_t states = 0;
  const auto config = ModelConfig(ModelPolicy());
  for (const Scenario& scenario : AllScenarios()) {
    const auto world = std::make_unique<World>(scenario, *config);
    const SearchResult result = Search(world.get(), limits);
    states += result.states;
    std::printf("%-10s %10llu states %11llu steps  depth %d%s  %zu points %zu records  %.1f s\n",
                scenario.name.c_str(), static_cast<unsigned long long>(result.states),
                static_cast<unsigned long long>(result.steps_taken), result.depth,
                result.closed ? " (closed)" : "", result.points, result.records, result.seconds);
    if (result.violation != nullptr) {
      std::printf("VIOLATION after %zu steps\n%s", result.way.size(),
                  AsText(TellWay(world.get(), result.way, result.violation)).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace model
}  // namespace otpcore

int main(int argc, char** argv) {
  otpcore::model::SearchLimits limits;
  if (argc > 1) limits.states = std::strtoull(argv[1], nullptr, 10);
  return otpcore::model::Check(limits);
}
