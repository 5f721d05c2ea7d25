// SPDX-License-Identifier: Apache-2.0
#include "rules/field_digest.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <set>
#include <string>

namespace otpcore {
namespace {

using Digest = std::array<uint8_t, 16>;

DigestKey KeyOf(uint8_t byte) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(byte);
  return DigestKey(bytes);
}

Digest DigestOfIds(const std::string& first, const std::string& second) {
  FieldDigest digest(KeyOf(1), "test");
  digest.AddId(first);
  digest.AddId(second);
  return digest.Finish();
}

// The stored form: it must be the same in every later version.
TEST(FieldDigest, IsBlake2bOfKeyPurposeAndFields) {  // RC-04
  const std::string uuid = "00112233-4455-6677-8899-aabbccddeeff";
  FieldDigest digest(KeyOf(7), "recovery");
  digest.AddId("organization-test-" + uuid);
  digest.AddId("organization-live-" + uuid);
  digest.AddId("member-test-" + uuid);
  digest.AddId("member-live-" + uuid);
  digest.AddId("ada");
  digest.AddUuid(Uuid{});
  digest.AddText("code");

  const std::string bytes16("\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xAA\xBB\xCC\xDD\xEE\xFF", 16);
  const std::string input = std::string(32, '\x07') + "\x08recovery" + "\xF1" + bytes16 + "\xF2" +
                            bytes16 + "\xF9" + bytes16 + "\xFA" + bytes16 + "\x03" + "ada" +
                            std::string(16, '\0') + "\x04" + "code";
  Digest expected{};
  crypto_generichash(expected.data(), expected.size(),
                     reinterpret_cast<const uint8_t*>(input.data()), input.size(), nullptr, 0);
  EXPECT_EQ(digest.Finish(), expected);
}

TEST(FieldDigest, NoTwoRowsOfIdsAreOne) {  // RC-04
  const std::string uuid = "00112233-4455-6677-8899-aabbccddeeff";
  const std::string capitals = "00112233-4455-6677-8899-AABBCCDDEEFF";
  const std::pair<std::string, std::string> rows[] = {
      {"a", "bc"},
      {"ab", "c"},
      {"abc", ""},
      {"", "abc"},
      {"member-test-" + uuid, "a"},
      {"member-live-" + uuid, "a"},
      {"organization-test-" + uuid, "a"},
      {"organization-live-" + uuid, "a"},
      {"member-test-" + capitals, "a"},
      {"Member-test-" + uuid, "a"},
      {"a", "member-test-" + uuid},
  };
  std::set<Digest> digests;
  for (const auto& [first, second] : rows) digests.insert(DigestOfIds(first, second));
  EXPECT_EQ(digests.size(), std::size(rows));
}

TEST(FieldDigest, DependsOnKeyAndPurpose) {
  std::set<Digest> digests;
  for (const uint8_t key : {uint8_t{1}, uint8_t{2}}) {
    for (const char* purpose : {"recovery", "recover", "device"}) {
      FieldDigest digest(KeyOf(key), purpose);
      digest.AddText("y");
      digests.insert(digest.Finish());
    }
  }
  EXPECT_EQ(digests.size(), 6u);
}

TEST(FieldDigest, HasRoomForTheLongestIds) {
  const std::string longest(kIdBytesMax, 'x');
  FieldDigest digest(KeyOf(1), "recovery");
  digest.AddId(longest);
  digest.AddId(longest);
  digest.AddUuid(Uuid{});
  digest.AddUuid(Uuid{});
  digest.AddText(std::string(64, 'y'));
  FieldDigest other(KeyOf(1), "recovery");
  other.AddId(longest);
  other.AddId(longest);
  other.AddUuid(Uuid{});
  other.AddUuid(Uuid{});
  other.AddText(std::string(63, 'y') + "z");
  EXPECT_NE(digest.Finish(), other.Finish());
}

// Each of more ids than there is room for.
Digest DigestOfMany(size_t count, size_t changed) {
  FieldDigest digest(KeyOf(1), "test");
  for (size_t i = 0; i < count; ++i)
    digest.AddId(std::string(kIdBytesMax, i == changed ? 'y' : 'x'));
  return digest.Finish();
}

TEST(FieldDigest, FieldsBeyondItsRoomCountToo) {  // RC-04
  std::set<Digest> digests;
  constexpr size_t kCount = 12;
  for (size_t count = 1; count <= kCount; ++count) digests.insert(DigestOfMany(count, count));
  EXPECT_EQ(digests.size(), kCount);
  for (size_t changed = 0; changed < kCount; ++changed)
    digests.insert(DigestOfMany(kCount, changed));
  EXPECT_EQ(digests.size(), 2 * kCount) << "one id changes the digest wherever it stands";
  EXPECT_EQ(DigestOfMany(kCount, 3), DigestOfMany(kCount, 3));
}

TEST(FieldDigest, OfManyFieldsDependsOnTheKey) {  // RC-04
  const auto digest_under = [](uint8_t key) {
    FieldDigest digest(KeyOf(key), "test");
    for (int i = 0; i < 12; ++i) digest.AddText(std::string(255, 'x'));
    return digest.Finish();
  };
  EXPECT_EQ(digest_under(1), digest_under(1));
  EXPECT_NE(digest_under(1), digest_under(2));
}

}  // namespace
}  // namespace otpcore
