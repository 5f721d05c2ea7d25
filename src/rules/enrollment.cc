// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/enrollment.h"

namespace otpcore {
namespace {

using S = EnrollmentState;
using C = ClaimEffect;

constexpr Transition kRefused = {};

constexpr Transition To(S next, C claim = C::kKeep, bool drops_challenge = false) {
  return {true, next, claim, drops_challenge};
}

struct Row {
  EnrollmentEvent event;
  std::string_view name;
  Transition from[kEnrollmentStateCount];  // none, pending, verified
};

// E-02: only kAuthenticated and kImported lead to kVerified. E-03: a verified number goes only by
// deletion, and by kChanged for another one that is proved (E-04): of the old one the claim is then
// released.
constexpr Row kTable[kEnrollmentEventCount] = {
    {EnrollmentEvent::kLinkedBySend,
     "linked by send",
     {To(S::kPending, C::kLease), kRefused, kRefused}},
    {EnrollmentEvent::kLinkedByUpdate,
     "linked by update",
     {To(S::kPending, C::kLease), kRefused, kRefused}},
    {EnrollmentEvent::kImported, "imported", {To(S::kVerified, C::kPermanent), kRefused, kRefused}},
    {EnrollmentEvent::kAuthenticated,
     "authenticated",
     {kRefused, To(S::kVerified, C::kPermanent), To(S::kVerified)}},
    {EnrollmentEvent::kWrongCode, "wrong code", {To(S::kNone), To(S::kPending), To(S::kVerified)}},
    {EnrollmentEvent::kSupersededCode,
     "superseded code",
     {kRefused, To(S::kPending), To(S::kVerified)}},
    {EnrollmentEvent::kChallengeExpired,
     "challenge expired",
     {kRefused, To(S::kPending), To(S::kVerified)}},
    {EnrollmentEvent::kExhausted, "exhausted", {kRefused, To(S::kPending), To(S::kVerified)}},
    {EnrollmentEvent::kDeliveryRejected,
     "delivery rejected",
     {kRefused, To(S::kNone, C::kRelease), To(S::kVerified)}},
    {EnrollmentEvent::kReplaced,
     "replaced",
     {kRefused, To(S::kPending, C::kLease, true), kRefused}},
    {EnrollmentEvent::kPhoneDeleted,
     "phone deleted",
     {kRefused, To(S::kNone, C::kRelease, true), To(S::kNone, C::kRelease, true)}},
    {EnrollmentEvent::kMemberDeleted,
     "member deleted",
     {To(S::kNone), To(S::kNone, C::kRelease, true), To(S::kNone, C::kRelease, true)}},
    {EnrollmentEvent::kReactivated, "reactivated", {To(S::kNone), kRefused, kRefused}},
    {EnrollmentEvent::kClaimLost, "claim lost", {kRefused, To(S::kPending), kRefused}},
    {EnrollmentEvent::kChanged,
     "changed",
     {kRefused, kRefused, To(S::kVerified, C::kPermanent, true)}},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kEnrollmentEventCount; ++i) {
    if (kTable[i].event != static_cast<EnrollmentEvent>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "a row stands at the index of its event");

}  // namespace

Transition NextEnrollment(EnrollmentState state, EnrollmentEvent event) {
  const auto row = static_cast<size_t>(event);
  const auto column = static_cast<size_t>(state);
  if (row >= kEnrollmentEventCount || column >= kEnrollmentStateCount) return kRefused;
  return kTable[row].from[column];
}

std::string_view NameOf(EnrollmentState state) {
  switch (state) {
    case EnrollmentState::kNone: return "none";
    case EnrollmentState::kPending: return "pending";
    case EnrollmentState::kVerified: return "verified";
  }
  return "unknown";
}

std::string_view NameOf(EnrollmentEvent event) {
  const auto row = static_cast<size_t>(event);
  return row < kEnrollmentEventCount ? kTable[row].name : "unknown";
}

}  // namespace otpcore
