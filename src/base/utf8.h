// SPDX-License-Identifier: Apache-2.0
// Reading UTF-8, one code point at a time.
#ifndef OTPCORE_SRC_BASE_UTF8_H_
#define OTPCORE_SRC_BASE_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace otpcore {

// Stands for a byte that is no part of a well-formed character; no well-formed text yields it.
inline constexpr uint32_t kMalformed = 0xFFFFFFFF;

// Takes the code point at the front of `*text`, which is not empty; kMalformed takes one byte.
uint32_t NextCodePoint(std::string_view* text);

// C0, DEL, C1, the line and paragraph separators, and the characters that turn the direction of
// text.
bool IsControl(uint32_t code_point);

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_UTF8_H_
