// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/registration_machine.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace otpcore {
namespace {

using E = RegistrationEvent;
using S = RegistrationState;

// Every cell, written down by hand from TO-28 and the rules beside it. One column for each state:
// none pending expired active external. "-": the event cannot happen there. Else the next state's
// first two letters; then what happens to the secret ("+" new, "i" an id only, "x" erased) and to
// the recovery set ("+" new, "1" one code used, "x" erased), "." for neither; then "s" when the
// step is kept and "c" when a failure is counted; then the error after a blank.
struct Row {
  E event;
  const char* cells[kRegistrationStateCount];
};
constexpr Row kRows[] = {
    {E::kCreated, {"pe++", "pe++", "pe++", "ac.. active_totp_exists", "ex.. active_totp_exists"}},
    {E::kRightCode,
     {"no.. totp_not_found", "ac..s", "ep.. expired_totp", "ac..s", "ex.. totp_not_found"}},
    {E::kUsedStepCode,
     {"no.. totp_not_found", "-", "ep.. expired_totp", "ac.. totp_code_already_authenticated",
      "ex.. totp_not_found"}},
    {E::kWrongCode,
     {"no.. totp_not_found", "pe..c unable_to_authenticate_totp", "ep.. expired_totp",
      "ac..c unable_to_authenticate_totp", "ex.. totp_not_found"}},
    {E::kEndSeen, {"-", "epxx", "-", "-", "-"}},
    {E::kMigrated, {"ac++", "ac++", "ac++", "ac.. active_totp_exists", "ex.. active_totp_exists"}},
    {E::kRecovered,
     {"no.. recovery_codes_not_found", "pe.. no_active_recovery_code_backed_factor",
      "ep.. no_active_recovery_code_backed_factor", "ac.1", "ex.. recovery_codes_not_found"}},
    {E::kRotated,
     {"no.. no_active_recovery_code_backed_factor", "pe.. no_active_recovery_code_backed_factor",
      "ep.. no_active_recovery_code_backed_factor", "ac.+",
      "ex.. no_active_recovery_code_backed_factor"}},
    {E::kExternalSet, {"exix", "exix", "exix", "ac.. active_totp_exists", "exix"}},
    {E::kDeleted, {"no.. totp_not_found", "noxx", "noxx", "noxx", "noxx"}},
    {E::kMemberDeleted, {"no..", "noxx", "noxx", "noxx", "noxx"}},
    {E::kReactivated, {"no..", "-", "-", "-", "-"}},
    {E::kLocked,
     {"no.. user_lock_limit_reached", "pe.. user_lock_limit_reached",
      "ep.. user_lock_limit_reached", "ac.. user_lock_limit_reached",
      "ex.. user_lock_limit_reached"}},
    {E::kKeyGone, {"-", "pe.. internal_server_error", "-", "ac.. internal_server_error", "-"}},
    {E::kOtherFactor, {"no..", "pe..", "ep..", "ac..", "ex.."}},
};

// "expired" and "external" begin alike.
std::string Short(S state) {
  return state == S::kExpired ? "ep" : std::string(NameOf(state)).substr(0, 2);
}

std::string CellOf(const RegistrationTransition& transition) {
  if (!transition.possible) return "-";
  std::string cell = Short(transition.next);
  cell += ".+ix"[static_cast<int>(transition.secret)];
  cell += ".+1x"[static_cast<int>(transition.recovery_set)];
  if (transition.keeps_step) cell += 's';
  if (transition.counts_failure) cell += 'c';
  const std::string_view error = Describe(transition.answer).error_type;
  if (!error.empty()) cell += " " + std::string(error);
  return cell;
}

TEST(NextRegistration, EveryCellIsAsWrittenDown) {  // TO-28
  size_t cells = 0;
  for (const Row& row : kRows) {
    for (size_t state = 0; state < kRegistrationStateCount; ++state, ++cells) {
      EXPECT_EQ(CellOf(NextRegistration(static_cast<S>(state), row.event)), row.cells[state])
          << NameOf(row.event) << " in " << NameOf(static_cast<S>(state));
    }
  }
  EXPECT_EQ(cells, kRegistrationStateCount * kRegistrationEventCount);
}

template <typename Check>
void ForEveryPossibleCell(Check check) {
  for (size_t state = 0; state < kRegistrationStateCount; ++state) {
    for (size_t event = 0; event < kRegistrationEventCount; ++event) {
      const auto from = static_cast<S>(state);
      const auto what = static_cast<E>(event);
      const RegistrationTransition cell = NextRegistration(from, what);
      if (cell.possible) check(from, what, cell);
    }
  }
}

TEST(NextRegistration, AnErrorChangesNothing) {  // TO-28
  ForEveryPossibleCell([](S from, E, const RegistrationTransition& cell) {
    if (cell.answer == ErrorCode::kOk) return;
    EXPECT_EQ(cell.next, from);
    EXPECT_EQ(cell.secret, SecretEffect::kKeep);
    EXPECT_EQ(cell.recovery_set, RecoverySetEffect::kKeep);
    EXPECT_FALSE(cell.keeps_step);
  });
}

TEST(NextRegistration, OnlyProofOrImportActivates) {  // TO-28
  ForEveryPossibleCell([](S from, E what, const RegistrationTransition& cell) {
    if (from == S::kActive || cell.next != S::kActive) return;
    EXPECT_TRUE(what == E::kRightCode || what == E::kMigrated);
  });
}

TEST(NextRegistration, OnlyAnActiveRegistrationHasUsableCodes) {  // RC-03
  for (const S state : {S::kNone, S::kPending, S::kExpired, S::kExternal}) {
    EXPECT_NE(NextRegistration(state, E::kRecovered).answer, ErrorCode::kOk);
    EXPECT_NE(NextRegistration(state, E::kRotated).answer, ErrorCode::kOk);
  }
  EXPECT_EQ(NextRegistration(S::kPending, E::kRecovered).answer,
            ErrorCode::kNoActiveRecoveryCodeBackedFactor);
  EXPECT_EQ(NextRegistration(S::kActive, E::kRecovered).answer, ErrorCode::kOk);
}

TEST(NextRegistration, AnActiveOneEndsByDeletionOnly) {  // TO-28
  ForEveryPossibleCell([](S from, E what, const RegistrationTransition& cell) {
    if (from != S::kActive || cell.next == S::kActive) return;
    EXPECT_TRUE(what == E::kDeleted || what == E::kMemberDeleted);
  });
}

TEST(NameOf, GivesEachStateAndEventAName) {  // TO-28
  EXPECT_EQ(NameOf(S::kNone), "none");
  EXPECT_EQ(NameOf(S::kPending), "pending");
  EXPECT_EQ(NameOf(S::kExpired), "expired");
  EXPECT_EQ(NameOf(S::kActive), "active");
  EXPECT_EQ(NameOf(S::kExternal), "external");
  EXPECT_EQ(NameOf(E::kCreated), "created");
  EXPECT_EQ(NameOf(E::kOtherFactor), "other factor became active");
  std::set<std::string_view> names;
  for (size_t event = 0; event < kRegistrationEventCount; ++event)
    names.insert(NameOf(static_cast<E>(event)));
  EXPECT_EQ(names.size(), kRegistrationEventCount);
}

TEST(NextRegistration, UnknownStatesAndEventsAreNotPossible) {
  for (int number = 0; number < 256; ++number) {
    if (number >= static_cast<int>(kRegistrationStateCount)) {
      EXPECT_FALSE(NextRegistration(static_cast<S>(number), E::kCreated).possible) << number;
      EXPECT_EQ(NameOf(static_cast<S>(number)), "unknown");
    }
    if (number >= static_cast<int>(kRegistrationEventCount)) {
      EXPECT_FALSE(NextRegistration(S::kNone, static_cast<E>(number)).possible) << number;
      EXPECT_EQ(NameOf(static_cast<E>(number)), "unknown");
    }
  }
}

}  // namespace
}  // namespace otpcore
