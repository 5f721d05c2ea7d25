// SPDX-License-Identifier: Apache-2.0
#include "rules/base32.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace otpcore {
namespace {

std::string Encoded(const std::string& bytes) {
  std::string text(Base32Characters(bytes.size()), '\0');
  EXPECT_EQ(EncodeBase32(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), text.data()),
            text.size());
  return text;
}

// "refused" when it is: no test decodes to that.
std::string Decoded(const std::string& text, size_t capacity = 64) {
  std::string bytes(capacity, '\0');
  size_t size = 99;
  if (!DecodeBase32(text, reinterpret_cast<uint8_t*>(bytes.data()), capacity, &size)) {
    EXPECT_EQ(size, 0u);
    return "refused";
  }
  return bytes.substr(0, size);
}

// RFC 4648, section 10, without the padding.
TEST(Base32, MatchesRfc4648BothWays) {  // TO-03, TO-19
  const std::string pairs[][2] = {
      {"", ""},
      {"f", "MY"},
      {"fo", "MZXQ"},
      {"foo", "MZXW6"},
      {"foob", "MZXW6YQ"},
      {"fooba", "MZXW6YTB"},
      {"foobar", "MZXW6YTBOI"},
      {"12345678901234567890", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"},
      {"Hello!\xDE\xAD\xBE\xEF", "JBSWY3DPEHPK3PXP"},
  };
  for (const auto& [bytes, text] : pairs) {
    EXPECT_EQ(Encoded(bytes), text);
    EXPECT_EQ(Decoded(text), bytes);
  }
}

TEST(Base32, EveryBytePairComesBack) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; second += 5) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      ASSERT_EQ(Decoded(Encoded(bytes)), bytes);
    }
  }
  std::mt19937 random(7);
  for (size_t size = 0; size <= 64; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    ASSERT_EQ(Decoded(Encoded(bytes)), bytes) << size;
  }
}

TEST(DecodeBase32, TakesEitherCaseAndDropsWhatPeopleAdd) {  // TO-19
  for (const char* text :
       {"mzxw6ytboi", "MzXw6YtBoI", "MZXW 6YTB OI", "MZXW-6YTB-OI", " MZXW6YTBOI ",
        "MZXW6YTBOI======", "mzxw 6ytb oi== ====", "--MZXW6YTBOI--", "MZXW6YTBOI=-= "})
    EXPECT_EQ(Decoded(text), "foobar") << text;
}

TEST(DecodeBase32, KnowsItsThirtyTwoCharactersAndNoOthers) {  // TO-19
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool counts = letter || (c >= '2' && c <= '7');
    const bool dropped = c == ' ' || c == '-';
    // Five characters, or four when it is dropped: both lengths are possible.
    const std::string decoded = Decoded(std::string("MZX") + c + "W");
    EXPECT_EQ(decoded != "refused", counts || dropped) << byte;
  }
}

TEST(DecodeBase32, RefusesPaddingInTheMiddle) {  // TO-19
  EXPECT_EQ(Decoded("MZXW6===YTBOI"), "refused");
  EXPECT_EQ(Decoded("=MZXW6YTB"), "refused");
}

TEST(DecodeBase32, RefusesLengthsThatBase32CannotHave) {  // TO-19
  for (size_t size = 0; size <= 24; ++size) {
    const size_t rest = size % 8;
    const bool possible = rest != 1 && rest != 3 && rest != 6;
    EXPECT_EQ(Decoded(std::string(size, 'A')) != "refused", possible) << size;
  }
}

TEST(DecodeBase32, IgnoresBitsLeftOver) {  // as apps do: "MZ" and "MY" are both one byte, "f"
  EXPECT_EQ(Decoded("MZ"), "f");
  EXPECT_EQ(Decoded("MZXW7"), "foo");
}

TEST(DecodeBase32, RefusesMoreThanThereIsRoomFor) {  // TO-19
  EXPECT_EQ(Decoded(std::string(103, 'A')).size(), 64u);
  EXPECT_EQ(Decoded(std::string(104, 'A')), "refused");
  EXPECT_EQ(Decoded("MZXW6", 3), "foo");
  EXPECT_EQ(Decoded("MZXW6", 2), "refused");
}

}  // namespace
}  // namespace otpcore
