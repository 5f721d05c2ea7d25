// SPDX-License-Identifier: Apache-2.0
#include "base/generated_id.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "otpcore/storage/memory_store.h"

namespace otpcore {
namespace {

const std::string kUuidText = "01234567-89ab-4cde-8f01-23456789abcd";

std::vector<std::string> IdsOfAllKinds() {
  std::vector<std::string> ids = {"",
                                  "a",
                                  std::string(127, 'x'),
                                  std::string(128, 'x'),
                                  "\xF0",
                                  std::string("\xF0") + std::string(16, '\0')};
  for (const std::string start :
       {"organization-test-", "organization-live-", "member-test-", "member-live-"}) {
    ids.push_back(start + kUuidText);
    ids.push_back(start + "01234567-89AB-4cde-8f01-23456789abcd");  // not as FormatId makes it
    ids.push_back(start + "ffffffff-ffff-ffff-ffff-ffffffffffff");
    ids.push_back(start + "0123456789ab-4cde-8f01-23456789abcd-");
    ids.push_back(start + kUuidText.substr(1));
  }
  ids.push_back("Member-test-" + kUuidText);
  return ids;
}

TEST(GeneratedId, SaysWhatTheTextSays) {  // C-02, C-04
  GeneratedId id;
  ASSERT_TRUE(ReadGeneratedId("member-live-" + kUuidText, &id));
  EXPECT_EQ(FormatUuid(id.uuid), kUuidText);
  EXPECT_EQ(EnvironmentOf(id), Environment::kLive);
  EXPECT_FALSE(id.has_capitals);
  for (const char* start : {"MEMBER-LIVE-", "member-Live-"}) {
    ASSERT_TRUE(ReadGeneratedId(start + kUuidText, &id));
    EXPECT_TRUE(id.has_capitals);
  }
}

// Each byte in the place of a digit and of a dash: 36 characters are looked at together.
TEST(GeneratedId, TakesHexadecimalDigitsAndNothingElse) {  // C-02
  const std::string good = "organization-test-" + kUuidText;
  for (size_t at = 18; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string text = good;
      text[at] = static_cast<char>(byte);
      const bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
      const bool capital = byte >= 'A' && byte <= 'F';
      GeneratedId id;
      const bool read = ReadGeneratedId(text, &id);
      ASSERT_EQ(read, good[at] == '-' ? byte == '-' : digit || capital) << at << " " << byte;
      if (!read) continue;
      ASSERT_EQ(id.has_capitals, capital);
      const std::string made = "organization-test-" + FormatUuid(id.uuid);
      ASSERT_EQ(made == text, !capital);
    }
  }
}

TEST(PackedId, ComesBackAndIsNoOthers) {  // K-07, K-08
  std::set<std::string> packed;
  for (const std::string& id : IdsOfAllKinds()) {
    char bytes[kPackedIdBytesMax];
    const size_t size = PackId(id, bytes);
    ASSERT_LE(size, sizeof bytes);
    EXPECT_TRUE(packed.insert(std::string(bytes, size)).second) << id;
    Id back;
    EXPECT_EQ(UnpackId(bytes, &back), size);
    EXPECT_EQ(back.view(), id);
  }
  char bytes[kPackedIdBytesMax];
  EXPECT_EQ(PackId("organization-test-" + kUuidText, bytes), 17u);
}

TEST(MemoryStoreKeys, NamesOfEveryLengthStayApart) {  // K-08
  std::vector<std::string> names = IdsOfAllKinds();
  names.erase(names.begin());  // the empty one
  for (const char first : {'x', '\x80', '\xF0', '\xFF'}) {
    for (const size_t more : {16u, 127u, 128u, 129u, 254u})
      names.push_back(first + std::string(more, '\x7F'));
  }
  MemoryStore store;
  Changes changes;
  for (const char* organization : {"", "o"}) {
    for (const std::string& name : names) {
      changes.writes.push_back({{RecordKind::kMemberName, organization, name},
                                0,
                                NameEntry{Id(std::to_string(changes.writes.size()))}});
    }
  }
  ASSERT_EQ(store.Commit(changes), CommitOutcome::kCommitted);
  EXPECT_EQ(store.size(), changes.writes.size());
  for (const Write& write : changes.writes) {
    const auto loaded = store.Load({write.key});
    EXPECT_EQ(std::get<NameEntry>(loaded.records.front().record).id,
              std::get<NameEntry>(write.record).id);
  }
}

}  // namespace
}  // namespace otpcore
