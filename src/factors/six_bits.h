// SPDX-License-Identifier: Apache-2.0
// Text of digits, letters, hyphens and spaces in six bits each. All functions are branch-free in
// the text and take eight characters at a time; the first is the most significant byte of a word.
#ifndef OTPCORE_SRC_FACTORS_SIX_BITS_H_
#define OTPCORE_SRC_FACTORS_SIX_BITS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/declassify.h"
#include "base/little_endian.h"

namespace otpcore::six_bits {

inline constexpr size_t kCharacters = 8;  // in one word
inline constexpr size_t kBytes = 6;       // that these take
inline constexpr uint64_t kEach = 0x0101010101010101;

// Bytes that `characters` take.
inline constexpr size_t PackedBytes(size_t characters) { return (characters * 6 + 7) / 8; }

// 1 in each byte of `bytes` that is `first` or more. All are below 128.
inline uint64_t From(uint64_t bytes, uint64_t first) {
  return (bytes + kEach * (128 - first)) >> 7 & kEach;
}

// 1 in each byte of `bytes` that is in [first, first + count). All are below 128.
inline uint64_t Within(uint64_t bytes, uint64_t first, uint64_t count) {
  return From(bytes, first) - From(bytes, first + count);
}

// Up to eight bytes of `text`, filled up with `filler`.
inline uint64_t Word(std::string_view text, char filler) {
  const size_t given = std::min(kCharacters, text.size());
  uint64_t word = kEach * static_cast<uint8_t>(filler);
  std::memcpy(&word, text.data(), given);
  return __builtin_bswap64(LoadLittle(&word, sizeof word));
}

// The numbers of eight characters. `*unknown` becomes other than 0 when one has none.
inline uint64_t Numbers(uint64_t characters, uint64_t* unknown) {
  const uint64_t ascii = characters & kEach * 127;
  const uint64_t digit = Within(ascii, '0', 10);
  const uint64_t small = Within(ascii, 'a', 26);
  const uint64_t capital = Within(ascii, 'A', 26);
  const uint64_t hyphen = Within(ascii, '-', 1);
  const uint64_t space = Within(ascii, ' ', 1);
  const uint64_t known = digit + small + capital + hyphen + space;
  *unknown |= (characters ^ ascii) | (known ^ kEach);
  return ascii - digit * '0' - small * ('a' - 10) - capital * ('A' - 36) + hyphen * (62 - '-') +
         space * (63 - ' ');
}

// The characters of eight numbers of 0 … 63.
inline uint64_t Characters(uint64_t numbers) {
  return numbers + kEach * '0' + From(numbers, 10) * ('a' - '0' - 10) -
         From(numbers, 36) * ('a' + 26 - 'A') - From(numbers, 62) * ('Z' + 1 - '-') -
         From(numbers, 63) * ('-' + 1 - ' ');
}

// Eight numbers side by side, in the lowest 48 bits.
inline uint64_t Pack(uint64_t numbers) {
  numbers = (numbers & 0x003F003F003F003F) | (numbers >> 2 & 0x0FC00FC00FC00FC0);
  numbers = (numbers & 0x00000FFF00000FFF) | (numbers >> 4 & 0x00FFF00000FFF000);
  return (numbers & 0x0000000000FFFFFF) | (numbers >> 8 & 0x0000FFFFFF000000);
}
inline uint64_t Unpack(uint64_t packed) {
  packed = (packed & 0x0000000000FFFFFF) | (packed & 0x0000FFFFFF000000) << 8;
  packed = (packed & 0x00000FFF00000FFF) | (packed & 0x00FFF00000FFF000) << 4;
  return (packed & 0x003F003F003F003F) | (packed & 0x0FC00FC00FC00FC0) << 2;
}

// Appends the `count` highest of the lowest `of` bytes of `word`.
template <typename Text>
void AppendBytes(uint64_t word, size_t count, size_t of, Text* text) {
  char bytes[sizeof word];
  StoreLittle(__builtin_bswap64(word << 8 * (sizeof word - of)), bytes, sizeof word);
  text->Append({bytes, count});
}

// Whether all characters of `text` have a number. The answer is no secret.
inline bool HasAll(std::string_view text) {
  uint64_t unknown = 0;
  for (; !text.empty(); text.remove_prefix(std::min(kCharacters, text.size())))
    Numbers(Word(text, '0'), &unknown);
  return Declassify(unknown) == 0;
}

// Appends `text`, which HasAll, to `*packed`: PackedBytes, the bits that are not needed zero.
template <typename Text>
void AppendPacked(std::string_view text, Text* packed) {
  for (uint64_t unknown = 0; !text.empty();) {
    const size_t taken = std::min(kCharacters, text.size());
    AppendBytes(Pack(Numbers(Word(text, '0'), &unknown)), PackedBytes(taken), kBytes, packed);
    text.remove_prefix(taken);
  }
}

// Appends the first `count` characters of `packed`, which has PackedBytes(count), to `*text`.
template <typename Text>
void AppendUnpacked(std::string_view packed, size_t count, Text* text) {
  while (count > 0) {
    const size_t taken = std::min(kCharacters, count);
    // The last two bytes of the word lie behind the six.
    const uint64_t word = Word(packed.substr(0, kBytes), '\0') >> 16;
    AppendBytes(Characters(Unpack(word)), taken, kCharacters, text);
    packed.remove_prefix(std::min(kBytes, packed.size()));
    count -= taken;
  }
}

}  // namespace otpcore::six_bits

#endif  // OTPCORE_SRC_FACTORS_SIX_BITS_H_
