// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/message.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/utf8.h"
#include "rules/message_texts.h"

namespace otpcore {
namespace {

constexpr std::string_view kCode = "{code}";
constexpr std::string_view kBrand = "{brand}";
constexpr std::string_view kPlaceholder = "0000000000";  // as long as the longest code
constexpr size_t kBrandBytesMax = 64;
constexpr size_t kHostBytesMax = 253;
constexpr size_t kLabelBytesMax = 63;
constexpr size_t kAndroidHashBytes = 11;
constexpr size_t kSegmentsMax = 3;
constexpr SecretAccess kAccess("measuring a text that was rendered with a placeholder");

size_t Count(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++count;
  return count;
}

// One line of well-formed text that a reader sees as it is written (G-04).
bool IsPlainLine(std::string_view text) {
  while (!text.empty()) {
    const uint32_t point = NextCodePoint(&text);
    if (point == kMalformed || IsControl(point)) return false;
  }
  return true;
}

bool LooksLikeLink(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); });
  return lower.find("://") != lower.npos || lower.find("www.") != lower.npos;
}

const char* ProblemWithBrand(const std::string& brand) {
  if (brand.empty() || brand.size() > kBrandBytesMax) return "brand must have 1 to 64 bytes.";
  if (!IsPlainLine(brand)) return "brand must be well-formed UTF-8 without control characters.";
  if (brand.find_first_of("@#%{}") != brand.npos) return "brand may not contain @ # % { or }.";
  if (LooksLikeLink(brand)) return "brand may not be a link.";
  return nullptr;
}

bool IsHostName(std::string_view host) {
  if (host.size() > kHostBytesMax) return false;
  size_t label = 0;
  char previous = '.';
  for (const char c : host) {
    const bool letter_or_digit = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c == '.') {
      if (label == 0 || previous == '-') return false;
      label = 0;
    } else if (letter_or_digit || (c == '-' && label > 0)) {
      if (++label > kLabelBytesMax) return false;
    } else {
      return false;
    }
    previous = c;
  }
  return label > 0 && previous != '-';
}

bool IsAndroidHash(std::string_view hash) {
  return hash.size() == kAndroidHashBytes && std::all_of(hash.begin(), hash.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '+' || c == '/';
         });
}

const char* ProblemWithTemplate(std::string_view text) {
  if (Count(text, kCode) != 1) return "A template must contain {code} exactly once.";
  if (Count(text, kBrand) > 1) return "A template may contain {brand} at most once.";
  if (Count(text, "{") != Count(text, kCode) + Count(text, kBrand) ||
      Count(text, "}") != Count(text, "{"))
    return "A template may contain no braces but {code} and {brand}.";
  if (!IsPlainLine(text)) return "A template must be one line of well-formed UTF-8.";
  if (text[0] == '@') return "A template may not start with @.";
  return nullptr;
}

std::string WithBrand(std::string_view text, const std::string& brand) {
  std::string result(text);
  const size_t at = result.find(kBrand);
  if (at != result.npos) result.replace(at, kBrand.size(), brand);
  return result;
}

}  // namespace

std::string_view LocaleName(Locale locale) {
  const auto index = static_cast<size_t>(locale);
  return index < kLocaleCount ? kBuiltInTexts[index].locale : "";
}

bool ParseLocale(std::string_view name, Locale* locale) {
  const auto same = [](char a, char b) {
    return absl::ascii_tolower(static_cast<unsigned char>(a)) ==
           absl::ascii_tolower(static_cast<unsigned char>(b));
  };
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const std::string_view known = kBuiltInTexts[i].locale;
    if (known.size() != name.size() || !std::equal(name.begin(), name.end(), known.begin(), same))
      continue;
    *locale = static_cast<Locale>(i);
    return true;
  }
  return false;
}

MessageRenderer::MessageRenderer() = default;

bool MessageRenderer::Create(const MessageConfig& config, MessageRenderer* renderer,
                             std::string* problem) {
  const auto refuse = [problem](const char* why) {
    *problem = why;
    return false;
  };
  if (const char* why = ProblemWithBrand(config.brand)) return refuse(why);
  if (!config.web_otp_host.empty() && !IsHostName(config.web_otp_host))
    return refuse("web_otp_host must be a DNS host name in lower case, without a port.");
  if (!config.android_app_hash.empty() && !IsAndroidHash(config.android_app_hash))
    return refuse("android_app_hash must have 11 characters of A-Z a-z 0-9 + /");

  MessageRenderer made;
  for (size_t i = 0; i < kLocaleCount; ++i) {
    const std::string& own = config.templates[i];
    const char* const why = own.empty() ? nullptr : ProblemWithTemplate(own);
    if (why != nullptr) return refuse(why);
    std::string_view unbranded = kBuiltInTexts[i].text;
    if (!own.empty()) unbranded = own;
    const std::string text = WithBrand(unbranded, config.brand);
    Parts& parts = made.parts_[i];
    const size_t at = text.find(kCode);
    parts.before = text.substr(0, at);
    parts.after = text.substr(at + kCode.size());
    if (!config.android_app_hash.empty()) parts.tail = "\n" + config.android_app_hash;
    if (!config.web_otp_host.empty()) parts.before_origin_code = "\n@" + config.web_otp_host + " #";

    const auto locale = static_cast<Locale>(i);
    if (made.Render(locale, kPlaceholder).overflowed() ||
        made.Cost(locale, kPlaceholder.size()).segments > kSegmentsMax)
      return refuse("A message would take more than three segments.");
  }
  *renderer = std::move(made);
  return true;
}

MessageText MessageRenderer::Render(Locale locale, std::string_view code) const {
  const auto index = static_cast<size_t>(locale);
  const Parts& parts = parts_[index < kLocaleCount ? index : 0];
  MessageText text;
  text.Append(parts.before);
  text.Append(code);
  text.Append(parts.after);
  text.Append(parts.tail);
  if (!parts.before_origin_code.empty()) {
    text.Append(parts.before_origin_code);
    text.Append(code);
  }
  return text;
}

SmsCost MessageRenderer::Cost(Locale locale, size_t digits) const {
  const MessageText text = Render(locale, kPlaceholder.substr(0, digits));
  return MeasureSms(text.Reveal(kAccess));
}

}  // namespace otpcore
