// SPDX-License-Identifier: Apache-2.0
// Of a text with its national prefix twice libphonenumber makes an E.164 form that it would itself
// read as another number. A policy that accepts possible numbers then knew one number under two
// names (N-03, threat 27).
#include <gtest/gtest.h>

#include "otpcore/rules/phone_number.h"

namespace otpcore {
namespace {

TEST(CanonicalNumber, IsItsOwnCanonicalForm) {
  EXPECT_FALSE(ParseE164("+4400123123456", PhoneNumberCheck::kPossible));
  EXPECT_FALSE(ParseE164("+4400400123456", PhoneNumberCheck::kPossible));
  // One prefix too many is stripped, as ever.
  const auto possible = ParseE164("+440123123456", PhoneNumberCheck::kPossible);
  ASSERT_TRUE(possible);
  EXPECT_EQ(possible->e164.view(), "+44123123456");
  EXPECT_EQ(ParseE164("+4407400123456")->e164.view(), "+447400123456");  // valid ones too
}

}  // namespace
}  // namespace otpcore
