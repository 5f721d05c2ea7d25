// SPDX-License-Identifier: Apache-2.0
// Recovery codes: use, get, rotate (rules RC-*).
#include <algorithm>

#include "model.h"
#include "totp_text.h"

namespace otpcore {
namespace simulation {
namespace {

// RC-08: kOk and the canonical form, or the error.
ErrorCode RecoveryCodeShape(const std::string& typed, std::string* code) {
  const auto canonical = Canonical(typed);
  if (!canonical || canonical->size() > 64) return ErrorCode::kInvalidRecoveryCode;
  *code = *canonical;
  if (!HasLetter(typed) && (code->size() == 6 || code->size() == 8))
    return ErrorCode::kTotpCodeUsedAsRecoveryCode;
  return code->size() < 8 ? ErrorCode::kInvalidRecoveryCode : ErrorCode::kOk;
}

// What get answers where there are no codes to be shown, and recover where there are none to be
// right. kOk: there is a registration with codes.
ErrorCode CodesError(const ModelMember& member) {
  switch (member.registration.state) {
    case RegistrationState::kNone:
    case RegistrationState::kExternal: return ErrorCode::kRecoveryCodesNotFound;
    case RegistrationState::kPending:
    case RegistrationState::kExpired: return ErrorCode::kNoActiveRecoveryCodeBackedFactor;
    case RegistrationState::kActive: break;
  }
  return ErrorCode::kOk;
}

bool HasEndedUnproved(const Question& question, const ModelMember& member) {
  return member.registration.state == RegistrationState::kPending &&
         HasEnded(question, member.registration);
}

// TO-05: the first sight of the end is written.
Expected& WriteEnd(const Question& question, const ModelMember& member, Expected* expected) {
  expected->error = ErrorCode::kNoActiveRecoveryCodeBackedFactor;
  expected->new_member = Changed(question, member, expected->error);
  ExpireRegistration(expected->new_member.get(), expected);
  return *expected;
}

// Status, method, S-12 of get and rotate; a lock stops neither (RC-13).
ErrorCode MayHandleCodes(const Question& question, const ModelOrganization& org,
                         const ModelMember& member) {
  const ErrorCode error = CheckSession(question, member);
  if (error != ErrorCode::kOk) return error;
  if (!IsActiveFor(question, member)) return ErrorCode::kActionAvailableOnlyForActiveMembers;
  if (!org.AllowsTotp() && !member.breakglass)
    return ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
  return MustShowFactor(question, member) ? ErrorCode::kInsufficientFactors : ErrorCode::kOk;
}

// RC-06, RC-07.
void JudgeRecoveryCode(const Question& question, const ModelOrganization& org,
                       const ModelMember& member, const std::string& code, Expected* expected) {
  auto changed = Changed(question, member, ErrorCode::kOk);
  ModelRegistration& registration = changed->registration;
  const auto found =
      std::find_if(registration.codes.begin(), registration.codes.end(),
                   [&](const auto& each) { return !each.used && each.canonical == code; });
  if (found == registration.codes.end()) {
    expected->error = changed->mark.answer = ErrorCode::kUnableToAuthenticateRecoveryCode;
    expected->Tell(EventKind::kFailure, expected->error);
    TellOfFailure(CountFailure(question, 1, changed.get()), expected);
  } else {
    found->used = true;
    const bool restored = registration.codes_epoch != question.epoch;  // RC-17
    registration.codes_epoch = question.epoch;
    TellOfCodes(EventKind::kRecoveryCodeUsed, *changed, restored, expected);
    expected->Tell(EventKind::kAuthenticated);
    SealAnewOnSuccess(question, changed.get(), expected);
    Succeed(question, org, "", changed.get(), expected);
  }
  expected->new_member = changed;
}

}  // namespace

Expected JudgeUseRecoveryCode(const Question& question) {
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
  if (shape == ErrorCode::kOk) shape = RecoveryCodeShape(*call.code, &code);
  if (shape == ErrorCode::kOk) shape = ProofOptionsShape(call);
  Target target;
  if (!OpensProof(question, shape, &ModelOrganization::AllowsTotp, &target, &expected))
    return expected;
  const auto& [org, member] = target;
  if (RefusesLocked(question, *member, &expected)) return expected;
  if (HasEndedUnproved(question, *member)) return WriteEnd(question, *member, &expected);
  ErrorCode error = CodesError(*member);
  if (error == ErrorCode::kOk && member->registration.left() == 0)
    error = ErrorCode::kRecoveryCodesNotFound;
  if (error != ErrorCode::kOk) return refuse(error);
  if (question.sealing_keys.empty()) {  // TO-25
    expected.Tell(EventKind::kKeyMissing, ErrorCode::kInternalServerError);
    return refuse(ErrorCode::kInternalServerError);
  }
  JudgeRecoveryCode(question, *org, *member, code, &expected);
  return expected;
}

Expected JudgeGetRecoveryCodes(const Question& question) {
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = OneSessionShape(*question.call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error == ErrorCode::kOk) error = MayHandleCodes(question, *org, *member);
  if (error == ErrorCode::kOk) error = CodesError(*member);
  if (error != ErrorCode::kOk) return refuse(error);
  const uint32_t key = member->registration.copy_key;
  if (!question.policy->recovery_codes_readable || key == 0)  // RC-15
    return refuse(ErrorCode::kUnauthorizedAction);
  if (!HasSealingKey(question, key)) {
    expected.Tell(EventKind::kKeyMissing, ErrorCode::kInternalServerError);
    return refuse(ErrorCode::kInternalServerError);
  }
  expected.shows_codes = true;
  return expected;
}

Expected JudgeRotateRecoveryCodes(const Question& question) {
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = OneSessionShape(*question.call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelRegistration& registration = member->registration;
  if (Repeats(question, member->mark)) {
    error = AnswerOfReplay(question, member->mark);
    // A set that cannot be read again is drawn anew (RC-15).
    expected.replay = error != ErrorCode::kOk || registration.copy_key != 0;
    if (expected.replay && error == ErrorCode::kOk) {
      error = CheckSession(question, *member);
      expected.shows_codes = error == ErrorCode::kOk;
      if (expected.shows_codes && !HasSealingKey(question, registration.copy_key))
        error = ErrorCode::kInternalServerError;
    }
    if (expected.replay) return refuse(error);
  }
  error = MayHandleCodes(question, *org, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (HasEndedUnproved(question, *member)) return WriteEnd(question, *member, &expected);
  if (registration.state != RegistrationState::kActive)
    return refuse(ErrorCode::kNoActiveRecoveryCodeBackedFactor);
  if (LacksMeans(question)) return refuse(ErrorCode::kInternalServerError);
  auto changed = Changed(question, *member, ErrorCode::kOk);
  SetCodes(question, DrawnCodes(question), question.policy->recovery_codes_readable,
           &changed->registration);
  TellOfCodes(EventKind::kRecoveryCodesRotated, *changed, false, &expected);
  expected.shows_codes = true;
  expected.new_member = changed;
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
