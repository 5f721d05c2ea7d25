#include "otpcore/codec.h"

#include <memory>
#include <utility>

#include "codec_archive.h"

namespace otpcore {
namespace {

constexpr char kMagic = '\xC7';  // followed by a version: no UTF-8 text starts like that
constexpr size_t kHeaderBytes = 3;
constexpr size_t kChecksumBytes = 4;
constexpr size_t kEmailBytesMax = 254;  // as the commands have it (RFC 5321)
constexpr size_t kNameBytesMax = 512;   // 128 characters of up to 4 bytes (C-03)

uint8_t MajorOf(uint8_t version) { return static_cast<uint8_t>(version >> 4); }
constexpr uint8_t MinorOf(uint8_t version) { return version & 15; }
static_assert(MinorOf(kCodecVersion) < 15, "the next minor version must be one of this major");

Error Unreadable(const char* detail) { return {ErrorCode::kInternalServerError, detail}; }

// ---- The layout of each record ----
//
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
  a.Enum(state, EnrollmentState::kVerified);
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
  a.Enum(state, ChallengeState::kVoid);
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
  auto& [in_a_row, since_success, locks_in_a_row, disabled, locked_at, locked_until, recent] = r;
  a.Number(in_a_row);
  a.Number(since_success);
  a.Byte(locks_in_a_row);
  a.Bits(disabled);
  a.Time(locked_at);
  a.Time(locked_until);
  a.Times(recent);
}

template <typename A, typename R>
void Visit(A& a, R& r, const MemberRecord*) {
  // organization_id and member_id stand in the key.
  auto& [organization_id, member_id, external_id, email_address, email_address_verified, name,
         status, is_breakglass, mfa_enrolled, default_mfa_method, totp_registration_id, created_at,
         updated_at, enrollment, challenge, failures, sends, mark] = r;
  a.Bits(email_address_verified, is_breakglass, mfa_enrolled);
  a.Enum(status, MemberStatus::kDeleted);
  a.Enum(default_mfa_method, MfaMethod::kTotp);
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
  VisitMark(a, mark);
}

template <typename A, typename R>
void Visit(A& a, R& r, const OrganizationRecord*) {
  auto& [organization, deleted, mark] = r;
  // organization_id stands in the key.
  auto& [organization_id, slug, external_id, name, mfa_policy, mfa_methods, sms_otp_allowed,
         totp_allowed, created_at, updated_at] = organization;
  a.Bits(deleted, sms_otp_allowed, totp_allowed);
  a.Enum(mfa_policy, MfaPolicy::kRequiredForAll);
  a.Enum(mfa_methods, MfaMethods::kRestricted);
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

bool BelongsUnder(const RecordKey& key, const MemberRecord& record) {
  return key.kind == RecordKind::kMember && key.organization == record.organization_id &&
         key.name.view() == record.member_id.view();
}
bool BelongsUnder(const RecordKey& key, const OrganizationRecord& record) {
  return key.kind == RecordKind::kOrganization && key.organization.empty() &&
         key.name.view() == record.organization.organization_id.view();
}
bool BelongsUnder(const RecordKey& key, const PhoneClaim&) {
  return key.kind == RecordKind::kPhoneClaim;
}
bool BelongsUnder(const RecordKey& key, const NameEntry&) {
  return key.kind == RecordKind::kOrganizationName || key.kind == RecordKind::kMemberName ||
         key.kind == RecordKind::kMemberEmail;
}

void TakeFromKey(const RecordKey& key, MemberRecord* record) {
  record->organization_id = key.organization;
  record->member_id = key.name.view();
}
void TakeFromKey(const RecordKey& key, OrganizationRecord* record) {
  record->organization.organization_id = key.name.view();
}
void TakeFromKey(const RecordKey&, PhoneClaim*) {}
void TakeFromKey(const RecordKey&, NameEntry*) {}

// ---- The frame around the body ----

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

uint32_t ChecksumOf(const RecordKey& key, std::string_view frame) {
  return Crc32c(Crc32c(0, EncodeKey(key)), frame);
}

template <typename T>
std::string EncodeAs(const RecordKey& key, const T& record, uint8_t version) {
  if (!BelongsUnder(key, record)) return {};
  std::string body;
  body.reserve(512);  // most records fit, so the body grows in one block
  FieldWriter fields(&body, MinorOf(version));
  Visit(fields, record, static_cast<const T*>(nullptr));
  if (!fields.ok()) return {};

  std::string frame;
  frame.reserve(body.size() + 16);
  frame += kMagic;
  frame += static_cast<char>(version);
  frame += static_cast<char>(key.kind);
  FieldWriter(&frame, 0).Number(body.size());
  frame += body;
  const uint32_t checksum = ChecksumOf(key, frame);
  for (size_t i = 0; i < kChecksumBytes; ++i) frame += static_cast<char>(checksum >> (8 * i));
  return frame;
}

template <typename T>
bool ReadFields(const RecordKey& key, std::string_view body, uint8_t minor, T* record) {
  FieldReader fields(body, minor);
  Visit(fields, *record, static_cast<const T*>(nullptr));
  TakeFromKey(key, record);
  // Only the next minor version may have more to say, and it says that at the end.
  return fields.ok() && (fields.at_end() || minor > MinorOf(kCodecVersion)) &&
         BelongsUnder(key, *record);
}

Result<Record> ReadBody(const RecordKey& key, std::string_view body, uint8_t minor) {
  const auto corrupted = [] { return Unreadable("record corrupted"); };
  switch (key.kind) {
    case RecordKind::kOrganization: {
      auto record = std::make_shared<OrganizationRecord>();
      if (!ReadFields(key, body, minor, record.get())) return corrupted();
      return Record(OrganizationSnapshot(std::move(record)));
    }
    case RecordKind::kMember: {
      Result<Record> result{Record(std::in_place_type<MemberRecord>)};
      if (!ReadFields(key, body, minor, std::get_if<MemberRecord>(&*result))) return corrupted();
      return result;
    }
    case RecordKind::kPhoneClaim: {
      PhoneClaim claim;
      if (!ReadFields(key, body, minor, &claim)) return corrupted();
      return Record(claim);
    }
    case RecordKind::kOrganizationName:
    case RecordKind::kMemberName:
    case RecordKind::kMemberEmail: {
      NameEntry entry;
      if (!ReadFields(key, body, minor, &entry)) return corrupted();
      return Record(entry);
    }
  }
  return corrupted();
}

}  // namespace

std::string EncodeRecord(const RecordKey& key, const Record& record, uint8_t version) {
  if (MajorOf(version) != MajorOf(kCodecVersion) || version > kCodecVersion) return {};
  if (const auto* member = std::get_if<MemberRecord>(&record))
    return EncodeAs(key, *member, version);
  if (const auto* organization = std::get_if<OrganizationSnapshot>(&record))
    return *organization ? EncodeAs(key, **organization, version) : std::string();
  if (const auto* claim = std::get_if<PhoneClaim>(&record)) return EncodeAs(key, *claim, version);
  if (const auto* entry = std::get_if<NameEntry>(&record)) return EncodeAs(key, *entry, version);
  return {};
}

Result<Record> DecodeRecord(const RecordKey& key, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + 1 + kChecksumBytes) return Unreadable("record truncated");
  if (bytes[0] != kMagic) return Unreadable("record corrupted");
  const auto version = static_cast<uint8_t>(bytes[1]);
  // The next minor version can be read; of what lies beyond not even the frame is known.
  if (version > kCodecVersion + 1) return Unreadable("record from a newer version");
  if (MajorOf(version) < MajorOf(kCodecVersion)) return Unreadable("record corrupted");

  FieldReader frame(bytes.substr(kHeaderBytes), 0);
  size_t body_bytes = 0;
  frame.Number(body_bytes);
  if (!frame.ok()) return Unreadable("record corrupted");
  if (frame.left() < kChecksumBytes || frame.left() - kChecksumBytes < body_bytes)
    return Unreadable("record truncated");
  if (frame.left() - kChecksumBytes > body_bytes) return Unreadable("record corrupted");

  const size_t frame_bytes = bytes.size() - kChecksumBytes;
  uint32_t checksum = 0;
  for (size_t i = 0; i < kChecksumBytes; ++i)
    checksum |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[frame_bytes + i])) << (8 * i);
  if (checksum != ChecksumOf(key, bytes.substr(0, frame_bytes)) ||
      static_cast<uint8_t>(bytes[2]) != static_cast<uint8_t>(key.kind))
    return Unreadable("record corrupted");
  return ReadBody(key, bytes.substr(frame_bytes - body_bytes, body_bytes), MinorOf(version));
}

}  // namespace otpcore
