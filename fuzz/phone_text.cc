// SPDX-License-Identifier: Apache-2.0
// Phone numbers as text: the shape, the canonical form, what a person types, what a host imports,
// the key of a handset (N-01 … N-08).
#include <string>

#include "fuzz.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {
namespace {

bool HasShape(std::string_view text) {
  if (text.empty() || text.front() != '+' || text.size() < 9 || text.size() > 16) return false;
  for (const char c : text.substr(1)) {
    if (!fuzz::IsDigit(c)) return false;
  }
  return true;
}

void CheckParsed(const PhoneNumber& number, PhoneNumberCheck check) {
  const std::string_view text = number.e164.view();
  FUZZ_CHECK(HasShape(text));
  FUZZ_CHECK(!number.region.empty());
  switch (number.type) {
    case PhoneNumberType::kUnknown: FUZZ_CHECK(check == PhoneNumberCheck::kPossible); break;
    case PhoneNumberType::kFixedLine:
    case PhoneNumberType::kMobile:
    case PhoneNumberType::kFixedLineOrMobile:
    case PhoneNumberType::kVoip: break;
    default: FUZZ_CHECK(false);
  }
  // A canonical number is its own canonical form, and the same under the same check.
  const Result<PhoneNumber> again = ParseE164(text, check);
  FUZZ_CHECK(again.has_value());
  FUZZ_CHECK(again->e164 == number.e164 && again->region == number.region &&
             again->type == number.type);
  // An import takes it as it is.
  const Result<PhoneNumber> imported = ParseImported(text, Policy());
  FUZZ_CHECK(imported.has_value() && imported->e164 == number.e164);
  // The key of a key is itself, and loses one digit at most.
  const E164 key = HandsetKey(number.e164);
  FUZZ_CHECK(HasShape(key) && HandsetKey(key) == key && key.size() + 1 >= text.size());
  const std::string shown = RedactPhoneNumber(number);
  FUZZ_CHECK(shown.substr(shown.size() - 2) == text.substr(text.size() - 2));
  size_t digits = 0;
  for (const char c : shown.substr(number.region.size())) digits += fuzz::IsDigit(c) ? 1 : 0;
  FUZZ_CHECK(digits == 2);
}

// Whatever a host vouches for has a canonical form that is its own.
void CheckImported(std::string_view text) {
  const Result<PhoneNumber> number = ParseImported(text, Policy());
  if (!HasShape(text)) FUZZ_CHECK(!number.has_value());
  if (!number) return;
  FUZZ_CHECK(HasShape(number->e164) && !number->region.empty());
  const Result<PhoneNumber> again = ParseImported(number->e164, Policy());
  FUZZ_CHECK(again.has_value() && again->e164 == number->e164);
}

void CheckText(std::string_view text, std::string_view region) {
  FUZZ_CHECK(IsE164Shaped(text) == HasShape(text));
  CheckImported(text);
  for (const PhoneNumberCheck check : {PhoneNumberCheck::kValid, PhoneNumberCheck::kPossible}) {
    const Result<PhoneNumber> strict = ParseE164(text, check);
    if (!HasShape(text)) FUZZ_CHECK(!strict.has_value());
    if (strict) CheckParsed(*strict, check);
    const Result<PhoneNumber> typed = ParseTyped(text, region, check);
    if (typed) CheckParsed(*typed, check);
    // What is E.164 already means the same to both.
    if (strict) FUZZ_CHECK(typed.has_value() && typed->e164 == strict->e164);
    if (strict && check == PhoneNumberCheck::kValid) {
      const Result<PhoneNumber> possible = ParseE164(text, PhoneNumberCheck::kPossible);
      FUZZ_CHECK(possible.has_value() && possible->e164 == strict->e164);
    }
  }
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static constexpr std::string_view kRegions[] = {"US", "GB", "DE", "IT", "BR", "FR", "AR", "ZZ"};
  otpcore::fuzz::Input input(data, size);
  const std::string_view region = kRegions[input.Below(8)];
  // A copy of its own, so that a read past the end is seen.
  const std::string text(input.Rest());
  otpcore::CheckText(text, region);
  return 0;
}
