// SPDX-License-Identifier: Apache-2.0
// Send, authenticate, report-delivery and the MFA step (rules S-*, D-*, A-*, L-*, P-*).
#include <algorithm>

#include "model.h"

namespace otpcore {
namespace simulation {
namespace {

bool IsLocale(const std::string& locale) {
  return locale.empty() || locale == "en" || locale == "DE-de" || locale == "fa" ||
         locale == "pt-br";
}

// The times within the rolling `window`, oldest first (L-06: an event leaves at its time + window).
std::vector<Millis> Within(const std::vector<Millis>& times, Millis window, Millis now) {
  std::vector<Millis> within;
  for (Millis time : times) {
    if (now < time + window) within.push_back(time);
  }
  std::sort(within.begin(), within.end());
  return within;
}

// Adds `now`. A limit of `max` needs the latest `max` times and no others; an earlier one that has
// left its window does not come back when a clock steps back.
void Remember(std::vector<Millis>* times, int max, Millis now) {
  std::sort(times->begin(), times->end());
  while (times->size() >= static_cast<size_t>(max)) times->erase(times->begin());
  times->push_back(now);
}

// T-02: a clock that shows what the one showed whose sends were moved back does not find them any
// more, and must take them for all that its window allows.
bool SeesMovedSends(const Policy& policy, const ModelMember& member, Millis now) {
  return member.sends_moved_from != 0 && !IsFarBehind(now, member.sends_moved_from) &&
         now < member.sends_moved_from + policy.sends_window.count();
}

// L-06, the Member's part: how long until a send is allowed; 0: now.
Millis WaitForSend(const Policy& policy, const ModelMember& member, Millis now) {
  const Millis window = policy.sends_window.count();
  const std::vector<Millis> recent = Within(member.sends, window, now);
  Millis wait = 0;
  const auto max = static_cast<size_t>(policy.sends_max);
  if (recent.size() >= max) wait = recent[recent.size() - max] + window - now;
  const Millis interval = policy.send_interval_min.count();
  for (const Millis time : recent) {  // further ahead it was another clock's
    if (interval > 0 && time <= now + policy.clock_tolerance.count() + interval)
      wait = std::max(wait, time + interval - now);
  }
  if (SeesMovedSends(policy, member, now))
    wait = std::max(wait, member.sends_moved_from + window - now);
  return std::max<Millis>(wait, 0);
}

enum class Life { kNone, kLive, kNotYet, kExpired, kForgotten, kDead };

Life LifeOf(const Question& question, const ModelChallenge& challenge) {
  if (challenge.state == ChallengeState::kNone || challenge.state == ChallengeState::kVoid)
    return Life::kNone;
  if (challenge.state != ChallengeState::kLive) return Life::kDead;
  if (challenge.epoch != question.epoch) return Life::kForgotten;  // L-10: void
  if (question.now >= challenge.expires || challenge.seen >= challenge.expires)
    return Life::kExpired;
  if (question.now < challenge.issued - question.policy->clock_tolerance.count())
    return Life::kNotYet;
  return Life::kLive;
}

}  // namespace

void JudgeSending(const Question& question, const ModelOrganization& org, const ModelMember& member,
                  Expected* expected) {
  const Policy& policy = *question.policy;
  const bool automatic = question.call->verb == Verb::kMfaStep;
  const std::string text = automatic ? "" : question.call->number;
  const auto refuse = [&](ErrorCode error) { expected->error = error; };
  if (!org.AllowsSms() && !member.breakglass)  // S-13
    return refuse(ErrorCode::kOperationRestrictedByOrganizationMfaMethods);
  Millis until = 0;
  if (IsLocked(member, question.now, &until)) {  // S-14
    expected->retry_after = until == 0 ? 0 : until - question.now;
    return refuse(ErrorCode::kUserLockLimitReached);
  }
  if (member.number.empty() && text.empty()) return refuse(ErrorCode::kSecondaryFactorNotFound);
  // S-12, also of a number that was linked before there was another factor.
  if (!member.verified && member.HasFactor() &&
      !(question.session && question.session->factors.HasSecond()))
    return refuse(ErrorCode::kInsufficientFactors);
  Link link;
  if (!text.empty() && text != member.number) link = CheckLink(question, org, member, true);
  if (link.error != ErrorCode::kOk) return refuse(link.error);
  const std::string& number = link.number.empty() ? member.number : link.number;
  const bool sandbox = IsSandbox(policy, number, question.now);
  const NumberFact* fact = FactOf(number);
  const std::string region = fact == nullptr ? "" : fact->region;
  // A sandbox number whose time is over is an ordinary one, and may be none at all. Of any other
  // one it is known what it is (N-04).
  const bool known = link.number.empty() && !member.linked_as_sandbox;
  if (!sandbox && !known && !fact->valid) return refuse(ErrorCode::kInvalidPhoneNumber);
  if (!sandbox && region != "US" && region != "CA")  // S-16: at each send
    return refuse(ErrorCode::kInvalidPhoneNumberCountryCode);
  const ModelClaim* claim = question.view->FindClaim(org.id, number);
  const bool verified = link.number.empty() && member.verified;
  if (!verified && claim != nullptr && claim->permanent && claim->holder != member.id)  // S-07
    return refuse(ErrorCode::kDuplicateMemberPhoneNumber);
  const Millis wait = WaitForSend(policy, member, question.now);
  if (wait > 0) {
    expected->retry_after = wait;
    return refuse(ErrorCode::kTooManyRequests);
  }
  if (question.generator_stuck) return refuse(ErrorCode::kInternalServerError);
  if (!verified && !question.admission) {
    expected->asks_guard = true;
    expected->asks_for = number + (sandbox ? " sandbox" : "");
    return;
  }
  if (!verified && question.admission->kind != Admission::Kind::kAdmitted) {
    if (question.admission->kind == Admission::Kind::kTooMany)
      expected->retry_after = question.admission->retry_after.count();
    return refuse(question.admission->kind == Admission::Kind::kTooFewAuthenticated
                      ? ErrorCode::kTooFewTokensAuthenticated
                  : question.admission->kind == Admission::Kind::kUnreachable
                      ? ErrorCode::kServerUnavailable
                      : ErrorCode::kTooManyRequests);
  }
  auto changed = Changed(question, member, ErrorCode::kOk);
  ModelChallenge issued;
  // S-10, A-03: a passcode that somebody may still type in.
  if (link.number.empty() && (member.challenge.state == ChallengeState::kLive ||
                              member.challenge.state == ChallengeState::kExpired))
    issued.superseded_code = member.challenge.code;
  if (!link.number.empty())
    LinkNumber(question, {link.number, false, false}, changed.get(), expected);
  issued.state = ChallengeState::kLive;
  issued.issued = issued.seen = question.now;
  issued.expires = question.now + policy.passcode_life.count();  // S-09
  issued.epoch = question.epoch;
  issued.linked = !link.number.empty();
  issued.issued_by = question.run;
  changed->challenge = issued;
  Remember(&changed->sends, policy.sends_max, question.now);
  expected->sends_left =
      policy.sends_max -
      static_cast<int>(Within(changed->sends, policy.sends_window.count(), question.now).size());
  expected->new_member = changed;
  expected->issues = true;
  expected->delivers = !sandbox;
}

Expected JudgeSend(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return refuse(error);
  if (!call.number.empty() && !ShapedLikeANumber(call.number))
    return refuse(ErrorCode::kInvalidPhoneNumber);
  if (!IsLocale(call.locale)) return refuse(ErrorCode::kInvalidLocale);
  if (SessionCount(call.session) > 1) return refuse(ErrorCode::kTooManySessionArguments);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (Repeats(question, member->mark)) {
    expected.replay = true;
    error = CheckReplay(question, *member);
    return refuse(error != ErrorCode::kOk ? error : member->mark.answer);
  }
  error = CheckSession(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (member->status != MemberStatus::kActive)
    return refuse(ErrorCode::kActionAvailableOnlyForActiveMembers);
  JudgeSending(question, *org, *member, &expected);
  return expected;
}

namespace {

// L-01 … L-04, A-13.
void CountFailure(const Question& question, ModelMember* member) {
  const Policy& policy = *question.policy;
  const Millis now = question.now;
  const size_t before = Within(member->failures, policy.rolling_window.count(), now).size();
  // T-02, L-10: what a clock far behind the latest failure counts is as late as that one.
  Millis at = IsFarBehind(now, member->locked_at) ? member->locked_at : now;
  for (const Millis failure : member->failures) {
    if (IsFarBehind(now, failure)) at = std::max(at, failure);
  }
  Remember(&member->failures, policy.rolling_failures, at);
  ++member->in_a_row;
  ++member->since_success;
  if (++member->challenge.failures >= policy.challenge_failures_max)
    member->challenge.state = ChallengeState::kExhausted;
  Millis lock = 0;
  if (member->in_a_row >= policy.lock_after_failures) {  // L-02
    lock = policy.lock_duration.count();
    for (int i = 0; i < member->locks_in_a_row; ++i)
      lock = std::min(2 * lock, static_cast<Millis>(policy.lock_duration_max.count()));
    ++member->locks_in_a_row;
    member->in_a_row = 0;
  }
  if (before >= static_cast<size_t>(policy.rolling_failures))  // L-04
    lock = std::max(lock, static_cast<Millis>(policy.rolling_lock.count()));
  if (member->since_success >= policy.disable_after_failures) member->disabled = true;  // L-03
  if (lock == 0 && !member->disabled) return;
  member->locked_at = at;
  const bool far_apart = at - now > Millis{24} * 60 * 60 * 1000;
  member->locked_until = far_apart ? at : at + lock;
  member->lock_to_come = far_apart ? lock : 0;
  member->lagging_until = at == now ? 0 : now + lock;
}

void Succeed(const Question& question, const ModelOrganization& org, ModelMember* member,
             Expected* expected) {
  const Call& call = *question.call;
  member->challenge.state = ChallengeState::kUsed;
  if (!member->verified) {
    member->verified = true;
    ModelClaim claim;
    claim.holder = member->id;
    claim.permanent = true;
    expected->new_claims[PathOf(member->organization, member->number)] =
        std::make_shared<ModelClaim>(claim);
  }
  if (org.required_for_all) {
    member->enrolled = true;
  } else if (!call.set_mfa_enrollment.empty()) {
    member->enrolled = call.set_mfa_enrollment == "enroll";
  }
  if (member->default_method.empty() || call.set_default_mfa)
    member->default_method = "sms_otp";
  member->in_a_row = member->since_success = member->locks_in_a_row = 0;  // L-05
  SessionCredential credential;
  if (!call.session.intermediate_session_token.empty())
    credential = {SessionCredential::Kind::kIntermediateToken,
                  call.session.intermediate_session_token};
  else if (!call.session.session_token.empty())
    credential = {SessionCredential::Kind::kSessionToken, call.session.session_token};
  else
    credential = {SessionCredential::Kind::kSessionJwt, call.session.session_jwt};
  expected->session_change = credential;
}

// after every other check.
void JudgeCode(const Question& question, const ModelOrganization& org, const ModelMember& member,
               Expected* expected) {
  const ModelChallenge& challenge = member.challenge;
  const auto write = [&](ErrorCode error) {
    expected->error = error;
    expected->new_member = Changed(question, member, error);
    return expected->new_member.get();
  };
  const auto digits = static_cast<size_t>(question.policy->passcode_digits);
  if (challenge.state != ChallengeState::kNone && question.call->code->size() != digits) {
    expected->error = ErrorCode::kInvalidCode;
    return;
  }
  switch (LifeOf(question, challenge)) {
    case Life::kNone:
    case Life::kForgotten: expected->error = ErrorCode::kOtpCodeNotFound; return;
    case Life::kDead:
    case Life::kNotYet: expected->error = ErrorCode::kUnableToAuthOtpCode; return;
    case Life::kExpired:  // the first sight of it is written
      write(ErrorCode::kUnableToAuthOtpCode)->challenge.state = ChallengeState::kExpired;
      return;
    case Life::kLive: break;
  }
  if (*question.call->code == challenge.code) {
    const ModelClaim* claim = question.view->FindClaim(org.id, member.number);
    if (!member.verified && claim != nullptr && claim->permanent && claim->holder != member.id) {
      write(ErrorCode::kDuplicateMemberPhoneNumber)->challenge.state = ChallengeState::kUsed;
      return;
    }
    Succeed(question, org, write(ErrorCode::kOk), expected);
    return;
  }
  if (*question.call->code == challenge.superseded_code) {
    expected->error = ErrorCode::kUnableToAuthOtpCode;
    return;
  }
  ModelMember* const failed = write(ErrorCode::kOtpCodeNotFound);
  CountFailure(question, failed);
  expected->tries_left = question.policy->challenge_failures_max - failed->challenge.failures;
}

// Codes of the simulation are plain digits: A-05's other forms have their own tests.
ErrorCode AuthenticateShape(const Call& call) {
  const ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return error;
  if (SessionCount(call.session) == 0) return ErrorCode::kNoSessionArguments;
  if (SessionCount(call.session) > 1) return ErrorCode::kTooManySessionArguments;
  if (!call.code) return ErrorCode::kBadRequest;
  const bool digits = std::all_of(call.code->begin(), call.code->end(),
                                  [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || call.code->size() < 4 || call.code->size() > 10) return ErrorCode::kInvalidCode;
  if (!call.set_mfa_enrollment.empty() && call.set_mfa_enrollment != "enroll" &&
      call.set_mfa_enrollment != "unenroll")
    return ErrorCode::kBadRequest;
  if (call.minutes && (*call.minutes < 5 || *call.minutes > 527040))
    return ErrorCode::kInvalidSessionDurationMinutes;
  return ErrorCode::kOk;
}

}  // namespace

Expected JudgeAuthenticate(const Question& question) {
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = AuthenticateShape(*question.call);
  if (error != ErrorCode::kOk) return refuse(error);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (Repeats(question, member->mark)) {
    expected.replay = true;
    error = CheckReplay(question, *member);
    if (error != ErrorCode::kOk) return refuse(error);
    // A full session that is gone is none to answer with; a token was consumed.
    if (member->mark.answer == ErrorCode::kOk &&
        question.call->session.intermediate_session_token.empty())
      error = CheckSession(question, *member);
    return refuse(error != ErrorCode::kOk ? error : member->mark.answer);
  }
  error = CheckSession(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (!question.session->factors.HasPrimary())
    return refuse(ErrorCode::kActionAvailableOnlyOncePrimaryAuthenticationIsMet);
  if (member->status != MemberStatus::kActive)
    return refuse(ErrorCode::kActionAvailableOnlyForActiveMembers);
  if (!org->AllowsSms() && !member->breakglass)
    return refuse(ErrorCode::kOperationRestrictedByOrganizationMfaMethods);
  if (!member->number.empty() && !member->verified && member->HasFactor() &&  // S-12
      !question.session->factors.HasSecond())
    return refuse(ErrorCode::kInsufficientFactors);
  Millis until = 0;
  if (IsLocked(*member, question.now, &until)) {
    expected.retry_after = until == 0 ? 0 : until - question.now;
    return refuse(ErrorCode::kUserLockLimitReached);
  }
  JudgeCode(question, *org, *member, &expected);
  return expected;
}

// D-02 … D-06.
Expected JudgeReport(const Question& question) {
  const Call& call = *question.call;
  Expected expected;
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  expected.error = CheckIds(call);
  if (expected.error == ErrorCode::kOk)
    expected.error = FindTarget(question, &expected, &org, &member);
  if (expected.error != ErrorCode::kOk) return expected;
  const ModelChallenge& challenge = member->challenge;
  if (challenge.state != ChallengeState::kLive || challenge.id != call.challenge ||
      call.delivery.kind == Delivery::Kind::kAccepted ||
      call.delivery.kind == Delivery::Kind::kUnknown)
    return expected;
  expected.applied = true;
  auto changed = Changed(question, *member, ErrorCode::kOk);
  // While the send is the latest operation, a client that repeats it hears of the failure.
  if (member->mark.run == challenge.issued_by) {
    changed->mark = member->mark;
    changed->mark.run = question.run;
    changed->mark.answer = call.delivery.kind == Delivery::Kind::kUnavailable
                               ? ErrorCode::kDownstreamCarrierUnavailable
                           : call.delivery.unsubscribed ? ErrorCode::kUnsubscribedPhoneNumber
                                                        : ErrorCode::kDownstreamCarrierRejected;
  }
  changed->challenge.state = ChallengeState::kVoid;
  changed->challenge.superseded_code.clear();  // D-05: it never comes back
  // The newest at that time; one that was moved back is the latest (T-02).
  auto spent = std::find(changed->sends.rbegin(), changed->sends.rend(), challenge.issued);
  if (spent == changed->sends.rend())
    spent = std::max_element(changed->sends.rbegin(), changed->sends.rend());
  if (spent != changed->sends.rend()) changed->sends.erase(std::next(spent).base());
  if (challenge.linked && !member->verified) {
    ReleaseClaim(question, *member, &expected);
    changed->number.clear();
    changed->leased = 0;
  }
  expected.new_member = changed;
  return expected;
}

// What a report says of the SMS is no failure of the step (P-04).
static ErrorCode ReplayOfStep(const Question& question, const ModelMember& member) {
  const ErrorCode error = CheckReplay(question, member);
  const ErrorCode answer = member.mark.answer;
  if (error != ErrorCode::kOk) return error;
  const bool of_delivery = answer == ErrorCode::kDownstreamCarrierRejected ||
                           answer == ErrorCode::kDownstreamCarrierUnavailable ||
                           answer == ErrorCode::kUnsubscribedPhoneNumber;
  return of_delivery ? ErrorCode::kOk : answer;
}

Expected JudgeMfaStep(const Question& question) {
  Expected expected;
  const Call& call = *question.call;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  ErrorCode error = CheckIds(call);
  if (error != ErrorCode::kOk) return refuse(error);
  if (SessionCount(call.session) > 1) return refuse(ErrorCode::kTooManySessionArguments);
  const ModelOrganization* org = nullptr;
  const ModelMember* member = nullptr;
  error = FindTarget(question, &expected, &org, &member);
  if (error != ErrorCode::kOk) return refuse(error);
  expected.required = (org->required_for_all || member->enrolled) &&
                      !(question.session && question.session->factors.HasSecond());
  expected.authenticated = !expected.required;
  expected.has_options = !member->number.empty() || !member->totp.empty();
  expected.replay = Repeats(question, member->mark);
  if (expected.replay) {
    expected.initiated = member->challenge.state == ChallengeState::kLive &&
                         member->challenge.issued_by == member->mark.run;
    return refuse(ReplayOfStep(question, *member));
  }
  error = CheckSession(question, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  auto active = Changed(question, *member, ErrorCode::kOk);
  active->status = MemberStatus::kActive;  // P-05
  const bool prefers_totp = member->default_method == "totp" && !member->totp.empty() &&
                            (org->AllowsTotp() || member->breakglass);
  if (expected.required && !member->number.empty() && !prefers_totp) {  // P-02
    Expected sending;
    JudgeSending(question, *org, *active, &sending);
    expected.asks_guard = sending.asks_guard;
    expected.asks_for = sending.asks_for;
    if (sending.error == ErrorCode::kOk && sending.issues) {
      expected.new_member = sending.new_member;
      expected.new_claims = sending.new_claims;
      expected.issues = expected.initiated = true;
      expected.delivers = sending.delivers;
      expected.sends_left = sending.sends_left;
      return expected;
    }
  }
  if (member->status != MemberStatus::kActive || expected.anomaly) expected.new_member = active;
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
