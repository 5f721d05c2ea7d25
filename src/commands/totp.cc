// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/totp.h"

#include <algorithm>
#include <iterator>

#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "otpcore/rules/registration_machine.h"
#include "rules/equal_draws.h"

namespace otpcore {
namespace {

constexpr int kExpirationMinutesMin = 5;
constexpr int kExpirationMinutesMax = 24 * 60;
constexpr int kExpirationMinutesDefault = 60;

using RegistrationIdText = InlineText<64>;

RegistrationIdText IdTextOf(const Uuid& id, const CallContext& context) {
  return FormatId(TraitsOf(FactorKind::kTotp).id_prefix, context.config->policy().environment, id);
}

// The ids as text, which the binding only views.
struct Binding {
  Binding(const MemberRecord& member, const TotpFactor& totp)
      : organization_id(member.organization_id.text()),
        member_id(member.member_id.text()),
        view{organization_id.view(), member_id.view(), totp.id, totp.parameters} {}
  Binding(const Binding&) = delete;
  Binding& operator=(const Binding&) = delete;
  ~Binding() = default;

  InlineText<kIdBytesMax> organization_id;
  InlineText<kIdBytesMax> member_id;
  TotpBinding view;
};

// ---- Create ----

// Why no secret can be made; kOk: it can.
Error CheckMeans(const CallContext& context, const Facts& facts) {
  if (context.config->sealing_keys().empty())
    return Error(ErrorCode::kInternalServerError, "there is no sealing key");
  if (context.config->policy().totp_issuer.empty())
    return Error(ErrorCode::kInternalServerError, "totp_issuer is not configured");
  const Entropy& entropy = facts.entropy;
  const DrawnBytes draws[] = {
      {entropy.request_id.data(), entropy.request_id.size()},
      {entropy.run_id.data(), entropy.run_id.size()},
      {entropy.new_id.data(), entropy.new_id.size()},
      {entropy.nonce.data(), entropy.nonce.size()},
      {entropy.secret.bytes.data(), entropy.secret.bytes.size()},
  };
  if (HasEqualDraws(draws, std::size(draws)))
    return Error(ErrorCode::kInternalServerError, "the generator repeats itself");
  return ErrorCode::kOk;
}

// Makes a pending registration whose sealed secret `*sealed` keeps.
Error Register(const CallContext& context, const Facts& facts, Duration life, MemberRecord* member,
               SealedTotpSecret* sealed) {
  const TotpParameters& parameters = context.config->policy().totp;
  TotpFactor totp;
  totp.state = RegistrationState::kPending;
  totp.id = UuidFromRandom(facts.entropy.new_id.data());
  totp.parameters = parameters;
  totp.created_at = totp.latest_seen = facts.now;
  totp.expires_at = facts.now + life;
  totp.epoch = facts.epoch;
  const TotpSecret secret(facts.entropy.secret.bytes.data(), TotpSecretBytes(parameters.algorithm));
  SealingNonce nonce;
  nonce.bytes = facts.entropy.nonce;
  const Binding binding(*member, totp);
  Result<SealedTotpSecret> made =
      SealTotpSecret(context.config->sealing_keys(), nonce, binding.view, secret);
  if (!made) return made.error();
  *sealed = *made;
  totp.sealed_secret = sealed->view();
  member->totp = totp;
  member->totp_registration_id = {};
  return ErrorCode::kOk;
}

// ---- Authenticate ----

bool HasEnded(const TotpFactor& totp, Instant now, Duration tolerance) {
  return std::max(totp.latest_seen, now) >= totp.expires_at || now < totp.created_at - tolerance;
}

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
    const Binding binding(member, totp);
    const Result<TotpSecret> secret =
        OpenTotpSecret(context_.config->sealing_keys(), binding.view, totp.sealed_secret);
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
      id_text_ = IdTextOf(totp.id, context_);
      member.totp_registration_id = id_text_.view();
      AddEvent(*found, EventKind::kTotpActivated, facts.now, decision);
      ForgetAllDevices(facts.now, found, decision);
    }
    AddEvent(*found, EventKind::kAuthenticated, facts.now, decision);
    return ErrorCode::kOk;
  }
  void Fail(const Facts&, FoundMember*, Decision*) {}  // the ledger alone bounds the guesses
  void Expire(const Facts& facts, FoundMember* found, Decision* decision) {
    TotpFactor expired;
    expired.state = RegistrationState::kExpired;
    expired.id = found->member.totp.id;
    found->member.totp = expired;
    AddEvent(*found, EventKind::kTotpExpired, facts.now, decision);
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
    return HasEnded(totp, now, context_.config->policy().clock_tolerance) ? Verdict::kExpired
                                                                          : Verdict::kMatch;
  }

  const CallContext& context_;
  const Passcode& code_;
  int64_t step_ = kNoTotpStep;
  RegistrationIdText id_text_;  // the record's texts are views: until it is written
};

}  // namespace

Error CreateTotp::Check(const CallContext& context, const Request& request, Checked* checked) {
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
  if (!error.ok()) return error;
  const int minutes = request.expiration_minutes.value_or(kExpirationMinutesDefault);
  if (minutes < kExpirationMinutesMin || minutes > kExpirationMinutesMax)
    return ErrorCode::kInvalidExpiration;
  checked->life = std::chrono::minutes(minutes);
  return ErrorCode::kOk;
}

void CreateTotp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<4>(request, checked, tag);
}

void CreateTotp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                      Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  Error error = CheckStatusAndMethod(found, TraitsOf(FactorKind::kTotp));
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  if (!MayAnswer(context, facts, false, found, decision)) return;  // locked
  if (!MayChangeFactors(context, facts, found, decision)) return;
  // Beside a factor not even the host creates one on behalf of nobody (C-10).
  if (!checked.session && member.HasActiveMfaFactor()) error = ErrorCode::kInsufficientFactors;
  if (error.ok())
    error = NextRegistration(member.registration_state(), RegistrationEvent::kCreated).answer;
  if (error.ok()) error = CheckMeans(context, facts);
  SealedTotpSecret sealed;
  if (error.ok()) error = Register(context, facts, checked.life, &member, &sealed);
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  member.updated_at = facts.now;
  AddEvent(found, EventKind::kTotpCreated, facts.now, decision);
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

// The first answer and a repeated one are made alike, of the record: no secret outlives its plan.
Error CreateTotp::Respond(const CallContext& context, const Checked&, const Conclusion& conclusion,
                          Response* response) {
  const Answer& answer = conclusion.answer();
  if (!answer.error.ok()) return answer.error;
  MemberRecord member;
  if (!Unpack(*answer.member_key, answer.member, &member))
    return Error(ErrorCode::kInternalServerError, "a record cannot be read");
  const TotpFactor& totp = member.totp;
  response->totp_registration_id = IdTextOf(totp.id, context);
  if (totp.state != RegistrationState::kPending) return ErrorCode::kOk;
  const Binding binding(member, totp);
  const Result<TotpSecret> secret =
      OpenTotpSecret(context.config->sealing_keys(), binding.view, totp.sealed_secret);
  if (!secret) return secret.error();
  const InlineText<kIdBytesMax> member_id = member.member_id.text();
  Result<TotpUri> uri =
      MakeTotpUri(context.config->policy().totp_issuer,
                  member.email_address.empty() ? member_id.view() : member.email_address, *secret,
                  totp.parameters);
  if (!uri) return uri.error();
  response->uri = *std::move(uri);
  response->secret = FormatTotpSecret(*secret);
  response->expires_at = totp.expires_at;
  return ErrorCode::kOk;
}

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

Error DeleteTotp::Check(const CallContext& context, const Request& request, Checked* checked) {
  return CheckMember(context, request.organization_id, request.member_id, request.actor, checked);
}

void DeleteTotp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<3>(request, checked, tag);
}

void DeleteTotp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                      Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  MemberRecord& member = found.member;
  if (!MayChangeFactors(context, facts, found, decision)) return;
  const RegistrationTransition transition =
      NextRegistration(member.registration_state(), RegistrationEvent::kDeleted);
  if (transition.answer != ErrorCode::kOk)
    return Refuse(context, found, facts, transition.answer, decision);
  if (!member.totp_registration_id.empty()) ForgetAllDevices(facts.now, &found, decision);
  AddEvent(found, EventKind::kTotpDeleted, facts.now, decision);
  EraseTotp(facts.now, &found, decision);
  member.updated_at = facts.now;
  CommitMember(context, facts, &found, ErrorCode::kOk, decision);
}

}  // namespace otpcore
