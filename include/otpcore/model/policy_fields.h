// SPDX-License-Identifier: Apache-2.0
// The fields of a Policy by name and text, for hosts that read a policy from a configuration.
//
// The names are those of policy.h, but for the members of members: totp_digits, totp_algorithm,
// totp_back and totp_ahead.
#ifndef OTPCORE_MODEL_POLICY_FIELDS_H_
#define OTPCORE_MODEL_POLICY_FIELDS_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/model/policy.h"

namespace otpcore {

// How the text of a field reads.
enum class PolicyFieldKind : uint8_t {
  kText,      // as it is; environment "test" or "live"; totp_algorithm "SHA1", "SHA256", "SHA512"
  kBoolean,   // "true" or "false"
  kInteger,   // decimal: "20"
  kNumber,    // decimal: "0.001" or "1e-3"
  kDuration,  // a whole number with its unit, ms s min h or d: "48 h"
  kList,      // one entry; see SetPolicyField
};

struct PolicyField {
  std::string_view name;
  PolicyFieldKind kind = PolicyFieldKind::kText;
  // Of a list whose entries have parts: their names, with commas between. An entry is the parts'
  // texts in this order, with commas between: "+14155550123,000000,2027-01-01T00:00:00Z". A part
  // `until` is RFC 3339, or milliseconds since 1970.
  std::string_view parts;
};

// All of them, in the order of policy.h.
OTPCORE_EXPORT std::vector<PolicyField> PolicyFields();

enum class FieldOutcome : uint8_t { kSet, kUnknownName, kBadValue };

// Sets one field. A list grows by one entry; an empty text empties it. Nothing is changed unless
// the outcome is kSet. Whether the values make sense together is for Policy::Problem and
// Config::Create to say.
OTPCORE_EXPORT FieldOutcome SetPolicyField(std::string_view name, std::string_view text,
                                           Policy* policy);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_POLICY_FIELDS_H_
