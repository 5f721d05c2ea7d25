// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/fallback_sink.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

namespace otpcore {
namespace {

constexpr size_t kFewest = 64;

// What became of a message.
struct Fate {
  size_t sink;  // that has it
  Delivery delivery;
  Instant expires_at;
};

constexpr Delivery kUnknown = {Delivery::Kind::kUnknown, false};

}  // namespace

struct FallbackSink::Impl {
  using Fates = std::map<std::array<uint8_t, 16>, Fate>;

  // Messages that have expired are forgotten when there are twice as many as last time.
  void Sweep() {
    const Instant now = clock.Now();
    for (auto at = fates.begin(); at != fates.end();)
      at = now >= at->second.expires_at ? fates.erase(at) : ++at;
    swept_at = std::max(kFewest, 2 * fates.size());
  }
  std::optional<Fate> Find(const Message& message) {
    const std::lock_guard<std::mutex> lock(mutex);
    const auto found = fates.find(message.challenge_id.bytes);
    return found == fates.end() ? std::nullopt : std::optional(found->second);
  }
  void Remember(const Message& message, size_t sink, const Delivery& delivery) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (fates.size() >= swept_at) Sweep();
    fates[message.challenge_id.bytes] = {sink, delivery, message.expires_at};
  }
  void Forget(const Message& message) {
    const std::lock_guard<std::mutex> lock(mutex);
    fates.erase(message.challenge_id.bytes);
  }

  MessageSink* sinks[2];
  Clock& clock;
  std::mutex mutex;
  Fates fates;
  size_t swept_at = kFewest;
};

FallbackSink::FallbackSink(MessageSink& first, MessageSink& second, Clock& clock)
    : impl_(new Impl{{&first, &second}, clock, {}, {}}) {}
FallbackSink::~FallbackSink() = default;

Delivery FallbackSink::Deliver(const Message& message) {
  const std::optional<Fate> earlier = impl_->Find(message);
  if (earlier && earlier->delivery.kind != Delivery::Kind::kUnknown) return earlier->delivery;
  for (size_t sink = earlier ? earlier->sink : 0; sink < 2; ++sink) {
    impl_->Remember(message, sink, kUnknown);  // whatever happens before it answers
    const Delivery delivery = impl_->sinks[sink]->Deliver(message);
    if (delivery.kind != Delivery::Kind::kUnavailable) {
      impl_->Remember(message, sink, delivery);
      return delivery;
    }
    if (earlier) return kUnknown;
  }
  impl_->Forget(message);
  return {Delivery::Kind::kUnavailable, false};
}

}  // namespace otpcore
