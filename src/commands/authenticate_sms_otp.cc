// SPDX-License-Identifier: Apache-2.0
#include "commands/devices.h"
#include "commands/linking.h"
#include "commands/prove_factor.h"
#include "commands/request_fields.h"
#include "commands/send_code.h"
#include "factors/challenge.h"
#include "otpcore/commands/sms_passcode.h"

namespace otpcore {
namespace {

// The SMS passcode as ProveFactor takes it.
class SmsPasscode {
 public:
  SmsPasscode(const CallContext& context, const Passcode& code) : context_(context), code_(code) {}

  const FactorTraits& traits() const { return TraitsOf(FactorKind::kSmsPasscode); }
  bool pending(const FoundMember& found) const {
    return found.member.phone.state == EnrollmentState::kPending;
  }

  bool Judge(const FoundMember& found, const Facts& facts, Verdict* verdict, Decision* decision) {
    const MemberRecord& member = found.member;
    const ChallengeScope scope =
        ScopeOf(context_, facts, FactorKind::kSmsPasscode, member, member.phone.number);
    if (const auto why_not = WhyNotCompared(scope, member.challenge, code_.size())) {
      *verdict = *why_not;
      return true;
    }
    // Loaded before the code is looked at, so that the load tells nothing about it.
    was_pending_ = pending(found);
    if (was_pending_ &&
        !FindClaim(facts, member.organization_id, member.phone.number, &claim_, decision))
      return false;
    *verdict = CompareCode(scope, member.challenge, code_);
    return true;
  }

  // proves the number, unless another Member proved it first.
  Error Accept(const Facts& facts, FoundMember* found, Decision* decision) {
    MemberRecord& member = found->member;
    member.challenge.state = ChallengeState::kUsed;
    if (was_pending_ && claim_.ProvedByAnother(member.member_id)) {
      const ErrorCode error = ErrorCode::kDuplicateMemberPhoneNumber;
      AddEvent(*found, member.challenge.id, EventKind::kChallengeDead, facts.now, error, decision);
      return error;
    }
    const Transition transition =
        NextEnrollment(member.phone.state, EnrollmentEvent::kAuthenticated);
    member.phone.state = transition.next;
    claim_effect_ = transition.claim;
    const ChallengeId& id = member.challenge.id;
    AddEvent(*found, id, EventKind::kAuthenticated, facts.now, ErrorCode::kOk, decision);
    if (was_pending_) {
      AddEvent(*found, id, EventKind::kNumberVerified, facts.now, ErrorCode::kOk, decision);
      ForgetAllDevices(facts.now, found, decision);
    }
    return ErrorCode::kOk;
  }

  void Fail(const Facts& facts, FoundMember* found, Decision* decision) {
    Challenge& challenge = found->member.challenge;
    ++challenge.failures;
    if (tries_left(found->member) > 0) return;
    challenge.state = ChallengeState::kExhausted;
    AddEvent(*found, challenge.id, EventKind::kChallengeDead, facts.now, traits().errors.dead,
             decision);
  }

  void Expire(const Facts& facts, FoundMember* found, Decision* decision) {
    Challenge& challenge = found->member.challenge;
    challenge.state = ChallengeState::kExpired;
    AddEvent(*found, challenge.id, EventKind::kChallengeDead, facts.now, traits().errors.dead,
             decision);
  }

  FactorProof Proof(const MemberRecord& member) const {
    FactorProof proof;
    proof.kind = FactorKind::kSmsPasscode;
    proof.id = member.phone.id;
    proof.address.Assign(member.phone.number);
    return proof;
  }

  void WriteMore(const FoundMember& found, Decision* decision) {
    if (was_pending_) WriteClaim({claim_effect_, &claim_, {}}, found.member.member_id, decision);
  }

  int weight() const { return 1; }
  ChallengeId challenge_id(const MemberRecord& member) const { return member.challenge.id; }
  int tries_left(const MemberRecord& member) const {
    return TriesLeft(context_.config->policy(), member.challenge);
  }

 private:
  const CallContext& context_;
  const Passcode& code_;
  LoadedClaim claim_;
  bool was_pending_ = false;
  ClaimEffect claim_effect_ = ClaimEffect::kKeep;
};

}  // namespace

Error AuthenticateSmsOtp::Check(const CallContext& context, const Request& request,
                                Checked* checked) {
  const Error error = CheckProofTarget(context, request.organization_id, request.member_id,
                                       request.session, checked);
  if (!error.ok()) return error;
  if (!request.code) return Error(ErrorCode::kBadRequest, "code is required");
  Result<Passcode> code = ReadTypedCode(*request.code);
  if (!code) return code.error();
  checked->code = *std::move(code);
  return CheckProofOptions(request, checked);
}

void AuthenticateSmsOtp::AddFields(const Request& request, const Checked& checked,
                                   RequestTag* tag) {
  AddAll<9>(request, checked, tag);
}

void AuthenticateSmsOtp::Plan(const CallContext& context, const Checked& checked,
                              const Facts& facts, Decision* decision) {
  SmsPasscode factor(context, checked.code);
  ProveFactor(context, checked, facts, factor, decision);
}

}  // namespace otpcore
