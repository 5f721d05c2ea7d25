// SPDX-License-Identifier: Apache-2.0
// Records for the checks of the store kit, packed as a store keeps them: small ones that tell one
// write from another, a plain Member, and one full record of each kind.
#ifndef OTPCORE_TESTING_STORE_RECORDS_H_
#define OTPCORE_TESTING_STORE_RECORDS_H_

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>

#include "otpcore/model/codec.h"
#include "otpcore/testing/records.h"

namespace otpcore {
namespace testing {

// A packed NameEntry. `id` must be an id (C-03).
inline std::string Named(const std::string& id) { return Packed(NameEntry{EntityId(id)}); }

// The id in what Named made; "" when there is none, or something else.
inline std::string NameIn(const StoredRecord& stored) {
  NameEntry entry;
  if (stored.revision == 0 || !Unpack(stored.key, stored.bytes, &entry)) return {};
  return entry.id.str();
}

// A Member with text in every field, written by `run`. Its texts are static.
inline MemberRecord SampleMember(const RecordKey& key, RunId run) {
  MemberRecord record;
  record.organization_id = key.organization();
  record.member_id = key.id();
  record.external_id = "x";
  record.email_address = "a@example.com";
  record.name = "A";
  record.hosts_totp_id = "totp-1";
  record.phone.state = EnrollmentState::kPending;
  record.phone.number = "+14155550123";
  record.phone.region = "US";
  record.challenge.state = ChallengeState::kLive;
  record.challenge.expires_at = Instant::FromUnixMillis(1);  // long ago, which is not its affair
  record.challenge.failures = 3;
  record.failures.in_a_row = 3;
  record.mark.run = run;
  return record;
}

// `record` as a host of the next minor version may write it: with parts behind those that this
// version knows. They may be any bytes.
inline std::string OfNextVersion(std::string record, std::string_view parts) {
  ++record.front();
  return record.append(parts);
}

// Makes records with something in every field: either no two fields of a record are alike, as after
// a busy life in 2026, or each is as long as it can become. A Member's TOTP registration is the
// library's own, with recovery codes, or else one of the host's: a record has no room for both.
// Keeps the texts, so a record lives as long as its maker. tests/conformance/full_records_test.cc
// finds a field that was forgotten here.
class FullRecords {
 public:
  explicit FullRecords(bool longest, bool hosts_totp = false)
      : longest_(longest), hosts_totp_(hosts_totp) {}
  FullRecords(const FullRecords&) = delete;
  FullRecords& operator=(const FullRecords&) = delete;

  MemberRecord Member(const RecordKey& key);
  OrganizationRecord Organization(const RecordKey& key);
  DiscoveryRecord Discovery(const RecordKey& key);
  PhoneClaim Claim();
  NameEntry Name() { return NameEntry{AnyId()}; }
  // The record that belongs under `key`, packed.
  std::string Of(const RecordKey& key);

 private:
  uint64_t Number(uint64_t max) { return longest_ ? max : 1 + ++made_ % max; }
  template <typename T>
  void Fill(T* number) {
    // Of so few values no two come about by chance.
    const bool is_small = sizeof(T) == 1 && !longest_;
    *number = static_cast<T>(is_small ? ++made_small_ : Number(static_cast<T>(-1)));
  }
  void Fill(bool* flag) { *flag = true; }
  void Fill(Instant* at) {
    constexpr int64_t k2026 = 1767225600123;
    *at = longest_ ? Instant::Max()
                   : Instant::FromUnixMillis(k2026 + 61'001 * static_cast<int64_t>(++made_));
  }
  template <size_t N>
  void Fill(std::array<uint8_t, N>* bytes) {
    for (uint8_t& byte : *bytes) byte = static_cast<uint8_t>(Number(255));
  }
  void Fill(Uuid* uuid) { Fill(&uuid->bytes); }
  template <int N>
  void Fill(TimeLedger<N>* ledger) {
    for (int i = 0; i < N; ++i) {
      Instant at;
      Fill(&at);
      ledger->Push(at, N);
    }
  }
  void Fill(FailureTimes* ledger) {
    Fill<kFailureTimesMax>(ledger);
    for (FailureOrigin& origin : ledger->origins) {
      Fill(&origin.session);
      Fill(&origin.continues);
    }
  }
  void Fill(SendLedger* ledger) {
    Fill<kSendTimesMax>(ledger);
    Fill(&ledger->pulled_from);
    Fill(&ledger->given_back);
  }
  void Fill(DeviceLedger* devices) {
    for (int i = 0; i < kDevicesMax; ++i) {
      KnownDevice& device = devices->Add();
      Fill(&device.tag);
      Fill(&device.key_id);
      Fill(&device.succeeded_at);
      Fill(&device.remembered_at);
      Fill(&device.failures);
      Fill(&device.sends);
    }
  }
  void Fill(PasscodeDigest* digest) {
    Fill(&digest->bytes);
    Fill(&digest->key_id);
  }
  void Fill(Challenge* challenge) {
    Challenge& c = *challenge;
    c.state = longest_                 ? ChallengeState::kVoid
              : ++challenges_ % 2 == 1 ? ChallengeState::kLive
                                       : ChallengeState::kUsed;
    Fill(&c.id);
    Fill(&c.digest);
    Fill(&c.issued_at);
    Fill(&c.expires_at);
    Fill(&c.latest_seen);
    Fill(&c.epoch);
    Fill(&c.failures);
    Fill(&c.digits);
    Fill(&c.linked_its_address);
    Fill(&c.issued_by);
    Fill(&c.session);
    Fill(&c.device);
    Fill(&c.superseded_id);
    Fill(&c.superseded_digest);
  }
  void Fill(OperationMark* mark) {
    Fill(&mark->id);
    Fill(&mark->run);
    mark->command = CommandKind::kMfaStep;
    Fill(&mark->answer);
    Fill(&mark->request);
    Fill(&mark->request_key);
    Fill(&mark->at);
  }
  // The longest one, or one that packs to bytes of all kinds.
  EntityId AnyId() {
    if (longest_) return std::string(kIdBytesMax, 'x');
    Uuid uuid;
    Fill(&uuid);
    return EntityId::Member(Environment::kLive, uuid);
  }
  // Characters of four bytes each, which some stores have no room for; then of one.
  std::string_view Text(size_t bytes_max) {
    const std::string end = std::to_string(++made_);
    std::string& text = texts_.emplace_back();
    while (text.size() + 4 + end.size() <= (longest_ ? bytes_max : 20)) text += "\xF0\x9F\x93\x9E";
    text += end;
    if (longest_) text.resize(bytes_max, 'x');
    return text;
  }

  // So many bytes.
  std::string_view Bytes(size_t bytes) {
    std::string& text = texts_.emplace_back();
    while (text.size() < bytes) text += static_cast<char>(Number(255));
    return text;
  }

  void FillTotp(MemberRecord* record);
  void FillEmail(EmailFactor* email);

  bool longest_;
  bool hosts_totp_;
  uint64_t made_ = 0;
  uint64_t made_small_ = 0;
  int challenges_ = 0;
  std::deque<std::string> texts_;
};

inline void FullRecords::FillTotp(MemberRecord* record) {
  MemberRecord& r = *record;
  if (hosts_totp_) {
    r.hosts_totp_id = Text(kIdBytesMax);
    return;
  }
  TotpFactor& totp = r.totp;
  totp.state = longest_ ? RegistrationState::kActive : RegistrationState::kPending;
  Fill(&totp.id);
  totp.parameters.algorithm = longest_ ? TotpAlgorithm::kSha512 : TotpAlgorithm::kSha256;
  Fill(&totp.parameters.digits);
  Fill(&totp.parameters.period_seconds);
  totp.last_step = static_cast<int64_t>(Number(std::numeric_limits<int64_t>::max()));
  Fill(&totp.created_at);
  Fill(&totp.latest_seen);
  Fill(&totp.expires_at);
  Fill(&totp.epoch);
  totp.sealed_secret = Text(kSealedTotpSecretBytesMax);
  Fill(&r.recovery.id);
  Fill(&r.recovery.key_id);
  Fill(&r.recovery.used);
  Fill(&r.recovery.epoch);
  r.recovery.digests = Bytes(sizeof(RecoveryDigest) * (longest_ ? kRecoveryCodesMax : 2));
  r.recovery.sealed_codes = Text(kSealedRecoveryCodesBytesMax);
}

inline void FullRecords::FillEmail(EmailFactor* email) {
  Fill(&email->id);
  Challenge& c = email->challenge;
  c.state = longest_ ? ChallengeState::kVoid : ChallengeState::kExpired;
  Fill(&c.id);
  Fill(&c.digest);
  Fill(&c.issued_at);
  Fill(&c.expires_at);
  Fill(&c.latest_seen);
  Fill(&c.epoch);
  Fill(&c.failures);
  Fill(&c.digits);
  Fill(&c.issued_by);
  Fill(&c.superseded_id);
  Fill(&c.superseded_digest);
  email->purpose = EmailPurpose::kSignup;
  email->superseded_purpose = EmailPurpose::kLogin;
  FailureLedger& f = email->failures;
  Fill(&f.in_a_row);
  Fill(&f.since_success);
  Fill(&f.locks_in_a_row);
  Fill(&f.disabled);
  f.lock_rule = LockRule::kFailuresSinceSuccess;
  Fill(&f.locked_at);
  Fill(&f.locked_until);
  Fill(&f.locked_until_lagging);
  for (int i = 0; i < kEmailFailureTimesMax; ++i) {
    Instant at;
    FailureOrigin origin;
    Fill(&at);
    Fill(&origin.session);
    f.recent.Push(at, kEmailFailureTimesMax, origin);
  }
  for (int i = 0; i < kEmailSendTimesMax; ++i) {
    Instant at;
    Fill(&at);
    email->sends.Push(at, kEmailSendTimesMax);
  }
  Fill(&email->sends.pulled_from);
  Fill(&email->sends.given_back);
}

inline MemberRecord FullRecords::Member(const RecordKey& key) {
  MemberRecord r;
  r.organization_id = key.organization();
  r.member_id = key.id();
  r.external_id = Text(kIdBytesMax);
  r.email_address = Text(kEmailBytesMax);
  Fill(&r.email_address_verified);
  r.name = Text(kNameBytesMax);
  r.status = longest_ ? MemberStatus::kDeleted : MemberStatus::kInvited;
  Fill(&r.is_breakglass);
  Fill(&r.mfa_enrolled);
  r.default_mfa_method = longest_ ? MfaMethod::kTotp : MfaMethod::kSmsOtp;
  Fill(&r.created_at);
  Fill(&r.updated_at);
  r.phone.state = EnrollmentState::kVerified;
  r.phone.number = longest_ ? "+123456789012345" : "+447400123456";
  r.phone.region = longest_ ? "001" : "GB";
  Fill(&r.phone.type);
  Fill(&r.phone.id);
  Fill(&r.phone.linked_by_host);
  Fill(&r.challenge);
  // No longer than its own number; a text of its own all the same.
  r.candidate.phone.state = EnrollmentState::kPending;
  r.candidate.phone.number = longest_ ? "+123456789012346" : "+447400123457";
  r.candidate.phone.region = longest_ ? "002" : "IM";
  Fill(&r.candidate.phone.type);
  Fill(&r.candidate.phone.id);
  Fill(&r.candidate.phone.linked_by_host);
  Fill(&r.candidate.challenge);
  FillTotp(&r);
  FillEmail(&r.email);
  Fill(&r.failures.in_a_row);
  Fill(&r.failures.since_success);
  Fill(&r.failures.locks_in_a_row);
  Fill(&r.failures.disabled);
  r.failures.lock_rule = LockRule::kRollingFailures;
  Fill(&r.failures.locked_at);
  Fill(&r.failures.locked_until);
  Fill(&r.failures.locked_until_lagging);
  Fill(&r.failures.recent);
  Fill(&r.sends);
  Fill(&r.devices);
  Fill(&r.leased_at);
  Fill(&r.mark);
  return r;
}

inline OrganizationRecord FullRecords::Organization(const RecordKey& key) {
  OrganizationRecord r;
  r.organization_id = key.id();
  r.organization_slug = Text(kIdBytesMax);
  r.organization_external_id = Text(kIdBytesMax);
  r.organization_name = Text(kNameBytesMax);
  r.mfa_policy = MfaPolicy::kRequiredForAll;
  r.mfa_methods = MfaMethods::kRestricted;
  Fill(&r.sms_otp_allowed);
  Fill(&r.totp_allowed);
  r.auth_methods = AuthMethods::kRestricted;
  Fill(&r.allowed_auth_methods);
  Fill(&r.created_at);
  Fill(&r.updated_at);
  Fill(&r.deleted);
  Fill(&r.mark);
  return r;
}

inline DiscoveryRecord FullRecords::Discovery(const RecordKey& key) {
  DiscoveryRecord r;
  r.address = key.name().view();
  FillEmail(&r.email);
  r.email.purpose = r.email.superseded_purpose = EmailPurpose::kDiscovery;
  Fill(&r.forget_at);
  Fill(&r.mark);
  return r;
}

inline PhoneClaim FullRecords::Claim() {
  PhoneClaim claim;
  claim.member_id = AnyId();
  Fill(&claim.permanent);
  Fill(&claim.lease_end);
  return claim;
}

inline std::string FullRecords::Of(const RecordKey& key) {
  switch (key.kind()) {
    case RecordKind::kOrganization: return Packed(Organization(key));
    case RecordKind::kMember: return Packed(Member(key));
    case RecordKind::kDiscovery: return Packed(Discovery(key));
    case RecordKind::kPhoneClaim: return Packed(Claim());
    case RecordKind::kOrganizationName:
    case RecordKind::kOrganizationSlug:
    case RecordKind::kMemberName:
    case RecordKind::kMemberEmail: break;
  }
  return Packed(Name());
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_RECORDS_H_
