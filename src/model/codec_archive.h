// SPDX-License-Identifier: Apache-2.0
// The two archives of the codec: one writes fields, one reads them. Both have the same methods, so
// that one `Visit` function per record says its layout for both directions.
#ifndef OTPCORE_SRC_MODEL_CODEC_ARCHIVE_H_
#define OTPCORE_SRC_MODEL_CODEC_ARCHIVE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "otpcore/base/text.h"
#include "otpcore/base/time.h"
#include "otpcore/model/member.h"

namespace otpcore {

// Appends fields to a text. Fails, for good, when a text is longer than its limit or an enumeration
// has no such value.
class FieldWriter {
 public:
  FieldWriter(std::string* out, uint8_t minor) : out_(*out), minor_(minor) {}

  bool ok() const { return ok_; }
  uint8_t minor() const { return minor_; }

  // Up to eight flags in one byte, the first one lowest.
  template <typename... Flags>
  void Bits(const Flags&... flags) {
    uint8_t bits = 0;
    uint8_t next = 1;
    ((bits = static_cast<uint8_t>(bits | (flags ? next : 0)),
      next = static_cast<uint8_t>(next * 2)),
     ...);
    Byte(bits);
  }
  template <typename E>
  void Enum(const E& value, E first, E last) {
    ok_ = ok_ && first <= value && value <= last;
    Byte(static_cast<uint8_t>(value));
  }
  // Also a number without a name here.
  template <typename E>
  void OpenEnum(const E& value) {
    Byte(static_cast<uint8_t>(value));
  }
  void Byte(const uint8_t& value) { out_ += static_cast<char>(value); }
  // Seven bits a byte, the lowest first; the high bit says that more follow.
  template <typename T>
  void Number(const T& value) {
    static_assert(std::is_unsigned_v<T>);
    uint64_t rest = value;
    for (; rest >= 0x80; rest >>= 7) out_ += static_cast<char>(rest | 0x80);
    out_ += static_cast<char>(rest);
  }
  void Time(const Instant& value) { Number(static_cast<uint64_t>(value.unix_millis())); }
  void Text(const std::string& value, size_t bytes_max) { WriteText(value, bytes_max); }
  template <size_t N>
  void Text(const InlineText<N>& value) {
    WriteText(value.view(), N);
  }
  // All zero, which stands for "none", takes one byte.
  template <size_t N>
  void Bytes(const std::array<uint8_t, N>& value) {
    const bool some = value != std::array<uint8_t, N>{};
    Byte(some ? 1 : 0);
    if (some) out_.append(reinterpret_cast<const char*>(value.data()), N);
  }
  template <int N>
  void Times(const TimeLedger<N>& ledger) {
    Byte(ledger.count);
    for (const Instant at : ledger) Time(at);
  }

 private:
  void WriteText(std::string_view text, size_t bytes_max) {
    ok_ = ok_ && text.size() <= bytes_max;
    Number(text.size());
    out_.append(text);
  }

  std::string& out_;
  uint8_t minor_;
  bool ok_ = true;
};

// Takes fields from the front of a text. At the first that is not as a writer would have left it
// the archive fails for good and leaves all further fields as they are.
class FieldReader {
 public:
  FieldReader(std::string_view in, uint8_t minor) : in_(in), minor_(minor) {}

  bool ok() const { return ok_; }
  bool at_end() const { return in_.empty(); }
  size_t left() const { return in_.size(); }
  uint8_t minor() const { return minor_; }

  template <typename... Flags>
  void Bits(Flags&... flags) {
    uint8_t bits = 0;
    Byte(bits);
    ((flags = (bits & 1) != 0, bits = static_cast<uint8_t>(bits >> 1)), ...);
    ok_ = ok_ && bits == 0;
  }
  template <typename E>
  void Enum(E& value, E first, E last) {
    uint8_t number = 0;
    Byte(number);
    const auto read = static_cast<E>(number);
    ok_ = ok_ && first <= read && read <= last;
    if (ok_) value = read;
  }
  template <typename E>
  void OpenEnum(E& value) {
    uint8_t number = 0;
    Byte(number);
    if (ok_) value = static_cast<E>(number);
  }
  void Byte(uint8_t& value) {
    const std::string_view bytes = Take(1);
    if (ok_) value = static_cast<uint8_t>(bytes[0]);
  }
  template <typename T>
  void Number(T& value) {
    static_assert(std::is_unsigned_v<T>);
    uint64_t number = 0;
    uint8_t byte = 0x80;
    for (int shift = 0; ok_ && (byte & 0x80) != 0; shift += 7) {
      Byte(byte);
      const uint64_t bits = byte & 0x7F;
      // Neither beyond 64 bits, nor longer than needed: a value has one form.
      ok_ = ok_ && shift < 64 && (bits << shift) >> shift == bits && (byte != 0 || shift == 0);
      if (ok_) number |= bits << shift;
    }
    ok_ = ok_ && number <= static_cast<T>(-1);
    if (ok_) value = static_cast<T>(number);
  }
  void Time(Instant& value) {
    uint64_t millis = 0;
    Number(millis);
    ok_ = ok_ && millis <= static_cast<uint64_t>(Instant::kMaxUnixMillis);
    if (ok_) value = Instant::FromUnixMillis(static_cast<int64_t>(millis));
  }
  void Text(std::string& value, size_t bytes_max) {
    const std::string_view text = ReadText(bytes_max);
    if (ok_) value = std::string(text);
  }
  template <size_t N>
  void Text(InlineText<N>& value) {
    const std::string_view text = ReadText(N);
    if (ok_) value = text;
  }
  template <size_t N>
  void Bytes(std::array<uint8_t, N>& value) {
    uint8_t some = 0;
    Byte(some);
    ok_ = ok_ && some <= 1;
    const std::string_view bytes = Take(ok_ && some == 1 ? N : 0);
    // "None" has one form too.
    ok_ = ok_ && (some == 0 || bytes.find_first_not_of('\0') != std::string_view::npos);
    if (ok_) std::copy(bytes.begin(), bytes.end(), value.begin());
  }
  template <int N>
  void Times(TimeLedger<N>& ledger) {
    uint8_t count = 0;
    Byte(count);
    ok_ = ok_ && count <= N;
    if (!ok_) return;
    ledger.count = count;
    for (size_t i = 0; i < count; ++i) Time(ledger.times[i]);
  }

 private:
  std::string_view Take(size_t size) {
    ok_ = ok_ && size <= in_.size();
    if (!ok_) return {};
    const std::string_view taken = in_.substr(0, size);
    in_.remove_prefix(size);
    return taken;
  }
  std::string_view ReadText(size_t bytes_max) {
    size_t size = 0;
    Number(size);
    ok_ = ok_ && size <= bytes_max;
    return Take(ok_ ? size : 0);
  }

  std::string_view in_;
  uint8_t minor_;
  bool ok_ = true;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_CODEC_ARCHIVE_H_
