// SPDX-License-Identifier: Apache-2.0
// Authenticate by an app's code (rules TO-08 … TO-16, TO-27, T-03).
#include <string>

#include "model.h"
#include "totp_text.h"

namespace otpcore {
namespace simulation {
namespace {

// T-01, TO-09.
constexpr Millis kPeriod = 30 * 1000;

// A-05, TO-14: what is typed in place of an app's code. kOk, or the error.
ErrorCode TotpCodeShape(const std::string& typed, std::string* code) {
  code->clear();
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    if ((c < '0' || c > '9') && !HasLetter(std::string(1, c))) return ErrorCode::kInvalidTotpCode;
    *code += c;
  }
  if (HasLetter(*code))
    return code->size() >= 8 && code->size() <= 64 ? ErrorCode::kRecoveryCodeUsedAsTotpCode
                                                   : ErrorCode::kInvalidTotpCode;
  return code->size() >= 4 && code->size() <= 10 ? ErrorCode::kOk : ErrorCode::kInvalidTotpCode;
}

// The code was right for `step`, after the last accepted one.
void Accept(const Question& question, const ModelOrganization& org, int64_t step,
            ModelMember* member, Expected* expected) {
  ModelRegistration& registration = member->registration;
  registration.step = step;
  const bool restored = registration.epoch != question.epoch;
  registration.epoch = question.epoch;
  if (restored) {  // TO-27
    expected->error = member->mark.answer = ErrorCode::kTotpCodeAlreadyAuthenticated;
    return expected->Tell(EventKind::kTotpCodeReused);
  }
  if (registration.state == RegistrationState::kPending) {  // TO-15
    registration.state = RegistrationState::kActive;
    member->totp = registration.id;
    if (!question.policy->recovery_codes_readable) registration.copy_key = 0;  // RC-15
    expected->Tell(EventKind::kTotpActivated);
    ForgetDevicesAloud(member, expected);
  }
  expected->Tell(EventKind::kAuthenticated);
  SealAnewOnSuccess(question, member, expected);
  Succeed(question, org, "totp", member, expected);
}

// TO-09 … TO-13, T-03.
void JudgeSteps(const Question& question, const ModelOrganization& org, const ModelMember& member,
                const std::string& code, Expected* expected) {
  const Policy& policy = *question.policy;
  const ModelRegistration& registration = member.registration;
  const int64_t step = question.now / kPeriod;
  int64_t fresh = -1;
  bool used = false;
  for (int64_t s = step - policy.totp_window.back; s <= step + policy.totp_window.ahead; ++s) {
    if (AppCode(registration.parameters, registration.secret, s) != code) continue;
    if (s > registration.step)
      fresh = s;
    else
      used = true;
  }
  if (registration.step > step + policy.totp_window.ahead) expected->Tell(EventKind::kClockAnomaly);
  if (fresh >= 0) {
    expected->new_member = Changed(question, member, ErrorCode::kOk);
    return Accept(question, org, fresh, expected->new_member.get(), expected);
  }
  if (used) {
    expected->Tell(EventKind::kTotpCodeReused);
    expected->error = ErrorCode::kTotpCodeAlreadyAuthenticated;
    return;
  }
  expected->error = ErrorCode::kUnableToAuthenticateTotp;
  expected->Tell(EventKind::kFailure, expected->error);
  expected->new_member = Changed(question, member, expected->error);
  TellOfFailure(CountFailure(question, WindowWeight(policy), expected->new_member.get()), expected);
}

}  // namespace

Expected JudgeAuthenticateTotp(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  std::string code;
  ErrorCode shape = ProofTargetShape(call);
  if (shape == ErrorCode::kOk && !call.code) shape = ErrorCode::kBadRequest;
  if (shape == ErrorCode::kOk) shape = TotpCodeShape(*call.code, &code);
  if (shape == ErrorCode::kOk) shape = ProofOptionsShape(call);
  Target target;
  if (!OpensProof(question, shape, &ModelOrganization::AllowsTotp, &target, &expected))
    return expected;
  const auto& [org, member] = target;
  if (RefusesLocked(question, *member, &expected)) return expected;
  const ModelRegistration& registration = member->registration;
  switch (registration.state) {
    case RegistrationState::kNone:
    case RegistrationState::kExternal: return refuse(ErrorCode::kTotpNotFound);
    case RegistrationState::kExpired: return refuse(ErrorCode::kExpiredTotp);
    case RegistrationState::kPending:
      if (HasEnded(question, registration)) {  // TO-05: the first sight of it is written
        expected.new_member = Changed(question, *member, ErrorCode::kExpiredTotp);
        ExpireRegistration(expected.new_member.get(), &expected);
        return refuse(ErrorCode::kExpiredTotp);
      }
      if (IsFarBehind(question, registration)) return refuse(ErrorCode::kExpiredTotp);
      if (MustShowFactor(question, *member)) return refuse(ErrorCode::kInsufficientFactors);
      break;
    case RegistrationState::kActive: break;
  }
  if (code.size() != registration.parameters.digits) return refuse(ErrorCode::kInvalidTotpCode);
  if (!HasSealingKey(question, registration.sealing_key)) {  // TO-23
    expected.Tell(EventKind::kKeyMissing, ErrorCode::kInternalServerError);
    return refuse(ErrorCode::kInternalServerError);
  }
  JudgeSteps(question, *org, *member, code, &expected);
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
