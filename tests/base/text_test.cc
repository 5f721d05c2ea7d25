// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace otpcore {
namespace {

TEST(InlineText, IsPrintedAsItsText) {
  std::ostringstream out;
  out << InlineText<8>("US") << "|" << InlineText<200>() << "|" << InlineText<200>("longer");
  EXPECT_EQ(out.str(), "US||longer");
}

TEST(InlineText, FitsOrIsCut) {
  EXPECT_TRUE(InlineText<2>::Fits("US"));
  EXPECT_FALSE(InlineText<2>::Fits("USA"));
  EXPECT_EQ(InlineText<2>("USA"), InlineText<2>("US"));
}

}  // namespace
}  // namespace otpcore
