// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/ids.h"

#include <gtest/gtest.h>

#include <string>

namespace otpcore {
namespace {

ErrorCode Checked(std::string_view text, Environment environment) {
  EntityId id;
  return EntityId::Parse(text, environment, &id);
}

TEST(IsValidId, TakesTheDocumentedCharacters) {  // C-03
  EXPECT_TRUE(IsValidId("a"));
  EXPECT_TRUE(IsValidId("AZaz09._-|~"));
  EXPECT_TRUE(IsValidId(std::string(128, 'x')));
  for (const std::string& bad :
       {std::string(), std::string(129, 'x'), std::string("a b"), std::string("a\0b", 3),
        std::string("a/b"), std::string("a\n"), std::string("\xC3\xA4")})
    EXPECT_FALSE(IsValidId(bad)) << bad;
}

TEST(IsValidSlug, TakesTheDocumentedCharacters) {  // C-03
  EXPECT_TRUE(IsValidSlug("ab"));
  EXPECT_TRUE(IsValidSlug("a-.b_~"));
  for (const std::string& bad :
       {std::string("a"), std::string(129, 'x'), std::string("a|b"), std::string("a b")})
    EXPECT_FALSE(IsValidSlug(bad)) << bad;
}

TEST(IsValidName, CountsCharactersNotBytes) {  // C-03
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "\xC3\xA4";
  EXPECT_TRUE(IsValidName("a"));
  EXPECT_TRUE(IsValidName(umlauts));
  EXPECT_FALSE(IsValidName(umlauts + "a"));
  EXPECT_FALSE(IsValidName(""));
  EXPECT_FALSE(IsValidName("\xFF"));
  EXPECT_FALSE(IsValidName("a\nb"));
}

TEST(CheckId, ComparesTheEnvironmentOfGeneratedIdsOnly) {  // C-04
  const std::string uuid = "-01234567-89ab-4cde-8f01-23456789abcd";
  EXPECT_EQ(Checked("member-test" + uuid, Environment::kTest), ErrorCode::kOk);
  EXPECT_EQ(Checked("member-test" + uuid, Environment::kLive),
            ErrorCode::kTestIdUsedInLiveEnvironment);
  EXPECT_EQ(Checked("organization-live" + uuid, Environment::kTest),
            ErrorCode::kLiveIdUsedInTestEnvironment);
  EXPECT_EQ(Checked("member-live-1", Environment::kTest), ErrorCode::kOk);  // a host's own id
  EXPECT_EQ(Checked("member live", Environment::kTest), ErrorCode::kInvalidId);
}

TEST(FormatId, MakesTheDocumentedShape) {  // C-04, C-05
  uint8_t random[16];
  for (uint8_t i = 0; i < 16; ++i) random[i] = i;
  const std::string id = FormatId("member", Environment::kLive, UuidFromRandom(random));
  EXPECT_EQ(id, "member-live-00010203-0405-4607-8809-0a0b0c0d0e0f");
  EXPECT_TRUE(IsGeneratedId(id));
}

TEST(ParseUuid, ReadsWhatFormatUuidMakesAndNothingElse) {  // C-05
  const Uuid before = {{7}};
  Uuid read = before;
  for (const char* text :
       {"", "00010203-0405-4607-8809-0a0b0c0d0ef", "00010203-0405-4607-8809-0a0b0c0d0efff",
        "00010203-0405-4607-8809-0a0b0c0d0efg", "00010203-0405-4607-88090-a0b0c0d0eff"}) {
    EXPECT_FALSE(ParseUuid(text, &read)) << text;
    EXPECT_EQ(read, before) << text;
  }
  for (const char* text :
       {"00010203-0405-4607-8809-0a0b0c0d0eff", "00010203-0405-4607-8809-0A0B0C0D0eFF"}) {
    ASSERT_TRUE(ParseUuid(text, &read)) << text;
    EXPECT_EQ(FormatUuid(read), "00010203-0405-4607-8809-0a0b0c0d0eff");
  }
}

TEST(FormatUuid, MakesTheCanonicalText) {  // C-05
  const uint8_t random[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};
  EXPECT_EQ(FormatUuid(UuidFromRandom(random)), "00010203-0405-4607-8809-0a0b0c0d0eff");
}

TEST(UuidFromRandom, KeepsAllBitsButThoseOfTheVersion) {
  const auto made_of = [](uint8_t byte) {
    const std::string random(16, static_cast<char>(byte));
    return FormatUuid(UuidFromRandom(reinterpret_cast<const uint8_t*>(random.data())));
  };
  EXPECT_EQ(made_of(0x00), "00000000-0000-4000-8000-000000000000");
  EXPECT_EQ(made_of(0xFF), "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

TEST(IsGeneratedId, SeesTheShapeInAnyCase) {  // C-02
  EXPECT_TRUE(IsGeneratedId("MEMBER-Test-01234567-89AB-4CDE-8F01-23456789ABCD"));
  EXPECT_TRUE(IsGeneratedId("organization-live-00000000-0000-0000-0000-000000000000"));
  EXPECT_FALSE(IsGeneratedId("member-test-01234567"));
  EXPECT_FALSE(IsGeneratedId("person-test-01234567-89ab-4cde-8f01-23456789abcd"));
}

// Ids compare bytewise: one in capitals is a host's own text, and none that was generated.
TEST(EntityId, InCapitalsIsNotTheGeneratedOne) {  // C-02, C-04
  const std::string capitals = "member-test-01234567-89AB-4CDE-8F01-23456789ABCD";
  EntityId id;
  ASSERT_EQ(EntityId::Parse(capitals, Environment::kTest, &id), ErrorCode::kOk);
  EXPECT_FALSE(id.generated());
  EXPECT_EQ(id.str(), capitals);
  EXPECT_EQ(EntityId(capitals), id);
  EXPECT_NE(id, EntityId("member-test-01234567-89ab-4cde-8f01-23456789abcd"));
  EXPECT_EQ(EntityId::Parse(capitals, Environment::kLive, &id),
            ErrorCode::kTestIdUsedInLiveEnvironment);
}

}  // namespace
}  // namespace otpcore
