// SPDX-License-Identifier: Apache-2.0
// The records of one operation: what a plan may ask for, and what a store may answer (K-12).
#include "otpcore/plan/records.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace otpcore {
namespace {

RecordKey KeyNumber(size_t i) { return RecordKey::OrganizationName("name-" + std::to_string(i)); }

class RecordsTest : public ::testing::Test {
 protected:
  std::unique_ptr<Records> records = std::make_unique<Records>();
};

TEST_F(RecordsTest, AreAskedForOnce) {
  EXPECT_TRUE(records->Want(KeyNumber(1)));
  EXPECT_TRUE(records->Want(KeyNumber(2)));
  EXPECT_TRUE(records->Want(KeyNumber(1)));
  EXPECT_EQ(records->Batch().size(), 2u);
  ASSERT_TRUE(records->TakeBatch());
  EXPECT_TRUE(records->Want(KeyNumber(2)));
  EXPECT_FALSE(records->wants_any()) << "it is there";
  EXPECT_EQ(records->Batch().size(), 0u);
}

TEST_F(RecordsTest, AreNoMoreThanThereIsRoomFor) {
  for (size_t i = 0; i < Records::kMax; ++i) EXPECT_TRUE(records->Want(KeyNumber(i))) << i;
  EXPECT_FALSE(records->Want(KeyNumber(Records::kMax)));
  EXPECT_TRUE(records->Want(KeyNumber(0)));
  EXPECT_EQ(records->Batch().size(), Records::kMax);
}

TEST_F(RecordsTest, AreFoundOnceTheyAreLoaded) {
  records->Want(KeyNumber(1));
  records->Want(KeyNumber(2));
  EXPECT_EQ(records->Find(KeyNumber(1)), nullptr) << "not loaded yet";
  EXPECT_TRUE(records->Batch().Found(1, 7, "bytes"));
  ASSERT_TRUE(records->TakeBatch());
  EXPECT_EQ(records->Find(KeyNumber(1))->revision, 0u) << "the store has none";
  EXPECT_EQ(records->Find(KeyNumber(2))->revision, 7u);
  EXPECT_EQ(records->Find(KeyNumber(2))->bytes, "bytes");
  EXPECT_EQ(records->Find(KeyNumber(3)), nullptr);
}

TEST_F(RecordsTest, WithoutARevisionAreRefused) {  // K-03, K-12
  records->Want(KeyNumber(1));
  EXPECT_FALSE(records->Batch().Found(0, 0, "bytes"));
  EXPECT_FALSE(records->TakeBatch());
}

TEST_F(RecordsTest, ThatAreTooLongTogetherAreRefused) {  // K-12
  records->Want(KeyNumber(1));
  records->Want(KeyNumber(2));
  const std::string most(Records::kArenaBytes - 1, 'x');
  EXPECT_TRUE(records->Batch().Found(0, 1, most));
  EXPECT_FALSE(records->Batch().Found(1, 1, "yz"));
  EXPECT_FALSE(records->TakeBatch());
  records->Clear();
  records->Want(KeyNumber(1));
  records->Want(KeyNumber(2));
  EXPECT_TRUE(records->Batch().Found(0, 1, most));
  EXPECT_TRUE(records->Batch().Found(1, 1, "y"));
  EXPECT_TRUE(records->TakeBatch());
}

TEST_F(RecordsTest, AreAskedForAgainOneByOne) {  // C-08
  for (size_t i = 0; i < 3; ++i) records->Want(KeyNumber(i));
  for (size_t i = 0; i < 3; ++i) EXPECT_TRUE(records->Batch().Found(i, i + 1, "old"));
  ASSERT_TRUE(records->TakeBatch());
  LoadBatch again = records->Again(KeyNumber(1));
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again.key(0), KeyNumber(1));
  EXPECT_EQ(records->Find(KeyNumber(1))->revision, 0u) << "until the store answers";
  EXPECT_TRUE(again.Found(0, 9, "new"));
  ASSERT_TRUE(records->TakeBatch());
  EXPECT_EQ(records->Find(KeyNumber(1))->revision, 9u);
  EXPECT_EQ(records->Find(KeyNumber(1))->bytes, "new");
}

}  // namespace
}  // namespace otpcore
