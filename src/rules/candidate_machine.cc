// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/candidate_machine.h"

namespace otpcore {
namespace {

using S = CandidateState;
using E = CandidateEvent;
using C = ClaimEffect;
using Cell = CandidateTransition;

constexpr Cell kNever = {};

constexpr Cell To(S next, C claim = C::kKeep) { return {true, next, claim}; }

struct Row {
  E event;
  std::string_view name;
  Cell from[kCandidateStateCount];  // none, open, over
};

// Where the number is replaced, the claim of the one before is released as well.
constexpr Row kTable[kCandidateEventCount] = {
    {E::kNamed,
     "named",
     {To(S::kOpen, C::kLease), To(S::kOpen, C::kLease), To(S::kOpen, C::kLease)}},
    {E::kReplaced, "replaced", {kNever, To(S::kOpen, C::kLease), To(S::kOpen, C::kLease)}},
    {E::kProved, "proved", {kNever, To(S::kNone, C::kPermanent), kNever}},
    {E::kClaimLost, "claim lost", {kNever, To(S::kOver), kNever}},
    {E::kWrongCode, "wrong code", {To(S::kNone), To(S::kOpen), To(S::kOver)}},
    {E::kSupersededCode, "superseded code", {kNever, To(S::kOpen), kNever}},
    {E::kExpired, "expired", {kNever, To(S::kOver), kNever}},
    {E::kExhausted, "exhausted", {kNever, To(S::kOver), kNever}},
    {E::kDeliveryFailed, "delivery failed", {kNever, To(S::kNone, C::kRelease), kNever}},
    {E::kPhoneDeleted,
     "phone deleted",
     {To(S::kNone), To(S::kNone, C::kRelease), To(S::kNone, C::kRelease)}},
    {E::kMemberDeleted,
     "Member deleted",
     {To(S::kNone), To(S::kNone, C::kRelease), To(S::kNone, C::kRelease)}},
    {E::kReactivated, "reactivated", {To(S::kNone), kNever, kNever}},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kCandidateEventCount; ++i) {
    if (kTable[i].event != static_cast<E>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "a row stands at the index of its event");

}  // namespace

CandidateTransition NextCandidate(CandidateState state, CandidateEvent event) {
  const auto row = static_cast<size_t>(event);
  const auto column = static_cast<size_t>(state);
  if (row >= kCandidateEventCount || column >= kCandidateStateCount) return kNever;
  return kTable[row].from[column];
}

std::string_view NameOf(CandidateState state) {
  switch (state) {
    case S::kNone: return "none";
    case S::kOpen: return "open";
    case S::kOver: return "over";
  }
  return "unknown";
}

std::string_view NameOf(CandidateEvent event) {
  const auto row = static_cast<size_t>(event);
  return row < kCandidateEventCount ? kTable[row].name : "unknown";
}

}  // namespace otpcore
