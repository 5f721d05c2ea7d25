// SPDX-License-Identifier: Apache-2.0
// Channel: how a passcode travels to a person.
//
// A send names one channel. The message sink reads it to pick a gateway. Limits, claims and the
// judging of a typed code do not depend on it (rule G-06).
#ifndef OTPCORE_MODEL_CHANNEL_H_
#define OTPCORE_MODEL_CHANNEL_H_

#include <cstdint>
#include <string_view>

#include "otpcore/base/export.h"

namespace otpcore {

// Stable numbers, append only: they may be stored. Zero is no channel.
enum class Channel : uint8_t {
  kSms = 1,
  kWhatsApp = 2,
  kVoice = 3,  // a call that speaks the text
  kEmail = 4,
};

// "sms", "whatsapp", "voice" or "email"; empty for a number that is no channel.
OTPCORE_EXPORT std::string_view WireName(Channel channel);

// Reads a wire name, letter for letter. Returns false for any other text; `*channel` is then
// unchanged.
OTPCORE_EXPORT bool ParseChannel(std::string_view name, Channel* channel);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_CHANNEL_H_
