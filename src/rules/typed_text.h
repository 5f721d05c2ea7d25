// SPDX-License-Identifier: Apache-2.0
// Reads what a person typed or pastes into a field for a code, one character at a time (rules A-05,
// TO-14, RC-08).
//
// Public: whether a character counts, separates or is anything else, and which script it is of.
// Secret: which letter or digit it is, and also whether an ASCII character is a letter or a digit.
#ifndef OTPCORE_SRC_RULES_TYPED_TEXT_H_
#define OTPCORE_SRC_RULES_TYPED_TEXT_H_

#include <cstdint>
#include <string_view>

namespace otpcore {

struct TypedCharacter {
  enum class Kind : uint8_t {
    kOther,
    kCounts,     // an ASCII letter, or a digit of one of five scripts
    kSeparator,  // white space, a dash, or an invisible mark: to be dropped
  };
  Kind kind = Kind::kOther;
  uint8_t is_letter = 0;  // secret; 1 or 0
  char character = 0;     // secret; '0' … '9' or 'a' … 'z' when it counts
};

// Takes the character at the front of `*text`, which is UTF-8 and not empty. Digits are ASCII,
// full-width, Arabic-Indic, Persian and Devanagari. Separators are Unicode's White_Space and Dash,
// U+200B … U+200F, U+202A … U+202E, U+2060 … U+2069, U+FEFF and the variation selectors. Of
// malformed text one byte is taken and is kOther.
TypedCharacter NextTyped(std::string_view* text);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_TYPED_TEXT_H_
