// SPDX-License-Identifier: Apache-2.0
// When entropy is drawn: once in an attempt, and only for what is made of it.
#include "fixture.h"

namespace otpcore {
namespace {

TEST(Entropy, ThatCannotBeHadChangesNothing) {
  World world;
  const Member member = world.MakeMember(world.MakeOrganization());
  world.faulty_random.fill_fault = [](int) { return testing::FaultyRandom::FillFault::kFails; };
  const auto reply = world.Send(member, kNumber);
  ASSERT_EQ(ErrorTypeOf(reply), "internal_server_error");
  EXPECT_EQ(reply.error().detail(), "no entropy") << "not that of a generator that is stuck";
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.mfa_phone_number = kNumber;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "internal_server_error");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, "123456")), "internal_server_error");
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_EQ(world.store.commits(), 0);
}

TEST(Entropy, IsNotAskedForAgainInTheSameAttempt) {
  Policy policy;
  policy.allowed_regions = {"GB"};
  World british(policy);
  const Member member = british.MakeMember(british.MakeOrganization());
  const int before = british.faulty_random.fills();
  // Its claim takes a second load.
  ASSERT_EQ(ErrorTypeOf(british.Send(member, "+4407400123456")), "");
  EXPECT_EQ(british.store.loads(), 2);
  EXPECT_EQ(british.faulty_random.fills(), before + 1);
}

TEST(Entropy, IsDrawnOnceInEveryCommand) {  // R-01, C-08
  CreateMemberRequest create;
  create.external_id = "ada";
  create.email_address_verified = true;
  World world;
  const Member ada = world.MakeMember(world.MakeOrganization(), create);
  const auto fills = [&](auto request) {
    const int before = world.random.fills();
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
    return world.random.fills() - before;
  };
  auto send = On<SendSmsOtpRequest>(ada);
  send.mfa_phone_number = kNumber;
  EXPECT_EQ(fills(send), 1);
  ReportDeliveryRequest report = On<ReportDeliveryRequest>(ada);
  report.challenge_id = world.RecordOf(ada)->challenge.id;
  report.delivery.kind = Delivery::Kind::kUnavailable;
  EXPECT_EQ(fills(report), 1);
  EXPECT_EQ(fills(On<GetMemberRequest>(ada)), 1) << "of a request id";
  EXPECT_EQ(fills(On<UnlockMemberRequest>(ada)), 1);
  CreateOrganizationRequest organization;
  organization.organization_name = "Acme";
  EXPECT_EQ(fills(organization), 1);
}

}  // namespace
}  // namespace otpcore
