// SPDX-License-Identifier: Apache-2.0
// The two hands of the codec: one packs fields, one reads them. Both have the same methods, so one
// function per record says its layout for both directions.
//
// Fields of fixed length are given to Fields together: their place is known when this is compiled,
// and one check of what is left does for all of them. They are
//   any whole number or enumeration, in as many bytes as its type has;
//   Ranged(value, first, last): an enumeration that is refused outside of its range;
//   Flags(a, b, …): up to eight of them in a byte, the first one lowest;
//   an Instant, in six bytes;
//   an array of bytes.
#ifndef OTPCORE_SRC_MODEL_PACKED_H_
#define OTPCORE_SRC_MODEL_PACKED_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "base/little_endian.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/model/member.h"

namespace otpcore {

template <typename E>
struct Ranged {
  Ranged(E& its_value, std::remove_const_t<E> the_first, std::remove_const_t<E> the_last)
      : value(its_value), first(the_first), last(the_last) {}
  E& value;
  std::remove_const_t<E> first;
  std::remove_const_t<E> last;
};

template <typename... Bools>
struct Flags {
  static_assert(sizeof...(Bools) <= 8, "they share a byte");
  explicit Flags(Bools&... the_flags) : flags(the_flags...) {}
  std::tuple<Bools&...> flags;
};

// How many bytes a field of this type takes.
template <typename T>
struct FieldBytes : std::integral_constant<size_t, sizeof(T)> {
  static_assert(std::is_integral_v<T> || std::is_enum_v<T>, "no field of fixed length");
};
template <>
struct FieldBytes<Instant> : std::integral_constant<size_t, 6> {};
template <size_t N>
struct FieldBytes<std::array<uint8_t, N>> : std::integral_constant<size_t, N> {};
template <typename E>
struct FieldBytes<Ranged<E>> : std::integral_constant<size_t, sizeof(E)> {};
template <typename... Bools>
struct FieldBytes<Flags<Bools...>> : std::integral_constant<size_t, 1> {};

template <typename T>
inline constexpr size_t kFieldBytes = FieldBytes<std::remove_cv_t<std::remove_reference_t<T>>>{};

// Writes fields one behind the other. Fails, for good, at a text that is too long. The caller has
// room for the longest record.
class PackedWriter {
 public:
  explicit PackedWriter(char* at) : at_(at) {}

  char* at() const { return at_; }
  bool ok() const { return ok_; }

  template <typename... T>
  void Fields(const T&... fields) {
    ((Write(fields), at_ += kFieldBytes<T>), ...);
  }
  // At most `most` times; more are refused.
  template <int N>
  void Times(const TimeLedger<N>& ledger, int most = N) {
    if (ledger.count > most) {
      ok_ = false;
      return;
    }
    Fields(ledger.count);
    std::memcpy(at_, ledger.begin(), ledger.count * sizeof(PackedInstant));
    at_ += ledger.count * sizeof(PackedInstant);
  }
  // These two are for a reader: a part that no writer leaves so, and values the record says nothing
  // of.
  void Refuse() {}
  void Blank(const FailureTimes&) {}
  template <typename Visit>
  void Each(const DeviceLedger& devices, const Visit& visit) {
    Fields(static_cast<uint8_t>(devices.size()));
    for (const KnownDevice& device : devices) visit(device);
  }
  // A text whose length fits one byte.
  void Text(std::string_view value, size_t bytes_max) {
    if (value.size() > bytes_max || value.size() > UINT8_MAX) {
      ok_ = false;
      return;
    }
    Fields(static_cast<uint8_t>(value.size()));
    Raw(value);
  }
  void LongText(std::string_view value, size_t bytes_max) {
    if (value.size() > bytes_max) {
      ok_ = false;
      return;
    }
    Fields(static_cast<uint16_t>(value.size()));
    Raw(value);
  }
  template <size_t N>
  void Text(const InlineText<N>& value) {
    Text(value.view(), N);
  }
  void Id(const EntityId& value) { Text(value.packed(), kIdBytesMax); }

 private:
  template <typename T>
  void Write(T value) {
    StoreLittle(static_cast<uint64_t>(value), at_, sizeof(T));
  }
  template <size_t N>
  void Write(const std::array<uint8_t, N>& value) {
    std::memcpy(at_, value.data(), N);
  }
  void Write(Instant value) {
    StoreLittle(static_cast<uint64_t>(value.unix_millis()), at_, kFieldBytes<Instant>);
  }
  template <typename E>
  void Write(const Ranged<E>& value) {
    Write(value.value);
  }
  template <typename... Bools>
  void Write(const Flags<Bools...>& value) {
    unsigned bits = 0;
    unsigned next = 1;
    std::apply([&](const auto&... flag) { ((bits |= flag ? next : 0, next *= 2), ...); },
               value.flags);
    Write(static_cast<uint8_t>(bits));
  }
  void Raw(std::string_view bytes) {
    if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

  char* at_;
  bool ok_ = true;
};

// Reads fields one behind the other. Fails, for good, at the first that no writer leaves so; what
// is read from then on is zero.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }

  template <typename... T>
  void Fields(T&&... fields) {
    constexpr size_t kBytes = (kFieldBytes<T> + ...);
    static_assert(kBytes <= sizeof kZeros);
    const char* at = Take(kBytes);
    if (at == nullptr) at = kZeros;
    ((Read(at, fields), at += kFieldBytes<T>), ...);
  }
  // The latest stands for all: they ascend.
  template <int N>
  void Times(TimeLedger<N>& ledger, int most = N) {
    Fields(ledger.count);
    const size_t bytes = ledger.count * sizeof(PackedInstant);
    const char* const at = ledger.count > most ? nullptr : Take(bytes);
    if (at == nullptr) {
      ok_ = false;
      ledger.count = 0;
      return;
    }
    if (ledger.empty()) return;
    std::memcpy(ledger.times.data(), at, bytes);
    if (!ledger.end()[-1].valid()) ok_ = false;
  }
  void Refuse() { ok_ = false; }
  void Blank(FailureTimes& recent) {
    for (size_t i = 0; i < recent.count; ++i) recent.origins[i] = FailureOrigin();
  }
  // One without devices is written as none.
  template <typename Visit>
  void Each(DeviceLedger& devices, const Visit& visit) {
    uint8_t size = 0;
    Fields(size);
    if (size == 0 || size > kDevicesMax) ok_ = false;
    for (uint8_t i = 0; ok_ && i < size; ++i) visit(devices.Add());
  }
  void Text(std::string_view& value, size_t bytes_max) {
    uint8_t size = 0;
    Fields(size);
    value = Bytes(size, bytes_max);
  }
  void LongText(std::string_view& value, size_t bytes_max) {
    uint16_t size = 0;
    Fields(size);
    value = Bytes(size, bytes_max);
  }
  template <size_t N>
  void Text(InlineText<N>& value) {
    std::string_view text;
    Text(text, N);
    value.Assign(text);
  }
  void Id(EntityId& value) {
    std::string_view packed;
    Text(packed, kIdBytesMax);
    value = EntityId::FromPacked(packed);
    if (value.empty() != packed.empty()) ok_ = false;
  }

 private:
  static constexpr char kZeros[96] = {};

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
  std::string_view Bytes(size_t size, size_t bytes_max) {
    if (size > bytes_max) {
      ok_ = false;
      return {};
    }
    const char* const text = Take(size);
    return text == nullptr ? std::string_view() : std::string_view(text, size);
  }
  template <typename T>
  void Read(const char* at, T& value) {
    value = static_cast<T>(LoadLittle(at, sizeof(T)));
  }
  template <size_t N>
  void Read(const char* at, std::array<uint8_t, N>& value) {
    std::memcpy(value.data(), at, N);
  }
  void Read(const char* at, Instant& value) {
    const uint64_t millis = LoadLittle(at, kFieldBytes<Instant>);
    if (millis > static_cast<uint64_t>(Instant::kMaxUnixMillis)) {
      ok_ = false;
      value = Instant();
      return;
    }
    value = Instant::FromUnixMillis(static_cast<int64_t>(millis));
  }
  template <typename E>
  void Read(const char* at, Ranged<E>& ranged) {
    Read(at, ranged.value);
    if (ranged.value < ranged.first || ranged.value > ranged.last) ok_ = false;
  }
  template <typename... Bools>
  void Read(const char* at, Flags<Bools...>& value) {
    const auto bits = static_cast<unsigned char>(*at);
    unsigned next = 1;
    std::apply([&](auto&... flag) { ((flag = (bits & next) != 0, next *= 2), ...); }, value.flags);
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_PACKED_H_
