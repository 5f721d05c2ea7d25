// SPDX-License-Identifier: Apache-2.0
// What the commands of passcodes by e-mail share: the Member by their address, the scope of their
// challenge, the lock (rules EM-05, EM-08, EM-14, EM-15, L-12).
#ifndef OTPCORE_SRC_COMMANDS_EMAIL_MEMBER_H_
#define OTPCORE_SRC_COMMANDS_EMAIL_MEMBER_H_

#include <optional>
#include <string>
#include <string_view>

#include "commands/find_member.h"
#include "factors/challenge.h"
#include "otpcore/commands/checked.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// kBadRequest when it is absent, kInvalidEmail when it is none (EM-01).
Error CheckEmailAddress(const std::string& text, std::string_view* checked);

// Loads the Organization, the Member with this address, and the session, all that is there at once.
// False: `*decision` loads more or refuses. True with `*exists` false: no Member has the address,
// and only `found->organization` is filled in.
bool FindMemberByEmail(const CallContext& context, const CheckedOrganization& checked,
                       std::string_view email_address,
                       const std::optional<SessionCredential>& session, const Facts& facts,
                       FoundMember* found, bool* exists, Decision* decision);

// EM-08. `member`: null when no Member has the address; a breakglass Member is exempt.
Error CheckEmailMethod(const Organization& organization, const MemberRecord* member);

// kOk, or kEmailLockLimitReached with the wait.
Error CheckEmailLock(const EmailFactor& email, Instant now);

// The scope in which the Member's e-mail challenge is judged, or issued for `purpose`. Views the
// address, which must stay.
ChallengeScope EmailScopeOf(const CallContext& context, const Facts& facts,
                            const MemberRecord& member, const Address& canonical_address,
                            EmailPurpose purpose);

// The sandbox's entry for the address; null: it has none, or it is over (EM-34).
const SandboxAddress* FindSandboxAddress(const Policy& policy, const Address& canonical_address,
                                         Instant now);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_EMAIL_MEMBER_H_
