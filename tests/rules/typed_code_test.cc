// SPDX-License-Identifier: Apache-2.0
// What a person types as a code, at the edges of what counts.
#include "otpcore/rules/typed_code.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "otpcore/rules/passcode.h"
#include "utf8_text.h"

namespace otpcore {
namespace {

const SecretAccess kAccess("a test reads codes");

std::string Read(const std::string& typed) {
  const Result<Passcode> code = ReadTypedCode(TypedCode(std::string_view(typed)));
  if (code) return std::string(code->Reveal(kAccess));
  EXPECT_EQ(code.error().code(), ErrorCode::kInvalidCode);
  return "refused";
}

// What Unicode calls white space, and its property Dash, written out.
const std::vector<uint32_t> kSpaces = {0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,
                                       0xA0,   0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004,
                                       0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028,
                                       0x2029, 0x202F, 0x205F, 0x3000};
const std::vector<uint32_t> kDashes = {
    0x2D,   0x58A,  0x5BE,  0x1400, 0x1806, 0x2010, 0x2011, 0x2012,  0x2013, 0x2014, 0x2015,
    0x2053, 0x207B, 0x208B, 0x2212, 0x2E17, 0x2E1A, 0x2E3A, 0x2E3B,  0x2E40, 0x2E5D, 0x301C,
    0x3030, 0x30A0, 0xFE31, 0xFE32, 0xFE58, 0xFE63, 0xFF0D, 0x10D6E, 0x10EAD};
const std::pair<uint32_t, uint32_t> kMarks[] = {
    {0x200B, 0x200F}, {0x202A, 0x202E}, {0x2060, 0x2069}, {0xFEFF, 0xFEFF},
    {0x180B, 0x180D}, {0x180F, 0x180F}, {0xFE00, 0xFE0F}, {0xE0100, 0xE01EF}};
const uint32_t kZeros[] = {'0', 0xFF10, 0x660, 0x6F0, 0x966};

bool IsDropped(uint32_t c) {
  return std::count(kSpaces.begin(), kSpaces.end(), c) +
                 std::count(kDashes.begin(), kDashes.end(), c) >
             0 ||
         std::any_of(std::begin(kMarks), std::end(kMarks),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// The digit that `c` is, or -1.
int DigitOf(uint32_t c) {
  for (const uint32_t zero : kZeros) {
    if (c >= zero && c <= zero + 9) return static_cast<int>(c - zero);
  }
  return -1;
}

TEST(ReadTypedCode, ReadsDropsOrRefusesEachCodePoint) {
  int digits = 0, dropped = 0;
  for (uint32_t c = 0; c <= kLastCodePoint; ++c) {
    if (IsSurrogate(c)) continue;
    std::string expected = "refused";
    if (DigitOf(c) >= 0) {
      expected = "12" + std::to_string(DigitOf(c)) + "34";
      ++digits;
    } else if (IsDropped(c)) {
      expected = "1234";
      ++dropped;
    }
    ASSERT_EQ(Read("12" + Utf8(c) + "34"), expected) << std::hex << c;
    ASSERT_EQ(Read(Utf8(c) + "1234" + Utf8(c)) != "refused", expected != "refused")
        << std::hex << c;
  }
  EXPECT_EQ(digits, 50);
  EXPECT_EQ(dropped, 25 + 31 + 5 + 5 + 10 + 1 + 4 + 16 + 240);
}

TEST(ReadTypedCode, DropsSeparatorsAloneOrInARow) {
  for (const char* typed : {"123456",
                            "123 456",
                            "123-456",
                            "123  456",
                            "123 - 456",
                            "123--456",
                            "-123456",
                            "123456-",
                            " \t\r\n123456 \t\r\n",
                            "\v123456\f",
                            "123\t456",
                            "1-2-3-4-5-6",
                            "1 2 3 4 5 6",
                            "- 123456 -",
                            "123\xC2\xA0"
                            "456",  // no-break space
                            "123\xE2\x80\x91"
                            "456",  // no-break hyphen
                            "123\xE2\x80\x93"
                            "456",  // en dash
                            "\xE2\x80\xAD"
                            "123456\xE2\x80\xAC",  // as copied from contacts
                            "\xE2\x81\xA8"
                            "123\xE2\x80\x8B"
                            "456\xE2\x81\xA9",  // isolated, with a zero width space
                            "\xEF\xBB\xBF"
                            "123456"})  // a byte order mark
    EXPECT_EQ(Read(typed), "123456") << typed;
}

TEST(ReadTypedCode, RefusesWhatIsNoSeparator) {
  for (const char* typed : {"", " ", "-", " \n ", "12.34", "12,34", "12/34", "12:34", "12_34",
                            "#1234", "(1234)", "+1234", "1234a", "G-1234",
                            "1\xEF\xB8\x8F\xE2\x83\xA3"
                            "234",  // a keycap
                            "12\xC2\xAD"
                            "34",  // soft hyphen
                            "\xC2\xB2"
                            "1234",
                            "12\xE0\xA7\xA7"
                            "34"})  // superscript two; Bengali one
    EXPECT_EQ(Read(typed), "refused") << typed;
  EXPECT_EQ(Read(std::string("1234\0", 5)), "refused");
}

TEST(ReadTypedCode, RefusesMalformedUtf8) {
  for (const char* typed : {"1234\xC2", "1234\xE2\x80",
                            "12\xE2\x80"
                            "34",
                            "12\xE2"
                            "34",
                            "12\x80"
                            "34",
                            "\xFF"
                            "1234",
                            "12\xC0\xA0"
                            "34",
                            "12\xE0\x80\xA0"
                            "34",
                            "12\xED\xA0\x80"
                            "34",
                            "1234\xD9", "1234\xEF\xBC", "1234\xF3\xA0\x84",
                            "12\xF5\x80\x80\x80"
                            "34",
                            "12\xC2\xC2\xA0"
                            "34"})
    EXPECT_EQ(Read(typed), "refused") << typed;
  // A byte that continues nothing, behind a whole character.
  EXPECT_EQ(Read("1234\xC2\xA0\x80"
                 "56"),
            "refused");
  EXPECT_EQ(Read("1234\xE2\x80\x93\x80"
                 "56"),
            "refused");
  EXPECT_EQ(Read("1234\xF3\xA0\x84\x80\x80"
                 "56"),
            "refused");
}

TEST(ReadTypedCode, HasFourToTenDigits) {
  EXPECT_EQ(Read("123"), "refused");
  EXPECT_EQ(Read("1234"), "1234");
  EXPECT_EQ(Read("0123456789"), "0123456789");
  EXPECT_EQ(Read("01234567890"), "refused");
  EXPECT_EQ(Read("0-1-2-3-4-5-6-7-8-9-0"), "refused");
  const std::string longest = std::string(kTypedCodeBytesMax - 4, ' ') + "1234";
  EXPECT_EQ(Read(longest), "1234");
  EXPECT_EQ(Read(" " + longest), "refused") << "one byte more than there is room for";
}

TEST(ReadTypedCode, HasRoomForTenWideDigitsAmidSeparators) {
  std::string typed = "\xE2\x81\xA8";
  for (uint32_t digit = 0; digit < 10; ++digit) typed += Utf8(0xFF10 + digit) + "\xE2\x80\x91 ";
  EXPECT_EQ(Read(typed + "\xE2\x81\xA9\r\n"), "0123456789");
}

TEST(ReadTypedCode, MixesScripts) {
  EXPECT_EQ(Read("1" + Utf8(0xFF12) + Utf8(0x663) + Utf8(0x6F4) + Utf8(0x96B)), "12345");
}

std::string Drawn(const uint8_t* entropy, int digits) {
  Passcode passcode;
  return DrawPasscode(entropy, digits, &passcode).ok() ? std::string(passcode.Reveal(kAccess))
                                                       : "refused";
}

TEST(DrawPasscode, ReadsTheFirstDrawThatCountsAsAFraction) {
  uint8_t entropy[kPasscodeEntropyBytes] = {};
  for (size_t draw = 0; draw < kPasscodeDraws; ++draw) {
    // 0.5, and a little more for each further draw, so that no two are the same.
    entropy[draw * 8 + 7] = 0x80;
    entropy[draw * 8 + 6] = static_cast<uint8_t>(draw * 16);
    entropy[draw * 8 + 3] = 1;  // exactly 0.5 would favour a code
  }
  EXPECT_EQ(Drawn(entropy, 6), "500000");
  EXPECT_EQ(Drawn(entropy, 4), "5000");
  EXPECT_EQ(Drawn(entropy, 10), "5000000000");
  EXPECT_EQ(Drawn(entropy, 3), "refused");
  EXPECT_EQ(Drawn(entropy, 11), "refused");
  // Without it the next draw is read: 0x8010 of 0x10000 is 0.500244140625.
  entropy[3] = 0;
  EXPECT_EQ(Drawn(entropy, 10), "5002441406");
}

TEST(DrawPasscode, GivesUpWhenEveryDrawWouldFavourACode) {
  uint8_t entropy[kPasscodeEntropyBytes] = {};
  for (size_t draw = 0; draw < kPasscodeDraws; ++draw)
    entropy[draw * 8 + 7] = static_cast<uint8_t>(draw * 64);  // quarters: nothing remains
  EXPECT_EQ(Drawn(entropy, 6), "refused");
  entropy[(kPasscodeDraws - 1) * 8 + 7] = 0xFF;
  EXPECT_EQ(Drawn(entropy, 6), "996093") << "the last draw counts";
}

TEST(DrawPasscode, TheFirstRemainderThatIsEvenIs551616) {  // 2^64 modulo 10^6
  const uint64_t favours = 0x42F038E29F9CE8DA;
  uint64_t draws[kPasscodeDraws + 1] = {0x83FFEF39085F4A13, 0x8010000001000000, 1};
  uint8_t entropy[sizeof draws];
  const auto code = [&] {
    std::memcpy(entropy, draws, sizeof draws);
    return Drawn(entropy, 6);
  };
  EXPECT_EQ(code(), "515624") << "remainder 551616";
  draws[0] = favours;
  EXPECT_EQ(code(), "500244") << "remainder 551552: one code would have one draw more";
  draws[kPasscodeDraws] = favours;  // what lies behind the draws is not one of them
  EXPECT_EQ(code(), "500244");
}

TEST(DrawPasscode, EqualDrawsAreAStuckGenerator) {
  uint8_t entropy[kPasscodeEntropyBytes] = {};
  for (size_t draw = 0; draw < kPasscodeDraws; ++draw) entropy[draw * 8 + 7] = 0x40;
  EXPECT_EQ(Drawn(entropy, 6), "refused");
  entropy[8] = 1;  // one bit is enough
  EXPECT_NE(Drawn(entropy, 6), "refused");
}

// The stored form, byte by byte: a change of it would make every challenge in a store void.
TEST(DigestPasscode, IsTheHashOfKeyAndFieldsWithTheirLengths) {
  std::array<uint8_t, 32> key{};
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(i);
  ChallengeId challenge;
  challenge.bytes.fill(0x5A);
  const std::string organization(128, 'o');
  std::string bytes(reinterpret_cast<const char*>(key.data()), key.size());
  bytes += "otpcore2";
  bytes += '\x02';  // FactorKind::kSmsPasscode
  bytes += '\x80' + organization + "\x01m" + "\x0C+14155550123" + std::string(16, '\x5A') + "\x06" +
           "123456";
  PasscodeDigest expected;
  crypto_generichash(expected.bytes.data(), expected.bytes.size(),
                     reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(), nullptr, 0);
  const PasscodeDigest digest = DigestPasscode(
      DigestKey(key), 1,
      {FactorKind::kSmsPasscode, organization, EntityId("m"), "+14155550123", challenge},
      Passcode("123456"));
  EXPECT_EQ(digest.bytes, expected.bytes);
  EXPECT_EQ(digest.key_id, 1u);
}

}  // namespace
}  // namespace otpcore
