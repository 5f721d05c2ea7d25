// SPDX-License-Identifier: Apache-2.0
// Lookup in lists of tags that the locales do not show: several names of one language (S-18).
#include "rules/language_tag.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace otpcore {
namespace {

// The name that is found, or "none".
std::string LookUp(const std::string& tag, const std::vector<std::string_view>& names) {
  LanguageTag read;
  if (!ReadLanguageTag(tag, &read)) return "malformed";
  const size_t found = LookUpLanguageTag(tag, read.language, names.data(), names.size());
  return found == names.size() ? "none" : std::string(names[found]);
}

TEST(LookUpLanguageTag, TakesSubtagsOffTheEnd) {  // S-18
  const std::vector<std::string_view> names = {"pt-BR", "pt-PT", "en-GB-oxendict",
                                               "en",    "en-GB", "fil"};
  EXPECT_EQ(LookUp("EN-gb-OXENDICT", names), "en-GB-oxendict");
  EXPECT_EQ(LookUp("en-GB-oxendict-x-a", names), "en-GB-oxendict");
  EXPECT_EQ(LookUp("en-GB-scotland", names), "en-GB");
  EXPECT_EQ(LookUp("en-GB-oed", names), "en-GB");
  EXPECT_EQ(LookUp("en-US", names), "en");
  EXPECT_EQ(LookUp("en-a-bb-x-a", names), "en");
  EXPECT_EQ(LookUp("pt-PT-u-nu-latn", names), "pt-PT");
  EXPECT_EQ(LookUp("fil-PH", names), "fil");
}

TEST(LookUpLanguageTag, ElseTakesTheFirstOfTheLanguage) {  // S-18
  const std::vector<std::string_view> names = {"de-CH", "pt-BR", "pt-PT", "de-AT"};
  EXPECT_EQ(LookUp("pt", names), "pt-BR");
  EXPECT_EQ(LookUp("pt-AO", names), "pt-BR");
  EXPECT_EQ(LookUp("DE-de", names), "de-CH");
  EXPECT_EQ(LookUp("ptx", names), "none");
  EXPECT_EQ(LookUp("en", names), "none");
  EXPECT_EQ(LookUp("de", {}), "none");
}

TEST(ReadLanguageTag, TellsScriptAndRegion) {  // S-18
  LanguageTag tag;
  ASSERT_TRUE(ReadLanguageTag("zh-cmn-Hant-TW-1abc", &tag));
  EXPECT_EQ(tag.language, "zh");
  EXPECT_EQ(tag.script, "Hant");
  EXPECT_EQ(tag.region, "TW");
  ASSERT_TRUE(ReadLanguageTag("es-419", &tag));
  EXPECT_EQ(tag.script, "");
  EXPECT_EQ(tag.region, "419");
  ASSERT_TRUE(ReadLanguageTag("en-gb-OED", &tag));
  EXPECT_EQ(tag.language, "en");
  EXPECT_EQ(tag.region, "gb");
  ASSERT_TRUE(ReadLanguageTag("de-x-Hant-TW", &tag));
  EXPECT_EQ(std::string(tag.script) + std::string(tag.region), "");
  EXPECT_FALSE(ReadLanguageTag("e", &tag));
  EXPECT_FALSE(ReadLanguageTag("engl", &tag));
}

}  // namespace
}  // namespace otpcore
