// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/factor.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace {

TEST(TraitsOf, SayWhichFactorIsASecondOne) {  // P-01, S-12
  const struct {
    FactorKind kind;
    bool second;
    std::string_view method;
  } rows[] = {
      {FactorKind::kHostPrimary, false, ""},       {FactorKind::kEmailPasscode, false, ""},
      {FactorKind::kSmsPasscode, true, "sms_otp"}, {FactorKind::kTotp, true, "totp"},
      {FactorKind::kRecoveryCode, true, "totp"},
  };
  ASSERT_EQ(std::size(rows), kFactorKindCount);
  for (const auto& row : rows) {
    const FactorTraits& traits = TraitsOf(row.kind);
    EXPECT_EQ(traits.kind, row.kind);
    EXPECT_EQ(traits.second, row.second);
    EXPECT_EQ(traits.method, row.method);
  }
}

// It proves nothing and no Organization names it.
TEST(TraitsOf, AKindOutOfNowhereAreThoseOfThePrimaryFactor) {
  for (int kind = kFactorKindCount; kind < 256; ++kind)
    EXPECT_EQ(TraitsOf(static_cast<FactorKind>(kind)).kind, FactorKind::kHostPrimary) << kind;
}

}  // namespace
}  // namespace otpcore
