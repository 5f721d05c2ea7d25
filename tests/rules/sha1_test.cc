// SPDX-License-Identifier: Apache-2.0
// SHA-1: the processor's own instructions and the plain rounds give the same. That both are
// SHA-1 is shown by the HMAC vectors, and at all lengths by liboath.
#include "rules/sha1.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>

namespace otpcore {
namespace {

TEST(Sha1, TheProcessorsRoundsAreThePlainOnes) {
  if (!HasSha1Instructions()) GTEST_SKIP() << "this processor has none";
  std::mt19937 random(1);
  for (int i = 0; i < 10000; ++i) {
    uint8_t block[kSha1BlockBytes];
    for (uint8_t& byte : block) byte = static_cast<uint8_t>(random());
    uint32_t plain[5];
    for (uint32_t& word : plain) word = static_cast<uint32_t>(random());
    uint32_t by_processor[5];
    std::memcpy(by_processor, plain, sizeof plain);
    CompressSha1(by_processor, block);
    CompressSha1Plainly(plain, block);
    ASSERT_EQ(std::memcmp(plain, by_processor, sizeof plain), 0) << "case " << i;
  }
}

// FIPS 180-4's example of two blocks, and the lengths at which padding takes a block of its own.
TEST(Sha1, PadsEveryLength) {
  const auto digest_of = [](const char* text, size_t size) {
    Sha1 hash;
    hash.Start();
    hash.Update(reinterpret_cast<const uint8_t*>(text), size);
    uint8_t digest[kSha1Bytes];
    hash.Finish(digest);
    return ReadBigEndian(digest);
  };
  EXPECT_EQ(digest_of("", 0), 0xDA39A3EEu);
  EXPECT_EQ(digest_of("abc", 3), 0xA9993E36u);
  constexpr char kTwoBlocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
  EXPECT_EQ(digest_of(kTwoBlocks, 56), 0x84983E44u);
  const std::string zeros(64, '\0');
  EXPECT_EQ(digest_of(zeros.data(), 55), 0x8E8832C6u);
  EXPECT_EQ(digest_of(zeros.data(), 64), 0xC8D7D0EFu);
}

}  // namespace
}  // namespace otpcore
