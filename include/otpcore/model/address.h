// SPDX-License-Identifier: Apache-2.0
// Address: where a passcode goes. A canonical phone number or an e-mail address.
#ifndef OTPCORE_MODEL_ADDRESS_H_
#define OTPCORE_MODEL_ADDRESS_H_

#include <cstddef>

#include "otpcore/base/text.h"

namespace otpcore {

// Longest e-mail address in bytes: a forward path of RFC 5321 has 256 with its brackets.
inline constexpr size_t kEmailBytesMax = 254;

// A phone number in E.164 ("+" and at most 15 digits) or an e-mail address. Empty: none.
using Address = InlineText<kEmailBytesMax>;
// A canonical E.164 number. Empty: no number.
using E164 = InlineText<16>;
// ISO 3166-1 alpha-2 in capitals, or "001" for a number of no country.
using RegionCode = InlineText<3>;

}  // namespace otpcore

#endif  // OTPCORE_MODEL_ADDRESS_H_
