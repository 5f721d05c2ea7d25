// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/member.h"

#include "model/ledgers.h"

namespace otpcore {
namespace {

// Of the Member's two ledgers (L-12), the one whose lock ends last; null: neither is locked.
const FailureLedger* LongestLock(const MemberRecord& record, Instant now) {
  const FailureLedger& second = record.failures;
  const FailureLedger& email = record.email.failures;
  if (!IsLocked(email, now)) return IsLocked(second, now) ? &second : nullptr;
  if (!IsLocked(second, now) || email.disabled) return &email;
  return second.disabled || LockEnd(second, now) >= LockEnd(email, now) ? &second : &email;
}

}  // namespace

InlineText<kIdBytesMax> TotpRegistrationIdOf(const MemberRecord& record, Environment environment) {
  if (record.totp.state != RegistrationState::kActive) return record.hosts_totp_id;
  return FormatIdInPlace(TraitsOf(FactorKind::kTotp).id_prefix, environment, record.totp.id).view();
}

Member ViewOf(const MemberRecord& record, Instant now, Environment environment) {
  Member member;
  member.organization_id = record.organization_id;
  member.member_id = record.member_id;
  member.external_id = record.external_id;
  member.email_address = record.email_address;
  member.email_address_verified = record.email_address_verified;
  member.name = record.name;
  member.status = record.status;
  member.is_breakglass = record.is_breakglass;
  member.mfa_enrolled = record.mfa_enrolled;
  member.mfa_phone_number = record.phone.number;
  member.mfa_phone_number_verified = record.phone.state == EnrollmentState::kVerified;
  member.default_mfa_method = record.default_mfa_method;
  member.totp_registration_id = TotpRegistrationIdOf(record, environment);
  if (const FailureLedger* const lock = LongestLock(record, now)) {
    member.is_locked = true;
    member.lock_created_at = lock->locked_at;
    if (!lock->disabled) member.lock_expires_at = LockEnd(*lock, now);
  }
  member.created_at = record.created_at;
  member.updated_at = record.updated_at;
  return member;
}

std::string_view WireName(MemberStatus status) {
  switch (status) {
    case MemberStatus::kPending: return "pending";
    case MemberStatus::kInvited: return "invited";
    case MemberStatus::kActive: return "active";
    case MemberStatus::kDeleted: return "deleted";
  }
  return "";
}

std::string_view WireName(MfaMethod method) {
  switch (method) {
    case MfaMethod::kNone: return "";
    case MfaMethod::kSmsOtp: return "sms_otp";
    case MfaMethod::kTotp: return "totp";
  }
  return "";
}

}  // namespace otpcore
