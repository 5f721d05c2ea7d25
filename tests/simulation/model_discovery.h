// SPDX-License-Identifier: Apache-2.0
// From when on the store may forget an address (EM-25).
#ifndef OTPCORE_TESTS_SIMULATION_MODEL_DISCOVERY_H_
#define OTPCORE_TESTS_SIMULATION_MODEL_DISCOVERY_H_

#include "model.h"

namespace otpcore {
namespace simulation {

// 0: never.
Millis MayBeForgottenFrom(const Policy& policy, const ModelAddress& address);

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_MODEL_DISCOVERY_H_
