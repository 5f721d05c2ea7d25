// SPDX-License-Identifier: Apache-2.0
// What the commands share, called with what no command gives it.
#include "commands/find_member.h"

#include "fixture.h"

namespace otpcore {
namespace {

class CommitMemberTest : public ::testing::Test {
 protected:
  CommitMemberTest() {
    loaded.key = RecordKey::Member("o", "m");
    found.loaded = found.organization.loaded = &loaded;
    found.member.organization_id = "o";
    found.member.member_id = "m";
    context.config = config.get();
    context.operation_id.bytes[0] = 1;
    context.kind = CommandKind::kUpdateMember;
  }
  std::unique_ptr<const Config> config = TestConfig();
  std::unique_ptr<Facts> facts = std::make_unique<Facts>();
  std::unique_ptr<Decision> decision = std::make_unique<Decision>(&facts->records);
  CallContext context;
  LoadedRecord loaded;
  FoundMember found;
  const std::string too_long = std::string(kNameBytesMax + 1, 'x');
};

TEST_F(CommitMemberTest, AnswersWithItsError) {  // C-07
  CommitMember(context, *facts, &found, ErrorCode::kOtpCodeNotFound, decision.get());
  EXPECT_EQ(decision->kind, Decision::Kind::kCommit);
  EXPECT_EQ(decision->answer.error.code(), ErrorCode::kOtpCodeNotFound);
}

// Neither the command's success nor its own error hides that nothing can be written.
TEST_F(CommitMemberTest, OfARecordThatDoesNotFitIsADefect) {  // B-17, C-08
  found.member.name = too_long;
  for (const ErrorCode error : {ErrorCode::kOk, ErrorCode::kOtpCodeNotFound}) {
    decision->Clear();
    CommitMember(context, *facts, &found, error, decision.get());
    EXPECT_EQ(decision->kind, Decision::Kind::kAnswer);
    EXPECT_EQ(decision->answer.error.code(), ErrorCode::kInternalServerError);
    EXPECT_TRUE(decision->changes.writes.empty());
  }
}

TEST_F(CommitMemberTest, ARefusalThatDoesNotFitIsADefectToo) {  // T-02
  found.clock_anomaly = true;
  Refuse(context, found, *facts, ErrorCode::kMemberNotFound, decision.get());
  EXPECT_EQ(decision->kind, Decision::Kind::kCommit) << "the clamped times are written";
  EXPECT_EQ(decision->answer.error.code(), ErrorCode::kMemberNotFound);
  decision->Clear();
  found.member.name = too_long;
  Refuse(context, found, *facts, ErrorCode::kMemberNotFound, decision.get());
  EXPECT_EQ(decision->kind, Decision::Kind::kAnswer);
  EXPECT_EQ(decision->answer.error.code(), ErrorCode::kInternalServerError);
}

TEST_F(CommitMemberTest, ANameIsLoadedThenRead) {  // C-02
  const RecordKey key = RecordKey::MemberName("o", "alias");
  EntityId id;
  EXPECT_FALSE(FindName(*facts, key, &id, decision.get()));
  EXPECT_EQ(decision->kind, Decision::Kind::kLoad);
  ASSERT_EQ(facts->records.Batch().size(), 1u);
  const std::string bytes = testing::Packed(NameEntry{"m"});
  EXPECT_TRUE(facts->records.Batch().Found(0, 1, bytes));
  ASSERT_TRUE(facts->records.TakeBatch());
  EXPECT_TRUE(FindName(*facts, key, &id, decision.get()));
  EXPECT_EQ(id, EntityId("m"));
}

}  // namespace
}  // namespace otpcore
