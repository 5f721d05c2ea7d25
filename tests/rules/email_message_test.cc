// SPDX-License-Identifier: Apache-2.0
// The texts of passcodes by e-mail: languages, what they say and what no brand can make them say.
#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/characters.h"
#include "base/utf8.h"
#include "otpcore/rules/message.h"
#include "rules/email_texts.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("a test");
const EmailPurpose kPurposes[] = {EmailPurpose::kLogin, EmailPurpose::kSignup,
                                  EmailPurpose::kDiscovery};

// False: the brand is refused.
bool Make(const std::string& brand, MessageRenderer* renderer) {
  MessageConfig config;
  config.brand = brand;
  std::string problem;
  return MessageRenderer::Create(config, renderer, &problem);
}

std::string TextOf(const MessageRenderer& renderer, EmailPurpose purpose, Locale locale,
                   const std::string& code, int minutes) {
  MessageText text;
  renderer.RenderEmail(purpose, locale, code, minutes, &text);
  EXPECT_FALSE(text.overflowed());
  return std::string(text.Reveal(kAccess));
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ParseEmailLocale, FindsTheFourLanguages) {  // EM-10
  const struct {
    const char* tag;
    Locale locale;
  } kFound[] = {{"en", Locale::kEn},      {"EN", Locale::kEn},        {"en-US", Locale::kEn},
                {"es", Locale::kEs},      {"es-MX", Locale::kEs},     {"pt-br", Locale::kPtBr},
                {"pt-BR", Locale::kPtBr}, {"pt", Locale::kPtBr},      {"fr", Locale::kFr},
                {"fr-CA", Locale::kFr},   {"fr-Latn-FR", Locale::kFr}};
  for (const auto& [tag, expected] : kFound) {
    Locale locale = Locale::kCs;
    EXPECT_TRUE(ParseEmailLocale(tag, &locale)) << tag;
    EXPECT_EQ(locale, expected) << tag;
  }
  for (const char* tag : {"", "de", "de-DE", "it", "zh-Hans", "ca-ES", "en_US", "en-", "english",
                          "x-en", "fr-", "-fr"}) {
    Locale locale = Locale::kCs;
    EXPECT_FALSE(ParseEmailLocale(tag, &locale)) << tag;
    EXPECT_EQ(locale, Locale::kCs) << tag;
  }
}

TEST(EmailTexts, SayWhatTheyMust) {  // EM-31
  MessageRenderer renderer;
  ASSERT_TRUE(Make("Acme", &renderer));
  for (const EmailTexts& texts : kEmailTexts) {
    for (const EmailPurpose purpose : kPurposes) {
      const std::string subject = renderer.RenderSubject(purpose, texts.locale).str();
      EXPECT_EQ(Count(subject, "Acme"), 1u) << subject;
      EXPECT_EQ(subject.find_first_of("0123456789"), subject.npos) << "no code: " << subject;
      const std::string text = TextOf(renderer, purpose, texts.locale, "271828", 13);
      EXPECT_EQ(Count(text, "Acme"), 1u) << text;
      EXPECT_EQ(Count(text, "\n271828\n"), 1u) << "on a line of its own: " << text;
      EXPECT_EQ(Count(text, "271828"), 1u) << text;
      EXPECT_EQ(Count(text, " 13 "), 1u) << text;
      for (const char* no : {"{", "}", "://", "www.", "@", "<", ">", "http"})
        EXPECT_EQ(text.find(no), text.npos) << no << " in " << text;
    }
    // That nobody will ask for it.
    const std::string text = TextOf(renderer, EmailPurpose::kLogin, texts.locale, "271828", 13);
    const std::set<std::string> nobody = {"Nobody will ever ask", "Nadie te pedir",
                                          "Ninguém jamais pedirá", "Personne ne vous demandera"};
    size_t said = 0;
    for (const std::string& one : nobody) said += Count(text, one);
    EXPECT_EQ(said, 1u) << text;
  }
}

TEST(EmailTexts, DifferByPurposeAndLanguage) {  // EM-31
  MessageRenderer renderer;
  ASSERT_TRUE(Make("Acme", &renderer));
  std::set<std::string> subjects, texts;
  for (const EmailTexts& one : kEmailTexts) {
    for (const EmailPurpose purpose : {EmailPurpose::kLogin, EmailPurpose::kSignup}) {
      subjects.insert(renderer.RenderSubject(purpose, one.locale).str());
      texts.insert(TextOf(renderer, purpose, one.locale, "1234", 2));
    }
  }
  EXPECT_EQ(subjects.size(), 8u);
  EXPECT_EQ(texts.size(), 8u);
  EXPECT_EQ(renderer.RenderSubject(EmailPurpose::kLogin, Locale::kRu),
            renderer.RenderSubject(EmailPurpose::kLogin, Locale::kEn))
      << "a locale without texts is English";
  EXPECT_EQ(renderer.RenderSubject(EmailPurpose::kDiscovery, Locale::kFr),
            renderer.RenderSubject(EmailPurpose::kLogin, Locale::kFr));
}

TEST(EmailTexts, HaveRoomForTheLongestBrand) {  // EM-31
  MessageRenderer renderer;
  ASSERT_TRUE(Make(std::string(kBrandBytesMax, 'W'), &renderer));
  for (const EmailTexts& texts : kEmailTexts) {
    for (const EmailPurpose purpose : kPurposes) {
      const std::string subject = renderer.RenderSubject(purpose, texts.locale).str();
      EXPECT_LT(subject.size(), kEmailSubjectBytesMax);
      EXPECT_EQ(Count(subject, std::string(kBrandBytesMax, 'W')), 1u);
      EXPECT_NE(TextOf(renderer, purpose, texts.locale, "1234567890", kMessageMinutesMax), "");
    }
  }
}

// The text may have line feeds, the subject none; neither has another control, or a line end of
// another alphabet.
void ExpectClean(std::string text, bool lines) {
  EXPECT_EQ(text.find('\r'), text.npos);
  EXPECT_EQ(text.find("=?"), text.npos) << "an encoded word";
  std::string_view rest = text;
  while (!rest.empty()) {
    const uint32_t point = NextCodePoint(&rest);
    ASSERT_NE(point, kMalformed) << text;
    if (point == '\n' && lines) continue;
    EXPECT_FALSE(IsControl(point)) << point << " in " << text;
    EXPECT_TRUE(point != 0x2028 && point != 0x2029 && point != 0x85) << text;
  }
}

void ExpectCleanWith(const std::string& brand) {
  MessageRenderer renderer;
  if (!Make(brand, &renderer)) return;
  for (const EmailTexts& texts : kEmailTexts) {
    for (const EmailPurpose purpose : kPurposes) {
      ExpectClean(renderer.RenderSubject(purpose, texts.locale).str(), false);
      const std::string text = TextOf(renderer, purpose, texts.locale, "271828", 10);
      ExpectClean(text, true);
      EXPECT_EQ(Count(text, "\n"), Count(std::string(texts.login) + std::string(texts.rest), "\n"))
          << "no line but its own";
      EXPECT_EQ(Count(text, "\n\n271828\n\n"), 1u);
    }
  }
}

TEST(EmailTexts, AreCleanWhateverTheBrand) {  // EM-32, G-04
  for (const char* brand : {"Acme\r\nBcc: c@d.co",
                            "Acme\nX",
                            "Acme\rX",
                            "Acme\x7F",
                            "Acme\t",
                            "=?utf-8?q?a?=",
                            "x=?y",
                            "Acme\xE2\x80\xA8X",
                            "Acme\xE2\x80\xA9X",
                            "Acme\xC2\x85X",
                            "{code}",
                            "{brand}",
                            "Acme\xFF",
                            "<script>",
                            "\"Acme\"",
                            "Acme, Inc.",
                            "271828",
                            "a@b.co",
                            "http://x",
                            ""})
    ExpectCleanWith(brand);
  MessageRenderer renderer;
  for (const char* refused : {"Acme\r\nBcc: x", "=?utf-8?q?a?=", "x=?y", "Acme\xE2\x80\xA8X"})
    EXPECT_FALSE(Make(refused, &renderer)) << refused;
  // Brands of bytes that mean something to mailers, at random.
  std::mt19937 random(1);
  const std::vector<std::string> pieces = {"\r",
                                           "\n",
                                           "\r\n",
                                           "Bcc: a@b.co",
                                           "=?",
                                           "?=",
                                           "utf-8?q?",
                                           " ",
                                           "Acme",
                                           "\t",
                                           ":",
                                           ";",
                                           ",",
                                           "\"",
                                           "\xE2\x80\xA8",
                                           "\xE2\x80\xAE",
                                           "<b>",
                                           "\x01",
                                           "\x1B",
                                           "\\",
                                           "=",
                                           "?",
                                           "\xC2\x85",
                                           "\xF0\x9F\x93\x9E",
                                           "{",
                                           "minutes}",
                                           "%0d%0a",
                                           "\xEF\xBB\xBF",
                                           "7"};
  int made = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string brand;
    for (size_t parts = 1 + random() % 5; parts > 0; --parts)
      brand += pieces[random() % pieces.size()];
    ExpectCleanWith(brand);
    made += Make(brand, &renderer);
  }
  EXPECT_GT(made, 100) << "some must be taken for this to mean anything";
}

}  // namespace
}  // namespace otpcore
