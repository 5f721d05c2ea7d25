// SPDX-License-Identifier: Apache-2.0
// A stored record as text, for support: what it is, and what holds its Member back.
#ifndef OTPCORE_TOOLS_INSPECT_H_
#define OTPCORE_TOOLS_INSPECT_H_

#include <string>

#include "otpcore/base/time.h"
#include "otpcore/model/policy.h"

namespace otpcore_tool {

// `key` and `record` in hexadecimal, as a store keeps them: the record with its checksum
// (Protect). Writes one "name: value" a line to `*text`; of a Member also which rules hold it back
// at `now` under `policy`, since when, until when and what ends it. Shows no digest, no sealed
// byte, no address, and of a number its region and last two digits.
//
// Returns "", or a sentence that says what is wrong with the input.
std::string Inspect(const std::string& key, const std::string& record,
                    const otpcore::Policy& policy, otpcore::Instant now, std::string* text);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_INSPECT_H_
