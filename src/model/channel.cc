// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/channel.h"

namespace otpcore {

std::string_view WireName(Channel channel) {
  switch (channel) {
    case Channel::kSms: return "sms";
    case Channel::kWhatsApp: return "whatsapp";
    case Channel::kVoice: return "voice";
    case Channel::kEmail: return "email";
  }
  return "";
}

bool ParseChannel(std::string_view name, Channel* channel) {
  for (const Channel known :
       {Channel::kSms, Channel::kWhatsApp, Channel::kVoice, Channel::kEmail}) {
    if (name != WireName(known)) continue;
    *channel = known;
    return true;
  }
  return false;
}

}  // namespace otpcore
