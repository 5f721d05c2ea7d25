// SPDX-License-Identifier: Apache-2.0
// What a person typed, as a number (rule N-02). The text is reduced to digits, these are read in
// every way that its author can have meant, and the readings must agree on one number.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/characters.h"
#include "base/utf8.h"
#include "otpcore/rules/phone_number.h"
#include "rules/number_reading.h"
#include "rules/phone_library.h"

namespace otpcore {
namespace {

// An area code stands before a slash; fewer digits behind it name a second extension.
constexpr size_t kDigitsAfterSlashMin = 4;

enum class Kind : uint8_t { kNothing, kDigit, kPlus, kSlash, kOpening, kClosing, kOther };

Kind KindOf(uint32_t c) {
  if (DigitValue(c) >= 0) return Kind::kDigit;
  if (IsWhiteSpace(c) || IsDash(c) || IsInvisibleMark(c)) return Kind::kNothing;
  switch (c) {
    case '.':
    case 0xFF0E:                         // full-width '.'
    case 0x30FC: return Kind::kNothing;  // the long vowel mark, typed as a dash in Japan
    case '+':
    case 0xFF0B: return Kind::kPlus;
    case '/':
    case 0xFF0F: return Kind::kSlash;
    case '(':
    case 0xFF08: return Kind::kOpening;
    case ')':
    case 0xFF09: return Kind::kClosing;
    default: return Kind::kOther;
  }
}

// A text reduced to what is dialled.
class Dialled {
 public:
  // False: the text has something that is part of no number.
  bool Read(std::string_view text) {
    while (!text.empty()) {
      if (!Take(NextCodePoint(&text))) return false;
    }
    return !digits_.empty() && (!slash_at_ || digits_.size() - *slash_at_ >= kDigitsAfterSlashMin);
  }
  bool has_plus() const { return has_plus_; }
  // Without a zero in parentheses; and with it, when there is one.
  const std::string& digits() const { return digits_; }
  std::optional<std::string> digits_with_zero() const {
    if (!zero_at_) return std::nullopt;
    std::string digits = digits_;
    digits.insert(*zero_at_, 1, '0');
    return digits;
  }

 private:
  bool Take(uint32_t c) {
    switch (KindOf(c)) {
      case Kind::kNothing: return true;
      case Kind::kDigit: digits_ += static_cast<char>('0' + DigitValue(c)); return true;
      case Kind::kPlus: return TakePlus();
      case Kind::kSlash: slash_at_ = digits_.size(); return !digits_.empty();
      case Kind::kOpening: opened_at_ = digits_.size(); return true;
      case Kind::kClosing: return TakeClosing();
      case Kind::kOther: return false;
    }
    return false;
  }
  bool TakePlus() {
    if (has_plus_ || zero_at_ || !digits_.empty()) return false;
    has_plus_ = true;
    return true;
  }
  // "(0)" is a trunk prefix that is dialled inside the country only; but in Italy a zero like that
  // belongs to the number.
  bool TakeClosing() {
    if (opened_at_ && digits_.size() == *opened_at_ + 1 && digits_.back() == '0') {
      if (zero_at_) return false;
      digits_.pop_back();
      zero_at_ = digits_.size();
    }
    opened_at_.reset();
    return true;
  }

  bool has_plus_ = false;
  std::string digits_;
  std::optional<size_t> zero_at_;    // digits before "(0)"
  std::optional<size_t> slash_at_;   // digits before the last slash
  std::optional<size_t> opened_at_;  // digits before the parenthesis that is open
};

// Collects the numbers that a text can mean.
class Meanings {
 public:
  Meanings(std::string region, const NumberRules& rules)
      : region_(std::move(region)), code_(absl::StrCat(CountryCodeOf(region_))), rules_(rules) {}

  void AddInternational(const std::string& digits) { Add(Read(absl::StrCat("+", digits), "ZZ")); }

  // As dialled in the region: a national number, or an international one behind the region's
  // prefix. The library says which.
  void AddLocal(const std::string& digits) {
    if (code_ == "0") return;  // no such region
    Add(Read(digits, region_));
    if (absl::StartsWith(digits, code_)) AddInternational(digits);
    // A number that exists in the region is not one abroad, whatever its first digits.
    const auto national = Read(absl::StrCat("+", code_, digits), "ZZ");
    if (national && national->valid()) return;
    // Where 00 or 01 and more digits choose a carrier, people dial 00 or 011 alone, as elsewhere.
    for (const char* prefix : {"00", "011"}) {
      if (!absl::StartsWith(digits, prefix)) continue;
      const std::string e164 = absl::StrCat("+", digits.substr(std::strlen(prefix)));
      const auto abroad = Read(e164, "ZZ");
      if (abroad && abroad->valid() && abroad->number.e164.view() == e164)
        doubts_.push_back(*abroad);
    }
  }

  // The one meaning; absent when there are none or several. Numbers that exist come before those
  // that could.
  std::optional<NumberReading> TheOne() const {
    const std::vector<NumberReading>& meant = valid_.empty() ? possible_ : valid_;
    if (meant.empty()) return std::nullopt;
    const auto agrees = [&](const NumberReading& other) {
      return other.number.e164 == meant.front().number.e164;
    };
    if (!std::all_of(meant.begin(), meant.end(), agrees) ||
        !std::all_of(doubts_.begin(), doubts_.end(), agrees))
      return std::nullopt;
    return meant.front();
  }

 private:
  std::optional<NumberReading> Read(const std::string& text, const std::string& region) const {
    return ReadDigits(text, region, rules_);
  }
  void Add(const std::optional<NumberReading>& reading) {
    if (reading) (reading->valid() ? valid_ : possible_).push_back(*reading);
  }

  const std::string region_;
  const std::string code_;
  const NumberRules& rules_;
  std::vector<NumberReading> valid_;
  std::vector<NumberReading> possible_;
  std::vector<NumberReading> doubts_;  // valid, but not by the region's own rules
};

Result<PhoneNumber> Parse(std::string_view text, std::string_view default_region,
                          const NumberRules& rules) {
  Dialled dialled;
  if (text.size() > kPhoneNumberTextBytesMax || !dialled.Read(text))
    return ErrorCode::kInvalidPhoneNumber;
  Meanings meanings(std::string(default_region), rules);
  const auto add = [&](const std::string& digits) {
    dialled.has_plus() ? meanings.AddInternational(digits) : meanings.AddLocal(digits);
  };
  add(dialled.digits());
  if (const auto with_zero = dialled.digits_with_zero()) add(*with_zero);
  const auto meant = meanings.TheOne();
  if (!meant) return ErrorCode::kInvalidPhoneNumber;
  return Accept(*meant, rules);
}

}  // namespace

Result<PhoneNumber> ParseTyped(std::string_view text, std::string_view default_region,
                               PhoneNumberCheck check) {
  return Parse(text, default_region, NumberRules(check));
}

Result<PhoneNumber> ParseTyped(std::string_view text, std::string_view default_region,
                               const Policy& policy) {
  return Parse(text, default_region, NumberRules(policy));
}

}  // namespace otpcore
