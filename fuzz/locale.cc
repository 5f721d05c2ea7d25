// SPDX-License-Identifier: Apache-2.0
// Language tags: found by lookup, with the grammar of RFC 5646 as a regular expression (S-18,
// G-01).
#include <iterator>
#include <regex>
#include <string>

#include "fuzz.h"
#include "otpcore/rules/locale.h"

namespace otpcore {
namespace {

// The number of the locale of a tag in lower case; kLocaleCount: none.
size_t Expected(const std::string& tag) {
  static const std::regex grammar(
      "(?:([a-z]{2,3})(?:-[a-z]{3}){0,3}|[a-z]{4,8})"  // language and extended languages
      "(?:-([a-z]{4}))?"                               // script
      "(?:-([a-z]{2}|[0-9]{3}))?"                      // region
      "(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"       // variants
      "(?:-[a-wyz0-9](?:-[a-z0-9]{2,8})+)*"            // extensions
      "(?:-x(?:-[a-z0-9]{1,8})+)?");                   // private use
  static const char* const kLanguages[] = {"en", "es", "pt", "fr", "it", "de", "zh", "ca",
                                           "ja", "ru", "nl", "pl", "tr", "fa", "vi", "cs"};
  static_assert(std::size(kLanguages) == kLocaleCount);
  if (tag == "en-gb-oed") return 0;
  std::smatch parts;
  if (!std::regex_match(tag, parts, grammar)) return kLocaleCount;
  const std::string language = parts[1], script = parts[2], region = parts[3];
  const bool traditional =
      script.empty() ? region == "tw" || region == "hk" || region == "mo" : script == "hant";
  if (language == "zh" && traditional) return kLocaleCount;
  size_t found = 0;
  while (found < kLocaleCount && language != kLanguages[found]) ++found;
  return found;
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using otpcore::Locale;
  const std::string text(otpcore::fuzz::Input(data, size).Rest());
  std::string lower = text;
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  const size_t expected = otpcore::Expected(lower);

  constexpr auto kUntouched = static_cast<Locale>(200);
  Locale locale = kUntouched;
  const bool found = otpcore::ParseLocale(text, &locale);
  FUZZ_CHECK(found == (expected < otpcore::kLocaleCount));
  FUZZ_CHECK(locale == (found ? static_cast<Locale>(expected) : kUntouched));
  if (found) FUZZ_CHECK(!otpcore::LocaleName(locale).empty());
  // A number that is no locale has no name.
  if (size > 0 && data[0] >= otpcore::kLocaleCount)
    FUZZ_CHECK(otpcore::LocaleName(static_cast<Locale>(data[0])).empty());
  return 0;
}
