// SPDX-License-Identifier: Apache-2.0
// Which characters are white space, dashes, marks and digits, for every code point there is (A-05,
// N-02).
#include "base/characters.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <string>

namespace otpcore {
namespace {

// As Perl has them (tests/data/make_characters.pl).
std::map<std::string, std::set<uint32_t>> Properties() {
  std::map<std::string, std::set<uint32_t>> properties;
  std::ifstream data(std::string(OTPCORE_SOURCE_DIR) + "/tests/data/characters.txt");
  for (std::string point, name; data >> point >> name;) {
    if (point != "#")
      properties[name].insert(static_cast<uint32_t>(std::stoul(point, nullptr, 16)));
    std::getline(data, name);
  }
  return properties;
}

TEST(Characters, AreThoseOfUnicode) {  // N-02
  auto properties = Properties();
  properties["dash"].insert(0x10D6E);  // new in Unicode 16
  ASSERT_EQ(properties["space"].size(), 25u);
  ASSERT_GT(properties["dash"].size(), 25u);
  std::set<uint32_t> marks = properties["selector"];
  ASSERT_GT(marks.size(), 250u);
  for (const auto& [first, last] :
       {std::pair(0x200Bu, 0x200Fu), std::pair(0x202Au, 0x202Eu), std::pair(0x2060u, 0x2069u)}) {
    for (uint32_t c = first; c <= last; ++c) marks.insert(c);
  }
  marks.insert({0x00AD, 0x061C, 0xFEFF});
  for (uint32_t c = 0; c <= 0x110000; ++c) {
    ASSERT_EQ(IsWhiteSpace(c), properties["space"].count(c) != 0) << std::hex << c;
    ASSERT_EQ(IsDash(c), properties["dash"].count(c) != 0) << std::hex << c;
    ASSERT_EQ(IsInvisibleMark(c), marks.count(c) != 0) << std::hex << c;
  }
  EXPECT_FALSE(IsWhiteSpace(0xFFFFFFFF) || IsDash(0xFFFFFFFF) || IsInvisibleMark(0xFFFFFFFF));
}

TEST(Characters, DigitsAreThoseOfFiveScripts) {  // N-02
  const std::map<uint32_t, int> zeros = {
      {'0', 0}, {0xFF10, 0}, {0x0660, 0}, {0x06F0, 0}, {0x0966, 0}};
  int digits = 0;
  for (uint32_t c = 0; c <= 0x110000; ++c) {
    int expected = -1;
    for (int value = 0; value <= 9; ++value) {
      if (zeros.count(c - static_cast<uint32_t>(value)) != 0) expected = value;
    }
    ASSERT_EQ(DigitValue(c), expected) << std::hex << c;
    digits += expected >= 0 ? 1 : 0;
  }
  EXPECT_EQ(digits, 50);
  EXPECT_EQ(DigitValue(0xFFFFFFFF), -1);
}

}  // namespace
}  // namespace otpcore
