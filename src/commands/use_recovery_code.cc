// SPDX-License-Identifier: Apache-2.0
#include "commands/prove_factor.h"
#include "commands/registration.h"
#include "commands/request_fields.h"
#include "otpcore/commands/recovery_codes.h"

namespace otpcore {
namespace {

// A recovery code as ProveFactor takes it.
class RecoveryCodeProof {
 public:
  RecoveryCodeProof(const CallContext& context, const CanonicalRecoveryCode& code)
      : context_(context), code_(code) {}

  const FactorTraits& traits() const { return TraitsOf(FactorKind::kRecoveryCode); }
  bool pending(const FoundMember&) const { return false; }
  int weight() const { return 1; }
  ChallengeId challenge_id(const MemberRecord&) const { return {}; }
  int tries_left(const MemberRecord&) const { return 0; }

  bool Judge(const FoundMember& found, const Facts& facts, Verdict* verdict, Decision* decision) {
    const MemberRecord& member = found.member;
    *verdict = WhyNotLooked(member, facts.now);
    if (*verdict != Verdict::kMatch) return true;
    const DigestKey* const key = context_.config->keys().Find(member.recovery.key_id);
    if (key == nullptr || context_.config->sealing_keys().empty()) {  // RC-16, TO-25
      AddEvent(found, EventKind::kKeyMissing, facts.now, ErrorCode::kInternalServerError, decision);
      *verdict = Verdict::kKeyGone;
      return true;
    }
    const RegistrationBinding binding(member);
    const std::optional<size_t> index = MatchRecoveryCode(
        SetOf(member.recovery), DigestRecoveryCode(*key, binding.recovery, code_));
    *verdict = index ? Verdict::kMatch : Verdict::kWrong;
    index_ = index.value_or(0);
    return true;
  }

  Error Accept(const Facts& facts, FoundMember* found, Decision* decision) {
    RecoveryFactor& recovery = found->member.recovery;
    RecoverySet set = SetOf(recovery);
    set.Use(index_);
    recovery.used = set.used;
    const bool after_restore = recovery.epoch != facts.epoch;  // RC-17
    recovery.epoch = facts.epoch;
    AddCodesEvent(EventKind::kRecoveryCodeUsed, found->member, facts.now, after_restore, decision);
    AddEvent(PhoneFactor(), EventKind::kAuthenticated, facts.now, ErrorCode::kOk, decision);
    RenewOnSuccess(context_, facts, found, &renewed_, decision);
    return ErrorCode::kOk;
  }
  void Fail(const Facts&, FoundMember*, Decision*) {}  // the ledger alone bounds the guesses
  void Expire(const Facts& facts, FoundMember* found, Decision* decision) {
    ExpireRegistration(facts.now, found, decision);
  }

  // The record does not tell which code was used last, and each is good once: a session sees the
  // set they are of.
  FactorProof Proof(const MemberRecord& member) const {
    FactorProof proof;
    proof.kind = FactorKind::kRecoveryCode;
    proof.id = member.recovery.id;
    return proof;
  }
  void WriteMore(const FoundMember&, Decision*) {}

 private:
  // kMatch: there are codes that this one may be.
  Verdict WhyNotLooked(const MemberRecord& member, Instant now) const {
    switch (member.registration_state()) {
      case RegistrationState::kNone:
      case RegistrationState::kExternal: return Verdict::kNone;
      case RegistrationState::kExpired: return Verdict::kDead;
      case RegistrationState::kPending:
        return HasEnded(member.totp, now) ? Verdict::kExpired : Verdict::kDead;
      case RegistrationState::kActive: break;
    }
    return SetOf(member.recovery).left() == 0 ? Verdict::kNone : Verdict::kMatch;
  }

  const CallContext& context_;
  const CanonicalRecoveryCode& code_;
  size_t index_ = 0;
  RenewedBytes renewed_;  // the record's texts are views: until it is written
};

}  // namespace

Error UseRecoveryCode::Check(const CallContext& context, const Request& request, Checked* checked) {
  const Error error = CheckProofTarget(context, request.organization_id, request.member_id,
                                       request.session, checked);
  if (!error.ok()) return error;
  if (!request.recovery_code) return Error(ErrorCode::kBadRequest, "recovery_code is required");
  Result<CanonicalRecoveryCode> code = ReadRecoveryCode(*request.recovery_code);
  if (!code) return code.error();
  checked->code = *std::move(code);
  checked->remember_device = request.remember_device;
  return CheckProofOptions("", request.session_duration_minutes, request.device, checked);
}

void UseRecoveryCode::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<7>(request, checked, tag);
}

void UseRecoveryCode::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                           Decision* decision) {
  RecoveryCodeProof factor(context, checked.code);
  ProveFactor(context, checked, facts, factor, decision);
}

Error UseRecoveryCode::Respond(const CallContext& context, const Checked& checked,
                               const Conclusion& conclusion, Response* response) {
  MemberRecord member;
  Error error = ReadAnswer(conclusion, &member);
  if (error.ok()) error = ProvesFactor::Respond(context, checked, conclusion, response);
  if (!error.ok()) return error;
  response->recovery_codes_remaining = SetOf(member.recovery).left();
  return ErrorCode::kOk;
}

}  // namespace otpcore
