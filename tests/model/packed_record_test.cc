// SPDX-License-Identifier: Apache-2.0
#include "model/packed_record.h"

#include <gtest/gtest.h>

#include "fixture.h"
#include "random_records.h"
#include "same_records.h"

namespace otpcore {
namespace {

RecordKey KeyOf(const MemberRecord& record) {
  return {RecordKind::kMember, record.organization_id, record.member_id.view()};
}
size_t PackedBytes(const MemberRecord& record) {
  PackBuffer buffer;
  return PackRecord(KeyOf(record), record, &buffer)->size();
}

TEST(PackedRecord, ComesBackAsItWas) {  // K-07
  RecordMaker make(11);
  for (int i = 0; i < 2000; ++i) {
    const MemberRecord record = make.Member();
    PackBuffer buffer;
    const auto packed = PackRecord(KeyOf(record), record, &buffer);
    ASSERT_TRUE(packed);
    Record back;
    UnpackRecord(KeyOf(record), *packed, &back);
    ASSERT_TRUE(Same(Record(record), back)) << i;
  }
}

TEST(PackedRecord, RefusesAnotherKeyAndTextBeyondItsLimit) {
  MemberRecord record = RecordMaker(1).Member();
  PackBuffer buffer;
  EXPECT_FALSE(PackRecord({RecordKind::kMember, "o", "another"}, record, &buffer));
  record.name.assign(513, 'x');
  EXPECT_FALSE(PackRecord(KeyOf(record), record, &buffer));
  record.email_address.assign(513, 'x');
  EXPECT_FALSE(PackRecord(KeyOf(record), record, &buffer));
  EXPECT_FALSE(PackRecord({RecordKind::kOrganization, "", "o"}, OrganizationSnapshot(), &buffer));
}

// The head of a block takes 16 bytes, malloc 8 to 24, and a place in a table that is half empty 18.
TEST(PackedRecord, AMemberWithALiveChallengeTakesLessThan600Bytes) {  // B-17
  World world;
  const Member member = world.MakeMember(world.MakeOrganization());
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(ErrorTypeOf(world.Send(member, i == 0 ? kNumber : "")), "");
    world.clock.Advance(std::chrono::seconds(30));
  }
  MemberRecord record = *world.RecordOf(member);
  EXPECT_LT(EncodeKey(KeyOf(record)).size() + PackedBytes(record) + 58, 600u);

  for (int i = 0; i < kSendTimesMax; ++i) record.sends.Push(world.clock.Now(), kSendTimesMax);
  const size_t full = PackedBytes(record);
  for (int i = 0; i < 1000000; ++i) record.sends.Push(world.clock.Now(), kSendTimesMax);
  EXPECT_EQ(PackedBytes(record), full);
}

}  // namespace
}  // namespace otpcore
