// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/prove_factor.h"
#include "commands/registration.h"
#include "commands/request_fields.h"
#include "otpcore/commands/totp.h"

namespace otpcore {
namespace {

// The app's code as ProveFactor takes it.
class TotpCode {
 public:
  TotpCode(const CallContext& context, const Passcode& code) : context_(context), code_(code) {}

  const FactorTraits& traits() const { return TraitsOf(FactorKind::kTotp); }
  // Judge asks for the other factor: the registration comes first (TO-08).
  bool pending(const FoundMember&) const { return false; }
  int weight() const { return context_.config->policy().totp_window.weight(); }
  ChallengeId challenge_id(const MemberRecord&) const { return {}; }

  bool Judge(const FoundMember& found, const Facts& facts, Verdict* verdict, Decision* decision) {
    const MemberRecord& member = found.member;
    const TotpFactor& totp = member.totp;
    *verdict = WhyNotLooked(totp, facts.now);
    if (*verdict != Verdict::kMatch) return true;
    if (totp.state == RegistrationState::kPending &&
        !MayChangeFactors(context_, facts, found, decision))  // TO-16
      return false;
    if (code_.size() != totp.parameters.digits) {
      *verdict = Verdict::kMalformed;
      return true;
    }
    const RegistrationBinding binding(member);
    const Result<TotpSecret> secret =
        OpenTotpSecret(context_.config->sealing_keys(), binding.totp, totp.sealed_secret);
    if (!secret) {
      AddEvent(found, EventKind::kKeyMissing, facts.now, secret.error().code(), decision);
      *verdict = Verdict::kKeyGone;
      return true;
    }
    // No error: a secret opens under the parameters only that it was sealed with.
    const Result<TotpVerdict> judged =
        JudgeTotp(*secret, totp.parameters, context_.config->policy().totp_window, facts.now,
                  totp.last_step, code_);
    if (judged->is_clock_behind && !found.clock_anomaly)  // T-03
      AddEvent(found, EventKind::kClockAnomaly, facts.now, decision);
    step_ = judged->step;
    *verdict = judged->kind == TotpVerdict::Kind::kMatch ? Verdict::kMatch : Verdict::kWrong;
    if (judged->kind == TotpVerdict::Kind::kUsedStep) {
      AddEvent(found, EventKind::kTotpCodeReused, facts.now, decision);
      *verdict = Verdict::kUsedStep;
    }
    return true;
  }

  Error Accept(const Facts& facts, FoundMember* found, Decision* decision) {
    MemberRecord& member = found->member;
    TotpFactor& totp = member.totp;
    totp.last_step = step_;
    // TO-27: a restore may have lost the step that this code was used in.
    const bool is_restored = totp.epoch != facts.epoch;
    totp.epoch = facts.epoch;
    if (is_restored) {
      AddEvent(*found, EventKind::kTotpCodeReused, facts.now, decision);
      return ErrorCode::kTotpCodeAlreadyAuthenticated;
    }
    if (totp.state == RegistrationState::kPending) {
      totp.state = RegistrationState::kActive;
      if (!context_.config->policy().recovery_codes_readable)  // RC-15
        member.recovery.sealed_codes = {};
      AddEvent(*found, EventKind::kTotpActivated, facts.now, decision);
      ForgetAllDevices(facts.now, found, decision);
    }
    AddEvent(*found, EventKind::kAuthenticated, facts.now, decision);
    RenewOnSuccess(context_, facts, found, &renewed_, decision);
    return ErrorCode::kOk;
  }
  void Fail(const Facts&, FoundMember*, Decision*) {}  // the ledger alone bounds the guesses
  void Expire(const Facts& facts, FoundMember* found, Decision* decision) {
    ExpireRegistration(facts.now, found, decision);
  }

  FactorProof Proof(const MemberRecord& member) const {
    FactorProof proof;
    proof.kind = FactorKind::kTotp;
    proof.id = member.totp.id;
    return proof;
  }
  void WriteMore(const FoundMember&, Decision*) {}
  int tries_left(const MemberRecord&) const { return 0; }

 private:
  // kMatch: there is a registration whose code this may be.
  Verdict WhyNotLooked(const TotpFactor& totp, Instant now) const {
    if (totp.state == RegistrationState::kActive) return Verdict::kMatch;
    if (totp.state == RegistrationState::kExpired) return Verdict::kDead;
    if (totp.state != RegistrationState::kPending) return Verdict::kNone;
    return WhyNotProved(context_, totp, now);
  }

  const CallContext& context_;
  const Passcode& code_;
  int64_t step_ = kNoTotpStep;
  RenewedBytes renewed_;  // the record's texts are views: until it is written
};

}  // namespace

Error AuthenticateTotp::Check(const CallContext& context, const Request& request,
                              Checked* checked) {
  const Error error = CheckProofTarget(context, request.organization_id, request.member_id,
                                       request.session, checked);
  if (!error.ok()) return error;
  if (!request.code) return Error(ErrorCode::kBadRequest, "code is required");
  Result<Passcode> code = ReadTotpCode(*request.code);
  if (!code) return code.error();
  checked->code = *std::move(code);
  return CheckProofOptions(request, checked);
}

void AuthenticateTotp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<9>(request, checked, tag);
}

void AuthenticateTotp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                            Decision* decision) {
  TotpCode factor(context, checked.code);
  ProveFactor(context, checked, facts, factor, decision);
}

}  // namespace otpcore
