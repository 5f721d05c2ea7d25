// SPDX-License-Identifier: Apache-2.0
// FallbackSink: a second gateway for the messages that the first one surely did not send.
#ifndef OTPCORE_ADAPTERS_FALLBACK_SINK_H_
#define OTPCORE_ADAPTERS_FALLBACK_SINK_H_

#include <memory>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// Hands each message to `first`. When that answers kUnavailable, nothing was sent, and `second`
// gets the message and answers in its place. After any other answer, kUnknown too, `second` is not
// asked: nobody gets two messages because a gateway was in doubt. Both see the message under its
// one idempotency key, Message::challenge_id.
//
// A host may hand a message over again, as from an outbox. Until the message's expires_at the sink
// remembers what became of it. What was accepted or rejected is answered so again and reaches no
// gateway. What was kUnknown goes to the same gateway again, and stays kUnknown when that is
// unavailable now. Other processes do not know of it, so hand a message over where it was handed
// over before. The memory is about 100 bytes for each message that has not expired.
//
// Message::text is written for Message::channel. A second sink for another channel takes the
// passcode and a template of its own.
//
// Refers to both sinks and the clock, which must outlive it. Thread-safe when these are; one
// message must not be handed over by two threads at once.
class OTPCORE_EXPORT FallbackSink final : public MessageSink {
 public:
  FallbackSink(MessageSink& first, MessageSink& second, Clock& clock);
  ~FallbackSink() override;

  Delivery Deliver(const Message& message) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_FALLBACK_SINK_H_
