// SPDX-License-Identifier: Apache-2.0
// The codes of random secrets, times, digits and algorithms, beside those of liboath.
// OTPCORE_DEEP=1: ten times as many.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

#include "otpcore/factors/totp.h"

#ifdef OTPCORE_HAVE_LIBOATH
extern "C" {
#include <liboath/oath.h>
}
#endif

namespace otpcore {
namespace {

#ifdef OTPCORE_HAVE_LIBOATH

std::string OathCode(const std::string& secret, int64_t seconds, const TotpParameters& parameters) {
  const int flags = parameters.algorithm == TotpAlgorithm::kSha256   ? OATH_TOTP_HMAC_SHA256
                    : parameters.algorithm == TotpAlgorithm::kSha512 ? OATH_TOTP_HMAC_SHA512
                                                                     : 0;
  char code[16] = {};
  const int outcome =
      oath_totp_generate2(secret.data(), secret.size(), static_cast<time_t>(seconds), 30, 0,
                          parameters.digits, flags, code);
  return outcome == OATH_OK ? code : "liboath failed";
}

TEST(TotpCodeAt, AgreesWithLiboath) {  // TO-03, TO-04, TO-09, R-07
  const char* const deep = std::getenv("OTPCORE_DEEP");
  const int rounds = deep != nullptr && *deep != '\0' ? 1000000 : 100000;
  ASSERT_EQ(oath_init(), OATH_OK);
  std::mt19937_64 random(20260301);
  std::string secret;
  for (int i = 0; i < rounds; ++i) {
    secret.resize(1 + random() % kTotpSecretBytesMax);
    for (char& byte : secret) byte = static_cast<char>(random());
    TotpParameters parameters;
    parameters.algorithm = static_cast<TotpAlgorithm>(1 + random() % 3);
    parameters.digits = random() % 2 == 0 ? 6 : 8;
    // All lengths of time alike: also times that do not fit 32 bits.
    const auto seconds = static_cast<int64_t>(random() % (uint64_t{1} << (1 + random() % 37)));
    const Instant now = Instant::FromUnixMillis(seconds * 1000 + 1);
    const TotpSecret ours(reinterpret_cast<const uint8_t*>(secret.data()), secret.size());
    const Passcode code = TotpCodeAt(ours, parameters, TotpStepAt(now, parameters));
    ASSERT_EQ(code.Reveal(SecretAccess("compared with liboath's")),
              OathCode(secret, seconds, parameters))
        << i;
    // The judge finds what the other wrote down, where it expects it.
    const auto verdict = JudgeTotp(ours, parameters, {0, 0}, now, kNoTotpStep, code);
    ASSERT_TRUE(verdict && verdict->kind == TotpVerdict::Kind::kMatch) << i;
  }
  EXPECT_EQ(oath_done(), OATH_OK);
}

#else

TEST(TotpCodeAt, AgreesWithLiboath) {
  GTEST_SKIP() << "liboath was not there when the build was configured (liboath-dev)";
}

#endif

}  // namespace
}  // namespace otpcore
