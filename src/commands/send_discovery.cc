// SPDX-License-Identifier: Apache-2.0
#include "commands/find_address.h"
#include "commands/report.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"
#include "otpcore/commands/discovery.h"

namespace otpcore {
namespace {

// EM-24: for every address, for nobody looks whether somebody has verified it.
Quotas QuotasOf(const Policy& policy, const Address& address, bool in_sandbox) {
  Quotas quotas;
  quotas.Add(MailboxQuota(policy, address));
  if (in_sandbox) return quotas;
  Quota all;
  all.subject = Quota::Subject::kEmailDiscovery;
  all.max = policy.email_discovery_sends_max;
  all.window = std::chrono::hours(1);
  quotas.Add(all);
  return quotas;
}

void RefuseByLimit(const CallContext& context, const Facts& facts, FoundAddress* found, Error error,
                   Decision* decision) {
  AddEmailEvent(EventKind::kRefusedByLimit, ChallengeId(), facts.now, error.code(), decision);
  Refuse(context, facts, *found, error, decision);
  TellOfLiveEmailCode(context, facts, found->owner(), error, decision);
}

}  // namespace

Error SendDiscoveryPasscode::Check(const CallContext& context, const Request& request,
                                   Checked* checked) {
  Error error = CheckAddress(request.email_address, checked);
  if (error.ok()) error = CheckEmailLocale(request.locale, &checked->locale);
  if (error.ok()) {
    error = CheckEmailLife(context.config->policy(), request.discovery_expiration_minutes,
                           &checked->life);
  }
  return error.ok() ? CheckTemplateId(request.login_template_id, &checked->template_id) : error;
}

void SendDiscoveryPasscode::AddFields(const Request& request, const Checked&, RequestTag* tag) {
  AddAll<4>(request, tag);
}

void SendDiscoveryPasscode::Plan(const CallContext& context, const Checked& checked,
                                 const Facts& facts, Decision* decision) {
  const Policy& policy = context.config->policy();
  FoundAddress found;
  if (!FindAddress(context, checked, facts, &found, decision)) return;
  if (AnswersRepeated(context, facts, found, decision)) return;
  Error error = CheckEmailSend(policy, found.record.email, facts.now);
  if (!error.ok()) return RefuseByLimit(context, facts, &found, error, decision);
  const SandboxAddress* const sandbox = FindSandboxAddress(policy, checked.canonical, facts.now);
  Passcode passcode;
  // Drawn before a guard is asked for nothing.
  error = DrawEmailPasscode(policy, facts, sandbox, &passcode);
  if (!error.ok()) return Refuse(context, facts, found, error, decision);
  if (!facts.admission) {
    decision->kind = Decision::Kind::kAdmit;
    decision->admission_id = UuidFromRandom(facts.entropy.new_id.data());
    decision->quotas = QuotasOf(policy, checked.canonical, sandbox != nullptr);
    return;
  }
  error = AdmissionError(*facts.admission, policy);
  if (!error.ok()) return RefuseByLimit(context, facts, &found, error, decision);
  IssueEmailCode(context, facts,
                 {EmailPurpose::kDiscovery, checked.life, checked.locale, checked.canonical.view(),
                  checked.template_id, sandbox != nullptr},
                 found.owner(), std::move(passcode), decision);
  CommitAddress(context, facts, &found, ErrorCode::kOk, decision);
}

Error SendDiscoveryPasscode::Respond(const CallContext&, const Checked&,
                                     const Conclusion& conclusion, Response*) {
  if (!conclusion.answer().error.ok()) return conclusion.answer().error;
  if (!conclusion.delivery) return ErrorCode::kOk;
  return DeliveryError(*conclusion.delivery, Channel::kEmail);
}

std::unique_ptr<Command> SendDiscoveryPasscode::AfterDelivery(const CallContext& context,
                                                              const Decision& decision,
                                                              const Delivery& delivery) {
  const Message& message = *decision.changes.message;
  return OwnReport<ReportDiscoveryDelivery>::Of(context,
                                                {message.to.str(), message.challenge_id, delivery});
}

}  // namespace otpcore
