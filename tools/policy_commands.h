// SPDX-License-Identifier: Apache-2.0
// What the tool says of a policy before a host runs with it.
#ifndef OTPCORE_TOOLS_POLICY_COMMANDS_H_
#define OTPCORE_TOOLS_POLICY_COMMANDS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otpcore/model/policy.h"
#include "otpcore/rules/config.h"

namespace otpcore_tool {

// Config::Create with keys of its own and a brand, which are not the policy's. Null: `*problem`
// says why.
std::unique_ptr<const otpcore::Config> ConfigOf(const otpcore::Policy& policy,
                                                std::string* problem);

// A sentence for each thing that is wrong with a policy file: each field that cannot be read or,
// when all can, the first sentence of Config::Create.
std::vector<std::string> CheckPolicy(const std::string& path);

// What is wrong with a policy apart from its bound; absent: nothing. A policy whose chance is too
// high has a bound to be shown.
std::optional<std::string> ProblemBesideBound(otpcore::Policy policy);

// What SuccessPerYear is made of, one "name: value" a line. The numbers of `policy` must be in
// their ranges.
std::string ShowBound(const otpcore::Policy& policy, const otpcore::Exposure& exposure);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_POLICY_COMMANDS_H_
