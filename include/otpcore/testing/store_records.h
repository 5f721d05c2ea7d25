// SPDX-License-Identifier: Apache-2.0
// Records for the checks of the store kit: a plain Member, and one full record of each kind.
#ifndef OTPCORE_TESTING_STORE_RECORDS_H_
#define OTPCORE_TESTING_STORE_RECORDS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "otpcore/model/record.h"

namespace otpcore {
namespace testing {

inline NameEntry Named(const std::string& id) {
  NameEntry entry;
  entry.id = id;
  return entry;
}

// A Member with text in every field, and `mark`.
inline MemberRecord SampleMember(const RecordKey& key, uint8_t mark) {
  MemberRecord record;
  record.organization_id = key.organization;
  record.member_id = key.name.view();
  record.external_id = "x";
  record.email_address = "a@example.com";
  record.name = "A";
  record.totp_registration_id = "totp-1";
  record.enrollment.state = EnrollmentState::kPending;
  record.enrollment.phone_number = "+14155550123";
  record.enrollment.region = "US";
  record.challenge.state = ChallengeState::kLive;
  record.challenge.expires_at = Instant::FromUnixMillis(1);  // long ago, which is not its affair
  record.challenge.failures = 3;
  record.failures.in_a_row = 3;
  record.mark.id.bytes.fill(mark);
  return record;
}

// Makes records with something in every field: either no two fields of a record are alike, as after
// a busy life in 2026, or each is as long as it can become. tests/conformance/full_records_test.cc
// finds a field that was forgotten here.
class FullRecords {
 public:
  explicit FullRecords(bool longest) : longest_(longest) {}

  MemberRecord Member(const RecordKey& key);
  OrganizationSnapshot Organization(const RecordKey& key);
  PhoneClaim Claim();
  NameEntry Name() { return Named(Text(kIdBytesMax)); }
  // The record that belongs under `key`.
  Record Of(const RecordKey& key);

 private:
  uint64_t Number(uint64_t max) { return longest_ ? max : 1 + ++made_ % max; }
  template <typename T>
  void Fill(T* number) {
    *number = static_cast<T>(Number(static_cast<T>(-1)));
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
  template <int N>
  void Fill(TimeLedger<N>* ledger) {
    ledger->count = N;
    for (Instant& at : ledger->times) Fill(&at);
  }
  void Fill(PasscodeDigest* digest) {
    Fill(&digest->bytes);
    Fill(&digest->key_id);
  }
  void Fill(OperationMark* mark) {
    Fill(&mark->id.bytes);
    mark->command = CommandKind::kMfaStep;
    Fill(&mark->answer);
  }
  // Characters of four bytes each, which some stores have no room for; then of one.
  std::string Text(size_t bytes_max) {
    const std::string end = std::to_string(++made_);
    std::string text;
    while (text.size() + 4 + end.size() <= (longest_ ? bytes_max : 20)) text += "\xF0\x9F\x93\x9E";
    text += end;
    if (longest_) text.resize(bytes_max, 'x');
    return text;
  }

  bool longest_;
  uint64_t made_ = 0;
};

inline MemberRecord FullRecords::Member(const RecordKey& key) {
  MemberRecord r;
  r.organization_id = key.organization;
  r.member_id = key.name.view();
  r.external_id = Text(kIdBytesMax);
  r.email_address = Text(kEmailBytesMax);
  Fill(&r.email_address_verified);
  r.name = Text(512);  // 128 characters of up to 4 bytes (C-03)
  r.status = longest_ ? MemberStatus::kDeleted : MemberStatus::kInvited;
  Fill(&r.is_breakglass);
  Fill(&r.mfa_enrolled);
  r.default_mfa_method = longest_ ? MfaMethod::kTotp : MfaMethod::kSmsOtp;
  r.totp_registration_id = Text(kIdBytesMax);
  Fill(&r.created_at);
  Fill(&r.updated_at);
  r.enrollment.state = EnrollmentState::kVerified;
  r.enrollment.phone_number = longest_ ? "+123456789012345" : "+447400123456";
  r.enrollment.region = longest_ ? "001" : "GB";
  Fill(&r.enrollment.phone_number_type);
  Fill(&r.enrollment.phone_id.bytes);
  Challenge& c = r.challenge;
  c.state = longest_ ? ChallengeState::kVoid : ChallengeState::kLive;
  Fill(&c.id.bytes);
  Fill(&c.digest);
  Fill(&c.issued_at);
  Fill(&c.expires_at);
  Fill(&c.latest_seen);
  Fill(&c.epoch);
  Fill(&c.failures);
  Fill(&c.digits);
  Fill(&c.linked_its_number);
  Fill(&c.operation.bytes);
  Fill(&c.superseded_id.bytes);
  Fill(&c.superseded_digest);
  Fill(&r.failures.in_a_row);
  Fill(&r.failures.since_success);
  Fill(&r.failures.locks_in_a_row);
  Fill(&r.failures.disabled);
  Fill(&r.failures.locked_at);
  Fill(&r.failures.locked_until);
  Fill(&r.failures.locked_until_lagging);
  Fill(&r.failures.recent);
  Fill(&r.sends);
  Fill(&r.sends_pulled_from);
  Fill(&r.leased_at);
  Fill(&r.mark);
  return r;
}

inline OrganizationSnapshot FullRecords::Organization(const RecordKey& key) {
  auto record = std::make_shared<OrganizationRecord>();
  otpcore::Organization& o = record->organization;
  o.organization_id = key.name.view();
  o.organization_slug = Text(kIdBytesMax);
  o.organization_external_id = Text(kIdBytesMax);
  o.organization_name = Text(512);
  o.mfa_policy = MfaPolicy::kRequiredForAll;
  o.mfa_methods = MfaMethods::kRestricted;
  Fill(&o.sms_otp_allowed);
  Fill(&o.totp_allowed);
  Fill(&o.created_at);
  Fill(&o.updated_at);
  Fill(&record->deleted);
  Fill(&record->mark);
  return record;
}

inline PhoneClaim FullRecords::Claim() {
  PhoneClaim claim;
  claim.member_id = Text(kIdBytesMax);
  Fill(&claim.permanent);
  Fill(&claim.lease_end);
  return claim;
}

inline Record FullRecords::Of(const RecordKey& key) {
  switch (key.kind) {
    case RecordKind::kOrganization: return Organization(key);
    case RecordKind::kMember: return Member(key);
    case RecordKind::kPhoneClaim: return Claim();
    case RecordKind::kOrganizationName:
    case RecordKind::kMemberName:
    case RecordKind::kMemberEmail: break;
  }
  return Name();
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_RECORDS_H_
