// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/totp_registration.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace {

using A = TotpAlgorithm;

TEST(TotpAlgorithm, HasANameAndTheSecretOfItsHash) {  // TO-03, TO-04
  const struct {
    A algorithm;
    std::string_view name;
    size_t secret_bytes;
  } rows[] = {{A::kSha1, "SHA1", 20}, {A::kSha256, "SHA256", 32}, {A::kSha512, "SHA512", 64}};
  for (const auto& row : rows) {
    EXPECT_EQ(WireName(row.algorithm), row.name);
    EXPECT_EQ(TotpSecretBytes(row.algorithm), row.secret_bytes);
  }
  for (const A none : {static_cast<A>(0), static_cast<A>(4), static_cast<A>(255)}) {
    EXPECT_EQ(WireName(none), "unknown");
    EXPECT_EQ(TotpSecretBytes(none), 20u);
  }
}

TEST(TotpParameters, AreSupportedInTheFormsThatAppsCompute) {  // TO-04
  for (int algorithm = 0; algorithm < 256; ++algorithm) {
    for (int digits = 0; digits < 12; ++digits) {
      for (const int period : {0, 15, 29, 30, 31, 60}) {
        TotpParameters parameters;
        parameters.algorithm = static_cast<A>(algorithm);
        parameters.digits = static_cast<uint8_t>(digits);
        parameters.period_seconds = static_cast<uint8_t>(period);
        const bool expected =
            algorithm >= 1 && algorithm <= 3 && (digits == 6 || digits == 8) && period == 30;
        EXPECT_EQ(IsSupported(parameters), expected) << algorithm << " " << digits << " " << period;
      }
    }
  }
}

}  // namespace
}  // namespace otpcore
