// SPDX-License-Identifier: Apache-2.0
// What passcodes by e-mail have in common, whether a Member's or of an address outside any
// Organization: shape, lock and limits, the issue, the verdict, a counted failure (rules EM-05,
// EM-09, EM-12, EM-14, EM-21, EM-30, L-12).
#ifndef OTPCORE_SRC_COMMANDS_EMAIL_CODE_H_
#define OTPCORE_SRC_COMMANDS_EMAIL_CODE_H_

#include <optional>
#include <string>
#include <string_view>

#include "commands/find_member.h"
#include "factors/challenge.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// ---- Check ----

// kBadRequest when it is absent, kInvalidEmail when it is none (EM-01).
Error CheckEmailAddress(const std::string& text, std::string_view* checked);
// kInvalidExpirationOtp when `minutes` are not what the policy allows (EM-09).
Error CheckEmailLife(const Policy& policy, std::optional<int> minutes, Duration* life);
// kInvalidLocale (EM-10).
Error CheckEmailLocale(const std::string& text, Locale* locale);
// kBadRequest when it is too long.
Error CheckTemplateId(const std::string& text, std::string_view* checked);

// ---- Whose ----

// Whose passcodes they are. Views what it is made of. The ids are empty outside Organizations.
struct EmailOwner {
  const EntityId& organization_id;
  const EntityId& member_id;
  const Address& canonical_address;
  EmailFactor& email;
};

// In which the owner's challenge is judged, or issued for `purpose`.
ChallengeScope EmailScopeOf(const CallContext& context, const Facts& facts, const EmailOwner& owner,
                            EmailPurpose purpose);

// The sandbox's entry for the address; null: it has none, or it is over (EM-34).
const SandboxAddress* FindSandboxAddress(const Policy& policy, const Address& canonical_address,
                                         Instant now);

// An event about the owner's passcode `id`, or without one. It shows nothing of the address (V-02).
void AddEmailEvent(EventKind kind, const ChallengeId& id, Instant now, ErrorCode reason,
                   Decision* decision);

// ---- Send ----

// kOk, or kEmailLockLimitReached with the wait.
Error CheckEmailLock(const EmailFactor& email, Instant now);
// The same, or kTooManyRequests.
Error CheckEmailSend(const Policy& policy, const EmailFactor& email, Instant now);
// What the host is told of the passcode that a limit left alive (S-20). After the refusal.
void TellOfLiveEmailCode(const CallContext& context, const Facts& facts, const EmailOwner& owner,
                         Error error, Decision* decision);
// Draws the passcode, or takes the sandbox's.
Error DrawEmailPasscode(const Policy& policy, const Facts& facts, const SandboxAddress* sandbox,
                        Passcode* passcode);
// The quota of sends to one mailbox over all Organizations (EM-21).
Quota MailboxQuota(const Policy& policy, const Address& canonical_address);

struct EmailSending {
  EmailPurpose purpose;
  Duration life;
  Locale locale;
  std::string_view to;  // as the record has it (EM-03)
  std::string_view template_id;
  bool in_sandbox = false;  // then nothing is delivered
};
// Issues the challenge and adds message, event and hints. The caller then writes the record.
void IssueEmailCode(const CallContext& context, const Facts& facts, const EmailSending& sending,
                    const EmailOwner& owner, Passcode passcode, Decision* decision);

// ---- Authenticate ----

// Of an intermediate session: one that waits for its second factor, or for its Organization (EM-17,
// EM-26).
inline constexpr Duration kIntermediateLife = std::chrono::minutes(10);

// The work of a comparison where there is nothing to compare with (EM-14).
void CompareInVain(const CallContext& context, const Passcode& code);
// What the code is. The same work whether there is a challenge or none.
Verdict JudgeEmailCode(const CallContext& context, const Facts& facts, const EmailOwner& owner,
                       const Passcode& code);
// Counts a wrong code, with its events. `knows_of_anomaly`: the command has an event of it.
void CountWrongEmailCode(const CallContext& context, const Facts& facts, SessionTag session,
                         bool knows_of_anomaly, EmailFactor* email, Decision* decision);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_EMAIL_CODE_H_
