// SPDX-License-Identifier: Apache-2.0
// Every sequence of a few commands, with every single fault and every pair of faults at every need:
// one host, one command after the other.
#ifndef OTPCORE_TESTS_MODEL_CHECK_SEQUENCES_H_
#define OTPCORE_TESTS_MODEL_CHECK_SEQUENCES_H_

#include <cstdint>
#include <vector>

#include "model_check/world.h"

namespace otpcore {
namespace model {

struct SequencesResult {
  uint64_t sequences = 0;
  uint64_t runs = 0;   // ways through a sequence: each a choice of no, one or two faults
  uint64_t needs = 0;  // needs met, those shared by several runs once
  double seconds = 0;
  Violation violation = nullptr;
  std::vector<Action> way;
};

Scenario SequencesScenario();
SequencesResult RunSequences(World* world, int length, int faults);

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_SEQUENCES_H_
