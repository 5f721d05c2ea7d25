// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/registration_machine.h"

namespace otpcore {
namespace {

using S = RegistrationState;
using C = ErrorCode;
using Cell = RegistrationTransition;

constexpr Cell kNever = {};

// The state stays, and the command answers this.
constexpr Cell Stay(S state, C answer = C::kOk) {
  Cell cell;
  cell.possible = true;
  cell.next = state;
  cell.answer = answer;
  return cell;
}

constexpr Cell To(S next, SecretEffect secret, RecoverySetEffect recovery_set) {
  Cell cell = Stay(next);
  cell.secret = secret;
  cell.recovery_set = recovery_set;
  return cell;
}

constexpr Cell Enrolled(S next) { return To(next, SecretEffect::kNew, RecoverySetEffect::kNew); }
constexpr Cell Erased(S next) { return To(next, SecretEffect::kErase, RecoverySetEffect::kErase); }
constexpr Cell kExternal = To(S::kExternal, SecretEffect::kIdOnly, RecoverySetEffect::kErase);

constexpr Cell Proved() {
  Cell cell = Stay(S::kActive);
  cell.keeps_step = true;
  return cell;
}

constexpr Cell Wrong(S state) {
  Cell cell = Stay(state, C::kUnableToAuthenticateTotp);
  cell.counts_failure = true;
  return cell;
}

constexpr Cell Codes(RecoverySetEffect effect) {
  return To(S::kActive, SecretEffect::kKeep, effect);
}

constexpr Cell NoTotp(S state) { return Stay(state, C::kTotpNotFound); }
constexpr Cell NoCodes(S state) { return Stay(state, C::kRecoveryCodesNotFound); }
constexpr Cell NotBacked(S state) { return Stay(state, C::kNoActiveRecoveryCodeBackedFactor); }
constexpr Cell Exists(S state) { return Stay(state, C::kActiveTotpExists); }
constexpr Cell Locked(S state) { return Stay(state, C::kUserLockLimitReached); }
constexpr Cell Broken(S state) { return Stay(state, C::kInternalServerError); }
constexpr Cell kHasExpired = Stay(S::kExpired, C::kExpiredTotp);

struct Row {
  RegistrationEvent event;
  std::string_view name;
  Cell from[kRegistrationStateCount];  // none, pending, expired, active, external
};

using E = RegistrationEvent;
constexpr Row kTable[kRegistrationEventCount] = {
    {E::kCreated,
     "created",
     {Enrolled(S::kPending), Enrolled(S::kPending), Enrolled(S::kPending), Exists(S::kActive),
      Exists(S::kExternal)}},
    {E::kRightCode,
     "right code",
     {NoTotp(S::kNone), Proved(), kHasExpired, Proved(), NoTotp(S::kExternal)}},
    {E::kUsedStepCode,
     "code of a used step",
     {NoTotp(S::kNone), kNever, kHasExpired, Stay(S::kActive, C::kTotpCodeAlreadyAuthenticated),
      NoTotp(S::kExternal)}},
    {E::kWrongCode,
     "wrong code",
     {NoTotp(S::kNone), Wrong(S::kPending), kHasExpired, Wrong(S::kActive), NoTotp(S::kExternal)}},
    {E::kEndSeen, "end seen", {kNever, Erased(S::kExpired), kNever, kNever, kNever}},
    {E::kMigrated,
     "migrated",
     {Enrolled(S::kActive), Enrolled(S::kActive), Enrolled(S::kActive), Exists(S::kActive),
      Exists(S::kExternal)}},
    {E::kRecovered,
     "recovered",
     {NoCodes(S::kNone), NotBacked(S::kPending), NotBacked(S::kExpired),
      Codes(RecoverySetEffect::kUseCode), NoCodes(S::kExternal)}},
    {E::kRotated,
     "rotated",
     {NotBacked(S::kNone), NotBacked(S::kPending), NotBacked(S::kExpired),
      Codes(RecoverySetEffect::kNew), NotBacked(S::kExternal)}},
    {E::kExternalSet,
     "external set",
     {kExternal, kExternal, kExternal, Exists(S::kActive), kExternal}},
    {E::kDeleted,
     "deleted",
     {NoTotp(S::kNone), Erased(S::kNone), Erased(S::kNone), Erased(S::kNone), Erased(S::kNone)}},
    {E::kMemberDeleted,
     "Member deleted",
     {Stay(S::kNone), Erased(S::kNone), Erased(S::kNone), Erased(S::kNone), Erased(S::kNone)}},
    {E::kReactivated, "reactivated", {Stay(S::kNone), kNever, kNever, kNever, kNever}},
    {E::kLocked,
     "locked meanwhile",
     {Locked(S::kNone), Locked(S::kPending), Locked(S::kExpired), Locked(S::kActive),
      Locked(S::kExternal)}},
    {E::kKeyGone, "key gone", {kNever, Broken(S::kPending), kNever, Broken(S::kActive), kNever}},
    {E::kOtherFactor,
     "other factor became active",
     {Stay(S::kNone), Stay(S::kPending), Stay(S::kExpired), Stay(S::kActive), Stay(S::kExternal)}},
};

constexpr bool InOrder() {
  for (size_t i = 0; i < kRegistrationEventCount; ++i) {
    if (kTable[i].event != static_cast<E>(i)) return false;
  }
  return true;
}
static_assert(InOrder(), "a row stands at the index of its event");

}  // namespace

RegistrationTransition NextRegistration(RegistrationState state, RegistrationEvent event) {
  const auto row = static_cast<size_t>(event);
  const auto column = static_cast<size_t>(state);
  if (row >= kRegistrationEventCount || column >= kRegistrationStateCount) return kNever;
  return kTable[row].from[column];
}

std::string_view NameOf(RegistrationState state) {
  switch (state) {
    case S::kNone: return "none";
    case S::kPending: return "pending";
    case S::kExpired: return "expired";
    case S::kActive: return "active";
    case S::kExternal: return "external";
  }
  return "unknown";
}

std::string_view NameOf(RegistrationEvent event) {
  const auto row = static_cast<size_t>(event);
  return row < kRegistrationEventCount ? kTable[row].name : "unknown";
}

}  // namespace otpcore
