// SPDX-License-Identifier: Apache-2.0
// Phone numbers: strict E.164 in, a canonical number with its region and type out (rules N-01 …
// N-05).
//
// Only src/rules/phone_number.cc knows libphonenumber. Its first use takes some 15 ms
// (`WarmUpPhoneNumbers`), a parse some 25 µs; a Member's stored number never comes back here
// (N-04), but for a sandbox number that has ended.
#ifndef OTPCORE_RULES_PHONE_NUMBER_H_
#define OTPCORE_RULES_PHONE_NUMBER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/result.h"
#include "otpcore/base/text.h"
#include "otpcore/model/address.h"

namespace otpcore {

// Stable numbers, append only: they are stored with the Member.
enum class PhoneNumberType : uint8_t {
  kUnknown = 0,
  kFixedLine = 1,
  kMobile = 2,
  kFixedLineOrMobile = 3,
  kTollFree = 4,
  kPremiumRate = 5,
  kSharedCost = 6,
  kVoip = 7,
  kPersonal = 8,
  kPager = 9,
  kUan = 10,
  kVoicemail = 11,
};

// How sure the metadata must be (N-03). Packaged metadata ages: a number range opened after it was
// made is "possible" but not "valid". kPossible accepts such numbers, and with them some that no
// one can hold; their type is then often kUnknown.
enum class PhoneNumberCheck : uint8_t { kValid = 1, kPossible = 2 };

// A parsed number.
struct PhoneNumber {
  E164 e164;
  RegionCode region;
  PhoneNumberType type = PhoneNumberType::kUnknown;
  bool empty() const { return e164.empty(); }
};

// Longest text that is looked at; libphonenumber takes quadratic time (N-01).
inline constexpr size_t kPhoneNumberTextBytesMax = 64;

// True when `text` is '+' followed by 8 … 15 ASCII digits and nothing else. Does not know whether
// such a number exists. Never fails, reads at most 17 bytes.
OTPCORE_EXPORT bool IsE164Shaped(std::string_view text);

// Parses E.164. Errors: kInvalidPhoneNumber when the shape is wrong, the metadata says the number
// cannot be, or its type is one that no person receives a passcode on (premium-rate, shared-cost,
// toll-free, pager, voicemail, UAN, personal). Thread-safe.
OTPCORE_EXPORT Result<PhoneNumber> ParseE164(std::string_view text,
                                             PhoneNumberCheck check = PhoneNumberCheck::kValid);

// Turns what a person types into E.164, for user interfaces (N-02): "(415) 555-0123" with default
// region "US". Accepts digits, space, '-', '.', '(', ')', one leading '+'; nothing else, and no
// extension. The answer has passed ParseE164. Errors: kInvalidPhoneNumber. Thread-safe.
OTPCORE_EXPORT Result<PhoneNumber> ParseTyped(std::string_view text,
                                              std::string_view default_region,
                                              PhoneNumberCheck check = PhoneNumberCheck::kValid);

// Loads the metadata so that the first command does not pay for it. Thread-safe; later calls are
// cheap.
OTPCORE_EXPORT void WarmUpPhoneNumbers();

// What a log or an event may show (N-05): the region and the last two digits, "US …34".
OTPCORE_EXPORT std::string RedactPhoneNumber(const PhoneNumber& number);

}  // namespace otpcore

#endif  // OTPCORE_RULES_PHONE_NUMBER_H_
