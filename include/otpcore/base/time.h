// SPDX-License-Identifier: Apache-2.0
// Time as the library sees it: UTC, whole milliseconds, always handed in, never read.
//
// `Instant` is a point in time and `Duration` a span. All arithmetic saturates at the ends of the
// supported range, so no clock value and no stored value can overflow (threat 15).
#ifndef OTPCORE_BASE_TIME_H_
#define OTPCORE_BASE_TIME_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "otpcore/base/export.h"

namespace otpcore {

// A span of time in whole milliseconds; may be negative.
using Duration = std::chrono::milliseconds;

// A point in UTC, from 1970-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z; values outside are
// clamped. A default Instant is the epoch. Trivially copyable; safe to use from any thread.
class OTPCORE_EXPORT Instant {
 public:
  static constexpr int64_t kMaxUnixMillis = 253402300799999;

  constexpr Instant() = default;

  static constexpr Instant FromUnixMillis(int64_t millis) {
    Instant instant;
    instant.millis_ = millis < 0 ? 0 : millis > kMaxUnixMillis ? kMaxUnixMillis : millis;
    return instant;
  }
  static constexpr Instant Max() { return FromUnixMillis(kMaxUnixMillis); }

  constexpr int64_t unix_millis() const { return millis_; }

  friend constexpr Instant operator+(Instant a, Duration d) {
    // The span is clamped first; both terms then fit easily in 64 bits.
    const int64_t span = d.count() > kMaxUnixMillis    ? kMaxUnixMillis
                         : d.count() < -kMaxUnixMillis ? -kMaxUnixMillis
                                                       : d.count();
    return FromUnixMillis(a.millis_ + span);
  }
  friend constexpr Instant operator-(Instant a, Duration d) {
    return d.count() < -kMaxUnixMillis ? Max() : a + Duration(-d.count());
  }
  friend constexpr Duration operator-(Instant a, Instant b) {
    return Duration(a.millis_ - b.millis_);
  }
  friend constexpr bool operator==(Instant a, Instant b) { return a.millis_ == b.millis_; }
  friend constexpr bool operator!=(Instant a, Instant b) { return a.millis_ != b.millis_; }
  friend constexpr bool operator<(Instant a, Instant b) { return a.millis_ < b.millis_; }
  friend constexpr bool operator<=(Instant a, Instant b) { return a.millis_ <= b.millis_; }
  friend constexpr bool operator>(Instant a, Instant b) { return a.millis_ > b.millis_; }
  friend constexpr bool operator>=(Instant a, Instant b) { return a.millis_ >= b.millis_; }

 private:
  int64_t millis_ = 0;
};

// An Instant in six bytes, the lowest first: as records keep it. Bytes that no Instant packs to
// read as Instant::Max().
class PackedInstant {
 public:
  constexpr PackedInstant() = default;
  constexpr PackedInstant& operator=(Instant instant) {
    auto rest = static_cast<uint64_t>(instant.unix_millis());
    for (uint8_t& byte : bytes_) {
      byte = static_cast<uint8_t>(rest);
      rest >>= 8;
    }
    return *this;
  }
  constexpr operator Instant() const {  // NOLINT(google-explicit-constructor): it is one
    return Instant::FromUnixMillis(millis());
  }
  constexpr bool valid() const { return millis() <= Instant::kMaxUnixMillis; }

  friend constexpr bool operator==(PackedInstant a, PackedInstant b) {
    return a.millis() == b.millis();
  }

 private:
  // Compilers make one load of each half.
  constexpr int64_t millis() const {
    const uint32_t low = bytes_[0] | uint32_t{bytes_[1]} << 8 | uint32_t{bytes_[2]} << 16 |
                         uint32_t{bytes_[3]} << 24;
    const uint32_t high = bytes_[4] | uint32_t{bytes_[5]} << 8;
    return static_cast<int64_t>(uint64_t{high} << 32 | low);
  }

  uint8_t bytes_[6] = {};
};

// RFC 3339 in UTC with milliseconds, for example "2026-03-01T12:00:00.250Z".
OTPCORE_EXPORT std::string FormatRfc3339(Instant instant);

// `duration` in whole seconds, rounded up: what an HTTP `Retry-After` header carries. Never
// negative.
OTPCORE_EXPORT int64_t RetryAfterSeconds(Duration duration);

}  // namespace otpcore

#endif  // OTPCORE_BASE_TIME_H_
