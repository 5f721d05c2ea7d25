// SPDX-License-Identifier: Apache-2.0
// The two hands of the codec: one packs fields, one reads them. Both have the same methods, so one
// function per record says its layout for both directions.
#ifndef OTPCORE_SRC_MODEL_PACKED_H_
#define OTPCORE_SRC_MODEL_PACKED_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

#include "base/little_endian.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/model/member.h"

namespace otpcore {

// Writes fields one behind the other. Fails, for good, at a text that is too long. The caller has
// room for the longest record.
class PackedWriter {
 public:
  static constexpr bool kReads = false;
  explicit PackedWriter(char* at) : at_(at) {}

  char* at() const { return at_; }
  bool ok() const { return ok_; }

  // Any unsigned number or enumeration in as many bytes as its type has.
  template <typename T>
  void Number(T value) {
    Little(static_cast<uint64_t>(value), sizeof(T));
  }
  template <typename E>
  void Enum(E value, E /*first*/, E /*last*/) {
    Number(value);
  }
  void Time(Instant value) { Little(static_cast<uint64_t>(value.unix_millis()), 6); }
  template <size_t N>
  void Bytes(const std::array<uint8_t, N>& value) {
    Raw(value.data(), N);
  }
  template <int N>
  void Times(const TimeLedger<N>& ledger) {
    Number(ledger.count);
    for (const Instant at : ledger) Time(at);
  }
  // A text whose length fits one byte.
  void Text(std::string_view value, size_t bytes_max) {
    if (value.size() > bytes_max || value.size() > UINT8_MAX) {
      ok_ = false;
      return;
    }
    Number(static_cast<uint8_t>(value.size()));
    Raw(value.data(), value.size());
  }
  void LongText(std::string_view value, size_t bytes_max) {
    if (value.size() > bytes_max) {
      ok_ = false;
      return;
    }
    Number(static_cast<uint16_t>(value.size()));
    Raw(value.data(), value.size());
  }
  template <size_t N>
  void Text(const InlineText<N>& value) {
    Text(value.view(), N);
  }
  void Id(const EntityId& value) { Text(value.packed(), kIdBytesMax); }

 private:
  void Little(uint64_t value, size_t size) {
    StoreLittle(value, at_, size);
    at_ += size;
  }
  void Raw(const void* bytes, size_t size) {
    if (size > 0) std::memcpy(at_, bytes, size);
    at_ += size;
  }

  char* at_;
  bool ok_ = true;
};

// Reads fields one behind the other. Fails, for good, at the first that no writer leaves so; what
// is read from then on is zero.
class PackedReader {
 public:
  static constexpr bool kReads = true;
  explicit PackedReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }

  template <typename T>
  void Number(T& value) {
    value = static_cast<T>(Little(sizeof(T)));
  }
  template <typename E>
  void Enum(E& value, E first, E last) {
    Number(value);
    if (value < first || value > last) ok_ = false;
  }
  void Time(Instant& value) {
    const uint64_t millis = Little(6);
    if (millis > static_cast<uint64_t>(Instant::kMaxUnixMillis)) ok_ = false;
    value = Instant::FromUnixMillis(static_cast<int64_t>(millis));
  }
  template <size_t N>
  void Bytes(std::array<uint8_t, N>& value) {
    if (const char* const bytes = Take(N)) std::memcpy(value.data(), bytes, N);
  }
  template <int N>
  void Times(TimeLedger<N>& ledger) {
    Number(ledger.count);
    if (ledger.count > N) {
      ok_ = false;
      ledger.count = 0;
    }
    for (size_t i = 0; i < ledger.count; ++i) Time(ledger.times[i]);
  }
  void Text(std::string_view& value, size_t bytes_max) { value = Read(Little(1), bytes_max); }
  void LongText(std::string_view& value, size_t bytes_max) { value = Read(Little(2), bytes_max); }
  template <size_t N>
  void Text(InlineText<N>& value) {
    value.Assign(Read(Little(1), N));
  }
  void Id(EntityId& value) {
    const std::string_view packed = Read(Little(1), kIdBytesMax);
    value = EntityId::FromPacked(packed);
    if (value.empty() != packed.empty()) ok_ = false;
  }

 private:
  // Null, and failed, when fewer than `size` bytes are left.
  const char* Take(size_t size) {
    if (static_cast<size_t>(end_ - at_) < size) {
      ok_ = false;
      at_ = end_;
      return nullptr;
    }
    const char* const taken = at_;
    at_ += size;
    return taken;
  }
  uint64_t Little(size_t size) {
    const char* const bytes = Take(size);
    return bytes == nullptr ? 0 : LoadLittle(bytes, size);
  }
  std::string_view Read(uint64_t size, size_t bytes_max) {
    if (size > bytes_max) {
      ok_ = false;
      return {};
    }
    const char* const text = Take(static_cast<size_t>(size));
    return text == nullptr ? std::string_view() : std::string_view(text, static_cast<size_t>(size));
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_PACKED_H_
