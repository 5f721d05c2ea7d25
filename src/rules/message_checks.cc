// SPDX-License-Identifier: Apache-2.0
#include "rules/message_checks.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/characters.h"
#include "base/utf8.h"

namespace otpcore {
namespace {

constexpr size_t kHostBytesMax = 253;
constexpr size_t kLabelBytesMax = 63;
constexpr size_t kAndroidHashBytes = 11;

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

bool HasVisibleCharacter(std::string_view text) {
  while (!text.empty()) {
    if (HasAnyFlag(NextCodePoint(&text), kVisible)) return true;
  }
  return false;
}

bool LooksLikeLink(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return absl::ascii_tolower(static_cast<unsigned char>(c)); });
  return lower.find("://") != lower.npos || lower.find("www.") != lower.npos;
}

// Whether a text names a web or e-mail address, which a voice should not read out (G-06).
bool NamesAddress(std::string_view text) {
  if (LooksLikeLink(text) || text.find('@') != text.npos) return true;
  bool word = false;            // the character before is a letter or digit
  bool dot_after_word = false;  // the two before are such a one and a dot
  while (!text.empty()) {
    const uint32_t point = NextCodePoint(&text);
    const bool dot = point == '.' && word;
    word = HasAnyFlag(point, kWordCharacter);
    if (word && dot_after_word) return true;
    dot_after_word = dot;
  }
  return false;
}

const char* ProblemWithBrand(const std::string& brand) {
  if (brand.empty() || brand.size() > kBrandBytesMax) return "brand must have 1 to 64 bytes.";
  if (!IsPlainLine(brand)) return "brand must be well-formed UTF-8 without control characters.";
  if (!HasVisibleCharacter(brand)) return "brand must have at least one visible character.";
  if (brand.find_first_of("@#%{}") != brand.npos) return "brand may not contain @ # % { or }.";
  if (brand.find("=?") != brand.npos)
    return "brand may not contain =?, as encoded words in mail do.";
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

// The last and the first character of `text` that shows something; a space when none does.
uint32_t LastShown(std::string_view text) {
  uint32_t last = ' ';
  while (!text.empty()) {
    const uint32_t point = NextCodePoint(&text);
    if (!HasAnyFlag(point, kIgnorable)) last = point;
  }
  return last;
}
uint32_t FirstShown(std::string_view text) {
  while (!text.empty()) {
    const uint32_t point = NextCodePoint(&text);
    if (!HasAnyFlag(point, kIgnorable)) return point;
  }
  return ' ';
}

// Whether `point` would be read as a part of a code beside it. A brace ends or begins something
// that is filled in.
bool RunsIntoCode(uint32_t point) {
  return point == '{' || point == '}' || HasAnyFlag(point, kWordCharacter);
}

}  // namespace

const char* ProblemWithNames(const MessageConfig& config) {
  if (const char* const why = ProblemWithBrand(config.brand)) return why;
  if (!config.web_otp_host.empty() && !IsHostName(config.web_otp_host))
    return "web_otp_host must be a DNS host name in lower case, without a port.";
  if (!config.android_app_hash.empty() && !IsAndroidHash(config.android_app_hash))
    return "android_app_hash must have 11 characters of A-Z a-z 0-9 + /";
  return nullptr;
}

const char* ProblemWithTemplate(std::string_view text, Channel channel) {
  const size_t codes = Count(text, kCodeSlot);
  const size_t brands = Count(text, kBrandSlot);
  const size_t minutes = Count(text, kMinutesSlot);
  const bool spoken = channel == Channel::kVoice;
  if (spoken && codes != 2) return "must contain {code} exactly twice.";
  if (!spoken && codes != 1) return "must contain {code} exactly once.";
  if (brands > 1) return "may contain {brand} at most once.";
  if (minutes > 1) return "may contain {minutes} at most once.";
  const size_t slots = codes + brands + minutes;
  if (Count(text, "{") != slots || Count(text, "}") != slots)
    return "may contain no braces but those of {code}, {brand} and {minutes}.";
  if (!IsPlainLine(text)) return "must be one line of well-formed UTF-8.";
  if (text[0] == '@') return "may not start with @.";
  if (spoken && NamesAddress(WithBrand(text, "A")))
    return "is spoken: it may contain no link, no @ and no dot between two letters.";
  return nullptr;
}

std::string WithBrand(std::string_view text, std::string_view brand) {
  std::string result(text);
  const size_t at = result.find(kBrandSlot);
  if (at != result.npos) result.replace(at, kBrandSlot.size(), brand);
  return result;
}

bool HasNeighbourOfCode(std::string_view text) {
  for (size_t at = text.find(kCodeSlot); at != text.npos; at = text.find(kCodeSlot, at + 1)) {
    if (RunsIntoCode(LastShown(text.substr(0, at))) ||
        RunsIntoCode(FirstShown(text.substr(at + kCodeSlot.size()))))
      return true;
  }
  return false;
}

}  // namespace otpcore
