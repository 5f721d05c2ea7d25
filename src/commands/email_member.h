// SPDX-License-Identifier: Apache-2.0
// What the commands that find a Member by their e-mail address share (rules EM-05 … EM-08, EM-14,
// EM-15).
#ifndef OTPCORE_SRC_COMMANDS_EMAIL_MEMBER_H_
#define OTPCORE_SRC_COMMANDS_EMAIL_MEMBER_H_

#include <optional>
#include <string>
#include <string_view>

#include "commands/email_code.h"
#include "commands/find_member.h"
#include "commands/member_fields.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// Loads the Organization, the Member with this address, and the session, all that is there at once.
// False: `*decision` loads more or refuses. True with `*exists` false: no Member has the address,
// and only `found->organization` is filled in.
bool FindMemberByEmail(const CallContext& context, const CheckedOrganization& checked,
                       std::string_view email_address,
                       const std::optional<SessionCredential>& session, const Facts& facts,
                       FoundMember* found, bool* exists, Decision* decision);

// EM-08. `member`: null when no Member has the address; a breakglass Member is exempt.
Error CheckEmailMethod(const Organization& organization, const MemberRecord* member);

// The Member as the owner of their passcodes. Views the address, which must stay.
inline EmailOwner OwnerOf(MemberRecord& member, const Address& canonical_address) {
  return {member.organization_id, member.member_id, canonical_address, member.email};
}

// ---- A Member whom nobody has made yet (EM-06, EM-07) ----

// The host's word on an address that no Member has.
Error ErrorOf(JustInTime word);
// The id that MakeMember gives. A repeated operation finds the Member that it made: the id is made
// of the operation's.
EntityId NewMemberId(const CallContext& context, const Facts& facts);
// Fills in a pending Member with this address, whose names `*names` writes. False: `*decision`
// loads more, or refuses.
bool MakeMember(const CallContext& context, std::string_view email_address, const Facts& facts,
                FoundMember* found, NameChanges* names, Decision* decision);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_EMAIL_MEMBER_H_
