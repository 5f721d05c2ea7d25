// SPDX-License-Identifier: Apache-2.0
// The kit rejects stores that are wrong in one thing: each is the memory store with one fault, and
// the check named beside it must find that fault (B-16).
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "fragile_store.h"

namespace otpcore {
namespace testing {
namespace {

TEST(StoreKit, AcceptsTheStoreThatIsBrokenBelow) {
  FragileStore store;
  EXPECT_EQ(Failures(&store), std::set<std::string>());
}

TEST(StoreKit, SkipsEachCheckWhoseHookIsMissing) {
  std::set<std::string> missing;
  for (const StoreCheck& check : AllStoreChecks())
    if (!check.CanRun(StoreUnderTest())) missing.insert(check.lacks(StoreUnderTest()));
  EXPECT_EQ(missing, (std::set<std::string>{"begin_epoch", "crash", "damage", "freeze", "pass_time",
                                            "unreachable"}));
}

struct Defect {
  const char* name;
  const char* found_by;
  std::function<void(FragileStore*)> plant;
};

void PrintTo(const Defect& defect, std::ostream* out) { *out << defect.name; }

class BrokenStore : public ::testing::TestWithParam<Defect> {};

TEST_P(BrokenStore, IsRejected) {
  // Never destroyed: of a store in which hosts hang, they still are in it.
  static auto& stores = *new std::vector<std::unique_ptr<FragileStore>>;
  stores.push_back(std::make_unique<FragileStore>());
  GetParam().plant(stores.back().get());
  const std::set<std::string> failures = Failures(stores.back().get());
  EXPECT_EQ(failures.count(GetParam().found_by), 1u)
      << "found by " << failures.size() << " checks"
      << (failures.empty() ? "" : ", among them " + *failures.begin());
}

// What a store may make of a key; without the separator, in one of the wrong ways.
std::string TextKey(const RecordKey& key, const char* separator) {
  return std::to_string(static_cast<int>(key.kind())) + separator + key.organization().str() +
         separator + key.name().str();
}
std::string BytesOf(const RecordKey& key) { return std::string(key.bytes()); }
std::function<CommitOutcome(CommitOutcome, int)> SaysOften(CommitOutcome instead, int each) {
  return [=](CommitOutcome outcome, int commit) {
    return outcome == CommitOutcome::kCommitted && commit % each == 0 ? instead : outcome;
  };
}
template <typename R>
void Spoil(FragileStore* s, const std::function<void(R*)>& change) {
  s->spoil = [=](const RecordKey& key, std::string* bytes) { ChangeRecord<R>(key, bytes, change); };
}
// `changed` holds what `change` makes of a Member's name.
void SpoilName(FragileStore* s, void (*change)(std::string*)) {
  const auto changed = std::make_shared<std::string>();
  Spoil<MemberRecord>(s, [=](MemberRecord* member) {
    *changed = std::string(member->name);
    change(changed.get());
    member->name = *changed;
  });
}

// ---- Content that a store may take for text ----

void TrimNuls(std::string* text) {
  while (!text->empty() && text->back() == '\0') text->pop_back();
}
void EndAtNul(std::string* text) { *text = std::string(text->c_str()); }
void CutAt255(std::string* text) { *text = text->substr(0, 255); }
void MendUtf8(std::string* text) { std::replace(text->begin(), text->end(), '\xFF', '?'); }

bool IsDelete(const Write& write) { return write.record.empty(); }
void ByKey(std::vector<Write>* writes) {
  std::sort(writes->begin(), writes->end(),
            [](const Write& a, const Write& b) { return a.key->bytes() < b.key->bytes(); });
}
void AsTheyCome(std::vector<Write>*) {}

const std::vector<Defect> kWriteDefects = {
    {"LooksAtNoRevision", "K01_StaleReadsConflict",
     [](FragileStore* s) { s->looks_at = [](size_t, const Write&) { return false; }; }},
    {"LooksAtTheFirstRevisionOnly", "K01_StaleReadsConflict",
     [](FragileStore* s) { s->looks_at = [](size_t i, const Write&) { return i == 0; }; }},
    {"DeletesWithoutLooking", "K01_StaleReadsConflict",
     [](FragileStore* s) {
       s->looks_at = [](size_t, const Write& write) { return !IsDelete(write); };
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
     [](FragileStore* s) { s->applies = [](size_t i, const Write&) { return i == 0; }; }},
    {"AppliesHalfOfSixWrites", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->applies = [](size_t i, const Write&) { return i < 3; }; }},
    {"AppliesFiveWritesAtMost", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->applies = [](size_t i, const Write&) { return i < 5; }; }},
    {"AppliesUntilItMeetsAConflict", "K05_CommitsAreAtomic",
     [](FragileStore* s) { s->checks_as_it_goes = true; }},
    {"LetsOthersInBetweenCheckAndWrite", "K09_OneKeyIsLinearizable",
     [](FragileStore* s) { s->leaves_a_gap = [](const Write&) { return true; }; }},
    {"LetsOthersInBeforeACreate", "K09_OneCommitPerRevision",
     [](FragileStore* s) { s->leaves_a_gap = [](const Write& w) { return w.expected == 0; }; }},
    {"LetsOthersInBeforeADelete", "K09_OneCommitPerRevision",
     [](FragileStore* s) { s->leaves_a_gap = IsDelete; }},
    {"LocksOnlyRowsThatExist", "K09_OneCommitPerRevision",
     [](FragileStore* s) {
       s->leaves_a_gap = [](const Write&) { return true; };
       s->locks_rows = ByKey;
       s->row_lock_timeout = std::chrono::seconds(20);
     }},
    {"GivesUpALockOfAnotherOrder", "K05_CommitsAreAtomic",
     [](FragileStore* s) {
       s->locks_rows = AsTheyCome;
       s->row_lock_timeout = std::chrono::milliseconds(50);
     }},
    {"WaitsForEverForALockOfAnotherOrder", "K05_CommitsAreAtomic",
     [](FragileStore* s) {
       s->locks_rows = AsTheyCome;
       s->row_lock_timeout = std::chrono::hours(24);
       s->loads_wait_for_rows = true;
       s->call_timeout = std::chrono::milliseconds(500);
     }},
    {"LetsOthersInBetweenTwoWrites", "K05_CommitsAreAtomic",
     [](FragileStore* s) {
       s->leaves_a_gap = [](const Write&) { return true; };
       s->checks_as_it_goes = true;
     }},
    {"SaysCommittedAndAppliesNothing", "K02_OutcomesAreTrue",
     [](FragileStore* s) {
       s->applies = [n = 0](size_t, const Write&) mutable { return ++n % 5 != 0; };
     }},
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
       s->spoil = [](const RecordKey&, std::string* bytes) { TrimNuls(bytes); };
     }},
    {"EndsARecordAtTheFirstNul", "K07_BytesComeBackExactly",
     [](FragileStore* s) {
       s->spoil = [](const RecordKey&, std::string* bytes) { EndAtNul(bytes); };
     }},
    {"MendsWhatIsNotUtf8", "K07_BytesComeBackExactly",
     [](FragileStore* s) {
       s->spoil = [](const RecordKey&, std::string* bytes) { MendUtf8(bytes); };
     }},
    {"DropsTheBytesOfNewerVersions", "K07_BytesComeBackExactly",
     [](FragileStore* s) {
       s->spoil = [](const RecordKey& key, std::string* bytes) {
         MemberRecord member;
         if (Unpack(key, *bytes, &member)) *bytes = Packed(member);
       };
     }},
    {"TrimsTrailingNulsOfNames", "K07_BytesComeBackExactly",
     [](FragileStore* s) { SpoilName(s, TrimNuls); }},
    {"EndsNamesAtTheFirstNul", "K07_BytesComeBackExactly",
     [](FragileStore* s) { SpoilName(s, EndAtNul); }},
    {"CutsLongNames", "K07_BytesComeBackExactly", [](FragileStore* s) { SpoilName(s, CutAt255); }},
    {"MendsNamesThatAreNotUtf8", "K07_BytesComeBackExactly",
     [](FragileStore* s) { SpoilName(s, MendUtf8); }},
    {"HasNoRoomForTheLongestRecord", "K07_RecordsComeBackWhole",
     [](FragileStore* s) { s->record_bytes_max = 1500; }},
    {"HasNoRoomForRecordsToCome", "K07_RecordsComeBackWhole",
     [](FragileStore* s) { s->record_bytes_max = kMemberRecordBytesMax - 1; }},
    {"KeepsNoOrganizations", "K07_RecordsComeBackWhole",
     [](FragileStore* s) {
       s->applies = [](size_t, const Write& write) {
         return write.key->kind() != RecordKind::kOrganization;
       };
     }},
    {"CutsTimesTo32Bits", "K07_RecordsComeBackWhole",
     [](FragileStore* s) {
       Spoil<PhoneClaim>(s, [](PhoneClaim* claim) {
         claim->lease_end = Instant::FromUnixMillis(claim->lease_end.unix_millis() & 0xFFFFFFFF);
       });
     }},
    {"KeepsTimesInSeconds", "K07_RecordsComeBackWhole",
     [](FragileStore* s) {
       Spoil<PhoneClaim>(s, [](PhoneClaim* claim) {
         claim->lease_end = claim->lease_end - Duration(claim->lease_end.unix_millis() % 1000);
       });
     }},
    {"ForgetsTheOldestFailure", "K07_RecordsComeBackWhole",
     [](FragileStore* s) {
       Spoil<MemberRecord>(s, [](MemberRecord* member) {
         if (member->failures.recent.count == kFailureTimesMax) member->failures.recent.RemoveAt(0);
       });
     }},
    {"CutsLongKeys", "K07_KeysCompareBytewise",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) {
         return BytesOf(key).substr(0, RecordKey::kBytesMax - 1);
       };
     }},
    {"ComparesKeysWithoutCase", "K07_KeysCompareBytewise",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) {
         std::string bytes = BytesOf(key);
         for (char& c : bytes) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
         return bytes;
       };
     }},
    {"TrimsSpacesOfKeys", "K07_KeysCompareBytewise",
     [](FragileStore* s) {
       s->key_of = [](const RecordKey& key) {
         std::string bytes = BytesOf(key);
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
       s->key_of = [](const RecordKey& key) { return BytesOf(key).substr(1); };
     }},
    {"ForgetsTheOrganizationOfAKey", "K08_KeysStayApart",
     [](FragileStore* s) { s->key_of = [](const RecordKey& key) { return key.name().str(); }; }},
};
INSTANTIATE_TEST_SUITE_P(Content, BrokenStore, ::testing::ValuesIn(kContentDefects),
                         [](const auto& defect) { return std::string(defect.param.name); });

const std::vector<Defect> kReadDefects = {
    {"DropsRecordsAfterAMonth", "K06_NothingExpiresInFortyDays",
     [](FragileStore* s) {
       s->forgets = [](const FragileStore::Entry& entry, Instant now) {
         return now > entry.written + std::chrono::hours(24 * 30);
       };
     }},
    {"DropsMembersWhoseChallengeExpired", "K06_NothingExpires",
     [](FragileStore* s) {
       s->forgets = [](const FragileStore::Entry& entry, Instant now) {
         MemberRecord member;
         return Unpack(entry.key, entry.record, &member) && member.challenge.expires_at < now;
       };
     }},
    {"DropsClaimsWhoseLeaseEnded", "K06_NothingExpires",
     [](FragileStore* s) {
       s->forgets = [](const FragileStore::Entry& entry, Instant now) {
         PhoneClaim claim;
         return Unpack(entry.key, entry.record, &claim) && !claim.permanent &&
                claim.lease_end < now;
       };
     }},
    {"ShowsOldContentWithTheNewRevision", "K09_OneKeyIsLinearizable",
     [](FragileStore* s) {
       // A cache of records that is not asked whether its content is still the latest one.
       auto cache = std::make_shared<std::map<std::string, std::pair<std::string, int>>>();
       s->shows = [cache](std::vector<StoredRecord> records) {
         for (StoredRecord& shown : records) {
           auto& [record, uses] = (*cache)[BytesOf(shown.key)];
           if (shown.revision == 0 || uses == 0) {
             record = shown.bytes;
             uses = shown.revision == 0 ? 0 : 3;
           }
           if (shown.revision != 0) shown.bytes = record;
           --uses;
         }
         return records;
       };
     }},
    {"AnswersInAnotherOrder", "K05_CommitsAreAtomic",
     [](FragileStore* s) {
       s->shows = [](std::vector<StoredRecord> records) {
         std::reverse(records.begin(), records.end());
         return records;
       };
     }},
    {"LeavesOutAbsentRecords", "K05_CommitsAreAtomic",  // what is behind them takes their places
     [](FragileStore* s) {
       s->shows = [](std::vector<StoredRecord> records) {
         records.erase(std::remove_if(records.begin(), records.end(),
                                      [](const StoredRecord& one) { return one.revision == 0; }),
                       records.end());
         return records;
       };
     }},
    {"ShowsADeletedRecordAsAnEmptyOne", "K03_RevisionsNeverRepeat",
     [](FragileStore* s) {
       auto latest = std::make_shared<std::map<std::string, Revision>>();
       s->shows = [latest](std::vector<StoredRecord> records) {
         for (StoredRecord& shown : records) {
           Revision& revision = (*latest)[BytesOf(shown.key)];
           if (shown.revision == 0 && revision != 0) shown.revision = revision + 1;
           revision = shown.revision;
         }
         return records;
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
    {"HandsOnWhatIsLeftOfARecord", "K12_DamagedRecordsFailClosed",
     [](FragileStore* s) { s->hands_on_damage = true; }},
    {"TakesUnreachableForEmpty", "K12_UnreachableFailsClosed",
     [](FragileStore* s) { s->reads_without_server = true; }},
    {"MixesUpMarks", "K10_DoubtIsResolvedByTheMark",
     [](FragileStore* s) {
       Spoil<MemberRecord>(s, [](MemberRecord* member) { member->mark = OperationMark(); });
     }},
};
INSTANTIATE_TEST_SUITE_P(Reads, BrokenStore, ::testing::ValuesIn(kReadDefects),
                         [](const auto& defect) { return std::string(defect.param.name); });

}  // namespace
}  // namespace testing
}  // namespace otpcore
