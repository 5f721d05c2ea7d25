// SPDX-License-Identifier: Apache-2.0
// How a double says that the test itself is wrong, for instance that it asked for a Member of an
// Organization that does not exist.
#ifndef OTPCORE_TESTING_SETUP_FAILURE_H_
#define OTPCORE_TESTING_SETUP_FAILURE_H_

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace otpcore {
namespace testing {

// Throws std::logic_error, which every test framework reports with its text; aborts in code built
// without exceptions.
[[noreturn]] inline void SetupFailed(const std::string& what) {
#if defined(__cpp_exceptions)
  throw std::logic_error("otpcore::testing: " + what);
#else
  static_cast<void>(what);
  std::abort();
#endif
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_SETUP_FAILURE_H_
