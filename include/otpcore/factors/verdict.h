// SPDX-License-Identifier: Apache-2.0
// Verdict: what judging a typed code found. Judging writes nothing.
#ifndef OTPCORE_FACTORS_VERDICT_H_
#define OTPCORE_FACTORS_VERDICT_H_

#include <cstdint>

namespace otpcore {

enum class Verdict : uint8_t {
  kMatch = 1,  // right
  kWrong = 2,  // compared, and neither right nor one of those below: the one that counts
  kSuperseded = 3,  // the passcode replaced by the present one
  kUsedStep = 4,    // was right once already
  kMalformed = 5,   // not as many digits as the factor's codes have; nothing was compared
  kExpired = 6,     // its time is over, seen for the first time; nothing was compared
  kDead = 7,        // used, expired or failed too often before; nothing was compared
  kNone = 8,        // there is nothing a code could answer; nothing was compared
  kKeyGone = 9,     // the key it was digested or sealed with is gone; nothing was compared
};

}  // namespace otpcore

#endif  // OTPCORE_FACTORS_VERDICT_H_
