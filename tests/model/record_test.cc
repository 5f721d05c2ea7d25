// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/record.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace {

TEST(IsSameWrite, ComparesMarkAndChallenge) {  // C-08
  MemberRecord member;
  member.mark.id.bytes[0] = 1;
  MemberRecord twin = member;
  EXPECT_TRUE(IsSameWrite(member, twin));
  twin.challenge.id.bytes[0] = 1;
  EXPECT_FALSE(IsSameWrite(member, twin));
  MemberRecord later = member;
  later.mark.id.bytes[0] = 2;
  EXPECT_FALSE(IsSameWrite(later, member));
  EXPECT_FALSE(IsSameWrite(Record(), member));  // deleted meanwhile
  EXPECT_FALSE(IsSameWrite(member, Record()));
  EXPECT_TRUE(IsSameWrite(NameEntry(), NameEntry()));
}

}  // namespace
}  // namespace otpcore
