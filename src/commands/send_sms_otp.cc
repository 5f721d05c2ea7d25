// SPDX-License-Identifier: Apache-2.0
#include "commands/send_sms_otp.h"

#include <algorithm>
#include <cstring>

#include "commands/linking.h"
#include "model/ledgers.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kSendSmsOtp;
constexpr SecretAccess kAccess("the SMS must show the passcode");

// What this send will do, worked out step by step.
struct Send {
  const CallContext& context;
  const Policy& policy;
  const SendParameters& parameters;
  const Facts& facts;
  Target& target;
  NumberPlan number = {};                  // where the SMS goes
  const SandboxNumber* sandbox = nullptr;  // set: nothing is delivered

  Instant now() const { return facts.now; }
  bool unverified() const { return target.member.enrollment.state != EnrollmentState::kVerified; }
};

// Of the attempt's entropy. Names an admission too: nobody else has it.
ChallengeId ChallengeIdFrom(const Facts& facts) {
  return UuidFromRandom(facts.entropy.Reveal(kAccess) + kPasscodeEntropyBytes);
}

Error CheckMember(const Send& send) {
  const MemberRecord& member = send.target.member;
  if (member.status != MemberStatus::kActive)
    return ErrorCode::kActionAvailableOnlyForActiveMembers;
  if (!send.target.organization->organization.AllowsSmsOtp() && !member.is_breakglass)
    return ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
  if (IsLocked(member.failures, send.now()))
    return Error(ErrorCode::kUserLockLimitReached, LockRemaining(member.failures, send.now()));
  if (member.enrollment.state == EnrollmentState::kNone && send.parameters.phone_number.empty())
    return ErrorCode::kSecondaryFactorNotFound;
  return ErrorCode::kOk;
}

Error CheckMemberLimits(const Send& send) {
  const SendBudget budget = SendBudgetOf(send.policy, send.target.member, send.now());
  if (budget.next_at <= send.now()) return ErrorCode::kOk;
  return Error(ErrorCode::kTooManyRequests, budget.next_at - send.now());
}

std::vector<Quota> QuotasOf(const Send& send) {
  const Policy& policy = send.policy;
  const Id& organization = send.target.member.organization_id;
  const Duration hour = std::chrono::hours(1);
  std::vector<Quota> quotas;
  using Kind = Quota::Kind;
  quotas.push_back(
      {Kind::kNumber, Id(), send.number.number.e164, {}, policy.number_sends_max, 0, hour});
  if (send.sandbox != nullptr) return quotas;  // L-07 does not apply
  quotas.push_back({Kind::kRegion,
                    organization,
                    {},
                    send.number.number.region,
                    policy.region_sends_max,
                    0,
                    hour});
  quotas.push_back(
      {Kind::kOrganization, organization, {}, {}, policy.organization_sends_max, 0, hour});
  quotas.push_back({Kind::kConversion,
                    organization,
                    {},
                    send.number.number.region,
                    policy.conversion_percent_min,
                    policy.conversion_ended_min,
                    std::chrono::hours(24),
                    policy.passcode_life});
  return quotas;
}

Error ErrorOf(const Admission& admission, const Policy& policy) {
  switch (admission.kind) {
    case Admission::Kind::kAdmitted: return ErrorCode::kOk;
    case Admission::Kind::kTooMany:
      return Error(ErrorCode::kTooManyRequests, admission.retry_after);
    case Admission::Kind::kTooFewAuthenticated:
      return Error(ErrorCode::kTooFewTokensAuthenticated, admission.retry_after);
    case Admission::Kind::kUnreachable:
      if (policy.send_when_guard_unreachable) return ErrorCode::kOk;
      return Error(ErrorCode::kServerUnavailable, "the send guard is unreachable");
  }
  return ErrorCode::kInternalServerError;
}

// Replaces the challenge; the code before it, if someone may still hold it, is remembered as
// superseded.
void IssueChallenge(Send& send, const DigestKey& key, const Passcode& passcode) {
  MemberRecord& member = send.target.member;
  const Challenge before = member.challenge;
  Challenge& next = member.challenge;
  next = Challenge();
  if (before.state == ChallengeState::kLive || before.state == ChallengeState::kExpired) {
    next.superseded_id = before.id;
    next.superseded_digest = before.digest;
  }
  next.state = ChallengeState::kLive;
  next.id = ChallengeIdFrom(send.facts);
  next.issued_at = send.now();
  next.expires_at = send.now() + send.policy.passcode_life;
  next.latest_seen = send.now();
  next.epoch = send.facts.epoch;
  next.digits = static_cast<uint8_t>(passcode.size());
  next.linked_its_number = send.number.links.has_value();
  next.operation = send.context.operation_id;
  next.digest = DigestPasscode(
      key, send.context.config->keys().current_id(),
      {member.organization_id, member.member_id, member.enrollment.phone_number, next.id},
      passcode);
  // None that another host's policy still counts is thrown away.
  member.sends.Push(send.now(), std::max<int>(send.policy.sends_max, member.sends.count));
}

std::unique_ptr<SmsMessage> MessageFor(const Send& send, const Passcode& passcode) {
  const MemberRecord& member = send.target.member;
  auto message = std::make_unique<SmsMessage>();
  message->challenge_id = member.challenge.id;
  message->organization_id = member.organization_id;
  message->member_id = member.member_id;
  message->to = send.number.number.e164;
  message->body = send.context.config->renderer().Render(Channel::kSms, send.parameters.locale,
                                                         passcode.Reveal(kAccess),
                                                         MessageMinutes(send.policy.passcode_life));
  message->expires_at = member.challenge.expires_at;
  return message;
}

// Of the attempt's entropy. Errors: kInternalServerError when there is none fit for it.
Result<Passcode> DrawFor(const Send& send) {
  if (!send.facts.has_entropy) return Error(ErrorCode::kInternalServerError, "no entropy");
  return DrawPasscode(send.facts.entropy.Reveal(kAccess), send.policy.passcode_digits);
}

Decision Issue(Send& send, const Passcode& passcode) {
  const KeyRing& keys = send.context.config->keys();
  const DigestKey& key = *keys.Find(keys.current_id());  // no Config is without one
  std::vector<Write> claim_writes;
  if (send.number.links) {
    LinkPlanned(send.number, PhoneIdFrom(send.facts), send.policy, send.now(), &send.target,
                &claim_writes);
  }
  IssueChallenge(send, key, passcode);
  send.target.AddEvent(EventKind::kSent, send.now());
  std::unique_ptr<SmsMessage> message;
  if (send.sandbox == nullptr) message = MessageFor(send, passcode);

  const SendBudget budget = SendBudgetOf(send.policy, send.target.member, send.now());
  const Hints hints = {send.target.member.challenge.expires_at,
                       std::max(budget.next_at, send.now()), budget.left, 0};
  Commit commit = StartCommit({send.context.operation_id, send.parameters.kind, 0},
                              std::move(send.target), ErrorCode::kOk, claim_writes.size());
  for (Write& write : claim_writes) commit.changes.writes.push_back(std::move(write));
  commit.changes.message = std::move(message);
  commit.answer.hints = hints;
  return commit;
}

}  // namespace

Decision DecideSend(const CallContext& context, const SendParameters& parameters, Target&& target,
                    const Facts& facts) {
  Send send{context, context.config->policy(), parameters, facts, target};
  const auto refuse = [&](Error error) { return Refuse(context, std::move(send.target), error); };
  const auto refuse_by_limit = [&](Error error) {
    send.target.AddEvent(EventKind::kRefusedByLimit, send.now(), error.code());
    return refuse(error);
  };
  if (const Error error = CheckMember(send); error.code() != ErrorCode::kOk)
    return error.code() == ErrorCode::kUserLockLimitReached ? refuse_by_limit(error)
                                                            : refuse(error);
  send.number = PlanNumber(
      send.policy,
      {parameters.phone_number, EnrollmentEvent::kLinkedBySend, parameters.session_has_mfa_factor},
      send.target.member, facts);
  if (send.number.missing) return LoadMore{{*send.number.missing}, {}, false, send.number.parsed};
  if (send.number.error.code() != ErrorCode::kOk) return refuse(send.number.error);
  send.sandbox = FindSandbox(send.policy, send.number.number.e164.view(), send.now());
  if (const Error error = CheckMemberLimits(send); error.code() != ErrorCode::kOk)
    return refuse_by_limit(error);
  Result<Passcode> drawn = DrawFor(send);  // before a guard is asked for nothing
  if (!drawn) return refuse(drawn.error());
  if (send.unverified()) {
    if (!facts.admission) return Admit{ChallengeIdFrom(facts), QuotasOf(send), send.number.parsed};
    const Error error = ErrorOf(*facts.admission, send.policy);
    if (error.code() != ErrorCode::kOk) return refuse_by_limit(error);
  }
  return Issue(send, send.sandbox != nullptr ? Passcode(send.sandbox->code) : *std::move(drawn));
}

Decision SendSmsOtp::Plan(const CallContext& context, const Request& request, const Facts& facts) {
  if (const Error error = CheckIds(context, facts, request.organization_id, request.member_id);
      error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  SendParameters parameters;
  parameters.phone_number = request.mfa_phone_number;
  if (!request.mfa_phone_number.empty() && !IsE164Shaped(request.mfa_phone_number))
    return RefuseRequest(ErrorCode::kInvalidPhoneNumber);
  if (!request.locale.empty() && !ParseLocale(request.locale, &parameters.locale))
    return RefuseRequest(ErrorCode::kInvalidLocale);
  const auto credential = OneCredential(request.session);
  if (!credential) return RefuseRequest(credential.error());

  Target target;
  const Lookup lookup = {request.organization_id, request.member_id, &*credential, true, false,
                         request.mfa_phone_number};
  if (auto instead = FindTarget(context, lookup, facts, &target)) return *std::move(instead);
  if (IsRepeated(context, target)) return AnswerRepeated(kKind, facts, std::move(target));
  if (const Error error = CheckSession(*credential, facts, target.member);
      error.code() != ErrorCode::kOk)
    return Refuse(context, std::move(target), error);
  parameters.session_has_mfa_factor = facts.session && facts.session->HasMfaFactor();
  return DecideSend(context, parameters, std::move(target), facts);
}

void TellOfFailedDelivery(Conclusion* conclusion) {
  EventList& events = conclusion->answer.events;
  if (!conclusion->delivery || conclusion->delivery->kind == Delivery::Kind::kAccepted ||
      events.Has(EventKind::kDeliveryFailed))
    return;
  events.Add(EventAbout(conclusion->member()->enrollment, EventKind::kDeliveryFailed,
                        conclusion->now, otpcore::ErrorOf(*conclusion->delivery)));
}

Result<SendSmsOtpResponse> SendSmsOtp::Respond(const CallContext&, const Request&,
                                               Conclusion&& conclusion) {
  TellOfFailedDelivery(&conclusion);
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  if (conclusion.delivery) {
    const ErrorCode code = otpcore::ErrorOf(*conclusion.delivery);
    if (code != ErrorCode::kOk) return code;
  }
  return SendSmsOtpResponse{ViewOf(std::move(*conclusion.member()), conclusion.now),
                            conclusion.answer.organization->organization};
}

std::unique_ptr<Command> SendSmsOtp::AfterDelivery(const CallContext& context,
                                                   const Changes& changes,
                                                   const Delivery& delivery) {
  const SmsMessage& message = *changes.message;
  // An operation of its own: who repeats the send must not be told that its id is a report's. No
  // id is fitter than the passcode's, which nobody else has.
  CallContext own = context;
  own.operation_id = message.challenge_id;
  ReportDeliveryRequest report = {message.organization_id.str(), message.member_id.str(),
                                  message.challenge_id, delivery};
  return std::make_unique<CommandFor<ReportDelivery>>(own, std::move(report));
}

}  // namespace otpcore
