// SPDX-License-Identifier: Apache-2.0
// The properties of TOTP registrations and recovery codes: no step and no recovery code succeeds
// twice, nothing succeeds under a lock, a registration is active only after a proof, and one budget
// counts all failures with their weight (TO-*, RC-*, L-11).
#include <cstdlib>

#include "model_check/watch_case.h"

namespace otpcore {
namespace model {
namespace {

bool HasSecret(const RecordView& view) {
  return view.registration == RegistrationState::kPending ||
         view.registration == RegistrationState::kActive;
}

}  // namespace

bool Case::SeesEnd() const {
  const bool looks = JudgesApp() || point_.command.kind == Kind::kRotate ||
                     point_.command.kind == Kind::kRotateOwn;
  return looks && old_.registration == RegistrationState::kPending &&
         new_.registration == RegistrationState::kExpired && new_.mark_answer != 0;
}

// TO-05: by the latest clock that the record has seen.
bool Case::AppHasEnded() const {
  const AppMemory& app = memory_.app;
  return !app.active && std::max(point_.minute, app.seen) >= app.made + kAppLife;
}

// T-02: minutes are further apart than the tolerance.
bool Case::AppIsAhead() const { return !memory_.app.active && point_.minute < memory_.app.made; }

// TO-09: one step back and one ahead.
bool Case::IsInWindow(int step) const {
  return std::abs(step - kStepsAMinute * point_.minute) <= 1;
}

bool Case::TypedOwnCode() const {
  const uint8_t typed = point_.command.argument;
  return typed != kWrongCode && memory_.app.slot != 0 && SlotOfTyped(typed) == memory_.app.slot;
}

Violation Case::CheckAppCommon(bool rejected) const {
  const bool same = old_.app == new_.app;
  const Kind kind = point_.command.kind;
  if (!same && !IsOfApp(kind) && kind != Kind::kDeleteMember)
    return "another command changed the registration or its codes (TO-28)";
  if (rejected && !same && !SeesEnd() && !UsesUpRestored())
    return "a rejected command changed the registration or its codes (C-06)";
  if (HasSecret(new_) && !new_.app_right)
    return "what is kept of the registration is not its secret, or not its codes (TO-22, RC-04)";
  if (new_.app_loose)
    return "a sealed secret or a code fits another Member, registration or set too (TO-22, RC-04)";
  if (!HasSecret(new_) && (new_.set_slot != 0 || new_.codes_used != 0))
    return "a recovery set outlived its registration (RC-18)";
  const bool active = new_.registration == RegistrationState::kActive;
  if (new_.shows_app != active)
    return "the Member shows a registration that is not active, or not the active one (TO-15)";
  const bool was_active =
      old_.registration == RegistrationState::kActive && old_.app_slot == new_.app_slot;
  if (active && !was_active && !(TypesAppCode(kind) && new_.mark_answer == 0))
    return "a registration became active without a proof (TO-15)";
  if (JudgesApp() && (new_.slot != old_.slot || new_.challenge != old_.challenge))
    return "an app's or a recovery code touched the SMS challenge (A-15)";
  return nullptr;
}

Violation Case::CheckApp() {
  if (SeesEnd()) {
    if (!AppHasEnded()) return "a registration ended before its time (TO-05)";
    memory_.app = AppMemory();
    return nullptr;
  }
  switch (point_.command.kind) {
    case Kind::kProveApp:
    case Kind::kTypeAppCode: return CheckAppCode();
    case Kind::kRecover: return CheckRecovery();
    default: break;
  }
  if (new_.mark_answer != 0) return "a refusal was written for nothing (C-06)";
  switch (point_.command.kind) {
    case Kind::kCreateApp: return CheckCreated();
    case Kind::kRotateOwn: return "a password replaced the recovery codes (S-12, RC-13)";
    case Kind::kRotate: return CheckRotated();
    default: return CheckAppDeleted();
  }
}

Violation Case::CheckCreated() {
  if (old_.registration == RegistrationState::kActive)
    return "an active registration was replaced (TO-02)";
  if (Locked()) return "a locked Member was given a registration (TO-01, S-14)";
  if (new_.registration != RegistrationState::kPending || new_.app_slot != point_.slot ||
      new_.set_slot != point_.slot || new_.codes_used != 0 || new_.last_step != kNoStep)
    return "a new registration is not pending, or not with a secret and a set of its own (TO-02)";
  AppMemory app;
  app.slot = app.set = point_.slot;
  app.made = app.seen = point_.minute;
  app.epoch = state_.epoch;
  memory_.app = app;
  return nullptr;
}

Violation Case::CheckAppCode() {
  if (UsesUpRestored()) return CheckRestoredCode();
  if (new_.mark_answer == 0) return CheckAppSuccess();
  if (!FailedApp()) return "a refusal was written for nothing (C-06)";
  if (memory_.app.slot == 0 || AppHasEnded() || AppIsAhead())
    return "a code was judged though no registration can be proved (TO-13)";
  if (TypedOwnCode() && IsInWindow(TypedStep()))
    return "a code of the window was a failure (TO-09, TO-12)";
  return CheckCounted(policy_.totp_window.weight());
}

Violation Case::CheckAppSuccess() {
  AppMemory& app = memory_.app;
  if (!TypedOwnCode()) return "success with a code that is not the app's (TO-02, TO-22)";
  if (!IsInWindow(TypedStep())) return "success with a code outside of the window (TO-09)";
  if (TypedStep() < app.accepted) return "a step was accepted twice, or an older one (TO-11)";
  if (app.epoch != state_.epoch)
    return "the first code after a restore succeeded, which may have been used before (TO-27)";
  if (AppHasEnded()) return "a registration was proved after its end (TO-05)";
  if (AppIsAhead()) return "a registration was proved long before it was made (T-02)";
  if (!app.active && old_.phone == EnrollmentState::kVerified &&
      point_.command.kind == Kind::kTypeAppCode)
    return "a password proved a registration beside another factor (TO-16)";
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  if (!point_.effect) return "a success without its session effect (A-02)";
  if (new_.registration != RegistrationState::kActive || new_.app_slot != app.slot ||
      new_.last_step != TypedStep())
    return "the commit of a success does not keep its step (TO-11)";
  if (new_.set_slot != old_.set_slot || new_.codes_used != old_.codes_used)
    return "an app's code changed the recovery codes (A-15)";
  app.active = true;
  app.accepted = static_cast<uint8_t>(TypedStep() + 1);
  Succeeded();
  return nullptr;
}

// TO-27: the first right code after a restore is used up.
Violation Case::CheckRestoredCode() {
  AppMemory& app = memory_.app;
  if (app.epoch == state_.epoch) return "a used code was written (TO-12)";
  if (!TypedOwnCode() || !IsInWindow(TypedStep()) || TypedStep() < app.accepted)
    return "a wrong code was used up after a restore (TO-27)";
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  if (new_.registration != old_.registration || new_.last_step != TypedStep())
    return "the first code after a restore was not used up (TO-27)";
  app.accepted = static_cast<uint8_t>(TypedStep() + 1);
  app.epoch = state_.epoch;
  return nullptr;
}

Violation Case::CheckRecovery() {
  AppMemory& app = memory_.app;
  const uint8_t typed = point_.command.argument;
  const bool own = typed != kWrongCode && app.slot != 0 && SlotOfTyped(typed) == app.set;
  const unsigned bit = 1u << IndexOfTyped(typed);
  if (new_.mark_answer != 0) {
    if (!FailedApp()) return "a refusal was written for nothing (C-06)";
    if (!app.active) return "a recovery code was judged though none is usable (RC-03)";
    if (own && (app.used & bit) == 0) return "the right recovery code was a failure (RC-07)";
    return CheckCounted(1);
  }
  if (!app.active) return "a recovery code succeeded before its registration was proved (RC-03)";
  if (!own) return "success with a code that is not of the set (RC-04, RC-13)";
  if ((app.used & bit) != 0) return "a recovery code succeeded twice (RC-06)";
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  if (!point_.effect) return "a success without its session effect (A-02)";
  if (new_.codes_used != (old_.codes_used | bit) || new_.registration != old_.registration ||
      new_.app_slot != old_.app_slot || new_.set_slot != old_.set_slot ||
      new_.last_step != old_.last_step)
    return "the commit of a success does not use its recovery code up, or changes more (RC-06)";
  app.used = static_cast<uint8_t>(app.used | bit);
  Succeeded();
  return nullptr;
}

Violation Case::CheckRotated() {
  AppMemory& app = memory_.app;
  if (!app.active) return "recovery codes without an active registration (RC-13)";
  if (new_.registration != old_.registration || new_.app_slot != old_.app_slot ||
      new_.last_step != old_.last_step)
    return "a rotation changed the registration (RC-13)";
  if (new_.set_slot != point_.slot || new_.codes_used != 0)
    return "a rotation did not leave its own set (RC-13)";
  app.set = point_.slot;
  app.used = 0;
  return nullptr;
}

Violation Case::CheckAppDeleted() {
  if (point_.command.kind == Kind::kDeleteOwnApp &&
      (old_.registration == RegistrationState::kActive || old_.phone == EnrollmentState::kVerified))
    return "a password deleted a registration (S-12, TO-21)";
  if (new_.registration != RegistrationState::kNone)
    return "a registration was deleted, and is there still (TO-21)";
  memory_.app = AppMemory();
  return nullptr;
}

Violation CheckUncountedApp(const Point& point, const RecordView& seen, bool of_this_epoch) {
  const bool recovers = point.command.kind == CommandSpec::Kind::kRecover;
  if (!recovers && !TypesAppCode(point.command.kind)) return nullptr;
  if (point.answer == ErrorCode::kUnableToAuthenticateTotp ||
      point.answer == ErrorCode::kUnableToAuthenticateRecoveryCode)
    return "a guess was answered without being counted (TO-13, RC-07)";
  const uint8_t typed = point.command.argument;
  if (point.answer == ErrorCode::kTotpCodeAlreadyAuthenticated && of_this_epoch) {
    const int step = kSteps[IndexOfTyped(typed)];
    if (typed == kWrongCode || SlotOfTyped(typed) != seen.app_slot || step > seen.last_step)
      return "a code that was never used was answered as used, for free (TO-12)";
  }
  const bool active = seen.registration == RegistrationState::kActive;
  if (active &&
      (point.answer == ErrorCode::kTotpNotFound || point.answer == ErrorCode::kExpiredTotp ||
       point.answer == ErrorCode::kNoActiveRecoveryCodeBackedFactor))
    return "an active registration was not found (TO-13)";
  return nullptr;
}

}  // namespace model
}  // namespace otpcore
