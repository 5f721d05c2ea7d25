// SPDX-License-Identifier: Apache-2.0
// The fields of a Member that create and update share: their checks and the names they take.
#ifndef OTPCORE_SRC_COMMANDS_MEMBER_FIELDS_H_
#define OTPCORE_SRC_COMMANDS_MEMBER_FIELDS_H_

#include <string_view>

#include "commands/names.h"
#include "otpcore/model/member.h"

namespace otpcore {

// The texts of a request; empty: absent.
struct MemberTexts {
  std::string_view email_address = {};
  std::string_view name = {};
  std::string_view external_id = {};
  std::string_view mfa_phone_number = {};
  std::string_view default_mfa_method = {};
};
template <typename Request>
MemberTexts TextsOf(const Request& request) {
  return {request.email_address, request.name, request.external_id, request.mfa_phone_number,
          request.default_mfa_method};
}

// The shape of each text that is there. Errors: kBadRequest, kInvalidId, kInvalidPhoneNumber.
Error CheckTexts(const MemberTexts& texts);

// Sets what is there, but for the phone number. The record's texts are then views into `texts`.
void SetTexts(const MemberTexts& texts, MemberRecord* record);

// kDefaultMfaMemberMissingFactor when the default method is none the Member has (M-05).
Error CheckDefaultMethod(const MemberRecord& record);

// The index keys that a Member needs, in the order in which a taken one answers (M-06).
NameList KeysOf(const MemberRecord& member);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_MEMBER_FIELDS_H_
