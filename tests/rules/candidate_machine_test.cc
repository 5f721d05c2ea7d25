// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/candidate_machine.h"

#include <gtest/gtest.h>

#include <string>

namespace otpcore {
namespace {

using E = CandidateEvent;
using S = CandidateState;

// Every cell, written down by hand from E-04 and the rules it names. One column for each state,
// none open over: '-' the event cannot happen here; else the next state ('n', 'o' for open, 'x' for
// over), then what happens to the claim (. keep, L lease, P permanent, R release).
struct Row {
  E event;
  const char* cells[3];
};
constexpr Row kRows[] = {
    {E::kNamed, {"oL", "oL", "oL"}},          // S-07, S-10
    {E::kReplaced, {"-", "oL", "oL"}},        // one candidate at a time
    {E::kProved, {"-", "nP", "-"}},
    {E::kClaimLost, {"-", "x.", "-"}},
    {E::kWrongCode, {"n.", "o.", "x."}},
    {E::kSupersededCode, {"-", "o.", "-"}},
    {E::kExpired, {"-", "x.", "-"}},          // S-09
    {E::kExhausted, {"-", "x.", "-"}},
    {E::kDeliveryFailed, {"-", "nR", "-"}},   // D-05, D-06
    {E::kPhoneDeleted, {"n.", "nR", "nR"}},   // M-03
    {E::kMemberDeleted, {"n.", "nR", "nR"}},  // M-04
    {E::kReactivated, {"n.", "-", "-"}},      // M-04
};

TEST(CandidateMachine, NamesItsStatesAndEvents) {
  EXPECT_EQ(NameOf(S::kNone), "none");
  EXPECT_EQ(NameOf(S::kOpen), "open");
  EXPECT_EQ(NameOf(S::kOver), "over");
  EXPECT_EQ(NameOf(static_cast<S>(3)), "unknown");
  EXPECT_EQ(NameOf(E::kNamed), "named");
  EXPECT_EQ(NameOf(E::kReactivated), "reactivated");
  EXPECT_EQ(NameOf(static_cast<E>(kCandidateEventCount)), "unknown");
}

std::string CellOf(const CandidateTransition& transition) {
  if (!transition.allowed) return "-";
  std::string cell(1, "nox"[static_cast<int>(transition.next)]);
  return cell + ".LPR"[static_cast<int>(transition.claim)];
}

TEST(CandidateMachine, EveryCellIsAsWrittenDown) {  // E-01, E-04
  size_t cells = 0;
  for (const Row& row : kRows) {
    for (size_t state = 0; state < kCandidateStateCount; ++state, ++cells) {
      EXPECT_EQ(CellOf(NextCandidate(static_cast<S>(state), row.event)), row.cells[state])
          << NameOf(row.event) << " in " << NameOf(static_cast<S>(state));
    }
  }
  EXPECT_EQ(cells, kCandidateStateCount * kCandidateEventCount);
}

TEST(CandidateMachine, OnlyItsOwnCodeMakesAClaimPermanent) {  // E-02, E-04
  for (size_t event = 0; event < kCandidateEventCount; ++event) {
    for (size_t state = 0; state < kCandidateStateCount; ++state) {
      const auto cell = NextCandidate(static_cast<S>(state), static_cast<E>(event));
      if (cell.claim != ClaimEffect::kPermanent) continue;
      EXPECT_EQ(static_cast<E>(event), E::kProved);
      EXPECT_EQ(static_cast<S>(state), S::kOpen);
    }
  }
}

TEST(CandidateMachine, UnknownStatesAndEventsAreRefused) {
  for (int number = 0; number < 256; ++number) {
    if (number >= static_cast<int>(kCandidateStateCount)) {
      EXPECT_FALSE(NextCandidate(static_cast<S>(number), E::kNamed).allowed) << number;
      EXPECT_EQ(NameOf(static_cast<S>(number)), "unknown");
    }
    if (number >= static_cast<int>(kCandidateEventCount)) {
      EXPECT_FALSE(NextCandidate(S::kNone, static_cast<E>(number)).allowed) << number;
      EXPECT_EQ(NameOf(static_cast<E>(number)), "unknown");
    }
  }
}

}  // namespace
}  // namespace otpcore
