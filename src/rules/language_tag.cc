// SPDX-License-Identifier: Apache-2.0
#include "rules/language_tag.h"

#include <algorithm>

#include "absl/strings/ascii.h"

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

bool TakeVariant(Subtags* subtags) {
  const bool starts_with_digit = Consists(subtags->front().substr(0, 1), IsDigit, 1, 1);
  return subtags->Take(IsAlphanumeric, starts_with_digit ? 4 : 5, 8);
}

// Takes extensions and private use up to the end of the tag. Returns false when something is left.
bool TakeExtensions(Subtags* subtags) {
  std::string_view singleton;
  while (!subtags->done()) {
    if (!subtags->Take(IsAlphanumeric, 1, 1, &singleton)) return false;
    const size_t least = EqualsIgnoringAsciiCase(singleton, "x") ? 1 : 2;
    if (!subtags->Take(IsAlphanumeric, least, 8)) return false;
    while (subtags->Take(IsAlphanumeric, least, 8)) {
    }
  }
  return true;
}

std::string_view LanguageOf(std::string_view name) { return name.substr(0, name.find('-')); }

// Takes the last subtag away; of the last one nothing is left.
std::string_view Truncated(std::string_view tag) {
  const size_t hyphen = tag.rfind('-');
  return tag.substr(0, hyphen == tag.npos ? 0 : hyphen);
}

}  // namespace

bool EqualsIgnoringAsciiCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return absl::ascii_tolower(static_cast<unsigned char>(x)) ==
                  absl::ascii_tolower(static_cast<unsigned char>(y));
         });
}

bool ReadLanguageTag(std::string_view text, LanguageTag* tag) {
  *tag = LanguageTag();
  if (EqualsIgnoringAsciiCase(text, "en-GB-oed")) {
    *tag = {text.substr(0, 2), "", text.substr(3, 2)};
    return true;
  }
  Subtags subtags(text);
  if (!subtags.Take(IsAlpha, 2, 3, &tag->language)) return false;
  for (int extended = 0; extended < 3 && subtags.Take(IsAlpha, 3, 3); ++extended) {
  }
  subtags.Take(IsAlpha, 4, 4, &tag->script);
  if (!subtags.Take(IsAlpha, 2, 2, &tag->region)) subtags.Take(IsDigit, 3, 3, &tag->region);
  while (TakeVariant(&subtags)) {
  }
  return TakeExtensions(&subtags);
}

// RFC 4647 also takes away a single letter or digit that is then the last subtag. No name ends so.
size_t LookUpLanguageTag(std::string_view tag, std::string_view language,
                         const std::string_view* names, size_t count) {
  for (std::string_view range = tag; !range.empty(); range = Truncated(range)) {
    for (size_t i = 0; i < count; ++i) {
      if (EqualsIgnoringAsciiCase(names[i], range)) return i;
    }
  }
  size_t first = 0;
  while (first < count && !EqualsIgnoringAsciiCase(LanguageOf(names[first]), language)) ++first;
  return first;
}

}  // namespace otpcore
