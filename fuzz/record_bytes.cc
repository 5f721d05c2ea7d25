// SPDX-License-Identifier: Apache-2.0
// Records as bytes: whatever lies in a store, a record is read whole or not at all (K-07, K-12,
// B-17).
#include <string>
#include <vector>

#include "fuzz.h"
#include "otpcore/model/codec.h"

namespace otpcore {
namespace {

struct Keys {
  RecordKey key;
  RecordKey other;  // of the same kind
  RecordKind kind;  // in the head of its records: the names share one
};
const Keys& KeysOf(int choice) {
  static const Keys keys[] = {
      {RecordKey::Organization("o"), RecordKey::Organization("p"), RecordKind::kOrganization},
      {RecordKey::Member("o", "m"), RecordKey::Member("om", "m"), RecordKind::kMember},
      {RecordKey::PhoneClaim("o", "+1415"), RecordKey::PhoneClaim("o", "+1416"),
       RecordKind::kPhoneClaim},
      {RecordKey::OrganizationName("acme"), RecordKey::OrganizationName("acm"),
       RecordKind::kOrganizationName},
      {RecordKey::MemberName("o", "external"), RecordKey::MemberName("p", "external"),
       RecordKind::kOrganizationName},
      {RecordKey::MemberEmail("o", "a@b"), RecordKey::MemberEmail("o", "a@b.c"),
       RecordKind::kOrganizationName},
      {RecordKey::Discovery("a@b"), RecordKey::Discovery("a@b.c"), RecordKind::kDiscovery},
  };
  return keys[choice % 7];
}

constexpr size_t BytesMax(const MemberRecord&) { return kMemberRecordBytesMax; }
constexpr size_t BytesMax(const OrganizationRecord&) { return kOrganizationRecordBytesMax; }
constexpr size_t BytesMax(const DiscoveryRecord&) { return kDiscoveryRecordBytesMax; }
constexpr size_t BytesMax(const PhoneClaim&) { return kIndexRecordBytesMax; }
constexpr size_t BytesMax(const NameEntry&) { return kIndexRecordBytesMax; }

// In a heap block of its own and no longer than promised, so that a write past its end is seen.
template <typename R>
std::string PackedOf(const R& record) {
  std::vector<char> room(BytesMax(record));
  const size_t size = Pack(record, room.data());
  FUZZ_CHECK(size > 0 && size <= room.size());
  return std::string(room.data(), size);
}

RunId RunOf(const MemberRecord& record) { return record.mark.run; }
RunId RunOf(const OrganizationRecord& record) { return record.mark.run; }
RunId RunOf(const DiscoveryRecord& record) { return record.mark.run; }
template <typename R>
RunId RunOf(const R&) {
  return 0;
}

// What is read of a recovery set is what its commands see of it (RC-01), and the state of the
// registration one of the five (TO-28).
void CheckMember(const RecordKey& key, const MemberRecord& record) {
  const Member member = ViewOf(record, Instant::FromUnixMillis(1767225600000), Environment::kTest);
  FUZZ_CHECK(member.member_id == key.id() && member.organization_id == key.organization());
  FUZZ_CHECK(member.totp_registration_id.empty() != record.HasActiveTotp());
  FUZZ_CHECK(record.registration_state() <= RegistrationState::kExternal);
  const RecoverySet set = SetOf(record.recovery);
  FUZZ_CHECK(set.count * sizeof(RecoveryDigest) == record.recovery.digests.size());
  FUZZ_CHECK(set.left() <= set.count);
  const RecoveryFactor again = FactorOf(set, record.recovery.epoch);
  FUZZ_CHECK(again.digests == record.recovery.digests && again.used == record.recovery.used);
}

// What is read is written in one form.
template <typename R>
void CheckRecord(const RecordKey& key, std::string_view bytes) {
  R record;
  const bool read = Unpack(key, bytes, &record);
  FUZZ_CHECK(IsReadable(key, bytes) == read);
  if (!read) return;
  const std::string packed = PackedOf(record);
  R again;
  FUZZ_CHECK(Unpack(key, packed, &again));
  FUZZ_CHECK(PackedOf(again) == packed);
  FUZZ_CHECK(RunIn(bytes) == RunOf(record) && RunIn(packed) == RunOf(record));
  if constexpr (std::is_same_v<R, MemberRecord>) CheckMember(key, record);
}

void CheckUnpacking(const RecordKey& key, std::string_view bytes) {
  switch (key.kind()) {
    case RecordKind::kOrganization: return CheckRecord<OrganizationRecord>(key, bytes);
    case RecordKind::kMember: return CheckRecord<MemberRecord>(key, bytes);
    case RecordKind::kDiscovery: return CheckRecord<DiscoveryRecord>(key, bytes);
    case RecordKind::kPhoneClaim: return CheckRecord<PhoneClaim>(key, bytes);
    default: return CheckRecord<NameEntry>(key, bytes);
  }
}

void CheckRefused(const Result<std::string_view>& read) {
  FUZZ_CHECK(!read.has_value());
  FUZZ_CHECK(read.error().code() == ErrorCode::kInternalServerError);
  FUZZ_CHECK(!read.error().detail().empty());
}

// Nothing is read once a byte is missing or another, or the key is.
void CheckProtection(const Keys& keys, const std::string& bytes, size_t place) {
  const std::string kept = Protect(keys.key, bytes);
  const Result<std::string_view> read = Unprotect(keys.key, kept);
  if (!IsReadable(keys.key, bytes)) return CheckRefused(read);
  FUZZ_CHECK(read.has_value() && *read == bytes);
  place %= kept.size();
  const std::string cut(kept, 0, place);
  const Result<std::string_view> shorter = Unprotect(keys.key, cut);
  if (shorter) {  // the fuzzer found bytes that begin with another record and its checksum
    FUZZ_CHECK(Protect(keys.key, *shorter) == cut);
  } else {
    CheckRefused(shorter);
  }
  std::string damaged = kept;
  damaged[place] = static_cast<char>(damaged[place] ^ (1 << place % 8));
  CheckRefused(Unprotect(keys.key, damaged));
  CheckRefused(Unprotect(keys.other, kept));
}

void CheckBytes(const Keys& keys, const std::string& bytes, size_t place) {
  CheckUnpacking(keys.key, bytes);
  CheckProtection(keys, bytes, place);
  // A store may have anything under a key.
  const Result<std::string_view> found = Unprotect(keys.key, bytes);
  if (found) {
    FUZZ_CHECK(IsReadable(keys.key, *found));
  } else {
    CheckRefused(found);
  }
}

// Bytes as a key: none, or the one that has them.
void CheckKey(std::string_view bytes) {
  const RecordKey key = RecordKey::FromBytes(bytes);
  if (key.empty()) return;
  FUZZ_CHECK(key.bytes() == bytes);
  FUZZ_CHECK(key == RecordKey::FromBytes(key.bytes()));
  FUZZ_CHECK(key.name().size() <= 255 && key.organization().packed().size() <= kIdBytesMax);
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace otpcore;
  fuzz::Input input(data, size);
  const int choice = input.Byte();
  const auto place = static_cast<size_t>(input.Number(2));
  const Keys& keys = KeysOf(choice);
  const std::string bytes(input.Rest());
  CheckBytes(keys, bytes, place);
  CheckKey(bytes);
  // Only behind a right head does the reader of the fields see them.
  const int newer = choice / 7 % 2;
  const std::string head = {static_cast<char>(kRecordVersion + newer),
                            static_cast<char>(keys.kind)};
  CheckBytes(keys, head + bytes, place);
  return 0;
}
