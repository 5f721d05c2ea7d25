// SPDX-License-Identifier: Apache-2.0
// What the commands on TOTP registrations and recovery codes share: what is drawn, sealed, ended
// and told (rules TO-02, TO-05, TO-24, RC-02, RC-12, RC-15, R-08).
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdio>

#include "model.h"
#include "totp_text.h"

namespace otpcore {
namespace simulation {

std::string Drawn(const Question& question, size_t offset, size_t size) {
  std::string bytes(question.drawn.substr(std::min(offset, question.drawn.size()), size));
  bytes.resize(size);
  return bytes;
}

void ForgetDevicesAloud(ModelMember* member, Expected* expected) {  // DV-06
  if (!member->devices.empty()) expected->Tell(EventKind::kDeviceForgotten);
  ForgetDevices(member);
}

std::string GeneratedId(const std::string& kind, std::string bytes) {
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

std::string DrawnId(const Question& question, const std::string& kind, size_t offset) {
  return GeneratedId(kind, Drawn(question, offset, 16));
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
  return std::max(question.now, registration.seen) >= registration.expires;
}

bool IsFarBehind(const Question& question, const ModelRegistration& registration) {
  return question.now < registration.created - question.policy->clock_tolerance.count();
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

void TellOfFailure(const ModelCounted& counted, Expected* expected) {
  if (counted.locks) expected->Tell(EventKind::kLocked, ErrorCode::kUserLockLimitReached);
  if (counted.lags) expected->Tell(EventKind::kClockAnomaly);
  if (counted.forgets_device) expected->Tell(EventKind::kDeviceForgotten);
}

}  // namespace simulation
}  // namespace otpcore
