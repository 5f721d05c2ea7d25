// SPDX-License-Identifier: Apache-2.0
// Notices a generator that repeats itself (rule R-08).
#ifndef OTPCORE_SRC_RULES_EQUAL_DRAWS_H_
#define OTPCORE_SRC_RULES_EQUAL_DRAWS_H_

#include <cstddef>
#include <cstdint>

namespace otpcore {

// The bytes of one draw: a secret, a nonce, an id, a recovery code.
struct DrawnBytes {
  const uint8_t* bytes;
  size_t size;
};

// Whether two of the draws begin with the same eight bytes; draws of fewer than eight are left out.
// A sound generator does that once in 2^64 pairs, one that is stuck or short does it every time.
// All pairs are compared, so the time tells nothing of the draws.
bool HasEqualDraws(const DrawnBytes* draws, size_t count);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_EQUAL_DRAWS_H_
