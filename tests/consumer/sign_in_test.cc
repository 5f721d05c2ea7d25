// SPDX-License-Identifier: Apache-2.0
// What a user of otpcore writes about their own logic, with nothing but what is installed.
#include "sign_in.h"

#include <gtest/gtest.h>

#include "otpcore/testing/matchers.h"
#include "otpcore/testing/world.h"

namespace {

using otpcore::testing::FailsWith;
using otpcore::testing::FaultyStore;
using otpcore::testing::Succeeds;
using otpcore::testing::World;
using otpcore::testing::WrongCode;

class SignInTest : public ::testing::Test {
 protected:
  SignInTest() {
    otpcore::CreateOrganizationRequest request;
    request.mfa_policy = "REQUIRED_FOR_ALL";
    acme_ = world_.MakeOrganization(request);
    ada_ = world_.MakeVerifiedMember(acme_);
  }
  SignIn NewSignIn() {
    return {world_.engine, acme_.organization_id.str(), ada_.member_id.str(),
            world_.Intermediate(ada_).intermediate_session_token};
  }

  World world_;
  otpcore::Organization acme_;
  otpcore::Member ada_;
};

TEST_F(SignInTest, TheCodeFromThePhoneLetsIn) {
  SignIn sign_in = NewSignIn();
  world_.codes.NextCode("007123");
  EXPECT_EQ(sign_in.Begin(), Screen::kAskForCode);
  EXPECT_EQ(world_.Code(), "007123");
  EXPECT_EQ(sign_in.Finish("007 123"), Screen::kWelcome);
}

TEST_F(SignInTest, AWrongCodeMayBeTriedAgain) {
  SignIn sign_in = NewSignIn();
  sign_in.Begin();
  EXPECT_EQ(sign_in.Finish(WrongCode(world_.Code())), Screen::kWrongCode);
  EXPECT_EQ(sign_in.Finish(world_.Code()), Screen::kWelcome);
}

TEST_F(SignInTest, AnExpiredCodeAsksForANewOne) {
  SignIn sign_in = NewSignIn();
  sign_in.Begin();
  world_.clock.Advance(std::chrono::minutes(3));
  EXPECT_EQ(sign_in.Finish(world_.Code()), Screen::kAskForNewCode);
}

TEST_F(SignInTest, TenWrongCodesLock) {
  SignIn sign_in = NewSignIn();
  for (int i = 0; i < 10; ++i) {
    if (i % 5 == 0) {
      ASSERT_THAT(world_.Send(ada_), Succeeds());
    }
    EXPECT_EQ(sign_in.Finish(WrongCode(world_.Code())), Screen::kWrongCode);
  }
  EXPECT_EQ(sign_in.Finish(world_.Code()), Screen::kLocked);
  EXPECT_THAT(world_.Send(ada_), FailsWith("user_lock_limit_reached"));
}

TEST_F(SignInTest, NothingIsGivenWhenTheStoreIsDown) {
  SignIn sign_in = NewSignIn();
  sign_in.Begin();
  world_.store.commit_fault = [](int) { return FaultyStore::CommitFault::kUnavailable; };
  EXPECT_EQ(sign_in.Finish(world_.Code()), Screen::kLater);
}

}  // namespace
