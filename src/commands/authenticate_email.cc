// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"
#include "commands/email_member.h"
#include "commands/mfa_plan.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "model/ledgers.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/rules/email_address.h"

namespace otpcore {
namespace {

const FactorTraits& Traits() { return TraitsOf(FactorKind::kEmailPasscode); }

// A session argument must resolve, and an intermediate token be the Organization's, or of no Member
// (EM-18, EM-27).
Error CheckSessionFound(const AuthenticateEmailPasscode::Checked& checked, const Facts& facts,
                        const EntityId& organization) {
  if (!checked.session) return ErrorCode::kOk;
  const bool intermediate = checked.session->kind == SessionCredential::Kind::kIntermediateToken;
  if (!facts.session) {
    return intermediate ? ErrorCode::kIntermediateSessionNotFound : ErrorCode::kSessionNotFound;
  }
  if (intermediate && !facts.session->is_of_no_member() &&
      facts.session->organization_id != organization)
    return ErrorCode::kInvalidIntermediateSessionTokenForOrganization;
  return ErrorCode::kOk;
}

Error CheckOwner(const AuthenticateEmailPasscode::Checked& checked, const Facts& facts,
                 const MemberRecord& member) {
  if (!checked.session || MayUse(*checked.session, *facts.session, member)) return ErrorCode::kOk;
  return ErrorCode::kMemberSessionMemberIdMismatch;
}

// The code of one Member, from the lock on (EM-15).
class EmailProof {
 public:
  EmailProof(const CallContext& context, const AuthenticateEmailPasscode::Checked& checked,
             const Facts& facts, FoundMember* found, Decision* decision)
      : context_(context),
        policy_(context.config->policy()),
        checked_(checked),
        facts_(facts),
        found_(*found),
        decision_(*decision) {}

  void Judge() {
    const Error lock = CheckEmailLock(email(), facts_.now);
    if (!lock.ok()) {
      AddEvent(EventKind::kRefusedByLimit, lock.code(), ChallengeId());
      return Refuse(context_, found_, facts_, lock, &decision_);
    }
    const Address canonical = CanonicalEmail(found_.member.email_address);
    const Verdict verdict =
        JudgeEmailCode(context_, facts_, OwnerOf(found_.member, canonical), checked_.code);
    switch (verdict) {
      case Verdict::kMatch: return Accept();
      case Verdict::kWrong: return Count();
      case Verdict::kExpired: {
        email().challenge.state = ChallengeState::kExpired;
        AddEvent(EventKind::kChallengeDead, Traits().errors.dead, email().challenge.id);
        return CommitMember(context_, facts_, &found_, Traits().errors.dead, &decision_);
      }
      default: return Refuse(context_, found_, facts_, VerdictError(verdict, Traits()), &decision_);
    }
  }

  // The effect of a success on the session (EM-17, SE-03).
  void FillEffect(bool done, SessionEffect* effect) const {
    using Kind = SessionEffect::Kind;
    const bool intermediate =
        checked_.session && checked_.session->kind == SessionCredential::Kind::kIntermediateToken;
    effect->kind = done ? Kind::kCreate : Kind::kCreateIntermediate;
    effect->credential = {};
    if (checked_.session && (done || intermediate)) {
      effect->kind = done && intermediate ? Kind::kUpgrade : Kind::kExtend;
      effect->credential = *checked_.session;
    }
    effect->organization_id = found_.member.organization_id;
    effect->member_id = found_.member.member_id;
    effect->duration = done ? checked_.session_duration : kIntermediateLife;
    effect->proof.kind = FactorKind::kEmailPasscode;
    effect->proof.id = found_.member.email.id;
    effect->proof.address = found_.member.email_address;
    effect->proof.at = facts_.now;
  }

 private:
  EmailFactor& email() const { return found_.member.email; }
  void AddEvent(EventKind kind, ErrorCode reason, const ChallengeId& id) {
    AddEmailEvent(kind, id, facts_.now, reason, &decision_);
  }

  void Count() {
    CountWrongEmailCode(context_, facts_, TagOfSession(context_, facts_, found_.member),
                        found_.clock_anomaly, &email(), &decision_);
    CommitMember(context_, facts_, &found_, Traits().errors.wrong, &decision_);
    decision_.answer.hints.tries_left = TriesLeft(policy_, email().challenge);
  }

  // EM-16.
  void Accept() {
    MemberRecord& member = found_.member;
    member.email.challenge.state = ChallengeState::kUsed;
    AddEvent(EventKind::kEmailAuthenticated, ErrorCode::kOk, member.email.challenge.id);
    CountSuccess(facts_.now, &member.email.failures);
    if (HasFailuresOfSessions(member.email.failures)) {
      ForgiveFailures(EmailFailureLimits(policy_), facts_.now,
                      TagOfSession(context_, facts_, member), &member.email.failures);
    }
    member.updated_at = facts_.now;
    VerifyAddress(facts_.now, &found_, &decision_);
    const bool needs_second = NeedsSecondFactor(context_, facts_, &found_, &decision_);
    const MfaSend sms = {checked_.locale, checked_.channel, checked_.session_id};
    if (!needs_second || !PlanAutomaticSms(context_, sms, facts_, found_, &decision_))
      CommitMember(context_, facts_, &found_, ErrorCode::kOk, &decision_);
    if (decision_.kind == Decision::Kind::kCommit)
      FillEffect(!needs_second, &decision_.AddSessionEffect());
  }

  const CallContext& context_;
  const Policy& policy_;
  const AuthenticateEmailPasscode::Checked& checked_;
  const Facts& facts_;
  FoundMember& found_;
  Decision& decision_;
};

// A repeated success gives its effect again, by what is there now (C-07).
void AnswerRepeatedProof(const CallContext& context,
                         const AuthenticateEmailPasscode::Checked& checked, const Facts& facts,
                         FoundMember* found, Decision* decision) {
  if (!AnswerRepeated(context, facts, *found, decision) &&
      !IsDeliveryError(decision->answer.error.code()))
    return;
  decision->answer.error = ErrorCode::kOk;  // the step stands without its SMS (P-04)
  // An intermediate token that is gone was consumed by this very success.
  const bool consumed = checked.session && !facts.session &&
                        checked.session->kind == SessionCredential::Kind::kIntermediateToken;
  Error error = consumed ? Error(ErrorCode::kOk)
                         : CheckSessionFound(checked, facts, found->member.organization_id);
  if (error.ok() && !consumed) error = CheckOwner(checked, facts, found->member);
  if (error.ok()) error = CheckEmailMethod(found->organization.organization, &found->member);
  if (!error.ok()) return RefuseRepeated(error, decision);
  const EventList none = decision->answer.events;
  const bool needs_second = NeedsSecondFactor(context, facts, found, decision);
  decision->answer.events = none;
  EmailProof(context, checked, facts, found, decision)
      .FillEffect(!needs_second, &decision->RepeatSessionEffect());
}

}  // namespace

Error AuthenticateEmailPasscode::Check(const CallContext& context, const Request& request,
                                       Checked* checked) {
  Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  if (error.ok()) error = CheckEmailAddress(request.email_address, &checked->email_address);
  if (!error.ok()) return error;
  if (!request.code) return Error(ErrorCode::kBadRequest, "code is required");
  Result<Passcode> code = ReadTypedCode(*request.code);
  if (!code) return code.error();
  checked->code = *std::move(code);
  error = CheckSessionMinutes(request.session_duration_minutes, &checked->session_duration);
  if (!error.ok()) return error;
  if (!request.locale.empty() && !ParseLocale(request.locale, &checked->locale))
    return ErrorCode::kInvalidLocale;
  error = CheckSessionArguments(request.session, &checked->session);
  return error.ok() ? CheckMfaOptions(request, checked) : error;
}

void AuthenticateEmailPasscode::AddFields(const Request& request, const Checked& checked,
                                          RequestTag* tag) {
  AddAll<9>(request, checked.organization, tag);
}

void AuthenticateEmailPasscode::Plan(const CallContext& context, const Checked& checked,
                                     const Facts& facts, Decision* decision) {
  FoundMember found;
  bool exists = false;
  if (!FindMemberByEmail(context, checked.organization, checked.email_address, checked.session,
                         facts, &found, &exists, decision))
    return;
  decision->answer.events.factor = FactorKind::kEmailPasscode;
  if (exists && !checked.device.empty()) FindDevice(context, checked.device, facts.now, &found);
  if (exists && IsRepeated(context, found.earlier))
    return AnswerRepeatedProof(context, checked, facts, &found, decision);
  const Organization& organization = found.organization.organization;
  Error error = CheckSessionFound(checked, facts, organization.organization_id);
  if (error.ok() && !exists) {
    CompareInVain(context, checked.code);
    error = Traits().errors.none;
  }
  if (!exists) return Refuse(error, decision);
  if (error.ok()) error = CheckOwner(checked, facts, found.member);
  if (error.ok()) error = CheckEmailMethod(organization, &found.member);
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  EmailProof(context, checked, facts, &found, decision).Judge();
}

Error AuthenticateEmailPasscode::Respond(const CallContext& context, const Checked&,
                                         const Conclusion& conclusion, Response* response) {
  return ShowMfaLogin(context, conclusion, response, response, &response->method_id);
}

std::unique_ptr<Command> AuthenticateEmailPasscode::AfterDelivery(const CallContext& context,
                                                                  const Decision& decision,
                                                                  const Delivery& delivery) {
  return ReportOf(context, decision, delivery);
}

}  // namespace otpcore
