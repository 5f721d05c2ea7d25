// SPDX-License-Identifier: Apache-2.0
// Messages for tests of what keeps them.
#ifndef OTPCORE_TESTS_MESSAGES_H_
#define OTPCORE_TESTS_MESSAGES_H_

#include <gtest/gtest.h>

#include "fixture.h"

namespace otpcore {

inline constexpr SecretAccess kReadByTest("a test");

// All of its fields are set.
inline Message MessageOf(const ChallengeId& id, Instant expires_at = Instant::Max()) {
  Message message;
  message.challenge_id = id;
  message.organization_id = EntityId::Organization(Environment::kTest, id);
  message.member_id = "member";
  message.factor = FactorKind::kEmailPasscode;
  message.channel = Channel::kVoice;
  message.to = kNumber;
  message.locale = Locale::kCs;
  message.passcode = Passcode("123456");
  message.text = MessageText("Your code is 123456.");
  message.brand = "Acme";
  message.purpose = EmailPurpose::kSignup;
  message.subject = "Your Acme code";
  message.template_id = "welcome-7";
  message.life = std::chrono::minutes(2);
  message.expires_at = expires_at;
  return message;
}
inline void ExpectSame(const Message& a, const Message& b) {
  EXPECT_EQ(a.challenge_id, b.challenge_id);
  EXPECT_EQ(a.brand, b.brand);
  EXPECT_EQ(a.organization_id, b.organization_id);
  EXPECT_EQ(a.member_id, b.member_id);
  EXPECT_EQ(a.factor, b.factor);
  EXPECT_EQ(a.channel, b.channel);
  EXPECT_EQ(a.to, b.to);
  EXPECT_EQ(a.locale, b.locale);
  EXPECT_EQ(a.passcode.Reveal(kReadByTest), b.passcode.Reveal(kReadByTest));
  EXPECT_EQ(a.text.Reveal(kReadByTest), b.text.Reveal(kReadByTest));
  EXPECT_EQ(a.purpose, b.purpose);
  EXPECT_EQ(a.subject, b.subject);
  EXPECT_EQ(a.template_id, b.template_id);
  EXPECT_EQ(a.life, b.life);
  EXPECT_EQ(a.expires_at, b.expires_at);
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_MESSAGES_H_
