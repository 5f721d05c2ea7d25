// SPDX-License-Identifier: Apache-2.0
// TOTP registrations: create, authenticate, migrate, delete, reseal (rules TO-*, T-03, M-10).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "model.h"
#include "totp_text.h"

namespace otpcore {
namespace simulation {
namespace {

std::string Drawn(const Question& question, size_t offset, size_t size) {
  std::string bytes(question.drawn.substr(std::min(offset, question.drawn.size()), size));
  bytes.resize(size);
  return bytes;
}

constexpr size_t SecretBytes(TotpAlgorithm algorithm) {  // TO-03
  return algorithm == TotpAlgorithm::kSha1 ? 20 : algorithm == TotpAlgorithm::kSha256 ? 32 : 64;
}

// T-01, TO-09.
constexpr Millis kPeriod = 30 * 1000;

// A new registration in place of whatever there was (TO-02).
ModelRegistration Registered(const Question& question, RegistrationState state) {
  ModelRegistration made;
  made.state = state;
  made.id = DrawnId(question, "member-totp", offsetof(Entropy, new_id));
  made.created = made.seen = question.now;
  made.epoch = question.epoch;
  made.sealing_key = question.sealing_keys.back();
  return made;
}

void ForgetDevicesAloud(ModelMember* member, Expected* expected) {  // DV-06
  if (!member->devices.empty()) expected->Tell(EventKind::kDeviceForgotten);
  ForgetDevices(member);
}

}  // namespace

std::string DrawnId(const Question& question, const std::string& kind, size_t offset) {
  std::string bytes = Drawn(question, offset, 16);
  bytes[6] = static_cast<char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<char>((bytes[8] & 0x3F) | 0x80);
  std::string id = kind + "-test-";
  for (size_t i = 0; i < bytes.size(); ++i) {
    char hex[3];
    std::snprintf(hex, sizeof hex, "%02x", static_cast<unsigned>(static_cast<uint8_t>(bytes[i])));
    if (i == 4 || i == 6 || i == 8 || i == 10) id += '-';
    id += hex;
  }
  return id;
}

std::vector<ModelRecoveryCode> DrawnCodes(const Question& question) {  // RC-01, RC-02
  static const std::string symbols = "0123456789abcdefghjkmnpqrstvwxyz";
  const int groups = question.policy->recovery_code_groups;
  const size_t bytes = (static_cast<size_t>(groups) * 20 + 7) / 8;
  size_t at = offsetof(Entropy, secret) + offsetof(DrawnSecret, codes);
  std::vector<ModelRecoveryCode> codes;
  for (int number = 0; number < question.policy->recovery_codes; ++number, at += bytes) {
    const std::string drawn = Drawn(question, at, bytes);
    ModelRecoveryCode code;
    for (size_t symbol = 0; symbol < static_cast<size_t>(groups) * 4; ++symbol) {
      size_t value = 0;
      for (size_t bit = symbol * 5; bit < symbol * 5 + 5; ++bit)
        value = value * 2 + (static_cast<uint8_t>(drawn[bit / 8]) >> (7 - bit % 8) & 1);
      if (symbol > 0 && symbol % 4 == 0) code.shown += '-';
      code.shown += symbols[value];
    }
    code.canonical = *Canonical(code.shown);
    codes.push_back(code);
  }
  return codes;
}

void SetCodes(const Question& question, std::vector<ModelRecoveryCode> codes, bool readable,
              ModelRegistration* registration) {
  registration->set = DrawnId(question, "totp-recovery-code", offsetof(Entropy, recovery_set_id));
  registration->codes = std::move(codes);
  registration->codes_epoch = question.epoch;
  registration->digest_key = question.digest_key;
  registration->copy_key = readable ? question.sealing_keys.back() : 0;
}

bool LacksMeans(const Question& question) {
  return question.sealing_keys.empty() || question.generator_stuck;  // TO-25, R-08
}

bool HasSealingKey(const Question& question, uint32_t key) {
  return std::find(question.sealing_keys.begin(), question.sealing_keys.end(), key) !=
         question.sealing_keys.end();
}

bool HasEnded(const Question& question, const ModelRegistration& registration) {
  return std::max(question.now, registration.seen) >= registration.expires ||
         question.now < registration.created - question.policy->clock_tolerance.count();
}

void ExpireRegistration(ModelMember* member, Expected* expected) {
  ModelRegistration expired;
  expired.state = RegistrationState::kExpired;
  expired.id = member->registration.id;
  member->registration = expired;
  expected->Tell(EventKind::kTotpExpired);
}

void DropTotp(ModelMember* member) {
  member->registration = ModelRegistration();
  member->totp.clear();
  if (member->default_method == "totp") member->default_method.clear();
}

bool HasNoRegistration(const ModelMember& member) {
  return member.registration.state == RegistrationState::kNone;
}

void TellOfCodes(EventKind kind, const ModelMember& member, bool after_restore,
                 Expected* expected) {
  const int left = member.registration.left();
  expected->events.push_back({kind, ErrorCode::kOk, left, after_restore});
  if (left <= 3)
    expected->events.push_back({EventKind::kRecoveryCodesLow, ErrorCode::kOk, left, false});
}

bool SealAnew(const Question& question, bool digests_too, ModelRegistration* registration,
              bool* changed) {
  const uint32_t current = question.sealing_keys.empty() ? 0 : question.sealing_keys.back();
  *changed = false;
  const bool readable = registration->copy_key != 0;
  const bool secret = registration->sealing_key != 0 && registration->sealing_key != current;
  const bool copy = readable && registration->copy_key != current;
  const bool digests = digests_too && readable && registration->digest_key != question.digest_key;
  if (!secret && !copy && !digests) return true;
  if (LacksMeans(question)) return false;
  if (secret) {
    if (!HasSealingKey(question, registration->sealing_key)) return false;
    registration->sealing_key = current;
    *changed = true;
  }
  if (!copy && !digests) return true;
  if (!HasSealingKey(question, registration->copy_key)) return false;
  if (copy) registration->copy_key = current;
  if (digests) registration->digest_key = question.digest_key;
  *changed = true;
  return true;
}

void SealAnewOnSuccess(const Question& question, ModelMember* member, Expected* expected) {
  bool changed = false;
  if (!SealAnew(question, false, &member->registration, &changed))
    expected->Tell(EventKind::kKeyMissing, ErrorCode::kInternalServerError);
  if (changed) expected->Tell(EventKind::kResealed);
}

namespace {

// Create and migrate: the Member must be one who has none.
ErrorCode MayRegister(const Question& question, const ModelMember& member) {
  if (!member.totp.empty()) return ErrorCode::kActiveTotpExists;
  if (LacksMeans(question) || question.policy->totp_issuer.empty())
    return ErrorCode::kInternalServerError;
  return ErrorCode::kOk;
}

ErrorCode CheckStatusAndTotp(const ModelOrganization& org, const ModelMember& member) {
  if (member.status != MemberStatus::kActive)
    return ErrorCode::kActionAvailableOnlyForActiveMembers;
  if (!org.AllowsTotp() && !member.breakglass)
    return ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
  return ErrorCode::kOk;
}

}  // namespace

Expected JudgeCreateTotp(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return refuse(error);
  if (SessionCount(call.session) > 1) return refuse(ErrorCode::kTooManySessionArguments);
  const int minutes = call.expiration.value_or(60);
  if (minutes < 5 || minutes > 1440) return refuse(ErrorCode::kInvalidExpiration);  // TO-05
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (Repeats(question, member->mark)) {  // TO-06
    expected.replay = true;
    error = AnswerOfReplay(question, *member);
    const bool pending = member->registration.state == RegistrationState::kPending;
    expected.shows_secret = expected.shows_codes = error == ErrorCode::kOk && pending;
    if (expected.shows_secret && (!HasSealingKey(question, member->registration.sealing_key) ||
                                  !HasSealingKey(question, member->registration.copy_key)))
      error = ErrorCode::kInternalServerError;
    return refuse(error);
  }
  error = CheckSession(question, *member);
  if (error == ErrorCode::kOk) error = CheckStatusAndTotp(*org, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (RefusesLocked(question, *member, &expected)) return expected;
  if (MustShowFactor(question, *member)) return refuse(ErrorCode::kInsufficientFactors);
  if (!HasSession(call.session) && member->HasFactor())  // C-10
    return refuse(ErrorCode::kInsufficientFactors);
  error = MayRegister(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  auto changed = Changed(question, *member, ErrorCode::kOk);
  ModelRegistration made = Registered(question, RegistrationState::kPending);
  made.parameters = question.policy->totp;
  made.secret = Drawn(question, offsetof(Entropy, secret) + offsetof(DrawnSecret, bytes),
                      SecretBytes(made.parameters.algorithm));
  made.expires = question.now + Millis{minutes} * 60 * 1000;
  SetCodes(question, DrawnCodes(question), true, &made);  // TO-06: readable while it is pending
  changed->registration = made;
  expected.Tell(EventKind::kTotpCreated);
  expected.shows_secret = expected.shows_codes = true;
  expected.new_member = changed;
  return expected;
}

namespace {

// TO-19, RC-10.
ErrorCode MigrateShape(const Policy& policy, const Call& call) {
  const ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return error;
  const auto secret = call.secret ? FromBase32(*call.secret) : std::nullopt;
  if (!secret || secret->size() < static_cast<size_t>(policy.totp_import_bytes_min) ||
      secret->size() > 64)
    return ErrorCode::kBadRequest;
  if (call.parameters.digits != 8 && (call.parameters.digits != 6 || policy.totp.digits == 8))
    return ErrorCode::kBadRequest;  // TO-20
  if (call.recovery_codes.size() > 16) return ErrorCode::kBadRequest;
  std::vector<std::string> seen;
  for (const std::string& code : call.recovery_codes) {
    const auto canonical = Canonical(code);
    if (!canonical || canonical->size() > 64) return ErrorCode::kBadRequest;
    if (canonical->size() < (HasLetter(*canonical) ? 8 : 10)) return ErrorCode::kBadRequest;
    if (std::find(seen.begin(), seen.end(), *canonical) != seen.end())
      return ErrorCode::kBadRequest;
    seen.push_back(*canonical);
  }
  return ErrorCode::kOk;
}

}  // namespace

Expected JudgeMigrateTotp(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = MigrateShape(*question.policy, call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (Repeats(question, member->mark)) {
    expected.replay = true;
    error = AnswerOfReplay(question, member->mark);
    // Codes that were given are known; drawn ones are read again, if they can be (RC-15).
    const uint32_t key = member->registration.copy_key;
    expected.shows_codes = error == ErrorCode::kOk && (!call.recovery_codes.empty() || key != 0);
    if (expected.shows_codes && call.recovery_codes.empty() && !HasSealingKey(question, key))
      error = ErrorCode::kInternalServerError;
    return refuse(error);
  }
  error = CheckStatusAndTotp(*org, *member);
  if (error == ErrorCode::kOk) error = MayRegister(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  auto changed = Changed(question, *member, ErrorCode::kOk);
  ModelRegistration made = Registered(question, RegistrationState::kActive);
  made.parameters = call.parameters;
  made.secret = *FromBase32(*call.secret);
  std::vector<ModelRecoveryCode> codes;
  for (const std::string& code : call.recovery_codes) codes.push_back({code, *Canonical(code)});
  SetCodes(question, codes.empty() ? DrawnCodes(question) : codes,
           question.policy->recovery_codes_readable, &made);
  changed->registration = made;
  changed->totp = made.id;
  TellOfCodes(EventKind::kTotpImported, *changed, false, &expected);
  ForgetDevicesAloud(changed.get(), &expected);
  if (changed->default_method.empty()) {  // TO-18
    changed->default_method = "totp";
    expected.Tell(EventKind::kDefaultMethodChanged);
  }
  expected.shows_codes = true;
  expected.new_member = changed;
  return expected;
}

Expected JudgeDeleteTotp(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return refuse(error);
  if (SessionCount(call.session) > 1) return refuse(ErrorCode::kTooManySessionArguments);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (Repeats(question, member->mark)) {
    expected.replay = true;
    return refuse(AnswerOfReplay(question, *member));
  }
  error = CheckSession(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (MustShowFactor(question, *member)) return refuse(ErrorCode::kInsufficientFactors);
  if (HasNoRegistration(*member) && member->totp.empty()) return refuse(ErrorCode::kTotpNotFound);
  auto changed = Changed(question, *member, ErrorCode::kOk);
  if (!member->totp.empty()) ForgetDevicesAloud(changed.get(), &expected);
  expected.Tell(EventKind::kTotpDeleted);
  if (member->default_method == "totp") expected.Tell(EventKind::kDefaultMethodChanged);
  DropTotp(changed.get());
  expected.new_member = changed;
  return expected;
}

Expected JudgeReseal(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  expected.error = CheckIds(call);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  if (expected.error == ErrorCode::kOk)
    expected.error = FindTarget(question, &expected, &org, &member);
  if (expected.error != ErrorCode::kOk) return expected;
  if (Repeats(question, member->mark)) {
    expected.replay = true;
    expected.error = AnswerOfReplay(question, member->mark);
    const ModelRegistration& kept = member->registration;
    expected.keeps_digest_key = !kept.codes.empty() && kept.digest_key != question.digest_key;
    return expected;
  }
  auto changed = Changed(question, *member, ErrorCode::kOk);
  bool renewed = false;
  if (!SealAnew(question, true, &changed->registration, &renewed)) {  // whole or not at all
    expected.Tell(EventKind::kKeyMissing, ErrorCode::kInternalServerError);
    expected.error = ErrorCode::kInternalServerError;
  } else if (renewed) {
    expected.Tell(EventKind::kResealed);
    expected.new_member = changed;
  }
  const ModelRegistration& left = renewed ? changed->registration : member->registration;
  expected.keeps_digest_key = !left.codes.empty() && left.digest_key != question.digest_key;
  return expected;
}

namespace {

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

void TellOfFailure(const ModelCounted& counted, Expected* expected) {
  if (counted.locks) expected->Tell(EventKind::kLocked, ErrorCode::kUserLockLimitReached);
  if (counted.lags) expected->Tell(EventKind::kClockAnomaly);
  if (counted.forgets_device) expected->Tell(EventKind::kDeviceForgotten);
}

Expected JudgeAuthenticateTotp(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  std::string code;
  ErrorCode error = ProofTargetShape(call);
  if (error == ErrorCode::kOk && !call.code) error = ErrorCode::kBadRequest;
  if (error == ErrorCode::kOk) error = TotpCodeShape(*call.code, &code);
  if (error == ErrorCode::kOk) error = ProofOptionsShape(call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (Repeats(question, member->mark)) {
    expected.replay = true;
    return refuse(ReplayOfProof(question, *member, org->AllowsTotp()));
  }
  error = CheckProver(question, *member, org->AllowsTotp());
  if (error != ErrorCode::kOk) return refuse(error);
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
