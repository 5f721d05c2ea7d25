// SPDX-License-Identifier: Apache-2.0
// Command sequences with faults, in the world of the simulation and held against its model of the
// rules (tests/simulation): each commit and each answer must be what the model says.
//
// The input chooses the world (hosts, Members, policy), then step after step: what happens, in
// which call, and every choice within it, a byte each. What is random besides, as entropy, is the
// same for each input.
#include <string>
#include <vector>

#include "../tests/simulation/world.h"
#include "fuzz.h"

namespace otpcore {
namespace simulation {
namespace {

constexpr uint64_t kSeed = 0x66757A7A;
// More needs than any call has.
constexpr int kNeedsMax = 64;

struct Choice {
  uint32_t below;  // of 100
  StepKind kind;
  bool to_the_end;  // of the call that it starts, with faults
};
constexpr Choice kChoices[] = {
    {4, StepKind::kCrash, false},  {7, StepKind::kBackup, false},  {10, StepKind::kRestore, false},
    {13, StepKind::kPhone, false}, {14, StepKind::kKeys, false},   {15, StepKind::kForget, false},
    {22, StepKind::kClock, false}, {26, StepKind::kFinish, false}, {42, StepKind::kAdvance, false},
    {56, StepKind::kStart, false}, {100, StepKind::kStart, true},
};

Options ChooseWorld(Draw* draw) {
  Options options;
  options.hosts = 1 + draw->Below(3);
  options.members = 1 + draw->Below(3);
  options.policy = draw->Below(64);
  options.faults = !draw->Chance(1, 4);
  return options;
}

// What was wrong; empty: nothing. `log`: null, or gets a line for each thing that happens.
std::string Play(std::string_view input, std::vector<std::string>* log) {
  Draw draw(kSeed, &input);
  const Options options = ChooseWorld(&draw);
  const uint32_t slots = options.hosts * World::kSlotsPerHost;
  World world(options, log);
  while (!input.empty() && world.problem().empty()) {
    const uint32_t what = draw.Below(100);
    const Choice* choice = kChoices;
    while (choice->below <= what) ++choice;
    const uint32_t slot = draw.Below(slots);
    world.Apply(choice->kind, slot, &draw);
    for (int i = 0; choice->to_the_end && i < kNeedsMax; ++i)
      world.Apply(StepKind::kAdvance, slot, &draw);
  }
  for (uint32_t slot = 0; slot < slots; ++slot) world.Apply(StepKind::kFinish, slot, &draw);
  return world.problem();
}

}  // namespace
}  // namespace simulation
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using otpcore::simulation::Play;
  const std::string input(otpcore::fuzz::Input(data, size).Rest());
  const std::string problem = Play(input, nullptr);
  if (problem.empty()) return 0;
  std::vector<std::string> log;
  Play(input, &log);
  for (const std::string& line : log) std::fprintf(stderr, "  %s\n", line.c_str());
  otpcore::fuzz::Fail(problem.c_str(), __FILE__, __LINE__);
}
