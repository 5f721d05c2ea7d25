// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"
#include "commands/email_member.h"
#include "commands/mfa_plan.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "otpcore/commands/session_exchange.h"

namespace otpcore {
namespace {

// A password of a Member elsewhere is none of this Organization's, and neither is a second factor.
bool IsOfElsewhere(const Session& session, const EntityId& organization) {
  return !session.is_of_no_member() && session.organization_id != organization;
}

bool HasHostPrimary(const Session& session, const EntityId& organization) {
  return session.factors.Has(FactorKind::kHostPrimary) && !IsOfElsewhere(session, organization);
}

// Whether the token may be exchanged into `organization` (SE-03).
Error CheckToken(const Facts& facts, const EntityId& organization) {
  if (!facts.session) return ErrorCode::kIntermediateSessionNotFound;
  const Session& session = *facts.session;
  const bool has_primary =
      session.factors.Has(FactorKind::kEmailPasscode) || HasHostPrimary(session, organization);
  // A second factor of nobody is none either.
  const bool has_foreign_second =
      session.organization_id != organization && session.factors.HasSecond();
  if (session.email_address.empty() || !has_primary || has_foreign_second)
    return ErrorCode::kInvalidIntermediateSessionTokenForOrganization;
  return ErrorCode::kOk;
}

// EM-08, for a session that has shown nothing here but a passcode by e-mail.
Error CheckPrimary(const Session& session, const Organization& organization,
                   const MemberRecord* member) {
  if (HasHostPrimary(session, organization.organization_id)) return ErrorCode::kOk;
  return CheckEmailMethod(organization, member);
}

// The primary factor that the session brings. It was shown to the session, not now.
void FillProof(const Session& session, const MemberRecord& member, FactorProof* proof) {
  const bool by_passcode = session.factors.Has(FactorKind::kEmailPasscode);
  proof->kind = by_passcode ? FactorKind::kEmailPasscode : FactorKind::kHostPrimary;
  proof->id = by_passcode ? member.email.id : Uuid();
  proof->address = by_passcode ? Address(member.email_address) : Address();
  proof->at = session.factors.LastShown(proof->kind);
}

void FillEffect(const ExchangeIntermediateSession::Checked& checked, const Session& session,
                const MemberRecord& member, bool done, SessionEffect* effect) {
  using Kind = SessionEffect::Kind;
  effect->kind = done ? Kind::kUpgrade : Kind::kCreateIntermediate;
  effect->credential = checked.session;
  effect->organization_id = member.organization_id;
  effect->member_id = member.member_id;
  effect->duration = done ? checked.session_duration : kIntermediateLife;
  FillProof(session, member, &effect->proof);
}

// A repeated success gives its effect again, by what is there now (C-07).
void AnswerRepeatedExchange(const CallContext& context,
                            const ExchangeIntermediateSession::Checked& checked, const Facts& facts,
                            FoundMember* found, Decision* decision) {
  if (!AnswerRepeated(context, facts, *found, decision) &&
      !IsDeliveryError(decision->answer.error.code()))
    return;
  decision->answer.error = ErrorCode::kOk;  // the step stands without its SMS (P-04)
  const EventList none = decision->answer.events;
  const bool needs_second = NeedsSecondFactor(context, facts, found, decision);
  decision->answer.events = none;
  FillEffect(checked, *facts.session, found->member, !needs_second,
             &decision->RepeatSessionEffect());
}

}  // namespace

Error ExchangeIntermediateSession::Check(const CallContext& context, const Request& request,
                                         Checked* checked) {
  Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  if (!error.ok()) return error;
  if (request.intermediate_session_token.empty())
    return Error(ErrorCode::kBadRequest, "intermediate_session_token is required");
  checked->session = {SessionCredential::Kind::kIntermediateToken,
                      request.intermediate_session_token};
  error = CheckSessionMinutes(request.session_duration_minutes, &checked->session_duration);
  if (!error.ok()) return error;
  checked->just_in_time = request.just_in_time;
  return CheckMfaOptions(request, checked);
}

void ExchangeIntermediateSession::AddFields(const Request& request, const Checked& checked,
                                            RequestTag* tag) {
  AddAll<8>(request, checked.organization, tag);
}

void ExchangeIntermediateSession::Plan(const CallContext& context, const Checked& checked,
                                       const Facts& facts, Decision* decision) {
  FoundMember found;
  if (!FindOrganization(checked.organization, facts, false, &found.organization, decision)) {
    if (facts.records.size() == 0) decision->session = &checked.session;
    return;
  }
  const Organization& organization = found.organization.organization;
  Error error = CheckToken(facts, organization.organization_id);
  if (!error.ok()) return Refuse(error, decision);
  const Session& session = *facts.session;
  bool exists = false;
  if (!FindMemberByEmail(context, checked.organization, session.email_address.view(), std::nullopt,
                         facts, &found, &exists, decision))
    return;
  if (exists && !checked.device.empty()) FindDevice(context, checked.device, facts.now, &found);
  // A token of this Organization is its Member's.
  if (session.organization_id == organization.organization_id &&
      (!exists || session.member_id != found.member.member_id))
    error = ErrorCode::kMemberSessionMemberIdMismatch;
  if (error.ok()) error = CheckPrimary(session, organization, exists ? &found.member : nullptr);
  if (exists && IsRepeated(context, found.earlier)) {
    if (!error.ok()) return RefuseRepeated(error, decision);
    decision->answer.made_member = found.member.member_id == NewMemberId(context, facts);
    return AnswerRepeatedExchange(context, checked, facts, &found, decision);
  }
  if (error.ok() && !exists) error = ErrorOf(checked.just_in_time);
  if (!error.ok())
    return exists ? Refuse(context, found, facts, error, decision) : Refuse(error, decision);
  NameChanges names;
  if (!exists &&
      !MakeMember(context, session.email_address.view(), facts, &found, &names, decision))
    return;
  decision->answer.made_member = !exists;
  if (!exists) AddEvent(found, EventKind::kCreated, facts.now, decision);
  AddEvent(found, EventKind::kSessionExchanged, facts.now, decision);
  MemberRecord& member = found.member;
  VerifyAddress(facts.now, &found, decision);
  if (session.factors.Has(FactorKind::kEmailPasscode) && member.email.id.empty())
    member.email.id = UuidFromRandom(facts.entropy.phone_id.data());
  const bool needs_second = NeedsSecondFactor(context, facts, &found, decision);
  const MfaSend sms = {checked.locale, checked.channel, checked.session_id};
  if (!needs_second || !PlanAutomaticSms(context, sms, facts, found, decision))
    CommitMember(context, facts, &found, ErrorCode::kOk, decision);
  if (decision->kind != Decision::Kind::kCommit) return;
  FillEffect(checked, session, member, !needs_second, &decision->AddSessionEffect());
  if (!exists) names.Write(member.member_id, decision);
}

Error ExchangeIntermediateSession::Respond(const CallContext& context, const Checked&,
                                           const Conclusion& conclusion, Response* response) {
  response->member_created = conclusion.answer().made_member;
  return ShowMfaLogin(context, conclusion, response, response, &response->method_id);
}

std::unique_ptr<Command> ExchangeIntermediateSession::AfterDelivery(const CallContext& context,
                                                                    const Decision& decision,
                                                                    const Delivery& delivery) {
  return ReportOf(context, decision, delivery);
}

}  // namespace otpcore
