// SPDX-License-Identifier: Apache-2.0
// Language tags (RFC 5646): whether one is well-formed, its parts, and the lookup of RFC 4647 in a
// list of tags. Knows no locale.
#ifndef OTPCORE_SRC_RULES_LANGUAGE_TAG_H_
#define OTPCORE_SRC_RULES_LANGUAGE_TAG_H_

#include <cstddef>
#include <string_view>

namespace otpcore {

bool EqualsIgnoringAsciiCase(std::string_view a, std::string_view b);

// Parts of a tag, as they are spelled in it; empty: not there.
struct LanguageTag {
  std::string_view language;
  std::string_view script;
  std::string_view region;
};

// Reads a tag whose language has two or three letters, by the grammar of RFC 5646, section 2.1; of
// the irregular tags "en-GB-oed" alone. Returns false for any other text: no locale is named by
// longer languages, nor by tags that are private use as a whole.
bool ReadLanguageTag(std::string_view text, LanguageTag* tag);

// Returns the index of the name that fits well-formed `tag` best, whose language is `language`: the
// one that equals it; else one that equals it after subtags are taken off its end; else the first
// of its language; else `count`.
size_t LookUpLanguageTag(std::string_view tag, std::string_view language,
                         const std::string_view* names, size_t count);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_LANGUAGE_TAG_H_
