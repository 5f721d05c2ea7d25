// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/message.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "utf8_text.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");
constexpr char kLongBrand[] = "Brand of 20 letters!";
constexpr char kLongHost[] = "login.accounts.example-bank.eu";  // 30 characters

MessageRenderer Make(const MessageConfig& config) {
  MessageRenderer renderer;
  std::string problem;
  EXPECT_TRUE(MessageRenderer::Create(config, &renderer, &problem)) << problem;
  return renderer;
}
// Why it is refused; empty: it is not.
std::string Problem(const MessageConfig& config) {
  MessageRenderer renderer;
  std::string problem;
  const bool made = MessageRenderer::Create(config, &renderer, &problem);
  EXPECT_EQ(made, problem.empty());
  return problem;
}
bool Refuses(const MessageConfig& config) { return !Problem(config).empty(); }
std::string Text(const MessageRenderer& renderer, Locale locale, const std::string& code,
                 Channel channel = Channel::kSms, int minutes = 2) {
  return std::string(renderer.Render(channel, locale, code, minutes).Reveal(kTest));
}
MessageConfig WithTemplate(const std::string& text, const std::string& brand = "Acme") {
  MessageConfig config;
  config.brand = brand;
  config.templates[0] = text;
  return config;
}
MessageTemplates Everywhere(const std::string& text) {
  MessageTemplates templates;
  templates.fill(text);
  return templates;
}

// ---- The encoder ----

TEST(MeasureSms, AgreesWithPerlOnEveryCodePoint) {  // G-03, B-13
  std::ifstream data(std::string(OTPCORE_SOURCE_DIR) + "/src/rules/data/gsm7.txt");
  ASSERT_TRUE(data);
  std::map<uint32_t, size_t> septets;
  for (std::string line; std::getline(data, line);) {
    if (line.front() == '#') continue;
    std::istringstream columns(line);
    uint32_t point = 0;
    size_t length = 0;
    ASSERT_TRUE(columns >> std::hex >> point >> length) << line;
    septets[point] = length;
  }
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

TEST(MeasureSms, CountsBytesOnTheAir) {  // G-02
  const auto bytes = [](const std::string& text) { return MeasureSms(text).bytes; };
  EXPECT_EQ(bytes(""), 0u);
  EXPECT_EQ(bytes("a"), 1u);
  EXPECT_EQ(bytes("aaaaaaaa"), 7u);  // eight septets
  EXPECT_EQ(bytes("aaaaaaaaa"), 8u);
  EXPECT_EQ(bytes("{"), 2u);
  EXPECT_EQ(bytes(std::string(160, 'a')), kSmsBytesMax);
  EXPECT_EQ(bytes(std::string(161, 'a')), 141u);
  EXPECT_EQ(bytes(std::string(69, 'a') + "\xC3\xB3"), kSmsBytesMax);
  EXPECT_EQ(bytes(std::string(70, 'a') + "\xC3\xB3"), 142u);
}

TEST(MeasureSms, SeesTheCharactersThatSilentlyCostMore) {  // threat 28
  EXPECT_EQ(MeasureSms("it's").encoding, SmsEncoding::kGsm7);
  EXPECT_EQ(MeasureSms("it\xE2\x80\x99s").encoding, SmsEncoding::kUcs2);
  EXPECT_EQ(MeasureSms("`").encoding, SmsEncoding::kUcs2);
  EXPECT_EQ(MeasureSms("\xFF\xC3").units, 2u);
}

// ---- The texts ----

TEST(MessageRenderer, FitsItsSegments) {  // G-03
  const MessageRenderer renderer = Make({kLongBrand, kLongHost, "", {}});
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const SmsCost cost = renderer.Cost(static_cast<Locale>(i), 10, 2);
    EXPECT_LE(cost.segments, cost.encoding == SmsEncoding::kGsm7 ? 1u : 2u)
        << LocaleName(static_cast<Locale>(i)) << " " << cost.units;
    const std::string text = Text(renderer, static_cast<Locale>(i), "0123456789");
    EXPECT_EQ(MeasureSms(text).units, cost.units);  // R-04: the placeholder measures the same
  }
  EXPECT_EQ(renderer.Cost(Locale::kEn, 6, 2).encoding, SmsEncoding::kGsm7);
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

void ExpectReadBack(const MessageConfig& config) {
  const MessageRenderer renderer = Make(config);
  const std::string& hash = config.android_app_hash;
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const std::string text = Text(renderer, static_cast<Locale>(i), "004711");
    std::string host, code;
    ASSERT_TRUE(ReadOriginBound(text, &host, &code)) << text;
    EXPECT_EQ(host, config.web_otp_host);
    EXPECT_EQ(code, "004711");
    EXPECT_EQ(text.find('\n' + hash + '\n') != std::string::npos, !hash.empty()) << text;
  }
}

TEST(MessageRenderer, EachMessageIsReadBackByTheAutofillRules) {  // G-02, B-13
  ExpectReadBack({"Acme", kLongHost, "", {}});
  // With the Android hash built-in texts do not all fit beside a long host.
  ExpectReadBack({"Acme", "acme.example", "FA+9qCX9VSu", Everywhere("{brand}: {code}")});
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

TEST(MessageRenderer, RefusesBrandsThatShowNothing) {  // G-05
  for (const char* brand :
       {" ", "   ", "\xC2\xA0", "\xE3\x80\x80", "\xE2\x80\x8B", "\xE2\x80\x8B \xE2\x80\x8D",
        "\xEF\xBB\xBF", "\xC2\xAD", "\xE2\xA0\x80", "\xE3\x85\xA4", "\xEF\xB8\x8F", "\xEE\x80\x80"})
    EXPECT_EQ(Problem({brand, "", "", {}}), "brand must have at least one visible character.")
        << brand;
  for (const char* brand : {".", " a ",
                            "\xE2\x80\x8B"
                            "A",
                            "\xE9\x8A\x80", "\xF0\x9F\x98\x80", "3"})
    EXPECT_EQ(Problem({brand, "", "", {}}), "") << brand;
}

// ---- The Android hash ----

TEST(MessageRenderer, NamesEachLocaleThatIsTooLongForAndroid) {  // G-02
  MessageConfig config = {"Acme", "", "FA+9qCX9VSu", {}};
  EXPECT_EQ(Problem(config), "");
  config.web_otp_host = "acme.example";
  const std::string problem = Problem(config);
  EXPECT_NE(problem.find("es ("), std::string::npos) << problem;
  EXPECT_NE(problem.find("ru ("), std::string::npos) << problem;
  for (const char* short_enough : {"en (", "de-DE (", "zh-Hans (", "ja ("})
    EXPECT_EQ(problem.find(short_enough), std::string::npos) << problem;
  EXPECT_NE(problem.find(" es (170), pt-br (162), "), std::string::npos) << problem;
  config.android_app_hash.clear();
  EXPECT_EQ(Problem(config), "");
}

TEST(MessageRenderer, AllowsAHundredAndFortyBytesWithTheHash) {  // G-02
  // Below the text stand 12 characters of the hash and its line end.
  const auto refused = [](const std::string& text) {
    MessageConfig config = WithTemplate(text);
    config.android_app_hash = "FA+9qCX9VSu";
    return Problem(config);
  };
  EXPECT_EQ(refused(std::string(160 - 12 - 11, 'a') + " {code}"), "");  // 160 septets, ten digits
  EXPECT_EQ(refused(std::string(160 - 12 - 10, 'a') + " {code}"),
            "With android_app_hash an SMS has at most 140 bytes, but these have more: en (141). "
            "Shorten brand or web_otp_host, or give a shorter template.");
  EXPECT_EQ(refused(std::string(70 - 12 - 12, 'a') + "\xC3\xB3 {code}"), "");  // 70 UTF-16 units
  EXPECT_NE(refused(std::string(70 - 12 - 11, 'a') + "\xC3\xB3 {code}").find("en (142)"),
            std::string::npos);
  EXPECT_EQ(Problem(WithTemplate(std::string(160 - 12 - 10, 'a') + " {code}")), "") << "no hash";
}

TEST(MessageRenderer, JudgesLengthsForTheCodesAndMinutesOfTheDeployment) {  // G-02
  MessageConfig config = WithTemplate(std::string(130, 'a') + " {code} {minutes}");
  config.android_app_hash = "FA+9qCX9VSu";
  MessageRenderer renderer;
  std::string problem;
  EXPECT_TRUE(MessageRenderer::Create(config, &renderer, &problem, 10, 10)) << problem;
  EXPECT_EQ(renderer.Cost(Locale::kEn, 10, 10).bytes, 137u);  // 156 septets
  EXPECT_EQ(renderer.Cost(Locale::kEn, 4, 2).bytes, 131u);    // 149
  config.templates[0].insert(0, "12345");
  EXPECT_TRUE(MessageRenderer::Create(config, &renderer, &problem, 9, 10)) << problem;
  EXPECT_TRUE(MessageRenderer::Create(config, &renderer, &problem, 10, 9)) << problem;
  EXPECT_FALSE(MessageRenderer::Create(config, &renderer, &problem, 10, 10));
}

TEST(MessageRenderer, LeavesARendererAloneThatItDoesNotFill) {
  MessageRenderer renderer = Make({"Acme", "", "", {}});
  std::string problem;
  EXPECT_FALSE(MessageRenderer::Create({"", "", "", {}}, &renderer, &problem));
  EXPECT_EQ(renderer.brand(), "Acme");
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234"), "Your Acme verification code is 1234");
}

// ---- Own templates ----

TEST(MessageRenderer, TakesOwnTemplates) {  // G-05
  EXPECT_EQ(Text(Make(WithTemplate("{code} is for {brand}, never tell it")), Locale::kEn, "1234"),
            "1234 is for Acme, never tell it");
  for (const char* bad :
       {"no code", "{code} {code}", "{brand} {brand} {code}", "{other} {code}", "{code",
        "{code}\n@evil.example #{code}", "@evil.example #{code}", "{code}}", "{{code}",
        "{minutes} {minutes} {code}", "{Code}", "{} {code}", "{code} {minutes"})
    EXPECT_TRUE(Refuses(WithTemplate(bad))) << bad;
  EXPECT_TRUE(Refuses(WithTemplate("{code} " + std::string(700, 'a'))));
  EXPECT_EQ(Problem(WithTemplate("{code} " + std::string(449, 'a'))),
            "The text of en for sms takes more than three segments.");
}

// "{code}" has six characters, the longest code ten: the text is measured as it is sent.
TEST(MessageRenderer, RefusesATextThatItsCodeMakesTooLong) {  // G-05, G-06
  MessageConfig config;
  std::string& own = config.whatsapp_templates[static_cast<size_t>(Locale::kEn)];
  own = "{code} " + std::string(kMessageBytesMax - 11, 'a');
  EXPECT_FALSE(Refuses(config));
  own += 'a';
  ASSERT_LT(own.size(), kMessageBytesMax);
  EXPECT_EQ(Problem(config), "The text of en for whatsapp is too long.");
}

TEST(MessageRenderer, NamesTheTextThatItRefuses) {  // G-05
  MessageConfig config;
  config.templates[static_cast<size_t>(Locale::kDeDe)] = "nichts";
  EXPECT_EQ(Problem(config), "The text of de-DE for sms must contain {code} exactly once.");
  config.templates[static_cast<size_t>(Locale::kDeDe)] = "";
  config.whatsapp_templates[static_cast<size_t>(Locale::kJa)] = "{code} {code}";
  EXPECT_EQ(Problem(config), "The text of ja for whatsapp must contain {code} exactly once.");
  config.whatsapp_templates[static_cast<size_t>(Locale::kJa)] = "";
  config.voice_templates[static_cast<size_t>(Locale::kPtBr)] = "{code}";
  EXPECT_EQ(Problem(config), "The text of pt-br for voice must contain {code} exactly twice.");
}

TEST(MessageRenderer, RefusesALetterOrDigitBesideTheCode) {  // G-05
  std::vector<uint32_t> word = {'a',     'Z',    '0',    '9',    0xAA,   0xB2,   0xBC,    0xDF,
                                0x3B1,   0x431,  0x561,  0x5D0,  0x628,  0x661,  0x6F1,   0x905,
                                0x967,   0xE01,  0xE51,  0x10D0, 0x1100, 0x1D43, 0x2164,  0x2460,
                                0x3042,  0x30A2, 0x4E00, 0xAC00, 0xFF11, 0xFF21, 0x1D7CE, 0x1E950,
                                0x20000, 0x301,  0x20E3 /* combining */};
  for (const uint32_t c : word) {
    EXPECT_TRUE(Refuses(WithTemplate(Utf8(c) + "{code}"))) << std::hex << c;
    EXPECT_TRUE(Refuses(WithTemplate("{code}" + Utf8(c)))) << std::hex << c;
    EXPECT_FALSE(Refuses(WithTemplate(Utf8(c) + " {code} " + Utf8(c)))) << std::hex << c;
    EXPECT_FALSE(Refuses(WithTemplate(Utf8(c) + "-{code}." + Utf8(c)))) << std::hex << c;
    // What shows nothing separates nothing.
    EXPECT_TRUE(Refuses(WithTemplate(Utf8(c) + "\xE2\x80\x8B\xEF\xBB\xBF{code}"))) << std::hex << c;
    EXPECT_TRUE(Refuses(WithTemplate("{code}\xC2\xAD" + Utf8(c)))) << std::hex << c;
  }
  for (const uint32_t c : {uint32_t{' '}, uint32_t{'.'}, uint32_t{':'}, uint32_t{'*'},
                           uint32_t{'_'}, uint32_t{0xA0}, uint32_t{0x2014}, uint32_t{0x3000},
                           uint32_t{0x3002}, uint32_t{0xFF1A}, uint32_t{0x1F512}}) {
    EXPECT_FALSE(Refuses(WithTemplate(Utf8(c) + "{code}" + Utf8(c)))) << std::hex << c;
  }
}

TEST(MessageRenderer, RefusesABrandThatRunsIntoTheCode) {  // G-05
  EXPECT_TRUE(Refuses(WithTemplate("{brand}{code}", "365")));
  EXPECT_TRUE(Refuses(WithTemplate("{code}{brand}", "365")));
  EXPECT_TRUE(Refuses(WithTemplate("{brand}{code}", "\xE9\x8A\x80\xE8\xA1\x8C")));
  EXPECT_TRUE(Refuses(WithTemplate("{brand}{code}", "365\xE2\x80\x8B")));
  EXPECT_TRUE(Refuses(WithTemplate("{code}1")));
  EXPECT_FALSE(Refuses(WithTemplate("{brand}{code}", "Acme:")));
  EXPECT_FALSE(Refuses(WithTemplate("{brand} {code}", "365")));
  EXPECT_TRUE(Refuses(WithTemplate("{minutes}{code}")));
  EXPECT_TRUE(Refuses(WithTemplate("{code}{minutes}")));
  EXPECT_TRUE(Refuses(WithTemplate("{code}\xE2\x80\x8B{minutes}")));
  EXPECT_FALSE(Refuses(WithTemplate("{code}, {minutes} min")));
}

// ---- Minutes ----

TEST(MessageMinutes, RoundsUpToWholeMinutes) {  // G-05, D-07
  EXPECT_EQ(MessageMinutes(Duration(-1)), 1);
  EXPECT_EQ(MessageMinutes(Duration(0)), 1);
  EXPECT_EQ(MessageMinutes(std::chrono::seconds(30)), 1);
  EXPECT_EQ(MessageMinutes(std::chrono::minutes(1)), 1);
  EXPECT_EQ(MessageMinutes(std::chrono::minutes(1) + Duration(1)), 2);
  EXPECT_EQ(MessageMinutes(std::chrono::minutes(2)), 2);
  EXPECT_EQ(MessageMinutes(std::chrono::minutes(10) - Duration(1)), 10);
  EXPECT_EQ(MessageMinutes(std::chrono::minutes(999)), 999);
  EXPECT_EQ(MessageMinutes(std::chrono::minutes(1000)), kMessageMinutesMax);
  EXPECT_EQ(MessageMinutes(Duration::max()), kMessageMinutesMax);
  EXPECT_EQ(MessageMinutes(Duration::min()), 1);
}

TEST(MessageRenderer, FillsInTheMinutes) {  // G-05
  const MessageRenderer renderer = Make(WithTemplate("{minutes} min: {code} ({brand})"));
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234", Channel::kSms, 2), "2 min: 1234 (Acme)");
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234", Channel::kSms, 10), "10 min: 1234 (Acme)");
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234", Channel::kSms, 0), "1 min: 1234 (Acme)");
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234", Channel::kSms, 1000), "999 min: 1234 (Acme)");
}

// ---- Channels ----

TEST(MessageRenderer, WhatsAppHasNeitherOriginLineNorHash) {  // G-06
  const MessageRenderer renderer =
      Make({"Acme", "acme.example", "FA+9qCX9VSu", Everywhere("{brand}: {code}")});
  EXPECT_EQ(
      Text(renderer, Locale::kEn, "123456", Channel::kWhatsApp),
      "Your Acme verification code is 123456. It is valid for 2 min. Do not share it with anyone.");
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const std::string text = Text(renderer, static_cast<Locale>(i), "123456", Channel::kWhatsApp);
    EXPECT_EQ(text.find_first_of("\n@#"), std::string::npos) << text;
  }
}

TEST(MessageRenderer, SpeaksTheDigitsApartAndTwice) {  // G-06
  const MessageRenderer renderer =
      Make({"Acme", "acme.example", "FA+9qCX9VSu", Everywhere("{brand}: {code}")});
  EXPECT_EQ(
      Text(renderer, Locale::kEn, "004711", Channel::kVoice),
      "Hello. Your Acme verification code is: 0, 0, 4, 7, 1, 1; once again: 0, 0, 4, 7, 1, 1");
  EXPECT_NE(Text(renderer, Locale::kJa, "1234", Channel::kVoice).find("1、2、3、4。"),
            std::string::npos);
  EXPECT_NE(Text(renderer, Locale::kFa, "1234", Channel::kVoice).find("1، 2، 3، 4؛"),
            std::string::npos);
}

TEST(MessageRenderer, TakesTemplatesOfEachChannel) {  // G-05, G-06
  MessageConfig config;
  config.brand = "Acme";
  config.whatsapp_templates[0] = "*{code}* ({brand}, {minutes} min)";
  config.voice_templates[0] = "{brand}: {code}. {code}. {minutes} minutes.";
  const MessageRenderer renderer = Make(config);
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234", Channel::kWhatsApp), "*1234* (Acme, 2 min)");
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234", Channel::kVoice),
            "Acme: 1, 2, 3, 4. 1, 2, 3, 4. 2 minutes.");
  EXPECT_EQ(Text(renderer, Locale::kEn, "1234"), "Your Acme verification code is 1234");
}

TEST(MessageRenderer, RefusesASpokenLink) {  // G-06
  MessageConfig config;
  for (const char* bad :
       {"{code} {code} https://a.example", "www.{brand} {code} {code}", "a.example {code} {code}",
        "{brand}.example {code} {code}", "me@acme {code} {code}",
        "{code} {code} caf\xC3\xA9.caf\xC3\xA9", "{code}", "{code}{code}", "{code} {code} {code}",
        "1{code} {code}", "{code} {code}1"}) {
    config.voice_templates[0] = bad;
    EXPECT_TRUE(Refuses(config)) << bad;
  }
  config.brand = "Acme.example";  // a name is read as it is
  config.voice_templates[0] = "{brand}. {code}. Again. {code}.";
  EXPECT_EQ(Problem(config), "");
}

TEST(MessageRenderer, HasNoTextForOtherChannels) {  // G-06
  const MessageRenderer renderer = Make({"Acme", "", "", {}});
  for (const int channel : {0, 4, 5, 255})
    EXPECT_EQ(Text(renderer, Locale::kEn, "1234", static_cast<Channel>(channel)), "") << channel;
  EXPECT_EQ(Text(MessageRenderer(), Locale::kEn, "1234"), "");
  for (const Channel channel : {Channel::kSms, Channel::kWhatsApp, Channel::kVoice}) {
    for (const size_t locale : {kLocaleCount, size_t{255}}) {
      EXPECT_EQ(Text(renderer, static_cast<Locale>(locale), "1234", channel),
                Text(renderer, Locale::kEn, "1234", channel));
    }
  }
}

}  // namespace
}  // namespace otpcore
