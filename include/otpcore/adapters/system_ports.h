// SPDX-License-Identifier: Apache-2.0
// The ports with their usual implementations: the system clock, libsodium's generator, a callback
// as SMS sink.
#ifndef OTPCORE_ADAPTERS_SYSTEM_PORTS_H_
#define OTPCORE_ADAPTERS_SYSTEM_PORTS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// The machine's UTC clock. Thread-safe.
class OTPCORE_EXPORT SystemClock final : public Clock {
 public:
  Instant Now() override;
};

// libsodium's randombytes: a system call for each Fill; buffered_random.h has one that saves
// them. Initialises libsodium; when that fails, every Fill does. Thread-safe.
class OTPCORE_EXPORT SodiumRandom final : public SecureRandom {
 public:
  SodiumRandom();
  [[nodiscard]] bool Fill(uint8_t* bytes, size_t size) override;

 private:
  bool ready_;
};

// Calls a function for each message. As thread-safe as the function.
class CallbackSmsSink final : public SmsSink {
 public:
  using Callback = std::function<Delivery(const SmsMessage&)>;
  explicit CallbackSmsSink(Callback callback) : callback_(std::move(callback)) {}
  Delivery Deliver(const SmsMessage& message) override { return callback_(message); }

 private:
  Callback callback_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_SYSTEM_PORTS_H_
