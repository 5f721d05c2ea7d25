// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/email_member.h"
#include "commands/member_fields.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"
#include "model/ledgers.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/rules/email_address.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the message must show the passcode");
constexpr size_t kTemplateIdBytesMax = 128;

Error CheckLife(const Policy& policy, std::optional<int> minutes, Duration* life) {
  const int asked = minutes.value_or(policy.email_expiration_minutes);
  if (asked < kEmailMinutesMin || asked > policy.email_expiration_minutes_max)
    return ErrorCode::kInvalidExpirationOtp;
  *life = std::chrono::minutes(asked);
  return ErrorCode::kOk;
}

// A repeated operation finds the Member that it made: the id is made of the operation's.
EntityId NewMemberId(const CallContext& context, const Facts& facts) {
  const Environment environment = context.config->policy().environment;
  const uint8_t* const random =
      context.repeatable() ? context.operation_id.bytes.data() : facts.entropy.phone_id.data();
  return EntityId::Member(environment, UuidFromRandom(random));
}

// The host's word on an address that no Member has (EM-07).
Error ErrorOf(JustInTime word) {
  if (word == JustInTime::kAllow) return ErrorCode::kOk;
  return word == JustInTime::kAddressNotAllowed ? ErrorCode::kInvalidEmailForJitProvisioning
                                                : ErrorCode::kEmailJitProvisioningNotAllowed;
}

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
    const Error lock = CheckEmailLock(email(), facts_.now);
    const SendBudget budget = Budget();
    if (!lock.ok()) {
      RefuseByLimit(lock);
    } else if (budget.next_at > facts_.now) {
      RefuseByLimit(Error(ErrorCode::kTooManyRequests, budget.next_at - facts_.now));
    } else {
      return true;
    }
    return false;
  }
  // True: drawn and admitted. False: `*decision` asks the guard, or refuses.
  bool Admitted() {
    // Drawn before a guard is asked for nothing.
    const Error error = DrawPasscode(facts_.entropy.draws.Reveal(kAccess),
                                     policy_.email_passcode_digits, &passcode_);
    if (!error.ok()) {
      Refuse(context_, found_, facts_, error, &decision_);
      return false;
    }
    if (sandbox_ != nullptr) {
      passcode_.Wipe();
      passcode_.Append(sandbox_->code);
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
    EmailFactor& email = this->email();
    if (email.id.empty()) email.id = UuidFromRandom(facts_.entropy.phone_id.data());
    const EmailPurpose before = email.purpose;
    IssueChallenge(Scope(), UuidFromRandom(facts_.entropy.new_id.data()), facts_.run(), Life(),
                   passcode_, &email.challenge);
    email.purpose = purpose_;
    email.superseded_purpose = email.challenge.superseded_id.empty() ? EmailPurpose::kNone : before;
    CountEmailSend(policy_, facts_.now, &email.sends);
    decision_.answer.events.Add(EventOf(PhoneFactor(), email.challenge.id, EventKind::kEmailSent,
                                        facts_.now, ErrorCode::kOk));
    if (sandbox_ == nullptr) FillMessage(&decision_.AddMessage());
    const SendBudget budget = Budget();
    decision_.answer.hints = {email.challenge.expires_at, std::max(budget.next_at, facts_.now),
                              budget.left, 0};
    decision_.spends_admission = true;
    CommitMember(context_, facts_, &found_, ErrorCode::kOk, &decision_);
  }

 private:
  EmailFactor& email() const { return found_.member.email; }
  Duration Life() const {
    return purpose_ == EmailPurpose::kLogin ? checked_.login_life : checked_.signup_life;
  }
  SendBudget Budget() const { return EmailSendBudgetOf(policy_, email().sends, facts_.now); }
  // Of the challenge that is there.
  ChallengeScope Scope() const {
    return EmailScopeOf(context_, facts_, found_.member, canonical_, purpose_);
  }
  void RefuseByLimit(Error error) {
    decision_.answer.events.Add(EventOf(PhoneFactor(), ChallengeId(), EventKind::kRefusedByLimit,
                                        facts_.now, error.code()));
    Refuse(context_, found_, facts_, error, &decision_);
    const Challenge& challenge = email().challenge;
    if (error.code() != ErrorCode::kTooManyRequests || !IsLive(Scope(), challenge)) return;
    const SendBudget budget = Budget();  // S-20
    decision_.answer.hints = {challenge.expires_at,
                              std::max(budget.next_at, facts_.now + error.retry_after()),
                              budget.left, TriesLeft(policy_, challenge)};
  }
  // EM-21: for addresses that the Member has not verified.
  Quotas QuotasOf() const {
    Quota address;
    address.subject = Quota::Subject::kAddress;
    address.address = EmailCountingKey(canonical_);
    address.max = policy_.email_address_sends_max;
    address.window = std::chrono::hours(1);
    Quotas quotas;
    quotas.Add(address);
    if (sandbox_ != nullptr) return quotas;
    Quota all;
    all.subject = Quota::Subject::kEmailOrganization;
    all.organization_id = found_.member.organization_id;
    all.max = policy_.email_organization_sends_max;
    all.window = std::chrono::hours(1);
    quotas.Add(all);
    return quotas;
  }
  void FillMessage(Message* message) {
    const MemberRecord& member = found_.member;
    const MessageRenderer& renderer = context_.config->renderer();
    message->challenge_id = member.email.challenge.id;
    message->organization_id = member.organization_id;
    message->member_id = member.member_id;
    message->factor = FactorKind::kEmailPasscode;
    message->channel = Channel::kEmail;
    message->purpose = purpose_;
    message->to = member.email_address;  // EM-03
    message->locale = checked_.locale;
    message->template_id =
        purpose_ == EmailPurpose::kLogin ? checked_.login_template_id : checked_.signup_template_id;
    message->subject = renderer.RenderSubject(purpose_, checked_.locale);
    message->text.Wipe();
    renderer.RenderEmail(purpose_, checked_.locale, passcode_.Reveal(kAccess),
                         MessageMinutes(Life()), &message->text);
    message->brand.Assign(renderer.brand());
    message->passcode = std::move(passcode_);
    message->life = Life();
    message->expires_at = member.email.challenge.expires_at;
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

// A pending Member with this address (EM-06). False: `*decision` loads more, or refuses.
bool MakeMember(const CallContext& context, const SendEmailPasscode::Checked& checked,
                const Facts& facts, FoundMember* found, NameChanges* names, Decision* decision) {
  MemberRecord& record = found->member;
  record.organization_id = found->organization.organization.organization_id;
  record.member_id = NewMemberId(context, facts);
  record.status = MemberStatus::kPending;
  record.email_address = checked.email_address;
  record.created_at = record.updated_at = facts.now;
  const RecordKey key = RecordKey::Member(record.organization_id, record.member_id);
  found->loaded = facts.Find(key);
  if (found->loaded == nullptr) decision->Load(key);
  if (!names->Find(NameList(), KeysOf(record), record.member_id, facts, decision)) return false;
  Error error = names->error();
  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): what is not loaded yet was waited for
  if (found->loaded->revision != 0)
    error = Error(ErrorCode::kBadRequest, "the operation id was used for another Member");
  if (!error.ok()) {
    Refuse(error, decision);
    return false;
  }
  decision->answer.events.organization_id = record.organization_id;
  decision->answer.events.member_id = record.member_id;
  return true;
}

}  // namespace

Error SendEmailPasscode::Check(const CallContext& context, const Request& request,
                               Checked* checked) {
  const Policy& policy = context.config->policy();
  Error error = CheckOrganization(context, request.organization_id, &checked->organization);
  if (error.ok()) error = CheckEmailAddress(request.email_address, &checked->email_address);
  if (error.ok() && !request.locale.empty() && !ParseEmailLocale(request.locale, &checked->locale))
    error = ErrorCode::kInvalidLocale;
  if (error.ok()) error = CheckLife(policy, request.login_expiration_minutes, &checked->login_life);
  if (error.ok())
    error = CheckLife(policy, request.signup_expiration_minutes, &checked->signup_life);
  if (!error.ok()) return error;
  if (request.login_template_id.size() > kTemplateIdBytesMax ||
      request.signup_template_id.size() > kTemplateIdBytesMax)
    return Error(ErrorCode::kBadRequest, "a template id takes 128 bytes at most");
  checked->login_template_id = request.login_template_id;
  checked->signup_template_id = request.signup_template_id;
  checked->just_in_time = request.just_in_time;
  return ErrorCode::kOk;
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
  if (!exists && !MakeMember(context, checked, facts, &found, &names, decision)) return;

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
