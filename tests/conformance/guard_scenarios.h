// SPDX-License-Identifier: Apache-2.0
// What the tests of both example guards do: quotas that hosts share.
#ifndef OTPCORE_TESTS_CONFORMANCE_GUARD_SCENARIOS_H_
#define OTPCORE_TESTS_CONFORMANCE_GUARD_SCENARIOS_H_

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "otpcore/engine/ports.h"
#include "otpcore/testing/store_probe.h"

namespace otpcore {

inline Uuid NewUuid() {
  static std::mt19937_64 random{std::random_device()()};
  Uuid id;
  for (uint8_t& byte : id.bytes) byte = static_cast<uint8_t>(random());
  return id;
}

inline EntityId NewOrganizationId() { return "organization" + FormatUuid(NewUuid()); }

// The quotas of L-06 and L-07 as one guard of two hosts sees them.
inline void AGuardIsShared(SendGuard& one, SendGuard& other) {
  using Kind = Admission::Kind;
  Quota number;
  number.subject = Quota::Subject::kAddress;
  number.address = "+1" + std::to_string(1000000000 + std::random_device()() % 1000000000);
  number.max = 3;
  number.window = std::chrono::hours(1);
  Quota region;
  region.subject = Quota::Subject::kRegion;
  region.organization_id = NewOrganizationId();
  region.region = "US";
  region.max = 1000;
  region.window = std::chrono::hours(1);
  const Quotas quotas = {number, region};

  // From all sides at once, exactly `max` are admitted.
  std::atomic<int> admitted{0};
  std::vector<AdmissionId> admissions;
  for (int i = 0; i < 12; ++i) admissions.push_back(NewUuid());
  std::vector<std::thread> hosts;
  for (size_t i = 0; i < 4; ++i)
    hosts.emplace_back([&, i] {
      for (size_t k = i; k < admissions.size(); k += 4)
        if ((k % 2 ? one : other).Admit(admissions[k], quotas).kind == Kind::kAdmitted) ++admitted;
    });
  for (std::thread& host : hosts) host.join();
  EXPECT_EQ(admitted, 3);

  const Admission refused = one.Admit(NewUuid(), quotas);
  EXPECT_EQ(refused.kind, Kind::kTooMany);
  EXPECT_GT(refused.retry_after, std::chrono::minutes(50));
  EXPECT_LE(refused.retry_after, std::chrono::hours(1));
  // Of the other quota nothing was taken by what this one refused.
  region.max = 3;
  EXPECT_EQ(one.Admit(NewUuid(), {region}).kind, Kind::kTooMany);
  region.max = 4;
  EXPECT_EQ(one.Admit(NewUuid(), {region}).kind, Kind::kAdmitted);
  region.max = 0;
  EXPECT_EQ(one.Admit(NewUuid(), {region}).kind, Kind::kTooMany);
}

// Of an Organization of its own.
inline Quota NewOrganizationQuota(int max) {
  Quota quota;
  quota.subject = Quota::Subject::kOrganization;
  quota.organization_id = NewOrganizationId();
  quota.max = max;
  quota.window = std::chrono::hours(1);
  return quota;
}

// What was admitted is admitted again and takes nothing; of a refusal nothing stays.
inline void AdmissionsAreRemembered(SendGuard& one, SendGuard& other) {
  const Quota quota = NewOrganizationQuota(1);
  const auto admit = [&](SendGuard& guard, const AdmissionId& id) {
    return guard.Admit(id, {quota}).kind;
  };
  const AdmissionId first = NewUuid();
  const AdmissionId second = NewUuid();
  EXPECT_EQ(admit(one, first), Admission::Kind::kAdmitted);
  EXPECT_EQ(admit(other, second), Admission::Kind::kTooMany);
  EXPECT_EQ(admit(other, first), Admission::Kind::kAdmitted) << "again";
  one.Settle(first, Settlement::kReturned);
  EXPECT_EQ(admit(one, second), Admission::Kind::kAdmitted) << "there is room now";
  one.Settle(second, Settlement::kSpent);
  EXPECT_EQ(admit(one, second), Admission::Kind::kAdmitted);
  EXPECT_EQ(admit(one, NewUuid()), Admission::Kind::kTooMany);
}

// An admission that comes, or comes again, after it was given back: it takes nothing, and no policy
// lets a send out that has to wait.
inline void ALateAdmissionTakesNothing(SendGuard& one, SendGuard& other) {
  const Quota quota = NewOrganizationQuota(1);
  const auto is_late = [&](const AdmissionId& id) {
    const Admission late = one.Admit(id, {quota});
    EXPECT_EQ(late.kind, Admission::Kind::kTooMany);
    EXPECT_GT(late.retry_after, Duration(0));
    EXPECT_LE(late.retry_after, std::chrono::minutes(10));
  };
  const AdmissionId overtaken = NewUuid();
  other.Settle(overtaken, Settlement::kReturned);
  is_late(overtaken);
  const AdmissionId twin = NewUuid();
  EXPECT_EQ(one.Admit(twin, {quota}).kind, Admission::Kind::kAdmitted);
  other.Settle(twin, Settlement::kReturned);
  is_late(twin);
  EXPECT_EQ(other.Admit(NewUuid(), {quota}).kind, Admission::Kind::kAdmitted);
}

// However they meet: one takes the last place, the others are told so too.
inline void TwinsAreAdmittedTogether(SendGuard& guard) {
  for (int round = 0; round < 20; ++round) {
    const Quota quota = NewOrganizationQuota(1);
    const AdmissionId id = NewUuid();
    std::atomic<int> admitted{0};
    std::vector<std::thread> twins;
    for (int i = 0; i < 4; ++i)
      twins.emplace_back([&] {
        if (guard.Admit(id, {quota}).kind == Admission::Kind::kAdmitted) ++admitted;
      });
    for (std::thread& twin : twins) twin.join();
    EXPECT_EQ(admitted, 4);
  }
}

// A window rolls: an event leaves at its time + window, not before.
inline void AWindowRolls(SendGuard& guard) {
  Quota quota = NewOrganizationQuota(1);
  ASSERT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kAdmitted);
  ASSERT_EQ(guard.Admit(NewUuid(), {quota}).kind, Admission::Kind::kTooMany);
  quota.window = Duration(1);  // seen through a shorter window the event has left
  Admission admission = guard.Admit(NewUuid(), {quota});
  for (int i = 0; i < 1000 && admission.kind != Admission::Kind::kAdmitted; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    admission = guard.Admit(NewUuid(), {quota});
  }
  EXPECT_EQ(admission.kind, Admission::Kind::kAdmitted);
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_GUARD_SCENARIOS_H_
