// SPDX-License-Identifier: Apache-2.0
#include "rules/typed_text.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace otpcore {
namespace {

using Kind = TypedCharacter::Kind;

std::string Utf8(uint32_t point) {
  std::string text;
  const auto add = [&text](uint32_t byte) { text += static_cast<char>(byte); };
  if (point < 0x80) {
    add(point);
  } else if (point < 0x800) {
    add(0xC0 | point >> 6), add(0x80 | (point & 63));
  } else if (point < 0x10000) {
    add(0xE0 | point >> 12), add(0x80 | (point >> 6 & 63)), add(0x80 | (point & 63));
  } else {
    add(0xF0 | point >> 18), add(0x80 | (point >> 12 & 63));
    add(0x80 | (point >> 6 & 63)), add(0x80 | (point & 63));
  }
  return text;
}

// What the rules call white space, dashes and invisible marks, from Unicode's property list.
std::set<uint32_t> Separators() {
  std::set<uint32_t> points = {// White_Space
                               0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2028,
                               0x2029, 0x202F, 0x205F, 0x3000,
                               // Dash
                               0x2D, 0x58A, 0x5BE, 0x1400, 0x1806, 0x2053, 0x207B, 0x208B, 0x2212,
                               0x2E17, 0x2E1A, 0x2E3A, 0x2E3B, 0x2E40, 0x2E5D, 0x301C, 0x3030,
                               0x30A0, 0xFE31, 0xFE32, 0xFE58, 0xFE63, 0xFF0D, 0x10EAD,
                               // marks
                               0xFEFF, 0x180B, 0x180C, 0x180D, 0x180F};
  const uint32_t ranges[][2] = {{0x2000, 0x200A},  // White_Space
                                {0x2010, 0x2015},  // Dash
                                {0x200B, 0x200F},  // marks
                                {0x202A, 0x202E}, {0x2060, 0x2069},
                                {0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}};
  for (const auto& range : ranges) {
    for (uint32_t point = range[0]; point <= range[1]; ++point) points.insert(point);
  }
  return points;
}

char DigitOf(uint32_t point) {
  for (const uint32_t zero : {0x30u, 0xFF10u, 0x660u, 0x6F0u, 0x966u}) {
    if (point >= zero && point < zero + 10) return static_cast<char>('0' + point - zero);
  }
  return 0;
}

TEST(NextTyped, KnowsEveryCodePoint) {  // A-05, TO-14, RC-08
  const std::set<uint32_t> separators = Separators();
  for (uint32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    const std::string text = Utf8(point) + "7";
    std::string_view rest = text;
    const TypedCharacter typed = NextTyped(&rest);
    ASSERT_EQ(rest, "7") << std::hex << point;
    const bool capital = point >= 'A' && point <= 'Z';
    const bool letter = capital || (point >= 'a' && point <= 'z');
    const char digit = DigitOf(point);
    const Kind kind = letter || digit != 0           ? Kind::kCounts
                      : separators.count(point) != 0 ? Kind::kSeparator
                                                     : Kind::kOther;
    ASSERT_EQ(typed.kind, kind) << std::hex << point;
    if (kind != Kind::kCounts) continue;
    ASSERT_EQ(typed.is_letter, letter ? 1 : 0) << point;
    ASSERT_EQ(typed.character, digit != 0 ? digit : static_cast<char>(point | 0x20)) << point;
  }
}

TEST(NextTyped, TakesOneByteOfWhatIsNoUtf8) {
  for (const char* text : {"\xFF", "\xE2\x80", "\xE2\x28\xA1", "\xC0\xA0", "\xED\xA0\x80", "\xD9",
                           "\xEF\xBC", "\xE0\xA5", "\xF0\x90\xBA", "\x80"}) {
    std::string_view rest = text;
    const size_t size = rest.size();
    EXPECT_EQ(NextTyped(&rest).kind, Kind::kOther) << text;
    EXPECT_EQ(rest.size(), size - 1) << text;
  }
}

TEST(NextTyped, LooksAtNothingBehindTheEnd) {
  for (const std::string_view digit : {"\xD9\xA1", "\xDB\xB1", "\xEF\xBC\x91", "\xE0\xA5\xA7"}) {
    for (size_t size = 1; size < digit.size(); ++size) {
      std::string_view cut = digit.substr(0, size);
      EXPECT_EQ(NextTyped(&cut).kind, Kind::kOther) << digit;
      EXPECT_EQ(cut.size(), size - 1) << digit;
    }
  }
}

}  // namespace
}  // namespace otpcore
