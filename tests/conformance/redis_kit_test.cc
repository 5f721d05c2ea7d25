// SPDX-License-Identifier: Apache-2.0
// The Redis store and guard on a real server that is killed and frozen (B-16).
#include <memory>

#include "guard_conversions.h"
#include "guard_observations.h"
#include "otpcore/adapters/guard_buckets.h"
#include "otpcore/redis/guard.h"
#include "otpcore/redis/sessions.h"
#include "otpcore/redis/store.h"
#include "otpcore/testing/store_kit.h"
#include "redis/connection.h"
#include "store_scenarios.h"

namespace otpcore {
namespace {

// One server for all tests of the process.
struct Redis {
  LocalServer server;
  std::string program = FirstProgram({"/usr/bin/redis-server", "/usr/local/bin/redis-server"});
  std::string missing;
  std::unique_ptr<RedisStore> store;  // null: it does not start

  std::unique_ptr<RedisStore> other;

  static Redis& Instance() {
    static Redis instance;
    return instance;
  }

  RedisOptions Address() const {
    RedisOptions address;
    address.unix_socket = server.folder() + "/redis";
    address.timeout = std::chrono::milliseconds(400);
    return address;
  }
  RedisReply Command(const std::vector<std::string>& words) const {
    const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    const auto connection = RedisConnection::Open(Address(), {}, soon);
    return connection ? connection->Run(words, soon) : RedisReply(nullptr);
  }
  bool Start() {
    return server.Start({program, "--port", "0", "--unixsocket", Address().unix_socket, "--dir",
                         server.folder(), "--appendonly", "yes", "--appendfsync", "always",
                         "--maxmemory-policy", "noeviction", "--save", ""},
                        [this] { return Command({"PING"}).is(REDIS_REPLY_STATUS); });
  }

 private:
  Redis() {
    if (program.empty()) {
      missing = "Redis is not installed (package redis-server)";
      return;
    }
    server.MakeFolder(nullptr);
    store = std::make_unique<RedisStore>(Address());
    other = std::make_unique<RedisStore>(Address());
    if (!Start() || !store->BeginEpoch(1)) store = nullptr;
  }
};

testing::StoreUnderTest MakeRedis() {
  Redis& redis = Redis::Instance();
  testing::StoreUnderTest sut;
  sut.skip_because = redis.missing;
  sut.store = redis.store.get();
  sut.other = redis.other.get();
  sut.crash = [&] {
    redis.server.Kill();
    ASSERT_TRUE(redis.Start()) << redis.server.Log();
  };
  sut.freeze = [&](bool on) { redis.server.Freeze(on); };
  sut.unreachable = [&](bool on) {
    if (on) return redis.server.Kill();
    ASSERT_TRUE(redis.Start()) << redis.server.Log();
  };
  sut.damage = [&](const RecordKey& key) {
    ASSERT_FALSE(redis.Command({"HSET", redis.store->KeyOf(key), "b", "no record"}).lost());
  };
  sut.begin_epoch = [&](uint64_t epoch) { ASSERT_TRUE(redis.store->BeginEpoch(epoch)); };
  return sut;
}
OTPCORE_STORE_CONFORMANCE(RedisKit, MakeRedis);

class RedisExample : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!redis.missing.empty()) GTEST_SKIP() << redis.missing;
    ASSERT_NE(redis.store, nullptr) << "Redis does not start";
  }
  Redis& redis = Redis::Instance();
};

TEST_F(RedisExample, KeepsWhatAKilledHostCommitted) {
  HostsMayBeKilled([&] { return std::make_unique<RedisStore>(redis.Address()); }, *redis.store);
}

TEST_F(RedisExample, CarriesAnEngine) { AnEngineRunsOn(*redis.store); }

TEST_F(RedisExample, RecordsHaveNoTimeToLive) {  // K-06
  testing::StoreProbe probe(*redis.store);
  const RecordKey claim = probe.Key("+14155550123", RecordKind::kPhoneClaim);
  PhoneClaim lease;
  lease.member_id = "member";
  lease.lease_end = Instant::FromUnixMillis(1);
  probe.Put(claim, 0, testing::Packed(lease));
  EXPECT_EQ(redis.Command({"PTTL", redis.store->KeyOf(claim)}).number(), -1);
}

TEST_F(RedisExample, AServerThatLostEverythingIsNotAnEmptyStore) {  // K-12
  RedisOptions address = redis.Address();
  address.hash_tag = "lost-" + FormatUuid(NewUuid());
  RedisStore lost(address);
  testing::StoreProbe probe(lost);
  const testing::StoredWrite write = {probe.Key("a"), 0, testing::Named("x")};
  EXPECT_FALSE(testing::CanLoad(lost, {write.key}));
  EXPECT_EQ(testing::CommitTo(lost, {write}), CommitOutcome::kUnavailable);
  ASSERT_TRUE(lost.BeginEpoch(7));
  EXPECT_EQ(testing::EpochOf(lost, write.key), 7u);
  EXPECT_EQ(testing::CommitTo(lost, {write}), CommitOutcome::kCommitted);
}

TEST_F(RedisExample, RevisionsOfBeforeARestoreNeverComeBack) {  // K-03, K-11
  testing::StoreProbe probe(*redis.store);
  const RecordKey key = probe.Key("key");
  const Revision before = probe.Put(key, 0, testing::Named("x"));
  // The backup knew neither the record nor the counter.
  redis.Command({"DEL", redis.store->KeyOf(key)});
  redis.Command({"SET", "{otpcore}:revision", "1"});
  ASSERT_TRUE(redis.store->BeginEpoch(1800000000));
  EXPECT_GT(probe.Put(key, 0, testing::Named("y")), before);
  EXPECT_EQ(probe.problem(), "");
}

TEST_F(RedisExample, AServerThatRefusesToWriteIsUnavailable) {  // K-02, K-12
  testing::StoreProbe probe(*redis.store);
  ASSERT_FALSE(redis.Command({"CONFIG", "SET", "maxmemory", "1"}).is(REDIS_REPLY_ERROR));
  EXPECT_EQ(probe.Commit(probe.Key("a"), 0, testing::Named("x")), CommitOutcome::kUnavailable);
  ASSERT_FALSE(redis.Command({"CONFIG", "SET", "maxmemory", "0"}).is(REDIS_REPLY_ERROR));
  EXPECT_EQ(probe.Commit(probe.Key("a"), 0, testing::Named("x")), CommitOutcome::kCommitted);
}

TEST_F(RedisExample, AServerThatForgotTheScriptsGetsThemAgain) {
  testing::StoreProbe probe(*redis.store);
  probe.Put(probe.Key("a"), 0, testing::Named("x"));
  ASSERT_TRUE(redis.Command({"SCRIPT", "FLUSH"}).is(REDIS_REPLY_STATUS));
  probe.Put(probe.Key("b"), 0, testing::Named("x"));
  EXPECT_EQ(probe.problem(), "");
}

TEST_F(RedisExample, AServerThatHangsUpDoesNotEndTheHost) {  // by SIGPIPE
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto connection = RedisConnection::Open(redis.Address(), {}, soon);
  ASSERT_NE(connection, nullptr);
  ASSERT_GE(redis.Command({"CLIENT", "KILL", "TYPE", "normal"}).number(), 1);
  EXPECT_TRUE(connection->Run({"PING"}, soon).lost());
}

TEST_F(RedisExample, AServerThatTurnsIsLeft) {  // K-02
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto answered = [&](const std::string& error) {
    auto connection = RedisConnection::Open(redis.Address(), {}, soon);
    EXPECT_TRUE(connection->Run({"EVAL", "return redis.error_reply(ARGV[1])", "0", error}, soon)
                    .refused(error));
    return connection;
  };
  EXPECT_TRUE(answered("WRONGTYPE no such thing")->usable());
  for (const char* error : {"READONLY no writes", "LOADING the data", "MASTERDOWN for long",
                            "CLUSTERDOWN some slots"}) {
    EXPECT_TRUE(answered(error)->turned()) << error;
    EXPECT_FALSE(answered(error)->usable()) << error;
  }
}

TEST_F(RedisExample, AHostLeavesAServerThatHasBecomeAReplica) {  // K-02
  testing::StoreProbe probe(*redis.store);
  probe.Put(probe.Key("a"), 0, testing::Named("x"));
  const auto commit = [&] {
    return testing::CommitTo(*redis.store, {{probe.Key("b"), 0, testing::Named("x")}});
  };
  // By another connection each time, where there was one for all.
  const auto connections = [&] {
    const RedisReply info = redis.Command({"INFO", "stats"});
    const std::string name = "total_connections_received:";
    const std::string text(info.text());
    return std::stoll(text.substr(text.find(name) + name.size()));
  };
  ASSERT_TRUE(redis.Command({"REPLICAOF", "127.0.0.1", "1"}).is(REDIS_REPLY_STATUS));
  EXPECT_EQ(commit(), CommitOutcome::kUnavailable);
  const int64_t before = connections();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(commit(), CommitOutcome::kUnavailable);
  EXPECT_EQ(connections() - before, 3 + 1);  // and that of the question
  ASSERT_TRUE(redis.Command({"REPLICAOF", "NO", "ONE"}).is(REDIS_REPLY_STATUS));
  EXPECT_EQ(commit(), CommitOutcome::kCommitted);
}

TEST_F(RedisExample, TwoHostsShareAGuard) {  // L-06, L-07
  RedisGuard one(redis.Address());
  RedisGuard other(redis.Address());
  AGuardIsShared(one, other);
  AdmissionsAreRemembered(one, other);
  ALateAdmissionTakesNothing(one, other);
  TwinsAreAdmittedTogether(one);
  AWindowRolls(one);
  ARefusalIsNoPass(one);
  AReturnedSendMayBeRepeated(one);
}

// Two hosts, and a server on which time passes when the test says so.
class RedisExampleGuard : public RedisExample {
 protected:
  RedisExampleGuard() { address.hash_tag = "guard-" + FormatUuid(NewUuid()); }
  void SetUp() override {
    RedisExample::SetUp();
    one = std::make_unique<RedisGuard>(address);
    other = std::make_unique<RedisGuard>(address);
    sut = {one.get(), other.get(), [this](Duration by) { Later(by); }};
  }
  void Later(Duration by) {
    constexpr char kShift[] =
        "for _, key in ipairs(redis.call('KEYS', ARGV[1])) do "
        "  local set = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') "
        "  for i = 1, #set, 2 do redis.call('ZADD', key, set[i + 1] - ARGV[2], set[i]) end "
        "end return 1";
    EXPECT_EQ(redis
                  .Command({"EVAL", kShift, "0", "{" + address.hash_tag + "}:g:*",
                            std::to_string(by.count())})
                  .number(),
              1);
  }

  RedisOptions address = redis.Address();
  std::unique_ptr<RedisGuard> one;
  std::unique_ptr<RedisGuard> other;
  GuardUnderTest sut;
};

TEST_F(RedisExampleGuard, ConversionsAreThoseOfAllGuards) {  // L-07
  PlayGuardScenarios(sut);
}

TEST_F(RedisExampleGuard, AnswersAsTheModelWhateverHappens) {  // L-06, L-07
  for (uint32_t seed = 1; seed <= 3; ++seed) PlayGuardStory(sut, seed, 200);
}

TEST_F(RedisExampleGuard, EverythingOfAConversionExpires) {  // L-07
  GuardTrial trial(sut);
  trial.Prove(trial.Send("one", "+1"));
  const RedisReply keys = redis.Command({"KEYS", "{" + address.hash_tag + "}:*"});
  ASSERT_EQ(keys.size(), 4u) << "admission, passcodes, proved Members, proved numbers";
  for (size_t i = 0; i < keys.size(); ++i) {
    const int64_t left =
        redis.Command({"PTTL", std::string(keys.at(i).str, keys.at(i).len)}).number();
    EXPECT_GT(left, 0);
    EXPECT_LE(left, Duration(GuardTrial::kWindow + GuardTrial::kLife).count());
  }
}

// More passcodes than the script reads at a time.
TEST_F(RedisExampleGuard, CountsThousands) {  // L-07
  GuardTrial trial(sut);
  for (int i = 0; i < 2500; ++i) trial.Send(MemberNo(i % 700), "+1");
  Later(std::chrono::minutes(2));
  Quota quota = trial.Conversion("nobody", "+1");
  quota.min_ended = 1400;
  EXPECT_EQ(trial.Ask({quota}).kind, Admission::Kind::kTooFewAuthenticated);
  quota.min_ended = 1401;
  EXPECT_EQ(trial.Ask({quota}).kind, Admission::Kind::kAdmitted);
}

// An hour for admissions, ten minutes for what was given back, nothing for refusals: a flood of
// them would fill the server, which then takes no commits either.
TEST_F(RedisExample, TheGuardRemembersNoLongerThanNeeded) {
  RedisGuard guard(redis.Address());
  const Quota quota = NewOrganizationQuota(1);
  const AdmissionId admitted = NewUuid();
  ASSERT_EQ(guard.Admit(admitted, {quota}).kind, Admission::Kind::kAdmitted);
  const int64_t keys = redis.Command({"DBSIZE"}).number();
  for (int i = 0; i < 10; ++i)
    ASSERT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kTooMany);
  EXPECT_EQ(redis.Command({"DBSIZE"}).number(), keys);

  const std::string key = "{otpcore}:a:" + BytesOf(admitted);
  const auto left = [&] { return redis.Command({"PTTL", key}).number(); };
  EXPECT_GT(left(), 3500000);
  EXPECT_LE(left(), 3600000);
  guard.Settle(admitted, Settlement::kReturned);
  EXPECT_GT(left(), 500000);
  EXPECT_LE(left(), 600000);
  ASSERT_EQ(redis.Command({"PEXPIRE", key, "60000"}).number(), 1);
  guard.Settle(admitted, Settlement::kReturned);  // again
  EXPECT_LE(left(), 60000);
}

TEST_F(RedisExample, AnEpochThatIsThereIsKept) {  // K-11
  RedisOptions address = redis.Address();
  address.hash_tag = "epoch-" + FormatUuid(NewUuid());
  RedisStore one(address);
  ASSERT_TRUE(one.BeginFirstEpoch(7));
  EXPECT_TRUE(RedisStore(address).BeginFirstEpoch(8)) << "another host that starts";
  const RecordKey any = testing::StoreProbe(one).Key("any");
  EXPECT_EQ(testing::EpochOf(one, any), 7u) << "its passcodes would be void";
  EXPECT_TRUE(one.BeginEpoch(9));
  EXPECT_EQ(testing::EpochOf(one, any), 9u);
}

TEST_F(RedisExample, SprayingIsSeenByAllHostsTogether) {  // L-08
  RedisGuard one(redis.Address(), 3);
  RedisGuard other(redis.Address(), 3);
  SprayingIsRaisedOnce(one, other);
}

TEST_F(RedisExample, HostsListAndRemoveSessions) {
  testing::VirtualClock clock;
  RedisSessions one(clock, redis.Address());
  RedisSessions other(clock, redis.Address());
  SessionsAreListedAndRemoved(one, other, clock);
}

TEST_F(RedisExample, HostsShareSessions) {
  testing::VirtualClock clock;
  RedisSessions one(clock, redis.Address());
  RedisSessions other(clock, redis.Address());
  SessionsAreShared(one, other, clock);
  FactorsAreKept(one, other, clock);
  RedisOptions nowhere = redis.Address();
  nowhere.unix_socket += "-nowhere";
  RedisSessions lost(clock, nowhere);
  EXPECT_FALSE(lost.Find({SessionCredential::Kind::kSessionId, "id"}).ok);
  EXPECT_FALSE(lost.ListOf("member"));
  EXPECT_FALSE(lost.Remove({SessionCredential::Kind::kSessionToken, "token"}));
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, "token"};
  EXPECT_FALSE(lost.Find(credential).ok);
  EXPECT_FALSE(lost.Add(credential, Session(), Instant::Max()));
  EXPECT_FALSE(lost.Apply(ExtensionOf(credential)));
}

TEST_F(RedisExample, AnUnreachableGuardSaysSo) {  // L-07
  RedisOptions nowhere = redis.Address();
  nowhere.unix_socket += "-nowhere";
  EXPECT_EQ(RedisGuard(nowhere).Admit(NewUuid(), {Quota()}).kind, Admission::Kind::kUnreachable);
}

}  // namespace
}  // namespace otpcore
