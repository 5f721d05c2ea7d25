// SPDX-License-Identifier: Apache-2.0
// What a Unicode code point is, as far as the rules for typed codes and message texts ask.
//
// The answers come from one table of runs (character_table.h), which character_table.pl prints. The
// functions take a binary search over some 800 runs: use them on public text only, since
// the search branches on the code point.
#ifndef OTPCORE_SRC_BASE_CHARACTERS_H_
#define OTPCORE_SRC_BASE_CHARACTERS_H_

#include <cstdint>

namespace otpcore {

// Flags of one code point. The numbers are those of character_table.pl.
enum CharacterFlag : uint8_t {
  kWhiteSpace = 1,  // property White_Space
  kDash = 2,        // property Dash
  // A mark that pasted text carries along and nobody sees (N-02): U+200B … U+200F, U+202A … U+202E,
  // U+2060 … U+2069, U+FEFF, variation selectors.
  kInvisibleMark = 4,
  // A default ignorable code point or a format character: what follows it looks as if it stood
  // where this character stands.
  kIgnorable = 8,
  // A letter, mark, digit or other number of any script, or a code point that is not assigned yet.
  kWordCharacter = 16,
  // A character that leaves ink: no white space, control, ignorable or private one, and not the
  // blank Braille pattern.
  kVisible = 32,
};

// The flags of `code_point`; none for a number above U+10FFFF, so also for kMalformed.
uint8_t FlagsOf(uint32_t code_point);

// True when `code_point` has at least one of `flags`.
inline bool HasAnyFlag(uint32_t code_point, int flags) {
  return (FlagsOf(code_point) & flags) != 0;
}

// ---- What people type and paste between and as digits (A-05, N-02) ----

inline bool IsWhiteSpace(uint32_t code_point) { return HasAnyFlag(code_point, kWhiteSpace); }
inline bool IsDash(uint32_t code_point) { return HasAnyFlag(code_point, kDash); }
// Also the soft hyphen and the Arabic letter mark, which pasted numbers carry.
inline bool IsInvisibleMark(uint32_t code_point) {
  return code_point == 0x00AD || code_point == 0x061C || HasAnyFlag(code_point, kInvisibleMark);
}
// 0 … 9 for the digits of the five scripts that are read: ASCII, full-width, Arabic-Indic, Persian,
// Devanagari. Else -1. Branches on the digit: not for a secret.
int DigitValue(uint32_t code_point);

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_CHARACTERS_H_
