// SPDX-License-Identifier: Apache-2.0
// What a directory that hosts share makes of sessions of no Member, and of the address that a
// session has proved (SE-01, SE-03, SE-06).
#ifndef OTPCORE_TESTS_CONFORMANCE_DISCOVERED_SESSIONS_H_
#define OTPCORE_TESTS_CONFORMANCE_DISCOVERED_SESSIONS_H_

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "otpcore/otpcore.h"
#include "otpcore/testing/doubles.h"

namespace otpcore {

template <typename Directory>
void DiscoveredSessionsAreKept(Directory& one, Directory& other, testing::VirtualClock& clock) {
  using Kind = SessionEffect::Kind;
  const std::string longest = std::string(64, 'a') + "@" + std::string(185, 'b') + ".com";
  const std::string token = "discovered-" + std::to_string(std::random_device()());
  const SessionCredential credential = {SessionCredential::Kind::kIntermediateToken, token};
  Session session;
  session.factors.Add(FactorKind::kEmailPasscode, clock.Now());
  session.email_address = longest;
  ASSERT_EQ(session.email_address.size(), kEmailBytesMax);
  ASSERT_TRUE(one.Add(credential, session, clock.Now() + std::chrono::minutes(10)));
  auto found = other.Find(credential).session;
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->is_of_no_member());
  EXPECT_EQ(found->email_address.view(), longest);

  SessionEffect effect;
  effect.kind = Kind::kExtend;
  effect.credential = credential;
  effect.organization_id = "organization";
  effect.member_id = "member";
  effect.duration = std::chrono::minutes(10);
  effect.proof.kind = FactorKind::kSmsPasscode;
  effect.proof.address = "+14155550123";
  effect.proof.at = clock.Now();
  EXPECT_TRUE(other.Apply(effect));
  found = one.Find(credential).session;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->organization_id, EntityId("organization")) << "it is this Member's now";
  EXPECT_EQ(found->member_id, EntityId("member"));
  EXPECT_EQ(found->email_address.view(), longest) << "a number is no e-mail address";
  effect.member_id = "another";
  effect.proof.kind = FactorKind::kEmailPasscode;
  effect.proof.address = "ada@example.com";
  EXPECT_TRUE(other.Apply(effect));
  found = one.Find(credential).session;
  ASSERT_TRUE(found);
  EXPECT_EQ(found->member_id, EntityId("member")) << "and stays it";
  EXPECT_EQ(found->email_address.view(), "ada@example.com");

  // In place of a token there is another one; of two logins one has it.
  effect.kind = Kind::kCreateIntermediate;
  EXPECT_TRUE(one.Apply(effect));
  EXPECT_FALSE(other.Apply(effect)) << "consumed already";
  EXPECT_FALSE(other.Find(credential).session);
  effect.credential = {};
  EXPECT_TRUE(other.Apply(effect)) << "in place of none: it is the host's to make";
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_CONFORMANCE_DISCOVERED_SESSIONS_H_
