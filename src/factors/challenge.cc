// SPDX-License-Identifier: Apache-2.0
#include "factors/challenge.h"

#include <algorithm>

namespace otpcore {
namespace {

PasscodeBinding BindingOf(const ChallengeScope& scope, const ChallengeId& id,
                          EmailPurpose purpose) {
  return {scope.factor, scope.organization_id, scope.member_id, scope.address, id, purpose};
}

// False also when the key is gone.
bool Matches(const ChallengeScope& scope, const ChallengeId& id, EmailPurpose purpose,
             const PasscodeDigest& digest, const Passcode& code) {
  const DigestKey* const key = scope.keys.Find(digest.key_id);
  return key != nullptr &&
         DigestsEqual(DigestPasscode(*key, digest.key_id, BindingOf(scope, id, purpose), code),
                      digest);
}

}  // namespace

void IssueChallenge(const ChallengeScope& scope, const ChallengeId& id, RunId issued_by,
                    Duration life, const Passcode& passcode, Challenge* challenge) {
  const bool may_be_held =
      challenge->state != ChallengeState::kNone && challenge->state != ChallengeState::kVoid;
  challenge->superseded_id = may_be_held ? challenge->id : ChallengeId();
  if (may_be_held) challenge->superseded_digest = challenge->digest;
  challenge->state = ChallengeState::kLive;
  challenge->id = id;
  challenge->issued_at = challenge->latest_seen = scope.now;
  challenge->expires_at = scope.now + life;
  challenge->epoch = scope.epoch;
  challenge->failures = 0;
  challenge->digits = static_cast<uint8_t>(passcode.size());
  challenge->linked_its_address = false;
  challenge->issued_by = issued_by;
  challenge->session = 0;
  challenge->device = 0;
  const uint32_t key_id = scope.keys.current_id();
  const DigestKey& key = *scope.keys.Find(key_id);  // no Config is without one
  challenge->digest = DigestPasscode(key, key_id, BindingOf(scope, id, scope.purpose), passcode);
}

std::optional<Verdict> WhyNotCompared(const ChallengeScope& scope, const Challenge& challenge,
                                      size_t digits) {
  if (challenge.state == ChallengeState::kNone) return Verdict::kNone;
  if (digits != challenge.digits) return Verdict::kMalformed;
  if (challenge.state == ChallengeState::kVoid) return Verdict::kNone;
  if (challenge.state != ChallengeState::kLive) return Verdict::kDead;
  // A restore may have brought back a challenge that was used since: a new epoch voids it (L-10).
  if (challenge.epoch != scope.epoch) return Verdict::kNone;
  // The latest clock the record has met, now included: one that steps back revives nothing (T-02).
  if (challenge.latest_seen >= challenge.expires_at) return Verdict::kExpired;
  if (scope.now < challenge.issued_at - scope.policy.clock_tolerance) return Verdict::kDead;
  // Under a policy that allowed more.
  if (challenge.failures >= scope.policy.challenge_failures_max) return Verdict::kDead;
  if (scope.keys.Find(challenge.digest.key_id) == nullptr) return Verdict::kKeyGone;
  return std::nullopt;
}

bool IsLive(const ChallengeScope& scope, const Challenge& challenge) {
  return !WhyNotCompared(scope, challenge, challenge.digits);
}

int TriesLeft(const Policy& policy, const Challenge& challenge) {
  return std::max(0, policy.challenge_failures_max - int{challenge.failures});
}

Verdict CompareCode(const ChallengeScope& scope, const Challenge& challenge, const Passcode& code) {
  Verdict verdict = Verdict::kWrong;
  if (Matches(scope, challenge.id, scope.purpose, challenge.digest, code)) {
    verdict = Verdict::kMatch;
  } else if (!challenge.superseded_id.empty() &&
             Matches(scope, challenge.superseded_id, scope.superseded_purpose,
                     challenge.superseded_digest, code)) {
    verdict = Verdict::kSuperseded;
  }
  return verdict;
}

}  // namespace otpcore
