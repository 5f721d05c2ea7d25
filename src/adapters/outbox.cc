// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/outbox.h"

namespace otpcore {

Delivery OutboxSink::Deliver(const Message& message) {
  const Delivery delivery = inner_.Deliver(message);
  if (delivery.kind != Delivery::Kind::kUnknown) outbox_.RemoveMessage(message.challenge_id);
  return delivery;
}

}  // namespace otpcore
