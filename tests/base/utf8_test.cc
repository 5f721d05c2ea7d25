// SPDX-License-Identifier: Apache-2.0
// Reading UTF-8: every length at its edges, and what is malformed or invisible (C-03, G-04, threat
// 26).
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace otpcore {
namespace {

uint32_t First(std::string_view text, size_t* taken = nullptr) {
  const size_t size = text.size();
  const uint32_t point = NextCodePoint(&text);
  if (taken != nullptr) *taken = size - text.size();
  return point;
}

TEST(NextCodePoint, ReadsEachLengthAtItsEdges) {
  const std::pair<const char*, uint32_t> cases[] = {
      {"\x01", 0x01},
      {"\x7F", 0x7F},
      {"\xC2\x80", 0x80},
      {"\xDF\xBF", 0x7FF},
      {"\xE0\xA0\x80", 0x800},
      {"\xED\x9F\xBF", 0xD7FF},
      {"\xEE\x80\x80", 0xE000},
      {"\xEF\xBF\xBF", 0xFFFF},
      {"\xF0\x90\x80\x80", 0x10000},
      {"\xF3\xA0\x80\x81", 0xE0001},
      {"\xF4\x8F\xBF\xBF", 0x10FFFF},
  };
  EXPECT_EQ(First(std::string_view("\0", 1)), 0u);
  for (const auto& [text, point] : cases) {
    size_t taken = 0;
    EXPECT_EQ(First(std::string(text) + "x", &taken), point);
    EXPECT_EQ(taken, std::string(text).size());
  }
}

TEST(NextCodePoint, TakesOneByteOfWhatIsMalformed) {
  const char* const cases[] = {
      "\x80",              // begins nothing
      "\xBF",              //
      "\xC0\xAF",          // over-long in two bytes
      "\xC1\xBF",          //
      "\xC2",              // cut
      "\xC2\x41",          // not continued
      "\xC2\xC0",          //
      "\xE0\x9F\xBF",      // over-long in three
      "\xE2\x82",          // cut
      "\xE2\x82\x41",      //
      "\xED\xA0\x80",      // the first surrogate
      "\xED\xBF\xBF",      // the last
      "\xF0\x8F\xBF\xBF",  // over-long in four
      "\xF0\x9F\x98",      // cut
      "\xF4\x90\x80\x80",  // beyond the last character
      "\xF5\x80\x80\x80",  //
      "\xFF",
  };
  for (const char* text : cases) {
    size_t taken = 0;
    EXPECT_EQ(First(text, &taken), kMalformed) << text;
    EXPECT_EQ(taken, 1u);
  }
}

TEST(IsControl, KnowsWhatAReaderDoesNotSee) {
  for (const uint32_t c : {0x00u, 0x1Fu, 0x7Fu, 0x80u, 0x9Fu, 0x2028u, 0x2029u, 0x061Cu, 0x200Eu,
                           0x200Fu, 0x202Au, 0x202Eu, 0x2066u, 0x2069u})
    EXPECT_TRUE(IsControl(c)) << c;
  for (const uint32_t c : {0x20u, 0x7Eu, 0xA0u, 0x2027u, 0x202Fu, 0x061Bu, 0x061Du, 0x200Du,
                           0x2010u, 0x2065u, 0x206Au, 0x1F600u})
    EXPECT_FALSE(IsControl(c)) << c;
}

}  // namespace
}  // namespace otpcore
