// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/message.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");
constexpr char kLongBrand[] = "Brand of 20 letters!";
constexpr char kLongHost[] = "login.accounts.example-bank.eu";  // 30 characters

std::string Utf8(uint32_t c) {
  std::string s;
  const auto add = [&s](uint32_t byte) { s += static_cast<char>(byte); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | c >> 6), add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | c >> 12), add(0x80 | (c >> 6 & 0x3F)), add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | c >> 18), add(0x80 | (c >> 12 & 0x3F)), add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  }
  return s;
}

MessageRenderer Make(const MessageConfig& config) {
  MessageRenderer renderer;
  std::string problem;
  EXPECT_TRUE(MessageRenderer::Create(config, &renderer, &problem)) << problem;
  return renderer;
}
bool Refuses(const MessageConfig& config) {
  MessageRenderer renderer;
  std::string problem;
  const bool made = MessageRenderer::Create(config, &renderer, &problem);
  EXPECT_EQ(made, problem.empty());
  return !made;
}
std::string Text(const MessageRenderer& renderer, Locale locale, const std::string& code) {
  return std::string(renderer.Render(locale, code).Reveal(kTest));
}

// ---- The encoder ----

TEST(MeasureSms, AgreesWithPerlOnEveryCodePoint) {  // G-03, B-13
  std::ifstream data(std::string(OTPCORE_SOURCE_DIR) + "/tests/data/gsm0338.txt");
  ASSERT_TRUE(data);
  std::map<uint32_t, size_t> septets;
  data >> std::hex;
  uint32_t point = 0;
  for (size_t length = 0; data >> point >> length;) septets[point] = length;
  ASSERT_EQ(septets.size(), 137u);
  for (uint32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    const SmsCost cost = MeasureSms(Utf8(c));
    const auto found = septets.find(c);
    ASSERT_EQ(cost.encoding == SmsEncoding::kGsm7, found != septets.end()) << std::hex << c;
    ASSERT_EQ(cost.units, found != septets.end() ? found->second
                          : c > 0xFFFF           ? 2u
                                                 : 1u)
        << std::hex << c;
  }
}

TEST(MeasureSms, CountsSegmentsAtTheirBoundaries) {  // G-03
  const auto segments = [](const std::string& text) { return MeasureSms(text).segments; };
  EXPECT_EQ(segments(""), 0u);
  EXPECT_EQ(segments(std::string(160, 'a')), 1u);
  EXPECT_EQ(segments(std::string(161, 'a')), 2u);
  EXPECT_EQ(segments(std::string(306, 'a')), 2u);
  EXPECT_EQ(segments(std::string(307, 'a')), 3u);
  // An escaped character is never split: 152 + 2 leaves one septet of the first segment empty.
  EXPECT_EQ(segments(std::string(152, 'a') + "{" + std::string(151, 'a')), 2u);
  EXPECT_EQ(segments(std::string(152, 'a') + "{" + std::string(152, 'a')), 3u);
  EXPECT_EQ(segments(std::string(158, 'a') + "{"), 1u);
  EXPECT_EQ(segments(std::string(159, 'a') + "{"), 2u);
  std::string wide;
  for (int i = 0; i < 70; ++i) wide += "\xE3\x81\x82";
  EXPECT_EQ(MeasureSms(wide).encoding, SmsEncoding::kUcs2);
  EXPECT_EQ(segments(wide), 1u);
  EXPECT_EQ(segments(wide + "a"), 2u);
  EXPECT_EQ(segments(wide + std::string(64, 'a')), 2u);  // 134: twice 67
  EXPECT_EQ(segments(wide + std::string(65, 'a')), 3u);
  // A character outside the basic plane takes two units that stay together.
  std::string emoji;
  for (int i = 0; i < 67; ++i) emoji += "\xF0\x9F\x98\x80";
  EXPECT_EQ(MeasureSms(emoji).units, 134u);
  EXPECT_EQ(segments(emoji), 3u);
}

TEST(MeasureSms, SeesTheCharactersThatSilentlyCostMore) {  // threat 28
  EXPECT_EQ(MeasureSms("it's").encoding, SmsEncoding::kGsm7);
  EXPECT_EQ(MeasureSms("it\xE2\x80\x99s").encoding, SmsEncoding::kUcs2);
  EXPECT_EQ(MeasureSms("`").encoding, SmsEncoding::kUcs2);
  EXPECT_EQ(MeasureSms("\xFF\xC3").units, 2u);
}

// ---- The texts ----

TEST(MessageRenderer, HasTheLanguagesOfTheWire) {  // G-01
  const char* const names[] = {"en", "es", "pt-br", "fr", "it", "de-DE", "zh-Hans", "ca-ES",
                               "ja", "ru", "nl",    "pl", "tr", "fa",    "vi",      "cs"};
  for (size_t i = 0; i < kLocaleCount; ++i) {
    EXPECT_EQ(LocaleName(static_cast<Locale>(i)), names[i]);
    Locale locale = Locale::kEn;
    EXPECT_TRUE(ParseLocale(names[i], &locale));
    EXPECT_EQ(locale, static_cast<Locale>(i));
  }
  Locale locale = Locale::kFr;
  EXPECT_TRUE(ParseLocale("DE-de", &locale));
  EXPECT_EQ(locale, Locale::kDeDe);
  for (const char* unknown : {"", "e", "en ", "en-us", "de", "xx"})
    EXPECT_FALSE(ParseLocale(unknown, &locale)) << unknown;
}

TEST(MessageRenderer, NamesTheBrandAndTheCodeOnce) {  // G-02
  const MessageRenderer renderer = Make({"Acme", "", "", {}});
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const std::string text = Text(renderer, static_cast<Locale>(i), "012345");
    EXPECT_NE(text.find("Acme"), std::string::npos) << text;
    EXPECT_EQ(text.find("012345"), text.rfind("012345")) << text;
    EXPECT_NE(text.find("012345"), std::string::npos) << text;
    EXPECT_EQ(text.find_first_of("{}@#%/\n"), std::string::npos) << text;
  }
}

TEST(MessageRenderer, FitsItsSegments) {  // G-03
  const MessageRenderer renderer = Make({kLongBrand, kLongHost, "", {}});
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const SmsCost cost = renderer.Cost(static_cast<Locale>(i), 10);
    EXPECT_LE(cost.segments, cost.encoding == SmsEncoding::kGsm7 ? 1u : 2u)
        << LocaleName(static_cast<Locale>(i)) << " " << cost.units;
    const std::string text = Text(renderer, static_cast<Locale>(i), "0123456789");
    EXPECT_EQ(MeasureSms(text).units, cost.units);  // the placeholder measures the same
  }
  EXPECT_EQ(renderer.Cost(Locale::kEn, 6).encoding, SmsEncoding::kGsm7);
  EXPECT_NE(Text(renderer, Locale::kPl, "1234").find("\xC3\xB3"), std::string::npos);  // accents
}

// The origin-bound one-time code format, read by its own rules: the last line is "@host #code".
bool ReadOriginBound(const std::string& text, std::string* host, std::string* code) {
  const size_t line = text.rfind('\n') + 1;
  if (line == 0 || line >= text.size() || text[line] != '@') return false;
  const size_t space = text.find(' ', line);
  if (space == std::string::npos || space == line + 1) return false;
  *host = text.substr(line + 1, space - line - 1);
  if (space + 1 >= text.size() || text[space + 1] != '#') return false;
  const size_t end = text.find(' ', space + 2);
  *code = text.substr(space + 2, end == std::string::npos ? end : end - space - 2);
  return !code->empty() && host->find_first_of("@# \n") == std::string::npos;
}

TEST(MessageRenderer, EachMessageIsReadBackByTheAutofillRules) {  // G-02, B-13
  for (const char* hash : {"", "FA+9qCX9VSu"}) {
    const MessageRenderer renderer = Make({"Acme", kLongHost, hash, {}});
    for (size_t i = 0; i < kLocaleCount; ++i) {
      const std::string text = Text(renderer, static_cast<Locale>(i), "004711");
      std::string host, code;
      ASSERT_TRUE(ReadOriginBound(text, &host, &code)) << text;
      EXPECT_EQ(host, kLongHost);
      EXPECT_EQ(code, "004711");
      EXPECT_EQ(text.find('\n' + std::string(hash) + '\n') != std::string::npos, hash[0] != '\0');
    }
  }
}

TEST(MessageRenderer, RefusesHostileBrandsAndHosts) {  // G-04, threat 26
  for (const char* brand : {"", "A\n@evil.example #1", "A\rB", "@evil", "A #1", "{code}",
                            "http://evil.example", "WWW.evil.example",
                            "A\xE2\x80\xA8"
                            "B",
                            "A\xE2\x80\xAE"
                            "B",
                            "A\xFF", "100%", "A\x7F",
                            "12345678901234567890123456789012345678901234567890123456789012345"})
    EXPECT_TRUE(Refuses({brand, "", "", {}})) << brand;
  for (const char* host :
       {"Example.com", "a b", "a.example #1", "a.example\n@b", "a..b", ".a", "a.", "-a.example",
        "a-.example", "a.example:80", "@a.example", "https://a.example", "b\xC3\xBC.example"})
    EXPECT_TRUE(Refuses({"Acme", host, "", {}})) << host;
  for (const char* hash : {"short", "FA+9qCX9VSuu", "FA+9qCX9VS\n", "FA-9qCX9VSu"})
    EXPECT_TRUE(Refuses({"Acme", "", hash, {}})) << hash;
}

TEST(MessageRenderer, TakesOwnTemplates) {  // G-05
  MessageConfig config;
  config.brand = "Acme";
  config.templates[0] = "{code} is for {brand}, never tell it";
  EXPECT_EQ(Text(Make(config), Locale::kEn, "1234"), "1234 is for Acme, never tell it");
  for (const char* bad :
       {"no code", "{code} {code}", "{brand} {brand} {code}", "{other} {code}", "{code",
        "{code}\n@evil.example #{code}", "@evil.example #{code}", "{code}}", "{{code}"}) {
    config.templates[0] = bad;
    EXPECT_TRUE(Refuses(config)) << bad;
  }
  config.templates[0] = "{code}" + std::string(700, 'a');
  EXPECT_TRUE(Refuses(config));
}

}  // namespace
}  // namespace otpcore
