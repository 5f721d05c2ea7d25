// SPDX-License-Identifier: Apache-2.0
// What the tests of the guards do with what a guard is told of failures: spraying.
#ifndef OTPCORE_TESTS_CONFORMANCE_GUARD_OBSERVATIONS_H_
#define OTPCORE_TESTS_CONFORMANCE_GUARD_OBSERVATIONS_H_

#include "guard_scenarios.h"

namespace otpcore {

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
  organization =
      EntityId();  // outside all of them, as discovery (L-14); others may have counted there
  bool raised = false;
  for (int i = 0; i < 4; ++i) raised |= raised_by(i % 2 ? one : other);
  EXPECT_TRUE(raised);
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_GUARD_OBSERVATIONS_H_
