// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/locale.h"

#include <array>

#include "rules/language_tag.h"
#include "rules/message_texts.h"

namespace otpcore {
namespace {

constexpr auto kNames = [] {
  std::array<std::string_view, kLocaleCount> names;
  for (size_t i = 0; i < kLocaleCount; ++i) names[i] = kBuiltInTexts[i].name;
  return names;
}();

bool IsTraditionalChinese(const LanguageTag& tag) {
  if (!EqualsIgnoringAsciiCase(tag.language, "zh")) return false;
  if (!tag.script.empty()) return EqualsIgnoringAsciiCase(tag.script, "Hant");
  return EqualsIgnoringAsciiCase(tag.region, "TW") || EqualsIgnoringAsciiCase(tag.region, "HK") ||
         EqualsIgnoringAsciiCase(tag.region, "MO");
}

}  // namespace

std::string_view LocaleName(Locale locale) {
  const auto index = static_cast<size_t>(locale);
  return index < kLocaleCount ? kNames[index] : "";
}

bool ParseLocale(std::string_view tag, Locale* locale) {
  LanguageTag read;
  if (!ReadLanguageTag(tag, &read) || IsTraditionalChinese(read)) return false;
  const size_t found = LookUpLanguageTag(tag, read.language, kNames.data(), kNames.size());
  if (found == kNames.size()) return false;
  *locale = static_cast<Locale>(found);
  return true;
}

}  // namespace otpcore
