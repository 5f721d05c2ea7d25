// SPDX-License-Identifier: Apache-2.0
// The fields of each record, in the order in which they are kept: for the codec, and for the memory
// store.
#ifndef OTPCORE_SRC_MODEL_RECORD_LAYOUT_H_
#define OTPCORE_SRC_MODEL_RECORD_LAYOUT_H_

#include "otpcore/model/record.h"

namespace otpcore {

inline constexpr size_t kNameBytesMax = 512;  // 128 characters of up to 4 bytes (C-03)

// Each function takes its record apart into all its fields, so a field added to the record does not
// compile until it has its place here. Once a version has been released, a new field goes to the
// end of its record's function behind `if (a.minor() >= n)`, and kCodecVersion becomes major.n.

template <typename A, typename R>
void VisitMark(A& a, R& r) {
  auto& [id, command, answer] = r;
  a.Bytes(id.bytes);
  a.OpenEnum(command);  // a host of a newer version may have more commands
  a.Number(answer);
}

template <typename A, typename R>
void VisitEnrollment(A& a, R& r) {
  auto& [state, phone_number, region, phone_number_type, phone_id] = r;
  a.Enum(state, EnrollmentState::kNone, EnrollmentState::kVerified);
  a.Text(phone_number);
  a.Text(region);
  a.Byte(phone_number_type);
  a.Bytes(phone_id.bytes);
}

template <typename A, typename R>
void VisitDigest(A& a, R& r) {
  auto& [bytes, key_id] = r;
  a.Bytes(bytes);
  a.Number(key_id);
}

template <typename A, typename R>
void VisitChallenge(A& a, R& r) {
  auto& [state, id, digest, issued_at, expires_at, latest_seen, epoch, failures, digits,
         linked_its_number, operation, superseded_id, superseded_digest] = r;
  a.Enum(state, ChallengeState::kNone, ChallengeState::kVoid);
  a.Bytes(id.bytes);
  VisitDigest(a, digest);
  a.Time(issued_at);
  a.Time(expires_at);
  a.Time(latest_seen);
  a.Number(epoch);
  a.Byte(failures);
  a.Byte(digits);
  a.Bits(linked_its_number);
  a.Bytes(operation.bytes);
  a.Bytes(superseded_id.bytes);
  VisitDigest(a, superseded_digest);
}

template <typename A, typename R>
void VisitFailures(A& a, R& r) {
  auto& [in_a_row, since_success, locks_in_a_row, disabled, locked_at, locked_until,
         locked_until_lagging, recent] = r;
  a.Number(in_a_row);
  a.Number(since_success);
  a.Byte(locks_in_a_row);
  a.Bits(disabled);
  a.Time(locked_at);
  a.Time(locked_until);
  a.Time(locked_until_lagging);
  a.Times(recent);
}

template <typename A, typename R>
void Visit(A& a, R& r, const MemberRecord*) {
  // organization_id and member_id stand in the key.
  auto& [organization_id, member_id, external_id, email_address, email_address_verified, name,
         status, is_breakglass, mfa_enrolled, default_mfa_method, totp_registration_id, created_at,
         updated_at, enrollment, challenge, failures, sends, sends_pulled_from, leased_at, mark] =
      r;
  a.Bits(email_address_verified, is_breakglass, mfa_enrolled);
  a.Enum(status, MemberStatus::kPending, MemberStatus::kDeleted);
  a.Enum(default_mfa_method, MfaMethod::kNone, MfaMethod::kTotp);
  a.Text(external_id);
  a.Text(email_address, kEmailBytesMax);
  a.Text(name, kNameBytesMax);
  a.Text(totp_registration_id);
  a.Time(created_at);
  a.Time(updated_at);
  VisitEnrollment(a, enrollment);
  VisitChallenge(a, challenge);
  VisitFailures(a, failures);
  a.Times(sends);
  a.Time(sends_pulled_from);
  a.Time(leased_at);
  VisitMark(a, mark);
}

template <typename A, typename R>
void Visit(A& a, R& r, const OrganizationRecord*) {
  auto& [organization, deleted, mark] = r;
  // organization_id stands in the key.
  auto& [organization_id, slug, external_id, name, mfa_policy, mfa_methods, sms_otp_allowed,
         totp_allowed, created_at, updated_at] = organization;
  a.Bits(deleted, sms_otp_allowed, totp_allowed);
  a.Enum(mfa_policy, MfaPolicy::kOptional, MfaPolicy::kRequiredForAll);
  a.Enum(mfa_methods, MfaMethods::kAllAllowed, MfaMethods::kRestricted);
  a.Text(slug);
  a.Text(external_id);
  a.Text(name, kNameBytesMax);
  a.Time(created_at);
  a.Time(updated_at);
  VisitMark(a, mark);
}

template <typename A, typename R>
void Visit(A& a, R& r, const PhoneClaim*) {
  auto& [member_id, permanent, lease_end] = r;
  a.Bits(permanent);
  a.Text(member_id);
  a.Time(lease_end);
}

template <typename A, typename R>
void Visit(A& a, R& r, const NameEntry*) {
  auto& [id] = r;
  a.Text(id);
}

// ---- What stands in the key ----

inline bool BelongsUnder(const RecordKey& key, const MemberRecord& record) {
  return key.kind == RecordKind::kMember && key.organization == record.organization_id &&
         key.name.view() == record.member_id.view();
}
inline bool BelongsUnder(const RecordKey& key, const OrganizationRecord& record) {
  return key.kind == RecordKind::kOrganization && key.organization.empty() &&
         key.name.view() == record.organization.organization_id.view();
}
inline bool BelongsUnder(const RecordKey& key, const PhoneClaim&) {
  return key.kind == RecordKind::kPhoneClaim;
}
inline bool BelongsUnder(const RecordKey& key, const NameEntry&) {
  return key.kind == RecordKind::kOrganizationName || key.kind == RecordKind::kMemberName ||
         key.kind == RecordKind::kMemberEmail;
}

inline void TakeFromKey(const RecordKey& key, MemberRecord* record) {
  record->organization_id = key.organization;
  record->member_id = key.name.view();
}
inline void TakeFromKey(const RecordKey& key, OrganizationRecord* record) {
  record->organization.organization_id = key.name.view();
}
inline void TakeFromKey(const RecordKey&, PhoneClaim*) {}
inline void TakeFromKey(const RecordKey&, NameEntry*) {}

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_RECORD_LAYOUT_H_
