// SPDX-License-Identifier: Apache-2.0
// What the room of libphonenumber answers to texts that the commands refuse before they come to it.
#include "rules/phone_library.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace {

using T = PhoneNumberType;

TEST(ParseByLibrary, ReadsNoExtension) {  // N-01, threat 27
  const auto number = ParseByLibrary("+14155550123", "ZZ");
  ASSERT_TRUE(number);
  EXPECT_EQ(number->e164, "+14155550123");
  EXPECT_EQ(number->region, "US");
  for (const char* text : {"+14155550123;ext=5", "+14155550123 ext. 5", "+14155550123x5"})
    EXPECT_FALSE(ParseByLibrary(text, "ZZ")) << text;
}

TEST(ParseByLibrary, ReadsNoTextWithoutACountry) {  // N-01
  for (const char* text : {"", "+", "4155550123", "+2105512345", "text"})
    EXPECT_FALSE(ParseByLibrary(text, "ZZ")) << text;
  EXPECT_EQ(ParseByLibrary("4155550123", "US")->e164, "+14155550123");
  EXPECT_EQ(ParseByLibrary("+80012345678", "ZZ")->region, "001") << "a code of no country";
}

TEST(IsOwnCanonicalForm, IsNotATextThatIsNoNumber) {  // N-03, threat 27
  EXPECT_TRUE(IsOwnCanonicalForm("+442079460123"));
  for (const char* text : {"+4402079460123", "+44 20 7946 0123", "442079460123", "+2105512345", ""})
    EXPECT_FALSE(IsOwnCanonicalForm(text)) << text;
}

TEST(ExampleNumber, IsOneOfTheRegionAndType) {  // N-07
  for (const T type : {T::kMobile, T::kFixedLine, T::kVoip}) {
    const auto example = ExampleNumber("DE", type);
    if (type == T::kVoip && !example) continue;
    ASSERT_TRUE(example);
    EXPECT_EQ(example->region, "DE");
    EXPECT_EQ(example->type, type);
  }
  EXPECT_EQ(ExampleNumber("US", T::kFixedLineOrMobile)->type, T::kFixedLineOrMobile);
  EXPECT_FALSE(ExampleNumber("XX", T::kMobile));
}

}  // namespace
}  // namespace otpcore
