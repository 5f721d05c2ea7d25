// SPDX-License-Identifier: Apache-2.0
// The regions of a policy: what a name stands for, and whether numbers are ever of it (rules N-07,
// S-16, S-17).
#ifndef OTPCORE_SRC_RULES_NUMBER_REGIONS_H_
#define OTPCORE_SRC_RULES_NUMBER_REGIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/model/policy.h"

namespace otpcore {

// Puts US PR GU VI AS MP in the place of "US+".
void ExpandRegions(std::vector<std::string>* regions);

// Absent when numbers are of each region listed, and some are allowed; else one sentence that says
// what to write instead. `policy` has no Problem, and its regions are expanded.
std::optional<std::string> ProblemWithRegions(const Policy& policy);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_NUMBER_REGIONS_H_
