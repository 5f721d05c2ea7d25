// SPDX-License-Identifier: Apache-2.0
// The PostgreSQL store and guard on a real server that is killed and frozen (B-16).
#include <memory>

#include "guard_conversions.h"
#include "guard_observations.h"
#include "messages.h"
#include "otpcore/adapters/guard_buckets.h"
#include "otpcore/postgres/guard.h"
#include "otpcore/postgres/sessions.h"
#include "otpcore/testing/store_kit.h"
#include "postgres_server.h"
#include "store_scenarios.h"

namespace otpcore {
namespace {

testing::StoreUnderTest MakePostgres() {
  Postgres& postgres = Postgres::Instance();
  testing::StoreUnderTest sut;
  sut.skip_because = postgres.missing;
  sut.store = postgres.store.get();
  sut.other = postgres.other.get();
  sut.crash = [&] {
    postgres.server.Kill();
    ASSERT_TRUE(postgres.Start()) << postgres.server.Log();
  };
  sut.freeze = [&](bool on) { postgres.server.Freeze(on); };
  sut.unreachable = [&](bool on) {
    if (on) return postgres.server.Kill();
    ASSERT_TRUE(postgres.Start()) << postgres.server.Log();
  };
  sut.damage = [&](const RecordKey& key) {
    ASSERT_EQ(postgres
                  .Sql("UPDATE otpcore_records SET body = substr(body, 1, length(body) - 1) "
                       "WHERE key = $1",
                       {std::string(key.bytes())})
                  .affected(),
              1);
  };
  sut.begin_epoch = [&](uint64_t epoch) { ASSERT_TRUE(postgres.store->BeginEpoch(epoch)); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(PostgresKit, MakePostgres);

TEST_F(PostgresExample, KeepsWhatAKilledHostCommitted) {
  HostsMayBeKilled([&] { return std::make_unique<PostgresStore>(postgres.Options()); },
                   *postgres.store);
}

TEST_F(PostgresExample, CarriesAnEngine) { AnEngineRunsOn(*postgres.store); }

TEST_F(PostgresExample, RevisionsOfBeforeARestoreNeverComeBack) {  // K-03, K-11
  testing::StoreProbe probe(*postgres.store);
  const RecordKey key = probe.Key("key");
  const Revision before = probe.Put(key, 0, testing::Named("x"));
  // The backup knew neither the record nor the counter.
  ASSERT_TRUE(
      postgres.Sql("DELETE FROM otpcore_records WHERE key = $1", {std::string(key.bytes())}).ok());
  ASSERT_TRUE(postgres.Sql("SELECT setval('otpcore_revision', 1)").ok());
  ASSERT_TRUE(postgres.store->BeginEpoch(1800000000));
  EXPECT_GT(probe.Put(key, 0, testing::Named("y")), before);
  EXPECT_EQ(probe.problem(), "");
}

// A statement of its own commits after its result: what goes wrong there comes as a second one.
class PostgresExampleCommit : public PostgresExample {
 protected:
  // What a store is told whose commit of a new record ends with `what`.
  CommitOutcome CommitThat(const std::string& what, const RecordKey& key) {
    Run("CREATE OR REPLACE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN " +
        what + " RETURN NULL; END $$");
    Run("CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON otpcore_records "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit()");
    const CommitOutcome outcome =
        testing::CommitTo(*postgres.store, {{key, 0, testing::Named("x")}});
    Run("DROP TRIGGER at_commit ON otpcore_records");
    return outcome;
  }
  void Run(const std::string& sql) { EXPECT_TRUE(postgres.Sql(sql).ok()) << sql; }
};

TEST_F(PostgresExampleCommit, AnErrorAfterTheResultTakesItBack) {  // K-02
  testing::StoreProbe probe(*postgres.store);
  const RecordKey key = probe.Key("key");
  EXPECT_EQ(CommitThat("RAISE 'no' USING ERRCODE = '40001';", key), CommitOutcome::kConflict);
  EXPECT_EQ(CommitThat("RAISE 'no';", key), CommitOutcome::kUnavailable);
  EXPECT_EQ(probe.Load(key).revision, 0u);
}

TEST_F(PostgresExampleCommit, AResultWithoutItsEndSaysNothing) {  // K-02
  const testing::StoreProbe probe(*postgres.store);
  EXPECT_EQ(
      CommitThat("PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(1);", probe.Key("a")),
      CommitOutcome::kUnknown);
  // The notice takes the result along; then the host waits in vain.
  EXPECT_EQ(CommitThat("RAISE NOTICE 'soon'; PERFORM pg_sleep(1);", probe.Key("b")),
            CommitOutcome::kUnknown);
}

// ---- Connections ----

// As after a take-over: sessions of before stay read-only, new ones are led to where writes are
// taken.
TEST_F(PostgresExample, AHostLeavesAServerThatHasBecomeReadOnly) {  // K-02
  postgres.Sql("CREATE ROLE moved LOGIN SUPERUSER");
  postgres.Sql("ALTER ROLE moved RESET default_transaction_read_only");
  PostgresOptions options;
  options.conninfo = "host=" + postgres.server.folder() + " dbname=postgres user=moved";
  options.timeout = std::chrono::seconds(20);
  PostgresStore store(std::move(options));
  const testing::StoreProbe probe(store);
  const auto put = [&](const char* name) {
    return testing::CommitTo(store, {{probe.Key(name), 0, testing::Named("x")}});
  };
  ASSERT_EQ(put("a"), CommitOutcome::kCommitted);
  ASSERT_TRUE(postgres.Sql("ALTER SYSTEM SET default_transaction_read_only = on").ok());
  ASSERT_TRUE(postgres.Sql("SELECT pg_reload_conf()").ok());
  CommitOutcome outcome = CommitOutcome::kCommitted;
  for (int i = 0; i < 10000 && outcome == CommitOutcome::kCommitted; ++i)
    outcome = put(("b" + std::to_string(i)).c_str());
  EXPECT_EQ(outcome, CommitOutcome::kUnavailable);
  for (const char* sql : {"SET default_transaction_read_only = off",
                          "ALTER ROLE moved SET default_transaction_read_only = off"}) {
    const auto connection =
        Connect(postgres.conninfo() + " options='-c default_transaction_read_only=off'");
    ASSERT_TRUE(connection->Run(sql, {}, Soon()).ok()) << sql;
  }
  EXPECT_EQ(put("c"), CommitOutcome::kCommitted);
  const auto connection =
      Connect(postgres.conninfo() + " options='-c default_transaction_read_only=off'");
  ASSERT_TRUE(connection->Run("ALTER SYSTEM RESET default_transaction_read_only", {}, Soon()).ok());
  ASSERT_TRUE(connection->Run("SELECT pg_reload_conf()", {}, Soon()).ok());
}

TEST_F(PostgresExample, AServerThatTurnsIsLeft) {
  for (const char* state : {"25006", "57P01", "57P02", "57P03"}) {
    const auto connection = Connect(postgres.conninfo());
    const std::string raise =
        std::string("DO $$ BEGIN RAISE 'no' USING ERRCODE = '") + state + "'; END $$";
    EXPECT_FALSE(connection->Run("DO $$ BEGIN RAISE 'no'; END $$", {}, Soon()).ok());
    EXPECT_TRUE(connection->usable()) << "any other error";
    EXPECT_EQ(connection->Run(raise.c_str(), {}, Soon()).sqlstate(), state);
    EXPECT_TRUE(connection->turned()) << state;
    EXPECT_FALSE(connection->usable()) << state;
  }
}

// What hosts have given up must not pile up on the server until it takes no more connections.
TEST_F(PostgresExample, WhatTimedOutLeavesTheServer) {  // K-02
  testing::StoreProbe probe(*postgres.store);
  const RecordKey key = probe.Key("key");
  const Revision revision = probe.Put(key, 0, testing::Named("x"));
  // Not by PgConnection: a session without its limits.
  const std::unique_ptr<PGconn, decltype(&PQfinish)> holder(
      PQconnectdb(postgres.conninfo().c_str()), PQfinish);
  PQclear(PQexec(holder.get(), "BEGIN; LOCK TABLE otpcore_records IN ACCESS EXCLUSIVE MODE"));
  for (int i = 0; i < 3; ++i) {
    EXPECT_NE(testing::CommitTo(*postgres.store, {{key, revision, testing::Named("y")}}),
              CommitOutcome::kCommitted);
    EXPECT_FALSE(testing::LoadFrom(*postgres.store, std::vector<RecordKey>{key}).ok);
  }
  const auto waiting = [&] {
    return postgres.Sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'").rows();
  };
  const auto soon = Soon();
  while (waiting() > 0 && std::chrono::steady_clock::now() < soon) {
  }
  EXPECT_EQ(waiting(), 0) << "while the lock is held";
  PQclear(PQexec(holder.get(), "ROLLBACK"));
}

TEST_F(PostgresExample, AStrongerSettingIsKept) {  // K-04
  const auto set_to = [&](const std::string& options, const char* name) {
    const auto connection = PgConnection::Open(postgres.conninfo() + " options='" + options + "'",
                                               std::chrono::milliseconds(1500), Soon());
    if (connection == nullptr) return std::string("no connection");
    const PgResult answer =
        connection->Run("SELECT current_setting($1)", {std::string(name)}, Soon());
    return answer.ok() ? std::string(answer.bytes(0, 0)) : "no answer";
  };
  EXPECT_EQ(set_to("-c synchronous_commit=remote_apply", "synchronous_commit"), "remote_apply");
  for (const char* weaker : {"off", "local", "remote_write", "on"})
    EXPECT_EQ(set_to(std::string("-c synchronous_commit=") + weaker, "synchronous_commit"), "on");
  for (const char* name : {"statement_timeout", "lock_timeout"}) {
    const std::string option = std::string("-c ") + name + "=";
    EXPECT_EQ(set_to("", name), "1500ms");
    EXPECT_EQ(set_to(option + "0", name), "1500ms");
    EXPECT_EQ(set_to(option + "9000", name), "1500ms");
    EXPECT_EQ(set_to(option + "700", name), "700ms");
  }
}

// Hosts of a role whose transactions are serializable, unless they say otherwise.
class PostgresExampleRole : public PostgresExample {
 protected:
  void SetUp() override {
    PostgresExample::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    postgres.Sql("CREATE ROLE strict LOGIN SUPERUSER");
    ASSERT_TRUE(
        postgres.Sql("ALTER ROLE strict SET default_transaction_isolation = 'serializable'").ok());
  }
  std::string conninfo() const {
    return "host=" + postgres.server.folder() + " dbname=postgres user=strict";
  }
};

TEST_F(PostgresExampleRole, WhatItSetsChangesNothing) {  // K-01, K-04
  const auto connection = Connect(conninfo());
  ASSERT_NE(connection, nullptr);
  EXPECT_EQ(
      connection->Run("SELECT current_setting('transaction_isolation')", {}, Soon()).bytes(0, 0),
      "read committed");
}

// As behind a pooler that forgets what Open has set.
TEST_F(PostgresExampleRole, TheGuardCountsUnderNoOtherIsolation) {  // L-07
  const auto connection = Connect(conninfo());
  ASSERT_NE(connection, nullptr);
  const char* admit = "SELECT otpcore_admit('id', '{}', '{}', '{}', '', 0, 0, 0, 0, '', '', '')";
  EXPECT_TRUE(connection->Run(admit, {}, Soon()).ok());
  EXPECT_TRUE(connection->Run("RESET default_transaction_isolation", {}, Soon()).ok());
  EXPECT_FALSE(connection->Run(admit, {}, Soon()).ok());
}

TEST_F(PostgresExampleRole, WhatWasCommittedIsThere) {  // K-02, K-04
  PostgresOptions options;
  options.conninfo = conninfo();
  options.connections_max = 12;
  options.timeout = std::chrono::seconds(20);
  PostgresStore store(std::move(options));
  const testing::StoreProbe probe(*postgres.store);
  std::atomic<int> committed{0}, conflicts{0}, lost{0};
  std::vector<std::thread> hosts;
  for (int i = 0; i < 12; ++i)
    hosts.emplace_back([&, key = probe.Key("key" + std::to_string(i))] {
      Revision revision = 0;
      for (int round = 0; round < 300; ++round) {
        const std::string name(1 + static_cast<size_t>(round * 37 % 120), 'x');
        const CommitOutcome outcome =
            testing::CommitTo(store, {{key, revision, testing::Named(name)}});
        const testing::StoredRecords now = testing::LoadFrom(store, std::vector<RecordKey>{key});
        if (!now.ok) continue;
        if (outcome == CommitOutcome::kConflict) ++conflicts;
        if (outcome == CommitOutcome::kCommitted)
          ++(now.records[0].revision == revision ? lost : committed);
        revision = now.records[0].revision;
      }
    });
  for (std::thread& host : hosts) host.join();
  EXPECT_EQ(lost, 0) << "of " << committed;
  EXPECT_GT(committed, 3000);
  EXPECT_EQ(conflicts, 0) << "no two have a key in common";
}

TEST_F(PostgresExampleRole, AGuardAdmitsNoMoreForIt) {  // L-07
  PostgresOptions options = postgres.Patient();
  options.conninfo = conninfo();
  options.connections_max = 12;
  PostgresGuard guard(options);
  for (int round = 0; round < 5; ++round) {
    const Quota quota = NewOrganizationQuota(3);
    std::vector<AdmissionId> ids;
    for (int i = 0; i < 12; ++i) ids.push_back(NewUuid());
    std::atomic<int> admitted{0};
    std::vector<std::thread> hosts;
    for (const AdmissionId& id : ids)
      hosts.emplace_back([&, id] {
        if (guard.Admit(id, {quota}).kind == Admission::Kind::kAdmitted) ++admitted;
      });
    for (std::thread& host : hosts) host.join();
    EXPECT_EQ(admitted, 3);
  }
}

TEST_F(PostgresExample, TwoHostsShareAGuard) {  // L-06, L-07
  PostgresGuard one(postgres.Patient());
  PostgresGuard other(postgres.Patient());
  AGuardIsShared(one, other);
  AdmissionsAreRemembered(one, other);
  ALateAdmissionTakesNothing(one, other);
  TwinsAreAdmittedTogether(one);
  AWindowRolls(one);
  ARefusalIsNoPass(one);
  AReturnedSendMayBeRepeated(one);
}

// Two hosts, and a server on which time passes when the test says so.
class PostgresExampleGuard : public PostgresExample {
 protected:
  void Later(Duration by) {
    const std::string ago = " - " + std::to_string(by.count()) + " * interval '1 millisecond'";
    EXPECT_TRUE(postgres.Sql("UPDATE otpcore_guard_events SET at = at" + ago).ok());
    EXPECT_TRUE(postgres.Sql("UPDATE otpcore_guard_passcodes SET ends_at = ends_at" + ago).ok());
  }
  int Passcodes() { return postgres.Sql("SELECT 1 FROM otpcore_guard_passcodes").rows(); }

  PostgresGuard one{postgres.Patient()};
  PostgresGuard other{postgres.Patient()};
  const GuardUnderTest sut{&one, &other, [this](Duration by) { Later(by); }};
};

TEST_F(PostgresExampleGuard, ConversionsAreThoseOfAllGuards) {  // L-07
  PlayGuardScenarios(sut);
}

TEST_F(PostgresExampleGuard, AnswersAsTheModelWhateverHappens) {  // L-06, L-07
  Later(std::chrono::hours(48));
  EXPECT_TRUE(one.Sweep());
  for (uint32_t seed = 1; seed <= 3; ++seed) PlayGuardStory(sut, seed, 200);
}

TEST_F(PostgresExampleGuard, SweepsPasscodesThatNoWindowLooksAt) {  // L-07
  Later(std::chrono::hours(48));
  EXPECT_TRUE(one.Sweep());
  ASSERT_EQ(Passcodes(), 0);
  GuardTrial trial(sut);
  trial.FailTooOften(trial.Send("one", "+1"));
  trial.Send("two", "+2");
  Later(std::chrono::hours(24));
  EXPECT_TRUE(one.Sweep());
  EXPECT_EQ(Passcodes(), 1);
  EXPECT_EQ(trial.Ended(), 1);
  Later(std::chrono::minutes(2));
  EXPECT_TRUE(one.Sweep());
  EXPECT_EQ(Passcodes(), 0);
  EXPECT_EQ(postgres.Sql("SELECT 1 FROM otpcore_guard_events").rows(), 0);
}

// From two hosts at once one number is proved once.
TEST_F(PostgresExampleGuard, ProofsAtTheSameMomentCountOnce) {  // L-07
  for (int round = 0; round < 10; ++round) {
    GuardTrial trial(sut);
    std::vector<AdmissionId> ids;
    for (int i = 0; i < 4; ++i) ids.push_back(trial.Send(MemberNo(i), "+1"));
    std::vector<std::thread> hosts;
    for (size_t i = 0; i < ids.size(); ++i)
      hosts.emplace_back([&, i] {
        EventList events;
        Event event;
        event.kind = EventKind::kNumberVerified;
        event.challenge_id = ids[i];
        events.Add(event);
        (i % 2 == 0 ? one : other).Observe(&events);
      });
    for (std::thread& host : hosts) host.join();
    EXPECT_EQ(trial.Ended(), 4);
    EXPECT_EQ(trial.Proved(4), 1);
  }
}

// A flood on one Organization is refused without its locks, so that it holds no connection that
// first sends of the others wait for.
TEST_F(PostgresExample, ARefusalWaitsForNoLock) {  // L-06, L-07
  Quota quota = NewOrganizationQuota(1);
  PostgresOptions options = postgres.Patient();
  options.connections_max = 1;
  options.timeout = std::chrono::seconds(1);
  PostgresGuard guard(options);
  ASSERT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kAdmitted);

  const auto slow = Connect(postgres.conninfo());
  ASSERT_TRUE(slow->Run("BEGIN", {}, Soon()).ok());
  ASSERT_TRUE(slow->Run("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 0))",
                        {BucketOf(quota)}, Soon())
                  .ok());
  EXPECT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kTooMany);

  // What may be admitted waits; its host gives up and returns it before it has come through.
  quota.max = 2;
  const AdmissionId late = NewUuid();
  EXPECT_EQ(guard.Admit(late, {quota}).kind, Admission::Kind::kUnreachable);
  guard.Settle(late, Settlement::kReturned);
  ASSERT_TRUE(slow->Run("ROLLBACK", {}, Soon()).ok());
  while (postgres
             .Sql("SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE "
                  "'%otpcore_admit(%' AND pid <> pg_backend_pid()")
             .rows() > 0) {
  }
  EXPECT_EQ(guard.Admit(late, {quota}).kind, Admission::Kind::kTooMany);
  EXPECT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kAdmitted);
}

// An hour for admissions, ten minutes for what was given back, nothing for refusals.
TEST_F(PostgresExample, TheGuardRemembersNoLongerThanNeeded) {
  PostgresGuard guard(postgres.Patient());
  const Quota quota = NewOrganizationQuota(1);
  const auto remembered = [&] { return postgres.Sql("SELECT 1 FROM otpcore_admissions").rows(); };
  const auto later = [&](const std::string& by) {
    postgres.Sql("UPDATE otpcore_admissions SET at = at - interval '" + by + "'");
    EXPECT_TRUE(guard.Sweep());
  };
  later("2 hours");
  ASSERT_EQ(remembered(), 0);
  const AdmissionId admitted = NewUuid();
  ASSERT_EQ(guard.Admit(admitted, {quota}).kind, Admission::Kind::kAdmitted);
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kTooMany);
  EXPECT_EQ(remembered(), 1);
  later("59 minutes");
  EXPECT_EQ(remembered(), 1);
  guard.Settle(admitted, Settlement::kReturned);
  later("9 minutes");
  EXPECT_EQ(remembered(), 1);
  guard.Settle(admitted, Settlement::kReturned);  // again
  later("2 minutes");
  EXPECT_EQ(remembered(), 0);
  ASSERT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kAdmitted);
  later("61 minutes");
  EXPECT_EQ(remembered(), 0);
}

TEST_F(PostgresExample, SprayingIsSeenByAllHostsTogether) {  // L-08
  PostgresGuard one(postgres.Patient(), 3);
  PostgresGuard other(postgres.Patient(), 3);
  SprayingIsRaisedOnce(one, other);
}

TEST_F(PostgresExample, HostsShareSessions) {
  testing::VirtualClock clock;
  PostgresSessions one(clock, postgres.Patient());
  PostgresSessions other(clock, postgres.Patient());
  SessionsAreShared(one, other, clock);
  FactorsAreKept(one, other, clock);
  EXPECT_EQ(postgres.Sql("SELECT 1 FROM otpcore_sessions WHERE length(token) <> 32").rows(), 0)
      << "tokens themselves are not kept";
  // What ended more than a day ago goes with the next session.
  clock.Advance(std::chrono::hours(48));
  ASSERT_TRUE(one.Add({SessionCredential::Kind::kSessionToken, "new"}, Session(), Instant::Max()));
  EXPECT_EQ(postgres.Sql("SELECT 1 FROM otpcore_sessions").rows(), 1);
}

TEST_F(PostgresExample, HostsListAndRemoveSessions) {
  testing::VirtualClock clock;
  PostgresSessions one(clock, postgres.Patient());
  PostgresSessions other(clock, postgres.Patient());
  SessionsAreListedAndRemoved(one, other, clock);
}

TEST_F(PostgresExample, SessionsFailClosedWithoutTheirServer) {
  testing::VirtualClock clock;
  PostgresSessions lost(clock, postgres.Nowhere());
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, "token"};
  EXPECT_FALSE(lost.Find(credential).ok);
  EXPECT_FALSE(lost.Find({SessionCredential::Kind::kSessionId, "id"}).ok);
  EXPECT_FALSE(lost.Add(credential, Session(), Instant::Max()));
  EXPECT_FALSE(lost.Apply(ExtensionOf(credential)));
  EXPECT_FALSE(lost.Remove(credential));
  EXPECT_FALSE(lost.ListOf("member"));
}

// Its rows and the guard's locks must not stay taken until TCP notices, which takes hours.
TEST_F(PostgresExample, AHostThatVanishesWithinATransactionHoldsNothing) {
  const auto vanished = Connect(postgres.conninfo());
  ASSERT_TRUE(vanished->Run("BEGIN", {}, Soon()).ok());
  ASSERT_TRUE(vanished->Run("SELECT pg_advisory_xact_lock(4711)", {}, Soon()).ok());
  EXPECT_TRUE(postgres.Sql("SELECT pg_advisory_xact_lock(4711)").ok());
  EXPECT_FALSE(vanished->usable() && vanished->quiet());
}

TEST_F(PostgresExample, AnUnreachableGuardSaysSo) {  // L-07
  PostgresGuard guard(postgres.Nowhere());
  EXPECT_EQ(guard.Admit(NewUuid(), {Quota()}).kind, Admission::Kind::kUnreachable);
}

// ---- The outbox (D-07) ----

// One new record, and the message.
CommitOutcome CommitWith(PostgresStore& store, const RecordKey& key, const Message& message) {
  const std::string record = testing::Named("x");
  Changes changes;
  changes.writes.Add({&key, 0, record});
  changes.message = &message;
  return store.Commit(changes);
}
std::vector<Message> PendingOf(PostgresStore& store, const ChallengeId& id) {
  std::vector<Message> found;
  for (Message& message : store.PendingMessages(Duration(0), 100)) {
    if (message.challenge_id == id) found.push_back(std::move(message));
  }
  return found;
}

TEST_F(PostgresExample, TheMessageIsWrittenWithTheCommitAndSealed) {  // D-07
  testing::StoreProbe probe(*postgres.store);
  const Message message = MessageOf(NewUuid());
  ASSERT_EQ(CommitWith(*postgres.store, probe.Key("key"), message), CommitOutcome::kCommitted);
  const std::vector<Message> pending = PendingOf(*postgres.other, message.challenge_id);
  ASSERT_EQ(pending.size(), 1u);
  ExpectSame(pending[0], message);
  EXPECT_EQ(
      postgres.Sql("SELECT 1 FROM otpcore_outbox WHERE position('123456'::bytea IN sealed) > 0")
          .rows(),
      0);

  const ChallengeId lost = NewUuid();
  EXPECT_EQ(CommitWith(*postgres.store, probe.Key("key"), MessageOf(lost)),
            CommitOutcome::kConflict);
  EXPECT_TRUE(PendingOf(*postgres.store, lost).empty()) << "a message without its commit";
}

TEST_F(PostgresExample, AMessageLeavesWithItsDeliveryOrItsEnd) {  // D-07
  testing::StoreProbe probe(*postgres.store);
  testing::SmsInbox inbox;
  OutboxSink sink(inbox, *postgres.store);
  const ChallengeId id = NewUuid();
  const Message message = MessageOf(id);
  ASSERT_EQ(CommitWith(*postgres.store, probe.Key("a"), message), CommitOutcome::kCommitted);
  inbox.Script({Delivery::Kind::kUnknown, false});
  sink.Deliver(message);
  EXPECT_EQ(PendingOf(*postgres.store, id).size(), 1u) << "kept for another try";
  sink.Deliver(message);
  EXPECT_TRUE(PendingOf(*postgres.store, id).empty());
  EXPECT_EQ(inbox.messages().size(), 1u);

  const ChallengeId old = NewUuid();
  ASSERT_EQ(CommitWith(*postgres.store, probe.Key("b"), MessageOf(old, Instant::FromUnixMillis(1))),
            CommitOutcome::kCommitted);
  EXPECT_TRUE(PendingOf(*postgres.store, old).empty());
  EXPECT_TRUE(postgres.store->RemoveExpiredMessages());
  EXPECT_EQ(postgres.Sql("SELECT 1 FROM otpcore_outbox WHERE expires_at < now()").rows(), 0);
}

}  // namespace
}  // namespace otpcore
