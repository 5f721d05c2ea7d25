// SPDX-License-Identifier: Apache-2.0
// Prints docs/messages.md: the text of every locale and channel, and what an SMS costs on the air
// (rules G-01 … G-06).
#include <iostream>
#include <string>

#include "otpcore/rules/message.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace)

constexpr SecretAccess kAccess("the code is made up");
constexpr int kMinutes = 2;
constexpr size_t kDigits = 6;
constexpr int kEmailMinutes = 10;

const char* NameOf(SmsEncoding encoding) {
  return encoding == SmsEncoding::kGsm7 ? "GSM-7" : "UCS-2";
}

std::string TextOf(const MessageRenderer& renderer, Channel channel, Locale locale) {
  return std::string(renderer.Render(channel, locale, "123456", kMinutes).Reveal(kAccess));
}

// Code points of well-formed UTF-8.
size_t CharactersOf(const std::string& text) {
  size_t characters = 0;
  for (const char c : text) characters += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return characters;
}

void SmsTable(const MessageRenderer& plain, const MessageRenderer& long_names) {
  std::cout << "| locale | text | encoding | units | segments | longest: units | segments |\n"
               "|---|---|---|---|---|---|---|\n";
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const auto locale = static_cast<Locale>(i);
    const SmsCost cost = plain.Cost(locale, kDigits, kMinutes);
    const SmsCost longest = long_names.Cost(locale, kDigits, kMinutes);
    std::cout << "| " << LocaleName(locale) << " | " << TextOf(plain, Channel::kSms, locale)
              << " | " << NameOf(cost.encoding) << " | " << cost.units << " | " << cost.segments
              << " | " << longest.units << " | " << longest.segments << " |\n";
  }
}

void WhatsAppTable(const MessageRenderer& plain) {
  std::cout << "| locale | text | characters | as an SMS: encoding | segments |\n"
               "|---|---|---|---|---|\n";
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const auto locale = static_cast<Locale>(i);
    const std::string text = TextOf(plain, Channel::kWhatsApp, locale);
    const SmsCost cost = MeasureSms(text);
    std::cout << "| " << LocaleName(locale) << " | " << text << " | " << CharactersOf(text) << " | "
              << NameOf(cost.encoding) << " | " << cost.segments << " |\n";
  }
}

void VoiceTable(const MessageRenderer& plain) {
  std::cout << "| locale | text | characters |\n"
               "|---|---|---|\n";
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const auto locale = static_cast<Locale>(i);
    const std::string text = TextOf(plain, Channel::kVoice, locale);
    std::cout << "| " << LocaleName(locale) << " | " << text << " | " << CharactersOf(text)
              << " |\n";
  }
}

// Each text as a block of its own: it has several lines.
void EmailTexts(const MessageRenderer& plain) {
  for (const Locale locale : {Locale::kEn, Locale::kEs, Locale::kPtBr, Locale::kFr}) {
    for (const EmailPurpose purpose : {EmailPurpose::kLogin, EmailPurpose::kSignup}) {
      MessageText text;
      plain.RenderEmail(purpose, locale, "123456", kEmailMinutes, &text);
      std::cout << "\n`" << LocaleName(locale) << "`, " << WireName(purpose) << ": "
                << plain.RenderSubject(purpose, locale).view() << "\n\n```\n"
                << text.Reveal(kAccess) << "```\n";
    }
  }
}

constexpr char kIntroduction[] =
    R"(# Messages

The texts that carry a passcode, for each locale and channel, with the brand "Example", a code of six digits and a life of two
minutes. `make docs` writes this page from `src/rules/data/message_texts.toml`; a test fails when it is stale.

A text names the brand and the code, and nothing that a swindler could use. The code is in ASCII digits.

## SMS

Units are septets for GSM-7 ([what each character costs](../src/rules/data/gsm7.txt)) and UTF-16 units for UCS-2. The last two
columns are for a brand of 20 and a WebOTP host of 30 characters, whose line `@host #code` comes last. The code ends the text, so that phones find it and right-to-left text cannot
reorder it. Accents are kept: a language whose letters are not in GSM-7 costs UCS-2, which at this length is one or two segments.

)";

constexpr char kWhatsApp[] = R"(
## WhatsApp

No WebOTP line and no Android hash: nothing reads them there. The last two columns are for a gateway that falls back to SMS
with the same text.

)";

constexpr char kVoice[] = R"(
## Voice

The code comes twice, its digits apart, so that a text-to-speech voice reads them one by one. No full stop follows a digit:
several languages read "6." as "sixth". There is no link.

)";

constexpr char kEmail[] = R"(
## E-mail

Subject and text for each purpose, with a life of ten minutes, in four languages. The subject has no code, for lock screens show it. The code stands on a
line of its own. There is no link, and nothing that a tenant or a person typed. HTML, sender and headers are the host's; `Message` has the
passcode, the minutes and the template id that the request named. `src/rules/email_texts.h` holds these texts.
)";

constexpr char kOwnTexts[] = R"(
## Texts of your own

`MessageConfig` has a template for each locale: `templates` for SMS, `whatsapp_templates`, `voice_templates`. Leave one empty to
keep the built-in text. `Config::Create` refuses a template that breaks a rule, and names its locale and channel:

| in a template | rule |
|---|---|
| `{code}` | required; once, and in a spoken text twice |
| `{brand}` | at most once |
| `{minutes}` | at most once; the passcode's life in minutes, rounded up |
| beside `{code}` | no letter, digit or combining mark of any script, also after the brand is filled in: else the brand `365` and a code would be read as one number |
| form | one line of UTF-8 without control characters, no other braces, no `@` at its start |
| spoken | no link, no `@`, no dot between two letters; the digits are set apart for you |
| length | at most three segments; with `android_app_hash` at most 140 bytes, all lines together |

Android reads an SMS of at most 140 bytes: 160 units of GSM-7 or 70 of UCS-2. With `android_app_hash` (12 units) and
`web_otp_host` together not every built-in text fits; the refusal lists those that are too long. Shorten the brand or the host, or
give those locales a shorter template, such as `{brand}: {code}`.

A gateway that sends templates of its own needs no text: a `Message` has channel, locale, brand and passcode apart, and
`MessageMinutes(message.life)` says how long the passcode lives. [template_gateway](examples/template_gateway/template_gateway.cc)
is such a sink over HTTP, with what each answer of the gateway means.

## Change a text, add a language

- To change a built-in text, edit `src/rules/data/message_texts.toml`, which explains itself, and run `make docs`. It writes
  `src/rules/message_texts.h` and this page.
- To add a language, follow the steps at the head of `include/otpcore/rules/locale.h`.

## Which locale a request gets

The `locale` of a request is a language tag (RFC 5646) in any case. Lookup (RFC 4647) takes the locale of that name; else it takes
subtags off the end until a locale has the name; else it takes the first locale of the language.

| request | locale |
|---|---|
| none | `en` |
)";

void LookUpTable() {
  for (const char* tag : {"en-US", "de", "de-AT", "pt", "pt-PT", "es-MX", "zh", "zh-CN",
                          "zh-Hans-HK", "zh-Hant", "zh-TW", "sv", "en_US"}) {
    Locale locale = Locale::kEn;
    std::cout << "| `" << tag << "` | ";
    if (ParseLocale(tag, &locale)) {
      std::cout << "`" << LocaleName(locale) << "` |\n";
    } else {
      std::cout << "none: `invalid_locale` |\n";
    }
  }
}

}  // namespace

int main() {
  MessageRenderer plain;
  MessageRenderer long_names;
  std::string problem;
  if (!MessageRenderer::Create({"Example", "", "", {}}, &plain, &problem) ||
      !MessageRenderer::Create({"Brand of 20 letters!", "login.accounts.example-bank.eu", "", {}},
                               &long_names, &problem)) {
    std::cerr << problem << "\n";
    return 1;
  }
  std::cout << kIntroduction;
  SmsTable(plain, long_names);
  std::cout << kWhatsApp;
  WhatsAppTable(plain);
  std::cout << kVoice;
  VoiceTable(plain);
  std::cout << kEmail;
  EmailTexts(plain);
  std::cout << kOwnTexts;
  LookUpTable();
}
