// SPDX-License-Identifier: Apache-2.0
#include "commands/registration.h"

#include <algorithm>
#include <utility>

#include "base/generated_id.h"
#include "rules/equal_draws.h"

namespace otpcore {
namespace {

constexpr int kCodesLow = 3;  // from so many on the host is told once more (RC-12)

// Whether two draws of this run are equal.
bool RepeatsItself(const Entropy& entropy, int groups) {
  DrawnBytes draws[7 + kRecoveryCodesMax] = {
      {entropy.request_id.data(), entropy.request_id.size()},
      {entropy.run_id.data(), entropy.run_id.size()},
      {entropy.new_id.data(), entropy.new_id.size()},
      {entropy.nonce.data(), entropy.nonce.size()},
      {entropy.copy_nonce.data(), entropy.copy_nonce.size()},
  };
  size_t count = 5;
  if (entropy.secret.was_drawn) {
    draws[count++] = {entropy.recovery_set_id.data(), entropy.recovery_set_id.size()};
    draws[count++] = {entropy.secret.bytes.data(), entropy.secret.bytes.size()};
    const size_t code_bytes = RecoveryDrawBytes(groups);
    for (size_t i = 0; i < kRecoveryCodesMax; ++i)
      draws[count++] = {entropy.secret.codes.data() + i * code_bytes, code_bytes};
  }
  return HasEqualDraws(draws, count);
}

bool IsOld(std::string_view sealed, const SealingKeyRing& keys) {
  return !sealed.empty() && SealingKeyIdOf(sealed) != keys.current_id();
}

SealingNonce NonceOf(const std::array<uint8_t, 24>& drawn) {
  SealingNonce nonce;
  nonce.bytes = drawn;
  return nonce;
}

// The codes that this run draws. The same whenever it is asked.
Result<RecoveryCodes> DrawnRecoveryCodes(const CallContext& context, const Entropy& entropy) {
  const Policy& policy = context.config->policy();
  return DrawRecoveryCodes(entropy.secret.codes.data(), policy.recovery_codes,
                           policy.recovery_code_groups);
}

Error RenewSecret(const Config& config, const Facts& facts, MemberRecord* member,
                  RenewedBytes* bytes) {
  const RegistrationBinding binding(*member);
  const Result<TotpSecret> secret =
      OpenTotpSecret(config.sealing_keys(), binding.totp, member->totp.sealed_secret);
  if (!secret) return secret.error();
  const auto sealed =
      SealTotpSecret(config.sealing_keys(), NonceOf(facts.entropy.nonce), binding.totp, *secret);
  if (!sealed) return sealed.error();
  bytes->secret = *sealed;
  member->totp.sealed_secret = bytes->secret.view();
  return ErrorCode::kOk;
}

Error RenewCodes(const Config& config, const Facts& facts, bool seals, bool digests,
                 MemberRecord* member, RenewedBytes* bytes) {
  const RegistrationBinding binding(*member);
  RecoveryFactor& recovery = member->recovery;
  const Result<RecoveryCodes> codes =
      OpenRecoveryCodes(config.sealing_keys(), binding.recovery, recovery.sealed_codes);
  if (!codes) return codes.error();
  if (seals) {
    const auto sealed = SealRecoveryCodes(config.sealing_keys(), NonceOf(facts.entropy.copy_nonce),
                                          binding.recovery, *codes);
    if (!sealed) return sealed.error();
    bytes->copy = *sealed;
    recovery.sealed_codes = bytes->copy.view();
  }
  if (!digests) return ErrorCode::kOk;
  const Result<RecoverySet> set = DigestRecoveryCodes(config.keys(), binding.recovery, *codes);
  if (!set) return set.error();
  if (set->count != SetOf(recovery).count)
    return Error(ErrorCode::kInternalServerError,
                 "the copy of the recovery codes is of another set");
  bytes->set = *set;
  recovery.key_id = set->key_id;
  recovery.digests = FactorOf(bytes->set, 0).digests;
  return ErrorCode::kOk;
}

}  // namespace

RegistrationIdText RegistrationIdOf(const Uuid& id, const CallContext& context) {
  return FormatIdInPlace(TraitsOf(FactorKind::kTotp).id_prefix,
                         context.config->policy().environment, id);
}

RegistrationBinding::RegistrationBinding(const MemberRecord& member)
    : organization_id(member.organization_id.text()),
      member_id(member.member_id.text()),
      totp{organization_id.view(), member_id.view(), member.totp.id, member.totp.parameters},
      recovery{organization_id.view(), member_id.view(), member.totp.id, member.recovery.id} {}

// ---- Making ----

Error CheckMeans(const CallContext& context, const Facts& facts) {
  if (context.config->sealing_keys().empty())
    return Error(ErrorCode::kInternalServerError, "there is no sealing key");
  if (RepeatsItself(facts.entropy, context.config->policy().recovery_code_groups))
    return Error(ErrorCode::kInternalServerError, "the generator repeats itself");
  return ErrorCode::kOk;
}

Error CheckMeansToRegister(const CallContext& context, const Facts& facts) {
  Error error = CheckMeans(context, facts);
  if (error.ok() && context.config->policy().totp_issuer.empty())
    error = Error(ErrorCode::kInternalServerError, "totp_issuer is not configured");
  return error;
}

Error Register(const CallContext& context, const Facts& facts, const TotpParameters& parameters,
               const TotpSecret& secret, RegistrationState state, MemberRecord* member,
               RegistrationBytes* bytes) {
  TotpFactor& totp = member->totp;
  totp = TotpFactor();
  totp.state = state;
  totp.id = UuidFromRandom(facts.entropy.new_id.data());
  totp.parameters = parameters;
  totp.created_at = totp.latest_seen = facts.now;
  totp.epoch = facts.epoch;
  member->recovery = RecoveryFactor();
  member->hosts_totp_id = {};
  const RegistrationBinding binding(*member);
  const Result<SealedTotpSecret> sealed = SealTotpSecret(
      context.config->sealing_keys(), NonceOf(facts.entropy.nonce), binding.totp, secret);
  if (!sealed) return sealed.error();
  bytes->secret = *sealed;
  totp.sealed_secret = bytes->secret.view();
  return ErrorCode::kOk;
}

Error SetRecoveryCodes(const CallContext& context, const Facts& facts,
                       const RecoveryCodes* imported, bool readable, MemberRecord* member,
                       RegistrationBytes* bytes) {
  member->recovery = RecoveryFactor();
  member->recovery.id = UuidFromRandom(facts.entropy.recovery_set_id.data());
  const Result<RecoveryCodes> drawn = DrawnRecoveryCodes(context, facts.entropy);
  if (!drawn) return drawn.error();
  const RecoveryCodes& codes = imported != nullptr ? *imported : *drawn;
  const RegistrationBinding binding(*member);
  const Result<RecoverySet> set =
      DigestRecoveryCodes(context.config->keys(), binding.recovery, codes);
  if (!set) return set.error();
  bytes->set = *set;
  member->recovery = FactorOf(bytes->set, facts.epoch);
  if (!readable) return ErrorCode::kOk;
  const Result<SealedRecoveryCodes> copy = SealRecoveryCodes(
      context.config->sealing_keys(), NonceOf(facts.entropy.copy_nonce), binding.recovery, codes);
  if (!copy) return copy.error();
  bytes->copy = *copy;
  member->recovery.sealed_codes = bytes->copy.view();
  return ErrorCode::kOk;
}

// ---- Reading ----

Result<RecoveryCodes> ReadableCodes(const CallContext& context, const MemberRecord& member) {
  const RegistrationBinding binding(member);
  const Result<RecoveryCodes> copy = OpenRecoveryCodes(
      context.config->sealing_keys(), binding.recovery, member.recovery.sealed_codes);
  if (!copy) return copy.error();
  return UnusedRecoveryCodes(SetOf(member.recovery), *copy);
}

Error ReadAnswer(const Conclusion& conclusion, MemberRecord* member) {
  const Answer& answer = conclusion.answer();
  if (!answer.error.ok()) return answer.error;
  if (!Unpack(*answer.member_key, answer.member, member))
    return Error(ErrorCode::kInternalServerError, "a record cannot be read");
  return ErrorCode::kOk;
}

Error ShowNewCodes(const CallContext& context, const Conclusion& conclusion,
                   const MemberRecord& member, RecoveryCodes* codes) {
  if (member.recovery.sealed_codes.empty() && !conclusion.committed) return ErrorCode::kOk;
  Result<RecoveryCodes> shown = member.recovery.sealed_codes.empty()
                                    ? DrawnRecoveryCodes(context, *conclusion.entropy)
                                    : ReadableCodes(context, member);
  if (!shown) return shown.error();
  *codes = *std::move(shown);
  return ErrorCode::kOk;
}

void AddCodesEvent(EventKind kind, const MemberRecord& member, Instant now, bool after_restore,
                   Decision* decision) {
  Event event = EventOf(PhoneFactor(), ChallengeId(), kind, now, ErrorCode::kOk);
  const int left = SetOf(member.recovery).left();
  event.codes_left = static_cast<uint8_t>(left);
  event.after_restore = after_restore;
  decision->answer.events.Add(event);
  if (left > kCodesLow) return;
  event.kind = EventKind::kRecoveryCodesLow;
  event.after_restore = false;
  decision->answer.events.Add(event);
}

// ---- Ending ----

bool HasEnded(const TotpFactor& totp, Instant now) {
  return std::max(totp.latest_seen, now) >= totp.expires_at;
}

Verdict WhyNotProved(const CallContext& context, const TotpFactor& totp, Instant now) {
  if (HasEnded(totp, now)) return Verdict::kExpired;
  const bool lags = now < totp.created_at - context.config->policy().clock_tolerance;
  return lags ? Verdict::kDead : Verdict::kMatch;
}

void ExpireRegistration(Instant now, FoundMember* found, Decision* decision) {
  TotpFactor expired;
  expired.state = RegistrationState::kExpired;
  expired.id = found->member.totp.id;
  found->member.totp = expired;
  found->member.recovery = RecoveryFactor();
  AddEvent(*found, EventKind::kTotpExpired, now, decision);
}

// ---- Renewing ----

Error Renew(const CallContext& context, const Facts& facts, bool digests_too, MemberRecord* member,
            RenewedBytes* bytes, bool* changed) {
  const Config& config = *context.config;
  const RecoveryFactor& recovery = member->recovery;
  const bool secret = IsOld(member->totp.sealed_secret, config.sealing_keys());
  const bool copy = IsOld(recovery.sealed_codes, config.sealing_keys());
  const bool digests = digests_too && !recovery.sealed_codes.empty() &&
                       recovery.key_id != config.keys().current_id();
  *changed = false;
  if (!secret && !copy && !digests) return ErrorCode::kOk;
  Error error = CheckMeans(context, facts);
  if (error.ok() && secret) {
    error = RenewSecret(config, facts, member, bytes);
    *changed = error.ok();
  }
  if (error.ok() && (copy || digests)) {
    error = RenewCodes(config, facts, copy, digests, member, bytes);
    *changed |= error.ok();
  }
  return error;
}

void RenewOnSuccess(const CallContext& context, const Facts& facts, FoundMember* found,
                    RenewedBytes* bytes, Decision* decision) {
  bool changed = false;
  const Error error = Renew(context, facts, false, &found->member, bytes, &changed);
  if (!error.ok()) AddEvent(*found, EventKind::kKeyMissing, facts.now, error.code(), decision);
  if (changed) AddEvent(*found, EventKind::kResealed, facts.now, decision);
}

}  // namespace otpcore
