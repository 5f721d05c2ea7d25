// SPDX-License-Identifier: Apache-2.0
// The ports with their usual implementations: the system clock, libsodium's generator, a callback
// as message sink.
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

// Calls a function for each message. Without a function nothing is sent (kUnavailable). As
// thread-safe as the function.
class CallbackSink final : public MessageSink {
 public:
  using Callback = std::function<Delivery(const Message&)>;
  explicit CallbackSink(Callback callback) : callback_(std::move(callback)) {}
  Delivery Deliver(const Message& message) override {
    if (!callback_) return {Delivery::Kind::kUnavailable, false};
    return callback_(message);
  }

 private:
  Callback callback_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_SYSTEM_PORTS_H_
