// SPDX-License-Identifier: Apache-2.0
#include "otpcore/commands/mfa_step.h"

#include "commands/send_sms_otp.h"
#include "commands/target.h"
#include "model/ledgers.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kMfaStep;

bool IsMfaRequired(const Organization& organization, const MemberRecord& member,
                   const std::optional<Session>& session) {
  const bool wanted = organization.mfa_policy == MfaPolicy::kRequiredForAll || member.mfa_enrolled;
  return wanted && !(session && session->HasMfaFactor());
}

// P-02: there is a number, SMS may be used, and the Member does not prefer TOTP.
bool SendsAutomatically(const Organization& organization, const MemberRecord& member) {
  const bool may_use_totp = organization.AllowsTotp() || member.is_breakglass;
  const bool prefers_totp = member.default_mfa_method == MfaMethod::kTotp &&
                            !member.totp_registration_id.empty() && may_use_totp;
  const bool may_use_sms = organization.AllowsSmsOtp() || member.is_breakglass;
  return member.enrollment.state != EnrollmentState::kNone && may_use_sms && !prefers_totp;
}

// Answers with the Member, and writes it first when it became active.
Decision Settle(const CallContext& context, Target&& target, bool activated) {
  if (!activated && !target.clock_anomaly) return AnswerWithMember(std::move(target));
  return StartCommit({context.operation_id, kKind, 0}, std::move(target), ErrorCode::kOk);
}

// What a report leaves of an operation that sent something.
bool IsDeliveryError(ErrorCode code) {
  return code == ErrorCode::kUnsubscribedPhoneNumber ||
         code == ErrorCode::kDownstreamCarrierRejected ||
         code == ErrorCode::kDownstreamCarrierUnavailable;
}

// The answer of a decision that refuses; null: it goes on.
const Answer* RefusalIn(const Decision& decision) {
  const auto* answer = std::get_if<Answer>(&decision);
  if (const auto* commit = std::get_if<Commit>(&decision)) answer = &commit->answer;
  return answer == nullptr || answer->error.code() == ErrorCode::kOk ? nullptr : answer;
}

}  // namespace

Decision MfaStep::Plan(const CallContext& context, const Request& request, const Facts& facts) {
  Target target;
  const MemberCall call = {kKind, request.organization_id, request.member_id, &request.session,
                           true};
  if (auto instead = Begin(context, call, facts, &target)) return *std::move(instead);

  const bool activated = target.member.status != MemberStatus::kActive;  // P-05
  if (activated) {
    target.member.status = MemberStatus::kActive;
    target.member.updated_at = facts.now;
  }
  const Organization& organization = target.organization->organization;
  if (!IsMfaRequired(organization, target.member, facts.session) ||
      !SendsAutomatically(organization, target.member))
    return Settle(context, std::move(target), activated);

  SendParameters parameters;
  parameters.kind = kKind;
  ParseLocale(request.locale, &parameters.locale);  // unknown: English
  // Of a copy: when only the SMS is refused, the step itself stands (P-04).
  Decision decision = DecideSend(context, parameters, Target(target), facts);
  const Answer* const refusal = RefusalIn(decision);
  if (refusal == nullptr) return decision;
  target.events = refusal->events;
  target.AddEvent(EventKind::kMfaSmsNotSent, facts.now, refusal->error.code());
  return Settle(context, std::move(target), activated);
}

Result<MfaStepResponse> MfaStep::Respond(const CallContext& context, const Request&,
                                         Conclusion&& conclusion) {
  TellOfFailedDelivery(&conclusion);
  const Error& error = conclusion.answer.error;
  // A repeated operation whose SMS was reported lost since stands, as if it had failed at once
  // (C-07).
  if (error.code() != ErrorCode::kOk && !IsDeliveryError(error.code())) return error;
  const MemberRecord& member = *conclusion.member();
  MfaStepResponse response;
  response.member = ViewOf(member, conclusion.now);
  response.organization = conclusion.answer.organization->organization;
  if (!IsMfaRequired(response.organization, member, conclusion.session)) {
    response.member_authenticated = true;
    return response;
  }
  MfaRequired& required = response.mfa_required.emplace();
  // The challenge names the operation that issued it, so a repeated one finds its own.
  required.secondary_auth_initiated =
      member.challenge.state == ChallengeState::kLive &&
      member.challenge.operation == context.operation_id &&
      (!conclusion.delivery || conclusion.delivery->kind == Delivery::Kind::kAccepted);
  if (member.enrollment.state != EnrollmentState::kNone || !member.totp_registration_id.empty())
    required.member_options =
        MfaMemberOptions{member.enrollment.phone_number.str(), member.totp_registration_id.str()};
  return response;
}

std::unique_ptr<Command> MfaStep::AfterDelivery(const CallContext& context, const Changes& changes,
                                                const Delivery& delivery) {
  return SendSmsOtp::AfterDelivery(context, changes, delivery);
}

}  // namespace otpcore
