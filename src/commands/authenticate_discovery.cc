// SPDX-License-Identifier: Apache-2.0
#include "commands/find_address.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "model/ledgers.h"
#include "otpcore/commands/discovery.h"

namespace otpcore {
namespace {

const FactorTraits& Traits() { return TraitsOf(FactorKind::kEmailPasscode); }

// EM-26. The session is of no Member.
void FillEffect(const DiscoveryRecord& record, Instant now, SessionEffect* effect) {
  effect->kind = SessionEffect::Kind::kCreateIntermediate;
  effect->credential = {};
  effect->organization_id = effect->member_id = EntityId();
  effect->duration = kIntermediateLife;
  effect->proof.kind = FactorKind::kEmailPasscode;
  effect->proof.id = record.email.id;
  effect->proof.address = record.address;
  effect->proof.at = now;
}

}  // namespace

Error AuthenticateDiscoveryPasscode::Check(const CallContext&, const Request& request,
                                           Checked* checked) {
  const Error error = CheckAddress(request.email_address, checked);
  if (!error.ok()) return error;
  if (!request.code) return Error(ErrorCode::kBadRequest, "code is required");
  Result<Passcode> code = ReadTypedCode(*request.code);
  if (!code) return code.error();
  checked->code = *std::move(code);
  return ErrorCode::kOk;
}

void AuthenticateDiscoveryPasscode::AddFields(const Request& request, const Checked&,
                                              RequestTag* tag) {
  AddAll<2>(request, tag);
}

void AuthenticateDiscoveryPasscode::Plan(const CallContext& context, const Checked& checked,
                                         const Facts& facts, Decision* decision) {
  FoundAddress found;
  if (!FindAddress(context, checked, facts, &found, decision)) return;
  EmailFactor& email = found.record.email;
  if (AnswersRepeated(context, facts, found, decision)) {
    if (decision->answer.error.ok())
      FillEffect(found.record, facts.now, &decision->RepeatSessionEffect());
    return;
  }
  const Error lock = CheckEmailLock(email, facts.now);
  if (!lock.ok()) {
    AddEmailEvent(EventKind::kRefusedByLimit, ChallengeId(), facts.now, lock.code(), decision);
    return Refuse(context, facts, found, lock, decision);
  }
  const Verdict verdict = JudgeEmailCode(context, facts, found.owner(), checked.code);
  switch (verdict) {
    case Verdict::kMatch:
      email.challenge.state = ChallengeState::kUsed;
      AddEmailEvent(EventKind::kDiscoveryAuthenticated, email.challenge.id, facts.now,
                    ErrorCode::kOk, decision);
      CountSuccess(facts.now, &email.failures);
      FillEffect(found.record, facts.now, &decision->AddSessionEffect());
      return CommitAddress(context, facts, &found, ErrorCode::kOk, decision);
    case Verdict::kWrong:
      CountWrongEmailCode(context, facts, 0, found.clock_anomaly, &email, decision);
      CommitAddress(context, facts, &found, Traits().errors.wrong, decision);
      decision->answer.hints.tries_left = TriesLeft(context.config->policy(), email.challenge);
      return;
    case Verdict::kExpired:
      email.challenge.state = ChallengeState::kExpired;
      AddEmailEvent(EventKind::kChallengeDead, email.challenge.id, facts.now, Traits().errors.dead,
                    decision);
      return CommitAddress(context, facts, &found, Traits().errors.dead, decision);
    default: return Refuse(context, facts, found, VerdictError(verdict, Traits()), decision);
  }
}

Error AuthenticateDiscoveryPasscode::Respond(const CallContext&, const Checked& checked,
                                             const Conclusion& conclusion, Response* response) {
  if (!conclusion.answer().error.ok()) return conclusion.answer().error;
  response->session_effect = conclusion.decision->session_effect();
  response->email_address = checked.canonical;
  return ErrorCode::kOk;
}

}  // namespace otpcore
