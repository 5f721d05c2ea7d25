// SPDX-License-Identifier: Apache-2.0
// An outbox: messages that a store wrote within the commit (rule D-07), so that none is lost with
// the host that committed it. PostgresStore and SqliteStore have one.
#ifndef OTPCORE_ADAPTERS_OUTBOX_H_
#define OTPCORE_ADAPTERS_OUTBOX_H_

#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// For a relay that delivers what a crashed host left behind. Implementations are thread-safe.
class OTPCORE_EXPORT Outbox {
 public:
  virtual ~Outbox() = default;
  // Up to `limit` messages that were written at least `age` ago and have not expired, oldest first.
  // Several relays may get the same one: the gateway knows it by its challenge id. Empty also when
  // the store does not answer.
  virtual std::vector<Message> PendingMessages(Duration age, int limit) = 0;
  // Delivered, or void. False: not done; it goes when it expires at the latest.
  virtual bool RemoveMessage(const ChallengeId& id) = 0;
  // Call it now and then. False: not done.
  virtual bool RemoveExpiredMessages() = 0;
};

// Wraps a sink: what it answered for is taken out of the outbox. Kept after kUnknown, so that a
// relay may try again under the same idempotency key. Refers to both; as thread-safe as they are.
class OTPCORE_EXPORT OutboxSink final : public MessageSink {
 public:
  OutboxSink(MessageSink& inner, Outbox& outbox) : inner_(inner), outbox_(outbox) {}
  Delivery Deliver(const Message& message) override;

 private:
  MessageSink& inner_;
  Outbox& outbox_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_OUTBOX_H_
