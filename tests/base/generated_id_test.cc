// SPDX-License-Identifier: Apache-2.0
#include "base/generated_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace otpcore {
namespace {

const std::string kUuidText = "01234567-89ab-4cde-8f01-23456789abcd";

std::vector<std::string> IdsOfAllKinds() {
  std::vector<std::string> ids = {"a", std::string(17, 'x'), std::string(127, 'x'),
                                  std::string(128, 'x'), "|"};
  for (const std::string start :
       {"organization-test-", "organization-live-", "member-test-", "member-live-"}) {
    ids.push_back(start + kUuidText);
    ids.push_back(start + "01234567-89AB-4cde-8f01-23456789abcd");  // not as FormatId makes it
    ids.push_back(start + "ffffffff-ffff-ffff-ffff-ffffffffffff");
    ids.push_back(start + "0123456789ab-4cde-8f01-23456789abcd-");
    ids.push_back(start + kUuidText.substr(1));
  }
  ids.push_back("Member-test-" + kUuidText);
  return ids;
}

TEST(GeneratedId, SaysWhatTheTextSays) {  // C-02, C-04
  GeneratedId id;
  ASSERT_TRUE(ReadGeneratedId("member-live-" + kUuidText, &id));
  EXPECT_EQ(FormatUuid(id.uuid), kUuidText);
  EXPECT_EQ(EnvironmentOf(id.prefix), Environment::kLive);
  EXPECT_FALSE(id.has_capitals);
  for (const char* start : {"MEMBER-LIVE-", "member-Live-"}) {
    ASSERT_TRUE(ReadGeneratedId(start + kUuidText, &id));
    EXPECT_TRUE(id.has_capitals);
  }
}

// Each byte in the place of a digit and of a dash: 36 characters are looked at together.
TEST(GeneratedId, TakesHexadecimalDigitsAndNothingElse) {  // C-02
  const std::string good = "organization-test-" + kUuidText;
  for (size_t at = 18; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      const bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
      const bool capital = byte >= 'A' && byte <= 'F';
      GeneratedId id;
      const bool read = ReadGeneratedId(text, &id);
      ASSERT_EQ(read, good[at] == '-' ? byte == '-' : digit || capital) << at << " " << byte;
      if (!read) continue;
      ASSERT_EQ(id.has_capitals, capital);
      const std::string made = "organization-test-" + FormatUuid(id.uuid);
      ASSERT_EQ(made == text, !capital);
    }
  }
}

TEST(EntityId, ComesBackFromItsBytesAndIsNoOthers) {  // K-07, K-08
  std::set<std::string> packed;
  for (const std::string& text : IdsOfAllKinds()) {
    const EntityId id(text);
    EXPECT_EQ(id.str(), text);
    EXPECT_TRUE(packed.insert(std::string(id.packed())).second) << text;
    EXPECT_EQ(EntityId::FromPacked(id.packed()), id);
    EXPECT_EQ(id.generated(), id.packed().size() == 17 && text.size() > 17) << text;
    const EntityId copy = id;
    EXPECT_EQ(copy, id);
  }
  EXPECT_EQ(EntityId("organization-test-" + kUuidText).packed().size(), 17u);
}

TEST(EntityId, OfNoIdIsEmpty) {  // C-03
  for (const std::string& text : {std::string(), std::string("a b"), std::string(129, 'x'),
                                  std::string("\x01") + std::string(16, 'x')})
    EXPECT_TRUE(EntityId(text).empty()) << text;
  EXPECT_TRUE(EntityId::FromPacked("").empty());
  EXPECT_TRUE(EntityId::FromPacked(std::string(129, 'x')).empty());
  EXPECT_TRUE(EntityId::FromPacked("\x01" + std::string(15, 'x')).empty());
  EXPECT_TRUE(EntityId::FromPacked("\x05" + std::string(16, 'x')).empty());
  EXPECT_FALSE(EntityId::FromPacked("\x04" + std::string(16, 'x')).empty());
}

TEST(EntityId, IsMadeOfAUuid) {  // C-04
  Uuid uuid;
  ASSERT_TRUE(ParseUuid(kUuidText, &uuid));
  EXPECT_EQ(EntityId::Member(Environment::kLive, uuid).str(), "member-live-" + kUuidText);
  EXPECT_EQ(EntityId::Member(Environment::kTest, uuid).str(), "member-test-" + kUuidText);
  EXPECT_EQ(EntityId::Organization(Environment::kLive, uuid).str(),
            "organization-live-" + kUuidText);
  EXPECT_EQ(EntityId::Organization(Environment::kTest, uuid), "organization-test-" + kUuidText);
}

}  // namespace
}  // namespace otpcore
