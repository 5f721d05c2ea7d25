// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/channel.h"

#include <gtest/gtest.h>

#include <string>

namespace otpcore {
namespace {

TEST(Channel, HasStableNumbersAndWireNames) {  // G-06
  EXPECT_EQ(static_cast<int>(Channel::kSms), 1);
  EXPECT_EQ(static_cast<int>(Channel::kWhatsApp), 2);
  EXPECT_EQ(static_cast<int>(Channel::kVoice), 3);
  EXPECT_EQ(static_cast<int>(Channel::kEmail), 4);
  EXPECT_EQ(WireName(Channel::kSms), "sms");
  EXPECT_EQ(WireName(Channel::kWhatsApp), "whatsapp");
  EXPECT_EQ(WireName(Channel::kVoice), "voice");
  EXPECT_EQ(WireName(Channel::kEmail), "email");
  EXPECT_EQ(WireName(static_cast<Channel>(0)), "");
  EXPECT_EQ(WireName(static_cast<Channel>(5)), "");
}

TEST(ParseChannel, ReadsEachWireNameAndNothingElse) {  // G-06
  for (int number = 1; number <= 4; ++number) {
    auto channel = static_cast<Channel>(0);
    EXPECT_TRUE(ParseChannel(WireName(static_cast<Channel>(number)), &channel));
    EXPECT_EQ(static_cast<int>(channel), number);
  }
  for (const char* text : {"", "SMS", "sms ", "s", "smss", "whats app", "call", "e-mail"}) {
    Channel channel = Channel::kVoice;
    EXPECT_FALSE(ParseChannel(text, &channel)) << text;
    EXPECT_EQ(channel, Channel::kVoice) << text;
  }
}

}  // namespace
}  // namespace otpcore
