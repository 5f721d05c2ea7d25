// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail in an Organization (rules EM-05 … EM-23, L-12).
#include <algorithm>
#include <cstddef>

#include "email_addresses.h"
#include "model.h"

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

namespace {

ModelBudget BudgetOfMail(const Policy& policy) {  // L-12
  return {policy.email_rolling_failures, policy.email_rolling_window.count(),
          policy.email_rolling_lock.count()};
}

// EM-01: of the addresses that clients have.
ErrorCode AddressShape(const Call& call) {
  const ErrorCode error = CheckId(call.organization);
  if (error != ErrorCode::kOk) return error;
  if (call.email.empty()) return ErrorCode::kBadRequest;
  return IsNoAddress(Lower(call.email)) ? ErrorCode::kInvalidEmail : ErrorCode::kOk;
}

// EM-09.
bool IsLife(const Policy& policy, const std::optional<int>& minutes) {
  return !minutes || (*minutes >= 2 && *minutes <= policy.email_expiration_minutes_max);
}

ErrorCode SendShape(const Question& question) {
  const Call& call = *question.call;
  const ErrorCode error = AddressShape(call);
  if (error != ErrorCode::kOk) return error;
  const std::string locale = Lower(call.locale);  // EM-10, of those that are tried
  if (!locale.empty() && locale != "en" && locale != "es" && locale != "pt-br" && locale != "fr")
    return ErrorCode::kInvalidLocale;
  if (!IsLife(*question.policy, call.login_minutes) ||
      !IsLife(*question.policy, call.signup_minutes))
    return ErrorCode::kInvalidExpirationOtp;
  const bool long_id = call.login_template.size() > 128 || call.signup_template.size() > 128;
  return long_id ? ErrorCode::kBadRequest : ErrorCode::kOk;
}

// EM-08.
ErrorCode MethodError(const ModelOrganization& org, const ModelMember* member) {
  const bool exempt = member != nullptr && member->breakglass;
  return org.AllowsEmail() || exempt ? ErrorCode::kOk
                                     : ErrorCode::kOperationRestrictedByOrganizationAuthMethods;
}

// EM-07.
ErrorCode WordError(JustInTime word) {
  return word == JustInTime::kAllow               ? ErrorCode::kOk
         : word == JustInTime::kAddressNotAllowed ? ErrorCode::kInvalidEmailForJitProvisioning
                                                  : ErrorCode::kEmailJitProvisioningNotAllowed;
}

// The id that this operation gives the Member whom it makes: a repetition finds them by it.
std::string IdOfMade(const Question& question) {
  const OperationId& operation = question.call->operation;
  if (operation == kNotRepeatable) return DrawnId(question, "member", offsetof(Entropy, phone_id));
  return GeneratedId("member", std::string(reinterpret_cast<const char*>(operation.bytes.data()),
                                           operation.bytes.size()));
}

bool RefusesLockedMail(const Question& question, const ModelMember& member, Expected* expected) {
  Millis until = 0;
  if (!IsLocked(member.mail.ledger, question.now, &until)) return false;
  expected->retry_after = until == 0 ? 0 : until - question.now;
  expected->error = ErrorCode::kEmailLockLimitReached;
  expected->Tell(EventKind::kRefusedByLimit, expected->error);
  return true;
}

// From the lock on (EM-05).
void JudgeMailing(const Question& question, const ModelMember& member, Expected* expected) {
  const Policy& policy = *question.policy;
  if (RefusesLockedMail(question, member, expected)) return;
  const auto tell_of_live_code = [&] {  // S-20
    expected->Tell(EventKind::kRefusedByLimit, expected->error);
    if (expected->error != ErrorCode::kTooManyRequests ||
        LifeOf(question, member.mail.challenge) != Life::kLive)
      return;
    expected->sends_left = EmailsLeft(policy, member.mail.sends, question.now);
    expected->tries_left = policy.challenge_failures_max - member.mail.challenge.failures;
  };
  const Millis wait = WaitForEmail(policy, member.mail.sends, question.now);
  if (wait > 0) {
    expected->retry_after = wait;
    expected->error = ErrorCode::kTooManyRequests;
    return tell_of_live_code();
  }
  if (question.generator_stuck) {
    expected->error = ErrorCode::kInternalServerError;
    return;
  }
  const bool sandbox = IsSandboxAddress(policy, member.email, question.now);
  const std::string asks_for = "mail " + CountingKeyOf(member.email) + (sandbox ? " sandbox" : "");
  if (!member.email_verified && !Admits(question, asks_for, expected)) {
    if (!expected->asks_guard) tell_of_live_code();
    return;
  }
  auto changed = Changed(question, member, ErrorCode::kOk);
  ModelMail& mail = changed->mail;
  if (mail.id.empty()) mail.id = DrawnId(question, "email", offsetof(Entropy, phone_id));
  const bool login = member.status == MemberStatus::kActive;  // EM-06
  mail.purpose = login ? EmailPurpose::kLogin : EmailPurpose::kSignup;
  mail.challenge = Issued(question, mail.challenge);
  const auto& asked = login ? question.call->login_minutes : question.call->signup_minutes;
  mail.challenge.expires =
      question.now + Millis{60000} * asked.value_or(policy.email_expiration_minutes);
  mail.sends = AfterEmail(policy, mail.sends, question.now);
  expected->sends_left = EmailsLeft(policy, mail.sends, question.now);
  expected->Tell(EventKind::kEmailSent);
  expected->new_member = changed;
  expected->issues = true;
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
  const std::string made_id = IdOfMade(question);
  if (OwnerOf(question, org->id, call.email).empty()) {
    error = MethodError(*org, nullptr);
    if (error == ErrorCode::kOk) error = WordError(call.just_in_time);
    // This very operation made somebody earlier, who has another address now.
    if (error == ErrorCode::kOk && question.view->FindMember(org->id, made_id) != nullptr)
      error = ErrorCode::kBadRequest;
    if (error != ErrorCode::kOk) return refuse(error);
    ModelMember fresh;
    fresh.organization = org->id;
    fresh.id = expected.member = made_id;
    fresh.email = call.email;
    fresh.status = MemberStatus::kPending;
    JudgeMailing(question, fresh, &expected);
    expected.made = expected.new_member != nullptr;
    if (expected.made) expected.Tell(EventKind::kCreated);
    return expected;
  }
  Target target;
  const bool opens = Opens(question, ErrorCode::kOk, &target, &expected);
  expected.made =
      expected.replay && call.operation != kNotRepeatable && target.member->id == made_id;
  if (!opens) return expected;
  const ModelMember* const member = target.member;
  error = MethodError(*org, member);
  if (error != ErrorCode::kOk) return refuse(error);
  JudgeMailing(question, *member, &expected);
  return expected;
}

namespace {

ErrorCode ProofShape(const Call& call) {
  const ErrorCode error = AddressShape(call);
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
  return intermediate && question.session->organization_id.str() != org.id
             ? ErrorCode::kInvalidIntermediateSessionTokenForOrganization
             : ErrorCode::kOk;
}

// The rest of it.
ErrorCode MemberError(const Question& question, const ModelOrganization& org,
                      const ModelMember& member) {
  if (question.session && (question.session->organization_id.str() != member.organization ||
                           question.session->member_id.str() != member.id))
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
  if (!member.email_verified) expected->Tell(EventKind::kEmailVerified);
  changed->email_verified = true;
  ClearFailures(question, BudgetOfMail(*question.policy), &changed->mail.ledger);
  if (member.status != MemberStatus::kActive) expected->Tell(EventKind::kActivated);
  changed->status = MemberStatus::kActive;
  TakeMfaStep(question, org, changed, expected);
  expected->knows_events = !expected->required;  // of the SMS other events tell
  if (expected->new_member == nullptr) expected->new_member = changed;
  TellEffect(*question.call, expected);
}

void JudgeMailCode(const Question& question, const ModelOrganization& org,
                   const ModelMember& member, Expected* expected) {
  const Policy& policy = *question.policy;
  const std::string& code = *question.call->code;
  const ModelChallenge& challenge = member.mail.challenge;
  const auto refuse = [&](ErrorCode error) { expected->error = error; };
  // Another length would tell that there is, or was, a challenge (EM-23).
  if (code.size() != static_cast<size_t>(policy.email_passcode_digits))
    return refuse(ErrorCode::kOtpCodeNotFound);
  switch (LifeOf(question, challenge)) {
    case Life::kNone:
    case Life::kForgotten: return refuse(ErrorCode::kOtpCodeNotFound);
    case Life::kDead:
    case Life::kNotYet: return refuse(ErrorCode::kUnableToAuthOtpCode);
    case Life::kExpired: {  // the first sight of it is written
      refuse(ErrorCode::kUnableToAuthOtpCode);
      expected->new_member = Changed(question, member, expected->error);
      expected->new_member->mail.challenge.state = ChallengeState::kExpired;
      return expected->Tell(EventKind::kChallengeDead, expected->error);
    }
    case Life::kLive: break;
  }
  if (code == challenge.code) return AcceptMail(question, org, member, expected);
  if (code == challenge.superseded_code) return refuse(ErrorCode::kUnableToAuthOtpCode);
  refuse(ErrorCode::kOtpCodeNotFound);
  expected->new_member = Changed(question, member, expected->error);
  ModelMail& mail = expected->new_member->mail;
  expected->Tell(EventKind::kFailure, expected->error);
  if (++mail.challenge.failures >= policy.challenge_failures_max) {
    mail.challenge.state = ChallengeState::kExhausted;
    expected->Tell(EventKind::kChallengeDead, ErrorCode::kUnableToAuthOtpCode);
  }
  const ModelCounted counted = CountFailure(question, BudgetOfMail(policy), 1, &mail.ledger);
  if (counted.locks) expected->Tell(EventKind::kLocked, ErrorCode::kEmailLockLimitReached);
  if (counted.lags) expected->Tell(EventKind::kClockAnomaly);
  expected->tries_left = policy.challenge_failures_max - mail.challenge.failures;
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
  if (RefusesLockedMail(question, *member, &expected)) return expected;
  JudgeMailCode(question, *org, *member, &expected);
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
