// SPDX-License-Identifier: Apache-2.0
// The hash of record keys: for tables in memory. Seeded per process, so that nobody outside can
// choose names that meet in one place. Never stored and never shown.
#ifndef OTPCORE_SRC_BASE_KEY_HASH_H_
#define OTPCORE_SRC_BASE_KEY_HASH_H_

#include <cstddef>
#include <cstdint>

namespace otpcore {

// `size`: at least 1. Takes some 50 instructions for the 36 bytes of a Member's key. Thread-safe.
uint64_t HashOfKey(const char* bytes, size_t size);

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_KEY_HASH_H_
