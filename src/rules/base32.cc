// SPDX-License-Identifier: Apache-2.0
#include "rules/base32.h"

#include "base/declassify.h"
#include "base/masks.h"

namespace otpcore {
namespace {

char Symbol(uint32_t value) {
  const uint32_t is_digit = InRangeMask(static_cast<uint8_t>(value), 26, 6);
  return static_cast<char>('A' + value - (is_digit & ('A' + 26 - '2')));
}

// The value of a character; `*valid` loses all its bits when it has none.
uint32_t ValueOf(char character, uint32_t* valid) {
  const auto byte = static_cast<uint8_t>(character);
  const uint32_t capital = InRangeMask(byte, 'A', 26);
  const uint32_t small = InRangeMask(byte, 'a', 26);
  const uint32_t digit = InRangeMask(byte, '2', 6);
  *valid &= capital | small | digit;
  return (capital & (byte - 'A')) | (small & (byte - 'a')) | (digit & (byte - '2' + 26u));
}

bool IsOneOf(char character, char one, char other) {
  const auto byte = static_cast<uint8_t>(character);
  return Declassify(EqualMask(byte, static_cast<uint8_t>(one)) |
                    EqualMask(byte, static_cast<uint8_t>(other))) != 0;
}

bool IsSeparator(char character) { return IsOneOf(character, ' ', '-'); }

}  // namespace

size_t EncodeBase32(const uint8_t* bytes, size_t size, char* text) {
  const char* const begin = text;
  uint32_t pending = 0;  // the last `bits` bits have not been written
  int bits = 0;
  for (size_t i = 0; i < size; ++i) {
    pending = pending << 8 | bytes[i];
    for (bits += 8; bits >= 5; bits -= 5) *text++ = Symbol(pending >> (bits - 5) & 31);
  }
  if (bits > 0) *text++ = Symbol(pending << (5 - bits) & 31);
  return static_cast<size_t>(text - begin);
}

bool DecodeBase32(std::string_view text, uint8_t* bytes, size_t capacity, size_t* size) {
  *size = 0;
  while (!text.empty() && (IsSeparator(text.back()) || IsOneOf(text.back(), '=', '=')))
    text.remove_suffix(1);

  uint32_t valid = ~uint32_t{0};
  uint32_t pending = 0;
  int bits = 0;
  size_t written = 0;
  for (const char character : text) {
    if (IsSeparator(character)) continue;
    pending = pending << 5 | ValueOf(character, &valid);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    if (written == capacity) return false;
    bytes[written++] = static_cast<uint8_t>(pending >> bits);
  }
  // Five bits or more are left over of 1, 3 or 6 characters after whole groups of eight.
  if (bits >= 5 || Declassify(valid) == 0) return false;
  *size = written;
  return true;
}

}  // namespace otpcore
