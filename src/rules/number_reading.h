// SPDX-License-Identifier: Apache-2.0
// From digits to a number that is accepted or refused: libphonenumber first, then the ranges that
// it does not know, then the policy (rules N-03, N-06). Thread-safe.
#ifndef OTPCORE_SRC_RULES_NUMBER_READING_H_
#define OTPCORE_SRC_RULES_NUMBER_READING_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/rules/phone_number.h"

namespace otpcore {

// What a policy says of numbers. A view: what it was made of must outlive it.
struct NumberRules {
  explicit NumberRules(PhoneNumberCheck asked) : check(asked) {}
  explicit NumberRules(const Policy& policy);

  PhoneNumberCheck check;
  const std::vector<PhoneNumberType>* types = nullptr;  // null: all that can receive passcodes
  const std::vector<NumberRange>* ranges = nullptr;     // null: none of the host's own
};

// A number that exists (its type is known then), or one that could.
struct NumberReading {
  PhoneNumber number;
  bool valid() const { return number.type != PhoneNumberType::kUnknown; }
};

// Reads digits, with a leading '+' if there is one, as they are dialled in `region`; "ZZ" takes
// only such with a '+'. At most 64 bytes. Absent: no number has that form.
std::optional<NumberReading> ReadDigits(const std::string& text, const std::string& region,
                                        const NumberRules& rules);

// Errors: kInvalidPhoneNumber when the rules refuse what was read.
Result<PhoneNumber> Accept(const NumberReading& reading, const NumberRules& rules);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_NUMBER_READING_H_
