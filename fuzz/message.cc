// SPDX-License-Identifier: Apache-2.0
// Message configuration and what is rendered of it: no second origin line, no cut text, no surprise
// in the cost (G-02 … G-05, threats 27 and 28).
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

void CheckRendered(const MessageConfig& config, const MessageRenderer& renderer, Locale locale,
                   const std::string& code) {
  const MessageText message = renderer.Render(locale, code);
  FUZZ_CHECK(!message.overflowed());
  const std::string text(message.Reveal(kAccess));
  const std::vector<std::string_view> lines = LinesOf(text);
  const bool hash = !config.android_app_hash.empty();
  const bool origin = !config.web_otp_host.empty();
  FUZZ_CHECK(lines.size() == 1u + (hash ? 1 : 0) + (origin ? 1 : 0));
  FUZZ_CHECK(lines[0].find(code) != std::string::npos);
  FUZZ_CHECK(lines[0].find(config.brand) != std::string::npos ||
             !config.templates[static_cast<size_t>(locale)].empty());
  if (hash) FUZZ_CHECK(lines[1] == config.android_app_hash);
  if (origin) FUZZ_CHECK(lines.back() == "@" + config.web_otp_host + " #" + code);
  // A browser takes the last line that begins with '@': it is ours, or there is none.
  for (size_t i = 0; i < lines.size(); ++i)
    FUZZ_CHECK((!lines[i].empty() && lines[i][0] == '@') == (origin && i + 1 == lines.size()));
  const SmsCost cost = renderer.Cost(locale, code.size());
  const SmsCost measured = MeasureSms(text);
  FUZZ_CHECK(cost.encoding == measured.encoding && cost.units == measured.units &&
             cost.segments == measured.segments && cost.segments <= 3);
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
// byte.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  otpcore::fuzz::Input input(data, size);
  const int locale = input.Below(16);
  const auto digits = static_cast<size_t>(4 + input.Below(7));
  otpcore::MessageConfig config;
  config.brand = input.Until('\0');
  config.web_otp_host = input.Until('\0');
  config.android_app_hash = input.Until('\0');
  config.templates[static_cast<size_t>(locale)] = input.Until('\0');
  otpcore::CheckMeasure(config.brand);
  otpcore::MessageRenderer renderer;
  std::string problem;
  if (!otpcore::MessageRenderer::Create(config, &renderer, &problem)) {
    FUZZ_CHECK(!problem.empty());
    return 0;
  }
  const std::string code(std::string_view("9081726354").substr(0, digits));
  otpcore::CheckRendered(config, renderer, static_cast<otpcore::Locale>(locale), code);
  return 0;
}
