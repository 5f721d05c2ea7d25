// SPDX-License-Identifier: Apache-2.0
// C-07: every command that is repeated under its operation id answers as it did and does nothing,
// whatever the answer was; and its id is no other command's.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class RepeatedTest : public ::testing::Test {
 protected:
  // Runs it twice, and another command under the same id.
  template <typename MakeRequest>
  void ExpectRepeatable(const MakeRequest& make, const std::string& outcome = "") {
    CallOptions options;
    options.operation_id.bytes[0] = ++operations;
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(make(), options)), outcome) << operations;
    const Revision once = world.RevisionOf(member);
    const int deliveries = world.inbox.deliveries();
    const auto again = world.engine.Run(make(), options);
    EXPECT_EQ(ErrorTypeOf(again), outcome) << operations;
    EXPECT_EQ(again.events().size(), 0u) << "what is told once is told";
    EXPECT_EQ(world.RevisionOf(member), once) << operations;
    EXPECT_EQ(world.inbox.deliveries(), deliveries);
    auto other = On<UpdateMemberRequest>(member, Actor::Host());
    other.name = "other";
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(other, options)), "bad_request");
    EXPECT_EQ(world.RevisionOf(member), once);
  }
  template <typename Request>
  void ExpectRepeatable() {
    ExpectRepeatable([&] { return OnByHost<Request>(member); });
  }
  // An authenticate that keeps its session: a repeated one finds it consumed otherwise.
  auto Authenticating(const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = world.Full(member);
    return [fields] { return fields.Request(); };
  }
  std::string Code() {
    EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
    return world.Code();
  }
  SendSmsOtpRequest Send() {
    auto send = On<SendSmsOtpRequest>(member);
    send.mfa_phone_number = kNumber;
    return send;
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeMember(organization, Verifiable());
  uint8_t operations = 0;

 private:
  static CreateMemberRequest Verifiable() {
    CreateMemberRequest create;
    create.email_address_verified = true;
    return create;
  }
};

TEST_F(RepeatedTest, SuccessesOfEachCommand) {  // C-07
  ExpectRepeatable([&] { return Send(); });
  ExpectRepeatable(Authenticating(world.Code()));
  ExpectRepeatable([&] { return Send(); });
  ExpectRepeatable<UnlockMemberRequest>();
  ExpectRepeatable<SetTotpRegistrationRequest>();
  ExpectRepeatable<DeleteMfaPhoneNumberRequest>();
  ExpectRepeatable<DeleteMemberRequest>();
  ExpectRepeatable<ReactivateMemberRequest>();
  ExpectRepeatable<PurgeMemberRequest>();
}

TEST_F(RepeatedTest, AnMfaStepThatActivates) {  // C-07, P-05
  auto record = *world.RecordOf(member);
  record.status = MemberStatus::kPending;
  world.Put(record);
  ExpectRepeatable<MfaStepRequest>();
  EXPECT_EQ(world.RecordOf(member)->mark.command, CommandKind::kMfaStep);
  EXPECT_EQ(world.RecordOf(member)->mark.answer, 0);
}

TEST_F(RepeatedTest, FailuresOfEachKind) {  // C-07, A-03, A-04, A-08
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  ExpectRepeatable(Authenticating(World::Wrong(world.Code())), "otp_code_not_found");
  world.clock.Advance(minutes(2));
  ExpectRepeatable(Authenticating(world.Code()), "unable_to_auth_otp_code");
  const std::string code = Code();
  const Member owner = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "");
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(owner, world.Code())), "");
  ExpectRepeatable(Authenticating(code), "duplicate_member_phone_number");
}

// A refusal is no outcome that is recorded, though a clock anomaly was written with it.
TEST_F(RepeatedTest, ARefusalThatWasWrittenIsJudgedAnew) {  // C-07, T-02
  auto record = *world.RecordOf(member);
  record.failures.locked_at = world.clock.Now() + hours(24 * 3650);
  record.failures.locked_until = record.failures.locked_at + hours(1);
  world.Put(record);
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  const auto refused = world.engine.Run(Send(), options);
  EXPECT_EQ(ErrorTypeOf(refused), "user_lock_limit_reached");
  EXPECT_TRUE(refused.events().Has(EventKind::kClockAnomaly));
  world.clock.Advance(hours(1));
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(Send(), options)), "");
  EXPECT_EQ(world.inbox.deliveries(), 1);
}

TEST_F(RepeatedTest, AnUpdateOfAMember) {  // C-07
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.name = "Ada";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update, options)), "");
  const Revision once = world.RevisionOf(member);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update, options)), "");
  EXPECT_EQ(world.RevisionOf(member), once);
}

}  // namespace
}  // namespace otpcore
