// SPDX-License-Identifier: Apache-2.0
// Clients that call again with the same operation id after something went wrong (C-07).
#include "fixture.h"
#include "stepper.h"

namespace otpcore {
namespace {

// A report of a failed delivery that came after another command left the send's operation id under
// the name of a report, and the client's repetition of the send was `bad_request`.
TEST(RepeatedOperation, ASendWhoseDeliveryFailedCanBeAskedForAgain) {  // C-07, D-06
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  world.inbox.Script({Delivery::Kind::kRejected, false});
  auto send = On<SendSmsOtpRequest>(member);
  Stepper stepper(world, send, 7);
  while (std::string(stepper.NextStep()) != "deliver") stepper.Step();
  stepper.Step();
  auto update = On<UpdateMemberRequest>(member, Actor::Host());  // before the report is written
  update.name = "Ada";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  while (!stepper.done()) stepper.Step();
  ASSERT_EQ(stepper.error_type(), "downstream_carrier_error");
  CallOptions same;
  same.operation_id.bytes[0] = 7;
  same.operation_id.bytes[15] = 1;  // as the stepper makes it
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "", same)), "");
}

// An Organization that another command left under the operation's id was answered as if this create
// had made it, a deleted one too.
TEST(RepeatedOperation, ACreateDoesNotAnswerForAnotherCommand) {  // C-07
  World world;
  CreateOrganizationRequest create;
  create.organization_name = "Acme";
  create.organization_id = "acme";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(create)), "");
  CallOptions same;
  same.operation_id.bytes[0] = 7;
  UpdateOrganizationRequest update;
  update.organization_id = "acme";
  update.organization_name = "Other";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update, same)), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(create, same)), "bad_request");
  DeleteOrganizationRequest erase;
  erase.organization_id = "acme";
  same.operation_id.bytes[0] = 8;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(erase, same)), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(create, same)), "bad_request");
}

}  // namespace
}  // namespace otpcore
