// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/passcode.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");

// Entropy whose first draw is `first`; the others are set apart from each other.
std::array<uint8_t, kPasscodeEntropyBytes> EntropyOf(uint64_t first, uint64_t others = 0x55AA) {
  std::array<uint8_t, kPasscodeEntropyBytes> bytes{};
  for (size_t i = 0; i < kPasscodeDraws; ++i) {
    const uint64_t draw = i == 0 ? first : others + i;
    std::memcpy(bytes.data() + 8 * i, &draw, 8);
  }
  return bytes;
}

ErrorCode ErrorOfDraw(const uint8_t* entropy, int digits) {
  Passcode passcode("1234");
  const ErrorCode code = DrawPasscode(entropy, digits, &passcode).code();
  EXPECT_TRUE(code == ErrorCode::kOk || passcode.empty());
  return code;
}

std::string Draw(const std::array<uint8_t, kPasscodeEntropyBytes>& entropy, int digits) {
  Passcode passcode;
  const Error error = DrawPasscode(entropy.data(), digits, &passcode);
  EXPECT_EQ(error.ok(), !passcode.empty());
  return std::string(passcode.Reveal(kTest));
}

uint64_t PowerOfTen(int digits) {
  uint64_t power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  return power;
}

__extension__ typedef unsigned __int128 Wide;

// R-01, B-10: code c is made by the draws x with floor(x·10^d / 2^64) = c whose remainder is not
// rejected. Counted without drawing: those x form one run, and its rejected part is its start.
uint64_t PreImages(uint64_t code, int digits) {
  const uint64_t n = PowerOfTen(digits);
  const auto first_at = [n](uint64_t c) {  // least x with x·n >= c·2^64
    return static_cast<Wide>(((static_cast<Wide>(c) << 64) + n - 1) / n);
  };
  const Wide begin = first_at(code);
  const Wide end = code + 1 == n ? static_cast<Wide>(1) << 64 : first_at(code + 1);
  const uint64_t threshold = (0 - n) % n;
  // Remainders grow by n along the run: the rejected ones are the first few.
  Wide rejected = 0;
  for (Wide x = begin; x < end; ++x, ++rejected) {
    if (static_cast<uint64_t>(x * n) >= threshold) break;
  }
  return static_cast<uint64_t>(end - begin - rejected);
}

TEST(DrawPasscode, EveryCodeHasTheSameNumberOfDraws) {
  for (const int digits : {4, 5, 6}) {
    const uint64_t n = PowerOfTen(digits);
    const uint64_t share = PreImages(0, digits);
    EXPECT_EQ(share, (~uint64_t{0} - (0 - n) % n + 1) / n) << digits;
    for (uint64_t code = 0; code < n; ++code) ASSERT_EQ(PreImages(code, digits), share) << code;
  }
}

// The same for every length (B-10). Walks from code to code without a division: n runs lie end to
// end in the 2^64 draws; code c's first remainder is s = -c·2^64 mod n, and its run has one draw
// more, the rejected one, when s is below the threshold t = 2^64 mod n. That the runs fill the 2^64
// exactly is the proof that nothing was miscounted; the real function is asked at the edges of the
// runs.
void WalkAllRuns(int digits, uint64_t ask_every) {
  const uint64_t n = PowerOfTen(digits);
  const uint64_t threshold = (0 - n) % n;
  const uint64_t share = (~uint64_t{0} - threshold + 1) / n;
  Wide begin = 0;
  uint64_t first_remainder = 0;
  uint64_t asked = 0;
  for (uint64_t code = 0; code < n; ++code) {
    const uint64_t rejected = first_remainder < threshold ? 1 : 0;
    const Wide end = begin + rejected + share;
    if (code % ask_every == 0 || code + 1 == n) {
      std::string expected = std::to_string(code);
      expected.insert(0, static_cast<size_t>(digits) - expected.size(), '0');
      ASSERT_EQ(Draw(EntropyOf(static_cast<uint64_t>(begin + rejected)), digits), expected);
      ASSERT_EQ(Draw(EntropyOf(static_cast<uint64_t>(end - 1)), digits), expected);
      if (rejected == 1 && code > 0) {
        ASSERT_NE(Draw(EntropyOf(static_cast<uint64_t>(begin)), digits), expected);
      }
      ++asked;
    }
    begin = end;
    first_remainder = first_remainder >= threshold ? first_remainder - threshold
                                                   : first_remainder + n - threshold;
  }
  EXPECT_EQ(begin, static_cast<Wide>(1) << 64) << digits;
  std::printf("%2d digits: every code has %llu draws; asked at %llu\n", digits,
              static_cast<unsigned long long>(share), static_cast<unsigned long long>(asked));
}

TEST(DrawPasscode, TheRunsOfAllCodesFillAllDraws) {  // R-01, B-10
  for (const int digits : {4, 5, 6}) WalkAllRuns(digits, digits == 6 ? 7 : 1);
}

// Every length: 10^10 codes take about a minute, so only when asked for (OTPCORE_DEEP=2).
TEST(DrawPasscode, TheRunsOfAllCodesFillAllDrawsOfEveryLength) {  // R-01, B-10 deep
  const char* const deep = std::getenv("OTPCORE_DEEP");
  const int most = deep != nullptr && std::string(deep) == "2" ? kPasscodeDigitsMax : 7;
  for (int digits = 7; digits <= most; ++digits) WalkAllRuns(digits, PowerOfTen(digits - 5) + 1);
}

TEST(DrawPasscode, MakesTheCodeThatTheCountSpeaksOf) {  // leading zeros, 9 and 999999 too
  for (int digits = kPasscodeDigitsMin; digits <= kPasscodeDigitsMax; ++digits) {
    const uint64_t n = PowerOfTen(digits);
    for (const uint64_t code : {uint64_t{0}, uint64_t{1}, uint64_t{9}, n / 2, n - 2, n - 1}) {
      // One past the middle of the code's run is far from what is rejected.
      const auto x =
          static_cast<uint64_t>(((static_cast<Wide>(code) << 64) / n) + (~uint64_t{0} / n) / 2);
      std::string expected = std::to_string(code);
      expected.insert(0, static_cast<size_t>(digits) - expected.size(), '0');
      EXPECT_EQ(Draw(EntropyOf(x), digits), expected);
    }
  }
}

TEST(DrawPasscode, SkipsARejectedDrawAndGivesUpAfterTheLast) {
  const uint64_t n = PowerOfTen(6);
  ASSERT_GT((0 - n) % n, 0u);
  EXPECT_EQ(Draw(EntropyOf(0, (uint64_t{1} << 63) + (uint64_t{1} << 40)), 6),
            "500000");  // 0 leaves remainder 0
  // The first draw of each code's run leaves a remainder below n, and some of these are rejected.
  std::array<uint8_t, kPasscodeEntropyBytes> rejected{};
  size_t found = 0;
  for (uint64_t code = 0; found < kPasscodeDraws; ++code) {
    const auto x = static_cast<uint64_t>(((static_cast<Wide>(code) << 64) + n - 1) / n);
    if (x * n >= (0 - n) % n) continue;
    std::memcpy(rejected.data() + 8 * found++, &x, 8);
  }
  EXPECT_EQ(ErrorOfDraw(rejected.data(), 6), ErrorCode::kInternalServerError);
}

TEST(DrawPasscode, RefusesAGeneratorThatIsStuck) {
  for (const int byte : {0x00, 0x01, 0x7F, 0xFF}) {
    std::array<uint8_t, kPasscodeEntropyBytes> stuck{};
    stuck.fill(static_cast<uint8_t>(byte));
    EXPECT_EQ(ErrorOfDraw(stuck.data(), 6), ErrorCode::kInternalServerError);
  }
}

TEST(DrawPasscode, RefusesOtherLengths) {
  for (const int digits : {-1, 0, 3, 11, 1000}) {
    EXPECT_EQ(ErrorOfDraw(EntropyOf(1).data(), digits), ErrorCode::kInternalServerError);
  }
}

// ---- Digests ----

class Digest : public ::testing::Test {
 protected:
  static DigestKey Key(uint8_t byte) {
    std::array<uint8_t, 32> bytes{};
    bytes.fill(byte);
    return DigestKey(bytes);
  }
  static ChallengeId Challenge(uint8_t byte) {
    ChallengeId id;
    id.bytes.fill(byte);
    return id;
  }
  static PasscodeDigest Of(const EntityId& organization, const EntityId& member,
                           std::string_view address, uint8_t challenge, const char* code,
                           FactorKind factor = FactorKind::kSmsPasscode, uint8_t key = 1) {
    return DigestPasscode(
        Key(key), 1, {factor, organization, member, address, Challenge(challenge)}, Passcode(code));
  }
};

TEST_F(Digest, DependsOnEveryPartOfItsBinding) {
  const PasscodeDigest digests[] = {
      Of("organization", "member", "+14155550123", 1, "012345"),
      // The same bytes in a row: the lengths keep them apart.
      Of("organizatio", "nmember", "+14155550123", 1, "012345"),
      Of("organization", "member", "+14155550124", 1, "012345"),
      Of("organization", "member", "+14155550123", 2, "012345"),
      Of("organization", "member", "+14155550123", 1, "12345"),
      Of("organization", "member", "+14155550123", 1, "012346"),
      Of("organization", "member", "+14155550123", 1, "012345", FactorKind::kEmailPasscode),
      Of("organization", "member", "+14155550123", 1, "012345", FactorKind::kSmsPasscode, 2),
  };
  for (const PasscodeDigest& a : digests) {
    for (const PasscodeDigest& b : digests) EXPECT_EQ(DigestsEqual(a, b), &a == &b);
  }
}

TEST_F(Digest, IsTheSameForTheSameInput) {
  EXPECT_TRUE(DigestsEqual(Of("o", "m", "+1", 1, "0123"), Of("o", "m", "+1", 1, "0123")));
}

TEST(KeyRing, UsesTheNewestKeyAndFindsTheOthers) {
  KeyRing keys(1, DigestKey());
  keys.Add(2, DigestKey());
  EXPECT_EQ(keys.current_id(), 2u);
  EXPECT_NE(keys.Find(1), nullptr);
  keys.Remove(1);
  EXPECT_EQ(keys.Find(1), nullptr);
  EXPECT_EQ(keys.Find(3), nullptr);
}

}  // namespace
}  // namespace otpcore
