// SPDX-License-Identifier: Apache-2.0
// How much a test does: little in an everyday run, the CI figure when OTPCORE_DEEP is set, and any
// figure that is asked for by name, as `make deep` does.
#ifndef OTPCORE_TESTS_FIGURES_H_
#define OTPCORE_TESTS_FIGURES_H_

#include <cstdint>
#include <cstdlib>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define OTPCORE_TESTS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define OTPCORE_TESTS_SANITIZED 1
#endif
#endif

namespace otpcore {

inline int64_t Figure(const char* variable, int64_t everyday, int64_t ci) {
  if (const char* const asked = std::getenv(variable))
    return static_cast<int64_t>(std::strtod(asked, nullptr));
#ifdef OTPCORE_TESTS_SANITIZED
  return everyday / 4;  // ten times slower
#else
  return std::getenv("OTPCORE_DEEP") != nullptr ? ci : everyday;
#endif
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_FIGURES_H_
