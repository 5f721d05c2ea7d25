// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/number_ranges.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "rules/number_ranges_table.h"
#include "rules/phone_library.h"

namespace otpcore {
namespace {

constexpr int kDigitsMin = 8;
constexpr int kDigitsMax = 15;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The digits that one place of a number may have.
class DigitSet {
 public:
  void Add(char first, char last) {
    for (char digit = first; digit <= last; ++digit) bits_ |= 1u << (digit - '0');
  }
  bool Has(char digit) const { return (bits_ >> (digit - '0') & 1u) != 0; }
  bool empty() const { return bits_ == 0; }

 private:
  unsigned bits_ = 0;
};

// Takes what stands for one place off the front of a prefix: "7" or "[2-57]". Empty: malformed.
DigitSet TakePlace(std::string_view* prefix) {
  DigitSet digits;
  const auto take = [prefix] {
    const char c = prefix->front();
    prefix->remove_prefix(1);
    return c;
  };
  const char first = take();
  if (IsDigit(first)) digits.Add(first, first);
  if (first != '[') return digits;
  while (!prefix->empty()) {
    const char from = take();
    if (from == ']') return digits;
    if (!IsDigit(from)) return DigitSet();
    char to = from;
    if (prefix->size() >= 2 && prefix->front() == '-') {
      take();
      to = take();
      if (!IsDigit(to) || to <= from) return DigitSet();
    }
    digits.Add(from, to);
  }
  return DigitSet();  // no ']'
}

bool Holds(std::string_view prefix, int digits_min, int digits_max, std::string_view e164) {
  const int digits = static_cast<int>(e164.size()) - 1;
  if (digits < digits_min || digits > digits_max) return false;
  if (prefix.empty() || prefix.front() != '+') return false;
  prefix.remove_prefix(1);
  e164.remove_prefix(1);
  while (!prefix.empty()) {
    if (e164.empty() || !TakePlace(&prefix).Has(e164.front())) return false;
    e164.remove_prefix(1);
  }
  return true;
}

// How many digits a prefix fixes; 0: it is malformed.
int PlacesOf(std::string_view prefix) {
  if (prefix.empty() || prefix.front() != '+') return 0;
  prefix.remove_prefix(1);
  int places = 0;
  for (; !prefix.empty(); ++places) {
    if (TakePlace(&prefix).empty()) return 0;
  }
  return places;
}

}  // namespace

AssignedRanges BuiltInNumberRanges() {
  return AssignedRanges(kNumberRanges, std::size(kNumberRanges));
}

std::optional<RangeFacts> FindNumberRange(std::string_view e164,
                                          const std::vector<NumberRange>* own) {
  if (!IsE164Shaped(e164)) return std::nullopt;
  const auto holds = [e164](const auto& range) {
    return Holds(range.prefix, range.digits_min, range.digits_max, e164);
  };
  if (own != nullptr) {
    const auto found = std::find_if(own->begin(), own->end(), holds);
    if (found != own->end()) return RangeFacts{found->region, found->type};
  }
  const auto* const found = std::find_if(std::begin(kNumberRanges), std::end(kNumberRanges), holds);
  if (found == std::end(kNumberRanges)) return std::nullopt;
  return RangeFacts{found->region, found->type};
}

std::optional<std::string> ProblemWithRange(const NumberRange& range) {
  const std::string name = absl::StrCat("The number range ", range.prefix, " of ", range.region);
  const int code = CountryCodeOf(range.region);
  if (code == 0) return absl::StrCat(name, " is of a region that is not known.");
  const int places = PlacesOf(range.prefix);
  if (places == 0)
    return absl::StrCat(name, " must be '+' and digits, with [2-9] for a digit that varies.");
  const std::string country = absl::StrCat("+", code);
  if (range.prefix.compare(0, country.size(), country) != 0)
    return absl::StrCat(name, " must begin with the region's country code, ", country, ".");
  if (places <= static_cast<int>(country.size()) - 1)
    return absl::StrCat(name, " takes in a whole country code: add a digit at least.");
  if (range.digits_min < kDigitsMin || range.digits_max > kDigitsMax ||
      range.digits_min > range.digits_max || range.digits_min < places)
    return absl::StrCat(name, " must have digits_min from 8, and from the length of the prefix, to",
                        " digits_max, and digits_max at most 15, country code included.");
  if (!CanReceivePasscodes(range.type))
    return absl::StrCat(name, " is of a type on which nobody receives a passcode.");
  return std::nullopt;
}

}  // namespace otpcore
