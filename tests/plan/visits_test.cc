// SPDX-License-Identifier: Apache-2.0
// What a search takes from a Directory (SR-10): records of its range, in order, as many as it asked
// for. Anything else makes the whole answer worthless.
#include "otpcore/plan/visits.h"

#include <gtest/gtest.h>

#include <string>

#include "otpcore/model/codec.h"

namespace otpcore {
namespace {

class VisitBatchTest : public ::testing::Test {
 protected:
  VisitBatchTest() { batch_.Ask({RecordKind::kMember, "o", "b", 2}); }
  static RecordKey Key(const char* member) { return RecordKey::Member("o", member); }
  VisitBatch batch_;
};

TEST_F(VisitBatchTest, TakesWhatIsInOrder) {
  EXPECT_TRUE(batch_.Found(Key("c"), "one"));
  EXPECT_TRUE(batch_.Found(Key("d"), "two"));
  EXPECT_FALSE(batch_.broke());
  ASSERT_EQ(batch_.size(), 2u);
  EXPECT_EQ(batch_.bytes(1), "two");
  EXPECT_FALSE(batch_.Found(Key("e"), "more than it asked for"));
  EXPECT_TRUE(batch_.broke());
}

TEST_F(VisitBatchTest, TakesNothingOfAnotherRange) {
  for (const RecordKey& key : {Key("b"), Key("a"), RecordKey::Member("n", "c"),
                               RecordKey::Member("p", "c"), RecordKey::Organization("o")}) {
    batch_.Ask({RecordKind::kMember, "o", "b", 2});
    EXPECT_FALSE(batch_.Found(key, "x"));
    EXPECT_TRUE(batch_.broke());
    EXPECT_FALSE(batch_.Found(Key("c"), "x")) << "it stays broken";
  }
}

TEST_F(VisitBatchTest, TakesNothingTwice) {
  EXPECT_TRUE(batch_.Found(Key("c"), "x"));
  EXPECT_FALSE(batch_.Found(Key("c"), "x"));
}

TEST_F(VisitBatchTest, TakesRecordsOfTheirSizeOnly) {
  EXPECT_FALSE(batch_.Found(Key("c"), ""));
  batch_.Ask({RecordKind::kMember, "o", "b", 2});
  EXPECT_FALSE(batch_.Found(Key("c"), std::string(kMemberRecordBytesMax + 1, 'x')));
  batch_.Ask({RecordKind::kMember, "o", "b", 2});
  EXPECT_TRUE(batch_.Found(Key("c"), std::string(kMemberRecordBytesMax, 'x')));
}

TEST(VisitRangeTest, EndsBehindAnOrganizationWhoseIdEndsWithTheLastByte) {
  Uuid uuid;
  uuid.bytes.fill(0xFF);
  const EntityId organization = EntityId::Organization(Environment::kTest, uuid);
  VisitBatch batch;
  batch.Ask({RecordKind::kMember, organization, {}, 2});
  EXPECT_TRUE(batch.Found(RecordKey::Member(organization, "z"), "x"));
  EXPECT_GT(batch.end(), RecordKey::Member(organization, "zz").bytes());
  EXPECT_FALSE(batch.Found(RecordKey::Organization("o"), "x"));
}

}  // namespace
}  // namespace otpcore
