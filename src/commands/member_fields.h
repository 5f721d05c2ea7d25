// SPDX-License-Identifier: Apache-2.0
// The fields of a Member that create and update share: their checks and the names they take.
#ifndef OTPCORE_SRC_COMMANDS_MEMBER_FIELDS_H_
#define OTPCORE_SRC_COMMANDS_MEMBER_FIELDS_H_

#include <string>

#include "commands/names.h"
#include "otpcore/model/member.h"

namespace otpcore {

// The texts of a request; empty: absent.
struct MemberTexts {
  const std::string& email_address;
  const std::string& name;
  const std::string& external_id;
  const std::string& mfa_phone_number;
  const std::string& default_mfa_method;
};

// Addresses are the same in any case.
RecordKey MemberEmailKey(const Id& organization, const std::string& email);

// The shape of each text that is there. Errors: kBadRequest, kInvalidId, kInvalidPhoneNumber.
Error CheckTexts(const MemberTexts& texts);

// Sets what is there, but for the phone number.
void SetTexts(const MemberTexts& texts, MemberRecord* record);

// kDefaultMfaMemberMissingFactor when the default method is none the Member has (M-05).
Error CheckDefaultMethod(const MemberRecord& record);

// The names that change from `before` to `next`; of a new Member, `before` has none.
Names NamesOf(const MemberRecord& before, const MemberRecord& next, const Facts& facts);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_MEMBER_FIELDS_H_
