// What the tests of both example stores do beyond the kit: a whole engine on the store, hosts that
// are killed, and quotas that hosts share.
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
#include <vector>

#include "../fixture.h"
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
    const int acknowledged = KillHostInTheMiddle([&](const std::function<void(int)>& note) {
      if (store == nullptr) store = open();
      const Store::LoadResult loaded = store->Load(keys);
      if (!loaded.ok) return;
      const std::string value = std::to_string(++count);
      if (store->Commit(testing::StoreProbe::ChangesOf(
              {{keys[0], loaded.records[0].revision, testing::Named(value)},
               {keys[1], loaded.records[1].revision, testing::Named(value)}})) ==
          CommitOutcome::kCommitted)
        note(count);
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
  member_request.organization_id = organization.result->organization.organization_id.str();
  member_request.email_address = "person@example.com";
  auto created = engine.Run(std::move(member_request));
  ASSERT_EQ(ErrorTypeOf(created), "");
  const Member member = created.result->member;

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

inline OperationId NewOperation() {
  static std::mt19937_64 random{std::random_device()()};
  OperationId id;
  for (uint8_t& byte : id.bytes) byte = static_cast<uint8_t>(random());
  return id;
}

// The quotas of L-06 and L-07 as one guard of two hosts sees them.
inline void AGuardIsShared(SendGuard& one, SendGuard& other) {
  using Kind = Admission::Kind;
  Quota number;
  number.kind = Quota::Kind::kNumber;
  number.phone_number = "+1" + std::to_string(1000000000 + std::random_device()() % 1000000000);
  number.max = 3;
  number.window = std::chrono::hours(1);
  Quota region;
  region.kind = Quota::Kind::kRegion;
  region.organization_id = "organization" + number.phone_number.str();
  region.region = "US";
  region.max = 1000;
  region.window = std::chrono::hours(1);
  const std::vector<Quota> quotas = {number, region};

  // From all sides at once, exactly `max` are admitted.
  std::atomic<int> admitted{0};
  std::vector<OperationId> operations;
  for (int i = 0; i < 12; ++i) operations.push_back(NewOperation());
  std::vector<std::thread> hosts;
  for (size_t i = 0; i < 4; ++i)
    hosts.emplace_back([&, i] {
      for (size_t k = i; k < operations.size(); k += 4)
        if ((k % 2 ? one : other).Admit(operations[k], quotas).kind == Kind::kAdmitted) ++admitted;
    });
  for (std::thread& host : hosts) host.join();
  EXPECT_EQ(admitted, 3);

  const OperationId late = NewOperation();
  const Admission refused = one.Admit(late, quotas);
  EXPECT_EQ(refused.kind, Kind::kTooMany);
  EXPECT_GT(refused.retry_after, std::chrono::minutes(50));
  EXPECT_LE(refused.retry_after, std::chrono::hours(1));

  // Asked again: the answer of the first time, and nothing more is taken. Given back: room for one.
  OperationId first;
  for (const OperationId& id : operations)
    if (other.Admit(id, quotas).kind == Kind::kAdmitted) first = id;
  other.Settle(first, Settlement::kReturned);
  EXPECT_EQ(other.Admit(late, quotas).kind, Kind::kTooMany) << "what was answered stays answered";
  // Given back before its admission arrives, which then takes nothing.
  const OperationId overtaken = NewOperation();
  other.Settle(overtaken, Settlement::kReturned);
  EXPECT_EQ(one.Admit(overtaken, quotas).kind, Kind::kUnreachable);
  const OperationId next = NewOperation();
  EXPECT_EQ(one.Admit(next, quotas).kind, Kind::kAdmitted);
  one.Settle(next, Settlement::kSpent);
  EXPECT_EQ(one.Admit(NewOperation(), quotas).kind, Kind::kTooMany);
  // Of the other quota nothing was taken by what this one refused.
  region.max = 3;
  EXPECT_EQ(one.Admit(NewOperation(), {region}).kind, Kind::kTooMany);
  region.max = 4;
  EXPECT_EQ(one.Admit(NewOperation(), {region}).kind, Kind::kAdmitted);
  region.max = 0;
  EXPECT_EQ(one.Admit(NewOperation(), {region}).kind, Kind::kTooMany);
}

// A window rolls: an event leaves at its time + window, not before.
inline void AWindowRolls(SendGuard& guard) {
  Quota quota;
  quota.organization_id = "organization" + FormatUuid(NewOperation());
  quota.kind = Quota::Kind::kOrganization;
  quota.max = 1;
  quota.window = std::chrono::hours(1);
  ASSERT_EQ(guard.Admit(NewOperation(), {quota}).kind, Admission::Kind::kAdmitted);
  ASSERT_EQ(guard.Admit(NewOperation(), {quota}).kind, Admission::Kind::kTooMany);
  quota.window = Duration(1);  // seen through a shorter window the event has left
  Admission admission = guard.Admit(NewOperation(), {quota});
  for (int i = 0; i < 1000 && admission.kind != Admission::Kind::kAdmitted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    admission = guard.Admit(NewOperation(), {quota});
  }
  EXPECT_EQ(admission.kind, Admission::Kind::kAdmitted);
}

// Too few of the sends that ended were answered (L-07). Sends end with the longest passcode life,
// so none of this test's has ended, and a quota that asks for none ended judges them at once.
inline void AConversionQuotaJudges(SendGuard& guard) {
  Quota quota;
  quota.kind = Quota::Kind::kConversion;
  quota.organization_id = "organization" + FormatUuid(NewOperation());
  quota.region = "US";
  quota.max = 10;
  quota.min_ended = 50;
  quota.window = std::chrono::hours(24);
  for (int i = 0; i < 60; ++i)
    ASSERT_EQ(guard.Admit(NewOperation(), {quota}).kind, Admission::Kind::kAdmitted)
        << "none of them has ended";
}

// More failures than the limit in one Organization raise the event, once, whichever host counts the
// last one (L-08). Both guards have the limit 3.
inline void SprayingIsRaisedOnce(SendGuard& one, SendGuard& other) {
  EventList failure;
  failure.organization_id = "organization" + FormatUuid(NewOperation());
  failure.member_id = "member";
  Event event;
  event.kind = EventKind::kFailure;
  failure.Add(event);
  const auto raised_by = [&](SendGuard& guard) {
    EventList events = failure;
    guard.Observe(&events);
    return events.Has(EventKind::kSpraying);
  };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(raised_by(i % 2 ? one : other));
  EXPECT_TRUE(raised_by(other));
  EXPECT_FALSE(raised_by(one)) << "raised already";
  failure.organization_id = "organization" + FormatUuid(NewOperation());
  EXPECT_FALSE(raised_by(one)) << "another Organization";
}

// Sessions that one host makes are good at another, end by the hosts' clock, and intermediate
// tokens are consumed.
template <typename Directory>
void SessionsAreShared(Directory& one, Directory& other, testing::VirtualClock& clock) {
  using Kind = SessionCredential::Kind;
  Session session;
  session.organization_id = "organization";
  session.member_id = "member";
  session.has_primary_factor = true;
  const std::string token = FormatUuid(NewOperation());
  const SessionCredential intermediate = {Kind::kIntermediateToken, token};
  const SessionCredential full = {Kind::kSessionToken, token};
  ASSERT_TRUE(one.Add(intermediate, session, clock.Now() + std::chrono::minutes(10)));
  EXPECT_FALSE(other.Find(full).session) << "the kinds do not mix";
  ASSERT_TRUE(one.Add(full, session, clock.Now() + std::chrono::minutes(10)));
  const auto found = other.Find(intermediate).session;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->organization_id.view(), "organization");
  EXPECT_EQ(found->member_id.view(), "member");
  EXPECT_TRUE(found->has_primary_factor);
  EXPECT_FALSE(found->HasMfaFactor());

  SessionEffect effect;
  effect.credential = intermediate;
  effect.session_duration = std::chrono::minutes(30);
  EXPECT_TRUE(other.Apply(effect));
  EXPECT_FALSE(one.Apply(effect)) << "consumed already";
  EXPECT_TRUE(one.Find(intermediate).ok);
  EXPECT_FALSE(one.Find(intermediate).session);
  effect.credential = full;
  EXPECT_TRUE(other.Apply(effect));
  clock.Advance(std::chrono::minutes(30) - Duration(1));
  ASSERT_TRUE(one.Find(full).session) << "extended";
  EXPECT_TRUE(one.Find(full).session->has_sms_otp_factor);
  clock.Advance(Duration(1));
  EXPECT_FALSE(one.Find(full).session) << "ended";
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_STORE_SCENARIOS_H_
