// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail in an Organization (rules EM-05 … EM-23, L-12).
#include <algorithm>
#include <cstddef>

#include "email_addresses.h"
#include "model_mail.h"

namespace otpcore {
namespace simulation {

std::string CountingKeyOf(const std::string& address) {
  const std::string lower = Lower(address);
  const size_t at = lower.find('@');
  std::string local = lower.substr(0, std::min(at, lower.find('+')));
  local.erase(std::remove(local.begin(), local.end(), '.'), local.end());
  return local.empty() ? lower : local + lower.substr(at);
}

bool IsSandboxAddress(const Policy& policy, const std::string& address, Millis now) {
  return std::any_of(policy.sandbox_addresses.begin(), policy.sandbox_addresses.end(),
                     [&](const SandboxAddress& one) {
                       return Lower(one.address) == Lower(address) && now < one.until.unix_millis();
                     });
}

ModelBudget BudgetOfMail(const Policy& policy) {
  return {policy.email_rolling_failures, policy.email_rolling_window.count(),
          policy.email_rolling_lock.count()};
}

ErrorCode AddressShape(const std::string& email) {
  if (email.empty()) return ErrorCode::kBadRequest;
  return IsNoAddress(Lower(email)) ? ErrorCode::kInvalidEmail : ErrorCode::kOk;
}

bool IsMailLocale(const std::string& locale) {  // of those that are tried
  const std::string lower = Lower(locale);
  return lower.empty() || lower == "en" || lower == "es" || lower == "pt-br" || lower == "fr";
}

bool IsMailLife(const Policy& policy, const std::optional<int>& minutes) {
  return !minutes || (*minutes >= 2 && *minutes <= policy.email_expiration_minutes_max);
}

namespace {

ErrorCode TargetShape(const Call& call) {
  const ErrorCode error = CheckId(call.organization);
  return error == ErrorCode::kOk ? AddressShape(call.email) : error;
}

ErrorCode SendShape(const Question& question) {
  const Call& call = *question.call;
  const ErrorCode error = TargetShape(call);
  if (error != ErrorCode::kOk) return error;
  if (!IsMailLocale(call.locale)) return ErrorCode::kInvalidLocale;
  if (!IsMailLife(*question.policy, call.login_minutes) ||
      !IsMailLife(*question.policy, call.signup_minutes))
    return ErrorCode::kInvalidExpirationOtp;
  const bool long_id = call.login_template.size() > 128 || call.signup_template.size() > 128;
  return long_id ? ErrorCode::kBadRequest : ErrorCode::kOk;
}

}  // namespace

ErrorCode MethodError(const ModelOrganization& org, const ModelMember* member) {
  const bool exempt = member != nullptr && member->breakglass;
  return org.AllowsEmail() || exempt ? ErrorCode::kOk
                                     : ErrorCode::kOperationRestrictedByOrganizationAuthMethods;
}

ErrorCode WordError(JustInTime word) {
  return word == JustInTime::kAllow               ? ErrorCode::kOk
         : word == JustInTime::kAddressNotAllowed ? ErrorCode::kInvalidEmailForJitProvisioning
                                                  : ErrorCode::kEmailJitProvisioningNotAllowed;
}

std::string IdOfMade(const Question& question) {
  const OperationId& operation = question.call->operation;
  if (operation == kNotRepeatable) return DrawnId(question, "member", offsetof(Entropy, phone_id));
  return GeneratedId("member", std::string(reinterpret_cast<const char*>(operation.bytes.data()),
                                           operation.bytes.size()));
}

std::shared_ptr<ModelMember> MadeWith(const Question& question, const ModelOrganization& org,
                                      const std::string& email, Expected* expected) {
  auto fresh = std::make_shared<ModelMember>();
  fresh->organization = org.id;
  fresh->id = IdOfMade(question);
  fresh->email = email;
  fresh->status = MemberStatus::kPending;
  // This very operation made somebody earlier, who has another address now.
  if (question.view->FindMember(org.id, fresh->id) != nullptr) {
    expected->error = ErrorCode::kBadRequest;
    return nullptr;
  }
  expected->member = fresh->id;
  return fresh;
}

bool RefusesLockedMail(const Question& question, const ModelMail& mail, Expected* expected) {
  Millis until = 0;
  if (!IsLocked(mail.ledger, question.now, &until)) return false;
  expected->retry_after = until == 0 ? 0 : until - question.now;
  expected->error = ErrorCode::kEmailLockLimitReached;
  expected->Tell(EventKind::kRefusedByLimit, expected->error);
  return true;
}

bool MayBeMailed(const Question& question, const ModelMail& mail, const std::string& asks_for,
                 Expected* expected) {
  const Policy& policy = *question.policy;
  if (RefusesLockedMail(question, mail, expected)) return false;
  const auto tell_of_live_code = [&] {  // S-20
    expected->Tell(EventKind::kRefusedByLimit, expected->error);
    if (expected->error != ErrorCode::kTooManyRequests ||
        LifeOf(question, mail.challenge) != Life::kLive)
      return;
    expected->sends_left = EmailsLeft(policy, mail.sends, question.now);
    expected->tries_left = policy.challenge_failures_max - mail.challenge.failures;
  };
  const Millis wait = WaitForEmail(policy, mail.sends, question.now);
  if (wait > 0) {
    expected->retry_after = wait;
    expected->error = ErrorCode::kTooManyRequests;
    tell_of_live_code();
    return false;
  }
  if (question.generator_stuck) {
    expected->error = ErrorCode::kInternalServerError;
    return false;
  }
  if (asks_for.empty() || Admits(question, asks_for, expected)) return true;
  if (!expected->asks_guard) tell_of_live_code();
  return false;
}

void IssueMail(const Question& question, EmailPurpose purpose, const std::optional<int>& minutes,
               ModelMail* mail, Expected* expected) {
  const Policy& policy = *question.policy;
  if (mail->id.empty()) mail->id = DrawnId(question, "email", offsetof(Entropy, phone_id));
  mail->purpose = purpose;
  mail->challenge = Issued(question, mail->challenge);
  mail->challenge.expires =
      question.now + Millis{60000} * minutes.value_or(policy.email_expiration_minutes);
  mail->sends = AfterEmail(policy, mail->sends, question.now);
  expected->sends_left = EmailsLeft(policy, mail->sends, question.now);
  expected->issues = true;
}

namespace {

// From the lock on (EM-05).
void JudgeMailing(const Question& question, const ModelMember& member, Expected* expected) {
  const Call& call = *question.call;
  const bool sandbox = IsSandboxAddress(*question.policy, member.email, question.now);
  const std::string asks_for = "mail " + CountingKeyOf(member.email) + (sandbox ? " sandbox" : "");
  if (!MayBeMailed(question, member.mail, member.email_verified ? "" : asks_for, expected)) return;
  auto changed = Changed(question, member, ErrorCode::kOk);
  const bool login = member.status == MemberStatus::kActive;  // EM-06
  IssueMail(question, login ? EmailPurpose::kLogin : EmailPurpose::kSignup,
            login ? call.login_minutes : call.signup_minutes, &changed->mail, expected);
  expected->Tell(EventKind::kEmailSent);
  expected->new_member = changed;
  expected->issued_to = IssuedTo::kAddress;
  expected->delivers = !sandbox;  // EM-34
}

}  // namespace

Expected JudgeSendEmail(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = SendShape(question);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  error = FindOrganizationOnly(question, &expected, &org);
  if (error != ErrorCode::kOk) return refuse(error);
  if (OwnerOf(question, org->id, call.email).empty()) {
    error = MethodError(*org, nullptr);
    if (error == ErrorCode::kOk) error = WordError(call.just_in_time);
    if (error != ErrorCode::kOk) return refuse(error);
    const auto fresh = MadeWith(question, *org, call.email, &expected);
    if (fresh == nullptr) return expected;
    JudgeMailing(question, *fresh, &expected);
    expected.made = expected.new_member != nullptr;
    if (expected.made) expected.Tell(EventKind::kCreated);
    return expected;
  }
  Target target;
  const bool opens = Opens(question, ErrorCode::kOk, &target, &expected);
  expected.made = expected.replay && call.operation != kNotRepeatable &&
                  target.member->id == IdOfMade(question);
  if (!opens) return expected;
  const ModelMember* const member = target.member;
  error = MethodError(*org, member);
  if (error != ErrorCode::kOk) return refuse(error);
  JudgeMailing(question, *member, &expected);
  return expected;
}

MailCode JudgeCode(const Question& question, const ModelMail& mail, Expected* expected) {
  const std::string& code = *question.call->code;
  const ModelChallenge& challenge = mail.challenge;
  const auto refuse = [&](ErrorCode error) {
    expected->error = error;
    return MailCode::kRefused;
  };
  // Another length would tell that there is, or was, a challenge (EM-23).
  if (code.size() != static_cast<size_t>(question.policy->email_passcode_digits))
    return refuse(ErrorCode::kOtpCodeNotFound);
  switch (LifeOf(question, challenge)) {
    case Life::kNone:
    case Life::kForgotten: return refuse(ErrorCode::kOtpCodeNotFound);
    case Life::kDead:
    case Life::kNotYet: return refuse(ErrorCode::kUnableToAuthOtpCode);
    case Life::kExpired:  // the first sight of it is written
      expected->error = ErrorCode::kUnableToAuthOtpCode;
      return MailCode::kExpired;
    case Life::kLive: break;
  }
  if (code == challenge.code) return MailCode::kRight;
  if (code == challenge.superseded_code) return refuse(ErrorCode::kUnableToAuthOtpCode);
  expected->error = ErrorCode::kOtpCodeNotFound;
  return MailCode::kWrong;
}

void ExpireMail(ModelMail* mail, Expected* expected) {
  mail->challenge.state = ChallengeState::kExpired;
  expected->Tell(EventKind::kChallengeDead, expected->error);
}

void CountWrongMail(const Question& question, ModelMail* mail, Expected* expected) {
  const Policy& policy = *question.policy;
  expected->Tell(EventKind::kFailure, expected->error);
  if (++mail->challenge.failures >= policy.challenge_failures_max) {
    mail->challenge.state = ChallengeState::kExhausted;
    expected->Tell(EventKind::kChallengeDead, ErrorCode::kUnableToAuthOtpCode);
  }
  const ModelCounted counted = CountFailure(question, BudgetOfMail(policy), 1, &mail->ledger);
  if (counted.locks) expected->Tell(EventKind::kLocked, ErrorCode::kEmailLockLimitReached);
  if (counted.lags) expected->Tell(EventKind::kClockAnomaly);
  expected->tries_left = policy.challenge_failures_max - mail->challenge.failures;
}

namespace {

ErrorCode ProofShape(const Call& call) {
  const ErrorCode error = TargetShape(call);
  if (error != ErrorCode::kOk) return error;
  if (!call.code) return ErrorCode::kBadRequest;
  if (!IsCodeShaped(*call.code)) return ErrorCode::kInvalidCode;
  if (call.minutes && (*call.minutes < 5 || *call.minutes > 527040))
    return ErrorCode::kInvalidSessionDurationMinutes;
  if (!IsLocale(call.locale)) return ErrorCode::kInvalidLocale;
  if (SessionCount(call.session) > 1) return ErrorCode::kTooManySessionArguments;
  return IsDevice(call.device) ? ErrorCode::kOk : ErrorCode::kBadRequest;
}

// EM-18, before it is known whose address it is.
ErrorCode SessionError(const Question& question, const ModelOrganization& org) {
  const SessionArguments& given = question.call->session;
  if (!HasSession(given)) return ErrorCode::kOk;
  const bool intermediate = !given.intermediate_session_token.empty();
  if (!question.session)
    return intermediate ? ErrorCode::kIntermediateSessionNotFound : ErrorCode::kSessionNotFound;
  const std::string& of = question.session->organization_id.str();
  return intermediate && of != org.id && !(of.empty() && question.session->member_id.empty())
             ? ErrorCode::kInvalidIntermediateSessionTokenForOrganization
             : ErrorCode::kOk;
}

// The rest of it.
ErrorCode MemberError(const Question& question, const ModelOrganization& org,
                      const ModelMember& member) {
  if (question.session && !MayUseSession(question, member))
    return ErrorCode::kMemberSessionMemberIdMismatch;
  return MethodError(org, &member);
}

// EM-17.
void TellEffect(const Call& call, Expected* expected) {
  using Kind = SessionEffect::Kind;
  const bool done = expected->authenticated;
  const bool intermediate = !call.session.intermediate_session_token.empty();
  ModelEffect effect;
  effect.minutes = done ? call.minutes.value_or(60) : 10;
  if (HasSession(call.session) && (done || intermediate))
    effect.kind = done && intermediate ? Kind::kUpgrade : Kind::kExtend;
  else
    effect.kind = done ? Kind::kCreate : Kind::kCreateIntermediate;
  expected->effect = effect;
}

// EM-16.
void AcceptMail(const Question& question, const ModelOrganization& org, const ModelMember& member,
                Expected* expected) {
  auto changed = Changed(question, member, ErrorCode::kOk);
  changed->mail.challenge.state = ChallengeState::kUsed;
  expected->Tell(EventKind::kEmailAuthenticated);
  ClearFailures(question, BudgetOfMail(*question.policy), &changed->mail.ledger);
  VerifyMail(changed.get(), expected);
  TakeMfaStep(question, org, changed, expected);
  expected->knows_events = !expected->required;  // of the SMS other events tell
  if (expected->new_member == nullptr) expected->new_member = changed;
  TellEffect(*question.call, expected);
}

void JudgeMailCode(const Question& question, const ModelOrganization& org,
                   const ModelMember& member, Expected* expected) {
  const MailCode code = JudgeCode(question, member.mail, expected);
  if (code == MailCode::kRefused) return;
  if (code == MailCode::kRight) return AcceptMail(question, org, member, expected);
  expected->new_member = Changed(question, member, expected->error);
  ModelMail& mail = expected->new_member->mail;
  if (code == MailCode::kExpired)
    ExpireMail(&mail, expected);
  else
    CountWrongMail(question, &mail, expected);
}

// A success is given again, by what is there now (C-07).
void JudgeRepeatedMail(const Question& question, const ModelOrganization& org,
                       const ModelMember& member, Expected* expected) {
  expected->error = WithoutDelivery(AnswerOfReplay(question, member.mark));
  if (expected->error != ErrorCode::kOk) return;
  // A token that is gone was consumed by this success.
  const bool consumed =
      !question.session && !question.call->session.intermediate_session_token.empty();
  if (!consumed) expected->error = SessionError(question, org);
  if (expected->error == ErrorCode::kOk) expected->error = MemberError(question, org, member);
  if (expected->error != ErrorCode::kOk) return;
  TakeStock(question, org, member, expected);
  if (expected->required && IsSpared(question, org, member)) {
    expected->required = false;
    expected->authenticated = true;
  }
  expected->initiated = member.challenge.state == ChallengeState::kLive &&
                        member.challenge.issued_by == member.mark.run;
  TellEffect(*question.call, expected);
}

}  // namespace

Expected JudgeAuthenticateEmail(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  expected.knows_events = true;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = ProofShape(call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  error = FindOrganizationOnly(question, &expected, &org);
  if (error != ErrorCode::kOk) return refuse(error);
  if (OwnerOf(question, org->id, call.email).empty()) {  // EM-14
    error = SessionError(question, *org);
    return refuse(error == ErrorCode::kOk ? ErrorCode::kOtpCodeNotFound : error);
  }
  Target target;
  const bool opens = Opens(question, ErrorCode::kOk, &target, &expected);
  if (expected.replay) JudgeRepeatedMail(question, *target.org, *target.member, &expected);
  if (!opens) return expected;
  const ModelMember* const member = target.member;
  error = SessionError(question, *org);
  if (error == ErrorCode::kOk) error = MemberError(question, *org, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (RefusesLockedMail(question, member->mail, &expected)) return expected;
  JudgeMailCode(question, *org, *member, &expected);
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
