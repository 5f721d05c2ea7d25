// SPDX-License-Identifier: Apache-2.0
// What the tests of the guards do with what a guard is told of answers: conversion and spraying.
#ifndef OTPCORE_TESTS_CONFORMANCE_GUARD_OBSERVATIONS_H_
#define OTPCORE_TESTS_CONFORMANCE_GUARD_OBSERVATIONS_H_

#include "guard_scenarios.h"

namespace otpcore {

// Of an Organization of its own, with the figures of L-07.
inline Quota NewConversionQuota() {
  Quota quota;
  quota.subject = Quota::Subject::kConversion;
  quota.organization_id = NewOrganizationId();
  quota.region = "US";
  quota.max = 10;
  quota.min_ended = 50;
  quota.window = std::chrono::hours(24);
  quota.life = std::chrono::minutes(10);
  return quota;
}

// What a wrong code leaves for guards.
inline EventList FailureIn(const EntityId& organization) {
  EventList failure;
  failure.organization_id = organization;
  failure.member_id = "member";
  Event event;
  event.kind = EventKind::kFailure;
  event.region = "US";
  failure.Add(event);
  return failure;
}

// What `guard` does wrong where too few of the sends that ended were answered (L-07); "" is
// nothing.
inline std::string CheckAConversionQuota(SendGuard& guard) {
  using Kind = Admission::Kind;
  Quota quota = NewConversionQuota();
  quota.min_ended = 0;
  const auto admit = [&] { return guard.Admit(NewUuid(), {quota}).kind; };
  for (int i = 0; i < 60; ++i)
    if (admit() != Kind::kAdmitted) return "it refused when none had ended";
  quota.life = Duration(1);
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (int i = 0; i < 60; ++i) {  // wrong codes are no answers
    EventList failure = FailureIn(quota.organization_id);
    guard.Observe(&failure);
  }
  const Admission refused = guard.Admit(NewUuid(), {quota});
  if (refused.kind != Kind::kTooFewAuthenticated) return "none was answered, and it did not refuse";
  // Until the oldest send leaves the window.
  if (refused.retry_after > quota.window || refused.retry_after <= quota.window / 2)
    return "it says nothing right of how long to wait";
  quota.min_ended = 61;
  if (admit() != Kind::kAdmitted) return "it judged before enough had ended";
  return "";
}

// More failures than the limit in one Organization raise the event, once, whichever host counts the
// last one (L-08). Both guards have the limit 3.
inline void SprayingIsRaisedOnce(SendGuard& one, SendGuard& other) {
  EntityId organization = NewOrganizationId();
  const auto raised_by = [&](SendGuard& guard) {
    EventList events = FailureIn(organization);
    guard.Observe(&events);
    return events.Has(EventKind::kSpraying);
  };
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(raised_by(i % 2 ? one : other));
  EXPECT_TRUE(raised_by(other));
  EXPECT_FALSE(raised_by(one)) << "raised already";
  organization = NewOrganizationId();
  EXPECT_FALSE(raised_by(one)) << "another Organization";
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_GUARD_OBSERVATIONS_H_
