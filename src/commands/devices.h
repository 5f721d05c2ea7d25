// SPDX-License-Identifier: Apache-2.0
// The known devices of a Member, and the tag of the session a command came in (rules DV-01 … DV-06,
// S-21).
#ifndef OTPCORE_SRC_COMMANDS_DEVICES_H_
#define OTPCORE_SRC_COMMANDS_DEVICES_H_

#include <string>
#include <string_view>

#include "commands/find_member.h"

namespace otpcore {

// kBadRequest unless `device` is empty or has 16 … 128 bytes.
Error CheckDevice(const std::string& device, std::string_view* checked);

// Notes in `*found` which of the Member's known devices `device` is, which must not be empty.
void FindDevice(const CallContext& context, std::string_view device, Instant now,
                FoundMember* found);
// A success made the device known, or known for longer (DV-02).
void NoteDevice(const CallContext& context, std::string_view device, bool remembered,
                const Facts& facts, FoundMember* found, Decision* decision);
// The failure was on the known device: counts it there (DV-03).
void CountFailedCodeOnDevice(const Facts& facts, int weight, FoundMember* found,
                             Decision* decision);
// Whether the challenge was issued to a device that is known still (S-21).
bool IssuedToKnownDevice(const MemberRecord& member, const Challenge& challenge);
// Forgets all devices, with an event if there were any (DV-06).
void ForgetAllDevices(Instant now, FoundMember* found, Decision* decision);

// The tag of a session of this Member, made with the current key.
SessionTag TagOfSession(const CallContext& context, const MemberRecord& member,
                        std::string_view session_id);
// Of the session that the command came in; 0 without one. Costs a digest.
SessionTag TagOfSession(const CallContext& context, const Facts& facts, const MemberRecord& member);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_DEVICES_H_
