// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/enrollment.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace otpcore {
namespace {

using E = EnrollmentEvent;

// Every cell, written down by hand from E-01 … E-03 and the rules it names. One column for each
// state, none pending verified: '-' the event cannot happen here; else the next state's initial,
// then what happens to the claim (. keep, L lease, P permanent, R release), then '!' when the
// challenge goes too.
struct Row {
  E event;
  const char* cells[3];
};
constexpr Row kRows[] = {
    {E::kLinkedBySend, {"pL", "-", "-"}},       // S-05, S-07
    {E::kLinkedByUpdate, {"pL", "-", "-"}},     // M-02, S-07
    {E::kImported, {"vP", "-", "-"}},           // E-02, S-07
    {E::kAuthenticated, {"-", "vP", "v."}},
    {E::kWrongCode, {"n.", "p.", "v."}},        // C-06
    {E::kSupersededCode, {"-", "p.", "v."}},
    {E::kChallengeExpired, {"-", "p.", "v."}},  // S-09
    {E::kExhausted, {"-", "p.", "v."}},
    {E::kDeliveryRejected, {"-", "nR", "v."}},  // D-05
    {E::kReplaced, {"-", "pL!", "-"}},          // M-08, E-03
    {E::kPhoneDeleted, {"-", "nR!", "nR!"}},    // M-03
    {E::kMemberDeleted, {"n.", "nR!", "nR!"}},  // M-04
    {E::kReactivated, {"n.", "-", "-"}},        // M-04
    {E::kClaimLost, {"-", "p.", "-"}},
    {E::kChanged, {"-", "-", "vP!"}},           // E-04
};

std::string CellOf(const Transition& transition) {
  if (!transition.allowed) return "-";
  std::string cell(NameOf(transition.next).substr(0, 1));
  cell += ".LPR"[static_cast<int>(transition.claim)];
  if (transition.drops_challenge) cell += '!';
  return cell;
}

TEST(Enrollment, EveryCellIsAsWrittenDown) {  // E-01
  size_t cells = 0;
  for (const Row& row : kRows) {
    for (size_t state = 0; state < kEnrollmentStateCount; ++state, ++cells) {
      EXPECT_EQ(CellOf(NextEnrollment(static_cast<EnrollmentState>(state), row.event)),
                row.cells[state])
          << NameOf(row.event) << " in " << NameOf(static_cast<EnrollmentState>(state));
    }
  }
  EXPECT_EQ(cells, kEnrollmentStateCount * kEnrollmentEventCount);
}

TEST(Enrollment, OnlyProofOrImportVerifies) {  // E-02
  for (size_t event = 0; event < kEnrollmentEventCount; ++event) {
    for (const EnrollmentState state : {EnrollmentState::kNone, EnrollmentState::kPending}) {
      const Transition transition = NextEnrollment(state, static_cast<E>(event));
      if (transition.allowed && transition.next == EnrollmentState::kVerified) {
        EXPECT_TRUE(static_cast<E>(event) == E::kAuthenticated ||
                    static_cast<E>(event) == E::kImported);
      }
    }
  }
}

TEST(Enrollment, AVerifiedNumberGoesOnlyByDeletionOrForAnother) {  // E-03, E-04
  for (size_t event = 0; event < kEnrollmentEventCount; ++event) {
    const Transition transition = NextEnrollment(EnrollmentState::kVerified, static_cast<E>(event));
    if (transition.allowed && transition.next != EnrollmentState::kVerified) {
      EXPECT_TRUE(static_cast<E>(event) == E::kPhoneDeleted ||
                  static_cast<E>(event) == E::kMemberDeleted);
    }
  }
}

TEST(Enrollment, UnknownStatesAndEventsAreRefused) {
  for (int number = 0; number < 256; ++number) {
    const auto state = static_cast<EnrollmentState>(number);
    const auto event = static_cast<E>(number);
    if (number >= static_cast<int>(kEnrollmentStateCount)) {
      EXPECT_FALSE(NextEnrollment(state, E::kImported).allowed) << number;
    }
    if (number >= static_cast<int>(kEnrollmentEventCount)) {
      EXPECT_FALSE(NextEnrollment(EnrollmentState::kNone, event).allowed) << number;
    }
  }
}

}  // namespace
}  // namespace otpcore
