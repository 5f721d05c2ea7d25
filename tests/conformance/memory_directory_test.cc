// SPDX-License-Identifier: Apache-2.0
// The directory kit on the memory store, and on Directories that make a mistake: each must fail the
// kit (SR-10, SR-11).
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "otpcore/storage/memory_directory.h"
#include "otpcore/testing/directory_kit.h"

namespace otpcore {
namespace {

testing::DirectoryUnderTest Memory() {
  static auto& store = *new MemoryStore;
  static auto& directory = *new MemoryDirectory(store);
  testing::DirectoryUnderTest sut;
  sut.store = &store;
  sut.directory = &directory;
  return sut;
}
OTPCORE_DIRECTORY_CONFORMANCE(MemoryDirectoryKit, Memory);

// An index that is made of what is there already is as good as one that saw it come.
TEST(MemoryDirectory, MayComeLater) {  // SR-10
  MemoryStore store;
  const auto write = [&](const RecordKey& key, const std::string& record, Revision expected = 0) {
    return testing::CommitTo(store, {{key, expected, record}});
  };
  for (const std::string& id : testing::IdsInOrder())
    ASSERT_EQ(write(RecordKey::Member("o", id), testing::Named("x")), CommitOutcome::kCommitted);
  MemoryDirectory late(store);
  MemoryDirectory second(store);
  testing::DirectoryUnderTest sut;
  sut.store = &store;
  for (MemoryDirectory* directory : {&late, &second}) {
    sut.directory = directory;
    testing::DirectoryProbe probe(sut);
    EXPECT_EQ(probe.Walk({RecordKind::kMember, "o", {}, 3}), testing::IdsInOrder());
    EXPECT_EQ(probe.problem, "");
  }
}

// Passes what the memory store finds through a mistake.
class Mistaken final : public Directory {
 public:
  using Found = std::vector<std::pair<RecordKey, std::string>>;
  using Mistake = std::function<void(const VisitBatch&, Found*, bool* at_end)>;
  Mistaken(Directory& inner, Mistake mistake) : inner_(inner), mistake_(std::move(mistake)) {}
  bool Visit(VisitBatch& batch) override {
    VisitBatch inner;
    inner.Ask(batch.range());
    if (!inner_.Visit(inner)) return false;
    Found found;
    for (size_t i = 0; i < inner.size(); ++i) found.emplace_back(inner.key(i), inner.bytes(i));
    bool at_end = inner.at_end();
    mistake_(batch, &found, &at_end);
    for (const auto& [key, record] : found) batch.Found(key, record);
    if (at_end) batch.AtEnd();
    return true;
  }
  bool OrganizationsOf(const EntityId& id, std::vector<EntityId>* organizations) override {
    return inner_.OrganizationsOf(id, organizations);
  }

 private:
  Directory& inner_;
  const Mistake mistake_;
};

int FailuresWith(const Mistaken::Mistake& mistake) {
  testing::DirectoryUnderTest sut = Memory();
  Mistaken directory(*sut.directory, mistake);
  sut.directory = &directory;
  int failures = 0;
  for (const testing::DirectoryCheck& check : testing::AllDirectoryChecks()) {
    if (check.lacks(sut) == nullptr && !check.run(sut).empty()) ++failures;
  }
  return failures;
}

TEST(DirectoryKit, FindsMistakes) {
  using Found = Mistaken::Found;
  EXPECT_EQ(FailuresWith([](const VisitBatch&, Found*, bool*) {}), 0);
  EXPECT_GT(FailuresWith([](const VisitBatch&, Found* found, bool*) {
              if (found->size() > 2) found->erase(found->begin() + 1);
            }),
            0)
      << "leaves one out";
  EXPECT_GT(FailuresWith([](const VisitBatch&, Found* found, bool*) {
              if (found->size() > 1) std::swap(found->front(), found->back());
            }),
            0)
      << "is out of order";
  EXPECT_GT(FailuresWith([](const VisitBatch&, Found* found, bool*) {
              if (!found->empty()) found->push_back(found->back());
            }),
            0)
      << "tells one twice";
  EXPECT_GT(FailuresWith([](const VisitBatch&, Found*, bool* at_end) { *at_end = true; }), 0)
      << "ends too early";
  EXPECT_GT(FailuresWith([](const VisitBatch&, Found* found, bool* at_end) {
              found->clear();
              *at_end = false;
            }),
            0)
      << "makes no progress";
  std::string stale;
  EXPECT_GT(FailuresWith([&](const VisitBatch&, Found* found, bool*) {
              for (auto& [key, record] : *found) {
                if (stale.empty()) stale = record;
                if (record.size() < stale.size()) record = stale;
              }
            }),
            0)
      << "shows what was there before";
}

}  // namespace
}  // namespace otpcore
