// SPDX-License-Identifier: Apache-2.0
// What a brand, a host, an Android hash and a template may hold (rules G-02, G-04, G-05, G-06).
#ifndef OTPCORE_SRC_RULES_MESSAGE_CHECKS_H_
#define OTPCORE_SRC_RULES_MESSAGE_CHECKS_H_

#include <string>
#include <string_view>

#include "otpcore/model/channel.h"
#include "otpcore/rules/message.h"

namespace otpcore {

// What stands in a template for what is filled in.
inline constexpr std::string_view kCodeSlot = "{code}";
inline constexpr std::string_view kBrandSlot = "{brand}";
inline constexpr std::string_view kMinutesSlot = "{minutes}";

// Returns a sentence about what is wrong with brand, web_otp_host or android_app_hash; null:
// nothing.
const char* ProblemWithNames(const MessageConfig& config);

// Returns what is wrong with a host's own template, as the end of a sentence that names it; null:
// nothing. Neighbours of the code are judged apart, with the brand filled in.
const char* ProblemWithTemplate(std::string_view text, Channel channel);

// Returns `text` with the brand in place of {brand}.
std::string WithBrand(std::string_view text, std::string_view brand);

// Returns whether a letter, mark or number of any script, or something else that is filled in,
// stands beside a {code} of well-formed `text`. Characters that show nothing do not separate.
bool HasNeighbourOfCode(std::string_view text);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_MESSAGE_CHECKS_H_
