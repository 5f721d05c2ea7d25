// SPDX-License-Identifier: Apache-2.0
// Found by fuzz/record_bytes.cc: an id of zeros that says it is there was read as none, so a record
// had two forms. What reads them must not tell apart what a writer cannot (K-07).
#include <gtest/gtest.h>

#include "model/codec_archive.h"

namespace otpcore {
namespace {

TEST(CodecForm, TakesNoneInOneFormOnly) {
  std::array<uint8_t, 2> bytes = {};
  FieldReader zeros(std::string_view("\x01\0\0", 3), 0);
  zeros.Bytes(bytes);
  EXPECT_FALSE(zeros.ok());
  FieldReader some(std::string_view("\x01\0\x01", 3), 0);
  some.Bytes(bytes);
  EXPECT_TRUE(some.ok());
  EXPECT_EQ(bytes[1], 1);
}

}  // namespace
}  // namespace otpcore
