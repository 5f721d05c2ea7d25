// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/codec.h"

#include <memory>
#include <utility>

#include "model/codec_archive.h"
#include "model/record_layout.h"

namespace otpcore {
namespace {

constexpr char kMagic = '\xC7';  // followed by a version: no UTF-8 text starts like that
constexpr size_t kHeaderBytes = 3;
constexpr size_t kChecksumBytes = 4;

uint8_t MajorOf(uint8_t version) { return static_cast<uint8_t>(version >> 4); }
constexpr uint8_t MinorOf(uint8_t version) { return version & 15; }
static_assert(MinorOf(kCodecVersion) < 15, "the next minor version must be one of this major");

Error Unreadable(const char* detail) { return {ErrorCode::kInternalServerError, detail}; }

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
