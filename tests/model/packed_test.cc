// SPDX-License-Identifier: Apache-2.0
#include "model/packed.h"

#include <gtest/gtest.h>

#include <string>

namespace otpcore {
namespace {

TEST(PackedWriter, RefusesATextWhoseLengthDoesNotFitItsByte) {  // B-17
  char bytes[600];
  const std::string text(256, 'x');
  PackedWriter fits(bytes);
  fits.Text(std::string_view(text).substr(1), 300);
  EXPECT_TRUE(fits.ok());
  EXPECT_EQ(fits.at() - bytes, 256);
  PackedWriter one_more(bytes);
  one_more.Text(text, 300);
  EXPECT_FALSE(one_more.ok());
  EXPECT_EQ(one_more.at(), bytes) << "nothing is written";
}

}  // namespace
}  // namespace otpcore
