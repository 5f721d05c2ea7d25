// SPDX-License-Identifier: Apache-2.0
// Records compared field by field: every field is named, so one that is added does not compile
// until it is here.
#ifndef OTPCORE_TESTS_SAME_RECORDS_H_
#define OTPCORE_TESTS_SAME_RECORDS_H_

#include "otpcore/model/record.h"

namespace otpcore {

inline bool Same(const PasscodeDigest& a, const PasscodeDigest& b) {
  return a.bytes == b.bytes && a.key_id == b.key_id;
}
template <int N>
bool Same(const TimeLedger<N>& a, const TimeLedger<N>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}
inline bool Same(const Enrollment& a, const Enrollment& b) {
  const auto& [state, number, region, type, phone_id] = a;
  return state == b.state && number == b.phone_number && region == b.region &&
         type == b.phone_number_type && phone_id == b.phone_id;
}
inline bool Same(const Challenge& a, const Challenge& b) {
  const auto& [state, id, digest, issued, expires, seen, epoch, failures, digits, linked, operation,
               superseded_id, superseded_digest] = a;
  return state == b.state && id == b.id && Same(digest, b.digest) && issued == b.issued_at &&
         expires == b.expires_at && seen == b.latest_seen && epoch == b.epoch &&
         failures == b.failures && digits == b.digits && linked == b.linked_its_address &&
         operation == b.operation && superseded_id == b.superseded_id &&
         Same(superseded_digest, b.superseded_digest);
}
inline bool Same(const FailureLedger& a, const FailureLedger& b) {
  const auto& [in_a_row, since_success, locks, disabled, locked_at, locked_until, lagging, recent] =
      a;
  return in_a_row == b.in_a_row && since_success == b.since_success && locks == b.locks_in_a_row &&
         disabled == b.disabled && locked_at == b.locked_at && locked_until == b.locked_until &&
         lagging == b.locked_until_lagging && Same(recent, b.recent);
}
inline bool Same(const MemberRecord& a, const MemberRecord& b) {
  const auto& [organization_id, member_id, external_id, email, email_verified, name, status,
               breakglass, enrolled, method, totp, created, updated, enrollment, challenge,
               failures, sends, pulled, leased, mark] = a;
  return organization_id == b.organization_id && member_id == b.member_id &&
         external_id == b.external_id && email == b.email_address &&
         email_verified == b.email_address_verified && name == b.name && status == b.status &&
         breakglass == b.is_breakglass && enrolled == b.mfa_enrolled &&
         method == b.default_mfa_method && totp == b.totp_registration_id &&
         created == b.created_at && updated == b.updated_at && Same(enrollment, b.phone) &&
         Same(challenge, b.challenge) && Same(failures, b.failures) && Same(sends, b.sends) &&
         pulled == b.sends_pulled_from && leased == b.leased_at && mark == b.mark;
}
inline bool Same(const OrganizationRecord& x, const OrganizationRecord& y) {
  const auto& [a, deleted, mark] = x;
  const auto& [id, slug, external_id, name, policy, methods, sms, totp, created, updated] = a;
  const Organization& b = y.organization;
  return id == b.organization_id && slug == b.organization_slug &&
         external_id == b.organization_external_id && name == b.organization_name &&
         policy == b.mfa_policy && methods == b.mfa_methods && sms == b.sms_otp_allowed &&
         totp == b.totp_allowed && created == b.created_at && updated == b.updated_at &&
         deleted == y.deleted && mark == y.mark;
}
inline bool Same(const Record& a, const Record& b) {
  if (a.index() != b.index()) return false;
  if (const auto* member = std::get_if<MemberRecord>(&a))
    return Same(*member, *std::get_if<MemberRecord>(&b));
  if (const auto* organization = std::get_if<OrganizationSnapshot>(&a))
    return Same(**organization, **std::get_if<OrganizationSnapshot>(&b));
  if (const auto* claim = std::get_if<PhoneClaim>(&a)) {
    const auto& [member_id, permanent, lease_end] = *std::get_if<PhoneClaim>(&b);
    return claim->member_id == member_id && claim->permanent == permanent &&
           claim->lease_end == lease_end;
  }
  if (const auto* entry = std::get_if<NameEntry>(&a))
    return entry->id == std::get_if<NameEntry>(&b)->id;
  return true;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_SAME_RECORDS_H_
