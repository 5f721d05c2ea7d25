// SPDX-License-Identifier: Apache-2.0
// The scenarios the checker goes through, each with commands and faults that belong together.
#ifndef OTPCORE_TESTS_MODEL_CHECK_SCENARIOS_H_
#define OTPCORE_TESTS_MODEL_CHECK_SCENARIOS_H_

#include <vector>

#include "model_check/world.h"

namespace otpcore {
namespace model {

std::vector<Scenario> AllScenarios();

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_SCENARIOS_H_
