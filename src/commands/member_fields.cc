// SPDX-License-Identifier: Apache-2.0
#include "commands/member_fields.h"

#include "otpcore/rules/phone_number.h"

namespace otpcore {
namespace {

// Enough to be an index key; whether mail arrives is the host's business.
bool IsValidEmail(std::string_view email) {
  const size_t at = email.find('@');
  if (email.size() > kEmailBytesMax || at == std::string_view::npos || at == 0 ||
      at + 1 == email.size())
    return false;
  for (const char c : email) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte <= 0x20 || byte == 0x7F) return false;
  }
  return true;
}

}  // namespace

// An id of the generated shape is nobody's alias and takes no index record (C-02).
NameList KeysOf(const MemberRecord& member) {
  NameList names;
  const EntityId& organization = member.organization_id;
  if (!IsGeneratedId(member.member_id.text()))
    names.Add(RecordKey::MemberName(organization, member.member_id.text()), ErrorCode::kBadRequest);
  if (!member.external_id.empty())
    names.Add(RecordKey::MemberName(organization, member.external_id),
              ErrorCode::kDuplicateMemberExternalId);
  if (!member.email_address.empty())
    names.Add(RecordKey::MemberEmail(organization, member.email_address),
              ErrorCode::kDuplicateMemberEmail);
  return names;
}

Error CheckTexts(const MemberTexts& texts) {
  if (!texts.email_address.empty() && !IsValidEmail(texts.email_address))
    return Error(ErrorCode::kBadRequest, "email_address must be an address");
  if (!texts.name.empty() && !IsValidName(texts.name))
    return Error(ErrorCode::kBadRequest, "name takes 1 to 128 characters");
  if (!texts.external_id.empty() &&
      (!IsValidId(texts.external_id) || IsGeneratedId(texts.external_id)))
    return ErrorCode::kInvalidId;
  if (!texts.mfa_phone_number.empty() && !IsE164Shaped(texts.mfa_phone_number))
    return ErrorCode::kInvalidPhoneNumber;
  const std::string_view method = texts.default_mfa_method;
  if (!method.empty() && method != "sms_otp" && method != "totp")
    return Error(ErrorCode::kBadRequest, "default_mfa_method must be sms_otp or totp");
  return ErrorCode::kOk;
}

void SetTexts(const MemberTexts& texts, MemberRecord* record) {
  if (!texts.email_address.empty()) record->email_address = texts.email_address;
  if (!texts.name.empty()) record->name = texts.name;
  if (!texts.external_id.empty()) record->external_id = texts.external_id;
  if (!texts.default_mfa_method.empty())
    record->default_mfa_method =
        texts.default_mfa_method == "totp" ? MfaMethod::kTotp : MfaMethod::kSmsOtp;
}

Error CheckDefaultMethod(const MemberRecord& record) {
  const MfaMethod method = record.default_mfa_method;
  const bool missing =
      (method == MfaMethod::kSmsOtp && record.phone.state != EnrollmentState::kVerified) ||
      (method == MfaMethod::kTotp && !record.HasActiveTotp());
  return missing ? ErrorCode::kDefaultMfaMemberMissingFactor : ErrorCode::kOk;
}

}  // namespace otpcore
