// SPDX-License-Identifier: Apache-2.0
// ProveFactor: what proving a second factor has in common. Session, status, method, S-12, lock,
// verdict, ledger, events and session effect stand here once (rules A-01 … A-14). It names no
// factor: what differs is in the factor's row (FactorTraits) or in what the factor brings:
//
//   struct Factor {
//     // Its row, of kFactorTable.
//     const FactorTraits& traits() const;
//     // A pending factor cannot be proved by a session that lacks the ones there are (S-12).
//     bool pending(const FoundMember&) const;
//     // Tells what the code is, and writes nothing. False: `*decision` loads more, or refuses.
//     bool Judge(const FoundMember&, const Facts&, Verdict*, Decision*);
//
//     // These note the verdict in the factor's own fields of the Member's record. That record is
//     // written once, with the ledger, the session effect and the mark of the operation.
//     //
//     // The code was right. Returns kOk, or the error that it is answered with all the same: the
//     // code is then used up, and nothing is counted. Adds the event of the success.
//     Error Accept(const Facts&, FoundMember*, Decision*);
//     void Fail(const Facts&, FoundMember*, Decision*);
//     void Expire(const Facts&, FoundMember*, Decision*);
//
//     // What was proved, for the session. Of a repeated operation Judge was not called, and the
//     // record is that of the success.
//     FactorProof Proof(const MemberRecord&) const;
//     // Writes beside the Member's record, after a success.
//     void WriteMore(const FoundMember&, Decision*);
//     // For the host: wrong codes until what was issued is dead. 0: only the ledger counts them.
//     int tries_left(const MemberRecord&) const;
//     // What a wrong code weighs: how many would have been right (L-11).
//     int weight() const;
//     // The challenge that a code answers; empty: none.
//     ChallengeId challenge_id(const MemberRecord&) const;
//   };
#ifndef OTPCORE_SRC_COMMANDS_PROVE_FACTOR_H_
#define OTPCORE_SRC_COMMANDS_PROVE_FACTOR_H_

#include <optional>
#include <string>

#include "commands/find_member.h"
#include "otpcore/commands/checked.h"
#include "otpcore/factors/verdict.h"

namespace otpcore {

// The fields that every request to prove a factor has, without its code. Errors: those of
// CheckMember, kNoSessionArguments, kTooManySessionArguments.
Error CheckProofTarget(const CallContext& context, const std::string& organization_id,
                       const std::string& member_id, const SessionArguments& session,
                       CheckedProof* checked);
// kInvalidSessionDurationMinutes unless they are 5 … 527040; absent: 60.
Error CheckSessionMinutes(std::optional<int> minutes, Duration* duration);
// What stands behind the code. Errors: kBadRequest, kInvalidSessionDurationMinutes.
Error CheckProofOptions(const std::string& set_mfa_enrollment,
                        std::optional<int> session_duration_minutes, const std::string& device,
                        CheckedProof* checked);
template <typename Request>
Error CheckProofOptions(const Request& request, CheckedProof* checked) {
  checked->set_default_mfa = request.set_default_mfa;
  checked->remember_device = request.remember_device;
  return CheckProofOptions(request.set_mfa_enrollment, request.session_duration_minutes,
                           request.device, checked);
}

// The steps before the code is looked at. False: `*decision` loads more, refuses, or answers a
// repeated operation.
bool MayProve(const CallContext& context, const CheckedProof& checked, const Facts& facts,
              const FactorTraits& traits, FoundMember* found, Decision* decision);
// Answers a repeated proof. A success gives its effect again, if the session may still have it.
void AnswerRepeatedProof(const CallContext& context, const CheckedProof& checked,
                         const Facts& facts, const FactorTraits& traits, const FactorProof& proof,
                         const FoundMember& found, Decision* decision);
// S-12 for a factor that is pending, then the lock, which does not stop a known device (DV-03).
bool MayAnswer(const CallContext& context, const Facts& facts, bool pending,
               const FoundMember& found, Decision* decision);
// What a verdict answers when nothing is counted.
Error VerdictError(Verdict verdict, const FactorTraits& traits);

// What success changes besides the factor's own state: ledger, enrolment, default method, session.
void Succeed(const CallContext& context, const CheckedProof& checked, const Facts& facts,
             const FactorTraits& traits, const FactorProof& proof, FoundMember* found,
             Decision* decision);
// What a success does to the failures (L-02, L-03, L-05).
void ClearFailures(const CallContext& context, const Facts& facts, MemberRecord* member);
// Counts a failure, with its events: of the Member, or on the known device that it came from.
void CountFailedCode(const CallContext& context, const Facts& facts, const FactorTraits& traits,
                     int weight, FoundMember* found, Decision* decision);
// The effect of a success on the session that was given.
void FillEffect(const CheckedProof& checked, const FactorProof& proof, const MemberRecord& member,
                Instant now, SessionEffect* effect);

template <typename Factor>
void ProveFactor(const CallContext& context, const CheckedProof& checked, const Facts& facts,
                 Factor& factor, Decision* decision) {
  FoundMember found;
  const FactorTraits& traits = factor.traits();
  if (!FindMember(context, checked, facts, {}, &found, decision)) return;
  decision->answer.events.factor = traits.kind;
  if (IsRepeated(context, found.earlier)) {
    return AnswerRepeatedProof(context, checked, facts, traits, factor.Proof(found.member), found,
                               decision);
  }
  if (!MayProve(context, checked, facts, traits, &found, decision) ||
      !MayAnswer(context, facts, factor.pending(found), found, decision))
    return;
  Verdict verdict = Verdict::kNone;
  if (!factor.Judge(found, facts, &verdict, decision)) return;
  switch (verdict) {
    case Verdict::kMatch: {
      const Error error = factor.Accept(facts, &found, decision);
      if (!error.ok()) return CommitMember(context, facts, &found, error, decision);
      Succeed(context, checked, facts, traits, factor.Proof(found.member), &found, decision);
      return factor.WriteMore(found, decision);
    }
    case Verdict::kWrong:
      AddEvent(found, factor.challenge_id(found.member), EventKind::kFailure, facts.now,
               traits.errors.wrong, decision);
      factor.Fail(facts, &found, decision);
      CountFailedCode(context, facts, traits, factor.weight(), &found, decision);
      decision->answer.hints.tries_left = factor.tries_left(found.member);
      return;
    case Verdict::kExpired:
      factor.Expire(facts, &found, decision);
      return CommitMember(context, facts, &found, traits.errors.dead, decision);
    default: return Refuse(context, found, facts, VerdictError(verdict, traits), decision);
  }
}

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_PROVE_FACTOR_H_
