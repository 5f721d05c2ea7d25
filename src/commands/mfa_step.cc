// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/mfa_step.h"

#include "commands/devices.h"
#include "commands/find_member.h"
#include "commands/mfa_plan.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"

namespace otpcore {
namespace {

// P-02: there is a number, SMS may be used, and the Member does not prefer TOTP.
bool SendsAutomatically(const Organization& organization, const MemberRecord& member) {
  const bool may_use_totp = organization.Allows(MfaMethod::kTotp) || member.is_breakglass;
  const bool prefers_totp =
      member.default_mfa_method == MfaMethod::kTotp && member.HasActiveTotp() && may_use_totp;
  const bool may_use_sms = organization.Allows(MfaMethod::kSmsOtp) || member.is_breakglass;
  return member.phone.state != EnrollmentState::kNone && may_use_sms && !prefers_totp;
}

// Answers with the Member, and writes it first when it changed.
void AnswerStep(const CallContext& context, const Facts& facts, bool changed, FoundMember* found,
                Decision* decision) {
  if (!changed && !found->clock_anomaly) return ShowMember(*found, decision);
  CommitMember(context, facts, found, ErrorCode::kOk, decision);
}

// DV-05: the device asked to be remembered, and that is not too long ago.
bool IsSpared(const Policy& policy, const Organization& organization, const KnownDevice* device,
              Instant now) {
  if (device == nullptr || device->remembered_at == Instant()) return false;
  if (organization.mfa_policy == MfaPolicy::kRequiredForAll && !policy.remember_where_required)
    return false;
  return now < device->remembered_at + policy.remember_life &&
         device->remembered_at < now + policy.remember_life;
}

// Whether a passcode that lives does in place of one that was refused (P-02).
bool IsRefusalOfLimits(ErrorCode code) {
  return code == ErrorCode::kTooManyRequests || code == ErrorCode::kTooFewTokensAuthenticated;
}

bool HasLiveCode(const CallContext& context, const Facts& facts, const MemberRecord& member) {
  const FactorKind sms = FactorKind::kSmsPasscode;
  return IsLive(ScopeOf(context, facts, sms, member, member.phone.number), member.challenge);
}

// Whether this operation, or the one that it repeats, sent the passcode that lives.
bool SentTheLiveCode(const CallContext& context, const Conclusion& conclusion,
                     const MemberRecord& member) {
  const bool own_mark =
      conclusion.committed || (context.repeatable() && member.mark.id == context.operation_id);
  const bool accepted =
      !conclusion.delivery || conclusion.delivery->kind == Delivery::Kind::kAccepted;
  return own_mark && accepted && member.challenge.state == ChallengeState::kLive &&
         member.challenge.issued_by == member.mark.run;
}

}  // namespace

bool IsMfaRequired(const Organization& organization, bool mfa_enrolled, const Session* session) {
  const bool wanted = organization.mfa_policy == MfaPolicy::kRequiredForAll || mfa_enrolled;
  return wanted && !(session != nullptr && session->factors.HasSecond());
}

bool Activate(Instant now, FoundMember* found, Decision* decision) {
  if (found->member.status == MemberStatus::kActive) return false;
  found->member.status = MemberStatus::kActive;
  found->member.updated_at = now;
  AddEvent(*found, EventKind::kActivated, now, decision);
  return true;
}

bool VerifyAddress(Instant now, FoundMember* found, Decision* decision) {
  MemberRecord& member = found->member;
  const bool verifies = !member.email_address_verified;
  if (verifies) {
    member.email_address_verified = true;
    member.updated_at = now;
    decision->answer.events.Add(EventOf(PhoneFactor(), member.email.challenge.id,
                                        EventKind::kEmailVerified, now, ErrorCode::kOk));
  }
  return Activate(now, found, decision) || verifies;
}

bool NeedsSecondFactor(const CallContext& context, const Facts& facts, FoundMember* found,
                       Decision* decision) {
  const Organization& organization = found->organization.organization;
  const Session* const session = facts.session ? &*facts.session : nullptr;
  if (!IsMfaRequired(organization, found->member.mfa_enrolled, session)) return false;
  if (!IsSpared(context.config->policy(), organization, found->known_device(), facts.now))
    return true;
  AddEvent(*found, EventKind::kMfaSpared, facts.now, decision);
  decision->answer.spares_second_factor = true;
  return false;
}

bool PlanAutomaticSms(const CallContext& context, const MfaSend& send, const Facts& facts,
                      const FoundMember& found, Decision* decision) {
  if (!SendsAutomatically(found.organization.organization, found.member)) return false;
  FoundMember sending =
      found;  // a copy: when only the SMS is refused, the step itself stands (P-04)
  PlanSmsSend(
      context,
      {NumberText(), send.locale, send.channel, AskedBy::kWithoutFactor, send.session_id, true},
      facts, &sending, decision);
  const ErrorCode refusal = decision->answer.error.code();
  bool keeps = decision->answer.keeps_live_code;
  if (decision->kind == Decision::Kind::kLoad || (refusal == ErrorCode::kOk && !keeps)) return true;
  keeps |= IsRefusalOfLimits(refusal) && HasLiveCode(context, facts, found.member);
  const Hints hints = decision->answer.hints;
  decision->DropChanges();
  decision->answer.keeps_live_code = keeps;
  decision->answer.hints = hints;
  if (!keeps) AddEvent(found, EventKind::kMfaSmsNotSent, facts.now, refusal, decision);
  return false;
}

bool IsDeliveryError(ErrorCode code) {
  return code == ErrorCode::kUnsubscribedPhoneNumber ||
         code == ErrorCode::kDownstreamCarrierRejected ||
         code == ErrorCode::kDownstreamCarrierUnavailable;
}

Error ShowMfa(const CallContext& context, const Conclusion& conclusion, MemberRecord* shown,
              MfaStepResponse* response) {
  const Answer& answer = conclusion.answer();
  MemberRecord& member = *shown;
  OrganizationRecord organization;
  if (answer.member_key == nullptr || !Unpack(*answer.member_key, answer.member, &member) ||
      !Unpack(*answer.organization_key, answer.organization, &organization))
    return ErrorCode::kInternalServerError;
  if (answer.spares_second_factor ||
      !IsMfaRequired(organization, member.mfa_enrolled, conclusion.session)) {
    response->member_authenticated = true;
    return ErrorCode::kOk;
  }
  MfaRequired& required = response->mfa_required.emplace();
  required.secondary_auth_initiated =
      answer.keeps_live_code || SentTheLiveCode(context, conclusion, member);
  if (member.phone.state != EnrollmentState::kNone || member.HasActiveTotp())
    required.member_options = MfaMemberOptions{
        member.phone.number, TotpRegistrationIdOf(member, context.config->policy().environment)};
  if (member.registration_state() == RegistrationState::kActive)
    required.recovery_codes_left = SetOf(member.recovery).left();
  return ErrorCode::kOk;
}

Error ShowMfaLogin(const CallContext& context, const Conclusion& conclusion, ProofResponse* proof,
                   MfaStepResponse* step, InlineText<64>* method_id) {
  if (!conclusion.answer().error.ok()) return conclusion.answer().error;
  MemberRecord member;
  const Error error = ShowMfa(context, conclusion, &member, step);
  if (!error.ok()) return error;
  proof->session_effect = conclusion.decision->session_effect();
  proof->session_effect.credential.value = {};  // points into the request
  *method_id = FormatIdInPlace(TraitsOf(FactorKind::kEmailPasscode).id_prefix,
                               context.config->policy().environment, member.email.id);
  return ErrorCode::kOk;
}

Error MfaStep::Check(const CallContext& context, const Request& request, Checked* checked) {
  ParseLocale(request.locale, &checked->locale);  // unknown: English
  if (request.session_id.size() > kIdBytesMax)
    return Error(ErrorCode::kBadRequest, "session_id takes 128 bytes at most");
  checked->session_id = request.session_id;
  if (!IsOfPhone(request.channel)) return Error(ErrorCode::kBadRequest, kNoChannelOfPhone);
  checked->channel = request.channel;
  const Error error =
      CheckMember(context, request.organization_id, request.member_id, &request.session, checked);
  return error.ok() ? CheckDevice(request.device, &checked->device) : error;
}

void MfaStep::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<7>(request, checked, tag);
}

void MfaStep::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision) {
  FoundMember found;
  if (!FindMemberForCommand(context, checked, facts, {}, &found, decision)) return;
  bool changed = Activate(facts.now, &found, decision);
  // CommitMember verifies an address that the session has proved (EM-27).
  changed |= found.proves_address && !found.member.email_address_verified;
  if (NeedsSecondFactor(context, facts, &found, decision) &&
      PlanAutomaticSms(context, {checked.locale, checked.channel, checked.session_id}, facts, found,
                       decision))
    return;
  AnswerStep(context, facts, changed, &found, decision);
}

Error MfaStep::Respond(const CallContext& context, const Checked&, const Conclusion& conclusion,
                       Response* response) {
  const Answer& answer = conclusion.answer();
  // A repeated operation whose SMS was reported lost since stands, as if it had failed at once
  // (C-07).
  if (!answer.error.ok() && !IsDeliveryError(answer.error.code())) return answer.error;
  MemberRecord member;
  return ShowMfa(context, conclusion, &member, response);
}

std::unique_ptr<Command> MfaStep::AfterDelivery(const CallContext& context,
                                                const Decision& decision,
                                                const Delivery& delivery) {
  return ReportOf(context, decision, delivery);
}

}  // namespace otpcore
