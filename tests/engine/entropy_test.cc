// SPDX-License-Identifier: Apache-2.0
// When entropy is drawn: once in an attempt, and only for what is made of it.
#include "fixture.h"

namespace otpcore {
namespace {

TEST(Entropy, IsNotAskedForAgainInTheSameAttempt) {
  Policy policy;
  policy.allowed_regions = {"GB"};
  World british(policy);
  const Member member = british.MakeMember(british.MakeOrganization());
  const int ids = british.faulty_random.fills() + 1;
  british.faulty_random.fill_fault = [ids](int call) {
    return call == ids + 1 ? testing::FaultyRandom::FillFault::kFails
                           : testing::FaultyRandom::FillFault::kNone;
  };
  // Its claim takes a second load.
  const auto reply = british.Send(member, "+4407400123456");
  ASSERT_EQ(ErrorTypeOf(reply), "internal_server_error");
  EXPECT_EQ(reply.error().detail(), "no entropy") << "not that of a generator that is stuck";
  EXPECT_EQ(british.inbox.deliveries(), 0);
}

TEST(Entropy, IsNotAskedForAgainByAnUpdate) {  // M-02, R-02
  World world;
  auto update = On<UpdateMemberRequest>(world.MakeMember(world.MakeOrganization()));
  update.mfa_phone_number = kNumber;
  const int ids = world.faulty_random.fills() + 1;
  world.faulty_random.fill_fault = [ids](int call) {
    return call == ids + 1 ? testing::FaultyRandom::FillFault::kFails
                           : testing::FaultyRandom::FillFault::kNone;
  };
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "internal_server_error");
}

struct CountingWorld : World {
  // How often a command that succeeds draws random bytes, those of its call's ids aside.
  template <typename Request>
  int Fills(Request request) {
    CallOptions options;
    options.request_id = "request-id-test-1";
    options.operation_id.bytes[0] = ++operations;
    const int before = random.fills();
    EXPECT_EQ(ErrorTypeOf(engine.Run(std::move(request), options)), "");
    return random.fills() - before;
  }
  uint8_t operations = 0;
};

TEST(Entropy, IsDrawnForNoOrganization) {
  CountingWorld world;
  EXPECT_EQ(world.Fills(CreateOrganizationRequest{"Acme", "acme-id", "acme", "", "", "", {}}), 0);
  EXPECT_EQ(world.Fills(GetOrganizationRequest{"acme"}), 0);
  UpdateOrganizationRequest update;
  update.organization_id = "acme-id";
  update.organization_slug = "globex";
  EXPECT_EQ(world.Fills(update), 0);
  EXPECT_EQ(world.Fills(DeleteOrganizationRequest{"acme-id"}), 0);
}

TEST(Entropy, IsDrawnForNothingButWhatIsMadeOfIt) {
  CreateMemberRequest create;
  create.external_id = "ada";
  create.email_address_verified = true;
  CountingWorld world;
  const Member ada = world.MakeMember(world.MakeOrganization(), create);
  const auto fills = [&](auto request) {
    request.member_id = "ada";
    return world.Fills(std::move(request));
  };
  auto send = On<SendSmsOtpRequest>(ada);
  send.mfa_phone_number = kNumber;
  EXPECT_EQ(fills(send), 1);
  ReportDeliveryRequest report = On<ReportDeliveryRequest>(ada);
  report.challenge_id = world.RecordOf(ada)->challenge.id;
  report.delivery.kind = Delivery::Kind::kUnavailable;
  EXPECT_EQ(fills(report), 0);
  EXPECT_EQ(fills(send), 1);
  AuthenticateFields authenticate = World::AuthenticateRequest(ada, world.Code());
  authenticate.session = world.Intermediate(ada);
  EXPECT_EQ(fills(authenticate.Request()), 0);
  EXPECT_EQ(fills(On<GetMemberRequest>(ada)), 0);
  EXPECT_EQ(fills(On<SetTotpRegistrationRequest>(ada)), 0);
  EXPECT_EQ(fills(On<UnlockMemberRequest>(ada)), 0);
  EXPECT_EQ(fills(On<DeleteMfaPhoneNumberRequest>(ada)), 0);
  auto update = On<UpdateMemberRequest>(ada);
  update.email_address = "ada@example.com";
  EXPECT_EQ(fills(update), 0);
  update.mfa_phone_number = kNumber;
  update.email_address_verified = true;
  EXPECT_EQ(fills(update), 1);
  EXPECT_EQ(fills(On<DeleteMemberRequest>(ada)), 0);
  EXPECT_EQ(fills(On<ReactivateMemberRequest>(ada)), 0);
  EXPECT_EQ(fills(On<PurgeMemberRequest>(ada)), 0);
}

}  // namespace
}  // namespace otpcore
