// SPDX-License-Identifier: Apache-2.0
// A phone number of a request: its text, whose shape Check has found right, and what it was parsed
// to. Parsing takes ten times as long as everything else that a plan does, and most numbers are the
// Member's own and never parsed (N-04): so it is done when first needed, and once.
#ifndef OTPCORE_COMMANDS_NUMBER_TEXT_H_
#define OTPCORE_COMMANDS_NUMBER_TEXT_H_

#include <optional>

#include "otpcore/base/result.h"
#include "otpcore/model/address.h"
#include "otpcore/model/policy.h"
#include "otpcore/rules/phone_number.h"

namespace otpcore {

// A command is planned by one thread at a time: Parse is not safe for concurrent calls.
class NumberText {  // NOLINT(bugprone-exception-escape): as of Result
 public:
  NumberText() = default;
  explicit NumberText(std::string_view text) : text_(text) {}

  const E164& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  // `imported`: the host has seen it proved; the same in every call. Errors: kInvalidPhoneNumber.
  const Result<PhoneNumber>& Parse(const Policy& policy, bool imported = false) const {
    if (!parsed_) parsed_ = imported ? ParseImported(text_, policy) : ParseE164(text_, policy);
    return *parsed_;
  }

 private:
  E164 text_;
  mutable std::optional<Result<PhoneNumber>> parsed_;
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_NUMBER_TEXT_H_
