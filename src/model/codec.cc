// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/codec.h"

#include <array>

#include "model/packed.h"

namespace otpcore {
namespace {

uint8_t MajorOf(uint8_t version) { return static_cast<uint8_t>(version >> 4); }
constexpr uint8_t MinorOf(uint8_t version) { return version & 15; }
static_assert(MinorOf(kRecordVersion) < 15, "the next minor version must be one of this major");

bool CanWrite(uint8_t version) {
  return MajorOf(version) == MajorOf(kRecordVersion) && MinorOf(version) <= MinorOf(kRecordVersion);
}
bool CanRead(uint8_t version) {
  return MajorOf(version) == MajorOf(kRecordVersion) &&
         MinorOf(version) <= MinorOf(kRecordVersion) + 1;
}

// The head of every record: version, kind.
constexpr size_t kHeadBytes = 2;
// The head of a record with a mark goes on: parts (4), command (1), answer (2), run (8).
constexpr size_t kRunOffset = kHeadBytes + 4 + 1 + 2;
// That of an address outside any Organization: the instant when it may be forgotten (6).
constexpr size_t kForgetOffset = kRunOffset + sizeof(RunId);

// ---- Layouts. One function takes each record apart for both directions. A field added to a record
// goes behind the others, behind a part of its own; once a version has been released, a part is
// written from its minor version on only. ----

enum MemberPart : uint32_t {
  kOperationId = 1 << 0,
  kEmail = 1 << 1,
  kExternalId = 1 << 2,
  kName = 1 << 3,
  kHostsTotp = 1 << 4,
  kPhone = 1 << 5,
  kChallenge = 1 << 6,
  kSuperseded = 1 << 7,
  kFailures = 1 << 8,
  kLock = 1 << 9,
  kRecentFailures = 1 << 10,
  kSends = 1 << 11,
  kSendsPulledFrom = 1 << 12,
  kLease = 1 << 13,
  kTotpFactor = 1 << 14,
  kFailureOrigins = 1 << 15,
  kGivenBack = 1 << 16,
  kDevices = 1 << 17,
  kRecovery = 1 << 18,
  kEmailId = 1 << 19,
  kEmailChallenge = 1 << 20,
  kEmailSuperseded = 1 << 21,
  kEmailFailures = 1 << 22,
  kEmailSends = 1 << 23,
  kCandidate = 1 << 24,
};

// A registration is the library's own or the host's: the longest record has no room for both.
bool HasTwoRegistrations(uint32_t parts) {
  return (parts & kHostsTotp) != 0 && (parts & kTotpFactor) != 0;
}

constexpr uint32_t kEmailParts =
    kEmailId | kEmailChallenge | kEmailSuperseded | kEmailFailures | kEmailSends;

bool HasOrigins(const FailureTimes& recent) {
  for (size_t i = 0; i < recent.count; ++i) {
    if (recent.origins[i].session != 0 || recent.origins[i].continues) return true;
  }
  return false;
}

uint32_t If(bool present, uint32_t part) { return present ? part : 0; }

bool IsBlank(const FailureLedger& f) {
  return f.in_a_row == 0 && f.since_success == 0 && f.locks_in_a_row == 0 && !f.disabled &&
         f.lock_rule == LockRule::kNone && f.locked_at == Instant() &&
         f.locked_until == Instant() && f.locked_until_lagging == Instant() && f.recent.empty();
}

bool IsBlank(const SendLedger& sends) {
  return sends.empty() && sends.pulled_from == Instant() && sends.given_back.empty();
}

uint32_t EmailPartsOf(const EmailFactor& email) {
  if (email.id.empty()) return 0;  // and then there is nothing else
  return If(!email.id.empty(), kEmailId) |
         If(email.challenge.state != ChallengeState::kNone, kEmailChallenge) |
         If(!email.challenge.superseded_id.empty(), kEmailSuperseded) |
         If(!IsBlank(email.failures), kEmailFailures) | If(!IsBlank(email.sends), kEmailSends);
}

uint32_t PartsOf(const MemberRecord& r) {
  const FailureLedger& f = r.failures;
  return (
      If(!r.mark.id.empty(), kOperationId) | If(!r.email_address.empty(), kEmail) |
      If(!r.external_id.empty(), kExternalId) | If(!r.name.empty(), kName) |
      If(!r.hosts_totp_id.empty(), kHostsTotp) |
      If(r.phone.state != EnrollmentState::kNone, kPhone) |
      If(r.challenge.state != ChallengeState::kNone, kChallenge) |
      If(!r.challenge.superseded_id.empty(), kSuperseded) |
      If(f.in_a_row != 0 || f.since_success != 0 || f.locks_in_a_row != 0, kFailures) |
      If(f.disabled || f.locked_at != Instant() || f.locked_until != Instant() ||
             f.locked_until_lagging != Instant() || f.lock_rule != LockRule::kNone,
         kLock) |
      If(f.recent.count != 0, kRecentFailures) | If(r.sends.count != 0, kSends) |
      If(r.sends.pulled_from != Instant(), kSendsPulledFrom) |
      If(r.leased_at != Instant(), kLease) |
      If(r.totp.state != RegistrationState::kNone, kTotpFactor) |
      If(HasOrigins(f.recent), kFailureOrigins) | If(r.sends.given_back.count != 0, kGivenBack) |
      If(!r.devices.empty(), kDevices) | If(!r.recovery.empty(), kRecovery) |
      If(r.candidate.phone.state != EnrollmentState::kNone, kCandidate) | EmailPartsOf(r.email));
}

// A phone and a challenge stand twice in a record. Most have the first ones alone, so those are
// visited in place: a call for each costs a send 160 instructions.
template <typename Hand, typename P>
[[gnu::always_inline]] inline void VisitPhone(Hand& hand, P& phone) {
  hand.Fields(Ranged(phone.state, EnrollmentState::kNone, EnrollmentState::kVerified));
  hand.Text(phone.number);
  hand.Text(phone.region);
  hand.Fields(phone.type, phone.id.bytes, Flags(phone.linked_by_host));
}

template <typename Hand, typename C>
[[gnu::always_inline]] inline void VisitChallenge(Hand& hand, C& challenge) {
  hand.Fields(Ranged(challenge.state, ChallengeState::kNone, ChallengeState::kVoid),
              challenge.id.bytes, challenge.digest.bytes, challenge.digest.key_id,
              challenge.issued_at, challenge.expires_at, challenge.latest_seen, challenge.epoch,
              challenge.failures, challenge.digits, Flags(challenge.linked_its_address),
              challenge.issued_by, challenge.session, challenge.device);
}

template <typename Hand, typename C>
void VisitSuperseded(Hand& hand, C& challenge) {
  hand.Fields(challenge.superseded_id.bytes, challenge.superseded_digest.bytes,
              challenge.superseded_digest.key_id);
}

template <typename Hand, typename C>
void VisitCandidate(Hand& hand, C& candidate) {
  VisitPhone(hand, candidate.phone);
  if (candidate.phone.state != EnrollmentState::kPending) hand.Refuse();
  VisitChallenge(hand, candidate.challenge);
  VisitSuperseded(hand, candidate.challenge);
}

template <typename Hand, typename T>
void VisitOrigins(Hand& hand, T& recent) {
  for (size_t i = 0; i < recent.count; ++i)
    hand.Fields(recent.origins[i].session, Flags(recent.origins[i].continues));
}

template <typename Hand, typename D>
void VisitDevice(Hand& hand, D& device) {
  hand.Fields(device.tag, device.key_id, device.succeeded_at, device.remembered_at, device.failures,
              device.sends.pulled_from);
  hand.Times(device.sends);
  hand.Times(device.sends.given_back);
}

template <typename Hand, typename T>
void VisitTotp(Hand& hand, T& totp) {
  hand.Fields(Ranged(totp.state, RegistrationState::kPending, RegistrationState::kActive),
              totp.id.bytes,
              Ranged(totp.parameters.algorithm, TotpAlgorithm::kSha1, TotpAlgorithm::kSha512),
              totp.parameters.digits, totp.parameters.period_seconds, totp.last_step,
              totp.created_at, totp.latest_seen, totp.expires_at, totp.epoch);
  hand.Text(totp.sealed_secret, kSealedTotpSecretBytesMax);
}

template <typename Hand, typename R>
void VisitRecovery(Hand& hand, R& recovery) {
  hand.Fields(recovery.id.bytes, recovery.key_id, recovery.used, recovery.epoch);
  hand.LongText(recovery.digests, kRecoveryCodesMax * sizeof(RecoveryDigest));
  hand.LongText(recovery.sealed_codes, kSealedRecoveryCodesBytesMax);
  if (recovery.empty() || recovery.digests.size() % sizeof(RecoveryDigest) != 0) hand.Refuse();
}

// `first`, `last`: the purposes that a passcode of this record can have.
template <typename Hand, typename E>
[[gnu::noinline]] void VisitEmail(Hand& hand, uint32_t parts, EmailPurpose first, EmailPurpose last,
                                  E& email) {
  if (parts & kEmailId) hand.Fields(email.id.bytes);
  if (parts & kEmailChallenge) {
    auto& challenge = email.challenge;
    hand.Fields(Ranged(challenge.state, ChallengeState::kLive, ChallengeState::kVoid),
                challenge.id.bytes, challenge.digest.bytes, challenge.digest.key_id,
                challenge.issued_at, challenge.expires_at, challenge.latest_seen, challenge.epoch,
                challenge.failures, challenge.digits, challenge.issued_by,
                Ranged(email.purpose, first, last));
  }
  if (parts & kEmailSuperseded) {
    VisitSuperseded(hand, email.challenge);
    hand.Fields(Ranged(email.superseded_purpose, first, last));
  }
  if (parts & kEmailFailures) {
    auto& failures = email.failures;
    hand.Fields(failures.in_a_row, failures.since_success, failures.locks_in_a_row,
                Flags(failures.disabled), failures.locked_at, failures.locked_until,
                failures.locked_until_lagging,
                Ranged(failures.lock_rule, LockRule::kNone, LockRule::kRollingFailures));
    hand.Times(failures.recent, kEmailFailureTimesMax);
    hand.Blank(failures.recent);
    for (size_t i = 0; i < failures.recent.count; ++i)
      hand.Fields(failures.recent.origins[i].session);
  }
  if (parts & kEmailSends) {
    hand.Times(email.sends, kEmailSendTimesMax);
    hand.Fields(email.sends.pulled_from);
    hand.Times(email.sends.given_back);
  }
}

// The part of a mark that only an operation with an id has. Of a Member it is visited in place,
// too.
template <typename Hand, typename M>
[[gnu::always_inline]] inline void VisitOperation(Hand& hand, M& mark) {
  hand.Fields(mark.id.bytes, mark.request, mark.request_key, mark.at);
}

// The mark comes first, at kRunOffset. A host of a newer version may have more commands.
template <typename Hand, typename R>
void VisitMember(Hand& hand, uint32_t parts, R& r) {
  hand.Fields(r.mark.command, r.mark.answer, r.mark.run,
              Flags(r.email_address_verified, r.is_breakglass, r.mfa_enrolled, r.failures.disabled),
              Ranged(r.status, MemberStatus::kPending, MemberStatus::kDeleted),
              Ranged(r.default_mfa_method, MfaMethod::kNone, MfaMethod::kTotp), r.created_at,
              r.updated_at);
  if (parts & kOperationId) VisitOperation(hand, r.mark);
  if (parts & kEmail) hand.Text(r.email_address, kEmailBytesMax);
  if (parts & kExternalId) hand.Text(r.external_id, kIdBytesMax);
  if (parts & kName) hand.LongText(r.name, kNameBytesMax);
  if (parts & kHostsTotp) hand.Text(r.hosts_totp_id, kIdBytesMax);
  if (parts & kPhone) VisitPhone(hand, r.phone);
  if (parts & kChallenge) VisitChallenge(hand, r.challenge);
  if (parts & kSuperseded) VisitSuperseded(hand, r.challenge);
  if (parts & kFailures)
    hand.Fields(r.failures.in_a_row, r.failures.since_success, r.failures.locks_in_a_row);
  if (parts & kLock) {
    hand.Fields(r.failures.locked_at, r.failures.locked_until, r.failures.locked_until_lagging,
                Ranged(r.failures.lock_rule, LockRule::kNone, LockRule::kRollingFailures));
  }
  if (parts & kRecentFailures) hand.Times(r.failures.recent);
  if (parts & kSends) hand.Times(r.sends);
  if (parts & kSendsPulledFrom) hand.Fields(r.sends.pulled_from);
  if (parts & kLease) hand.Fields(r.leased_at);
  if (parts & kTotpFactor) VisitTotp(hand, r.totp);
  if (parts & kFailureOrigins) {
    VisitOrigins(hand, r.failures.recent);
    if (!HasOrigins(r.failures.recent)) hand.Refuse();
  } else {
    hand.Blank(r.failures.recent);
  }
  if (parts & kGivenBack) hand.Times(r.sends.given_back);
  if (parts & kDevices) {
    hand.Each(r.devices, [&](auto& device) { VisitDevice(hand, device); });
  }
  if (parts & kRecovery) VisitRecovery(hand, r.recovery);
  if (parts & kCandidate) VisitCandidate(hand, r.candidate);
  if (parts & kEmailParts)
    VisitEmail(hand, parts, EmailPurpose::kLogin, EmailPurpose::kSignup, r.email);
}

enum OrganizationPart : uint32_t {
  kOrganizationOperationId = 1 << 0,
  kSlug = 1 << 1,
  kOrganizationExternalId = 1 << 2,
  kAuthMethods = 1 << 3,
};

uint32_t PartsOf(const OrganizationRecord& r) {
  return If(!r.mark.id.empty(), kOrganizationOperationId) |
         If(!r.organization_slug.empty(), kSlug) |
         If(!r.organization_external_id.empty(), kOrganizationExternalId) |
         If(r.auth_methods != AuthMethods::kAllAllowed || r.allowed_auth_methods != 0,
            kAuthMethods);
}

template <typename Hand, typename R>
void VisitOrganization(Hand& hand, uint32_t parts, R& r) {
  hand.Fields(r.mark.command, r.mark.answer, r.mark.run,
              Flags(r.deleted, r.sms_otp_allowed, r.totp_allowed),
              Ranged(r.mfa_policy, MfaPolicy::kOptional, MfaPolicy::kRequiredForAll),
              Ranged(r.mfa_methods, MfaMethods::kAllAllowed, MfaMethods::kRestricted), r.created_at,
              r.updated_at);
  hand.LongText(r.organization_name, kNameBytesMax);
  if (parts & kOrganizationOperationId) VisitOperation(hand, r.mark);
  if (parts & kSlug) hand.Text(r.organization_slug, kIdBytesMax);
  if (parts & kOrganizationExternalId) hand.Text(r.organization_external_id, kIdBytesMax);
  if (parts & kAuthMethods) {
    hand.Fields(Ranged(r.auth_methods, AuthMethods::kAllAllowed, AuthMethods::kRestricted),
                r.allowed_auth_methods);
  }
}

// Of the parts of a Member it has those of e-mail, and that of an operation.
uint32_t PartsOf(const DiscoveryRecord& r) {
  return If(!r.mark.id.empty(), kOperationId) | EmailPartsOf(r.email);
}

template <typename Hand, typename R>
void VisitDiscovery(Hand& hand, uint32_t parts, R& r) {
  hand.Fields(r.mark.command, r.mark.answer, r.mark.run, r.forget_at);
  if (parts & kOperationId) VisitOperation(hand, r.mark);
  VisitEmail(hand, parts, EmailPurpose::kDiscovery, EmailPurpose::kDiscovery, r.email);
}

template <typename Hand, typename R>
void VisitClaim(Hand& hand, R& r) {
  hand.Fields(Flags(r.permanent), r.lease_end);
  hand.Id(r.member_id);
}

// ---- Heads ----

bool StartWriting(RecordKind kind, uint8_t version, PackedWriter* writer) {
  writer->Fields(version, kind);
  return CanWrite(version);
}

size_t Finish(const PackedWriter& writer, const char* at) {
  return writer.ok() ? static_cast<size_t>(writer.at() - at) : 0;
}

bool StartReading(RecordKind kind, PackedReader* reader, uint8_t* version) {
  RecordKind found = kind;
  reader->Fields(*version, found);
  return reader->ok() && CanRead(*version) && found == kind;
}

// Only the next minor version may have more to say, and it says that at the end.
bool Finish(const PackedReader& reader, uint8_t version) {
  return reader.ok() && (reader.at_end() || MinorOf(version) > MinorOf(kRecordVersion));
}

bool IsNameKind(RecordKind kind) {
  return kind == RecordKind::kOrganizationName || kind == RecordKind::kMemberName ||
         kind == RecordKind::kMemberEmail || kind == RecordKind::kOrganizationSlug;
}

// ---- The checksum ----

constexpr size_t kChecksumBytes = 4;

constexpr std::array<uint32_t, 256> Crc32cTable() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82F63B78u : 0);
    table[byte] = crc;
  }
  return table;
}
constexpr std::array<uint32_t, 256> kCrc32cTable = Crc32cTable();

uint32_t Crc32c(uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  for (const char byte : bytes)
    crc = (crc >> 8) ^ kCrc32cTable[(crc ^ static_cast<uint8_t>(byte)) & 0xFF];
  return ~crc;
}

uint32_t ChecksumOf(const RecordKey& key, std::string_view record) {
  return Crc32c(Crc32c(0, key.bytes()), record);
}

Error Unreadable(const char* detail) { return {ErrorCode::kInternalServerError, detail}; }

}  // namespace

size_t Pack(const MemberRecord& record, char* at, uint8_t version) {
  PackedWriter writer(at);
  if (!StartWriting(RecordKind::kMember, version, &writer)) return 0;
  const uint32_t parts = PartsOf(record);
  if (HasTwoRegistrations(parts)) return 0;
  writer.Fields(parts);
  VisitMember(writer, parts, record);
  return Finish(writer, at);
}

size_t Pack(const OrganizationRecord& record, char* at, uint8_t version) {
  PackedWriter writer(at);
  if (!StartWriting(RecordKind::kOrganization, version, &writer)) return 0;
  const uint32_t parts = PartsOf(record);
  writer.Fields(parts);
  VisitOrganization(writer, parts, record);
  return Finish(writer, at);
}

size_t Pack(const DiscoveryRecord& record, char* at, uint8_t version) {
  PackedWriter writer(at);
  if (!StartWriting(RecordKind::kDiscovery, version, &writer)) return 0;
  const uint32_t parts = PartsOf(record);
  writer.Fields(parts);
  VisitDiscovery(writer, parts, record);
  return Finish(writer, at);
}

size_t Pack(const PhoneClaim& record, char* at, uint8_t version) {
  PackedWriter writer(at);
  if (!StartWriting(RecordKind::kPhoneClaim, version, &writer)) return 0;
  VisitClaim(writer, record);
  return Finish(writer, at);
}

size_t Pack(const NameEntry& record, char* at, uint8_t version) {
  PackedWriter writer(at);
  if (!StartWriting(RecordKind::kOrganizationName, version, &writer)) return 0;
  writer.Id(record.id);
  return Finish(writer, at);
}

bool Unpack(const RecordKey& key, std::string_view bytes, MemberRecord* record) {
  PackedReader reader(bytes);
  uint8_t version = 0;
  uint32_t parts = 0;
  if (key.kind() != RecordKind::kMember || !StartReading(RecordKind::kMember, &reader, &version))
    return false;
  reader.Fields(parts);
  VisitMember(reader, parts, *record);
  record->organization_id = key.organization();
  record->member_id = key.id();
  if ((parts & kOperationId) != 0 && record->mark.id.empty()) return false;
  if (HasTwoRegistrations(parts)) {
    // Early snapshots kept the text of an active registration's id beside it.
    if (record->totp.state != RegistrationState::kActive) return false;
    record->hosts_totp_id = {};
  }
  return Finish(reader, version);
}

bool Unpack(const RecordKey& key, std::string_view bytes, OrganizationRecord* record) {
  PackedReader reader(bytes);
  uint8_t version = 0;
  uint32_t parts = 0;
  if (key.kind() != RecordKind::kOrganization ||
      !StartReading(RecordKind::kOrganization, &reader, &version))
    return false;
  reader.Fields(parts);
  VisitOrganization(reader, parts, *record);
  record->organization_id = key.id();
  if ((parts & kOrganizationOperationId) != 0 && record->mark.id.empty()) return false;
  return Finish(reader, version);
}

bool Unpack(const RecordKey& key, std::string_view bytes, DiscoveryRecord* record) {
  PackedReader reader(bytes);
  uint8_t version = 0;
  uint32_t parts = 0;
  if (key.kind() != RecordKind::kDiscovery ||
      !StartReading(RecordKind::kDiscovery, &reader, &version))
    return false;
  reader.Fields(parts);
  VisitDiscovery(reader, parts, *record);
  record->address = key.name().view();
  if ((parts & kOperationId) != 0 && record->mark.id.empty()) return false;
  return Finish(reader, version);
}

bool Unpack(const RecordKey& key, std::string_view bytes, PhoneClaim* record) {
  PackedReader reader(bytes);
  uint8_t version = 0;
  if (key.kind() != RecordKind::kPhoneClaim ||
      !StartReading(RecordKind::kPhoneClaim, &reader, &version))
    return false;
  VisitClaim(reader, *record);
  return Finish(reader, version);
}

bool Unpack(const RecordKey& key, std::string_view bytes, NameEntry* record) {
  PackedReader reader(bytes);
  uint8_t version = 0;
  if (!IsNameKind(key.kind()) || !StartReading(RecordKind::kOrganizationName, &reader, &version))
    return false;
  reader.Id(record->id);
  return Finish(reader, version);
}

bool IsReadable(const RecordKey& key, std::string_view bytes) {
  if (key.empty()) return false;
  switch (key.kind()) {
    case RecordKind::kOrganization: {
      OrganizationRecord record;
      return Unpack(key, bytes, &record);
    }
    case RecordKind::kMember: {
      MemberRecord record;
      return Unpack(key, bytes, &record);
    }
    case RecordKind::kDiscovery: {
      DiscoveryRecord record;
      return Unpack(key, bytes, &record);
    }
    case RecordKind::kPhoneClaim: {
      PhoneClaim record;
      return Unpack(key, bytes, &record);
    }
    default: {
      NameEntry record;
      return Unpack(key, bytes, &record);
    }
  }
}

RunId RunIn(std::string_view bytes) {
  if (bytes.size() < kRunOffset + sizeof(RunId) || !CanRead(static_cast<uint8_t>(bytes[0])))
    return 0;
  const auto kind = static_cast<RecordKind>(bytes[1]);
  if (kind != RecordKind::kMember && kind != RecordKind::kOrganization &&
      kind != RecordKind::kDiscovery)
    return 0;
  return LoadLittle(bytes.data() + kRunOffset, sizeof(RunId));
}

std::optional<Instant> ForgettableFrom(std::string_view bytes) {
  if (bytes.size() < kForgetOffset + kFieldBytes<Instant> ||
      !CanRead(static_cast<uint8_t>(bytes[0])) ||
      static_cast<RecordKind>(bytes[1]) != RecordKind::kDiscovery)
    return std::nullopt;
  Instant at;
  PackedReader reader(bytes.substr(kForgetOffset));
  reader.Fields(at);
  if (!reader.ok() || at == Instant::Max()) return std::nullopt;
  return at;
}

std::string Protect(const RecordKey& key, std::string_view record) {
  std::string bytes;
  bytes.reserve(record.size() + kChecksumBytes);
  bytes.append(record);
  char checksum[kChecksumBytes];
  StoreLittle(ChecksumOf(key, record), checksum, kChecksumBytes);
  bytes.append(checksum, kChecksumBytes);
  return bytes;
}

Result<std::string_view> Unprotect(const RecordKey& key, std::string_view bytes) {
  if (bytes.size() < kHeadBytes + kChecksumBytes) return Unreadable("record truncated");
  const std::string_view record = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (LoadLittle(record.data() + record.size(), kChecksumBytes) != ChecksumOf(key, record))
    return Unreadable("record corrupted");
  if (!CanRead(static_cast<uint8_t>(record[0]))) return Unreadable("record of another version");
  if (!IsReadable(key, record)) return Unreadable("record corrupted");
  return record;
}

}  // namespace otpcore
