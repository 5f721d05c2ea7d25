// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/phone_number.h"

#include <algorithm>

#include "rules/number_reading.h"
#include "rules/phone_library.h"

namespace otpcore {
namespace {

constexpr size_t kDigitsMin = 8;
constexpr size_t kDigitsMax = 15;
constexpr char kNoRegion[] = "ZZ";

Result<PhoneNumber> Parse(std::string_view text, const NumberRules& rules) {
  if (!IsE164Shaped(text)) return ErrorCode::kInvalidPhoneNumber;
  const auto reading = ReadDigits(std::string(text), kNoRegion, rules);
  if (!reading) return ErrorCode::kInvalidPhoneNumber;
  return Accept(*reading, rules);
}

// The number without the last digit of `prefix`, when it starts with that and has as many digits as
// a number with the digit has; else the number.
E164 WithoutMobileDigit(const E164& number, std::string_view prefix) {
  constexpr size_t kSize = 1 + 13;
  if (number.size() != kSize || number.view().substr(0, prefix.size()) != prefix) return number;
  std::string shorter = number.str();
  shorter.erase(prefix.size() - 1, 1);
  return shorter;
}

}  // namespace

bool IsE164Shaped(std::string_view text) {
  if (text.size() < kDigitsMin + 1 || text.size() > kDigitsMax + 1 || text[0] != '+') return false;
  return std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<PhoneNumber> ParseE164(std::string_view text, PhoneNumberCheck check) {
  return Parse(text, NumberRules(check));
}

Result<PhoneNumber> ParseE164(std::string_view text, const Policy& policy) {
  return Parse(text, NumberRules(policy));
}

Result<PhoneNumber> ParseImported(std::string_view text, const Policy& policy) {
  if (!IsE164Shaped(text)) return ErrorCode::kInvalidPhoneNumber;
  const NumberRules rules(policy);
  std::string e164(text);
  // A text that has its national prefix twice needs more than one step to its canonical form. Each
  // step takes a digit away.
  for (size_t step = 0; step < kDigitsMax; ++step) {
    if (const auto reading = ReadDigits(e164, kNoRegion, rules)) return reading->number;
    const auto read = ParseByLibrary(e164, kNoRegion);
    if (!read) return ErrorCode::kInvalidPhoneNumber;
    if (read->e164 == e164 || !IsE164Shaped(read->e164))
      return PhoneNumber{e164, read->region, PhoneNumberType::kUnknown};
    e164 = read->e164;
  }
  return ErrorCode::kInvalidPhoneNumber;
}

E164 HandsetKey(const E164& number) {
  return WithoutMobileDigit(WithoutMobileDigit(number, "+549"), "+521");
}

void WarmUpPhoneNumbers() {
  // A parse of any number loads the metadata and compiles the regular expressions all parses share.
  (void)ParseE164("+14155550123");
}

std::string RedactPhoneNumber(const PhoneNumber& number) {
  if (number.empty()) return {};
  const std::string_view text = number.e164.view();
  std::string redacted = number.region.str();
  redacted += " \xE2\x80\xA6";
  redacted += text.substr(text.size() - 2);
  return redacted;
}

}  // namespace otpcore
