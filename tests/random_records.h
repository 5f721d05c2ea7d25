// SPDX-License-Identifier: Apache-2.0
// Records with arbitrary content.
#ifndef OTPCORE_TESTS_RANDOM_RECORDS_H_
#define OTPCORE_TESTS_RANDOM_RECORDS_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>

#include "otpcore/testing/records.h"

namespace otpcore {

// Draws values of which many lie at an edge: zero, the greatest, empty, full. Keeps the texts of
// the records it made.
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
  std::string_view Text(size_t bytes_max) {
    std::string text(Number(bytes_max), '\0');
    for (char& c : text) c = static_cast<char>(random_());
    return texts_.emplace_back(std::move(text));
  }
  EntityId Id() {
    constexpr std::string_view kChars = "abcXYZ019._-|~";
    if (Below(2) == 0) {
      Uuid uuid;
      for (uint8_t& byte : uuid.bytes) byte = static_cast<uint8_t>(random_());
      return Below(2) == 0 ? EntityId::Member(Environment::kTest, uuid)
                           : EntityId::Organization(Environment::kLive, uuid);
    }
    std::string text(1 + Number(127), '\0');
    for (char& c : text) c = kChars[Below(kChars.size())];
    return text;
  }
  template <typename T>
  void Number(T* number) {
    *number = static_cast<T>(Number(static_cast<T>(-1)));
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
  void Fill(PasscodeDigest* digest) {
    Fill(&digest->bytes);
    Number(&digest->key_id);
  }
  void Fill(Instant* at) {
    *at = Instant::FromUnixMillis(
        static_cast<int64_t>(Number(static_cast<uint64_t>(Instant::kMaxUnixMillis))));
  }
  void Fill(bool* flag) { *flag = Below(2) == 1; }
  template <int N>
  void Fill(TimeLedger<N>* ledger) {
    Instant at;
    for (uint64_t i = Number(N); i > 0; --i) {
      Fill(&at);
      ledger->Push(at, N);
    }
  }
  void Fill(FailureTimes* ledger) {
    Fill<kFailureTimesMax>(ledger);
    for (size_t i = 0; i < ledger->count; ++i) {
      ledger->origins[i] = {};
      if (Below(2) == 0) Number(&ledger->origins[i].session);
      Fill(&ledger->origins[i].continues);
    }
  }
  void Fill(SendLedger* ledger) {
    Fill<kSendTimesMax>(ledger);
    Fill(&ledger->pulled_from);
    Fill(&ledger->given_back);
  }
  void Fill(DeviceLedger* devices) {
    for (uint64_t i = Below(kDevicesMax + 1); i > 0; --i) {
      KnownDevice& device = devices->Add();
      Number(&device.tag);
      Number(&device.key_id);
      Fill(&device.succeeded_at);
      Fill(&device.remembered_at);
      Number(&device.failures);
      Fill(&device.sends);
    }
  }
  // All but the state.
  void Fill(PhoneFactor* phone) {
    Fill(&phone->number);
    Fill(&phone->region);
    Number(&phone->type);
    Fill(&phone->id.bytes);
    Fill(&phone->linked_by_host);
  }
  void Fill(Challenge* c) {
    c->state = static_cast<ChallengeState>(1 + Below(5));
    Fill(&c->id.bytes);
    Fill(&c->digest);
    Fill(&c->issued_at);
    Fill(&c->expires_at);
    Fill(&c->latest_seen);
    Number(&c->epoch);
    Number(&c->failures);
    Number(&c->digits);
    Fill(&c->linked_its_address);
    Number(&c->issued_by);
    Number(&c->session);
    Number(&c->device);
  }
  void FillSuperseded(Challenge* c) {
    Fill(&c->superseded_id.bytes);
    if (!c->superseded_id.empty()) Fill(&c->superseded_digest);
  }
  // All but the times.
  void Fill(FailureLedger* ledger) {
    FailureLedger& f = *ledger;
    Number(&f.in_a_row);
    Number(&f.since_success);
    Number(&f.locks_in_a_row);
    Fill(&f.disabled);
    f.lock_rule = static_cast<LockRule>(Below(4));
    Fill(&f.locked_at);
    Fill(&f.locked_until);
    Fill(&f.locked_until_lagging);
  }
  // `first` and `last`: the purposes it may have.
  void Fill(EmailFactor* email, EmailPurpose first = EmailPurpose::kLogin,
            EmailPurpose last = EmailPurpose::kSignup) {
    const auto purpose = [&] {
      const auto count = static_cast<uint64_t>(last) - static_cast<uint64_t>(first) + 1;
      return static_cast<EmailPurpose>(static_cast<uint64_t>(first) + Below(count));
    };
    Fill(&email->id.bytes);
    if (email->id.empty()) return;  // then there is nothing else
    Challenge& c = email->challenge;
    if (Below(4) != 0) {
      Fill(&c);
      c.session = 0;
      c.device = 0;
      c.linked_its_address = false;
      email->purpose = purpose();
    }
    FillSuperseded(&c);
    if (!c.superseded_id.empty()) email->superseded_purpose = purpose();
    Fill(&email->failures);
    Instant at;
    for (uint64_t i = Number(kEmailFailureTimesMax); i > 0; --i) {
      FailureOrigin origin;
      if (Below(2) == 0) Number(&origin.session);
      Fill(&at);
      email->failures.recent.Push(at, kEmailFailureTimesMax, origin);
    }
    for (uint64_t i = Number(kEmailSendTimesMax); i > 0; --i) {
      Fill(&at);
      email->sends.Push(at, kEmailSendTimesMax);
    }
    Fill(&email->sends.pulled_from);
    Fill(&email->sends.given_back);
  }
  void Fill(OperationMark* mark) {
    Fill(&mark->id.bytes);
    Number(&mark->run);
    mark->command = static_cast<CommandKind>(Number(255));
    Number(&mark->answer);
    if (mark->id.empty()) return;  // then the rest is not stored
    Number(&mark->request);
    Number(&mark->request_key);
    Fill(&mark->at);
  }

  MemberRecord Member();
  OrganizationRecord Organization();
  DiscoveryRecord Discovery() {
    DiscoveryRecord r;
    r.address = RecordKey::Discovery(Text(kEmailBytesMax)).name().view();
    Fill(&r.email, EmailPurpose::kDiscovery, EmailPurpose::kDiscovery);
    Fill(&r.forget_at);
    Fill(&r.mark);
    return r;
  }
  PhoneClaim Claim() {
    PhoneClaim claim;
    claim.member_id = Id();
    Fill(&claim.permanent);
    Fill(&claim.lease_end);
    return claim;
  }
  NameEntry Name() { return {Id()}; }
  // A record of any kind, packed, with a key it belongs under.
  testing::StoredWrite Any();

 private:
  std::mt19937_64 random_;
  std::deque<std::string> texts_;
};

inline MemberRecord RecordMaker::Member() {
  MemberRecord r;
  r.organization_id = Id();
  r.member_id = Id();
  r.external_id = Text(kIdBytesMax);
  r.email_address = Text(kEmailBytesMax);
  Fill(&r.email_address_verified);
  r.name = Text(kNameBytesMax);
  r.status = static_cast<MemberStatus>(1 + Below(4));
  Fill(&r.is_breakglass);
  Fill(&r.mfa_enrolled);
  r.default_mfa_method = static_cast<MfaMethod>(Below(3));
  Fill(&r.created_at);
  Fill(&r.updated_at);
  // What is absent as a whole takes no bytes: then nothing of it is there.
  if (Below(4) != 0) {
    r.phone.state = static_cast<EnrollmentState>(1 + Below(2));
    Fill(&r.phone);
  }
  if (Below(4) != 0) Fill(&r.challenge);
  FillSuperseded(&r.challenge);
  if (Below(4) == 0) {
    r.candidate.phone.state = EnrollmentState::kPending;
    Fill(&r.candidate.phone);
    Fill(&r.candidate.challenge);
    FillSuperseded(&r.candidate.challenge);
  }
  TotpFactor& totp = r.totp;
  if (Below(3) == 0) {
    r.hosts_totp_id = Text(kIdBytesMax);
  } else if (Below(2) == 0) {
    totp.state = static_cast<RegistrationState>(1 + Below(3));
    Fill(&totp.id.bytes);
    totp.parameters.algorithm = static_cast<TotpAlgorithm>(1 + Below(3));
    Number(&totp.parameters.digits);
    Number(&totp.parameters.period_seconds);
    totp.last_step = static_cast<int64_t>(Number(std::numeric_limits<int64_t>::max()));
    Fill(&totp.created_at);
    Fill(&totp.latest_seen);
    Fill(&totp.expires_at);
    Number(&totp.epoch);
    totp.sealed_secret = Text(kSealedTotpSecretBytesMax);
  }
  if (Below(3) == 0) {
    Fill(&r.recovery.id.bytes);
    Number(&r.recovery.key_id);
    Number(&r.recovery.used);
    Number(&r.recovery.epoch);
    std::string& digests = texts_.emplace_back();
    for (uint64_t i = 16 * (1 + Below(kRecoveryCodesMax)); i > 0; --i)
      digests += static_cast<char>(Below(256));
    r.recovery.digests = digests;
    r.recovery.sealed_codes = Text(kSealedRecoveryCodesBytesMax);
  }
  if (Below(2) == 0) Fill(&r.email);
  Fill(&r.failures);
  Fill(&r.failures.recent);
  Fill(&r.sends);
  Fill(&r.devices);
  Fill(&r.leased_at);
  Fill(&r.mark);
  return r;
}

inline OrganizationRecord RecordMaker::Organization() {
  OrganizationRecord o;
  o.organization_id = Id();
  o.organization_slug = Text(kIdBytesMax);
  o.organization_external_id = Text(kIdBytesMax);
  o.organization_name = Text(kNameBytesMax);
  o.mfa_policy = static_cast<MfaPolicy>(Below(2));
  o.mfa_methods = static_cast<MfaMethods>(Below(2));
  Fill(&o.sms_otp_allowed);
  Fill(&o.totp_allowed);
  o.auth_methods = static_cast<AuthMethods>(Below(2));
  Number(&o.allowed_auth_methods);
  Fill(&o.created_at);
  Fill(&o.updated_at);
  Fill(&o.deleted);
  Fill(&o.mark);
  return o;
}

inline testing::StoredWrite RecordMaker::Any() {
  using testing::Packed;
  const EntityId organization = Id();
  switch (Below(7)) {
    case 0: {
      const OrganizationRecord record = Organization();
      return {RecordKey::Organization(record.organization_id), 0, Packed(record)};
    }
    case 1: return {RecordKey::PhoneClaim(organization, Text(16)), 0, Packed(Claim())};
    case 2: return {RecordKey::OrganizationName(Text(128)), 0, Packed(Name())};
    case 4: {
      const DiscoveryRecord record = Discovery();
      return {RecordKey::Discovery(record.address), 0, Packed(record)};
    }
    case 3: return {RecordKey::MemberEmail(organization, Text(254)), 0, Packed(Name())};
    default: {
      const MemberRecord record = Member();
      return {RecordKey::Member(record.organization_id, record.member_id), 0, Packed(record)};
    }
  }
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_RANDOM_RECORDS_H_
