// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/locale.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "rules/message_texts.h"

namespace otpcore {
namespace {

bool IsAlpha(char c) { return absl::ascii_isalpha(static_cast<unsigned char>(c)); }
bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsAlphanumeric(char c) { return IsAlpha(c) || IsDigit(c); }

// True when `text` has `least` … `most` characters and `is` holds for each.
template <typename Is>
bool Consists(std::string_view text, Is is, size_t least, size_t most) {
  return text.size() >= least && text.size() <= most && std::all_of(text.begin(), text.end(), is);
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return absl::ascii_tolower(static_cast<unsigned char>(x)) ==
                  absl::ascii_tolower(static_cast<unsigned char>(y));
         });
}

// The subtags of a tag, one after the other.
class Subtags {
 public:
  explicit Subtags(std::string_view tag) : rest_(tag) { Advance(); }
  bool done() const { return done_; }
  std::string_view front() const { return front_; }
  void Advance() {
    done_ = ended_;
    const size_t hyphen = rest_.find('-');
    front_ = done_ ? std::string_view() : rest_.substr(0, hyphen);
    ended_ = hyphen == rest_.npos;
    rest_.remove_prefix(ended_ ? rest_.size() : hyphen + 1);
  }
  // Takes the front if it consists of `least` … `most` characters for which `is` holds.
  template <typename Is>
  bool Take(Is is, size_t least, size_t most, std::string_view* taken = nullptr) {
    if (done_ || !Consists(front_, is, least, most)) return false;
    if (taken != nullptr) *taken = front_;
    Advance();
    return true;
  }

 private:
  std::string_view rest_;
  std::string_view front_;
  bool ended_ = false;  // nothing is left behind the front
  bool done_ = false;
};

// What the lookup needs of a tag; empty: not in it.
struct LanguageTag {
  std::string_view language;
  std::string_view script;
  std::string_view region;
};

bool TakeVariant(Subtags* subtags) {
  const bool starts_with_digit = Consists(subtags->front().substr(0, 1), IsDigit, 1, 1);
  return subtags->Take(IsAlphanumeric, starts_with_digit ? 4 : 5, 8);
}

// Takes extensions and private use up to the end of the tag. Returns false when something is left.
bool TakeExtensions(Subtags* subtags) {
  std::string_view singleton;
  while (!subtags->done()) {
    if (!subtags->Take(IsAlphanumeric, 1, 1, &singleton)) return false;
    const size_t least = EqualsIgnoringCase(singleton, "x") ? 1 : 2;
    if (!subtags->Take(IsAlphanumeric, least, 8)) return false;
    while (subtags->Take(IsAlphanumeric, least, 8)) {
    }
  }
  return true;
}

// Reads the grammar of RFC 5646, section 2.1. A tag that is private use as a whole has no language
// and is not well-formed here; of the irregular tags only "en-GB-oed" has a language of ours.
bool ReadLanguageTag(std::string_view text, LanguageTag* tag) {
  *tag = LanguageTag();
  if (EqualsIgnoringCase(text, "en-GB-oed")) {
    *tag = {"en", "", "GB"};
    return true;
  }
  Subtags subtags(text);
  if (subtags.Take(IsAlpha, 2, 3, &tag->language)) {
    for (int extended = 0; extended < 3 && subtags.Take(IsAlpha, 3, 3); ++extended) {
    }
  } else if (!subtags.Take(IsAlpha, 4, 8, &tag->language)) {
    return false;
  }
  subtags.Take(IsAlpha, 4, 4, &tag->script);
  if (!subtags.Take(IsAlpha, 2, 2, &tag->region)) subtags.Take(IsDigit, 3, 3, &tag->region);
  while (TakeVariant(&subtags)) {
  }
  return TakeExtensions(&subtags);
}

bool IsTraditionalChinese(const LanguageTag& tag) {
  if (!EqualsIgnoringCase(tag.language, "zh")) return false;
  if (!tag.script.empty()) return EqualsIgnoringCase(tag.script, "Hant");
  return EqualsIgnoringCase(tag.region, "TW") || EqualsIgnoringCase(tag.region, "HK") ||
         EqualsIgnoringCase(tag.region, "MO");
}

std::string_view LanguageOf(std::string_view name) { return name.substr(0, name.find('-')); }

// Takes the last subtag away, and a single letter or digit that is then the last one.
std::string_view Truncated(std::string_view tag) {
  const auto cut = [&tag] {
    const size_t hyphen = tag.rfind('-');
    tag = tag.substr(0, hyphen == tag.npos ? 0 : hyphen);
  };
  cut();
  if (tag.size() >= 2 && tag[tag.size() - 2] == '-') cut();
  return tag;
}

}  // namespace

std::string_view LocaleName(Locale locale) {
  const auto index = static_cast<size_t>(locale);
  return index < kLocaleCount ? kBuiltInTexts[index].name : "";
}

bool ParseLocale(std::string_view tag, Locale* locale) {
  const auto find = [locale](const auto& is_it) {
    for (const BuiltInTexts& texts : kBuiltInTexts) {
      if (!is_it(texts.name)) continue;
      *locale = texts.locale;
      return true;
    }
    return false;
  };
  LanguageTag read;
  if (!ReadLanguageTag(tag, &read) || IsTraditionalChinese(read)) return false;
  for (std::string_view range = tag; !range.empty(); range = Truncated(range)) {
    if (find([range](std::string_view name) { return EqualsIgnoringCase(name, range); }))
      return true;
  }
  return find([&read](std::string_view name) {
    return EqualsIgnoringCase(LanguageOf(name), read.language);
  });
}

}  // namespace otpcore
