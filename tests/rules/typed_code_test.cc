// SPDX-License-Identifier: Apache-2.0
// What a person types as a code, at the edges of what counts.
#include <gtest/gtest.h>
#include <sodium.h>

#include <cstring>
#include <string>

#include "otpcore/rules/passcode.h"

namespace otpcore {
namespace {

const SecretAccess kAccess("a test reads codes");

std::string Read(const std::string& typed) {
  const Result<Passcode> code = ReadTypedCode(TypedCode(std::string_view(typed)));
  return code ? std::string(code->Reveal(kAccess)) : "refused";
}

TEST(TypedCode, SpaceAroundItIsDroppedOfWhateverKind) {
  EXPECT_EQ(Read(" \t\r\n123456 \t\r\n"), "123456");
  for (const char* space : {" ", "\t", "\r", "\n"}) {
    EXPECT_EQ(Read(space + std::string("123456")), "123456");
    EXPECT_EQ(Read("123456" + std::string(space)), "123456");
  }
  EXPECT_EQ(Read("\v123456"), "refused");
  EXPECT_EQ(Read("123\t456"), "refused") << "inside, only a space or a hyphen";
  EXPECT_EQ(Read(" \n "), "refused");
  EXPECT_EQ(Read(""), "refused");
}

TEST(TypedCode, OneSeparatorStandsBetweenTwoDigits) {
  EXPECT_EQ(Read("12 34-56"), "123456");
  EXPECT_EQ(Read("1-2-3-4"), "1234");
  EXPECT_EQ(Read("12  34"), "refused");
  EXPECT_EQ(Read("12--34"), "refused");
  EXPECT_EQ(Read("12- 34"), "refused");
  EXPECT_EQ(Read("-1234"), "refused");
  EXPECT_EQ(Read("1234-"), "refused");
  EXPECT_EQ(Read("12.34"), "refused");
}

TEST(TypedCode, HasFourToTenDigits) {
  EXPECT_EQ(Read("123"), "refused");
  EXPECT_EQ(Read("1234"), "1234");
  EXPECT_EQ(Read("0123456789"), "0123456789");
  EXPECT_EQ(Read("01234567890"), "refused");
  const std::string longest = std::string(60, ' ') + "1234";
  EXPECT_EQ(Read(longest), "1234");
  EXPECT_EQ(Read(" " + longest), "refused") << "65 bytes";
}

TEST(TypedCode, DigitsOfFiveScriptsCountAndTheirNeighboursDoNot) {
  const std::pair<std::string, char> scripts[] = {
      {"", '0'}, {"\xEF\xBC", '\x90'}, {"\xD9", '\xA0'}, {"\xDB", '\xB0'}, {"\xE0\xA5", '\xA6'}};
  for (const auto& [start, zero] : scripts) {
    const auto digit = [&, s = start, z = zero](int value) {
      return s + static_cast<char>(static_cast<unsigned char>(z) + value);
    };
    for (int value = 0; value <= 9; ++value)
      EXPECT_EQ(Read("123" + digit(value)), "123" + std::to_string(value));
    EXPECT_EQ(Read("123" + digit(-1)), "refused");
    EXPECT_EQ(Read("123" + digit(10)), "refused");
    if (!start.empty()) {
      EXPECT_EQ(Read("1234" + start), "refused");
    }
  }
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
