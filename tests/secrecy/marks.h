// SPDX-License-Identifier: Apache-2.0
// Marks secrets for memcheck, and asks about them.
#ifndef OTPCORE_TESTS_SECRECY_MARKS_H_
#define OTPCORE_TESTS_SECRECY_MARKS_H_

#include <valgrind/memcheck.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "otpcore/rules/passcode.h"

namespace otpcore {

inline constexpr SecretAccess kTest("the check marks it as secret");

inline void MarkSecret(const void* data, size_t size) {
  (void)VALGRIND_MAKE_MEM_UNDEFINED(const_cast<void*>(data), size);
}
// What should be secret is: without this a run without reports would mean nothing.
inline bool IsSecret(const void* byte) {
  unsigned char bits = 0;
  (void)VALGRIND_GET_VBITS(const_cast<void*>(byte), &bits, 1);
  return bits != 0;
}
inline void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "secrecy: %s\n", what);
  std::exit(2);
}

inline DigestKey SecretKey() {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(7);
  DigestKey key(bytes);
  MarkSecret(key.Reveal(kTest), DigestKey::size());
  return key;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_SECRECY_MARKS_H_
