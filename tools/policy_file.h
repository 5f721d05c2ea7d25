// SPDX-License-Identifier: Apache-2.0
// A policy from a file of JSON, the same for the tool and for a server:
//
//   {"base": "strict", "sends_max": 4, "email_rolling_lock": "36 h", "allowed_regions": ["US",
//   "GB"],
//    "sandbox_numbers": [{"number": "+14155550123", "code": "00000000",
//                         "until": "2027-01-01T00:00:00Z"}]}
//
// `base` is "default" (as when it is absent) or "strict"; each other field is one of
// otpcore/model/policy_fields.h and replaces what the base has. Integers, numbers, true and false
// are JSON's own; a duration is a text with its unit: ms, s, min, h or d. A list replaces the whole
// list. Comments are not JSON.
#ifndef OTPCORE_TOOLS_POLICY_FILE_H_
#define OTPCORE_TOOLS_POLICY_FILE_H_

#include <string>
#include <string_view>
#include <vector>

#include "otpcore/model/policy.h"

namespace otpcore_tool {

// Reads the text of such a file into `*policy`. Returns a sentence for each thing that is wrong,
// with the name of its field; `*policy` is to be used only if there is none. Whether the policy
// makes sense is for Config::Create to say.
std::vector<std::string> ParsePolicy(std::string_view json, otpcore::Policy* policy);

// The same of a file, also of one that cannot be read. "default" and "strict" are these policies
// themselves.
std::vector<std::string> ReadPolicyFile(const std::string& path, otpcore::Policy* policy);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_POLICY_FILE_H_
