// SPDX-License-Identifier: Apache-2.0
// The three states of a Member's phone number (rule E-01); the machine over them is in
// enrollment.h.
#ifndef OTPCORE_MODEL_ENROLLMENT_STATE_H_
#define OTPCORE_MODEL_ENROLLMENT_STATE_H_

#include <cstdint>

namespace otpcore {

// Stable numbers, append only: they are stored.
enum class EnrollmentState : uint8_t {
  kNone = 0,      // no number
  kPending = 1,   // linked, not proven
  kVerified = 2,  // proven by its own passcode, or imported
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_ENROLLMENT_STATE_H_
