// SPDX-License-Identifier: Apache-2.0
// Reads 32 hexadecimal digits at once: every command does so with each of its ids.
#ifndef OTPCORE_SRC_BASE_HEX_H_
#define OTPCORE_SRC_BASE_HEX_H_

#include <array>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace otpcore {

// 32 characters, eight in a word, as LoadLittle gives them.
using HexDigits = std::array<uint64_t, 4>;

namespace hex_internal {

constexpr uint64_t Each(uint8_t byte) { return 0x0101010101010101u * byte; }

// Eight digits as four bytes. `*small`: the same without capitals.
inline bool ReadWord(uint64_t word, uint64_t* small, uint8_t* bytes) {
  const uint64_t values = (word & Each(0x0F)) + ((word >> 6) & Each(1)) * 9;
  const uint64_t letters = ((values + Each(0x76)) >> 7) & Each(1);
  *small = values + Each('0') + letters * ('a' - '0' - 10);
  if ((values & Each(0xF0)) != 0 || (word | letters * 0x20) != *small) return false;
  const uint64_t pairs = values << 4 | values >> 8;
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(pairs >> (16 * i));
  return true;
}

}  // namespace hex_internal

// False when one of the characters is no hexadecimal digit, in any case; `bytes16` is then
// anything. For every machine; a test compares it with the one below.
inline bool ReadHexPortable(const HexDigits& digits, uint8_t* bytes16, bool* has_capitals) {
  *has_capitals = false;
  for (size_t i = 0; i < digits.size(); ++i) {
    uint64_t small = 0;
    if (!hex_internal::ReadWord(digits[i], &small, bytes16 + 4 * i)) return false;
    *has_capitals |= digits[i] != small;
  }
  return true;
}

#ifdef __SSE2__
namespace hex_internal {

// Sixteen digits as eight bytes, each in a lane of 16 bits. Adds to the masks: a bit for each
// character that is a digit, and for each capital.
inline __m128i ReadLanes(uint64_t low, uint64_t high, int* valid, int* capitals) {
  const __m128i text =
      _mm_set_epi64x(static_cast<long long>(high), static_cast<long long>(low));  // NOLINT
  const __m128i small = _mm_or_si128(text, _mm_set1_epi8(0x20));
  // Compared as signed: bytes from 0x80 on are below all of these.
  const __m128i decimal = _mm_and_si128(_mm_cmpgt_epi8(text, _mm_set1_epi8('0' - 1)),
                                        _mm_cmplt_epi8(text, _mm_set1_epi8('9' + 1)));
  const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(small, _mm_set1_epi8('a' - 1)),
                                       _mm_cmplt_epi8(small, _mm_set1_epi8('f' + 1)));
  *valid &= _mm_movemask_epi8(_mm_or_si128(decimal, letter));
  *capitals |= _mm_movemask_epi8(_mm_and_si128(letter, _mm_cmplt_epi8(text, small)));
  const __m128i values = _mm_add_epi8(_mm_and_si128(text, _mm_set1_epi8(0x0F)),
                                      _mm_and_si128(letter, _mm_set1_epi8(9)));
  return _mm_and_si128(_mm_or_si128(_mm_slli_epi16(values, 4), _mm_srli_epi16(values, 8)),
                       _mm_set1_epi16(0xFF));
}

}  // namespace hex_internal

inline bool ReadHexSse2(const HexDigits& digits, uint8_t* bytes16, bool* has_capitals) {
  int valid = 0xFFFF;
  int capitals = 0;
  const __m128i first = hex_internal::ReadLanes(digits[0], digits[1], &valid, &capitals);
  const __m128i second = hex_internal::ReadLanes(digits[2], digits[3], &valid, &capitals);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(bytes16), _mm_packus_epi16(first, second));
  *has_capitals = capitals != 0;
  return valid == 0xFFFF;
}
#endif

inline bool ReadHex(const HexDigits& digits, uint8_t* bytes16, bool* has_capitals) {
#ifdef __SSE2__
  return ReadHexSse2(digits, bytes16, has_capitals);
#else
  return ReadHexPortable(digits, bytes16, has_capitals);
#endif
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_HEX_H_
