// SPDX-License-Identifier: Apache-2.0
// Where a value that was computed from secrets becomes public (rule R-04).
#ifndef OTPCORE_SRC_BASE_DECLASSIFY_H_
#define OTPCORE_SRC_BASE_DECLASSIFY_H_

#ifdef OTPCORE_CHECK_SECRECY
#include <valgrind/memcheck.h>
#endif

namespace otpcore {

// Returns `value` as it is. Code may branch on what went through here and on nothing else that
// depends on a secret: tests/secrecy/run.sh checks that, with the secrets marked undefined for
// memcheck and this function telling it which results anyone may learn.
template <typename T>
inline T Declassify(T value) {
#ifdef OTPCORE_CHECK_SECRECY
  (void)VALGRIND_MAKE_MEM_DEFINED(&value, sizeof value);
#endif
  return value;
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_DECLASSIFY_H_
