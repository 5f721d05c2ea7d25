// SPDX-License-Identifier: Apache-2.0
// Of a text with its national prefix twice libphonenumber makes an E.164 form that it would itself
// read as another number. A policy that accepts possible numbers then knew one number under two
// names, and every policy some numbers in Mexico (N-03, threat 27).
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

// The same of numbers that are valid: the form made of +52 1 1 … is itself a valid number, and
// reads as +52 ….
TEST(CanonicalNumber, OfAValidNumberIsItsOwnToo) {
  EXPECT_FALSE(ParseE164("+52119612374567"));
  EXPECT_EQ(ParseE164("+529612374567")->e164.view(), "+529612374567");
  // Newer metadata no longer takes the 1.
  for (const char* text : {"+52119612374567", "+5219612374567", "+529612374567"}) {
    if (const auto number = ParseE164(text)) {
      EXPECT_EQ(ParseE164(number->e164)->e164, number->e164) << text;
    }
    const auto imported = ParseImported(text, Policy());
    ASSERT_TRUE(imported) << text;
    EXPECT_EQ(ParseImported(imported->e164, Policy())->e164, imported->e164) << text;
  }
}

}  // namespace
}  // namespace otpcore
