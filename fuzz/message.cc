// SPDX-License-Identifier: Apache-2.0
// Message configuration and what is rendered of it: no second origin line, no cut text, no surprise
// in the cost, no digit beside the code (G-02 … G-06, threats 27 and 28); of e-mails no second
// header (EM-32).
#include "otpcore/rules/message.h"

#include <string>
#include <vector>

#include "fuzz.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the fuzz target reads the text");

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t end; (end = text.find('\n')) != text.npos; text.remove_prefix(end + 1))
    lines.push_back(text.substr(0, end));
  lines.push_back(text);
  return lines;
}

size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

const MessageTemplates& TemplatesOf(const MessageConfig& config, Channel channel) {
  return channel == Channel::kSms     ? config.templates
         : channel == Channel::kVoice ? config.voice_templates
                                      : config.whatsapp_templates;
}

// No ASCII letter or digit and no byte of a letter that most scripts have stands beside the code:
// a coarser look than the library's own.
void CheckNeighbours(std::string_view line, std::string_view code) {
  for (size_t at = line.find(code); at != line.npos; at = line.find(code, at + 1)) {
    const char before = at == 0 ? ' ' : line[at - 1];
    const char after = at + code.size() == line.size() ? ' ' : line[at + code.size()];
    for (const char c : {before, after})
      FUZZ_CHECK(!fuzz::IsDigit(c) && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z'));
  }
}

void CheckRendered(const MessageConfig& config, const MessageRenderer& renderer, Channel channel,
                   Locale locale, const std::string& code, int minutes) {
  const MessageText message = renderer.Render(channel, locale, code, minutes);
  FUZZ_CHECK(!message.overflowed());
  const std::string text(message.Reveal(kAccess));
  const std::vector<std::string_view> lines = LinesOf(text);
  const bool sms = channel == Channel::kSms;
  const bool hash = sms && !config.android_app_hash.empty();
  const bool origin = sms && !config.web_otp_host.empty();
  FUZZ_CHECK(lines.size() == 1u + (hash ? 1 : 0) + (origin ? 1 : 0));
  FUZZ_CHECK(lines[0].find(config.brand) != std::string::npos ||
             !TemplatesOf(config, channel)[static_cast<size_t>(locale)].empty());
  if (channel != Channel::kVoice) {
    FUZZ_CHECK(lines[0].find(code) != std::string::npos);
    // A brand or template may hold the same digits, apart from what is filled in.
    if (Count(lines[0], code) == 1) CheckNeighbours(lines[0], code);
  } else {
    FUZZ_CHECK(text.find("://") == text.npos);
    for (const char digit : code) FUZZ_CHECK(Count(text, std::string_view(&digit, 1)) >= 2);
  }
  if (hash) FUZZ_CHECK(lines[1] == config.android_app_hash);
  if (origin) FUZZ_CHECK(lines.back() == "@" + config.web_otp_host + " #" + code);
  // A browser takes the last line that begins with '@': it is ours, or there is none.
  for (size_t i = 0; i < lines.size(); ++i)
    FUZZ_CHECK((!lines[i].empty() && lines[i][0] == '@') == (origin && i + 1 == lines.size()));
  if (!sms) return;
  const SmsCost cost = renderer.Cost(locale, code.size(), minutes);
  const SmsCost measured = MeasureSms(text);
  FUZZ_CHECK(cost.encoding == measured.encoding && cost.units == measured.units &&
             cost.segments == measured.segments && cost.bytes == measured.bytes &&
             cost.segments <= 3);
  if (hash) FUZZ_CHECK(cost.bytes <= 140 && cost.segments == 1);
}

// EM-31, EM-32: one line for a subject without the code; a text whose only controls are its line
// ends, with the code once more than the brand has it.
void CheckEmail(const MessageConfig& config, const MessageRenderer& renderer, Locale locale,
                const std::string& code, int minutes) {
  const auto is_control = [](char c) { return (c >= 0 && c < ' ') || c == 0x7F; };
  for (const EmailPurpose purpose :
       {EmailPurpose::kLogin, EmailPurpose::kSignup, EmailPurpose::kDiscovery}) {
    const EmailSubject subject = renderer.RenderSubject(purpose, locale);
    FUZZ_CHECK(!subject.empty());
    for (const char c : subject.view()) FUZZ_CHECK(!is_control(c));
    FUZZ_CHECK(Count(subject.view(), code) <= Count(config.brand, code));
    MessageText message;
    renderer.RenderEmail(purpose, locale, code, minutes, &message);
    FUZZ_CHECK(!message.overflowed());
    const std::string text(message.Reveal(kAccess));
    for (const char c : text) FUZZ_CHECK(!is_control(c) || c == '\n');
    FUZZ_CHECK(text.find(config.brand) != text.npos &&
               Count(text, code) > Count(config.brand, code));
  }
}

// Any text: the count of UTF-16 units by another decoder, and segments within their bounds.
void CheckMeasure(std::string_view text) {
  const SmsCost cost = MeasureSms(text);
  size_t units = 0;
  for (std::string_view rest = text; !rest.empty(); ++units) {
    uint32_t point = 0xFFFD;
    if (!fuzz::DecodeSlowly(&rest, &point)) rest.remove_prefix(1);
    units += point > 0xFFFF ? 1 : 0;
  }
  const bool gsm7 = cost.encoding == SmsEncoding::kGsm7;
  FUZZ_CHECK(gsm7 ? cost.units >= units && cost.units <= 2 * units : cost.units == units);
  const size_t alone = gsm7 ? 160 : 70, joined = gsm7 ? 153 : 67;
  FUZZ_CHECK((cost.units <= alone) == (cost.bytes <= kSmsBytesMax));
  if (cost.units <= alone) {
    FUZZ_CHECK(cost.segments == (cost.units == 0 ? 0 : 1));
  } else {
    FUZZ_CHECK(cost.segments * joined >= cost.units &&
               (cost.segments - 1) * (joined - 1) < cost.units);
  }
}

}  // namespace
}  // namespace otpcore

// Input: locale and digits in a byte each, then brand, host, hash and template, each up to a zero
// byte, then channel and minutes.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  otpcore::fuzz::Input input(data, size);
  const int locale = input.Below(static_cast<int>(otpcore::kLocaleCount));
  const auto digits = static_cast<size_t>(4 + input.Below(7));
  otpcore::MessageConfig config;
  config.brand = input.Until('\0');
  config.web_otp_host = input.Until('\0');
  config.android_app_hash = input.Until('\0');
  const std::string own(input.Until('\0'));
  const auto channel = static_cast<otpcore::Channel>(1 + input.Below(3));
  const int minutes = input.Byte() * 8;
  otpcore::MessageTemplates& templates = channel == otpcore::Channel::kSms ? config.templates
                                         : channel == otpcore::Channel::kVoice
                                             ? config.voice_templates
                                             : config.whatsapp_templates;
  templates[static_cast<size_t>(locale)] = own;
  otpcore::CheckMeasure(config.brand);
  otpcore::MessageRenderer renderer;
  std::string problem;
  if (!otpcore::MessageRenderer::Create(config, &renderer, &problem, digits, minutes)) {
    FUZZ_CHECK(!problem.empty());
    return 0;
  }
  const std::string code(std::string_view("9081726354").substr(0, digits));
  for (int other = 1; other <= 3; ++other)
    otpcore::CheckRendered(config, renderer, static_cast<otpcore::Channel>(other),
                           static_cast<otpcore::Locale>(locale), code, minutes);
  otpcore::CheckEmail(config, renderer, static_cast<otpcore::Locale>(locale), code, minutes);
  return 0;
}
