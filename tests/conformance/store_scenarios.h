// SPDX-License-Identifier: Apache-2.0
// What the tests of both components do beyond the kit: a whole engine on the store, hosts that
// are killed, and sessions that hosts share.
#ifndef OTPCORE_TESTS_CONFORMANCE_STORE_SCENARIOS_H_
#define OTPCORE_TESTS_CONFORMANCE_STORE_SCENARIOS_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "fixture.h"
#include "guard_scenarios.h"
#include "otpcore/testing/store_probe.h"
#include "servers.h"
#include "session_scenarios.h"

namespace otpcore {

// A host is killed between any two of its instructions: what it heard was committed is there, and
// the two records of a commit never differ (K-04, K-05).
inline void HostsMayBeKilled(const std::function<std::unique_ptr<Store>()>& open, Store& judge) {
  for (int round = 0; round < 5; ++round) {
    testing::StoreProbe probe(judge);
    const std::vector<RecordKey> keys = {probe.Key("a"), probe.Key("b")};
    std::unique_ptr<Store> store;  // of the host, opened in its process
    int count = 0;
    const int acknowledged = KillHostInTheMiddle([&](const std::function<void(int)>& note) {
      if (store == nullptr) store = open();
      const testing::StoredRecords loaded = testing::LoadFrom(*store, keys);
      if (!loaded.ok) return;
      const std::string value = testing::Named(std::to_string(++count));
      if (testing::CommitTo(*store, {{keys[0], loaded.records[0].revision, value},
                                     {keys[1], loaded.records[1].revision, value}}) ==
          CommitOutcome::kCommitted)
        note(count);
    });
    ASSERT_GT(acknowledged, 0);
    const std::vector<testing::StoredRecord> found = probe.Load(keys);
    EXPECT_EQ(probe.problem(), "");
    const std::string a = testing::NameIn(found[0]);
    EXPECT_EQ(a, testing::NameIn(found[1]));
    EXPECT_TRUE(a == std::to_string(acknowledged) || a == std::to_string(acknowledged + 1))
        << a << " after " << acknowledged;
  }
}

// How many of four hosts that run `request()` at once succeed.
template <typename MakeRequest>
int SuccessesAtOnce(Engine& engine, const MakeRequest& request) {
  std::atomic<int> successes{0};
  std::vector<std::thread> hosts;
  for (int i = 0; i < 4; ++i)
    hosts.emplace_back([&] {
      if (engine.Run(request()).ok()) ++successes;
    });
  for (std::thread& host : hosts) host.join();
  return successes;
}

// Send and authenticate on the store, from several hosts at once: one success per passcode.
// Then a change of phone, likewise (E-04).
inline void AnEngineRunsOn(Store& store) {
  World world;
  // Ids are made of what the generator gives; a store that outlives the test wants new ones.
  testing::SeededRandom random(std::random_device{}());
  Engine engine(*world.config,
                {world.clock, random, store, world.sessions, world.inbox, world.guard});
  CreateOrganizationRequest organization_request;
  organization_request.organization_name = "Acme";
  const auto organization = engine.Run(organization_request);
  ASSERT_EQ(ErrorTypeOf(organization), "");
  CreateMemberRequest member_request;
  member_request.organization_id = organization.organization().organization_id.str();
  member_request.email_address = "person@example.com";
  const auto created = engine.Run(member_request);
  ASSERT_EQ(ErrorTypeOf(created), "");
  const Member member = created.member();

  auto send = On<SendSmsOtpRequest>(member);
  send.mfa_phone_number = kNumber;
  ASSERT_EQ(ErrorTypeOf(engine.Run(send)), "");
  const std::string code = world.inbox.LastCode();

  EXPECT_EQ(SuccessesAtOnce(engine,
                            [&] {
                              AuthenticateFields fields = world.AuthenticateRequest(member, code);
                              fields.session = world.Intermediate(member);
                              return fields.Request();
                            }),
            1);

  auto start = On<StartPhoneChangeRequest>(member, Actor::Host());
  start.mfa_phone_number = kOtherNumber;
  ASSERT_EQ(ErrorTypeOf(engine.Run(start)), "");
  const std::string new_code = world.inbox.LastCode();
  EXPECT_EQ(SuccessesAtOnce(engine,
                            [&] {
                              auto finish = On<FinishPhoneChangeRequest>(member, Actor::Host());
                              finish.code.emplace(new_code);
                              return finish;
                            }),
            1);
  const auto shown = engine.Run(On<GetMemberRequest>(member));
  ASSERT_EQ(ErrorTypeOf(shown), "");
  EXPECT_EQ(shown.member().mfa_phone_number, kOtherNumber);
}

// A send that the guard refused does not go out when it is repeated, also where the policy lets
// sends pass while the guard cannot be reached (L-07).
inline void ARefusalIsNoPass(SendGuard& guard) {
  Policy policy;
  policy.send_when_guard_unreachable = true;
  policy.organization_sends_max = 1;
  World world(policy, std::random_device()());
  world.guard.set_inner(&guard);
  const Organization organization = world.MakeOrganization();
  ASSERT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kNumber)), "");
  const Member refused = world.MakeMember(organization);
  CallOptions options;
  options.operation_id = NewUuid();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ErrorTypeOf(world.Send(refused, kOtherNumber, options)), "too_many_requests");
  EXPECT_EQ(world.inbox.messages().size(), 1u);
}

// A send whose commit failed gave back what it was admitted for, and goes out when it is repeated.
// A conflict takes nothing twice.
inline void AReturnedSendMayBeRepeated(SendGuard& guard) {
  using CommitFault = testing::FaultyStore::CommitFault;
  Policy policy;
  policy.organization_sends_max = 1;
  World world(policy, std::random_device()());
  world.guard.set_inner(&guard);
  const Member member = world.MakeMember(world.MakeOrganization());
  CallOptions options;
  options.operation_id = NewUuid();
  CommitFault fault = CommitFault::kUnavailable;
  world.store.commit_fault = [&](int) { return std::exchange(fault, CommitFault::kNone); };
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber, options)), "server_unavailable");
  fault = CommitFault::kConflict;
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber, options)), "");
  EXPECT_EQ(world.inbox.messages().size(), 1u);
}

inline SessionEffect ExtensionOf(const SessionCredential& credential) {
  SessionEffect effect;
  effect.kind = SessionEffect::Kind::kExtend;
  effect.credential = credential;
  effect.duration = std::chrono::minutes(30);
  effect.proof.kind = FactorKind::kSmsPasscode;
  return effect;
}

// Sessions that one host makes are good at another, end by the hosts' clock, and intermediate
// tokens are consumed.
template <typename Directory>
void SessionsAreShared(Directory& one, Directory& other, testing::VirtualClock& clock) {
  using Kind = SessionCredential::Kind;
  Session session;
  session.organization_id = "organization";
  session.member_id = "member";
  session.id = std::string(kIdBytesMax, '\xFF');
  const Instant signed_in = clock.Now();
  session.factors.Add(FactorKind::kHostPrimary, signed_in);
  const std::string token = FormatUuid(NewUuid());
  const SessionCredential intermediate = {Kind::kIntermediateToken, token};
  const SessionCredential full = {Kind::kSessionToken, token};
  ASSERT_TRUE(one.Add(intermediate, session, clock.Now() + std::chrono::minutes(10)));
  EXPECT_FALSE(other.Find(full).session) << "the kinds do not mix";
  ASSERT_TRUE(
      one.Add(full, session, clock.Now() + std::chrono::minutes(10), std::string("a\0\"b", 4)));
  const auto found = other.Find(intermediate).session;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->organization_id.str(), "organization");
  EXPECT_EQ(found->member_id.str(), "member");
  EXPECT_EQ(found->id.str(), session.id.str());
  EXPECT_EQ(found->factors.LastShown(FactorKind::kHostPrimary), signed_in);
  EXPECT_FALSE(found->factors.HasSecond());

  SessionEffect effect;
  effect.kind = SessionEffect::Kind::kUpgrade;
  effect.credential = intermediate;
  effect.duration = std::chrono::minutes(30);
  effect.proof.kind = FactorKind::kSmsPasscode;
  effect.proof.at = clock.Now();
  EXPECT_TRUE(other.Apply(effect));
  EXPECT_FALSE(one.Apply(effect)) << "consumed already";
  EXPECT_TRUE(one.Find(intermediate).ok);
  EXPECT_FALSE(one.Find(intermediate).session);
  effect.kind = SessionEffect::Kind::kExtend;
  effect.credential = full;
  EXPECT_TRUE(other.Apply(effect));
  const Instant end = clock.Now() + effect.duration;
  const auto info = one.Get(full);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->session.id.str(), session.id.str());
  EXPECT_EQ(info->metadata, std::string("a\0\"b", 4));
  EXPECT_EQ(info->expires_at, end);
  EXPECT_FALSE(other.CompareAndSetMetadata(full, "b", "c")) << "somebody else has changed it";
  EXPECT_TRUE(other.CompareAndSetMetadata(full, info->metadata, "c"));
  EXPECT_EQ(one.Get(full)->metadata, "c");
  EXPECT_EQ(one.Get(full)->expires_at, end);
  EXPECT_FALSE(one.Get(intermediate));
  EXPECT_FALSE(one.CompareAndSetMetadata(intermediate, "", "d"));
  EXPECT_FALSE(one.Get(intermediate)) << "metadata alone is no session";
  clock.Advance(std::chrono::minutes(30) - Duration(1));
  ASSERT_TRUE(one.Find(full).session) << "extended";
  clock.Advance(Duration(1));
  EXPECT_FALSE(one.Find(full).session) << "ended";
  EXPECT_FALSE(one.Get(full));
  EXPECT_FALSE(one.CompareAndSetMetadata(full, "c", "d"));
  EXPECT_FALSE(other.Apply(effect)) << "what has ended is not extended";
  EXPECT_FALSE(one.Find(full).session);
  ASSERT_TRUE(one.Add(intermediate, session, clock.Now() + Duration(1)));
  clock.Advance(Duration(1));
  effect.kind = SessionEffect::Kind::kUpgrade;
  effect.credential = intermediate;
  EXPECT_FALSE(other.Apply(effect)) << "what has ended is not consumed";
}

// A success adds its factor to the session or renews it; all the others stay as they were. New
// sessions are the host's to make.
template <typename Directory>
void FactorsAreKept(Directory& one, Directory& other, testing::VirtualClock& clock) {
  const auto start = clock.Now();
  const std::string token = FormatUuid(NewUuid());
  const SessionCredential credential = {SessionCredential::Kind::kSessionToken, token};
  SessionEffect effect;
  for (const auto kind : {SessionEffect::Kind::kCreate, SessionEffect::Kind::kCreateIntermediate}) {
    effect.kind = kind;
    EXPECT_TRUE(one.Apply(effect));
  }
  effect.credential = credential;
  EXPECT_FALSE(other.Find(credential).session);

  Session session;
  session.organization_id = EntityId::Organization(Environment::kTest, NewUuid());
  session.member_id = EntityId::Member(Environment::kTest, NewUuid());
  for (size_t i = 0; i < kFactorKindCount; i += 2)
    session.factors.Add(static_cast<FactorKind>(i), start + Duration(i));
  const Instant end = start + std::chrono::hours(1);
  ASSERT_TRUE(one.Add(credential, session, end));
  const auto expect_same = [&](const char* after) {
    const std::optional<Session> found = other.Find(credential).session;
    ASSERT_TRUE(found) << after;
    EXPECT_EQ(found->organization_id, session.organization_id);
    EXPECT_EQ(found->member_id, session.member_id);
    EXPECT_EQ(found->id.str(), session.id.str()) << after;
    for (size_t i = 0; i < kFactorKindCount; ++i) {
      const auto kind = static_cast<FactorKind>(i);
      EXPECT_EQ(found->factors.LastShown(kind), session.factors.LastShown(kind)) << after << i;
    }
  };
  expect_same("added");
  effect.kind = SessionEffect::Kind::kExtend;
  for (size_t i = 0; i < kFactorKindCount; ++i) {
    clock.Advance(Duration(1000));
    effect.proof.kind = static_cast<FactorKind>(i);
    effect.proof.at = clock.Now();
    session.factors.Add(effect.proof.kind, effect.proof.at);
    EXPECT_TRUE(one.Apply(effect));
    expect_same("shown");
    EXPECT_TRUE(one.Apply(effect)) << "twice is once";
    effect.proof.at = start;
    EXPECT_TRUE(one.Apply(effect)) << "an earlier one, repeated late";
    expect_same("shown again");
  }
  EXPECT_EQ(one.Get(credential)->expires_at, end) << "no proof makes it shorter";
  EXPECT_TRUE(one.Get(credential)->session.id.empty());
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_STORE_SCENARIOS_H_
