// SPDX-License-Identifier: Apache-2.0
// The checks of the directory kit: what a search needs of a Directory (rules SR-09 … SR-13).
#ifndef OTPCORE_TESTING_DIRECTORY_CHECKS_H_
#define OTPCORE_TESTING_DIRECTORY_CHECKS_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "otpcore/engine/directory.h"
#include "otpcore/testing/store_probe.h"
#include "otpcore/testing/store_records.h"

namespace otpcore {
namespace testing {

// A Directory, the store that it reads, and what a test can do to them.
struct DirectoryUnderTest {
  std::string skip_because;  // not empty: it cannot be had here, no server is installed
  Store* store = nullptr;
  Directory* directory = nullptr;
  std::function<void(bool)> unreachable;         // as of StoreUnderTest
  std::function<void(const RecordKey&)> damage;  // likewise
};

// What one check works with: an Organization of its own, so that checks share a store.
class DirectoryProbe {
 public:
  explicit DirectoryProbe(DirectoryUnderTest& sut) : directory(*sut.directory), store(*sut.store) {}

  RecordKey Member(const std::string& id) const { return RecordKey::Member(organization, id); }
  std::string RecordOf(const RecordKey& key, const std::string& name) const {
    if (key.kind() == RecordKind::kOrganization) return FullRecords(false).Of(key);
    MemberRecord record = SampleMember(key, 1);
    record.name = name;
    return Packed(record);
  }
  void Put(const RecordKey& key, const std::string& name = "name") {
    const StoredRecords now = LoadFrom(store, std::vector<RecordKey>{key});
    const Revision revision = now.records.empty() ? 0 : now.records[0].revision;
    Expect(CommitTo(store, {{key, revision, RecordOf(key, name)}}) == CommitOutcome::kCommitted,
           "a commit did not succeed");
  }
  void Delete(const RecordKey& key) {
    const StoredRecords now = LoadFrom(store, std::vector<RecordKey>{key});
    Expect(CommitTo(store, {{key, now.records[0].revision, {}}}) == CommitOutcome::kCommitted,
           "a delete did not succeed");
  }

  // The texts of the ids of a range, read page by page. `seen` is told each record.
  std::vector<std::string> Walk(
      VisitRange range,
      const std::function<void(const RecordKey&, std::string_view)>& seen = nullptr) {
    std::vector<std::string> ids;
    VisitBatch batch;
    for (;;) {
      batch.Ask(range);
      if (!directory.Visit(batch)) {
        Expect(false, "a visit failed although nothing was wrong");
        return ids;
      }
      Expect(!batch.broke(), "it gave a key out of order or of another range, or too many");
      Expect(batch.size() > 0 || batch.at_end(), "it found nothing before the end");
      for (size_t i = 0; i < batch.size(); ++i) {
        ids.push_back(batch.key(i).id().str());
        if (seen) seen(batch.key(i), batch.bytes(i));
      }
      if (batch.at_end() || !problem.empty()) return ids;
      range.after = batch.key(batch.size() - 1).id();
    }
  }
  std::vector<std::string> Members(size_t limit) {
    return Walk({RecordKind::kMember, organization, {}, limit});
  }
  void Expect(bool holds, const std::string& what) {
    if (!holds && problem.empty()) problem = what;
  }

  Directory& directory;
  Store& store;
  const std::string own = StoreProbe(store).organization();  // no other has it
  const EntityId organization = own;
  std::string problem;
};

// Ids in the order of their packed bytes: generated ones first, then texts, upper case before lower
// case, a text before those that begin with it.
inline std::vector<std::string> IdsInOrder() {
  return {"member-test-00000000-0000-4000-8000-000000000000",
          "member-test-00000000-0000-4000-8000-0000000000ff",
          "member-test-7fffffff-0000-4000-8000-000000000000",
          "member-test-80000000-0000-4000-8000-000000000000",
          "member-test-ffffffff-ffff-4fff-bfff-ffffffffffff",
          "-1",
          "10",
          "9",
          "A",
          "Z",
          "_",
          "a",
          "a-",
          "aa",
          "b",
          std::string(128, 'x'),
          "z",
          "|",
          "~"};
}

inline std::string CheckSR09KeysAscendByBytes(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  const std::vector<std::string> ids = IdsInOrder();
  for (size_t i = 0; i < ids.size(); ++i) probe.Put(probe.Member(ids[(i * 7 + 3) % ids.size()]));
  for (const size_t limit : {size_t{1}, size_t{2}, size_t{7}, VisitBatch::kMax})
    probe.Expect(probe.Members(limit) == ids, "the order of the ids is another");
  // From an id that is not there.
  const std::vector<std::string> from_b =
      probe.Walk({RecordKind::kMember, probe.organization, "ab", 3});
  probe.Expect(from_b == std::vector<std::string>(ids.end() - 5, ids.end()),
               "what lies behind an id that is not there is another");
  probe.Expect(probe.Walk({RecordKind::kMember, probe.organization, "~", 3}).empty(),
               "something lies behind the last one");
  return probe.problem;
}

// Neither other Organizations, whose ids begin alike, nor records of other kinds.
inline std::string CheckSR10RangesStayApart(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  const EntityId longer = probe.own + "-2";
  probe.Put(probe.Member("m"));
  probe.Put(RecordKey::Member(longer, "n"));
  const std::vector<std::pair<RecordKey, std::string>> others = {
      {RecordKey::MemberName(probe.organization, "x"), Named("m")},
      {RecordKey::MemberEmail(probe.organization, "x@example.com"), Named("m")},
      {RecordKey::OrganizationName(probe.own), Named(probe.own)}};
  for (const auto& [key, record] : others)
    probe.Expect(CommitTo(probe.store, {{key, 0, record}}) == CommitOutcome::kCommitted,
                 "a commit did not succeed");
  probe.Expect(probe.Members(5) == std::vector<std::string>{"m"}, "a Member of another is found");
  probe.Expect(probe.Walk({RecordKind::kMember, longer, {}, 5}) == std::vector<std::string>{"n"},
               "a Member of another is found");
  probe.Expect(probe.Walk({RecordKind::kMember, probe.own + "-3", {}, 5}).empty(),
               "an Organization that is not there has Members");
  probe.Put(RecordKey::Organization(probe.organization));
  probe.Put(RecordKey::Organization(longer));
  std::vector<std::string> found;  // others share the store
  for (const std::string& id : probe.Walk({RecordKind::kOrganization, {}, {}, 3})) {
    if (id.rfind(probe.own, 0) == 0) found.push_back(id);
  }
  probe.Expect(found == std::vector<std::string>({probe.own, longer.str()}),
               "the Organizations are others");
  return probe.problem;
}

// What is committed is seen at once, and so is what is deleted; a record comes back as it was
// written.
inline std::string CheckSR10SeesWhatIsCommitted(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  const RecordKey key = probe.Member("m");
  for (const char* name : {"one", "two", "three"}) {
    probe.Put(key, name);
    size_t seen = 0;
    probe.Walk({RecordKind::kMember, probe.organization, {}, 2},
               [&](const RecordKey& found, std::string_view bytes) {
                 ++seen;
                 probe.Expect(found == key && bytes == probe.RecordOf(key, name),
                              "the record is not the one that was committed");
               });
    probe.Expect(seen == 1, "what was committed is not seen, or twice");
  }
  probe.Delete(key);
  probe.Expect(probe.Members(2).empty(), "what was deleted is still there");
  return probe.problem;
}

// Members that stay are found exactly once by each walk, while others write them, and make and
// delete those between (SR-10). Each record is one that was written, whole.
inline std::string CheckSR10FoundOnceUnderWrites(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  constexpr int kStaying = 60;
  constexpr int kWalks = 12;
  constexpr int kRounds = 100;  // of writes, for the walks to go on beside
  const auto staying = [&](int i) { return probe.Member("m" + std::to_string(1000 + i)); };
  for (int i = 0; i < kStaying; ++i) probe.Put(staying(i));
  std::atomic<bool> done{false};
  std::atomic<int> rounds{0};
  std::vector<DirectoryProbe> writers(2, probe);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < writers.size(); ++t) {
    threads.emplace_back([&, t] {
      DirectoryProbe& writer = writers[t];
      for (int round = 0; !done; ++round, ++rounds) {
        const int i = round % (kStaying / 2) * 2 + static_cast<int>(t);  // none has two writers
        writer.Put(staying(i), std::string(static_cast<size_t>(round) % 90 + 1, 'n'));
        const RecordKey passing =
            writer.Member("m" + std::to_string(1000 + i) + (t == 0 ? "-a" : "-b"));
        writer.Put(passing);
        writer.Delete(passing);
      }
    });
  }
  for (int walk = 0; (walk < kWalks || rounds < kRounds) && probe.problem.empty(); ++walk) {
    std::map<std::string, int> times;
    probe.Walk({RecordKind::kMember, probe.organization, {}, static_cast<size_t>(walk % 9 + 1)},
               [&](const RecordKey& key, std::string_view bytes) {
                 ++times[key.id().str()];
                 MemberRecord record;
                 const bool whole = Unpack(key, bytes, &record);
                 probe.Expect(
                     whole && (record.name == "name" ||
                               record.name.find_first_not_of('n') == std::string_view::npos),
                     "a record is none that was written");
               });
    for (int i = 0; i < kStaying; ++i)
      probe.Expect(times["m" + std::to_string(1000 + i)] == 1,
                   "a record that stays was not found exactly once");
    for (const auto& [id, count] : times) probe.Expect(count == 1, "a record was found twice");
  }
  done = true;
  for (std::thread& thread : threads) thread.join();
  for (const DirectoryProbe& writer : writers) probe.Expect(writer.problem.empty(), writer.problem);
  return probe.problem;
}

inline std::string CheckSR11LimitHolds(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  for (int i = 0; i < 20; ++i) probe.Put(probe.Member("m" + std::to_string(100 + i)));
  VisitBatch batch;
  for (const size_t limit : {size_t{1}, size_t{19}, size_t{20}, size_t{21}}) {
    batch.Ask({RecordKind::kMember, probe.organization, {}, limit});
    probe.Expect(probe.directory.Visit(batch) && !batch.broke() && batch.size() <= limit,
                 "more was visited than was asked for");
    probe.Expect(!batch.at_end() || batch.size() == 20, "the end is told before it is reached");
  }
  return probe.problem;
}

inline std::string CheckSR13TellsTheOrganizationsOfAnId(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  const std::string id = "id-" + probe.own;
  const auto found = [&] {
    std::vector<EntityId> organizations;
    probe.Expect(probe.directory.OrganizationsOf(id, &organizations), "a look-up failed");
    std::sort(organizations.begin(), organizations.end());
    return organizations;
  };
  std::vector<EntityId> expected;
  probe.Expect(found().empty(), "an id that is not there has an Organization");
  for (const char* end : {"-b", "-a", ""}) {
    const EntityId organization = probe.own + end;
    probe.Put(RecordKey::Organization(organization));
    probe.Put(RecordKey::Member(organization, id));
    probe.Put(RecordKey::Member(organization, id + "-longer"));
    probe.Expect(CommitTo(probe.store, {{RecordKey::MemberName(organization, id), 0,
                                         Named("x")}}) == CommitOutcome::kCommitted,
                 "a commit did not succeed");
    expected.insert(expected.begin(), organization);
    if (expected.size() <= 2)
      probe.Expect(found() == expected, "the Organizations of an id are others");
    else
      probe.Expect(found().size() >= 2, "of three Organizations fewer than two are told");
  }
  probe.Delete(RecordKey::Member(expected[0], id));
  probe.Delete(RecordKey::Member(expected[1], id));
  probe.Expect(found() == std::vector<EntityId>{expected[2]},
               "a deleted record has an Organization");
  return probe.problem;
}

inline std::string CheckK12DirectoryFailsOnDamage(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  for (const char* id : {"a", "b", "c"}) probe.Put(probe.Member(id));
  sut.damage(probe.Member("b"));
  VisitBatch batch;
  batch.Ask({RecordKind::kMember, probe.organization, {}, 10});
  probe.Expect(!probe.directory.Visit(batch), "a damaged record was passed over, or shown");
  batch.Ask({RecordKind::kMember, probe.organization, "b", 10});
  probe.Expect(probe.directory.Visit(batch) && batch.size() == 1,
               "a damaged record made those behind it unreadable");
  return probe.problem;
}

inline std::string CheckK12DirectoryFailsUnreachable(DirectoryUnderTest& sut) {
  DirectoryProbe probe(sut);
  probe.Put(probe.Member("a"));
  sut.unreachable(true);
  VisitBatch batch;
  batch.Ask({RecordKind::kMember, probe.organization, {}, 10});
  probe.Expect(!probe.directory.Visit(batch), "a visit succeeded without a server");
  std::vector<EntityId> organizations;
  probe.Expect(!probe.directory.OrganizationsOf("a", &organizations),
               "a look-up succeeded without a server");
  sut.unreachable(false);
  return probe.problem;
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_DIRECTORY_CHECKS_H_
