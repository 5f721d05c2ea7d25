// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/message.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "rules/message_checks.h"
#include "rules/message_texts.h"

namespace otpcore {
namespace {

constexpr std::string_view kLongestCode = "0000000000";
constexpr size_t kSegmentsMax = 3;
constexpr char kTooLong[] = "is too long.";
constexpr Channel kChannels[] = {Channel::kSms, Channel::kWhatsApp, Channel::kVoice};
constexpr SecretAccess kAccess("filling in the passcode, and measuring a text with a placeholder");

const MessageTemplates& TemplatesFor(Channel channel, const MessageConfig& config) {
  switch (channel) {
    case Channel::kWhatsApp: return config.whatsapp_templates;
    case Channel::kVoice: return config.voice_templates;
    default: return config.templates;
  }
}

// An unknown locale is English.
size_t IndexOf(Locale locale) {
  const auto index = static_cast<size_t>(locale);
  return index < kLocaleCount ? index : static_cast<size_t>(Locale::kEn);
}

std::string_view BuiltInText(Channel channel, size_t locale) {
  const BuiltInTexts& texts = kBuiltInTexts[locale];
  switch (channel) {
    case Channel::kWhatsApp: return texts.whatsapp;
    case Channel::kVoice: return texts.voice;
    default: return texts.sms;
  }
}

// The lines below the text of an SMS. The WebOTP line must be the last.
std::string LinesBelow(const MessageConfig& config) {
  std::string lines;
  if (!config.android_app_hash.empty()) lines += "\n" + config.android_app_hash;
  if (!config.web_otp_host.empty())
    lines.append("\n@").append(config.web_otp_host).append(" #").append(kCodeSlot);
  return lines;
}

// Sets the digits apart, so that a voice reads them one by one.
void AppendSpoken(std::string_view code, std::string_view pause, MessageText* text) {
  for (size_t i = 0; i < code.size(); ++i) {
    if (i > 0) text->Append(pause);
    text->Append(code.substr(i, 1));
  }
}

void AppendNumber(int number, MessageText* text) {
  char digits[8];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  text->Append(std::string_view(digits, static_cast<size_t>(end - digits)));
}

// Which locales' SMS are too long for Android to read, with their bytes; empty: none (G-02).
std::string LocalesTooLongForHash(const MessageRenderer& renderer, size_t digits, int minutes) {
  std::string found;
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const auto locale = static_cast<Locale>(i);
    const size_t bytes = renderer.Cost(locale, digits, minutes).bytes;
    if (bytes <= kSmsBytesMax) continue;
    if (!found.empty()) found += ", ";
    found.append(LocaleName(locale)).append(" (").append(std::to_string(bytes)).append(")");
  }
  return found;
}

}  // namespace

int MessageMinutes(Duration life) {
  constexpr Duration kMinute = std::chrono::minutes(1);
  if (life <= kMinute) return 1;
  const Duration::rep minutes = (life - Duration(1)) / kMinute + 1;
  return static_cast<int>(std::min<Duration::rep>(minutes, kMessageMinutesMax));
}

MessageRenderer::MessageRenderer() = default;

MessageRenderer::Layout MessageRenderer::LayOut(std::string_view text, bool spoken) {
  Layout layout;
  const auto add = [&](Layout::Slot slot, std::string_view name) {
    if (text.substr(0, name.size()) != name) return false;
    if (layout.count == Layout::kSlotsMax) return false;
    layout.at[layout.count] = static_cast<uint16_t>(layout.text.size());
    layout.slots[layout.count++] = slot;
    text.remove_prefix(name.size());
    return true;
  };
  while (!text.empty()) {
    if (add(spoken ? Layout::Slot::kSpokenCode : Layout::Slot::kCode, kCodeSlot) ||
        add(Layout::Slot::kMinutes, kMinutesSlot))
      continue;
    layout.text += text.front();
    text.remove_prefix(1);
  }
  return layout;
}

const char* MessageRenderer::TakeText(const MessageConfig& config, Channel channel, size_t locale) {
  const std::string& own = TemplatesFor(channel, config)[locale];
  if (const char* const why = own.empty() ? nullptr : ProblemWithTemplate(own, channel)) return why;
  const std::string_view words = own.empty() ? BuiltInText(channel, locale) : own;
  std::string text = WithBrand(words, config.brand);
  if (HasNeighbourOfCode(text)) return "has a letter or a digit beside the code.";
  if (channel == Channel::kSms) text += LinesBelow(config);
  if (text.size() > kMessageBytesMax) return kTooLong;
  layouts_[static_cast<size_t>(channel) - 1][locale] = LayOut(text, channel == Channel::kVoice);
  const MessageText longest =
      Render(channel, static_cast<Locale>(locale), kLongestCode, kMessageMinutesMax);
  return longest.overflowed() ? kTooLong : nullptr;
}

bool MessageRenderer::Create(const MessageConfig& config, MessageRenderer* renderer,
                             std::string* problem, size_t digits, int minutes) {
  if (const char* const why = ProblemWithNames(config)) {
    *problem = why;
    return false;
  }
  MessageRenderer made;
  made.brand_ = config.brand;
  for (const Channel channel : kChannels) {
    for (size_t i = 0; i < kLocaleCount; ++i) {
      const auto locale = static_cast<Locale>(i);
      const char* why = made.TakeText(config, channel, i);
      if (why == nullptr && channel == Channel::kSms &&
          made.Cost(locale, digits, minutes).segments > kSegmentsMax)
        why = "takes more than three segments.";
      if (why == nullptr) continue;
      problem->assign("The text of ").append(LocaleName(locale)).append(" for ");
      problem->append(WireName(channel)).append(" ").append(why);
      return false;
    }
  }
  if (!config.android_app_hash.empty()) {
    const std::string too_long = LocalesTooLongForHash(made, digits, minutes);
    if (!too_long.empty()) {
      *problem =
          "With android_app_hash an SMS has at most 140 bytes, but these have more: " + too_long +
          ". Shorten brand or web_otp_host, or give a shorter template.";
      return false;
    }
  }
  *renderer = std::move(made);
  return true;
}

const MessageRenderer::Layout* MessageRenderer::Find(Channel channel, Locale locale) const {
  const size_t row = static_cast<size_t>(channel) - 1;
  if (row >= layouts_.size()) return nullptr;
  return &layouts_[row][IndexOf(locale)];
}

MessageText MessageRenderer::Render(Channel channel, Locale locale, std::string_view code,
                                    int minutes) const {
  MessageText text;
  Render(channel, locale, code, minutes, &text);
  return text;
}

void MessageRenderer::Render(Channel channel, Locale locale, std::string_view code, int minutes,
                             MessageText* text) const {
  const Layout* const layout = Find(channel, locale);
  if (layout == nullptr) return;
  const std::string_view words = layout->text;
  size_t done = 0;
  for (size_t i = 0; i < layout->count; ++i) {
    text->Append(words.substr(done, layout->at[i] - done));
    done = layout->at[i];
    switch (layout->slots[i]) {
      case Layout::Slot::kCode: text->Append(code); break;
      case Layout::Slot::kSpokenCode:
        AppendSpoken(code, kBuiltInTexts[IndexOf(locale)].pause, text);
        break;
      case Layout::Slot::kMinutes:
        AppendNumber(std::clamp(minutes, 1, kMessageMinutesMax), text);
        break;
    }
  }
  text->Append(words.substr(done));
}

SmsCost MessageRenderer::Cost(Locale locale, size_t digits, int minutes) const {
  const MessageText text = Render(Channel::kSms, locale, kLongestCode.substr(0, digits), minutes);
  return MeasureSms(text.Reveal(kAccess));
}

}  // namespace otpcore
