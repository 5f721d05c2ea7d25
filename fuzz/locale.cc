// SPDX-License-Identifier: Apache-2.0
// Locale names: matched without regard to case, and nothing else is (S-18, G-01).
#include <string>

#include "fuzz.h"
#include "otpcore/rules/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using otpcore::Locale;
  static constexpr std::string_view kNames[] = {
      "en", "es", "pt-br", "fr", "it", "de-de", "zh-hans", "ca-es",
      "ja", "ru", "nl",    "pl", "tr", "fa",    "vi",      "cs",
  };
  const std::string text(otpcore::fuzz::Input(data, size).Rest());
  std::string lower = text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  size_t expected = 0;
  while (expected < otpcore::kLocaleCount && kNames[expected] != lower) ++expected;

  constexpr auto kUntouched = static_cast<Locale>(200);
  Locale locale = kUntouched;
  const bool found = otpcore::ParseLocale(text, &locale);
  FUZZ_CHECK(found == (expected < otpcore::kLocaleCount));
  FUZZ_CHECK(locale == (found ? static_cast<Locale>(expected) : kUntouched));
  if (found) FUZZ_CHECK(otpcore::LocaleName(locale).size() == text.size());
  // A number that is no locale has no name and falls back to English.
  if (size > 0 && data[0] >= otpcore::kLocaleCount) {
    FUZZ_CHECK(otpcore::LocaleName(static_cast<Locale>(data[0])).empty());
    const otpcore::MessageRenderer renderer;
    FUZZ_CHECK(!renderer.Render(static_cast<Locale>(data[0]), "123456").overflowed());
  }
  return 0;
}
