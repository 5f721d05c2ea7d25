// SPDX-License-Identifier: Apache-2.0
// The challenge of a delivered passcode, whatever its channel: issue it, see whether it can still
// be answered, judge a typed code (rules S-09, S-10, A-03 … A-07, T-02, L-10).
#ifndef OTPCORE_SRC_FACTORS_CHALLENGE_H_
#define OTPCORE_SRC_FACTORS_CHALLENGE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "otpcore/factors/verdict.h"
#include "otpcore/model/factor.h"
#include "otpcore/model/member.h"
#include "otpcore/model/policy.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// Whose challenge it is, and under which configuration it is looked at.
struct ChallengeScope {
  const Policy& policy;
  const KeyRing& keys;
  FactorKind factor;
  const EntityId& organization_id;
  const EntityId& member_id;
  std::string_view address;
  Instant now;
  uint64_t epoch;  // the store's
  // Of a passcode by e-mail, and of the one before it.
  EmailPurpose purpose = EmailPurpose::kNone;
  EmailPurpose superseded_purpose = EmailPurpose::kNone;
};

// Replaces `*challenge` by a live one for `passcode`, good for `life`. The one before, if someone
// may still hold its passcode, is remembered as superseded.
void IssueChallenge(const ChallengeScope& scope, const ChallengeId& id, RunId issued_by,
                    Duration life, const Passcode& passcode, Challenge* challenge);

// Why no code with `digits` digits is compared with `challenge`; absent: compare it.
std::optional<Verdict> WhyNotCompared(const ChallengeScope& scope, const Challenge& challenge,
                                      size_t digits);

// Whether its passcode can still be answered.
bool IsLive(const ChallengeScope& scope, const Challenge& challenge);

// Wrong codes until it is dead.
int TriesLeft(const Policy& policy, const Challenge& challenge);

// Compares: kMatch, kSuperseded or kWrong. Costs one digest, or two when the first does not match.
Verdict CompareCode(const ChallengeScope& scope, const Challenge& challenge, const Passcode& code);

}  // namespace otpcore

#endif  // OTPCORE_SRC_FACTORS_CHALLENGE_H_
