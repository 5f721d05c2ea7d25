// SPDX-License-Identifier: Apache-2.0
// Numbers as bytes, the lowest first, whatever the order of the machine.
#ifndef OTPCORE_SRC_BASE_LITTLE_ENDIAN_H_
#define OTPCORE_SRC_BASE_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace otpcore {

// The number in `size` (1 … 8) bytes at `at`.
inline uint64_t LoadLittle(const void* at, size_t size) {
  uint64_t value = 0;
  std::memcpy(&value, at, size);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  return value;
}

// Writes the lowest `size` (1 … 8) bytes of `value` to `at`.
inline void StoreLittle(uint64_t value, void* at, size_t size) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  value = __builtin_bswap64(value);
#endif
  std::memcpy(at, &value, size);
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_LITTLE_ENDIAN_H_
