// SPDX-License-Identifier: Apache-2.0
// Comparisons of secrets without a branch (rules ): the answer is a mask, all ones for
// yes and zero for no.
#ifndef OTPCORE_SRC_BASE_MASKS_H_
#define OTPCORE_SRC_BASE_MASKS_H_

#include <cstdint>

namespace otpcore {

// The value as it is, but the compiler no longer knows anything about it. Otherwise clang sees that
// a mask is one of two values, and makes a branch of the code that uses it.
inline uint32_t Opaque(uint32_t value) {
#if defined(__GNUC__) || defined(__clang__)
  asm("" : "+r"(value));
  return value;
#else
  volatile uint32_t copy = value;
  return copy;
#endif
}

// a == b.
inline uint32_t EqualMask(uint32_t a, uint32_t b) {
  const uint32_t difference = a ^ b;
  return Opaque(((difference | (0 - difference)) >> 31) - 1);
}

// first <= byte < first + count, for first + count <= 256 and count >= 1.
inline uint32_t InRangeMask(uint8_t byte, uint32_t first, uint32_t count) {
  const uint32_t distance = (byte - first) & 0xFF;
  return Opaque(0 - ((distance - count) >> 31));
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_MASKS_H_
