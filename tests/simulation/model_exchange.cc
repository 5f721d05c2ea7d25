// SPDX-License-Identifier: Apache-2.0
// Exchange of an intermediate session into an Organization (rules SE-03, SE-06, EM-07, EM-08,
// EM-16, EM-27).
#include <cstddef>

#include "model_mail.h"

namespace otpcore {
namespace simulation {
namespace {

ErrorCode ShapeOf(const Call& call) {
  const ErrorCode error = CheckId(call.organization);
  if (error != ErrorCode::kOk) return error;
  if (call.session.intermediate_session_token.empty()) return ErrorCode::kBadRequest;
  if (call.minutes && (*call.minutes < 5 || *call.minutes > 527040))
    return ErrorCode::kInvalidSessionDurationMinutes;
  if (!IsLocale(call.locale)) return ErrorCode::kInvalidLocale;
  return IsDevice(call.device) ? ErrorCode::kOk : ErrorCode::kBadRequest;
}

// What the host itself checked counts in the Organization that it was for, or where the session is
// of none yet.
bool HasHostPrimary(const Session& session, const std::string& organization) {
  const bool of_none = session.organization_id.str().empty() && session.member_id.str().empty();
  return session.factors.Has(FactorKind::kHostPrimary) &&
         (of_none || session.organization_id.str() == organization);
}

ErrorCode TokenError(const Question& question, const ModelOrganization& org) {
  if (!question.session) return ErrorCode::kIntermediateSessionNotFound;
  const Session& session = *question.session;
  const bool is_here = session.organization_id.str() == org.id;
  const bool has_primary =
      session.factors.Has(FactorKind::kEmailPasscode) || HasHostPrimary(session, org.id);
  const bool serves = !session.email_address.str().empty() && has_primary &&
                      (is_here || !session.factors.HasSecond());
  return serves ? ErrorCode::kOk : ErrorCode::kInvalidIntermediateSessionTokenForOrganization;
}

// `member`: null when nobody has the address.
ErrorCode MemberError(const Question& question, const ModelOrganization& org,
                      const ModelMember* member) {
  const Session& session = *question.session;
  if (session.organization_id.str() == org.id &&
      (member == nullptr || session.member_id.str() != member->id))
    return ErrorCode::kMemberSessionMemberIdMismatch;
  return HasHostPrimary(session, org.id) ? ErrorCode::kOk : MethodError(org, member);
}

void TellEffect(const Question& question, Expected* expected) {
  const Session& session = *question.session;
  ModelEffect effect;
  effect.consumes = true;
  effect.kind = expected->authenticated ? SessionEffect::Kind::kUpgrade
                                        : SessionEffect::Kind::kCreateIntermediate;
  effect.minutes = expected->authenticated ? question.call->minutes.value_or(60) : 10;
  if (!session.factors.Has(FactorKind::kEmailPasscode)) effect.factor = FactorKind::kHostPrimary;
  effect.shown = session.factors.LastShown(effect.factor).unix_millis();
  expected->effect = effect;
}

void Accept(const Question& question, const ModelOrganization& org, const ModelMember& member,
            Expected* expected) {
  auto changed = Changed(question, member, ErrorCode::kOk);
  expected->Tell(EventKind::kSessionExchanged);
  VerifyMail(changed.get(), expected);
  if (question.session->factors.Has(FactorKind::kEmailPasscode) && changed->mail.id.empty())
    changed->mail.id = DrawnId(question, "email", offsetof(Entropy, phone_id));
  TakeMfaStep(question, org, changed, expected);
  expected->knows_events = !expected->required;  // of the SMS other events tell
  if (expected->new_member == nullptr) expected->new_member = changed;
  TellEffect(question, expected);
}

// A success is given again, by what is there now (C-07).
void AcceptAgain(const Question& question, const ModelOrganization& org, const ModelMember& member,
                 Expected* expected) {
  expected->error = WithoutDelivery(AnswerOfReplay(question, member.mark));
  if (expected->error != ErrorCode::kOk) return;
  TakeStock(question, org, member, expected);
  if (expected->required && IsSpared(question, org, member)) {
    expected->required = false;
    expected->authenticated = true;
  }
  expected->initiated = member.challenge.state == ChallengeState::kLive &&
                        member.challenge.issued_by == member.mark.run;
  TellEffect(question, expected);
}

}  // namespace

Expected JudgeExchange(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = ShapeOf(call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  error = FindOrganizationOnly(question, &expected, &org);
  if (error == ErrorCode::kOk) error = TokenError(question, *org);
  if (error != ErrorCode::kOk) return refuse(error);
  const std::string email = question.session->email_address.str();
  if (OwnerOf(question, org->id, email).empty()) {
    error = MemberError(question, *org, nullptr);
    if (error == ErrorCode::kOk) error = WordError(call.just_in_time);
    if (error != ErrorCode::kOk) return refuse(error);
    const auto fresh = MadeWith(question, *org, email, &expected);
    if (fresh == nullptr) return expected;
    Accept(question, *org, *fresh, &expected);
    expected.made = true;
    expected.Tell(EventKind::kCreated);
    return expected;
  }
  Target target;
  const bool opens = Opens(question, ErrorCode::kOk, &target, &expected);
  if (!opens && !expected.replay) return expected;
  const ModelMember* const member = target.member;
  error = MemberError(question, *org, member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (opens) {
    Accept(question, *org, *member, &expected);
    return expected;
  }
  expected.made = member->id == IdOfMade(question);
  AcceptAgain(question, *org, *member, &expected);
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
