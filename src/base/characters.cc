// SPDX-License-Identifier: Apache-2.0
#include "base/characters.h"

#include <algorithm>
#include <iterator>

namespace otpcore {
namespace {

struct Block {
  uint32_t first, last;
};

constexpr Block kWhiteSpace[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

constexpr Block kDashes[] = {
    {0x002D, 0x002D}, {0x058A, 0x058A}, {0x05BE, 0x05BE},   {0x1400, 0x1400},   {0x1806, 0x1806},
    {0x2010, 0x2015}, {0x2053, 0x2053}, {0x207B, 0x207B},   {0x208B, 0x208B},   {0x2212, 0x2212},
    {0x2E17, 0x2E17}, {0x2E1A, 0x2E1A}, {0x2E3A, 0x2E3B},   {0x2E40, 0x2E40},   {0x2E5D, 0x2E5D},
    {0x301C, 0x301C}, {0x3030, 0x3030}, {0x30A0, 0x30A0},   {0xFE31, 0xFE32},   {0xFE58, 0xFE58},
    {0xFE63, 0xFE63}, {0xFF0D, 0xFF0D}, {0x10D6E, 0x10D6E}, {0x10EAD, 0x10EAD},
};

constexpr Block kMarks[] = {
    {0x00AD, 0x00AD},    // soft hyphen
    {0x061C, 0x061C},    // Arabic letter mark
    {0x180B, 0x180D},    // Mongolian variation selectors
    {0x180F, 0x180F},    // another
    {0x200B, 0x200F},    // zero-width space and joiners, direction marks
    {0x202A, 0x202E},    // embeddings and overrides of direction
    {0x2060, 0x2069},    // word joiner, isolates
    {0xFE00, 0xFE0F},    // variation selectors
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xE0100, 0xE01EF},  // variation selectors
};

constexpr uint32_t kZeros[] = {0x0030, 0xFF10, 0x0660, 0x06F0, 0x0966};

template <size_t kSize>
bool Lists(const Block (&blocks)[kSize], uint32_t code_point) {
  return std::any_of(std::begin(blocks), std::end(blocks), [code_point](const Block& block) {
    return block.first <= code_point && code_point <= block.last;
  });
}

}  // namespace

bool IsWhiteSpace(uint32_t code_point) { return Lists(kWhiteSpace, code_point); }

bool IsDash(uint32_t code_point) { return Lists(kDashes, code_point); }

bool IsInvisibleMark(uint32_t code_point) { return Lists(kMarks, code_point); }

int DigitValue(uint32_t code_point) {
  for (const uint32_t zero : kZeros) {
    if (code_point >= zero && code_point <= zero + 9) return static_cast<int>(code_point - zero);
  }
  return -1;
}

}  // namespace otpcore
