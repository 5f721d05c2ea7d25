// SPDX-License-Identifier: Apache-2.0
// Messages sealed for an outbox (rule D-07): the only place where a passcode is ever at rest.
#ifndef OTPCORE_ADAPTERS_SEALED_MESSAGE_H_
#define OTPCORE_ADAPTERS_SEALED_MESSAGE_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/secret.h"
#include "otpcore/plan/outcome.h"

namespace otpcore {

// A key for crypto_secretbox. Keep the old key while messages sealed with it are alive. Copies are
// made on purpose: options are copied around when a host starts.
struct OutboxKey {
  uint32_t id = 0;
  SecretBytes<32> bytes;

  OutboxKey(uint32_t number, const std::array<uint8_t, 32>& key) : id(number), bytes(key) {}
  OutboxKey(const OutboxKey& other) : id(other.id), bytes(other.bytes.Duplicate()) {}
  OutboxKey& operator=(const OutboxKey& other) {
    id = other.id;
    bytes = other.bytes.Duplicate();
    return *this;
  }
};

// nonce | crypto_secretbox of all of the message. Thread-safe.
OTPCORE_EXPORT std::string SealMessage(const OutboxKey& key, const Message& message);
// Absent when `sealed` was not made with `key`, or by a host of another form of messages.
// Thread-safe.
OTPCORE_EXPORT std::optional<Message> OpenMessage(const OutboxKey& key, std::string_view sealed);

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_SEALED_MESSAGE_H_
