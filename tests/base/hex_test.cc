// SPDX-License-Identifier: Apache-2.0
#include "base/hex.h"

#include <gtest/gtest.h>

#include <string>

#include "base/little_endian.h"

namespace otpcore {
namespace {

HexDigits DigitsOf(const std::string& text) {
  return {LoadLittle(text.data(), 8), LoadLittle(text.data() + 8, 8),
          LoadLittle(text.data() + 16, 8), LoadLittle(text.data() + 24, 8)};
}

// The one for every machine and the one for this machine say the same of any byte at any place.
TEST(ReadHex, IsTheSameInBothWays) {  // C-02
  const std::string good = "0123456789abcdefFEDCBA9876543210";
  for (size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      std::array<uint8_t, 16> portable{};
      std::array<uint8_t, 16> fast{};
      bool portable_capitals = false;
      bool fast_capitals = false;
      const bool read = ReadHexPortable(DigitsOf(text), portable.data(), &portable_capitals);
      ASSERT_EQ(ReadHex(DigitsOf(text), fast.data(), &fast_capitals), read) << at << " " << byte;
      if (!read) continue;
      ASSERT_EQ(fast, portable) << at << " " << byte;
      ASSERT_EQ(fast_capitals, portable_capitals) << at << " " << byte;
    }
  }
}

TEST(ReadHex, ReadsDigitsInOrder) {
  std::array<uint8_t, 16> bytes{};
  bool capitals = true;
  ASSERT_TRUE(ReadHex(DigitsOf("00112233445566778899aabbccddeeff"), bytes.data(), &capitals));
  for (size_t i = 0; i < bytes.size(); ++i) EXPECT_EQ(bytes[i], 0x11 * i);
  EXPECT_FALSE(capitals);
}

}  // namespace
}  // namespace otpcore
