// SPDX-License-Identifier: Apache-2.0
// The first steps of every command on an e-mail address outside any Organization, and the shapes of
// their answers (rules EM-25, C-07, T-02). What find_member.h is for a Member.
#ifndef OTPCORE_SRC_COMMANDS_FIND_ADDRESS_H_
#define OTPCORE_SRC_COMMANDS_FIND_ADDRESS_H_

#include <string>

#include "commands/email_code.h"
#include "otpcore/commands/discovery.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// kBadRequest when it is absent, kInvalidEmail when it is none (EM-01).
Error CheckAddress(const std::string& email_address, CheckedAddress* checked);

// What is remembered of an address, on the way to a decision.
struct FoundAddress {
  FoundAddress() {}
  const LoadedRecord* loaded = nullptr;
  DiscoveryRecord record;      // a copy: plans change it and write it; blank when there is none
  bool clock_anomaly = false;  // `record` was clamped and should be written whatever is answered
  OperationMark earlier;       // the mark as it was loaded

  bool exists() const { return loaded->revision != 0; }
  // As the owner of its passcodes. It views this.
  EmailOwner owner() { return {nobody, nobody, record.address, record.email}; }
  EntityId nobody;  // no Organization, and no Member
};

// True: loaded. False: `*decision` loads it, or answers that it cannot be read (K-12). The events
// of the decision are of passcodes by e-mail.
bool FindAddress(const CallContext& context, const CheckedAddress& checked, const Facts& facts,
                 FoundAddress* found, Decision* decision);

// Whether this operation has changed the record before; then `*decision` answers as it did, or
// refuses (C-07).
bool AnswersRepeated(const CallContext& context, const Facts& facts, const FoundAddress& found,
                     Decision* decision);

// An answer that changes nothing but times that had to be clamped.
void Refuse(const CallContext& context, const Facts& facts, const FoundAddress& found, Error error,
            Decision* decision);

// Writes the record with its mark, and from when on it may be forgotten.
void CommitAddress(const CallContext& context, const Facts& facts, FoundAddress* found, Error error,
                   Decision* decision);
void CommitAddressWith(const CallContext& context, const OperationMark& mark, FoundAddress* found,
                       Error error, Decision* decision);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_FIND_ADDRESS_H_
