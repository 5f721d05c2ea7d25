// SPDX-License-Identifier: Apache-2.0
// Found by fuzz/record_bytes.cc: 17 bytes of a record were taken for an id of the generated shape
// when the first was none of ASCII, and formatting that id read beyond a table. Bytes from a store
// may be anything (K-12).
#include <gtest/gtest.h>

#include <string>

#include "otpcore/model/codec.h"

namespace otpcore {
namespace {

TEST(PackedId, IsOneThatAnIdPacksTo) {
  const std::string uuid(16, '\x48');
  EXPECT_TRUE(EntityId::FromPacked("\x03" + uuid).generated());
  for (const char first : {'\x00', '\x05', '\x1F', '\x7F', '\x80', '\xC1', '\xFF'})
    EXPECT_TRUE(EntityId::FromPacked(std::string(1, first) + uuid).empty());
  EXPECT_TRUE(EntityId::FromPacked("two words").empty());
  EXPECT_EQ(EntityId::FromPacked("HHHHHHHHHHHHHHHHH").str(), "HHHHHHHHHHHHHHHHH");
}

TEST(PackedId, OfTheGeneratedShapeHasOneForm) {
  const std::string text = "member-test-48484848-4848-4848-8848-484848484848";
  EXPECT_EQ(EntityId(text).packed().size(), 17u);
  EXPECT_TRUE(EntityId::FromPacked(text).empty());
  const std::string capitals = "member-test-ABCDEFAB-4848-4848-8848-484848484848";
  EXPECT_EQ(EntityId::FromPacked(capitals).str(), capitals);
}

TEST(PackedId, OfAClaimIsReadOrTheClaimIsNot) {
  const RecordKey key = RecordKey::PhoneClaim("o", "+14155550123");
  const auto claim = [](const std::string& id) {
    return std::string("\x20\x03\x01\0\0\0\0\0\0", 9) + static_cast<char>(id.size()) + id;
  };
  EXPECT_TRUE(IsReadable(key, claim("m1")));
  EXPECT_FALSE(IsReadable(key, claim("\xC1HHHHHHHHHHHHHHHH")));
}

}  // namespace
}  // namespace otpcore
