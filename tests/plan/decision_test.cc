// SPDX-License-Identifier: Apache-2.0
// A decision that is written by a plan with a defect stays whole: nothing is cut, nothing is
// half-committed.
#include "otpcore/plan/decision.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace otpcore {
namespace {

using Kind = Decision::Kind;

// Bytes on both sides of a decision, to point at.
struct Around {
  char below[16] = "below";
  Records records;
  Decision decision{&records};
  char above[16] = "above";
};

class DecisionTest : public ::testing::Test {
 protected:
  DecisionTest() { loaded.key = RecordKey::Member("o", "m"); }
  MemberRecord Named(std::string_view name) const {
    MemberRecord record;
    record.organization_id = "o";
    record.member_id = "m";
    record.name = name;
    return record;
  }
  void ExpectRefusedWhole() const {
    EXPECT_EQ(decision.kind, Kind::kAnswer);
    EXPECT_TRUE(decision.changes.writes.empty());
    EXPECT_EQ(decision.answer.error.code(), ErrorCode::kInternalServerError);
  }

  std::unique_ptr<Around> around = std::make_unique<Around>();
  Decision& decision = around->decision;
  LoadedRecord loaded;
  const std::string too_long = std::string(513, 'x');
};

TEST_F(DecisionTest, WritesWhatItIsGiven) {
  loaded.revision = 4;
  const std::string_view bytes = decision.Write(loaded, Named("Ada"));
  EXPECT_EQ(decision.kind, Kind::kCommit);
  ASSERT_EQ(decision.changes.writes.size(), 1u);
  EXPECT_EQ(decision.changes.writes.front().expected, 4u);
  EXPECT_EQ(decision.changes.writes.front().record, bytes);
  MemberRecord read;
  ASSERT_TRUE(Unpack(loaded.key, bytes, &read));
  EXPECT_EQ(read.name, "Ada");
  decision.Delete(loaded);
  EXPECT_EQ(decision.changes.writes.size(), 2u);
  EXPECT_EQ(decision.changes.writes[1].record, "");
}

TEST_F(DecisionTest, OfARecordThatIsTooLongWritesNothing) {  // B-17, C-08
  decision.Write(loaded, Named("Ada"));
  EXPECT_EQ(decision.Write(loaded, Named(too_long)), "");
  ExpectRefusedWhole();
  EXPECT_EQ(decision.Write(loaded, Named("Ada")), "") << "for good";
  decision.Delete(loaded);
  ExpectRefusedWhole();
  decision.Clear();
  EXPECT_NE(decision.Write(loaded, Named("Ada")), "");
  EXPECT_EQ(decision.kind, Kind::kCommit);
}

TEST_F(DecisionTest, OfMoreWritesThanACommitTakesWritesNothing) {  // C-08
  for (size_t i = 0; i < Writes::kMax; ++i) {
    decision.Delete(loaded);
    EXPECT_EQ(decision.changes.writes.size(), i + 1);
  }
  EXPECT_EQ(decision.Write(loaded, NameEntry{"m"}), "");
  ExpectRefusedWhole();
}

TEST_F(DecisionTest, OfMoreBytesThanItHasRoomForWritesNothing) {  // B-17
  EXPECT_NE(decision.Write(loaded, Named("Ada")), "");
  const std::string name(512, 'n');
  while (decision.Show(Named(name)) != "") continue;
  EXPECT_EQ(decision.Write(loaded, Named("Ada")), "");
  ExpectRefusedWhole();
}

TEST_F(DecisionTest, ShowsARecordAsLongAsThereIsRoom) {
  const std::string_view shown = decision.Show(Named("Ada"));
  MemberRecord read;
  ASSERT_TRUE(Unpack(loaded.key, shown, &read));
  EXPECT_EQ(read.name, "Ada");
  EXPECT_EQ(decision.kind, Kind::kAnswer);
  EXPECT_EQ(decision.Show(Named(too_long)), "");
  const std::string name(512, 'n');
  int count = 0;
  while (decision.Show(Named(name)) != "") ASSERT_LT(++count, 100);
  EXPECT_GE(count, 1);
}

TEST_F(DecisionTest, KeepsWhatItShowsWhenTheFactsGo) {  // C-08
  const std::string_view own = decision.Show(Named("Ada"));
  const struct {
    const char* where;
    std::string_view bytes;
  } rows[] = {{"below it", {around->below, 5}}, {"above it", {around->above, 5}}};
  for (const auto& row : rows) {
    decision.answer.member = own;
    decision.answer.organization = row.bytes;
    decision.Detach();
    EXPECT_EQ(decision.answer.member.data(), own.data()) << "is its own already";
    EXPECT_EQ(decision.answer.organization, row.bytes) << row.where;
    EXPECT_NE(decision.answer.organization.data(), row.bytes.data()) << row.where;
  }
  decision.answer.organization = {};
  decision.Detach();
  EXPECT_EQ(decision.answer.organization, "");
}

TEST_F(DecisionTest, ShowsNothingOfWhatItCannotKeep) {
  const std::string huge(100000, 'x');
  decision.answer.organization = huge;
  decision.Detach();
  EXPECT_EQ(decision.answer.organization, "");
}

TEST(Facts, ARunIsNeverZero) {  // C-08
  auto facts = std::make_unique<Facts>();
  facts->entropy.run_id.fill(0);
  EXPECT_EQ(facts->run(), 1u);
  facts->entropy.run_id = {{2}};
  EXPECT_EQ(facts->run(), 2u);
}

}  // namespace
}  // namespace otpcore
