// SPDX-License-Identifier: Apache-2.0
// Defects that the model checker found. Each test is its counterexample, shortened.
#include "stepper.h"

namespace otpcore {
namespace {

using std::chrono::minutes;

class CommitsInDoubtTest : public ::testing::Test {
 protected:
  World world;
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeVerifiedMember(organization);
};

// A write that judged no code did not tell the challenge the time, so a clock that stepped back
// revived a passcode whose end the record had met (T-02).
TEST_F(CommitsInDoubtTest, EveryWriteOfARecordTellsItsChallengeTheTime) {
  EXPECT_EQ(ErrorTypeOf(world.Send(ada)), "");
  const std::string code = world.Code();
  world.clock.Advance(minutes(2));
  UnlockMemberRequest unlock;
  unlock.organization_id = organization.organization_id.str();
  unlock.member_id = ada.member_id.str();
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(std::move(unlock))), "");
  world.clock.Advance(-minutes(1));
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, code)), "unable_to_auth_otp_code");
}

// One operation on two hosts: the second's commit is lost in a time-out after the first's was
// applied. The record bears its mark, but not its passcode (C-08, D-07).
TEST_F(CommitsInDoubtTest, ALostCommitIsNotTakenForThatOfItsTwin) {
  SendSmsOtpRequest send;
  send.organization_id = organization.organization_id.str();
  send.member_id = ada.member_id.str();
  Stepper first(world, send, 1);
  Stepper second(world, send, 1);
  second.Step();  // loads
  while (!first.done()) first.Step();
  EXPECT_EQ(first.error_type(), "");
  const std::string code = world.Code();
  const int deliveries = world.inbox.deliveries();
  world.store.commit_fault = [](int) { return testing::FaultyStore::CommitFault::kUnknownLost; };
  while (!second.done()) second.Step();
  EXPECT_EQ(second.error_type(), "server_unavailable");
  EXPECT_EQ(world.inbox.deliveries(), deliveries);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, code)), "server_unavailable");  // the fault is on
  world.store.commit_fault = nullptr;
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, code)), "");
}

// Two wrong codes under one operation id were answered for one count.
TEST_F(CommitsInDoubtTest, AWrongCodeIsNotCountedByItsTwin) {  // A-04, C-08
  ASSERT_EQ(ErrorTypeOf(world.Send(ada)), "");
  const auto guess = [&](const char* code) {
    AuthenticateFields fields = World::AuthenticateRequest(ada, code);
    fields.session = world.Full(ada);
    return fields.Request();
  };
  Stepper first(world, guess("000000"), 1);
  Stepper second(world, guess("000001"), 1);
  second.Step();  // loads
  world.clock.Advance(std::chrono::milliseconds(1));
  while (!first.done()) first.Step();
  EXPECT_EQ(first.error_type(), "otp_code_not_found");
  world.store.commit_fault = [](int) { return testing::FaultyStore::CommitFault::kUnknownLost; };
  while (!second.done()) second.Step();
  EXPECT_EQ(second.error_type(), "server_unavailable");
}

}  // namespace
}  // namespace otpcore
