// SPDX-License-Identifier: Apache-2.0
// TOTP registrations: create, migrate, delete, reseal (rules TO-*, M-10).
#include <algorithm>
#include <cstddef>

#include "model.h"
#include "totp_text.h"

namespace otpcore {
namespace simulation {
namespace {

constexpr size_t SecretBytes(TotpAlgorithm algorithm) {  // TO-03
  return algorithm == TotpAlgorithm::kSha1 ? 20 : algorithm == TotpAlgorithm::kSha256 ? 32 : 64;
}

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

// Create and migrate: the Member must be one who has none.
ErrorCode MayRegister(const Question& question, const ModelMember& member) {
  if (!member.totp.empty()) return ErrorCode::kActiveTotpExists;
  if (LacksMeans(question) || question.policy->totp_issuer.empty())
    return ErrorCode::kInternalServerError;
  return ErrorCode::kOk;
}

ErrorCode CheckStatusAndTotp(const Question& question, const ModelOrganization& org,
                             const ModelMember& member) {
  if (!IsActiveFor(question, member)) return ErrorCode::kActionAvailableOnlyForActiveMembers;
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
  const int minutes = call.expiration.value_or(60);
  ErrorCode shape = OneSessionShape(call);
  if (shape == ErrorCode::kOk && (minutes < 5 || minutes > 1440))  // TO-05
    shape = ErrorCode::kInvalidExpiration;
  Target target;
  const bool opens = Opens(question, shape, &target, &expected);
  if (!opens && !expected.replay) return expected;
  const auto& [org, member] = target;
  ErrorCode error = expected.error;
  if (expected.replay) {  // TO-06
    const bool pending = member->registration.state == RegistrationState::kPending;
    expected.shows_secret = expected.shows_codes = error == ErrorCode::kOk && pending;
    if (expected.shows_secret && (!HasSealingKey(question, member->registration.sealing_key) ||
                                  !HasSealingKey(question, member->registration.copy_key)))
      error = ErrorCode::kInternalServerError;
    return refuse(error);
  }
  error = CheckSession(question, *member);
  if (error == ErrorCode::kOk) error = CheckStatusAndTotp(question, *org, *member);
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
  Target target;
  const bool opens = Opens(question, MigrateShape(*question.policy, call), &target, &expected);
  if (!opens && !expected.replay) return expected;
  const auto& [org, member] = target;
  ErrorCode error = expected.error;
  if (expected.replay) {
    // Codes that were given are known; drawn ones are read again, if they can be (RC-15).
    const uint32_t key = member->registration.copy_key;
    expected.shows_codes = error == ErrorCode::kOk && (!call.recovery_codes.empty() || key != 0);
    if (expected.shows_codes && call.recovery_codes.empty() && !HasSealingKey(question, key))
      error = ErrorCode::kInternalServerError;
    return refuse(error);
  }
  error = CheckStatusAndTotp(question, *org, *member);
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
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  Target target;
  if (!Opens(question, OneSessionShape(*question.call), &target, &expected)) return expected;
  const ModelMember* const member = target.member;
  const ErrorCode error = CheckSession(question, *member);
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
  Expected expected;
  expected.knows_events = true;
  Target target;
  const bool opens = Opens(question, CheckIds(*question.call), &target, &expected);
  if (!opens && !expected.replay) return expected;
  const ModelMember* const member = target.member;
  if (expected.replay) {
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

}  // namespace simulation
}  // namespace otpcore
