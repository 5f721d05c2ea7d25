// SPDX-License-Identifier: Apache-2.0
// Reads the passcode that a person typed or pasted (rule A-05).
//
// People paste codes with spaces, dashes and invisible marks, and type digits of their own script.
// ReadTypedCode turns all of these into plain ASCII digits, or refuses the text. It does not know
// how many digits were sent and does not judge the code.
#ifndef OTPCORE_RULES_TYPED_CODE_H_
#define OTPCORE_RULES_TYPED_CODE_H_

#include <cstddef>

#include "otpcore/base/export.h"
#include "otpcore/base/result.h"
#include "otpcore/base/secret.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// Room for ten digits of three bytes each, a separator of three bytes beside each of them, and some
// more.
inline constexpr size_t kTypedCodeBytesMax = 128;

// The text of a code field, in UTF-8, before it is read. Longer text overflows: ReadTypedCode then
// refuses it.
using TypedCode = SecretText<kTypedCodeBytesMax>;

// Returns the digits of `typed`.
//
// - Digits are ASCII, full-width, Arabic-Indic, Persian and Devanagari ones, also mixed.
// - Dropped wherever they stand, and however many in a row: white space (property White_Space),
//   hyphens and dashes (property Dash), and the invisible marks U+200B … U+200F, U+202A … U+202E,
//   U+2060 … U+2069, U+FEFF and variation selectors.
//
// Errors: kInvalidCode when another character or malformed UTF-8 is in the text, when it has
// overflowed, or unless 4 … 10 digits are left.
//
// No branch and no index depends on the value of a digit. Public are the length of the text,
// which of its characters are digits, the script of each digit, and all other characters.
// Thread-safe. Uses no heap. Takes time linear in the length of the text.
OTPCORE_EXPORT Result<Passcode> ReadTypedCode(const TypedCode& typed);

}  // namespace otpcore

#endif  // OTPCORE_RULES_TYPED_CODE_H_
