// SPDX-License-Identifier: Apache-2.0
#include "otpcore/storage/memory_store.h"

#include <gtest/gtest.h>

#include <thread>

#include "conformance/discovered_sessions.h"
#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/testing/doubles.h"
#include "otpcore/testing/records.h"

namespace otpcore {
namespace {

using testing::CommitTo;
using testing::LoadFrom;
using testing::StoredRecord;

RecordKey Key(const std::string& name) { return RecordKey::MemberName("o", name); }

CommitOutcome Put(MemoryStore& store, const std::string& name, Revision expected,
                  const std::string& value) {
  return CommitTo(store, {{Key(name), expected, value}});
}
StoredRecord Get(MemoryStore& store, const std::string& name) { return LoadFrom(store, Key(name)); }

TEST(MemoryStore, KeepsWhatWasCommittedAndSaysWhatIsAbsent) {
  MemoryStore store;
  EXPECT_EQ(Get(store, "a").revision, 0u);
  EXPECT_EQ(Put(store, "a", 0, "x"), CommitOutcome::kCommitted);
  EXPECT_EQ(Get(store, "a").bytes, "x");
  EXPECT_EQ(store.size(), 1u);
}

TEST(MemoryStore, RefusesAWriteOnAnotherRevision) {  // K-01, K-09
  MemoryStore store;
  ASSERT_EQ(Put(store, "a", 0, "x"), CommitOutcome::kCommitted);
  const Revision stale = Get(store, "a").revision;
  ASSERT_EQ(Put(store, "a", stale, "y"), CommitOutcome::kCommitted);
  EXPECT_EQ(Put(store, "a", stale, "z"), CommitOutcome::kConflict);
  EXPECT_EQ(Put(store, "a", 0, "z"), CommitOutcome::kConflict);
  EXPECT_EQ(Get(store, "a").bytes, "y");
}

TEST(MemoryStore, NeverRepeatsARevision) {  // K-03
  MemoryStore store;
  ASSERT_EQ(Put(store, "a", 0, "x"), CommitOutcome::kCommitted);
  const Revision first = Get(store, "a").revision;
  ASSERT_EQ(Put(store, "a", first, ""), CommitOutcome::kCommitted);
  ASSERT_EQ(Put(store, "a", 0, "x"), CommitOutcome::kCommitted);
  EXPECT_GT(Get(store, "a").revision, first);
}

TEST(MemoryStore, AppliesAllWritesOrNone) {  // K-05
  MemoryStore store;
  ASSERT_EQ(Put(store, "b", 0, "x"), CommitOutcome::kCommitted);
  EXPECT_EQ(
      CommitTo(store, {{Key("a"), 0, "y"}, {Key("b"), 0, "y"} /* wrong */, {Key("c"), 0, "y"}}),
      CommitOutcome::kConflict);
  EXPECT_EQ(Get(store, "a").revision, 0u);
  EXPECT_EQ(Get(store, "c").revision, 0u);
}

TEST(MemoryStore, ThreadsLoseNoUpdate) {  // K-09
  MemoryStore store;
  constexpr int kThreads = 4;
  constexpr int kRounds = 200;
  ASSERT_EQ(Put(store, "a", 0, "0"), CommitOutcome::kCommitted);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&store] {
      for (int done = 0; done < kRounds;) {
        const StoredRecord loaded = Get(store, "a");
        const int count = std::stoi(loaded.bytes);
        done += Put(store, "a", loaded.revision, std::to_string(count + 1)) ==
                CommitOutcome::kCommitted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get(store, "a").bytes, std::to_string(kThreads * kRounds));
}

TEST(MemoryStore, AnnouncesANewEpoch) {  // K-11
  MemoryStore store;
  const uint64_t before = LoadFrom(store, std::vector<RecordKey>{Key("a")}).epoch;
  store.BeginEpoch(before + 1);
  EXPECT_EQ(LoadFrom(store, std::vector<RecordKey>{Key("a")}).epoch, before + 1);
}

TEST(MemoryStore, KeepsEverythingAsItGrowsAndShrinks) {
  MemoryStore store;
  constexpr int kRecords = 20000;
  for (int i = 0; i < kRecords; i += 4) {
    std::vector<testing::StoredWrite> writes;
    for (int j = i; j < i + 4; ++j) {
      const std::string name = "n" + std::to_string(j);
      writes.push_back({Key(name), 0, name});
    }
    ASSERT_EQ(CommitTo(store, writes), CommitOutcome::kCommitted);
  }
  EXPECT_EQ(store.size(), size_t{kRecords});
  for (int i = 0; i < kRecords; ++i) {
    const std::string name = "n" + std::to_string(i);
    const StoredRecord loaded = Get(store, name);
    ASSERT_EQ(loaded.bytes, name);
    if (i % 2 == 0) continue;
    ASSERT_EQ(Put(store, name, loaded.revision, ""), CommitOutcome::kCommitted);
  }
  EXPECT_EQ(store.size(), size_t{kRecords / 2});
  EXPECT_EQ(Get(store, "n0").bytes, "n0");
  EXPECT_EQ(Get(store, "n1").revision, 0u);
}

TEST(MemoryStore, RefusesARecordThatItCannotKeep) {  // K-12
  MemoryStore store;
  ASSERT_EQ(Put(store, "a", 0, "x"), CommitOutcome::kCommitted);
  const Revision revision = Get(store, "a").revision;
  EXPECT_EQ(Put(store, "a", revision, std::string(4608, 'x')), CommitOutcome::kUnavailable);
  EXPECT_EQ(Get(store, "a").revision, revision);
  EXPECT_EQ(Get(store, "a").bytes, "x");
}

TEST(MemoryStore, KeepsRecordsOfEverySize) {  // K-07
  MemoryStore store;
  std::string value;
  Revision revision = 0;
  constexpr size_t kSizes[] = {1, 7, 8, 9, 300, 16, 1792, 2, 800};
  for (const size_t size : kSizes) {
    value.assign(size, static_cast<char>('a' + size % 20));
    ASSERT_EQ(Put(store, "a", revision, value), CommitOutcome::kCommitted);
    ASSERT_EQ(Get(store, "a").bytes, value);
    revision = Get(store, "a").revision;
  }
}

TEST(MemoryStore, TellsLongNamesApart) {  // K-08
  const std::string x(254, 'x');
  std::vector<RecordKey> keys;
  for (const char* organization : {"ab", "ac"}) {
    for (const std::string& name : {x.substr(0, 128), "\x80" + x.substr(0, 128), x.substr(0, 129),
                                    x.substr(0, 253), x, x.substr(0, 253) + 'y'})
      keys.push_back(RecordKey::MemberEmail(organization, name));
  }
  MemoryStore store;
  for (size_t i = 0; i < keys.size(); ++i)
    EXPECT_EQ(CommitTo(store, {{keys[i], 0, std::to_string(i)}}), CommitOutcome::kCommitted) << i;
  const auto loaded = LoadFrom(store, keys);
  for (size_t i = 0; i < keys.size(); ++i) EXPECT_EQ(loaded.records[i].bytes, std::to_string(i));
}

TEST(MemorySessionDirectory, FindsSessionsUntilTheyEnd) {
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  const SessionCredential token = {SessionCredential::Kind::kIntermediateToken, "t"};
  directory.Add(token, Session(), clock.Now() + std::chrono::minutes(10));
  EXPECT_TRUE(directory.Find(token).session);
  EXPECT_FALSE(directory.Find({SessionCredential::Kind::kSessionToken, "t"}).session);
  clock.Advance(std::chrono::minutes(10));
  EXPECT_FALSE(directory.Find(token).session);
  clock.Advance(-std::chrono::minutes(5));
  EXPECT_FALSE(directory.Find(token).session) << "a clock that steps back revives none";
}

TEST(MemorySessionDirectory, KeepsTheIdOfASession) {  // S-21
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  for (const std::string& id : {std::string("session"), std::string()}) {
    const SessionCredential token = {SessionCredential::Kind::kSessionToken, id};
    Session session;
    session.id = id;
    directory.Add(token, session, clock.Now() + std::chrono::minutes(1));
    SessionEffect effect;
    effect.credential = token;
    ASSERT_TRUE(directory.Apply(effect));
    ASSERT_TRUE(directory.Find(token).session);
    EXPECT_EQ(directory.Find(token).session->id.str(), id);
    EXPECT_EQ(directory.Get(token)->session.id.str(), id);
  }
}

// A clock that steps back shows whether an ended session is still remembered.
TEST(MemorySessionDirectory, ForgetsEndedSessionsAtTwiceAsManyAsLastTime) {
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  const auto token = [](const std::string& value) {
    return SessionCredential{SessionCredential::Kind::kSessionToken, value};
  };
  int added = 0;
  const auto add = [&](int sessions) {
    for (int i = 0; i < sessions; ++i)
      directory.Add(token(std::to_string(++added)), Session(), Instant::Max());
  };
  const auto remembers_after = [&](const char* ended, int sessions) {
    clock.Advance(std::chrono::minutes(1));
    add(sessions);
    clock.Advance(-std::chrono::minutes(1));
    return directory.Find(token(ended)).session.has_value();
  };
  const Instant end = clock.Now() + std::chrono::minutes(1);
  directory.Add(token("first"), Session(), end);
  add(62);
  EXPECT_TRUE(remembers_after("first", 1)) << "there are 64 now";
  EXPECT_FALSE(remembers_after("first", 1)) << "63 stay";
  directory.Add(token("second"), Session(), end);
  add(60);
  EXPECT_TRUE(remembers_after("second", 1)) << "there are 126 now";
  EXPECT_FALSE(remembers_after("second", 1));
  EXPECT_TRUE(directory.Find(token("1")).session);
}

TEST(MemorySessionDirectory, ExtendsAFullSessionAndConsumesAToken) {
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  const SessionCredential token = {SessionCredential::Kind::kIntermediateToken, "t"};
  const SessionCredential full = {SessionCredential::Kind::kSessionToken, "f"};
  directory.Add(token, Session(), clock.Now() + std::chrono::minutes(1));
  directory.Add(full, Session(), clock.Now() + std::chrono::minutes(1));
  SessionEffect effect;
  effect.duration = std::chrono::hours(1);
  effect.kind = SessionEffect::Kind::kUpgrade;
  effect.proof.kind = FactorKind::kSmsPasscode;
  effect.credential = token;
  EXPECT_TRUE(directory.Apply(effect));
  EXPECT_FALSE(directory.Find(token).session);
  EXPECT_FALSE(directory.Apply(effect));
  effect.credential = full;
  effect.kind = SessionEffect::Kind::kExtend;
  EXPECT_TRUE(directory.Apply(effect));
  clock.Advance(std::chrono::minutes(59));
  ASSERT_TRUE(directory.Find(full).session);
  EXPECT_TRUE(directory.Find(full).session->factors.Has(FactorKind::kSmsPasscode));
}

TEST(MemorySessionDirectory, KeepsSessionsOfNoMember) {  // SE-01, SE-03, SE-06
  struct Shared {
    bool Add(const SessionCredential& credential, const Session& session, Instant end) {
      directory.Add(credential, session, end);
      return true;
    }
    SessionDirectory::FindResult Find(const SessionCredential& credential) {
      return directory.Find(credential);
    }
    bool Apply(const SessionEffect& effect) { return directory.Apply(effect); }
    MemorySessionDirectory& directory;
  };
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  Shared shared{directory};
  DiscoveredSessionsAreKept(shared, shared, clock);
}

TEST(MemorySessionDirectory, KeepsTheHostsNote) {
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  const SessionCredential full = {SessionCredential::Kind::kSessionToken, "f"};
  const SessionCredential none = {SessionCredential::Kind::kSessionJwt, "f"};
  const Instant end = clock.Now() + std::chrono::minutes(1);
  directory.Add(full, Session(), end, "metadata");
  ASSERT_TRUE(directory.Get(full));
  EXPECT_EQ(directory.Get(full)->metadata, "metadata");
  EXPECT_EQ(directory.Get(full)->expires_at, end);
  EXPECT_FALSE(directory.CompareAndSetMetadata(full, "another", "new"))
      << "somebody else has changed it";
  EXPECT_TRUE(directory.CompareAndSetMetadata(full, "metadata", "new"));
  EXPECT_EQ(directory.Get(full)->metadata, "new");
  EXPECT_FALSE(directory.Get(none));
  EXPECT_FALSE(directory.CompareAndSetMetadata(none, "", "new"));
  EXPECT_FALSE(directory.Get(none)) << "metadata alone is no session";
  SessionEffect effect;
  effect.credential = full;
  effect.duration = std::chrono::hours(1);
  EXPECT_TRUE(directory.Apply(effect));
  EXPECT_EQ(directory.Get(full)->metadata, "new");
  EXPECT_EQ(directory.Get(full)->expires_at, clock.Now() + std::chrono::hours(1));
  clock.Advance(std::chrono::hours(1));
  EXPECT_FALSE(directory.Get(full)) << "ended";
  EXPECT_FALSE(directory.CompareAndSetMetadata(full, "new", "newer"));
}

// Of two proofs of one factor the later counts (SE-04).
TEST(MemorySessionDirectory, AnEarlierProofChangesNothing) {
  testing::VirtualClock clock;
  MemorySessionDirectory directory(clock);
  SessionEffect effect;
  effect.credential = {SessionCredential::Kind::kSessionToken, "f"};
  directory.Add(effect.credential, Session(), clock.Now() + std::chrono::minutes(10));
  effect.proof.kind = FactorKind::kEmailPasscode;
  effect.proof.at = clock.Now();
  ASSERT_TRUE(directory.Apply(effect));
  effect.proof.at = clock.Now() - std::chrono::minutes(1);
  ASSERT_TRUE(directory.Apply(effect));
  EXPECT_EQ(directory.Find(effect.credential).session->factors.LastShown(effect.proof.kind),
            clock.Now());
}

}  // namespace
}  // namespace otpcore
