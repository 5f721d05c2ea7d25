// SPDX-License-Identifier: Apache-2.0
// The SQLite store, guard and sessions on real files, with hosts that are killed and processes that
// take turns (B-16).
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "discovered_sessions.h"
#include "guard_conversions.h"
#include "guard_observations.h"
#include "otpcore/sqlite/database.h"
#include "otpcore/sqlite/directory.h"
#include "otpcore/sqlite/guard.h"
#include "otpcore/sqlite/sessions.h"
#include "otpcore/sqlite/store.h"
#include "otpcore/testing/directory_kit.h"
#include "otpcore/testing/store_kit.h"
#include "sqlite/file.h"
#include "store_scenarios.h"

namespace otpcore {
namespace {

// A folder that goes away with it.
class Folder {
 public:
  Folder() {
    std::string path = (std::filesystem::temp_directory_path() / "otpcore-XXXXXX").string();
    path_ = mkdtemp(path.data()) == nullptr ? "" : path;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string File(const char* name = "file") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

SqliteOptions At(const std::string& path) {
  SqliteOptions options;
  options.path = path;
  options.timeout = std::chrono::seconds(20);
  return options;
}

std::unique_ptr<SqliteDatabase> Opened(const SqliteOptions& options) {
  std::string problem;
  std::unique_ptr<SqliteDatabase> database = SqliteDatabase::Open(options, &problem);
  EXPECT_NE(database, nullptr) << problem;
  return database;
}

// As another program uses a file.
void Sql(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  sqlite3_busy_timeout(database, 20000);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_free(error);
  sqlite3_close(database);
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += "0123456789abcdef"[static_cast<uint8_t>(byte) >> 4];
    text += "0123456789abcdef"[static_cast<uint8_t>(byte) & 15];
  }
  return "x'" + text + "'";
}

// Two hosts on one file, as two processes would open it.
struct Shared {
  Folder folder;
  std::unique_ptr<SqliteDatabase> database = Opened(At(folder.File()));
  std::unique_ptr<SqliteDatabase> database_of_other = Opened(At(folder.File()));
  SqliteStore store{*database};
  SqliteStore other{*database_of_other};
};

Shared& TheShared() {
  static Shared shared;
  return shared;
}

void Damage(const RecordKey& key) {
  Sql(TheShared().folder.File(),
      "UPDATE otpcore_records SET body = substr(body, 1, length(body) - 1) WHERE key = " +
          Hex(key.bytes()));
}

testing::StoreUnderTest MakeSqlite() {
  static Shared& shared = TheShared();
  testing::StoreUnderTest sut;
  sut.store = &shared.store;
  sut.other = &shared.other;
  sut.damage = Damage;
  sut.begin_epoch = [](uint64_t epoch) { ASSERT_TRUE(shared.store.BeginEpoch(epoch)); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(SqliteKit, MakeSqlite);

// What one host writes another one searches (SR-10).
testing::DirectoryUnderTest MakeSqliteDirectory() {
  static SqliteDirectory directory(*TheShared().database_of_other);
  testing::DirectoryUnderTest sut;
  sut.store = &TheShared().store;
  sut.directory = &directory;
  sut.damage = Damage;
  return sut;
}
OTPCORE_DIRECTORY_CONFORMANCE(SqliteDirectoryKit, MakeSqliteDirectory);

// A store that is opened for each call: no connection lives while a test forks.
class OpenedForEachCall final : public Store {
 public:
  explicit OpenedForEachCall(std::string path) : path_(std::move(path)) {}
  LoadResult Load(LoadBatch& batch) override {
    const auto database = Opened(At(path_));
    return SqliteStore(*database).Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    const auto database = Opened(At(path_));
    return SqliteStore(*database).Commit(changes);
  }

 private:
  const std::string path_;
};

// A store with the database that it is on.
class OwningStore final : public Store {
 public:
  explicit OwningStore(const std::string& path) : database_(Opened(At(path))) {}
  LoadResult Load(LoadBatch& batch) override { return store_.Load(batch); }
  CommitOutcome Commit(const Changes& changes) override { return store_.Commit(changes); }

 private:
  std::unique_ptr<SqliteDatabase> database_;
  SqliteStore store_{*database_};
};

TEST(SqliteExample, KeepsWhatAKilledHostCommitted) {  // K-04, K-05
  const Folder folder;
  OpenedForEachCall judge(folder.File());
  HostsMayBeKilled([&] { return std::make_unique<OwningStore>(folder.File()); }, judge);
}

TEST(SqliteExample, CarriesAnEngine) {
  Shared shared;
  AnEngineRunsOn(shared.store);
}

TEST(SqliteExample, RevisionsOfBeforeARestoreNeverComeBack) {  // K-03, K-11
  Shared shared;
  testing::StoreProbe probe(shared.store);
  const RecordKey key = probe.Key("key");
  const Revision before = probe.Put(key, 0, testing::Named("x"));
  // The backup knew neither the record nor the counter.
  Sql(shared.folder.File(), "DELETE FROM otpcore_records; UPDATE otpcore_meta SET revision = 0");
  ASSERT_TRUE(shared.store.BeginEpoch(1800000000));
  EXPECT_EQ(testing::EpochOf(shared.other, key), 1800000000u);
  EXPECT_GT(probe.Put(key, 0, testing::Named("y")), before);
  EXPECT_EQ(probe.problem(), "");
}

// ---- One transaction for many ----

// Every thread has a key of its own and one that all share. Each acknowledged write is there, each
// conflict was one, and no two writes have the same revision.
TEST(SqliteExample, ThreadsThatShareATransactionLoseNothing) {  // K-02, K-03, K-09
  Shared shared;
  const testing::StoreProbe probe(shared.store);
  const RecordKey common = probe.Key("common");
  std::atomic<int> committed{0}, wrong{0}, common_commits{0};
  std::mutex mutex;
  std::vector<Revision> revisions;
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i)
    threads.emplace_back([&, own = probe.Key("own" + std::to_string(i)), i] {
      Store& store = i % 4 == 0 ? static_cast<Store&>(shared.other) : shared.store;
      Revision revision = 0;
      for (int round = 0; round < 30; ++round) {
        const testing::StoredRecords before =
            testing::LoadFrom(store, std::vector<RecordKey>{own, common});
        if (!before.ok || before.records[0].revision != revision) ++wrong;
        std::vector<testing::StoredWrite> writes = {
            {own, revision, testing::Named(std::to_string(round))}};
        const bool both = round % 3 == 0;
        if (both)
          writes.push_back({common, before.records[1].revision, testing::Named(std::to_string(i))});
        const CommitOutcome outcome = testing::CommitTo(store, writes);
        const testing::StoredRecords after = testing::LoadFrom(store, std::vector<RecordKey>{own});
        const bool changed = after.ok && after.records[0].revision != revision;
        if ((outcome == CommitOutcome::kCommitted) != changed) ++wrong;
        if (outcome == CommitOutcome::kConflict && !both) ++wrong;
        revision = after.records[0].revision;
        if (outcome != CommitOutcome::kCommitted) continue;
        ++committed;
        if (both) ++common_commits;
        const std::lock_guard<std::mutex> lock(mutex);
        revisions.push_back(revision);
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_GT(common_commits, 0);
  EXPECT_GE(committed, 16 * 20);
  std::sort(revisions.begin(), revisions.end());
  EXPECT_EQ(std::unique(revisions.begin(), revisions.end()), revisions.end()) << "one came twice";
}

// Threads whose writes all wait for one that is at work.
class QueuedThreads {
 public:
  explicit QueuedThreads(SqliteFile& file) : file_(file) {
    held_.lock();
    threads_.emplace_back([this] {
      SqliteWork work = SqliteWork::kFailed;
      file_.Run(
          [this](SqliteTransaction&) {
            begun_ = true;
            const std::lock_guard<std::mutex> wait(held_);
            return SqliteWork::kUnchanged;
          },
          &work);
    });
    while (!begun_) std::this_thread::yield();
  }
  // `write` writes once.
  void Add(std::function<void(SqliteFile&)> write) {
    threads_.emplace_back([this, write = std::move(write)] { write(file_); });
  }
  // Lets them go when all wait, and waits for their end.
  void Run() {
    while (file_.waiting() + 1 < threads_.size()) std::this_thread::yield();
    held_.unlock();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  SqliteFile& file_;
  std::mutex held_;
  std::atomic<bool> begun_{false};
  std::vector<std::thread> threads_;
};

// What many threads write at once is one transaction, as far as the group may be.
TEST(SqliteExample, ThreadsShareATransaction) {
  for (const auto& [group_max, transactions] :
       {std::pair(128, 1), std::pair(10, 2), std::pair(1, 20)}) {
    const Folder folder;
    SqliteOptions options = At(folder.File());
    options.group_max = group_max;
    const auto database = Opened(options);
    QueuedThreads threads(database->file());
    std::atomic<int> done{0};
    for (int i = 0; i < 20; ++i)
      threads.Add([&, i](SqliteFile& file) {
        if (file.Change("INSERT INTO otpcore_outbox VALUES (?1, 0, x'00', 0, 0)",
                        {std::to_string(i)}) == 1)
          ++done;
      });
    const int64_t before = database->file().transactions();
    threads.Run();
    EXPECT_EQ(done, 20);
    EXPECT_EQ(database->file().transactions() - before, transactions);
  }
}

// One that fails takes no other with it.
TEST(SqliteExample, AFailureIsNotShared) {
  const Folder folder;
  const auto database = Opened(At(folder.File()));
  QueuedThreads threads(database->file());
  std::atomic<int> done{0}, failed{0};
  for (int i = 0; i < 10; ++i)
    threads.Add([&, i](SqliteFile& file) {
      if (file.Change(i == 3 ? "INSERT INTO otpcore_outbox VALUES (?1, 0, NULL, 0, 0)"
                             : "INSERT INTO otpcore_outbox VALUES (?1, 0, x'00', 0, 0)",
                      {std::to_string(i)}) == 1)
        ++done;
      else
        ++failed;
    });
  threads.Run();
  EXPECT_EQ(done, 9);
  EXPECT_EQ(failed, 1);
  std::string problem;
  const auto reader = OpenSqlite(folder.File(), std::chrono::steady_clock::now(), &problem);
  EXPECT_EQ(reader->Number("SELECT count(*) FROM otpcore_outbox", -1), 9);
}

// ---- Several processes ----

TEST(SqliteExample, ProcessesTakeTurns) {  // K-09
  const Folder folder;
  const RecordKey key = [&] {
    OwningStore store(folder.File());
    testing::StoreProbe probe(store);
    const RecordKey made = probe.Key("key");
    probe.Put(made, 0, testing::Named("0"));
    EXPECT_EQ(probe.problem(), "");
    return made;
  }();
  constexpr int kEach = 40;
  std::vector<pid_t> hosts;
  for (int i = 0; i < 4; ++i) {
    const pid_t host = fork();
    if (host == 0) {
      OwningStore store(folder.File());
      for (int counted = 0; counted < kEach;) {
        const testing::StoredRecords now = testing::LoadFrom(store, std::vector<RecordKey>{key});
        if (!now.ok) _exit(1);
        const int next = std::stoi(testing::NameIn(now.records[0])) + 1;
        const CommitOutcome outcome = testing::CommitTo(
            store, {{key, now.records[0].revision, testing::Named(std::to_string(next))}});
        if (outcome == CommitOutcome::kCommitted) ++counted;
        if (outcome == CommitOutcome::kUnknown || outcome == CommitOutcome::kUnavailable) _exit(2);
      }
      _exit(0);
    }
    hosts.push_back(host);
  }
  for (const pid_t host : hosts) {
    int status = -1;
    waitpid(host, &status, 0);
    EXPECT_EQ(status, 0);
  }
  OwningStore store(folder.File());
  EXPECT_EQ(testing::NameIn(testing::StoreProbe(store).Load(key)), std::to_string(4 * kEach));
}

TEST(SqliteExample, ProcessesMakeTheFileOnce) {
  for (int round = 0; round < 5; ++round) {
    const Folder folder;
    std::vector<pid_t> hosts;
    for (int i = 0; i < 4; ++i) {
      const pid_t host = fork();
      if (host == 0) {
        std::string problem;
        _exit(SqliteDatabase::Open(At(folder.File()), &problem) == nullptr ? 1 : 0);
      }
      hosts.push_back(host);
    }
    for (const pid_t host : hosts) {
      int status = -1;
      waitpid(host, &status, 0);
      EXPECT_EQ(status, 0);
    }
  }
}

// Another program keeps the file to itself for longer than a host waits.
TEST(SqliteExample, AFileThatIsHeldIsUnavailable) {  // K-02, K-12
  const Folder folder;
  SqliteOptions options = At(folder.File());
  options.timeout = std::chrono::milliseconds(100);
  const auto database = Opened(options);
  SqliteStore store(*database);
  testing::StoreProbe probe(store);
  const RecordKey key = probe.Key("key");
  const Revision revision = probe.Put(key, 0, testing::Named("x"));
  sqlite3* holder = nullptr;
  ASSERT_EQ(sqlite3_open(options.path.c_str(), &holder), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(holder, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(testing::CommitTo(store, {{key, revision, testing::Named("y")}}),
            CommitOutcome::kUnavailable);
  EXPECT_EQ(testing::NameIn(probe.Load(key)), "x") << "reading goes on";
  testing::VirtualClock clock;
  SqliteGuard guard(clock, *database);
  EXPECT_EQ(guard.Admit(NewUuid(), {NewOrganizationQuota(1)}).kind, Admission::Kind::kUnreachable);
  SqliteSessions sessions(clock, *database);
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, "token"};
  EXPECT_FALSE(sessions.Add(credential, Session(), Instant::Max()));
  EXPECT_FALSE(sessions.Apply(ExtensionOf(credential)));
  sqlite3_exec(holder, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(holder);
  EXPECT_EQ(testing::CommitTo(store, {{key, revision, testing::Named("y")}}),
            CommitOutcome::kCommitted);
}

// ---- Files ----

void ExpectRefused(const std::string& path, const std::string& why) {
  std::string problem;
  EXPECT_EQ(SqliteDatabase::Open(At(path), &problem), nullptr) << path;
  EXPECT_NE(problem.find(why), problem.npos) << problem;
  EXPECT_EQ(problem.back(), '.');
}

TEST(SqliteFile, RefusesWhatIsNotIts) {  // K-12
  const Folder folder;
  const auto bytes_of = [](const std::string& path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    return bytes.str();
  };
  std::ofstream(folder.File("text")) << "This is a letter to somebody, and no database at all.\n";
  Sql(folder.File("theirs"), "CREATE TABLE t (x); PRAGMA user_version = 1");
  Sql(folder.File("marked"), "PRAGMA application_id = 77");
  for (const char* name : {"text", "theirs", "marked"}) {
    const std::string before = bytes_of(folder.File(name));
    ExpectRefused(folder.File(name),
                  name == std::string("text") ? "not a database" : "something else");
    EXPECT_EQ(bytes_of(folder.File(name)), before) << "it is not changed";
  }
  Opened(At(folder.File("newer")));
  Sql(folder.File("newer"), "PRAGMA user_version = 2");
  ExpectRefused(folder.File("newer"), "version 2");
  ExpectRefused("", "no file");
  ExpectRefused(":memory:", "no file");
  ExpectRefused(folder.File("nowhere/file"), "no file");
  ExpectRefused(folder.File(""), "no file");
}

TEST(SqliteFile, IsItsOwnersAloneAndFlushed) {  // K-04
  const Folder folder;
  const mode_t before = umask(0);
  const auto database = Opened(At(folder.File()));
  SqliteStore store(*database);
  testing::StoreProbe probe(store);
  probe.Put(probe.Key("key"), 0, testing::Named("x"));
  umask(before);
  for (const char* name : {"file", "file-wal", "file-shm"}) {
    struct stat found = {};
    ASSERT_EQ(stat(folder.File(name).c_str(), &found), 0) << name;
    EXPECT_EQ(found.st_mode & 0777, 0600u) << name;
  }
  std::string problem;
  const auto connection = OpenSqlite(folder.File(), std::chrono::steady_clock::now(), &problem);
  EXPECT_EQ(connection->Number("PRAGMA synchronous", -1), 2) << "FULL";
}

// ---- Guard, sessions, outbox ----

TEST(SqliteExample, TwoHostsShareAGuard) {  // L-06, L-07
  Shared shared;
  SystemClock clock;
  SqliteGuard one(clock, *shared.database);
  SqliteGuard other(clock, *shared.database_of_other);
  AGuardIsShared(one, other);
  AdmissionsAreRemembered(one, other);
  ALateAdmissionTakesNothing(one, other);
  TwinsAreAdmittedTogether(one);
  AWindowRolls(one);
  ARefusalIsNoPass(one);
  AReturnedSendMayBeRepeated(one);
}

class SqliteExampleGuard : public ::testing::Test {
 protected:
  Shared shared;
  testing::VirtualClock clock;
  SqliteGuard one{clock, *shared.database};
  SqliteGuard other{clock, *shared.database_of_other};
  const GuardUnderTest sut{&one, &other, [this](Duration by) { clock.Advance(by); }};
  int64_t Rows(const char* sql) {
    std::string problem;
    return OpenSqlite(shared.folder.File(), std::chrono::steady_clock::now(), &problem)
        ->Number(sql, -1);
  }
};

TEST_F(SqliteExampleGuard, ConversionsAreThoseOfAllGuards) {  // L-07
  PlayGuardScenarios(sut);
}

TEST_F(SqliteExampleGuard, AnswersAsTheModelWhateverHappens) {  // L-06, L-07
  for (uint32_t seed = 1; seed <= 3; ++seed) PlayGuardStory(sut, seed, 200);
}

TEST_F(SqliteExampleGuard, SprayingIsSeenByAllHostsTogether) {  // L-08
  SqliteGuard strict(clock, *shared.database, 3);
  SqliteGuard strict_too(clock, *shared.database_of_other, 3);
  SprayingIsRaisedOnce(strict, strict_too);
}

TEST_F(SqliteExampleGuard, RemembersNoLongerThanNeeded) {
  constexpr char kAdmissions[] = "SELECT count(*) FROM otpcore_admissions";
  const Quota quota = NewOrganizationQuota(1);
  const AdmissionId admitted = NewUuid();
  ASSERT_EQ(one.Admit(admitted, {quota}).kind, Admission::Kind::kAdmitted);
  for (int i = 0; i < 5; ++i)
    ASSERT_EQ(other.Admit(NewUuid(), {quota}).kind, Admission::Kind::kTooMany);
  EXPECT_EQ(Rows(kAdmissions), 1);
  const auto later = [&](Duration by) {
    clock.Advance(by);
    EXPECT_TRUE(one.Sweep());
  };
  later(std::chrono::minutes(59));
  EXPECT_EQ(Rows(kAdmissions), 1);
  one.Settle(admitted, Settlement::kReturned);
  later(std::chrono::minutes(9));
  EXPECT_EQ(Rows(kAdmissions), 1);
  one.Settle(admitted, Settlement::kReturned);  // again
  later(std::chrono::minutes(2));
  EXPECT_EQ(Rows(kAdmissions), 0);
  GuardTrial trial(sut);
  trial.FailTooOften(trial.Send("one", "+1"));
  later(std::chrono::hours(24));
  EXPECT_EQ(Rows("SELECT count(*) FROM otpcore_guard_passcodes"), 1);
  later(std::chrono::minutes(3));
  EXPECT_EQ(Rows("SELECT count(*) FROM otpcore_guard_passcodes"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM otpcore_guard_events"), 0);
}

TEST(SqliteExample, HostsListAndRemoveSessions) {
  Shared shared;
  testing::VirtualClock clock;
  SqliteSessions one(clock, *shared.database);
  SqliteSessions other(clock, *shared.database_of_other);
  SessionsAreListedAndRemoved(one, other, clock);
}

TEST(SqliteExample, HostsShareSessions) {
  Shared shared;
  testing::VirtualClock clock;
  SqliteSessions one(clock, *shared.database);
  SqliteSessions other(clock, *shared.database_of_other);
  SessionsAreShared(one, other, clock);
  FactorsAreKept(one, other, clock);
  DiscoveredSessionsAreKept(one, other, clock);
  std::string problem;
  const auto reader = OpenSqlite(shared.folder.File(), std::chrono::steady_clock::now(), &problem);
  EXPECT_EQ(reader->Number("SELECT count(*) FROM otpcore_sessions WHERE length(token) <> 32", -1),
            0)
      << "tokens themselves are not kept";
  // What ended more than a day ago goes with the next session.
  clock.Advance(std::chrono::hours(48));
  ASSERT_TRUE(one.Add({SessionCredential::Kind::kSessionToken, "new"}, Session(), Instant::Max()));
  EXPECT_EQ(reader->Number("SELECT count(*) FROM otpcore_sessions", -1), 1);
}

TEST(SqliteExample, TheMessageIsWrittenWithTheCommitAndSealed) {  // D-07
  const Folder folder;
  SqliteOptions options = At(folder.File());
  std::array<uint8_t, 32> key{};
  key.fill(7);
  options.outbox_keys = {OutboxKey(1, key)};
  const auto database = Opened(options);
  SqliteStore store(*database);
  testing::StoreProbe probe(store);
  Message message;
  message.challenge_id = NewUuid();
  message.organization_id = "organization";
  message.member_id = "member";
  message.to = kNumber;
  message.passcode = Passcode("123456");
  message.expires_at = Instant::Max();
  const std::string record = testing::Named("x");
  const RecordKey place = probe.Key("key");
  Changes changes;
  changes.writes.Add({&place, 0, record});
  changes.message = &message;
  ASSERT_EQ(store.Commit(changes), CommitOutcome::kCommitted);
  ASSERT_EQ(store.PendingMessages(Duration(0), 10).size(), 1u);
  EXPECT_EQ(store.PendingMessages(Duration(0), 10)[0].to, message.to);
  EXPECT_TRUE(store.PendingMessages(std::chrono::hours(1), 10).empty()) << "it is younger";
  message.challenge_id = NewUuid();
  EXPECT_EQ(store.Commit(changes), CommitOutcome::kConflict);
  EXPECT_EQ(store.PendingMessages(Duration(0), 10).size(), 1u) << "a message without its commit";
  testing::SmsInbox inbox;
  OutboxSink sink(inbox, store);
  message.challenge_id = store.PendingMessages(Duration(0), 10)[0].challenge_id;
  inbox.Script({Delivery::Kind::kUnknown, false});
  sink.Deliver(message);
  EXPECT_EQ(store.PendingMessages(Duration(0), 10).size(), 1u) << "kept for another try";
  sink.Deliver(message);
  EXPECT_TRUE(store.PendingMessages(Duration(0), 10).empty());
  message.expires_at = Instant::FromUnixMillis(1);
  changes.writes = Writes();
  const RecordKey second = probe.Key("second");
  changes.writes.Add({&second, 0, record});
  ASSERT_EQ(store.Commit(changes), CommitOutcome::kCommitted);
  EXPECT_TRUE(store.PendingMessages(Duration(0), 10).empty()) << "it has ended";
  EXPECT_TRUE(store.RemoveExpiredMessages());
  std::string problem;
  EXPECT_EQ(OpenSqlite(folder.File(), std::chrono::steady_clock::now(), &problem)
                ->Number("SELECT count(*) FROM otpcore_outbox", -1),
            0);
}

}  // namespace
}  // namespace otpcore
