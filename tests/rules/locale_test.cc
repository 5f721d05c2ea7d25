// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/locale.h"

#include <gtest/gtest.h>

#include <iterator>
#include <string>

namespace otpcore {
namespace {

// The name of the locale that is found, or "none".
std::string Find(const std::string& tag) {
  constexpr auto kUntouched = static_cast<Locale>(200);
  Locale locale = kUntouched;
  if (ParseLocale(tag, &locale)) return std::string(LocaleName(locale));
  EXPECT_EQ(locale, kUntouched) << tag;
  return "none";
}

TEST(LocaleName, IsTheNameOnTheWire) {  // G-01
  const char* const names[] = {"en", "es", "pt-br", "fr", "it", "de-DE", "zh-Hans", "ca-ES",
                               "ja", "ru", "nl",    "pl", "tr", "fa",    "vi",      "cs"};
  static_assert(std::size(names) == kLocaleCount);
  for (size_t i = 0; i < kLocaleCount; ++i) {
    EXPECT_EQ(LocaleName(static_cast<Locale>(i)), names[i]);
    EXPECT_EQ(Find(names[i]), names[i]);
  }
  EXPECT_EQ(LocaleName(static_cast<Locale>(kLocaleCount)), "");
  EXPECT_EQ(LocaleName(static_cast<Locale>(255)), "");
}

struct Row {
  const char* tag;
  const char* found;
};

TEST(ParseLocale, FindsLocalesByLookup) {  // S-18
  const Row rows[] = {
      // In any case.
      {"EN", "en"},
      {"De-dE", "de-DE"},
      {"PT-BR", "pt-br"},
      {"ZH-HANS", "zh-Hans"},
      {"CA-es", "ca-ES"},
      // Subtags are taken off the end.
      {"en-US", "en"},
      {"en-GB-oxendict", "en"},
      {"en-Latn-US", "en"},
      {"es-MX", "es"},
      {"es-419", "es"},
      {"fr-CA", "fr"},
      {"it-CH", "it"},
      {"ja-JP-u-ca-japanese", "ja"},
      {"ru-Cyrl-RU", "ru"},
      {"nl-BE", "nl"},
      {"pl-PL", "pl"},
      {"tr-TR", "tr"},
      {"fa-IR", "fa"},
      {"vi-VN", "vi"},
      {"cs-CZ", "cs"},
      {"de-DE-1996", "de-DE"},
      {"de-DE-u-co-phonebk", "de-DE"},
      {"pt-BR-x-informal", "pt-br"},
      {"ca-ES-valencia", "ca-ES"},
      // Else the one locale of the language.
      {"de", "de-DE"},
      {"de-AT", "de-DE"},
      {"de-1996", "de-DE"},
      {"pt", "pt-br"},
      {"pt-PT", "pt-br"},
      {"ca", "ca-ES"},
      {"ca-AD", "ca-ES"},
      {"zh", "zh-Hans"},
      // Script and region of Chinese mean nothing elsewhere.
      {"en-HK", "en"},
      {"en-Hant", "en"},
      {"ja-TW", "ja"},
      // Irregular, and registered as a whole.
      {"en-GB-oed", "en"},
      {"EN-gb-OED", "en"},
  };
  for (const Row& row : rows) EXPECT_EQ(Find(row.tag), row.found) << row.tag;
}

TEST(ParseLocale, HasNoTextInTraditionalCharacters) {  // S-18
  const Row rows[] = {
      {"zh-CN", "zh-Hans"},       {"zh-Hans-CN", "zh-Hans"},   {"zh-SG", "zh-Hans"},
      {"zh-MY", "zh-Hans"},       {"zh-Hans-HK", "zh-Hans"},   {"zh-Hans-TW", "zh-Hans"},
      {"zh-hans-mo", "zh-Hans"},  {"zh-Latn-TW", "zh-Hans"},   {"zh-cmn-Hans-CN", "zh-Hans"},
      {"zh-CN-x-TW", "zh-Hans"},  {"zh-x-Hant", "zh-Hans"},    {"zh-u-rg-twzzzz", "zh-Hans"},
      {"zh-Hant", "none"},        {"zh-TW", "none"},           {"zh-HK", "none"},
      {"zh-MO", "none"},          {"ZH-hANT", "none"},         {"zh-tw", "none"},
      {"zh-hk", "none"},          {"zh-mo", "none"},           {"zh-Hant-CN", "none"},
      {"zh-Hant-HK", "none"},     {"zh-TW-u-nu-latn", "none"}, {"zh-yue-HK", "none"},
      {"zh-Hant-x-Hans", "none"},
  };
  for (const Row& row : rows) EXPECT_EQ(Find(row.tag), row.found) << row.tag;
}

TEST(ParseLocale, FindsNothingForOtherLanguages) {  // S-18
  for (const char* tag : {"xx", "e", "eng", "deu", "english", "art-lojban", "i-klingon", "x-en",
                          "yue-CN", "uk-UA", "und", "und-en", "mul", "*", "C", "POSIX"})
    EXPECT_EQ(Find(tag), "none") << tag;
}

TEST(ParseLocale, FindsNothingForMalformedTags) {  // S-18
  for (const char* tag : {
           "",
           "-",
           "en-",
           "-en",
           "en--US",
           "en_US",
           "en_US.UTF-8",
           "en.UTF-8",
           "en US",
           " en",
           "en ",
           "en\n",
           "en-US-",
           "en-US;q=0.8",
           "en,de",
           "en-*",
           "en-\xC3\xA9t\xC3\xA9",
           "de-D",
           "de-DE-DE",      // two regions
           "en-US-Latn",    // the script stands before the region
           "en-Latn-Latn",  // two scripts
           "en-abcdefghi",  // nine characters
           "en-1",          // an extension of nothing
           "en-u",
           "en-u-",           //
           "en-u-x",          // an extension of a single character
           "en-u-a",          //
           "en-u-abcdefghi",  //
           "en-x",
           "en-x-",           //
           "en-x-abcdefghi",  //
           "en-12",
           "en-12a",             // a variant that starts with a digit has four characters
           "en-US-ab-cd",        // an extension has a single letter
           "en-u-co-abcdefghi",  // its subtags have two to eight
           "en-1234a5678",       //
           "en-abc1",            // a variant of four starts with a digit
           "en-abc-def-ghi-jkl"  // four extended languages
       })
    EXPECT_EQ(Find(tag), "none") << tag;
  EXPECT_EQ(Find(std::string("en\0", 3)), "none");
  EXPECT_EQ(Find(std::string("en-\0", 4)), "none");
}

TEST(ParseLocale, ReadsWhatTheGrammarOfTagsAllows) {  // S-18
  for (const char* tag :
       {"en-abc", "en-abc-def-ghi", "en-abc-Latn-US", "en-001", "en-1abc", "en-1abc-abcde-abcdefgh",
        "en-a-bb", "en-a-bb-cc-b-dd", "en-0-bb", "en-x-a", "en-x-1-2-abcdefgh", "en-a-bb-x-y",
        "en-Latn-001-1994-u-co-phonebk-x-y"})
    EXPECT_EQ(Find(tag), "en") << tag;
}

TEST(ParseLocale, TakesLongTags) {
  std::string tag = "de-x";
  for (int i = 0; i < 100000; ++i) tag += "-a";
  EXPECT_EQ(Find(tag), "de-DE");
  EXPECT_EQ(Find(tag + "-"), "none");
}

}  // namespace
}  // namespace otpcore
