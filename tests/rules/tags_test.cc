// SPDX-License-Identifier: Apache-2.0
// Tags of sessions and devices (rules S-21, DV-02).
#include "rules/tags.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "otpcore/testing/world.h"

namespace otpcore {
namespace {

TEST(Tags, DependOnKeyPurposeOwnerAndValue) {  // S-21, DV-02
  const KeyRing keys = testing::TestKeys(7);
  const KeyRing other_keys = testing::TestKeys(8);
  const TagKey& key = *keys.FindTagKey(7);
  const EntityId acme = "acme";
  const EntityId ada = "ada";
  const EntityId bob = "bob";
  const std::string value = "a value of 16 by";
  std::set<uint64_t> tags = {
      TagOfDevice(key, {acme, ada}, value),
      TagOfDevice(key, {acme, bob}, value),
      TagOfDevice(key, {bob, ada}, value),
      TagOfDevice(key, {acme, ada}, value + "t"),
      TagOfDevice(*other_keys.FindTagKey(8), {acme, ada}, value),
      TagOfSession(key, {acme, ada}, value),
      TagOfDevice(key, {acme, ada}, ""),
  };
  EXPECT_EQ(tags.size(), 7u);
  EXPECT_EQ(TagOfDevice(key, {acme, ada}, value), *tags.find(TagOfDevice(key, {acme, ada}, value)));
}

TEST(Tags, FieldsAreToldApart) {
  const KeyRing keys = testing::TestKeys();
  const TagKey& key = *keys.FindTagKey(7);
  const EntityId ab = "ab";
  const EntityId a = "a";
  const EntityId c = "c";
  const EntityId bc = "bc";
  EXPECT_NE(TagOfDevice(key, {ab, c}, "x"), TagOfDevice(key, {a, bc}, "x"));
}

TEST(Tags, OfNoSessionIsZeroAndOfASessionNever) {  // S-21
  const KeyRing keys = testing::TestKeys();
  const TagKey& key = *keys.FindTagKey(7);
  const EntityId acme = "acme";
  const EntityId ada = "ada";
  EXPECT_EQ(TagOfSession(key, {acme, ada}, ""), 0u);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_NE(TagOfSession(key, {acme, ada}, std::to_string(i)), 0u);
    EXPECT_NE(TagOfDevice(key, {acme, ada}, std::to_string(i)), 0u);
  }
}

}  // namespace
}  // namespace otpcore
