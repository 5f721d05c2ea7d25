// SPDX-License-Identifier: Apache-2.0
// Records compared field by field: every field is named, so one that is added does not compile
// until it is here.
#ifndef OTPCORE_TESTS_SAME_RECORDS_H_
#define OTPCORE_TESTS_SAME_RECORDS_H_

#include <algorithm>

#include "otpcore/model/codec.h"

namespace otpcore {

inline bool Same(const PasscodeDigest& a, const PasscodeDigest& b) {
  return a.bytes == b.bytes && a.key_id == b.key_id;
}
inline bool Same(const OperationMark& a, const OperationMark& b) {
  const auto& [id, run, command, answer, request, request_key, at] = a;
  return id == b.id && run == b.run && command == b.command && answer == b.answer &&
         request == b.request && request_key == b.request_key && at == b.at;
}
template <int N>
bool Same(const TimeLedger<N>& a, const TimeLedger<N>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}
inline bool Same(const FailureOrigin& a, const FailureOrigin& b) {
  const auto& [session, continues] = a;
  return session == b.session && continues == b.continues;
}
inline bool Same(const FailureTimes& a, const FailureTimes& b) {
  const TimeLedger<kFailureTimesMax>& times = a;
  if (!Same<kFailureTimesMax>(times, b)) return false;
  for (size_t i = 0; i < a.count; ++i) {
    if (!Same(a.origins[i], b.origins[i])) return false;
  }
  return true;
}
inline bool Same(const SendLedger& a, const SendLedger& b) {
  const TimeLedger<kSendTimesMax>& times = a;
  return Same<kSendTimesMax>(times, b) && a.pulled_from == b.pulled_from &&
         Same(a.given_back, b.given_back);
}
inline bool Same(const KnownDevice& a, const KnownDevice& b) {
  const auto& [tag, key_id, succeeded, remembered, failures, sends] = a;
  return tag == b.tag && key_id == b.key_id && succeeded == b.succeeded_at &&
         remembered == b.remembered_at && failures == b.failures && Same(sends, b.sends);
}
inline bool Same(const DeviceLedger& a, const DeviceLedger& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const KnownDevice& x, const KnownDevice& y) { return Same(x, y); });
}
inline bool Same(const PhoneFactor& a, const PhoneFactor& b) {
  const auto& [state, number, region, type, id, by_host] = a;
  return state == b.state && number == b.number && region == b.region && type == b.type &&
         id == b.id && by_host == b.linked_by_host;
}
inline bool Same(const Challenge& a, const Challenge& b) {
  const auto& [state, id, digest, issued, expires, seen, epoch, failures, digits, linked, issued_by,
               session, device, superseded_id, superseded_digest] = a;
  return state == b.state && id == b.id && Same(digest, b.digest) && issued == b.issued_at &&
         expires == b.expires_at && seen == b.latest_seen && epoch == b.epoch &&
         failures == b.failures && digits == b.digits && linked == b.linked_its_address &&
         issued_by == b.issued_by && session == b.session && device == b.device &&
         superseded_id == b.superseded_id && Same(superseded_digest, b.superseded_digest);
}
inline bool Same(const PhoneCandidate& a, const PhoneCandidate& b) {
  const auto& [phone, challenge] = a;
  return Same(phone, b.phone) && Same(challenge, b.challenge);
}
inline bool Same(const TotpParameters& a, const TotpParameters& b) {
  const auto& [algorithm, digits, period_seconds] = a;
  return algorithm == b.algorithm && digits == b.digits && period_seconds == b.period_seconds;
}
inline bool Same(const TotpFactor& a, const TotpFactor& b) {
  const auto& [state, id, parameters, last_step, created, seen, expires, epoch, sealed] = a;
  return state == b.state && id == b.id && Same(parameters, b.parameters) &&
         last_step == b.last_step && created == b.created_at && seen == b.latest_seen &&
         expires == b.expires_at && epoch == b.epoch && sealed == b.sealed_secret;
}
inline bool Same(const RecoveryFactor& a, const RecoveryFactor& b) {
  const auto& [id, key_id, used, epoch, digests, sealed] = a;
  return id == b.id && key_id == b.key_id && used == b.used && epoch == b.epoch &&
         digests == b.digests && sealed == b.sealed_codes;
}
inline bool Same(const FailureLedger& a, const FailureLedger& b) {
  const auto& [in_a_row, since_success, locks, disabled, rule, locked_at, locked_until, lagging,
               recent] = a;
  return in_a_row == b.in_a_row && since_success == b.since_success && locks == b.locks_in_a_row &&
         disabled == b.disabled && rule == b.lock_rule && locked_at == b.locked_at &&
         locked_until == b.locked_until && lagging == b.locked_until_lagging &&
         Same(recent, b.recent);
}
inline bool Same(const EmailFactor& a, const EmailFactor& b) {
  const auto& [id, challenge, purpose, superseded_purpose, failures, sends] = a;
  return id == b.id && Same(challenge, b.challenge) && purpose == b.purpose &&
         superseded_purpose == b.superseded_purpose && Same(failures, b.failures) &&
         Same(sends, b.sends);
}
inline bool Same(const DiscoveryRecord& a, const DiscoveryRecord& b) {
  const auto& [address, email, forget_at, mark] = a;
  return address == b.address && Same(email, b.email) && forget_at == b.forget_at &&
         Same(mark, b.mark);
}
inline bool Same(const MemberRecord& a, const MemberRecord& b) {
  const auto& [organization_id, member_id, external_id, email, email_verified, name, status,
               breakglass, enrolled, method, totp, created, updated, phone, challenge, candidate,
               own_totp, recovery, email_factor, failures, sends, devices, leased, mark] = a;
  return organization_id == b.organization_id && member_id == b.member_id &&
         external_id == b.external_id && email == b.email_address &&
         email_verified == b.email_address_verified && name == b.name && status == b.status &&
         breakglass == b.is_breakglass && enrolled == b.mfa_enrolled &&
         method == b.default_mfa_method && totp == b.hosts_totp_id && created == b.created_at &&
         updated == b.updated_at && Same(phone, b.phone) && Same(challenge, b.challenge) &&
         Same(candidate, b.candidate) && Same(own_totp, b.totp) && Same(recovery, b.recovery) &&
         Same(email_factor, b.email) && Same(failures, b.failures) && Same(sends, b.sends) &&
         Same(devices, b.devices) && leased == b.leased_at && Same(mark, b.mark);
}
inline bool Same(const Organization& a, const Organization& b) {
  const auto& [id, slug, external_id, name, policy, methods, sms, totp, auth_methods,
               allowed_auth_methods, created, updated] = a;
  return id == b.organization_id && slug == b.organization_slug &&
         external_id == b.organization_external_id && name == b.organization_name &&
         policy == b.mfa_policy && methods == b.mfa_methods && sms == b.sms_otp_allowed &&
         totp == b.totp_allowed && auth_methods == b.auth_methods &&
         allowed_auth_methods == b.allowed_auth_methods && created == b.created_at &&
         updated == b.updated_at;
}
inline bool Same(const OrganizationRecord& a, const OrganizationRecord& b) {
  const Organization& x = a;
  const Organization& y = b;
  return Same(x, y) && a.deleted == b.deleted && Same(a.mark, b.mark);
}
inline bool Same(const PhoneClaim& a, const PhoneClaim& b) {
  const auto& [member_id, permanent, lease_end] = a;
  return member_id == b.member_id && permanent == b.permanent && lease_end == b.lease_end;
}
inline bool Same(const NameEntry& a, const NameEntry& b) {
  const auto& [id] = a;
  return id == b.id;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_SAME_RECORDS_H_
