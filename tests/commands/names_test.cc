// SPDX-License-Identifier: Apache-2.0
// Names and the index records behind them: what is taken, what is given back, and whose it is
// (C-02, M-07).
#include "commands/names.h"

#include "commands/find_member.h"
#include "fixture.h"

namespace otpcore {
namespace {

TEST(NameList, TakesTheNamesThatOneMayHave) {  // C-02
  NameList names;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g"})
    names.Add(RecordKey::OrganizationName(name), ErrorCode::kBadRequest);
  ASSERT_EQ(names.end() - names.begin(), 4);
  EXPECT_EQ(names.begin()[3].key, RecordKey::OrganizationName("d"));
}

class NamesTest : public ::testing::Test {
 protected:
  RecordKey NameKey(const char* name) {
    return RecordKey::MemberName(organization.organization_id, name);
  }
  void Plant(const RecordKey& key, const std::string& bytes) {
    const Revision revision = testing::LoadFrom(world.memory, key).revision;
    ASSERT_EQ(testing::CommitTo(world.memory, {{key, revision, bytes}}), CommitOutcome::kCommitted);
  }
  std::string BytesOf(const RecordKey& key) { return testing::LoadFrom(world.memory, key).bytes; }
  Member MakeMember(const char* external_id) {
    CreateMemberRequest create;
    create.external_id = external_id;
    return world.MakeMember(organization, create);
  }
  std::string Rename(const Member& member, const char* external_id) {
    auto update = On<UpdateMemberRequest>(member, Actor::Host());
    update.external_id = external_id;
    return ErrorTypeOf(world.engine.Run(update));
  }

  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(NamesTest, OneThatCannotBeReadIsSomebodys) {  // K-12, M-07
  Plant(NameKey("taken"), "no name");
  EXPECT_EQ(Rename(MakeMember("ada"), "taken"), "duplicate_member_external_id");
  EXPECT_EQ(BytesOf(NameKey("taken")), "no name");
}

TEST_F(NamesTest, OneThatIsTheOwnersAlreadyIsTakenAgain) {  // M-07
  const Member ada = MakeMember("ada");
  Plant(NameKey("next"), testing::Packed(NameEntry{ada.member_id}));
  EXPECT_EQ(Rename(ada, "next"), "");
}

// A host that repairs records by hand may leave them so. The name of another is never given back.
TEST_F(NamesTest, OnlyTheOwnersAreGivenBack) {  // C-02
  const std::string others = testing::Packed(NameEntry{"somebody"});
  for (const std::string& bytes : {std::string(), others, std::string("no name")}) {
    const Member member = MakeMember("old");
    Plant(NameKey("old"), bytes);
    EXPECT_EQ(Rename(member, "new"), "") << bytes;
    EXPECT_EQ(BytesOf(NameKey("old")), bytes);
    EXPECT_NE(BytesOf(NameKey("new")), "");
    ASSERT_EQ(Rename(member, "out-of-the-way"), "");
    EXPECT_EQ(BytesOf(NameKey("new")), "") << "it was the Member's";
    ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<PurgeMemberRequest>(member))), "");
    Plant(NameKey("old"), "");
  }
}

}  // namespace
}  // namespace otpcore
