// SPDX-License-Identifier: Apache-2.0
#include "commands/email_code.h"

#include <algorithm>

#include "model/ledgers.h"
#include "otpcore/rules/email_address.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the message must show the passcode");
constexpr size_t kTemplateIdBytesMax = 128;

const FactorErrors& Errors() { return TraitsOf(FactorKind::kEmailPasscode).errors; }

void FillMessage(const CallContext& context, const EmailSending& sending, const EmailOwner& owner,
                 Passcode passcode, Message* message) {
  const MessageRenderer& renderer = context.config->renderer();
  message->challenge_id = owner.email.challenge.id;
  message->organization_id = owner.organization_id;
  message->member_id = owner.member_id;
  message->factor = FactorKind::kEmailPasscode;
  message->channel = Channel::kEmail;
  message->purpose = sending.purpose;
  message->to = sending.to;
  message->locale = sending.locale;
  message->template_id = sending.template_id;
  message->subject = renderer.RenderSubject(sending.purpose, sending.locale);
  message->text.Wipe();
  renderer.RenderEmail(sending.purpose, sending.locale, passcode.Reveal(kAccess),
                       MessageMinutes(sending.life), &message->text);
  message->brand.Assign(renderer.brand());
  message->passcode = std::move(passcode);
  message->life = sending.life;
  message->expires_at = owner.email.challenge.expires_at;
}

}  // namespace

// ---- Check ----

Error CheckEmailAddress(const std::string& text, std::string_view* checked) {
  if (text.empty()) return Error(ErrorCode::kBadRequest, "email_address is required");
  if (!IsEmailAddress(text)) return ErrorCode::kInvalidEmail;
  *checked = text;
  return ErrorCode::kOk;
}

Error CheckEmailLife(const Policy& policy, std::optional<int> minutes, Duration* life) {
  const int asked = minutes.value_or(policy.email_expiration_minutes);
  if (asked < kEmailMinutesMin || asked > policy.email_expiration_minutes_max)
    return ErrorCode::kInvalidExpirationOtp;
  *life = std::chrono::minutes(asked);
  return ErrorCode::kOk;
}

Error CheckEmailLocale(const std::string& text, Locale* locale) {
  return text.empty() || ParseEmailLocale(text, locale) ? ErrorCode::kOk
                                                        : ErrorCode::kInvalidLocale;
}

Error CheckTemplateId(const std::string& text, std::string_view* checked) {
  if (text.size() > kTemplateIdBytesMax)
    return Error(ErrorCode::kBadRequest, "a template id takes 128 bytes at most");
  *checked = text;
  return ErrorCode::kOk;
}

// ---- Whose ----

ChallengeScope EmailScopeOf(const CallContext& context, const Facts& facts, const EmailOwner& owner,
                            EmailPurpose purpose) {
  return {context.config->policy(),
          context.config->keys(),
          FactorKind::kEmailPasscode,
          owner.organization_id,
          owner.member_id,
          owner.canonical_address.view(),
          facts.now,
          facts.epoch,
          purpose,
          owner.email.superseded_purpose};
}

const SandboxAddress* FindSandboxAddress(const Policy& policy, const Address& canonical_address,
                                         Instant now) {
  for (const SandboxAddress& one : policy.sandbox_addresses) {
    if (now < one.until && CanonicalEmail(one.address) == canonical_address) return &one;
  }
  return nullptr;
}

void AddEmailEvent(EventKind kind, const ChallengeId& id, Instant now, ErrorCode reason,
                   Decision* decision) {
  decision->answer.events.Add(EventOf(PhoneFactor(), id, kind, now, reason));
}

// ---- Send ----

Error CheckEmailLock(const EmailFactor& email, Instant now) {
  if (!IsLocked(email.failures, now)) return ErrorCode::kOk;
  return Error(ErrorCode::kEmailLockLimitReached, LockRemaining(email.failures, now));
}

Error CheckEmailSend(const Policy& policy, const EmailFactor& email, Instant now) {
  const Error lock = CheckEmailLock(email, now);
  if (!lock.ok()) return lock;
  const SendBudget budget = EmailSendBudgetOf(policy, email.sends, now);
  if (budget.next_at <= now) return ErrorCode::kOk;
  return Error(ErrorCode::kTooManyRequests, budget.next_at - now);
}

void TellOfLiveEmailCode(const CallContext& context, const Facts& facts, const EmailOwner& owner,
                         Error error, Decision* decision) {
  const Policy& policy = context.config->policy();
  const Challenge& challenge = owner.email.challenge;
  if (error.code() != ErrorCode::kTooManyRequests ||
      !IsLive(EmailScopeOf(context, facts, owner, owner.email.purpose), challenge))
    return;
  const SendBudget budget = EmailSendBudgetOf(policy, owner.email.sends, facts.now);
  decision->answer.hints = {challenge.expires_at,
                            std::max(budget.next_at, facts.now + error.retry_after()), budget.left,
                            TriesLeft(policy, challenge)};
}

Error DrawEmailPasscode(const Policy& policy, const Facts& facts, const SandboxAddress* sandbox,
                        Passcode* passcode) {
  const Error error =
      DrawPasscode(facts.entropy.draws.Reveal(kAccess), policy.email_passcode_digits, passcode);
  if (!error.ok() || sandbox == nullptr) return error;
  passcode->Wipe();
  passcode->Append(sandbox->code);
  return ErrorCode::kOk;
}

Quota MailboxQuota(const Policy& policy, const Address& canonical_address) {
  Quota quota;
  quota.subject = Quota::Subject::kAddress;
  quota.address = EmailCountingKey(canonical_address);
  quota.max = policy.email_address_sends_max;
  quota.window = std::chrono::hours(1);
  return quota;
}

void IssueEmailCode(const CallContext& context, const Facts& facts, const EmailSending& sending,
                    const EmailOwner& owner, Passcode passcode, Decision* decision) {
  const Policy& policy = context.config->policy();
  EmailFactor& email = owner.email;
  if (email.id.empty()) email.id = UuidFromRandom(facts.entropy.phone_id.data());
  const EmailPurpose before = email.purpose;
  IssueChallenge(EmailScopeOf(context, facts, owner, sending.purpose),
                 UuidFromRandom(facts.entropy.new_id.data()), facts.run(), sending.life, passcode,
                 &email.challenge);
  email.purpose = sending.purpose;
  email.superseded_purpose = email.challenge.superseded_id.empty() ? EmailPurpose::kNone : before;
  CountEmailSend(policy, facts.now, &email.sends);
  const bool is_discovery = sending.purpose == EmailPurpose::kDiscovery;
  AddEmailEvent(is_discovery ? EventKind::kDiscoverySent : EventKind::kEmailSent,
                email.challenge.id, facts.now, ErrorCode::kOk, decision);
  if (!sending.in_sandbox)
    FillMessage(context, sending, owner, std::move(passcode), &decision->AddMessage());
  const SendBudget budget = EmailSendBudgetOf(policy, email.sends, facts.now);
  decision->answer.hints = {email.challenge.expires_at, std::max(budget.next_at, facts.now),
                            budget.left, 0};
  decision->spends_admission = true;
}

// ---- Authenticate ----

void CompareInVain(const CallContext& context, const Passcode& code) {
  const KeyRing& keys = context.config->keys();
  const uint32_t key_id = keys.current_id();
  const EntityId none;
  const PasscodeBinding binding = {FactorKind::kEmailPasscode, none, none, "", {}};
  const PasscodeDigest digest = DigestPasscode(*keys.Find(key_id), key_id, binding, code);
  static_cast<void>(DigestsEqual(digest, PasscodeDigest()));
}

Verdict JudgeEmailCode(const CallContext& context, const Facts& facts, const EmailOwner& owner,
                       const Passcode& code) {
  const Challenge& challenge = owner.email.challenge;
  const ChallengeScope scope = EmailScopeOf(context, facts, owner, owner.email.purpose);
  const auto why_not = WhyNotCompared(scope, challenge, code.size());
  if (!why_not) return CompareCode(scope, challenge, code);
  CompareInVain(context, code);
  // Another length would tell that there is, or was, a challenge (EM-23).
  return *why_not == Verdict::kMalformed ? Verdict::kNone : *why_not;
}

void CountWrongEmailCode(const CallContext& context, const Facts& facts, SessionTag session,
                         bool knows_of_anomaly, EmailFactor* email, Decision* decision) {
  const Policy& policy = context.config->policy();
  Challenge& challenge = email->challenge;
  AddEmailEvent(EventKind::kFailure, challenge.id, facts.now, Errors().wrong, decision);
  ++challenge.failures;
  if (TriesLeft(policy, challenge) == 0) {
    challenge.state = ChallengeState::kExhausted;
    AddEmailEvent(EventKind::kChallengeDead, challenge.id, facts.now, Errors().dead, decision);
  }
  const CountedFailure counted =
      CountFailure(EmailFailureLimits(policy), facts.now, &email->failures, 1, session);
  if (counted.locks != LockRule::kNone) {
    Event event = EventOf(PhoneFactor(), ChallengeId(), EventKind::kLocked, facts.now,
                          ErrorCode::kEmailLockLimitReached);
    event.lock_rule = counted.locks;
    decision->answer.events.Add(event);
  }
  if (counted.at_another_clocks_time && !knows_of_anomaly)
    AddEmailEvent(EventKind::kClockAnomaly, ChallengeId(), facts.now, ErrorCode::kOk, decision);
}

}  // namespace otpcore
