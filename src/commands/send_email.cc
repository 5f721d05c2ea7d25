// SPDX-License-Identifier: Apache-2.0
#include "commands/email_member.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/rules/email_address.h"

namespace otpcore {
namespace {

// One send to one address: from the lock on (EM-05).
class EmailSend {
 public:
  EmailSend(const CallContext& context, const SendEmailPasscode::Checked& checked,
            const Facts& facts, FoundMember* found, Decision* decision)
      : context_(context),
        policy_(context.config->policy()),
        checked_(checked),
        facts_(facts),
        found_(*found),
        decision_(*decision),
        purpose_(found->member.status == MemberStatus::kActive ? EmailPurpose::kLogin
                                                               : EmailPurpose::kSignup),
        canonical_(CanonicalEmail(found->member.email_address)),
        sandbox_(FindSandboxAddress(policy_, canonical_, facts.now)) {}

  // False: `*decision` refuses.
  bool WithinLimits() {
    const Error error = CheckEmailSend(policy_, found_.member.email, facts_.now);
    if (!error.ok()) RefuseByLimit(error);
    return error.ok();
  }
  // True: drawn and admitted. False: `*decision` asks the guard, or refuses.
  bool Admitted() {
    // Drawn before a guard is asked for nothing.
    const Error error = DrawEmailPasscode(policy_, facts_, sandbox_, &passcode_);
    if (!error.ok()) {
      Refuse(context_, found_, facts_, error, &decision_);
      return false;
    }
    if (found_.member.email_address_verified) return true;
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
  // Issues the challenge and writes the Member.
  void Issue() {
    const bool is_login = purpose_ == EmailPurpose::kLogin;
    IssueEmailCode(
        context_, facts_,
        {purpose_, is_login ? checked_.login_life : checked_.signup_life, checked_.locale,
         found_.member.email_address,
         is_login ? checked_.login_template_id : checked_.signup_template_id, sandbox_ != nullptr},
        OwnerOf(found_.member, canonical_), std::move(passcode_), &decision_);
    CommitMember(context_, facts_, &found_, ErrorCode::kOk, &decision_);
  }

 private:
  void RefuseByLimit(Error error) {
    AddEmailEvent(EventKind::kRefusedByLimit, ChallengeId(), facts_.now, error.code(), &decision_);
    Refuse(context_, found_, facts_, error, &decision_);
    TellOfLiveEmailCode(context_, facts_, OwnerOf(found_.member, canonical_), error, &decision_);
  }
  // EM-21: for addresses that the Member has not verified.
  Quotas QuotasOf() const {
    Quotas quotas;
    quotas.Add(MailboxQuota(policy_, canonical_));
    if (sandbox_ != nullptr) return quotas;
    Quota all;
    all.subject = Quota::Subject::kEmailOrganization;
    all.organization_id = found_.member.organization_id;
    all.max = policy_.email_organization_sends_max;
    all.window = std::chrono::hours(1);
    quotas.Add(all);
    return quotas;
  }

  const CallContext& context_;
  const Policy& policy_;
  const SendEmailPasscode::Checked& checked_;
  const Facts& facts_;
  FoundMember& found_;
  Decision& decision_;
  const EmailPurpose purpose_;
  const Address canonical_;
  const SandboxAddress* const sandbox_;
  Passcode passcode_;
};

}  // namespace

Error SendEmailPasscode::Check(const CallContext& context, const Request& request,
                               Checked* checked) {
  const Policy& policy = context.config->policy();
  Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  if (error.ok()) error = CheckEmailAddress(request.email_address, &checked->email_address);
  if (error.ok()) error = CheckEmailLocale(request.locale, &checked->locale);
  if (error.ok())
    error = CheckEmailLife(policy, request.login_expiration_minutes, &checked->login_life);
  if (error.ok())
    error = CheckEmailLife(policy, request.signup_expiration_minutes, &checked->signup_life);
  if (error.ok()) error = CheckTemplateId(request.login_template_id, &checked->login_template_id);
  if (error.ok()) error = CheckTemplateId(request.signup_template_id, &checked->signup_template_id);
  checked->just_in_time = request.just_in_time;
  return error;
}

void SendEmailPasscode::AddFields(const Request& request, const Checked& checked, RequestTag* tag) {
  AddAll<8>(request, checked.organization, tag);
}

void SendEmailPasscode::Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                             Decision* decision) {
  FoundMember found;
  bool exists = false;
  if (!FindMemberByEmail(context, checked.organization, checked.email_address, std::nullopt, facts,
                         &found, &exists, decision))
    return;
  decision->answer.events.factor = FactorKind::kEmailPasscode;
  if (exists && IsRepeated(context, found.earlier)) {
    decision->answer.made_member = found.member.member_id == NewMemberId(context, facts);
    AnswerRepeated(context, facts, found, decision);
    return;
  }
  Error error = CheckEmailMethod(found.organization.organization, exists ? &found.member : nullptr);
  if (error.ok() && !exists) error = ErrorOf(checked.just_in_time);
  if (!error.ok())
    return exists ? Refuse(context, found, facts, error, decision) : Refuse(error, decision);
  NameChanges names;
  if (!exists && !MakeMember(context, checked.email_address, facts, &found, &names, decision))
    return;

  EmailSend send(context, checked, facts, &found, decision);
  if (!send.WithinLimits() || !send.Admitted()) return;
  decision->answer.made_member = !exists;
  if (!exists) AddEvent(found, EventKind::kCreated, facts.now, decision);
  send.Issue();
  if (!exists) names.Write(found.member.member_id, decision);
}

Error SendEmailPasscode::Respond(const CallContext&, const Checked&, const Conclusion& conclusion,
                                 Response* response) {
  if (!conclusion.answer().error.ok()) return conclusion.answer().error;
  response->member_created = conclusion.answer().made_member;
  if (!conclusion.delivery) return ErrorCode::kOk;
  return DeliveryError(*conclusion.delivery, Channel::kEmail);
}

std::unique_ptr<Command> SendEmailPasscode::AfterDelivery(const CallContext& context,
                                                          const Decision& decision,
                                                          const Delivery& delivery) {
  return ReportOf(context, decision, delivery);
}

}  // namespace otpcore
