// SPDX-License-Identifier: Apache-2.0
// What a person may type into a field for a code, character by character and written out (A-05,
// TO-14, RC-08): a second opinion for the fuzz targets.
#ifndef OTPCORE_FUZZ_TYPED_H_
#define OTPCORE_FUZZ_TYPED_H_

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace otpcore {
namespace fuzz {

inline bool IsIn(uint32_t c, std::initializer_list<std::pair<uint32_t, uint32_t>> ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// White space, dashes and invisible marks, written out.
inline bool IsDropped(uint32_t c) {
  const bool space = IsIn(c, {{0x09, 0x0D},
                              {0x20, 0x20},
                              {0x85, 0x85},
                              {0xA0, 0xA0},
                              {0x1680, 0x1680},
                              {0x2000, 0x200A},
                              {0x2028, 0x2029},
                              {0x202F, 0x202F},
                              {0x205F, 0x205F},
                              {0x3000, 0x3000}});
  const bool dash =
      IsIn(c, {{0x2D, 0x2D},     {0x58A, 0x58A},   {0x5BE, 0x5BE},     {0x1400, 0x1400},
               {0x1806, 0x1806}, {0x2010, 0x2015}, {0x2053, 0x2053},   {0x207B, 0x207B},
               {0x208B, 0x208B}, {0x2212, 0x2212}, {0x2E17, 0x2E17},   {0x2E1A, 0x2E1A},
               {0x2E3A, 0x2E3B}, {0x2E40, 0x2E40}, {0x2E5D, 0x2E5D},   {0x301C, 0x301C},
               {0x3030, 0x3030}, {0x30A0, 0x30A0}, {0xFE31, 0xFE32},   {0xFE58, 0xFE58},
               {0xFE63, 0xFE63}, {0xFF0D, 0xFF0D}, {0x10D6E, 0x10D6E}, {0x10EAD, 0x10EAD}});
  const bool mark = IsIn(c, {{0x180B, 0x180D},
                             {0x180F, 0x180F},
                             {0x200B, 0x200F},
                             {0x202A, 0x202E},
                             {0x2060, 0x2069},
                             {0xFE00, 0xFE0F},
                             {0xFEFF, 0xFEFF},
                             {0xE0100, 0xE01EF}});
  return space || dash || mark;
}

// The ASCII digit that a digit of one of five scripts stands for; 0: it is none.
inline char DigitOf(uint32_t c) {
  for (const uint32_t zero : {0x30u, 0xFF10u, 0x660u, 0x6F0u, 0x966u}) {
    if (c >= zero && c <= zero + 9) return static_cast<char>('0' + (c - zero));
  }
  return 0;
}

}  // namespace fuzz
}  // namespace otpcore

#endif  // OTPCORE_FUZZ_TYPED_H_
