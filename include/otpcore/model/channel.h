// SPDX-License-Identifier: Apache-2.0
// Channel: how a passcode travels to its address.
#ifndef OTPCORE_MODEL_CHANNEL_H_
#define OTPCORE_MODEL_CHANNEL_H_

#include <cstdint>

namespace otpcore {

// Stable numbers, append only. Wire names: sms whatsapp voice email.
enum class Channel : uint8_t { kSms = 1, kWhatsApp = 2, kVoice = 3, kEmail = 4 };

}  // namespace otpcore

#endif  // OTPCORE_MODEL_CHANNEL_H_
