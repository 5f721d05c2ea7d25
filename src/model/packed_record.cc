// SPDX-License-Identifier: Apache-2.0
#include "model/packed_record.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "base/generated_id.h"
#include "model/record_layout.h"

namespace otpcore {
namespace {

// Writes fields to memory, or reads them from it: what a `Visit` of the layout needs.
template <bool kWrites>
class PackedFields {
 public:
  using At = std::conditional_t<kWrites, char*, const char*>;

  explicit PackedFields(At at) : at_(at) {}
  At at() const { return at_; }
  bool ok() const { return ok_; }  // false: a text was too long
  uint8_t minor() const { return UINT8_MAX; }

  template <typename... Flags>
  void Bits(Flags&... flags) {
    (Copy(&flags, 1), ...);
  }
  template <typename E, typename Bound>
  void Enum(E& value, Bound /*first*/, Bound /*last*/) {
    Copy(&value, 1);
  }
  template <typename E>
  void OpenEnum(E& value) {
    Copy(&value, 1);
  }
  template <typename T>
  void Byte(T& value) {
    Copy(&value, 1);
  }
  // Most are small: seven bits a byte, the top bit says that more follow.
  template <typename T>
  void Number(T& value) {
    if constexpr (kWrites) {
      uint64_t rest = value;
      for (; rest >= 0x80; rest >>= 7) *at_++ = static_cast<char>(rest | 0x80);
      *at_++ = static_cast<char>(rest);
    } else {
      uint64_t number = 0;
      for (int shift = 0;; shift += 7) {
        const auto byte = static_cast<uint8_t>(*at_++);
        number |= uint64_t{byte & 0x7Fu} << shift;
        if (byte < 0x80) break;
      }
      value = static_cast<T>(number);
    }
  }
  // An Instant needs 48 bits.
  void Time(const Instant& value) {
    const auto millis = static_cast<uint64_t>(value.unix_millis());
    const auto low = static_cast<uint32_t>(millis);
    const auto high = static_cast<uint16_t>(millis >> 32);
    Copy(&low, 1);
    Copy(&high, 1);
  }
  void Time(Instant& value) {
    uint32_t low = 0;
    uint16_t high = 0;
    Copy(&low, 1);
    Copy(&high, 1);
    value = Instant::FromUnixMillis(int64_t{high} << 32 | low);
  }
  template <typename T>
  void Bytes(T& value) {
    Copy(value.data(), value.size());
  }
  template <typename Ledger>
  void Times(Ledger& ledger) {
    Copy(&ledger.count, 1);
    for (size_t i = 0; i < ledger.count; ++i) Time(ledger.times[i]);
  }
  void Text(const Id& value) { at_ += PackId(value, at_); }
  void Text(Id& value) { at_ += UnpackId(at_, &value); }
  template <typename T>
  void Text(T& value) {
    auto size = static_cast<uint8_t>(value.size());
    TextOf(value, size);
  }
  template <typename T>
  void Text(T& value, size_t bytes_max) {
    ok_ = ok_ && value.size() <= bytes_max;
    if (ok_) TextOf(value, static_cast<uint16_t>(value.size()));
  }

 private:
  template <typename T>
  void Copy(T* field, size_t count) {
    static_assert(std::is_trivially_copyable_v<T>);
    if constexpr (kWrites) {
      std::memcpy(at_, field, count * sizeof(T));
    } else {
      std::memcpy(field, at_, count * sizeof(T));
    }
    at_ += count * sizeof(T);
  }
  template <size_t N>
  static void Assign(std::string_view text, InlineText<N>* value) {
    value->Assign(text);
  }
  static void Assign(std::string_view text, std::string* value) { *value = text; }
  template <typename T, typename Size>
  void TextOf(T& value, Size size) {
    Copy(&size, 1);
    if constexpr (kWrites) {
      const std::string_view text = value;
      Copy(text.data(), size);
    } else {
      Assign({at_, size}, &value);
      at_ += size;
    }
  }

  At at_;
  bool ok_ = true;
};

template <typename T>
std::optional<std::string_view> Pack(const RecordKey& key, const T& record, PackBuffer* buffer) {
  if (!BelongsUnder(key, record)) return std::nullopt;
  PackedFields<true> fields(buffer->data());
  Visit(fields, record, static_cast<const T*>(nullptr));
  if (!fields.ok()) return std::nullopt;
  return std::string_view(buffer->data(), static_cast<size_t>(fields.at() - buffer->data()));
}

template <typename T>
void Unpack(const RecordKey& key, std::string_view packed, T* record) {
  PackedFields<false> fields(packed.data());
  Visit(fields, *record, static_cast<const T*>(nullptr));
  TakeFromKey(key, record);
}

}  // namespace

std::optional<std::string_view> PackRecord(const RecordKey& key, const Record& record,
                                           PackBuffer* buffer) {
  if (const auto* member = std::get_if<MemberRecord>(&record)) return Pack(key, *member, buffer);
  if (const auto* claim = std::get_if<PhoneClaim>(&record)) return Pack(key, *claim, buffer);
  if (const auto* entry = std::get_if<NameEntry>(&record)) return Pack(key, *entry, buffer);
  if (const auto* organization = std::get_if<OrganizationSnapshot>(&record)) {
    if (*organization == nullptr) return std::nullopt;
    return Pack(key, **organization, buffer);
  }
  return std::string_view();
}

void UnpackRecord(const RecordKey& key, std::string_view packed, Record* record) {
  switch (key.kind) {
    case RecordKind::kOrganization: {
      auto organization = std::make_shared<OrganizationRecord>();
      Unpack(key, packed, organization.get());
      record->emplace<OrganizationSnapshot>(std::move(organization));
      return;
    }
    case RecordKind::kMember: return Unpack(key, packed, &record->emplace<MemberRecord>());
    case RecordKind::kPhoneClaim: return Unpack(key, packed, &record->emplace<PhoneClaim>());
    default: return Unpack(key, packed, &record->emplace<NameEntry>());
  }
}

}  // namespace otpcore
