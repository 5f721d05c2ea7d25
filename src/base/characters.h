// SPDX-License-Identifier: Apache-2.0
// The characters that people type and paste between and as digits (A-05, N-02).
#ifndef OTPCORE_SRC_BASE_CHARACTERS_H_
#define OTPCORE_SRC_BASE_CHARACTERS_H_

#include <cstdint>

namespace otpcore {

// Unicode's property White_Space: blanks of all widths, tabs, line ends.
bool IsWhiteSpace(uint32_t code_point);

// Unicode's property Dash: hyphens, dashes, the minus sign.
bool IsDash(uint32_t code_point);

// Marks without a glyph that come along when text is copied: zero-width characters, direction
// marks, variation selectors, the byte order mark, the soft hyphen.
bool IsInvisibleMark(uint32_t code_point);

// 0 … 9 for the digits of the five scripts that are read: ASCII, full-width, Arabic-Indic, Persian,
// Devanagari. Else -1. Branches on the digit: not for a secret.
int DigitValue(uint32_t code_point);

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_CHARACTERS_H_
