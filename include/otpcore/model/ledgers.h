// SPDX-License-Identifier: Apache-2.0
// Ledgers: what a Member's record remembers of failures, sends and known devices (rules L-01 …
// L-06, D-02, DV-*). Plain data of bounded size. The rules that move them are in the library.
#ifndef OTPCORE_MODEL_LEDGERS_H_
#define OTPCORE_MODEL_LEDGERS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

#include "otpcore/base/time.h"

namespace otpcore {

// How many failure and send times a Member record keeps; a policy that needs more is refused.
inline constexpr int kFailureTimesMax = 32;
inline constexpr int kSendTimesMax = 16;
// The same of passcodes by e-mail, which have ledgers of their own (L-12, EM-21).
inline constexpr int kEmailFailureTimesMax = 14;
inline constexpr int kEmailSendTimesMax = 8;
// How many sends of 24 hours are given back (D-02).
inline constexpr int kGiveBacksMax = 4;
// How many known devices a Member has (DV-02).
inline constexpr int kDevicesMax = 4;
// So many failures on a device since its latest success, and it is not known any more (DV-03).
inline constexpr int kDeviceFailuresMax = 10;
// How many failures of its session a success takes out of the budget (L-05).
inline constexpr int kForgivenMax = 4;

// Tells apart the sessions of one Member: a keyed digest of the session's id, cut to 32 bits. 0: no
// session, or one without id.
using SessionTag = uint32_t;
// Tells apart the devices of one Member: a keyed digest of `device`, cut to 64 bits. 0: none.
using DeviceTag = uint64_t;

// The latest times something happened, in ascending order, and as they are stored: most commands
// only carry them on. `Capacity` bounds the record's size.
template <int Capacity>
struct TimeLedger {
  // Most are nearly empty: the places beyond `count` are neither made nor copied.
  union {
    std::array<PackedInstant, static_cast<size_t>(Capacity)> times;
  };
  uint8_t count = 0;

  TimeLedger() {}
  TimeLedger(const TimeLedger& other) { *this = other; }
  TimeLedger& operator=(const TimeLedger& other) {  // NOLINT(bugprone-unhandled-self-assignment)
    count = other.count;
    std::copy(other.begin(), other.end(), times.data());
    return *this;
  }
  ~TimeLedger() = default;

  bool empty() const { return count == 0; }
  const PackedInstant* begin() const { return times.data(); }
  const PackedInstant* end() const { return times.data() + count; }
  Instant operator[](int i) const { return times[static_cast<size_t>(i)]; }
  // There must be one.
  Instant latest() const { return (*this)[count - 1]; }
  // How many are later than `at`.
  int CountAfter(Instant at) const {
    return CountLatest([at](Instant time) { return time > at; });
  }
  // How many are within `window` at `now`: one leaves at its time + `window` (L-06).
  int CountWithin(Duration window, Instant now) const {
    return CountLatest([window, now](Instant time) { return now - time < window; });
  }
  // Adds `at`. The earliest leave when there are `keep` already (1 … Capacity; less counts as 1),
  // not those added first: clocks step back, and a window counts the latest times.
  void Push(Instant at, int keep) {
    while (count > 0 && count >= keep) RemoveAt(0);
    Insert(at);
  }
  // Removes one that equals `at`. False when there is none.
  bool Remove(Instant at) {
    const int index = count - CountAfter(at) - 1;
    if (index < 0 || (*this)[index] != at) return false;
    RemoveAt(index);
    return true;
  }
  void RemoveAt(int index) {
    std::copy(begin() + index + 1, end(), times.data() + index);
    --count;
  }

 protected:
  // The index it has then: behind those that equal it. There must be room.
  int Insert(Instant at) {
    const int index = count - CountAfter(at);
    PackedInstant* const place = times.data() + index;
    std::copy_backward(place, times.data() + count, times.data() + count + 1);
    *place = at;
    ++count;
    return index;
  }

 private:
  // How many, from the latest on, fulfil `condition`.
  template <typename Condition>
  int CountLatest(Condition condition) const {
    const PackedInstant* first = end();
    while (first != begin() && condition(first[-1])) --first;
    return static_cast<int>(end() - first);
  }
};

// ---- Failures ----

// One entry of the rolling budget besides its time. A failure of weight w has w entries (L-11).
struct FailureOrigin {
  SessionTag session = 0;
  bool continues = false;  // belongs to the same failure as the entry before
};

// The rolling budget (L-04): the latest failures, each with the session it came from (L-05).
struct FailureTimes : TimeLedger<kFailureTimesMax> {
  union {
    std::array<FailureOrigin, size_t{kFailureTimesMax}> origins;  // of the times at the same index
  };

  FailureTimes() {}
  FailureTimes(const FailureTimes& other) : TimeLedger(other) { CopyOrigins(other); }
  FailureTimes& operator=(
      const FailureTimes& other) {  // NOLINT(bugprone-unhandled-self-assignment)
    TimeLedger::operator=(other);
    CopyOrigins(other);
    return *this;
  }
  ~FailureTimes() = default;

  // As TimeLedger.
  void Push(Instant at, int keep, FailureOrigin origin = {}) {
    while (count > 0 && count >= keep) RemoveAt(0);
    const int index = Insert(at);
    FailureOrigin* const place = origins.data() + index;
    std::copy_backward(place, origins.data() + count - 1, origins.data() + count);
    *place = origin;
  }
  void RemoveAt(int index) {
    std::copy(origins.data() + index + 1, origins.data() + count, origins.data() + index);
    TimeLedger::RemoveAt(index);
  }

 private:
  void CopyOrigins(const FailureTimes& other) {
    for (size_t i = 0; i < count; ++i) origins[i] = other.origins[i];
  }
};

// The rule that made a lock. Stable numbers.
enum class LockRule : uint8_t {
  kNone = 0,
  kFailuresInARow = 1,        // L-02
  kFailuresSinceSuccess = 2,  // L-03: no end
  kRollingFailures = 3,       // L-04
};

// Failures of the Member and the locks they led to (L-01 … L-05).
struct FailureLedger {
  uint16_t in_a_row = 0;                 // since the last success or lock (L-02)
  uint16_t since_success = 0;            // failures since the last success (L-03)
  uint8_t locks_in_a_row = 0;            // doubles the next lock
  bool disabled = false;                 // locked without end (L-03)
  LockRule lock_rule = LockRule::kNone;  // of the latest lock
  Instant locked_at = {};                // epoch: never locked
  // End of the lock. Before locked_at: a clock that lags by more than a day counted this lock, and
  // its length is locked_at - locked_until.
  Instant locked_until = {};
  // End of the lock for clocks that lag behind locked_at (T-02). Epoch: no such clock has come yet.
  Instant locked_until_lagging = {};
  FailureTimes recent;
};

// ---- Sends ----

// Times of the latest sends (L-06), and of those that were given back (D-02).
struct SendLedger : TimeLedger<kSendTimesMax> {
  Instant pulled_from;  // the latest of the sends that were pulled back (T-02), or epoch
  TimeLedger<kGiveBacksMax> given_back;
};

// ---- Devices ----

// A device on which the Member succeeded (DV-02).
struct KnownDevice {
  DeviceTag tag = 0;
  uint32_t key_id = 0;    // of the key that `tag` was made with
  Instant succeeded_at;   // latest success
  Instant remembered_at;  // latest success that asked to be remembered (DV-05); epoch: none
  uint8_t failures = 0;   // on this device since its latest success (DV-03)
  SendLedger sends;       // on this device
};

// The known devices, in the order in which they became known.
class DeviceLedger {
 public:
  DeviceLedger() {}
  DeviceLedger(const DeviceLedger& other) { *this = other; }
  DeviceLedger& operator=(const DeviceLedger& other) {
    if (this == &other) return *this;
    count_ = 0;
    for (const KnownDevice& device : other) Add() = device;
    return *this;
  }
  ~DeviceLedger() = default;

  size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  KnownDevice* begin() { return devices_; }
  KnownDevice* end() { return devices_ + count_; }
  const KnownDevice* begin() const { return devices_; }
  const KnownDevice* end() const { return devices_ + count_; }
  KnownDevice& operator[](size_t i) { return devices_[i]; }
  const KnownDevice& operator[](size_t i) const { return devices_[i]; }
  // Adds one to be filled in. There must be fewer than kDevicesMax.
  KnownDevice& Add() { return *new (&devices_[count_++]) KnownDevice(); }
  void RemoveAt(size_t i) {
    for (; i + 1 < count_; ++i) devices_[i] = devices_[i + 1];
    --count_;
  }
  void clear() { count_ = 0; }

 private:
  // Most Members have one or none: places beyond count_ are neither made nor copied.
  union {
    KnownDevice devices_[kDevicesMax];
  };
  size_t count_ = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_LEDGERS_H_
