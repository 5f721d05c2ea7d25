// SPDX-License-Identifier: Apache-2.0
// A search that goes on while others write: each Member who stays is found exactly once (SR-10),
// and no call looks at more records than it may (SR-11).
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "engine/search_fixture.h"
#include "figures.h"

namespace otpcore {
namespace {

// Written past the engine: a million commands would be all that this test does.
class Crowd {
 public:
  Crowd(MemoryStore& store, EntityId organization)
      : store_(store), organization_(std::move(organization)) {}

  // Spread over the whole order: the number is multiplied by an odd one, which is a permutation.
  EntityId IdOf(uint64_t number, uint8_t kind) const {
    Uuid uuid;
    const uint64_t mixed = number * 0x9E3779B97F4A7C15u;
    for (size_t i = 0; i < 8; ++i) uuid.bytes[i] = static_cast<uint8_t>(mixed >> (56 - 8 * i));
    uuid.bytes[15] = kind;
    return EntityId::Member(Environment::kTest, uuid);
  }
  static uint64_t NumberOf(const EntityId& id) {
    uint64_t mixed = 0;
    for (size_t i = 0; i < 8; ++i) mixed = mixed << 8 | static_cast<uint8_t>(id.packed()[1 + i]);
    return mixed * 0xF1DE83E19937733Du;  // the inverse
  }
  static uint8_t KindOf(const EntityId& id) { return static_cast<uint8_t>(id.packed().back()); }

  Revision RevisionOf(const RecordKey& key) const {
    return testing::LoadFrom(store_, std::vector<RecordKey>{key}).records[0].revision;
  }
  void Write(const EntityId& id, const std::string& email) {
    const RecordKey key = RecordKey::Member(organization_, id);
    MemberRecord record;
    record.organization_id = organization_;
    record.member_id = id;
    record.email_address = email;
    ASSERT_EQ(testing::CommitTo(store_, {{key, RevisionOf(key), testing::Packed(record)}}),
              CommitOutcome::kCommitted);
  }
  void Delete(const EntityId& id) {
    const RecordKey key = RecordKey::Member(organization_, id);
    ASSERT_EQ(testing::CommitTo(store_, {{key, RevisionOf(key), {}}}), CommitOutcome::kCommitted);
  }

 private:
  MemoryStore& store_;
  const EntityId organization_;
};

constexpr uint8_t kStays = 1;
constexpr uint8_t kPasses = 2;

TEST(SearchUnderWrites, FindsEachMemberWhoStaysExactlyOnce) {
  const auto staying = static_cast<uint64_t>(Figure("OTPCORE_SEARCH_MEMBERS", 20000, 1000000));
  const auto writes = static_cast<uint64_t>(Figure("OTPCORE_SEARCH_WRITES", 4000, 100000));
  ASSERT_EQ(Crowd::NumberOf(Crowd(*std::make_unique<MemoryStore>(), "o").IdOf(77, kStays)), 77u);
  SearchWorld world;
  const Organization acme = world.MakeOrganization();
  Crowd crowd(world.memory, acme.organization_id);
  for (uint64_t i = 0; i < staying; ++i) crowd.Write(crowd.IdOf(i, kStays), "here@example.com");

  // One thread rewrites those who stay, with longer records and shorter ones, which move; the other
  // lets some come, and go again.
  std::atomic<uint64_t> written{0};
  std::atomic<bool> searched{false};
  std::thread rewriting([&] {
    for (uint64_t i = 0; i < writes / 2 || !searched; ++i, ++written) {
      const std::string name(i % 60 + 1, 'x');
      crowd.Write(crowd.IdOf(i * 31 % staying, kStays), name + "@example.com");
    }
  });
  std::thread passing([&] {
    for (uint64_t i = 0; i < writes / 4 || !searched; ++i, written += 2) {
      crowd.Write(crowd.IdOf(i % staying, kPasses), "here@example.com");
      crowd.Delete(crowd.IdOf(i % staying, kPasses));
    }
  });

  int walks = 0;
  std::vector<uint8_t> times(staying);
  do {
    std::fill(times.begin(), times.end(), uint8_t{0});
    SearchMembersRequest request;
    request.organization_ids = {acme.organization_id.str()};
    request.limit = walks % 2 == 0 ? 1000 : 333;
    request.query = All({Where("member_email_fuzzy", Text("example"))});
    EntityId before;
    do {
      world.counting.visited = 0;
      const SearchReply page = world.Search(request);
      ASSERT_EQ(ErrorTypeOf(page), "");
      ASSERT_LE(world.counting.visited, 10000u);
      for (size_t i = 0; i < page.member_count(); ++i) {
        const EntityId id = page.member(i).member_id;
        ASSERT_TRUE(before < id) << "out of order, or twice";
        before = id;
        if (Crowd::KindOf(id) == kStays) ++times[Crowd::NumberOf(id)];
      }
      request.cursor = page.next_cursor();
    } while (!request.cursor.empty());
    for (uint64_t i = 0; i < staying; ++i) ASSERT_EQ(times[i], 1) << "Member " << i;
    ++walks;
  } while (written < writes);
  searched = true;
  rewriting.join();
  passing.join();
  EXPECT_GE(written, writes);
  RecordProperty("walks", walks);
}

}  // namespace
}  // namespace otpcore
