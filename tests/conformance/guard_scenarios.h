// What the tests of both example guards do: quotas that hosts share, and spraying.
#ifndef OTPCORE_TESTS_CONFORMANCE_GUARD_SCENARIOS_H_
#define OTPCORE_TESTS_CONFORMANCE_GUARD_SCENARIOS_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "otpcore/ports.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {

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

// Of an Organization of its own, with the figures of L-07.
inline Quota NewConversionQuota() {
  Quota quota;
  quota.kind = Quota::Kind::kConversion;
  quota.organization_id = "organization" + FormatUuid(NewOperation());
  quota.region = "US";
  quota.max = 10;
  quota.min_ended = 50;
  quota.window = std::chrono::hours(24);
  return quota;
}

// Too few of the sends that ended were answered (L-07). Sends end with the longest passcode life,
// so none of this test's has ended, and a quota that asks for none ended judges them at once.
inline void AConversionQuotaJudges(SendGuard& guard) {
  const Quota quota = NewConversionQuota();
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

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_GUARD_SCENARIOS_H_
