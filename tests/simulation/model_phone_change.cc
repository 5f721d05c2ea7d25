// SPDX-License-Identifier: Apache-2.0
// Change of phone without a gap (rule E-04).
#include <algorithm>

#include "model.h"

namespace otpcore {
namespace simulation {
namespace {

// What both commands ask before their own checks; returns what is wrong.
ErrorCode MayChange(const Question& question, const ModelOrganization& org,
                    const ModelMember& member) {
  const ErrorCode error = CheckSession(question, member);
  if (error != ErrorCode::kOk) return error;
  if (!IsActiveFor(question, member)) return ErrorCode::kActionAvailableOnlyForActiveMembers;
  if (!org.AllowsSms() && !member.breakglass)
    return ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
  return ErrorCode::kOk;
}

ErrorCode StartShape(const Call& call) {
  const ErrorCode error = OneSessionShape(call);
  if (error != ErrorCode::kOk) return error;
  if (call.number.empty()) return ErrorCode::kBadRequest;
  if (!ShapedLikeANumber(call.number)) return ErrorCode::kInvalidPhoneNumber;
  return IsLocale(call.locale) ? ErrorCode::kOk : ErrorCode::kInvalidLocale;
}

// N-03, S-04, S-16: the canonical number, or the error.
Link CheckNumber(const Question& question, const ModelMember& member) {
  const std::string& text = question.call->number;
  if (text == member.number) return {ErrorCode::kDuplicateMemberPhoneNumberForMember, ""};
  const NumberFact* fact = FactOf(text);
  const bool is_known = text == member.candidate.number && !member.candidate.named_as_sandbox;
  const bool sandbox = IsSandbox(*question.policy, text, question.now);
  if (!is_known && !sandbox && (fact == nullptr || !fact->valid))
    return {ErrorCode::kInvalidPhoneNumber, ""};
  const std::string canonical = sandbox || is_known ? text : fact->canonical;
  if (canonical == member.number) return {ErrorCode::kDuplicateMemberPhoneNumberForMember, ""};
  const std::string region = fact == nullptr ? "" : fact->region;
  if (!sandbox && region != "US" && region != "CA")
    return {ErrorCode::kInvalidPhoneNumberCountryCode, ""};
  return {ErrorCode::kOk, canonical};
}

// S-21.
Millis HeldBackFor(const Question& question, const ModelChallenge& challenge) {
  const std::string session = SessionOf(question);
  if (LifeOf(question, challenge) != Life::kLive || challenge.session.empty() || session.empty() ||
      session == challenge.session)
    return 0;
  return std::max<Millis>(0,
                          challenge.issued + question.policy->resend_after.count() - question.now);
}

// The number is the candidate from now on, with a new passcode.
void Name(const Question& question, const ModelMember& member, const std::string& number,
          Expected* expected) {
  auto changed = Changed(question, member, ErrorCode::kOk);
  ModelCandidate& candidate = changed->candidate;
  if (candidate.number != number) {
    ReleaseClaim(question, member, candidate.number, expected);
    candidate = ModelCandidate();
  }
  candidate.number = number;
  candidate.given_by_host = !HasSession(question.call->session);
  candidate.named_as_sandbox = IsSandbox(*question.policy, number, question.now);
  candidate.challenge = Issued(question, candidate.challenge);
  const ModelClaim* held = question.view->FindClaim(member.organization, number);
  ModelClaim claim;
  claim.holder = member.id;
  claim.lease_end = TakeLease(question, changed.get());
  if (claim.lease_end != 0 || held == nullptr || held->holder != member.id)
    expected->new_claims[PathOf(member.organization, number)] = std::make_shared<ModelClaim>(claim);
  changed->sends = AfterSend(*question.policy, changed->sends, question.now);
  expected->sends_left = SendsLeft(*question.policy, changed->sends, question.now);
  expected->new_member = changed;
  expected->issues = true;
  expected->issued_to = IssuedTo::kCandidate;
  expected->delivers = !candidate.named_as_sandbox;
}

}  // namespace

Expected JudgeStartPhoneChange(const Question& question) {
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  Target target;
  if (!Opens(question, StartShape(*question.call), &target, &expected)) return expected;
  const auto& [org, member] = target;
  const ErrorCode error = MayChange(question, *org, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (RefusesLocked(question, *member, &expected)) return expected;
  if (!member->verified) return refuse(ErrorCode::kMemberPhoneNumberNotFound);
  if (MustShowFactor(question, *member)) return refuse(ErrorCode::kInsufficientFactors);
  const Link link = CheckNumber(question, *member);
  if (link.error != ErrorCode::kOk) return refuse(link.error);
  const ModelChallenge& challenge = member->candidate.challenge;
  const Millis wait = std::max(WaitForSend(*question.policy, member->sends, question.now),
                               HeldBackFor(question, challenge));
  if (wait > 0) {
    expected.retry_after = wait;
    TellOfLiveCode(question, *member, challenge, &expected);
    return refuse(ErrorCode::kTooManyRequests);
  }
  if (IsTaken(question, *member, link.number)) {  // S-19
    expected.new_member = Changed(question, *member, ErrorCode::kDuplicateMemberPhoneNumber);
    expected.new_member->sends = AfterSend(*question.policy, member->sends, question.now);
    return refuse(ErrorCode::kDuplicateMemberPhoneNumber);
  }
  if (question.generator_stuck) return refuse(ErrorCode::kInternalServerError);
  if (!MayBeSent(question, link.number, *member, challenge, &expected)) return expected;
  Name(question, *member, link.number, &expected);
  return expected;
}

namespace {

// the candidate takes the place of the number.
void Swap(const Question& question, const ModelMember& before, ModelMember* member,
          Expected* expected) {
  const ModelCandidate& candidate = before.candidate;
  ReleaseClaim(question, before, expected);
  ModelClaim claim;
  claim.holder = before.id;
  claim.permanent = true;
  expected->new_claims[PathOf(before.organization, candidate.number)] =
      std::make_shared<ModelClaim>(claim);
  member->number = candidate.number;
  member->given_by_host = candidate.given_by_host;
  member->linked_as_sandbox = candidate.named_as_sandbox;
  member->challenge = ModelChallenge();
  member->candidate = ModelCandidate();
  ForgetDevices(member);
  ClearFailures(question, member);
}

// of the candidate's passcode.
void JudgeCode(const Question& question, const ModelMember& member, Expected* expected) {
  const std::string& code = *question.call->code;
  const ModelChallenge& challenge = member.candidate.challenge;
  const auto write = [&](ErrorCode error) {
    expected->error = error;
    expected->new_member = Changed(question, member, error);
    return expected->new_member.get();
  };
  const auto digits = static_cast<size_t>(question.policy->passcode_digits);
  if (challenge.state != ChallengeState::kNone && code.size() != digits) {
    expected->error = ErrorCode::kInvalidCode;
    return;
  }
  switch (LifeOf(question, challenge)) {
    case Life::kNone:
    case Life::kForgotten: expected->error = ErrorCode::kOtpCodeNotFound; return;
    case Life::kDead:
    case Life::kNotYet: expected->error = ErrorCode::kUnableToAuthOtpCode; return;
    case Life::kExpired:
      write(ErrorCode::kUnableToAuthOtpCode)->candidate.challenge.state = ChallengeState::kExpired;
      return;
    case Life::kLive: break;
  }
  if (code == challenge.code) {
    const ModelClaim* claim =
        question.view->FindClaim(member.organization, member.candidate.number);
    if (claim != nullptr && claim->permanent && claim->holder != member.id) {
      write(ErrorCode::kDuplicateMemberPhoneNumber)->candidate.challenge.state =
          ChallengeState::kUsed;
      return;
    }
    return Swap(question, member, write(ErrorCode::kOk), expected);
  }
  if (code == challenge.superseded_code) {
    expected->error = ErrorCode::kUnableToAuthOtpCode;
    return;
  }
  ModelMember* const failed = write(ErrorCode::kOtpCodeNotFound);
  CountFailure(question, &failed->candidate.challenge, failed);
  expected->tries_left =
      question.policy->challenge_failures_max - failed->candidate.challenge.failures;
}

}  // namespace

static ErrorCode FinishShape(const Call& call) {
  const ErrorCode error = OneSessionShape(call);
  if (error != ErrorCode::kOk) return error;
  if (!call.code) return ErrorCode::kBadRequest;
  return IsCodeShaped(*call.code) ? ErrorCode::kOk : ErrorCode::kInvalidCode;
}

Expected JudgeFinishPhoneChange(const Question& question) {
  Expected expected;
  const auto refuse = [&](ErrorCode error) {
    expected.error = error;
    return expected;
  };
  Target target;
  if (!Opens(question, FinishShape(*question.call), &target, &expected)) return expected;
  const auto& [org, member] = target;
  const ErrorCode error = MayChange(question, *org, *member);
  if (error != ErrorCode::kOk) return refuse(error);
  if (MustShowFactor(question, *member)) return refuse(ErrorCode::kInsufficientFactors);
  if (RefusesLocked(question, *member, &expected)) return expected;
  JudgeCode(question, *member, &expected);
  return expected;
}

}  // namespace simulation
}  // namespace otpcore
