// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/totp_registration.h"

namespace otpcore {

bool IsSupported(const TotpParameters& parameters) {
  return parameters.algorithm >= TotpAlgorithm::kSha1 &&
         parameters.algorithm <= TotpAlgorithm::kSha512 &&
         (parameters.digits == 6 || parameters.digits == 8) && parameters.period_seconds == 30;
}

std::string_view WireName(TotpAlgorithm algorithm) {
  switch (algorithm) {
    case TotpAlgorithm::kSha1: return "SHA1";
    case TotpAlgorithm::kSha256: return "SHA256";
    case TotpAlgorithm::kSha512: return "SHA512";
  }
  return "unknown";
}

size_t TotpSecretBytes(TotpAlgorithm algorithm) {
  switch (algorithm) {
    case TotpAlgorithm::kSha1: return 20;
    case TotpAlgorithm::kSha256: return 32;
    case TotpAlgorithm::kSha512: return 64;
  }
  return 20;
}

int64_t TotpStepAt(Instant now, const TotpParameters& parameters) {
  return now.unix_millis() / 1000 / parameters.period_seconds;
}

}  // namespace otpcore
