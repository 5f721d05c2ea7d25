// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/typed_code.h"

#include <string_view>

#include "base/characters.h"
#include "base/declassify.h"
#include "base/utf8.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("reading the digits that a person typed");

// Returns 1 when `byte` is one of the `count` values from `first` on, else 0. Does not branch:
// `byte` may be a digit.
uint32_t IsFrom(uint8_t first, uint32_t count, uint8_t byte) {
  const uint32_t distance = (static_cast<uint32_t>(byte) - first) & 0xFF;
  return (distance - count) >> 31;
}

// One character of the text.
struct Typed {
  enum class Kind : uint8_t { kDigit, kDropped, kRefused };
  Kind kind = Kind::kRefused;
  size_t length = 1;  // in bytes
  uint8_t digit = 0;  // secret; 0 … 9 when kind is kDigit
};

// The ten digits of a script have consecutive code points. The last byte of their UTF-8 alone tells
// them apart, so the value is the distance from the last byte of the zero.
struct DigitBlock {
  uint8_t lead[2];
  size_t lead_size;
  uint8_t zero;  // last byte of the digit zero
};
constexpr DigitBlock kBlocks[] = {
    {{}, 0, '0'},             // ASCII
    {{0xEF, 0xBC}, 2, 0x90},  // U+FF10 full-width
    {{0xD9}, 1, 0xA0},        // U+0660 Arabic-Indic
    {{0xDB}, 1, 0xB0},        // U+06F0 Persian
    {{0xE0, 0xA5}, 2, 0xA6},  // U+0966 Devanagari
};

uint32_t LeadsWith(const DigitBlock& block, std::string_view text) {
  uint32_t equal = 1;
  for (size_t i = 0; i < block.lead_size; ++i)
    equal &= IsFrom(block.lead[i], 1, static_cast<uint8_t>(text[i]));
  return equal;
}

// Reads the character at the front of `text`, which is no digit and hence public. A digit may
// follow it, also when it is broken; so of the bytes behind it only those that continue it are made
// public.
Typed ReadOther(std::string_view text) {
  char bytes[4];
  size_t count = 0;
  do {
    bytes[count] = Declassify(text[count]);
    ++count;
  } while (count < sizeof bytes && count < text.size() &&
           Declassify(IsFrom(0x80, 0x40, static_cast<uint8_t>(text[count]))) != 0);
  std::string_view rest(bytes, count);
  const uint32_t code_point = NextCodePoint(&rest);
  Typed typed;
  typed.length = count - rest.size();
  if (HasAnyFlag(code_point, kWhiteSpace | kDash | kInvisibleMark))
    typed.kind = Typed::Kind::kDropped;
  return typed;
}

// Reads the character at the front of `text`, which is not empty.
Typed ReadCharacter(std::string_view text) {
  for (const DigitBlock& block : kBlocks) {
    if (text.size() <= block.lead_size) continue;
    const auto last = static_cast<uint8_t>(text[block.lead_size]);
    if (Declassify(LeadsWith(block, text) & IsFrom(block.zero, 10, last)) == 0) continue;
    Typed typed;
    typed.kind = Typed::Kind::kDigit;
    typed.length = block.lead_size + 1;
    typed.digit = static_cast<uint8_t>(last - block.zero);
    return typed;
  }
  return ReadOther(text);
}

}  // namespace

Result<Passcode> ReadTypedCode(const TypedCode& typed) {
  Passcode passcode;
  for (std::string_view text = typed.Reveal(kAccess); !text.empty();) {
    const Typed character = ReadCharacter(text);
    text.remove_prefix(character.length);
    if (character.kind == Typed::Kind::kRefused) return ErrorCode::kInvalidCode;
    if (character.kind == Typed::Kind::kDropped) continue;
    const char digit = static_cast<char>('0' + character.digit);
    passcode.Append(std::string_view(&digit, 1));
  }
  // An overflowed text is empty, and so is a passcode that has overflowed.
  if (passcode.size() < kPasscodeDigitsMin) return ErrorCode::kInvalidCode;
  return passcode;
}

}  // namespace otpcore
