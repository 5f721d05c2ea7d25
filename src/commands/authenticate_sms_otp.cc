// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "commands/linking.h"
#include "model/ledgers.h"
#include "otpcore/commands/sms_passcode.h"

namespace otpcore {
namespace {

constexpr CommandKind kKind = CommandKind::kAuthenticateSmsOtp;
constexpr int kSessionMinutesMin = 5;
constexpr int kSessionMinutesMax = 527040;  // 366 days
constexpr int kSessionMinutesDefault = 60;

using Request = AuthenticateSmsOtpRequest;

// What is known of a request once its shape was found right.
struct Shape {
  std::optional<GivenSession> credential;
  Passcode code;
};

Error CheckShape(const CallContext& context, const Request& request, const Facts& facts,
                 Shape* shape) {
  if (const Error error = CheckIds(context, facts, request.organization_id, request.member_id);
      error.code() != ErrorCode::kOk)
    return error;
  auto credential = OneCredential(request.session);
  if (!credential) return credential.error();
  if (!*credential) return ErrorCode::kNoSessionArguments;
  shape->credential = *credential;

  if (!request.code) return Error(ErrorCode::kBadRequest, "code is required");
  auto code = ReadTypedCode(*request.code);
  if (!code) return code.error();
  shape->code = *std::move(code);

  const std::string& enrollment = request.set_mfa_enrollment;
  if (!enrollment.empty() && enrollment != "enroll" && enrollment != "unenroll")
    return Error(ErrorCode::kBadRequest, "set_mfa_enrollment must be enroll or unenroll");
  const int minutes = request.session_duration_minutes.value_or(kSessionMinutesDefault);
  if (minutes < kSessionMinutesMin || minutes > kSessionMinutesMax)
    return ErrorCode::kInvalidSessionDurationMinutes;
  return ErrorCode::kOk;
}

// What a challenge that cannot be answered says, alike for every code.
Error ErrorOfDead(ChallengeState state) {
  return state == ChallengeState::kNone || state == ChallengeState::kVoid
             ? ErrorCode::kOtpCodeNotFound
             : ErrorCode::kUnableToAuthOtpCode;
}

SessionEffect EffectOf(const CallContext& context, const Request& request,
                       const GivenSession& session, const MemberRecord& member) {
  SessionEffect effect;
  effect.credential = session.credential();
  effect.organization_id = member.organization_id;
  effect.member_id = member.member_id;
  effect.session_duration =
      std::chrono::minutes(request.session_duration_minutes.value_or(kSessionMinutesDefault));
  effect.phone_id =
      FormatId("phone-number", context.config->policy().environment, member.enrollment.phone_id);
  effect.phone_number = member.enrollment.phone_number.str();
  return effect;
}

void SetEnrolled(Target* target, bool enrolled, Instant now) {
  if (target->member.mfa_enrolled == enrolled) return;
  target->member.mfa_enrolled = enrolled;
  target->AddEvent(enrolled ? EventKind::kEnrolled : EventKind::kUnenrolled, now);
}

// A-08 … A-10: what success changes of the Member besides the challenge.
ClaimEffect ApplySuccess(const Request& request, Instant now, Target* target) {
  MemberRecord& member = target->member;
  const bool first_proof = member.enrollment.state == EnrollmentState::kPending;
  const Transition transition =
      NextEnrollment(member.enrollment.state, EnrollmentEvent::kAuthenticated);
  member.enrollment.state = transition.next;
  CountSuccess(&member.failures);
  member.updated_at = now;
  target->AddEvent(EventKind::kAuthenticated, now);
  if (first_proof) target->AddEvent(EventKind::kNumberVerified, now);

  if (target->organization->organization.mfa_policy == MfaPolicy::kRequiredForAll) {
    SetEnrolled(target, true, now);
  } else if (!request.set_mfa_enrollment.empty()) {
    SetEnrolled(target, request.set_mfa_enrollment == "enroll", now);
  }
  if (member.default_mfa_method == MfaMethod::kNone || request.set_default_mfa)
    member.default_mfa_method = MfaMethod::kSmsOtp;
  return transition.claim;
}

Decision Succeed(const CallContext& context, const Request& request, const Shape& shape,
                 Target&& target, const Facts& facts) {
  MemberRecord& member = target.member;
  const bool pending = member.enrollment.state == EnrollmentState::kPending;
  const LoadedRecord* const claim =
      facts.Find(ClaimKey(member.organization_id, member.enrollment.phone_number));
  member.challenge.state = ChallengeState::kUsed;

  if (pending && IsProvedByAnother(*claim, member.member_id)) {
    // Another Member proved the number first: the challenge is spent, the session is kept.
    const Error error = ErrorCode::kDuplicateMemberPhoneNumber;
    target.AddEvent(EventKind::kChallengeDead, facts.now, error.code());
    return StartCommit({context.operation_id, kKind, static_cast<uint16_t>(error.code())},
                       std::move(target), error);
  }
  const ClaimEffect claim_effect = ApplySuccess(request, facts.now, &target);
  SessionEffect effect = EffectOf(context, request, *shape.credential, member);
  const Id member_id = member.member_id;
  Commit commit = StartCommit({context.operation_id, kKind, 0}, std::move(target), ErrorCode::kOk);
  if (pending) AddClaimWrite(claim_effect, *claim, member_id, Instant(), &commit.changes.writes);
  commit.changes.session_effect = std::move(effect);
  return commit;
}

// A code that matched neither digest: the one thing that counts.
Decision Fail(const CallContext& context, Target&& target, Instant now) {
  const Policy& policy = context.config->policy();
  const Error error = ErrorCode::kOtpCodeNotFound;
  Challenge& challenge = target.member.challenge;
  ++challenge.failures;
  target.AddEvent(EventKind::kFailure, now, error.code());
  if (challenge.failures >= policy.challenge_failures_max) {
    challenge.state = ChallengeState::kExhausted;
    target.AddEvent(EventKind::kChallengeDead, now, ErrorCode::kUnableToAuthOtpCode);
  }
  const CountedFailure counted = CountFailure(policy, now, &target.member.failures);
  if (counted.locks) target.AddEvent(EventKind::kLocked, now, ErrorCode::kUserLockLimitReached);
  if (counted.at_another_clocks_time && !target.clock_anomaly)
    target.AddEvent(EventKind::kClockAnomaly, now);
  const int tries_left = policy.challenge_failures_max - challenge.failures;
  Commit commit = StartCommit({context.operation_id, kKind, static_cast<uint16_t>(error.code())},
                              std::move(target), error);
  commit.answer.hints.tries_left = std::max(0, tries_left);
  return commit;
}

Decision Expire(const CallContext& context, Target&& target, Instant now) {
  const Error error = ErrorCode::kUnableToAuthOtpCode;
  target.member.challenge.state = ChallengeState::kExpired;
  target.AddEvent(EventKind::kChallengeDead, now, error.code());
  return StartCommit({context.operation_id, kKind, static_cast<uint16_t>(error.code())},
                     std::move(target), error);
}

// Whether the code is the one of `digest`. False also when the key is gone; the caller has checked
// that for the live one.
bool Matches(const CallContext& context, const MemberRecord& member, const ChallengeId& id,
             const PasscodeDigest& digest, const Passcode& code) {
  const DigestKey* const key = context.config->keys().Find(digest.key_id);
  if (key == nullptr) return false;
  const PasscodeBinding binding = {member.organization_id, member.member_id,
                                   member.enrollment.phone_number, id};
  return DigestsEqual(DigestPasscode(*key, digest.key_id, binding, code), digest);
}

// From `length` on: the Member may be asked for a code.
Decision JudgeCode(const CallContext& context, const Request& request, const Shape& shape,
                   Target&& target, const Facts& facts) {
  const MemberRecord& member = target.member;
  const Challenge& challenge = member.challenge;
  const Policy& policy = context.config->policy();
  const auto refuse = [&](Error error) { return Refuse(context, std::move(target), error); };

  if (challenge.state != ChallengeState::kNone && shape.code.size() != challenge.digits)
    return refuse(ErrorCode::kInvalidCode);
  if (challenge.state != ChallengeState::kLive) return refuse(ErrorOfDead(challenge.state));
  // A restore may have brought back a challenge that was used since: a new epoch voids it (L-10).
  if (challenge.epoch != facts.epoch) return refuse(ErrorOfDead(ChallengeState::kVoid));
  // The latest clock the record has met, now included: one that steps back revives nothing (T-02).
  if (challenge.latest_seen >= challenge.expires_at)
    return Expire(context, std::move(target), facts.now);
  if (facts.now < challenge.issued_at - policy.clock_tolerance)
    return refuse(ErrorOfDead(ChallengeState::kExpired));
  if (challenge.failures >= policy.challenge_failures_max)  // under a policy that allowed more
    return refuse(ErrorOfDead(ChallengeState::kExhausted));
  if (context.config->keys().Find(challenge.digest.key_id) == nullptr)
    return refuse(Error(ErrorCode::kInternalServerError, "the challenge's digest key is gone"));

  if (member.enrollment.state == EnrollmentState::kPending) {
    // Loaded before the code is looked at, so that the load tells nothing about it.
    const RecordKey key = ClaimKey(member.organization_id, member.enrollment.phone_number);
    if (facts.Find(key) == nullptr) return LoadMore{{key}, {}, false};
  }
  if (Matches(context, member, challenge.id, challenge.digest, shape.code))
    return Succeed(context, request, shape, std::move(target), facts);
  if (!challenge.superseded_id.empty() &&
      Matches(context, member, challenge.superseded_id, challenge.superseded_digest, shape.code))
    return refuse(ErrorCode::kUnableToAuthOtpCode);
  return Fail(context, std::move(target), facts.now);
}

}  // namespace

Decision AuthenticateSmsOtp::Plan(const CallContext& context, const Request& request,
                                  const Facts& facts) {
  Shape shape;
  if (const Error error = CheckShape(context, request, facts, &shape);
      error.code() != ErrorCode::kOk)
    return RefuseRequest(error);

  Target target;
  const Lookup lookup = {request.organization_id, request.member_id, &shape.credential, false};
  if (auto instead = FindTarget(context, lookup, facts, &target)) return *std::move(instead);
  const auto refuse = [&](Error error) { return Refuse(context, std::move(target), error); };

  if (IsRepeated(context, target)) {
    Decision decision = AnswerRepeated(kKind, facts, std::move(target));
    Answer& answer = *std::get_if<Answer>(&decision);
    if (answer.error.code() != ErrorCode::kOk) return decision;
    // Only an intermediate token may be gone because of this success.
    if (!facts.session && shape.credential->kind != SessionCredential::Kind::kIntermediateToken)
      return RefuseRequest(ErrorCode::kSessionNotFound);
    answer.session_effect = EffectOf(context, request, *shape.credential, *answer.member);
    return decision;
  }
  if (const Error error = CheckSession(shape.credential, facts, target.member);
      error.code() != ErrorCode::kOk)
    return refuse(error);
  if (!facts.session->has_primary_factor)
    return refuse(ErrorCode::kActionAvailableOnlyOncePrimaryAuthenticationIsMet);
  const MemberRecord& member = target.member;
  if (member.status != MemberStatus::kActive)
    return refuse(ErrorCode::kActionAvailableOnlyForActiveMembers);
  if (!target.organization->organization.AllowsSmsOtp() && !member.is_breakglass)
    return refuse(ErrorCode::kOperationRestrictedByOrganizationMfaMethods);
  // S-12, of a number that was linked before there was another factor.
  if (member.enrollment.state == EnrollmentState::kPending && LacksFactor(facts, member))
    return refuse(ErrorCode::kInsufficientFactors);
  if (IsLocked(member.failures, facts.now)) {
    target.AddEvent(EventKind::kRefusedByLimit, facts.now, ErrorCode::kUserLockLimitReached);
    return refuse(
        Error(ErrorCode::kUserLockLimitReached, LockRemaining(member.failures, facts.now)));
  }
  return JudgeCode(context, request, shape, std::move(target), facts);
}

Result<AuthenticateSmsOtpResponse> AuthenticateSmsOtp::Respond(const CallContext&, const Request&,
                                                               Conclusion&& conclusion) {
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  std::optional<SessionEffect>& committed = conclusion.changes.session_effect;
  return AuthenticateSmsOtpResponse{
      ViewOf(std::move(*conclusion.member()), conclusion.now),
      conclusion.answer.organization->organization,
      std::move(committed ? *committed : *conclusion.answer.session_effect)};
}

}  // namespace otpcore
