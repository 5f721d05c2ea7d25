// Clients that call again with the same operation id while, or after, something went wrong (C-07,
// C-08, D-07).
#include "fixture.h"
#include "stepper.h"

namespace otpcore {
namespace {

using CommitFault = testing::FaultyStore::CommitFault;

CallOptions WithOperation(uint8_t number) {
  CallOptions options;
  options.operation_id.bytes[0] = number;
  return options;
}

// The first call's commit is lost, its outcome unknown; meanwhile the client's second call got
// through on another host. The first one found its mark in the record, took the commit for its own,
// and sent a passcode that nobody can verify.
TEST(RepeatedOperation, ACallThatLostItsCommitDoesNotSendForTheOneThatGotThrough) {  // C-08, D-07
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const size_t before = world.inbox.messages().size();
  Engine other(*world.config,
               {world.clock, world.random, world.memory, world.sessions, world.inbox});
  world.store.commit_fault = [&](int) {
    SendSmsOtpRequest again;
    again.organization_id = member.organization_id.str();
    again.member_id = member.member_id.str();
    EXPECT_EQ(ErrorTypeOf(other.Run(again, WithOperation(9))), "");
    return CommitFault::kUnknownLost;
  };
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "", WithOperation(9))), "server_unavailable");
  world.store.commit_fault = nullptr;
  ASSERT_EQ(world.inbox.messages().size(), before + 1);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.Code())), "");
}

// A report of a failed delivery that came after another command left the send's operation id under
// the name of a report, and the client's repetition of the send was `bad_request`.
TEST(RepeatedOperation, ASendWhoseDeliveryFailedCanBeAskedForAgain) {  // C-07, D-06
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  world.inbox.Script({Delivery::Kind::kRejected, false});
  SendSmsOtpRequest send;
  send.organization_id = member.organization_id.str();
  send.member_id = member.member_id.str();
  Stepper stepper(world, send, 7);
  while (std::string(stepper.NextStep()) != "deliver") stepper.Step();
  stepper.Step();
  UpdateMemberRequest update;  // before the report is written
  update.organization_id = send.organization_id;
  update.member_id = send.member_id;
  update.name = "Ada";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  while (!stepper.done()) stepper.Step();
  ASSERT_EQ(stepper.error_type(), "downstream_carrier_error");
  CallOptions same;
  same.operation_id.bytes[0] = 7;
  same.operation_id.bytes[15] = 1;  // as the stepper makes it
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "", same)), "");
}

}  // namespace
}  // namespace otpcore
