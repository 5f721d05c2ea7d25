// SPDX-License-Identifier: Apache-2.0
// Phone numbers: text in, a canonical number with its region and type out (rules N-01 … N-08).
//
// Commands read E.164 with ParseE164, or with ParseImported where the host vouches for the number.
// A user interface reads what a person typed with ParseTyped and gives the result to a command.
// Claims and quotas go by HandsetKey.
//
// libphonenumber's metadata is asked first; a number that it calls invalid is then looked for in
// the ranges of number_ranges.h. The first use takes milliseconds (`WarmUpPhoneNumbers`), a parse
// microseconds. A Member's stored number never comes back here (N-04), but for a sandbox number
// that has ended. All functions are thread-safe.
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
#include "otpcore/model/phone_number_type.h"
#include "otpcore/model/policy.h"

namespace otpcore {

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

// Parses E.164. Errors: kInvalidPhoneNumber when the shape is wrong, when neither the metadata nor
// a range has such a number, or when no person receives a passcode on its type (premium-rate,
// shared-cost, toll-free, pager, voicemail, UAN, personal).
OTPCORE_EXPORT Result<PhoneNumber> ParseE164(std::string_view text,
                                             PhoneNumberCheck check = PhoneNumberCheck::kValid);
// The same by a policy: accept_possible_numbers, number_types and number_ranges. The policy's
// regions are not looked at.
OTPCORE_EXPORT Result<PhoneNumber> ParseE164(std::string_view text, const Policy& policy);

// Parses E.164 that was verified elsewhere, for an import (N-06). Takes any number of a country
// code that libphonenumber or a range of the policy knows, whatever its length and type; where
// neither knows the number, the type is kUnknown and the region the main one of the country code.
// Errors: kInvalidPhoneNumber.
OTPCORE_EXPORT Result<PhoneNumber> ParseImported(std::string_view text, const Policy& policy);

// Turns what a person typed or pasted into E.164, for user interfaces (N-02): "(415) 555-0123" with
// default region "US", "0151/23456789" or "+49 (0)151 23456789" with "DE".
//
// Reads digits of five scripts, one leading '+', and between them white space, hyphens and dashes,
// '.', '/' and parentheses of any width; drops invisible marks. Reads prefixes such as 00, 011 and
// a trunk 0 as they are dialled in the region. A text that can be read as two numbers, as with the
// region's country code and no '+', is refused when both exist. So is a slash with fewer than four
// digits behind it, which names two extensions. Extensions and letters are refused.
//
// `text` has at most 64 bytes. `default_region` is where the person is, two capital letters; "" or
// an unknown one takes numbers with a '+' only. The answer has passed ParseE164 with the same check
// or policy. Errors: kInvalidPhoneNumber. Costs four parses as a rule, and at most 16.
OTPCORE_EXPORT Result<PhoneNumber> ParseTyped(std::string_view text,
                                              std::string_view default_region,
                                              PhoneNumberCheck check = PhoneNumberCheck::kValid);
OTPCORE_EXPORT Result<PhoneNumber> ParseTyped(std::string_view text,
                                              std::string_view default_region,
                                              const Policy& policy);

// The number by which claims, quotas and the conversion guard know a handset (N-08). A phone in
// Argentina is reached as +54 9 … and +54 …, one in Mexico as +52 1 … and +52 …: the key of both is
// the shorter form. Every other number is its own key. Costs some nanoseconds.
OTPCORE_EXPORT E164 HandsetKey(const E164& number);

// Loads the metadata so that the first command does not pay for it. Thread-safe; later calls are
// cheap.
OTPCORE_EXPORT void WarmUpPhoneNumbers();

// What a log or an event may show (N-05): the region and the last two digits, "US …34".
OTPCORE_EXPORT std::string RedactPhoneNumber(const PhoneNumber& number);

}  // namespace otpcore

#endif  // OTPCORE_RULES_PHONE_NUMBER_H_
