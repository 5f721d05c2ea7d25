// SPDX-License-Identifier: Apache-2.0
// The built-in texts, all locales and channels: what message_texts.toml asks of a translator.
#include "rules/message_texts.h"

#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "otpcore/rules/message.h"
#include "rules/message_checks.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");
constexpr Channel kChannels[] = {Channel::kSms, Channel::kWhatsApp, Channel::kVoice};

std::string_view TextFor(const BuiltInTexts& texts, Channel channel) {
  return channel == Channel::kSms     ? texts.sms
         : channel == Channel::kVoice ? texts.voice
                                      : texts.whatsapp;
}
bool Has(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }
bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}
size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}
// Calls `check` with each text; failures name it.
void ForEachText(const std::function<void(const BuiltInTexts&, Channel, std::string_view)>& check) {
  size_t texts_seen = 0;
  for (const BuiltInTexts& texts : kBuiltInTexts) {
    for (const Channel channel : kChannels) {
      SCOPED_TRACE(std::string(texts.name) + " " + std::string(WireName(channel)));
      check(texts, channel, TextFor(texts, channel));
      ++texts_seen;
    }
  }
  EXPECT_EQ(texts_seen, 3 * kLocaleCount);
}

TEST(MessageTexts, ObeyTheRulesOfAHostsTemplates) {  // G-05, G-06
  ForEachText([](const BuiltInTexts&, Channel channel, std::string_view text) {
    EXPECT_EQ(ProblemWithTemplate(text, channel), nullptr);
    for (const char* brand : {"Acme", "365", "7-Eleven 7", "\xE9\x8A\x80\xE8\xA1\x8C"})
      EXPECT_FALSE(HasNeighbourOfCode(WithBrand(text, brand))) << text;
  });
}

TEST(MessageTexts, NameTheBrandTheCodeAndNoBait) {  // G-02
  ForEachText([](const BuiltInTexts&, Channel channel, std::string_view text) {
    EXPECT_EQ(Count(text, "{brand}"), 1u);
    EXPECT_EQ(Count(text, "{code}"), channel == Channel::kVoice ? 2u : 1u);
    EXPECT_EQ(Count(text, "{minutes}"), channel == Channel::kWhatsApp ? 1u : 0u);
    EXPECT_EQ(text.find_first_of("@#%/\\$0123456789\n"), text.npos) << text;
    EXPECT_FALSE(Has(text, "  ")) << text;
  });
}

TEST(MessageTexts, OfAnSmsEndWithTheCode) {  // G-02
  for (const BuiltInTexts& texts : kBuiltInTexts)
    EXPECT_TRUE(EndsWith(texts.sms, " {code}")) << texts.sms;
}

// A full stop behind a digit makes it an ordinal number in German, Czech, Polish, Turkish.
TEST(MessageTexts, AreSpokenDigitByDigit) {  // G-06
  for (const BuiltInTexts& texts : kBuiltInTexts) {
    EXPECT_FALSE(Has(texts.voice, "{code}.")) << texts.voice;
    EXPECT_NE(texts.pause, "");
    EXPECT_EQ(texts.pause.find_first_of("0123456789.-+"), texts.pause.npos);
    // Full-width punctuation takes no space.
    EXPECT_TRUE(EndsWith(texts.pause, " ") || texts.pause == "、") << texts.name;
    MessageRenderer renderer;
    std::string problem;
    ASSERT_TRUE(MessageRenderer::Create({"Acme", "", "", {}}, &renderer, &problem)) << problem;
    const MessageText text = renderer.Render(Channel::kVoice, texts.locale, "908172", 2);
    std::string spoken = "9";
    for (const char* digit : {"0", "8", "1", "7", "2"}) spoken.append(texts.pause).append(digit);
    EXPECT_EQ(Count(text.Reveal(kTest), spoken), 2u) << text.Reveal(kTest);
  }
}

TEST(MessageTexts, FitWithTheLongestBrand) {  // G-02
  MessageRenderer renderer;
  std::string problem;
  const std::string brand(kBrandBytesMax, 'm');
  ASSERT_TRUE(MessageRenderer::Create({brand, "", "", {}}, &renderer, &problem)) << problem;
  ForEachText([&](const BuiltInTexts& texts, Channel channel, std::string_view) {
    const MessageText text =
        renderer.Render(channel, texts.locale, "0123456789", kMessageMinutesMax);
    EXPECT_FALSE(text.overflowed());
    EXPECT_GE(text.room(), 100u) << "less than a template could need";
  });
}

TEST(MessageTexts, DifferFromEachOther) {
  std::set<std::string_view> seen;
  ForEachText([&](const BuiltInTexts&, Channel, std::string_view text) {
    EXPECT_TRUE(seen.insert(text).second) << text;
  });
}

}  // namespace
}  // namespace otpcore
