// SPDX-License-Identifier: Apache-2.0
// Records with arbitrary content.
#ifndef OTPCORE_TESTS_RANDOM_RECORDS_H_
#define OTPCORE_TESTS_RANDOM_RECORDS_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "otpcore/model/record.h"

namespace otpcore {

// Draws values of which many lie at an edge: zero, the greatest, empty, full.
class RecordMaker {
 public:
  explicit RecordMaker(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t end) { return random_() % end; }
  uint64_t Number(uint64_t max) {
    switch (Below(4)) {
      case 0: return 0;
      case 1: return max;
      case 2: return Below(200) % (max + (max + 1 == 0 ? 0 : 1));
      default: return max + 1 == 0 ? random_() : Below(max + 1);
    }
  }
  std::string Text(size_t bytes_max) {
    std::string text(Number(bytes_max), '\0');
    for (char& c : text) c = static_cast<char>(random_());
    return text;
  }
  template <size_t N>
  void Fill(InlineText<N>* text) {
    *text = Text(N);
  }
  template <size_t N>
  void Fill(std::array<uint8_t, N>* bytes) {
    bytes->fill(0);
    if (Below(3) == 0) return;
    for (uint8_t& byte : *bytes) byte = static_cast<uint8_t>(random_());
  }
  void Fill(Instant* at) { *at = Instant::FromUnixMillis(static_cast<int64_t>(Millis())); }
  void Fill(bool* flag) { *flag = Below(2) == 1; }
  template <int N>
  void Fill(TimeLedger<N>* ledger) {
    ledger->count = static_cast<uint8_t>(Number(N));
    for (size_t i = 0; i < ledger->count; ++i) Fill(&ledger->times[i]);
  }
  void Fill(OperationMark* mark) {
    Fill(&mark->id.bytes);
    mark->command = static_cast<CommandKind>(Number(255));
    mark->answer = static_cast<uint16_t>(Number(65535));
  }

  MemberRecord Member();
  OrganizationSnapshot Organization();
  PhoneClaim Claim() {
    PhoneClaim claim;
    Fill(&claim.member_id);
    Fill(&claim.permanent);
    Fill(&claim.lease_end);
    return claim;
  }
  NameEntry Name() {
    NameEntry entry;
    Fill(&entry.id);
    return entry;
  }
  // A record of any kind with a key it belongs under.
  Write Any();

 private:
  uint64_t Millis() { return Number(static_cast<uint64_t>(Instant::kMaxUnixMillis)); }
  std::mt19937_64 random_;
};

inline MemberRecord RecordMaker::Member() {
  MemberRecord r;
  r.organization_id = "o" + Text(127);
  r.member_id = "m" + Text(127);
  Fill(&r.external_id);
  r.email_address = Text(254);
  Fill(&r.email_address_verified);
  r.name = Text(512);
  r.status = static_cast<MemberStatus>(1 + Below(4));
  Fill(&r.is_breakglass);
  Fill(&r.mfa_enrolled);
  r.default_mfa_method = static_cast<MfaMethod>(Below(3));
  Fill(&r.totp_registration_id);
  Fill(&r.created_at);
  Fill(&r.updated_at);
  r.phone.state = static_cast<EnrollmentState>(Below(3));
  Fill(&r.phone.number);
  Fill(&r.phone.region);
  r.phone.type = static_cast<uint8_t>(Number(255));
  Fill(&r.phone.id.bytes);
  Challenge& c = r.challenge;
  c.state = static_cast<ChallengeState>(Below(6));
  Fill(&c.id.bytes);
  Fill(&c.digest.bytes);
  c.digest.key_id = static_cast<uint32_t>(Number(0xFFFFFFFF));
  Fill(&c.issued_at);
  Fill(&c.expires_at);
  Fill(&c.latest_seen);
  c.epoch = Number(~uint64_t{0});
  c.failures = static_cast<uint8_t>(Number(255));
  c.digits = static_cast<uint8_t>(Number(255));
  Fill(&c.linked_its_address);
  Fill(&c.operation.bytes);
  Fill(&c.superseded_id.bytes);
  Fill(&c.superseded_digest.bytes);
  c.superseded_digest.key_id = static_cast<uint32_t>(Number(0xFFFFFFFF));
  FailureLedger& f = r.failures;
  f.in_a_row = static_cast<uint16_t>(Number(65535));
  f.since_success = static_cast<uint16_t>(Number(65535));
  f.locks_in_a_row = static_cast<uint8_t>(Number(255));
  Fill(&f.disabled);
  Fill(&f.locked_at);
  Fill(&f.locked_until);
  Fill(&f.locked_until_lagging);
  Fill(&f.recent);
  Fill(&r.sends);
  Fill(&r.sends_pulled_from);
  Fill(&r.leased_at);
  Fill(&r.mark);
  return r;
}

inline OrganizationSnapshot RecordMaker::Organization() {
  auto record = std::make_shared<OrganizationRecord>();
  otpcore::Organization& o = record->organization;
  o.organization_id = "o" + Text(127);
  Fill(&o.organization_slug);
  Fill(&o.organization_external_id);
  o.organization_name = Text(512);
  o.mfa_policy = static_cast<MfaPolicy>(Below(2));
  o.mfa_methods = static_cast<MfaMethods>(Below(2));
  Fill(&o.sms_otp_allowed);
  Fill(&o.totp_allowed);
  Fill(&o.created_at);
  Fill(&o.updated_at);
  Fill(&record->deleted);
  Fill(&record->mark);
  return record;
}

inline Write RecordMaker::Any() {
  const Id organization = "o" + Text(127);
  switch (Below(6)) {
    case 0: {
      OrganizationSnapshot record = Organization();
      return {{RecordKind::kOrganization, {}, record->organization.organization_id.view()},
              0,
              Record(std::move(record))};
    }
    case 1: return {{RecordKind::kPhoneClaim, organization, Text(16)}, 0, Claim()};
    case 2: return {{RecordKind::kOrganizationName, {}, Text(128)}, 0, Name()};
    case 3: return {{RecordKind::kMemberEmail, organization, Text(254)}, 0, Name()};
    default: {
      MemberRecord record = Member();
      return {{RecordKind::kMember, record.organization_id, record.member_id.view()}, 0, record};
    }
  }
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_RANDOM_RECORDS_H_
