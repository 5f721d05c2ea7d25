// SPDX-License-Identifier: Apache-2.0
// Which passcodes the events of a decision end (L-07, V-01).
#include "otpcore/rules/event.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace otpcore {
namespace {

const ChallengeId kId = {{1}};

PasscodeEnd EndOf(std::initializer_list<EventKind> kinds, ErrorCode reason = ErrorCode::kOk,
                  const ChallengeId& id = kId) {
  EventList events;
  for (const EventKind kind : kinds) {
    Event event;
    event.kind = kind;
    event.reason = reason;
    event.challenge_id = id;
    events.Add(event);
  }
  return PasscodeEndOf(events);
}

TEST(PasscodeEnd, IsAProofOfANumber) {  // L-07
  const PasscodeEnd end = EndOf({EventKind::kAuthenticated, EventKind::kNumberVerified});
  EXPECT_EQ(end.challenge_id, kId);
  EXPECT_TRUE(end.proved);
  EXPECT_TRUE(EndOf({EventKind::kAuthenticated}).challenge_id.empty()) << "verified before";
  const PasscodeEnd imported = EndOf({EventKind::kNumberVerified}, ErrorCode::kOk, ChallengeId());
  EXPECT_TRUE(imported.challenge_id.empty());
  EXPECT_FALSE(imported.proved);
}

TEST(PasscodeEnd, IsOneTooManyFailures) {  // L-07
  const ErrorCode dead = ErrorCode::kUnableToAuthOtpCode;
  const PasscodeEnd end = EndOf({EventKind::kFailure, EventKind::kChallengeDead}, dead);
  EXPECT_EQ(end.challenge_id, kId);
  EXPECT_FALSE(end.proved);
  EXPECT_TRUE(EndOf({EventKind::kFailure}).challenge_id.empty());
  EXPECT_TRUE(EndOf({EventKind::kChallengeDead}, dead).challenge_id.empty()) << "it had expired";
}

TEST(PasscodeEnd, IsARightCodeForTheNumberOfAnother) {  // A-08, L-07
  const PasscodeEnd end =
      EndOf({EventKind::kChallengeDead}, ErrorCode::kDuplicateMemberPhoneNumber);
  EXPECT_EQ(end.challenge_id, kId);
  EXPECT_FALSE(end.proved);
}

TEST(PasscodeEnd, IsNoVoidPasscodeAndNothingElse) {  // D-02, L-07
  EXPECT_TRUE(EndOf({EventKind::kSent, EventKind::kDeliveryFailed, EventKind::kChallengeDead},
                    ErrorCode::kDownstreamCarrierRejected)
                  .challenge_id.empty());
  EXPECT_TRUE(EndOf({EventKind::kSent}).challenge_id.empty());
  EXPECT_TRUE(EndOf({}).challenge_id.empty());
}

}  // namespace
}  // namespace otpcore
