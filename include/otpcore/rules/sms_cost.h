// SPDX-License-Identifier: Apache-2.0
// What a text costs as an SMS: encoding, length and number of segments (rule G-03).
#ifndef OTPCORE_RULES_SMS_COST_H_
#define OTPCORE_RULES_SMS_COST_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"

namespace otpcore {

enum class SmsEncoding : uint8_t { kGsm7 = 1, kUcs2 = 2 };

// What one SMS holds on the air; a text that fits is sent as one segment.
inline constexpr size_t kSmsBytesMax = 140;

// GSM 03.38 with its extension table when all characters are in it, else UCS-2.
struct SmsCost {
  SmsEncoding encoding = SmsEncoding::kGsm7;
  // Septets, where an extension character takes two; or UTF-16 units.
  size_t units = 0;
  // 160 septets or 70 units fit one segment. Joined segments take 153 or 67 each, and never split a
  // character.
  size_t segments = 0;
  // On the air, without the headers of joined segments: at most kSmsBytesMax when there is one.
  size_t bytes = 0;
};

// Measures a text in UTF-8. Malformed UTF-8 counts as one U+FFFD for each bad byte. Thread-safe,
// linear in the length of the text, without heap.
OTPCORE_EXPORT SmsCost MeasureSms(std::string_view utf8);

}  // namespace otpcore

#endif  // OTPCORE_RULES_SMS_COST_H_
