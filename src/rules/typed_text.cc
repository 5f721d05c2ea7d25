// SPDX-License-Identifier: Apache-2.0
#include "rules/typed_text.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "base/declassify.h"
#include "base/masks.h"
#include "base/utf8.h"

namespace otpcore {
namespace {

// An ASCII character. All bits of it are secret but those that `kind` tells.
TypedCharacter ReadAscii(uint8_t byte) {
  TypedCharacter typed;
  const uint32_t digit = InRangeMask(byte, '0', 10);
  const uint32_t capital = InRangeMask(byte, 'A', 26);
  const uint32_t letter = capital | InRangeMask(byte, 'a', 26);
  if (Declassify(digit | letter) != 0) {
    typed.kind = TypedCharacter::Kind::kCounts;
    typed.is_letter = static_cast<uint8_t>(letter & 1);
    typed.character = static_cast<char>(byte | (capital & 0x20));
  } else if (Declassify(InRangeMask(byte, '\t', 5) | EqualMask(byte, ' ') | EqualMask(byte, '-')) !=
             0) {
    typed.kind = TypedCharacter::Kind::kSeparator;
  }
  return typed;
}

// The other scripts' digits are blocks of ten code points whose last byte alone tells them apart.
struct DigitBlock {
  uint8_t lead[2];
  size_t lead_size;
  uint8_t zero;  // last byte of its first digit
};
constexpr DigitBlock kBlocks[] = {
    {{0xEF, 0xBC}, 2, 0x90},  // U+FF10 full-width
    {{0xD9, 0}, 1, 0xA0},     // U+0660 Arabic-Indic
    {{0xDB, 0}, 1, 0xB0},     // U+06F0 Persian
    {{0xE0, 0xA5}, 2, 0xA6},  // U+0966 Devanagari
};

bool IsDigitOf(const DigitBlock& block, std::string_view text) {
  if (text.size() <= block.lead_size) return false;
  uint32_t is_digit = InRangeMask(static_cast<uint8_t>(text[block.lead_size]), block.zero, 10);
  for (size_t i = 0; i < block.lead_size; ++i)
    is_digit &= EqualMask(static_cast<uint8_t>(text[i]), block.lead[i]);
  return Declassify(is_digit) != 0;
}

// Beyond ASCII, in order. White_Space, Dash, and marks that show nothing.
struct Range {
  uint32_t first, last;
};
constexpr Range kSeparators[] = {
    {0x0085, 0x0085}, {0x00A0, 0x00A0},   {0x058A, 0x058A},   {0x05BE, 0x05BE}, {0x1400, 0x1400},
    {0x1680, 0x1680}, {0x1806, 0x1806},   {0x180B, 0x180D},   {0x180F, 0x180F}, {0x2000, 0x2015},
    {0x2028, 0x202F}, {0x2053, 0x2053},   {0x205F, 0x2069},   {0x207B, 0x207B}, {0x208B, 0x208B},
    {0x2212, 0x2212}, {0x2E17, 0x2E17},   {0x2E1A, 0x2E1A},   {0x2E3A, 0x2E3B}, {0x2E40, 0x2E40},
    {0x2E5D, 0x2E5D}, {0x3000, 0x3000},   {0x301C, 0x301C},   {0x3030, 0x3030}, {0x30A0, 0x30A0},
    {0xFE00, 0xFE0F}, {0xFE31, 0xFE32},   {0xFE58, 0xFE58},   {0xFE63, 0xFE63}, {0xFEFF, 0xFEFF},
    {0xFF0D, 0xFF0D}, {0x10EAD, 0x10EAD}, {0xE0100, 0xE01EF},
};

bool IsSeparator(uint32_t code_point) {
  const Range* const range =
      std::find_if(std::begin(kSeparators), std::end(kSeparators),
                   [code_point](const Range& r) { return code_point <= r.last; });
  return range != std::end(kSeparators) && code_point >= range->first;
}

// A character beyond ASCII that is no digit: nothing of it is secret.
TypedCharacter ReadPublic(std::string_view* text) {
  char bytes[4] = {};  // the longest character
  const size_t size = std::min(text->size(), sizeof bytes);
  for (size_t i = 0; i < size; ++i) bytes[i] = (*text)[i];
  // Of what follows the character at most three bytes are looked at, and only to see that they do
  // not belong to it.
  std::string_view front = {bytes, size};
  for (char& byte : bytes) byte = Declassify(byte);
  TypedCharacter typed;
  if (IsSeparator(NextCodePoint(&front))) typed.kind = TypedCharacter::Kind::kSeparator;
  text->remove_prefix(size - front.size());
  return typed;
}

}  // namespace

TypedCharacter NextTyped(std::string_view* text) {
  const auto front = static_cast<uint8_t>(text->front());
  if (Declassify(front >> 7) == 0) {
    text->remove_prefix(1);
    return ReadAscii(front);
  }
  for (const DigitBlock& block : kBlocks) {
    if (!IsDigitOf(block, *text)) continue;
    TypedCharacter typed;
    typed.kind = TypedCharacter::Kind::kCounts;
    typed.character = static_cast<char>('0' + (*text)[block.lead_size] - block.zero);
    text->remove_prefix(block.lead_size + 1);
    return typed;
  }
  return ReadPublic(text);
}

}  // namespace otpcore
