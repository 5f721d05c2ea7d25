// SPDX-License-Identifier: Apache-2.0
// What the tests of both example stores do beyond the kit: a whole engine on the store, hosts that
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

namespace otpcore {

// A host is killed between any two of its instructions: what it heard was committed is there, and
// the two records of a commit never differ (K-04, K-05).
inline void HostsMayBeKilled(const std::function<std::unique_ptr<Store>()>& open, Store& judge) {
  for (int round = 0; round < 5; ++round) {
    testing::StoreProbe probe(judge);
    const std::vector<RecordKey> keys = {probe.Key("a"), probe.Key("b")};
    std::unique_ptr<Store> store;  // of the host, opened in its process
    int count = 0;
    const int acknowledged = KillHostInTheMiddle([&](const std::function<void(int)>& metadata) {
      if (store == nullptr) store = open();
      const Store::LoadResult loaded = store->Load(keys);
      if (!loaded.ok) return;
      const std::string value = std::to_string(++count);
      if (store->Commit(testing::StoreProbe::ChangesOf(
              {{keys[0], loaded.records[0].revision, testing::Named(value)},
               {keys[1], loaded.records[1].revision, testing::Named(value)}})) ==
          CommitOutcome::kCommitted)
        metadata(count);
    });
    ASSERT_GT(acknowledged, 0);
    const std::vector<LoadedRecord> found = probe.Load(keys);
    EXPECT_EQ(probe.problem(), "");
    const auto* a = std::get_if<NameEntry>(&found[0].record);
    const auto* b = std::get_if<NameEntry>(&found[1].record);
    ASSERT_TRUE(a != nullptr && b != nullptr);
    EXPECT_EQ(a->id, b->id);
    EXPECT_TRUE(a->id == Id(std::to_string(acknowledged)) ||
                a->id == Id(std::to_string(acknowledged + 1)))
        << a->id.str() << " after " << acknowledged;
  }
}

// Send and authenticate on the store, from several hosts at once: one success per passcode.
inline void AnEngineRunsOn(Store& store) {
  World world;
  // Ids are made of what the generator gives; a store that outlives the test wants new ones.
  testing::SeededRandom random(std::random_device{}());
  Engine engine(*world.config, {world.clock, random, store, world.sessions, world.inbox});
  CreateOrganizationRequest organization_request;
  organization_request.organization_name = "Acme";
  auto organization = engine.Run(std::move(organization_request));
  ASSERT_EQ(ErrorTypeOf(organization), "");
  CreateMemberRequest member_request;
  member_request.organization_id = organization.organization().organization_id.str();
  member_request.email_address = "person@example.com";
  auto created = engine.Run(std::move(member_request));
  ASSERT_EQ(ErrorTypeOf(created), "");
  const Member member = created.member();

  auto send = On<SendSmsOtpRequest>(member);
  send.mfa_phone_number = kNumber;
  ASSERT_EQ(ErrorTypeOf(engine.Run(std::move(send))), "");
  const std::string code = world.inbox.LastCode();

  std::atomic<int> successes{0};
  std::vector<AuthenticateFields> requests;
  for (int i = 0; i < 4; ++i) {
    requests.push_back(world.AuthenticateRequest(member, code));
    requests.back().session = world.Intermediate(member);
  }
  std::vector<std::thread> hosts;
  for (const AuthenticateFields& request : requests)
    hosts.emplace_back([&engine, &successes, &request] {
      if (engine.Run(request.Request()).result) ++successes;
    });
  for (std::thread& host : hosts) host.join();
  EXPECT_EQ(successes, 1);
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

// Sessions that one host makes are good at another, end by the hosts' clock, and intermediate
// tokens are consumed.
template <typename Directory>
void SessionsAreShared(Directory& one, Directory& other, testing::VirtualClock& clock) {
  using Kind = SessionCredential::Kind;
  Session session;
  session.organization_id = "organization";
  session.member_id = "member";
  session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
  const std::string token = FormatUuid(NewUuid());
  const SessionCredential intermediate = {Kind::kIntermediateToken, token};
  const SessionCredential full = {Kind::kSessionToken, token};
  ASSERT_TRUE(one.Add(intermediate, session, clock.Now() + std::chrono::minutes(10)));
  EXPECT_FALSE(other.Find(full).session) << "the kinds do not mix";
  ASSERT_TRUE(
      one.Add(full, session, clock.Now() + std::chrono::minutes(10), std::string("a\0\"b", 4)));
  const auto found = other.Find(intermediate).session;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->organization_id.view(), "organization");
  EXPECT_EQ(found->member_id.view(), "member");
  EXPECT_TRUE(found->factors.HasPrimary());
  EXPECT_FALSE(found->factors.HasSecond());

  SessionEffect effect;
  effect.credential = intermediate;
  effect.session_duration = std::chrono::minutes(30);
  EXPECT_TRUE(other.Apply(effect));
  EXPECT_FALSE(one.Apply(effect)) << "consumed already";
  EXPECT_TRUE(one.Find(intermediate).ok);
  EXPECT_FALSE(one.Find(intermediate).session);
  effect.credential = full;
  EXPECT_TRUE(other.Apply(effect));
  const Instant end = clock.Now() + effect.session_duration;
  const auto info = one.Get(full);
  ASSERT_TRUE(info);
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
  EXPECT_TRUE(one.Find(full).session->factors.Has(FactorKind::kSmsPasscode));
  clock.Advance(Duration(1));
  EXPECT_FALSE(one.Find(full).session) << "ended";
  EXPECT_FALSE(one.Get(full));
  EXPECT_FALSE(one.CompareAndSetMetadata(full, "c", "d"));
  EXPECT_FALSE(other.Apply(effect)) << "what has ended is not extended";
  EXPECT_FALSE(one.Find(full).session);
  ASSERT_TRUE(one.Add(intermediate, session, clock.Now() + Duration(1)));
  clock.Advance(Duration(1));
  effect.credential = intermediate;
  EXPECT_FALSE(other.Apply(effect)) << "what has ended is not consumed";
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_STORE_SCENARIOS_H_
