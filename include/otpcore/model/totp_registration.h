// SPDX-License-Identifier: Apache-2.0
// What a Member's TOTP registration consists of: algorithm, digits, period, steps and state (rules
// TO-04, TO-09, TO-28). Plain data for records and policies. factors/totp.h computes with it, and
// rules/registration_machine.h says how the state changes.
#ifndef OTPCORE_MODEL_TOTP_REGISTRATION_H_
#define OTPCORE_MODEL_TOTP_REGISTRATION_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/time.h"

namespace otpcore {

// The hash function of the HMAC. Wire names: SHA1 SHA256 SHA512. Stable numbers, append only: they
// are stored.
enum class TotpAlgorithm : uint8_t { kSha1 = 1, kSha256 = 2, kSha512 = 3 };

// What an authenticator app needs beside the secret. A registration keeps its own parameters, so a
// change of the host's choice applies to later registrations only (TO-04). The default is the one
// set that every app computes.
struct TotpParameters {
  TotpAlgorithm algorithm = TotpAlgorithm::kSha1;
  uint8_t digits = 6;           // 6 or 8
  uint8_t period_seconds = 30;  // 30
};

// False for a set that the library does not compute: other digits or periods, or a number that is
// no algorithm.
OTPCORE_EXPORT bool IsSupported(const TotpParameters& parameters);

// "SHA1", "SHA256" or "SHA512"; "unknown" for a number that is no algorithm.
OTPCORE_EXPORT std::string_view WireName(TotpAlgorithm algorithm);

// Bytes of a secret that the library draws: 20, 32 or 64, as many as the hash function returns
// (TO-03).
OTPCORE_EXPORT size_t TotpSecretBytes(TotpAlgorithm algorithm);

// The steps whose codes are right at one moment (TO-09): now - back … now + ahead.
struct TotpWindow {
  int back = 1;   // 0 … 2
  int ahead = 1;  // 0 … 1
  // How many codes are right at once.
  int weight() const { return back + 1 + ahead; }
};
inline constexpr int kTotpBackMax = 2;
inline constexpr int kTotpAheadMax = 1;

// Stands for "no code was accepted yet" where the last accepted step is kept.
inline constexpr int64_t kNoTotpStep = -1;

// The step that `now` lies in: whole periods since 1970. `parameters` must be supported.
OTPCORE_EXPORT int64_t TotpStepAt(Instant now, const TotpParameters& parameters);

// The longest sealed secret, in bytes.
inline constexpr size_t kSealedTotpSecretBytesMax = 109;

// Stable numbers, append only: they are stored.
enum class RegistrationState : uint8_t {
  kNone = 0,
  kPending = 1,   // has a secret that no code has proved
  kExpired = 2,   // ended before it was proved; the secret is erased
  kActive = 3,    // proved by a code, or imported
  kExternal = 4,  // an id only: the host keeps the secret and checks the codes
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_TOTP_REGISTRATION_H_
