// SPDX-License-Identifier: Apache-2.0
#include "rules/number_reading.h"

#include <algorithm>
#include <array>

#include "otpcore/rules/number_ranges.h"
#include "rules/phone_library.h"

namespace otpcore {
namespace {

bool Lists(const std::vector<PhoneNumberType>& types, PhoneNumberType type) {
  return std::find(types.begin(), types.end(), type) != types.end();
}

// A number of unknown type may be of any, so it takes a policy that takes them all.
bool Takes(const std::vector<PhoneNumberType>& types, PhoneNumberType type) {
  using T = PhoneNumberType;
  constexpr std::array<T, 4> kAll = {T::kMobile, T::kFixedLineOrMobile, T::kFixedLine, T::kVoip};
  if (type != T::kUnknown) return Lists(types, type);
  return std::all_of(kAll.begin(), kAll.end(), [&types](T each) { return Lists(types, each); });
}

// As the table of ranges has it.
std::optional<NumberReading> ReadByRanges(const std::string& e164, const NumberRules& rules) {
  const auto facts = FindNumberRange(e164, rules.ranges);
  if (!facts || !RegionCode::Fits(facts->region)) return std::nullopt;
  return NumberReading{{e164, facts->region, facts->type}};
}

}  // namespace

NumberRules::NumberRules(const Policy& policy)
    : check(policy.accept_possible_numbers ? PhoneNumberCheck::kPossible
                                           : PhoneNumberCheck::kValid),
      types(&policy.number_types),
      ranges(&policy.number_ranges) {}

std::optional<NumberReading> ReadDigits(const std::string& text, const std::string& region,
                                        const NumberRules& rules) {
  const std::optional<LibraryNumber> read = ParseByLibrary(text, region);
  const bool valid = read && read->type != PhoneNumberType::kUnknown;
  // Digits that stand in a range as they are need no library, which may not know their length.
  if (!valid) {
    if (auto found = ReadByRanges(text, rules)) return found;
  }
  if (!read || (read->e164 != text && !IsOwnCanonicalForm(read->e164))) return std::nullopt;
  if (!valid) {
    if (auto found = ReadByRanges(read->e164, rules)) return found;
    if (!read->is_possible) return std::nullopt;
  }
  if (!IsE164Shaped(read->e164)) return std::nullopt;
  return NumberReading{{read->e164, read->region, read->type}};
}

Result<PhoneNumber> Accept(const NumberReading& reading, const NumberRules& rules) {
  const PhoneNumber& number = reading.number;
  if (!reading.valid()) {
    if (rules.check != PhoneNumberCheck::kPossible) return ErrorCode::kInvalidPhoneNumber;
  } else if (!CanReceivePasscodes(number.type)) {
    return ErrorCode::kInvalidPhoneNumber;
  }
  if (rules.types != nullptr && !Takes(*rules.types, number.type))
    return ErrorCode::kInvalidPhoneNumber;
  return number;
}

}  // namespace otpcore
