// SPDX-License-Identifier: Apache-2.0
#include "commands/send_code.h"

#include <algorithm>

#include "commands/devices.h"
#include "commands/request_fields.h"
#include "factors/challenge.h"
#include "model/ledgers.h"
#include "otpcore/commands/sms_passcode.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the message must show the passcode");

void FillMessage(const CallContext& context, const Sending& sending, const MemberRecord& member,
                 const Challenge& challenge, Passcode passcode, Message* message) {
  message->challenge_id = challenge.id;
  message->organization_id = member.organization_id;
  message->member_id = member.member_id;
  message->factor = sending.factor;
  message->channel = sending.channel;
  message->to = sending.number.e164.view();
  message->locale = sending.locale;
  const MessageRenderer& renderer = context.config->renderer();
  message->text.Wipe();
  renderer.Render(sending.channel, sending.locale, passcode.Reveal(kAccess),
                  MessageMinutes(context.config->policy().passcode_life), &message->text);
  message->brand.Assign(renderer.brand());
  message->passcode = std::move(passcode);
  message->life = context.config->policy().passcode_life;
  message->expires_at = challenge.expires_at;
}

}  // namespace

Error AdmissionError(const Admission& admission, const Policy& policy) {
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

Quotas SendCode::QuotasOf() const {
  using Subject = Quota::Subject;
  const EntityId& organization = found_.member.organization_id;
  const Duration hour = std::chrono::hours(1);
  Quotas quotas;
  Quota address;
  address.subject = Subject::kAddress;
  address.address = HandsetKey(sending_.number.e164).view();
  address.max = policy_.number_sends_max;
  address.window = hour;
  quotas.Add(address);
  if (sending_.sandbox != nullptr) return quotas;  // L-07 does not apply
  Quota quota;
  quota.organization_id = organization;
  quota.subject = Subject::kRegion;
  quota.region = sending_.number.region;
  quota.max = policy_.region_sends_max;
  quota.window = hour;
  quotas.Add(quota);
  Quota all = quota;
  all.subject = Subject::kOrganization;
  all.region.clear();
  all.max = policy_.organization_sends_max;
  quotas.Add(all);
  quota.subject = Subject::kConversion;
  quota.max = policy_.conversion_percent_min;
  quota.min_ended = policy_.conversion_ended_min;
  quota.window = std::chrono::hours(24);
  quota.life = policy_.passcode_life;
  quota.member_id = found_.member.member_id;
  quota.address = address.address;
  const Challenge& challenge = this->challenge();
  if (challenge.state == ChallengeState::kLive) quota.replaces = challenge.id;
  quotas.Add(quota);
  return quotas;
}

void SendCode::RefuseByLimit(Error error) {
  AddEvent(found_, EventKind::kRefusedByLimit, facts_.now, error.code(), &decision_);
  Refuse(context_, found_, facts_, error, &decision_);
  if (error.code() == ErrorCode::kTooManyRequests && IsLive(Scope(), challenge()))
    TellOfLiveCode(facts_.now + error.retry_after());
}

void SendCode::TellOfLiveCode(Instant next_at) {
  const SendBudget budget = SendBudgetOf(policy_, found_.sends(), facts_.now);
  decision_.answer.hints = {challenge().expires_at, std::max(budget.next_at, next_at), budget.left,
                            TriesLeft(policy_, challenge())};
}

bool SendCode::KeepsLiveCode() {
  const Challenge& challenge = this->challenge();
  if (!IsLive(Scope(), challenge)) return false;
  const KnownDevice* const device = found_.known_device();
  if (device != nullptr && challenge.device != device->tag) return false;
  if (challenge.expires_at - facts_.now < policy_.passcode_life / 4) return false;
  TellOfLiveCode(facts_.now);
  decision_.answer.keeps_live_code = true;
  return true;
}

Duration SendCode::HeldBackFor() {
  const Challenge& challenge = this->challenge();
  if (challenge.state != ChallengeState::kLive || found_.device >= 0) return Duration(0);
  const bool is_for_device = IssuedToKnownDevice(found_.member, challenge);
  const bool is_for_other = challenge.session != 0 && session_ != 0 &&
                            challenge.session != session_ &&
                            facts_.now < challenge.issued_at + policy_.resend_after;
  if ((!is_for_device && !is_for_other) || !IsLive(Scope(), challenge)) return Duration(0);
  const Instant end =
      is_for_device ? challenge.expires_at : challenge.issued_at + policy_.resend_after;
  return std::max(Duration(1), end - facts_.now);
}

bool SendCode::WithinLimits() {
  session_ = sending_.session_id.empty()
                 ? TagOfSession(context_, facts_, found_.member)
                 : TagOfSession(context_, found_.member, sending_.session_id);
  const SendBudget budget = SendBudgetOf(policy_, found_.sends(), facts_.now);
  const Duration wait = std::max(HeldBackFor(), budget.next_at - facts_.now);
  if (wait <= Duration(0)) return true;
  RefuseByLimit(Error(ErrorCode::kTooManyRequests, wait));
  return false;
}

bool SendCode::Admitted() {
  // Drawn before a guard is asked for nothing.
  const Error error =
      DrawPasscode(facts_.entropy.draws.Reveal(kAccess), policy_.passcode_digits, &passcode_);
  if (!error.ok()) {
    Refuse(context_, found_, facts_, error, &decision_);
    return false;
  }
  if (sending_.sandbox != nullptr) {
    passcode_.Wipe();
    passcode_.Append(sending_.sandbox->code);
  }
  if (phone().state == EnrollmentState::kVerified) return true;
  if (!facts_.admission) {
    decision_.kind = Decision::Kind::kAdmit;
    decision_.admission_id = UuidFromRandom(facts_.entropy.new_id.data());
    decision_.quotas = QuotasOf();
    return false;
  }
  const Error refused = AdmissionError(*facts_.admission, policy_);
  if (!refused.ok()) RefuseByLimit(refused);
  return refused.ok();
}

void SendCode::Issue(bool links) {
  MemberRecord& member = found_.member;
  Challenge& issued = challenge();
  IssueChallenge(Scope(), UuidFromRandom(facts_.entropy.new_id.data()), facts_.run(),
                 policy_.passcode_life, passcode_, &issued);
  issued.linked_its_address = links;
  issued.session = session_;
  if (const KnownDevice* const device = found_.known_device()) issued.device = device->tag;
  CountSend(policy_, facts_.now, &found_.sends());
  decision_.answer.events.Add(
      EventOf(phone(), issued.id, EventKind::kSent, facts_.now, ErrorCode::kOk));
  if (sending_.sandbox == nullptr)
    FillMessage(context_, sending_, member, issued, std::move(passcode_), &decision_.AddMessage());
  const SendBudget budget = SendBudgetOf(policy_, found_.sends(), facts_.now);
  decision_.answer.hints = {issued.expires_at, std::max(budget.next_at, facts_.now), budget.left,
                            0};
  decision_.spends_admission = true;
  CommitMember(context_, facts_, &found_, ErrorCode::kOk, &decision_);
}

// ---- To a phone ----

void PlanSmsSend(const CallContext& context, const SmsSendRequest& request, const Facts& facts,
                 FoundMember* found, Decision* decision) {
  const Policy& policy = context.config->policy();
  Sending sending = {FactorKind::kSmsPasscode, request.channel, request.locale, {}, nullptr,
                     request.session_id};
  SendCode send(context, sending, facts, found, decision);
  Error error = CheckStatusAndMethod(*found, TraitsOf(sending.factor));
  if (error.ok() && found->device < 0 && IsLocked(found->member.failures, facts.now)) {
    return send.RefuseByLimit(
        Error(ErrorCode::kUserLockLimitReached, LockRemaining(found->member.failures, facts.now)));
  }
  if (error.ok() && found->member.phone.state == EnrollmentState::kNone && request.number.empty())
    error = ErrorCode::kSecondaryFactorNotFound;
  if (!error.ok()) return Refuse(context, *found, facts, error, decision);

  NumberPlan plan;
  const Planned planned =
      PlanNumber(policy, {request.number, EnrollmentEvent::kLinkedBySend, request.asked_by},
                 found->member, facts, &plan, &error, decision);
  if (planned == Planned::kLoads) return;
  if (planned == Planned::kRefused) return Refuse(context, *found, facts, error, decision);
  sending.number = plan.number;
  sending.sandbox = FindSandbox(policy, plan.number.e164.view(), facts.now);
  if (request.may_keep_live_code && !plan.taken && send.KeepsLiveCode()) return;
  if (!send.WithinLimits()) return;
  if (plan.taken && plan.links) return RefuseTaken(context, facts, plan.number, found, decision);
  if (plan.taken)
    return Refuse(context, *found, facts, ErrorCode::kDuplicateMemberPhoneNumber, decision);
  if (!send.Admitted()) return;

  ClaimChange claims[2];
  if (plan.links) LinkPlanned(plan, facts, policy, found, &claims, decision);
  send.Issue(plan.links.has_value());
  for (const ClaimChange& change : claims) WriteClaim(change, found->member.member_id, decision);
}

Error SendSmsOtp::Check(const CallContext& context, const Request& request, Checked* checked) {
  Error error = CheckMember(context, request.organization_id, request.member_id, nullptr, checked);
  if (!error.ok()) return error;
  if (!request.mfa_phone_number.empty() && !IsE164Shaped(request.mfa_phone_number))
    return ErrorCode::kInvalidPhoneNumber;
  if (!request.mfa_phone_number.empty()) checked->number = NumberText(request.mfa_phone_number);
  if (!request.locale.empty() && !ParseLocale(request.locale, &checked->locale))
    return ErrorCode::kInvalidLocale;
  if (!IsOfPhone(request.channel)) return Error(ErrorCode::kBadRequest, kNoChannelOfPhone);
  checked->channel = request.channel;
  error = CheckSessionArguments(request.session, &checked->session);
  return error.ok() ? CheckDevice(request.device, &checked->device) : error;
}

void SendSmsOtp::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<7>(request, checked, tag);
}

void SendSmsOtp::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                      Decision* decision) {
  FoundMember found;
  if (!FindMember(context, checked, facts, {false, checked.number.text()}, &found, decision))
    return;
  if (IsRepeated(context, found.earlier))
    return AnswerRepeated(context, checked, facts, found, decision);
  const Error error = CheckSession(checked, facts, found.member);
  if (!error.ok()) return Refuse(context, found, facts, error, decision);
  const AskedBy asked_by = facts.session && facts.session->factors.HasSecond()
                               ? AskedBy::kPersonWithFactor
                               : AskedBy::kWithoutFactor;
  PlanSmsSend(context, {checked.number, checked.locale, checked.channel, asked_by}, facts, &found,
              decision);
}

Error SendSmsOtp::Respond(const CallContext&, const Checked&, const Conclusion& conclusion,
                          Response*) {
  if (!conclusion.answer().error.ok()) return conclusion.answer().error;
  if (!conclusion.delivery) return ErrorCode::kOk;
  return DeliveryError(*conclusion.delivery, Channel::kSms);
}

std::unique_ptr<Command> SendSmsOtp::AfterDelivery(const CallContext& context,
                                                   const Decision& decision,
                                                   const Delivery& delivery) {
  return ReportOf(context, decision, delivery);
}

}  // namespace otpcore
