// SPDX-License-Identifier: Apache-2.0
#include "commands/prove_factor.h"

#include "commands/devices.h"
#include "model/ledgers.h"

namespace otpcore {
namespace {

constexpr int kSessionMinutesMin = 5;
constexpr int kSessionMinutesMax = 527040;  // 366 days
constexpr int kSessionMinutesDefault = 60;

void SetEnrolled(FoundMember* found, bool enrolled, Instant now, Decision* decision) {
  if (found->member.mfa_enrolled == enrolled) return;
  if (!enrolled) ForgetAllDevices(now, found, decision);
  found->member.mfa_enrolled = enrolled;
  AddEvent(*found, enrolled ? EventKind::kEnrolled : EventKind::kUnenrolled, now, decision);
}

//
void Enroll(const CheckedProof& checked, Instant now, MfaMethod method, FoundMember* found,
            Decision* decision) {
  if (found->organization.organization.mfa_policy == MfaPolicy::kRequiredForAll) {
    SetEnrolled(found, true, now, decision);
  } else if (checked.enrolls) {
    SetEnrolled(found, *checked.enrolls, now, decision);
  }
  if (found->member.default_mfa_method == MfaMethod::kNone || checked.set_default_mfa)
    SetDefaultMethod(method, now, found, decision);
}

void AddLocked(const FoundMember& found, Instant now, LockRule rule, Decision* decision) {
  Event event = EventOf(found.member.phone, ChallengeId(), EventKind::kLocked, now,
                        ErrorCode::kUserLockLimitReached);
  event.lock_rule = rule;
  decision->answer.events.Add(event);
}

// Whether the session may be given a proof of this factor (S-11, A-12, S-08, S-13).
Error CheckProver(const CheckedProof& checked, const Facts& facts, const FactorTraits& traits,
                  const FoundMember& found) {
  const Error error = CheckSession(checked, facts, found.member);
  if (!error.ok()) return error;
  if (!facts.session->factors.HasPrimary())
    return ErrorCode::kActionAvailableOnlyOncePrimaryAuthenticationIsMet;
  return CheckStatusAndMethod(found, traits);
}

}  // namespace

Error CheckProofTarget(const CallContext& context, const std::string& organization_id,
                       const std::string& member_id, const SessionArguments& session,
                       CheckedProof* checked) {
  const Error error = CheckMember(context, organization_id, member_id, &session, checked);
  if (!error.ok()) return error;
  return checked->session ? ErrorCode::kOk : ErrorCode::kNoSessionArguments;
}

Error CheckSessionMinutes(std::optional<int> minutes, Duration* duration) {
  const int asked = minutes.value_or(kSessionMinutesDefault);
  if (asked < kSessionMinutesMin || asked > kSessionMinutesMax)
    return ErrorCode::kInvalidSessionDurationMinutes;
  *duration = std::chrono::minutes(asked);
  return ErrorCode::kOk;
}

Error CheckProofOptions(const std::string& set_mfa_enrollment,
                        std::optional<int> session_duration_minutes, const std::string& device,
                        CheckedProof* checked) {
  if (set_mfa_enrollment == "enroll") {
    checked->enrolls = true;
  } else if (set_mfa_enrollment == "unenroll") {
    checked->enrolls = false;
  } else if (!set_mfa_enrollment.empty()) {
    return Error(ErrorCode::kBadRequest, "set_mfa_enrollment must be enroll or unenroll");
  }
  const Error error = CheckSessionMinutes(session_duration_minutes, &checked->session_duration);
  return error.ok() ? CheckDevice(device, &checked->device) : error;
}

bool MayProve(const CallContext& context, const CheckedProof& checked, const Facts& facts,
              const FactorTraits& traits, FoundMember* found, Decision* decision) {
  const Error error = CheckProver(checked, facts, traits, *found);
  if (!error.ok()) Refuse(context, *found, facts, error, decision);
  return error.ok();
}

void AnswerRepeatedProof(const CallContext& context, const CheckedProof& checked,
                         const Facts& facts, const FactorTraits& traits, const FactorProof& proof,
                         const FoundMember& found, Decision* decision) {
  if (!AnswerRepeated(context, facts, found, decision)) return;
  // An intermediate token that is gone was consumed by this very success: the request is the same.
  const bool is_consumed =
      !facts.session && checked.session->kind == SessionCredential::Kind::kIntermediateToken;
  const Error error = is_consumed ? CheckStatusAndMethod(found, traits)
                                  : CheckProver(checked, facts, traits, found);
  if (!error.ok()) return RefuseRepeated(error, decision);
  FillEffect(checked, proof, found.member, facts.now, &decision->RepeatSessionEffect());
}

bool MayAnswer(const CallContext& context, const Facts& facts, bool pending,
               const FoundMember& found, Decision* decision) {
  if (pending && LacksFactor(facts, found.member)) {
    Refuse(context, found, facts, ErrorCode::kInsufficientFactors, decision);
    return false;
  }
  const FailureLedger& failures = found.member.failures;
  if (!IsLocked(failures, facts.now) || found.device >= 0) return true;
  const Error error(ErrorCode::kUserLockLimitReached, LockRemaining(failures, facts.now));
  AddEvent(found, EventKind::kRefusedByLimit, facts.now, error.code(), decision);
  Refuse(context, found, facts, error, decision);
  return false;
}

Error VerdictError(Verdict verdict, const FactorTraits& traits) {
  switch (verdict) {
    case Verdict::kMalformed: return traits.errors.malformed;
    case Verdict::kSuperseded:
    case Verdict::kUsedStep: return traits.errors.used;
    case Verdict::kExpired:
    case Verdict::kDead: return traits.errors.dead;
    case Verdict::kKeyGone:
      return Error(ErrorCode::kInternalServerError, "the key of the code is gone");
    case Verdict::kMatch:
    case Verdict::kWrong: return traits.errors.wrong;
    case Verdict::kNone: return traits.errors.none;
  }
  return ErrorCode::kInternalServerError;
}

void Succeed(const CallContext& context, const CheckedProof& checked, const Facts& facts,
             const FactorTraits& traits, const FactorProof& proof, FoundMember* found,
             Decision* decision) {
  MemberRecord& member = found->member;
  ClearFailures(context, facts, &member);
  member.updated_at = facts.now;
  if (traits.enrolls) Enroll(checked, facts.now, traits.method, found, decision);
  NoteDevice(context, checked.device, checked.remember_device, facts, found, decision);
  FillEffect(checked, proof, member, facts.now, &decision->AddSessionEffect());
  CommitMember(context, facts, found, ErrorCode::kOk, decision);
}

void ClearFailures(const CallContext& context, const Facts& facts, MemberRecord* member) {
  CountSuccess(facts.now, &member->failures);
  if (HasFailuresOfSessions(member->failures))
    ForgiveFailures(context.config->policy(), facts.now, TagOfSession(context, facts, *member),
                    &member->failures);
}

void CountFailedCode(const CallContext& context, const Facts& facts, const FactorTraits& traits,
                     int weight, FoundMember* found, Decision* decision) {
  if (found->device >= 0) {
    CountFailedCodeOnDevice(facts, weight, found, decision);
    return CommitMember(context, facts, found, traits.errors.wrong, decision);
  }
  const CountedFailure counted =
      CountFailure(context.config->policy(), facts.now, &found->member.failures, weight,
                   TagOfSession(context, facts, found->member));
  if (counted.locks != LockRule::kNone) AddLocked(*found, facts.now, counted.locks, decision);
  if (counted.at_another_clocks_time && !found->clock_anomaly)
    AddEvent(*found, EventKind::kClockAnomaly, facts.now, decision);
  CommitMember(context, facts, found, traits.errors.wrong, decision);
}

void FillEffect(const CheckedProof& checked, const FactorProof& proof, const MemberRecord& member,
                Instant now, SessionEffect* effect) {
  const bool intermediate = checked.session->kind == SessionCredential::Kind::kIntermediateToken;
  effect->kind = intermediate ? SessionEffect::Kind::kUpgrade : SessionEffect::Kind::kExtend;
  effect->credential = *checked.session;
  effect->organization_id = member.organization_id;
  effect->member_id = member.member_id;
  effect->duration = checked.session_duration;
  effect->proof = proof;
  effect->proof.at = now;
}

}  // namespace otpcore
