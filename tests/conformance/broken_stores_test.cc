// The kit rejects stores that are wrong in one thing: each is the memory store with one fault, and
// the check named beside it must find that fault (B-16).
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "otpcore/memory_store.h"
#include "otpcore/testing/store_kit.h"

namespace otpcore {
namespace testing {
namespace {

// A small store with a place to go wrong at every step. Without a fault it passes the kit.
class FragileStore final : public Store {
 public:
  struct Entry {
    Revision revision = 0;
    Record record;
    Instant written;
  };
  using Entries = std::map<std::string, Entry>;

  // ---- Faults ----
  std::function<std::string(const RecordKey&)> key_of = EncodeKey;
  std::function<bool(size_t, const Write&)> looks_at = [](size_t, const Write&) { return true; };
  std::function<bool(size_t)> applies = [](size_t) { return true; };
  std::function<void(Record*)> spoil;
  std::function<bool(const Entry&, Instant)> forgets;
  std::function<LoadResult(LoadResult)> shows;
  std::function<CommitOutcome(CommitOutcome, int)> says;
  CommitOutcome frozen_answer = CommitOutcome::kUnknown;
  bool checks_as_it_goes = false;
  bool leaves_a_gap = false;
  bool counts_per_key = false;
  bool keeps_revision_of_same_content = false;
  bool forgets_counter_in_crash = false;
  bool loses_latest_in_crash = false;
  bool hides_damage = false;
  bool reads_without_server = false;
  bool announces_epoch = true;

  // ---- Store ----
  LoadResult Load(const std::vector<RecordKey>& keys) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    LoadResult result;
    if ((down_ || frozen_) && !reads_without_server) return result;
    result.ok = true;
    result.epoch = announces_epoch ? epoch_ : 0;
    for (const RecordKey& key : keys) {
      LoadedRecord& loaded = result.records.emplace_back();
      loaded.key = key;
      const std::string bytes = key_of(key);
      if (damaged_.count(bytes) != 0 && !hides_damage) return LoadResult();
      const auto found = entries_.find(bytes);
      if (found == entries_.end() || damaged_.count(bytes) != 0 || down_ || frozen_) continue;
      if (forgets && forgets(found->second, now_)) continue;
      loaded.revision = found->second.revision;
      loaded.record = found->second.record;
    }
    return shows ? shows(std::move(result)) : result;
  }

  CommitOutcome Commit(const Changes& changes) override {
    std::unique_lock<std::mutex> lock(mutex_);
    const int commit = ++commits_;
    if (down_) return CommitOutcome::kUnavailable;
    const std::vector<Write>& writes = changes.writes;
    for (size_t i = 0; i < writes.size() && !checks_as_it_goes; ++i) {
      if (!Matches(i, writes[i])) return Say(CommitOutcome::kConflict, commit);
    }
    saved_ = entries_;
    for (size_t i = 0; i < writes.size(); ++i) {
      if (checks_as_it_goes && !Matches(i, writes[i])) return CommitOutcome::kConflict;
      if (leaves_a_gap) {
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::microseconds(200));
        lock.lock();
      }
      if (applies(i)) Apply(writes[i]);
    }
    if (frozen_) return frozen_answer;
    return Say(CommitOutcome::kCommitted, commit);
  }

  // ---- What a test does to it ----
  StoreUnderTest Sut() {
    StoreUnderTest sut;
    sut.store = this;
    sut.crash = [this] {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (loses_latest_in_crash) entries_ = saved_;
      if (forgets_counter_in_crash) last_revision_ = 0;
    };
    sut.freeze = [this](bool on) { frozen_ = on; };
    sut.unreachable = [this](bool on) { down_ = on; };
    sut.damage = [this](const RecordKey& key) { damaged_.insert(key_of(key)); };
    sut.begin_epoch = [this](uint64_t epoch) { epoch_ = epoch; };
    sut.pass_time = [this](Duration by) { now_ = now_ + by; };
    return sut;
  }

 private:
  bool Matches(size_t place, const Write& write) {
    const auto found = entries_.find(key_of(write.key));
    const Revision revision = found == entries_.end() ? 0 : found->second.revision;
    return revision == write.expected || !looks_at(place, write);
  }
  void Apply(const Write& write) {
    const std::string key = key_of(write.key);
    if (std::holds_alternative<std::monostate>(write.record)) {
      entries_.erase(key);
      return;
    }
    Entry& entry = entries_[key];
    const bool same =
        EncodeRecord(write.key, entry.record) == EncodeRecord(write.key, write.record);
    if (!(keeps_revision_of_same_content && same && entry.revision != 0))
      entry.revision = counts_per_key ? entry.revision + 1 : ++last_revision_;
    entry.record = write.record;
    entry.written = now_;
    if (spoil) spoil(&entry.record);
  }
  CommitOutcome Say(CommitOutcome outcome, int commit) {
    return says ? says(outcome, commit) : outcome;
  }

  std::mutex mutex_;
  Entries entries_;
  Entries saved_;
  std::set<std::string> damaged_;
  Revision last_revision_ = 0;
  uint64_t epoch_ = 0;
  Instant now_ = Instant::FromUnixMillis(1767225600000);
  int commits_ = 0;
  bool frozen_ = false;
  bool down_ = false;
};

// The checks that `store` fails, by name.
std::set<std::string> Failures(FragileStore* store) {
  std::set<std::string> failed;
  StoreUnderTest sut = store->Sut();
  for (const StoreCheck& check : AllStoreChecks()) {
    EXPECT_TRUE(check.CanRun(sut)) << check.name;
    if (!check.run(sut).empty()) failed.insert(check.name);
  }
  return failed;
}

TEST(StoreKit, AcceptsTheStoreThatIsBrokenBelow) {
  FragileStore store;
  EXPECT_EQ(Failures(&store), std::set<std::string>());
}

struct Defect {
  const char* name;
  const char* found_by;
  std::function<void(FragileStore*)> plant;
};

void PrintTo(const Defect& defect, std::ostream* out) { *out << defect.name; }

class BrokenStore : public ::testing::TestWithParam<Defect> {};

TEST_P(BrokenStore, IsRejected) {
  FragileStore store;
  GetParam().plant(&store);
  const std::set<std::string> failures = Failures(&store);
  EXPECT_EQ(failures.count(GetParam().found_by), 1u)
      << "found by " << failures.size() << " checks"
      << (failures.empty() ? "" : ", among them " + *failures.begin());
}

const MemberRecord* MemberIn(const FragileStore::Entry& entry) {
  return std::get_if<MemberRecord>(&entry.record);
}
std::string TextKey(const RecordKey& key, const char* separator) {
  return std::to_string(static_cast<int>(key.kind)) + separator + key.organization.str() +
         separator + key.name.str();
}
std::function<CommitOutcome(CommitOutcome, int)> SaysOften(CommitOutcome instead, int each) {
  return [=](CommitOutcome outcome, int commit) {
    return outcome == CommitOutcome::kCommitted && commit % each == 0 ? instead : outcome;
  };
}
void MapName(FragileStore* s, void (*change)(std::string*)) {
  s->spoil = [=](Record* record) {
    if (auto* member = std::get_if<MemberRecord>(record)) change(&member->name);
  };
}

const std::vector<Defect> kWriteDefects = {
    {"LooksAtNoRevision", "K01_StaleReadsConflict",
     [](FragileStore* s) { s->looks_at = [](size_t, const Write&) { return false; }; }},
    {"LooksAtTheFirstRevisionOnly", "K01_StaleReadsConflict",
     [](FragileStore* s) { s->looks_at = [](size_t i, const Write&) { return i == 0; }; }},
    {"DeletesWithoutLooking", "K01_StaleReadsConflict",
     [](FragileStore* s) {
       s->looks_at = [](size_t, const Write& write) {
         return !std::holds_alternative<std::monostate>(write.record);
       };
     }},
    {"CreatesOverWhatIsThere", "K02_OutcomesAreTrue",
     [](FragileStore* s) { s->looks_at = [](size_t, const Write& w) { return w.expected != 0; }; }},
    {"NestedCommitsBothSucceed", "K01_NestedCommitsSucceedOnce",
     [](FragileStore* s) { s->looks_at = [](size_t i, const Write&) { return i != 1; }; }},
    {"RestartsRevisionsAfterDelete", "K03_RevisionsNeverRepeat",
     [](FragileStore* s) { s->counts_per_key = true; }},
    {"KeepsTheRevisionOfEqualContent", "K03_RevisionsNeverRepeat",
     [](FragileStore* s) { s->keeps_revision_of_same_content = true; }},
    {"AppliesOnlyTheFirstWrite", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->applies = [](size_t i) { return i == 0; }; }},
    {"AppliesHalfOfFiveWrites", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->applies = [](size_t i) { return i < 3; }; }},
    {"AppliesUntilItMeetsAConflict", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->checks_as_it_goes = true; }},
    {"LetsOthersInBetweenCheckAndWrite", "K09_OneKeyIsLinearizable",
     [](FragileStore* s) { s->leaves_a_gap = true; }},
    {"LetsOthersInBetweenTwoWrites", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->leaves_a_gap = s->checks_as_it_goes = true; }},
    {"SaysCommittedAndAppliesNothing", "K02_OutcomesAreTrue",
     [](FragileStore* s) { s->applies = [n = 0](size_t) mutable { return ++n % 5 != 0; }; }},
    {"SaysUnavailableAfterApplying", "K02_OutcomesAreTrue",
     [](FragileStore* s) { s->says = SaysOften(CommitOutcome::kUnavailable, 7); }},
    {"SaysConflictAfterApplying", "K09_OneKeyIsLinearizable",
     [](FragileStore* s) { s->says = SaysOften(CommitOutcome::kConflict, 7); }},
    {"SaysUnavailableAfterATimeout", "K02_TimeoutIsUnknown",
     [](FragileStore* s) { s->frozen_answer = CommitOutcome::kUnavailable; }},
    {"SaysConflictAfterATimeout", "K02_TimeoutIsUnknown",
     [](FragileStore* s) { s->frozen_answer = CommitOutcome::kConflict; }},
};
INSTANTIATE_TEST_SUITE_P(Writes, BrokenStore, ::testing::ValuesIn(kWriteDefects),
                         [](const auto& defect) { return std::string(defect.param.name); });

const std::vector<Defect> kContentDefects = {
    {"TrimsTrailingNuls", "K07_BytesComeBackExactly",
     [](FragileStore* s) {
       MapName(s, [](std::string* name) {
         while (!name->empty() && name->back() == '\0') name->pop_back();
       });
     }},
    {"EndsTextAtTheFirstNul", "K07_BytesComeBackExactly",
     [](FragileStore* s) {
       MapName(s, [](std::string* name) { *name = std::string(name->c_str()); });
     }},
    {"CutsLongText", "K07_BytesComeBackExactly",
     [](FragileStore* s) { MapName(s, [](std::string* name) { *name = name->substr(0, 255); }); }},
    {"MendsWhatIsNotUtf8", "K07_BytesComeBackExactly",
     [](FragileStore* s) {
       MapName(s, [](std::string* name) { std::replace(name->begin(), name->end(), '\xFF', '?'); });
     }},
    {"ComparesKeysWithoutCase", "K07_KeysCompareBytewise",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) {
         std::string bytes = EncodeKey(key);
         for (char& c : bytes) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
         return bytes;
       };
     }},
    {"TrimsSpacesOfKeys", "K07_KeysCompareBytewise",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) {
         std::string bytes = EncodeKey(key);
         while (bytes.back() == ' ') bytes.pop_back();
         return bytes;
       };
     }},
    {"TakesKeysForCStrings", "K07_KeysCompareBytewise",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) { return std::string(TextKey(key, ":").c_str()); };
     }},
    {"JoinsKeysWithoutLengths", "K08_KeysStayApart",
     [](FragileStore* s) { s->key_of = [](const RecordKey& key) { return TextKey(key, ""); }; }},
    {"JoinsKeysWithASeparator", "K08_KeysStayApart",
     [](FragileStore* s) { s->key_of = [](const RecordKey& key) { return TextKey(key, "|"); }; }},
    {"ForgetsTheKindOfAKey", "K08_KeysStayApart",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) { return EncodeKey(key).substr(1); };
     }},
    {"ForgetsTheOrganizationOfAKey", "K08_KeysStayApart",
     [](FragileStore* s) { s->key_of = [](const RecordKey& key) { return key.name.str(); }; }},
};
INSTANTIATE_TEST_SUITE_P(Content, BrokenStore, ::testing::ValuesIn(kContentDefects),
                         [](const auto& defect) { return std::string(defect.param.name); });

const std::vector<Defect> kReadDefects = {
    {"DropsRecordsAfterAMonth", "K06_NothingExpires",
     [](FragileStore* s) {
       s->forgets = [](const FragileStore::Entry& entry, Instant now) {
         return now > entry.written + std::chrono::hours(24 * 30);
       };
     }},
    {"DropsMembersWhoseChallengeExpired", "K06_NothingExpires",
     [](FragileStore* s) {
       s->forgets = [](const FragileStore::Entry& entry, Instant now) {
         return MemberIn(entry) != nullptr && MemberIn(entry)->challenge.expires_at < now;
       };
     }},
    {"DropsClaimsWhoseLeaseEnded", "K06_NothingExpires",
     [](FragileStore* s) {
       s->forgets = [](const FragileStore::Entry& entry, Instant now) {
         const auto* claim = std::get_if<PhoneClaim>(&entry.record);
         return claim != nullptr && !claim->permanent && claim->lease_end < now;
       };
     }},
    {"ShowsOldContentWithTheNewRevision", "K09_OneKeyIsLinearizable",
     [](FragileStore* s) {
       // A cache of records that is not asked whether its content is still the latest one.
       auto cache = std::make_shared<std::map<std::string, std::pair<Record, int>>>();
       s->shows = [cache](Store::LoadResult result) {
         for (LoadedRecord& loaded : result.records) {
           auto& [record, uses] = (*cache)[EncodeKey(loaded.key)];
           if (loaded.revision == 0 || uses == 0) {
             record = loaded.record;
             uses = loaded.revision == 0 ? 0 : 3;
           }
           if (loaded.revision != 0) loaded.record = record;
           --uses;
         }
         return result;
       };
     }},
    {"AnswersInAnotherOrder", "K05_CommitsAreAtomic",
     [](FragileStore* s) {
       s->shows = [](Store::LoadResult result) {
         std::reverse(result.records.begin(), result.records.end());
         return result;
       };
     }},
    {"LeavesOutAbsentRecords", "K02_OutcomesAreTrue",
     [](FragileStore* s) {
       s->shows = [](Store::LoadResult result) {
         auto& all = result.records;
         all.erase(std::remove_if(all.begin(), all.end(),
                                  [](const LoadedRecord& one) { return one.revision == 0; }),
                   all.end());
         return result;
       };
     }},
    {"LosesTheLatestCommitInACrash", "K04_CommittedIsDurable",
     [](FragileStore* s) { s->loses_latest_in_crash = true; }},
    {"CountsRevisionsAnewAfterACrash", "K04_CommittedIsDurable",
     [](FragileStore* s) { s->forgets_counter_in_crash = true; }},
    {"KeepsARestoreToItself", "K11_EpochIsAnnounced",
     [](FragileStore* s) { s->announces_epoch = false; }},
    {"TakesDamagedForAbsent", "K12_DamagedRecordsFailClosed",
     [](FragileStore* s) { s->hides_damage = true; }},
    {"TakesUnreachableForEmpty", "K12_UnreachableFailsClosed",
     [](FragileStore* s) { s->reads_without_server = true; }},
    {"MixesUpMarks", "K10_DoubtIsResolvedByTheMark",
     [](FragileStore* s) {
       s->spoil = [](Record* record) {
         if (auto* member = std::get_if<MemberRecord>(record)) member->mark = OperationMark();
       };
     }},
};
INSTANTIATE_TEST_SUITE_P(Reads, BrokenStore, ::testing::ValuesIn(kReadDefects),
                         [](const auto& defect) { return std::string(defect.param.name); });

}  // namespace
}  // namespace testing
}  // namespace otpcore
