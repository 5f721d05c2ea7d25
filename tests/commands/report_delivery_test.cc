// SPDX-License-Identifier: Apache-2.0
// What follows a delivery: rules D-01 … D-07, by way of the engine.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::minutes;

constexpr Delivery kRejected = {Delivery::Kind::kRejected, false};
constexpr Delivery kUnsubscribed = {Delivery::Kind::kRejected, true};
constexpr Delivery kUnavailable = {Delivery::Kind::kUnavailable, false};
constexpr Delivery kUnknown = {Delivery::Kind::kUnknown, false};

class DeliveryTest : public ::testing::Test {
 protected:
  Reply<ReportDelivery> Report(const Member& member, const ChallengeId& challenge,
                               Delivery delivery) {
    return world.engine.Run(ReportDeliveryRequest{member.organization_id.str(),
                                                  member.member_id.str(), challenge, delivery});
  }

  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(DeliveryTest, AnAcceptedMessageLeavesALiveChallenge) {  // D-01
  const Member member = world.MakeVerifiedMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kLive);
}

TEST_F(DeliveryTest, EachFailureHasItsErrorAndClass) {  // D-02, D-03, D-04, X-03
  const Member member = world.MakeVerifiedMember(organization);
  const struct {
    Delivery delivery;
    const char* type;
    ErrorClass error_class;
    ChallengeState state;
    size_t sends;
  } rows[] = {
      {kRejected, "downstream_carrier_error", ErrorClass::kFixState, ChallengeState::kVoid, 0},
      {kUnsubscribed, "unsubscribed_phone_number", ErrorClass::kFixState, ChallengeState::kVoid, 0},
      {kUnavailable, "downstream_carrier_error", ErrorClass::kRetry, ChallengeState::kVoid, 0},
      {kUnknown, "downstream_carrier_error", ErrorClass::kRetry, ChallengeState::kLive, 1},
  };
  for (const auto& row : rows) {
    world.clock.Advance(std::chrono::hours(24));  // no cap on what is given back
    world.inbox.Script(row.delivery);
    const auto reply = world.Send(member);
    EXPECT_EQ(ErrorTypeOf(reply), row.type);
    EXPECT_EQ(reply.error().error_class(), row.error_class);
    EXPECT_TRUE(reply.events().Has(EventKind::kDeliveryFailed));
    const auto record = *world.RecordOf(member);
    EXPECT_EQ(record.challenge.state, row.state);
    EXPECT_EQ(record.sends.count - 1, static_cast<int>(row.sends));  // one is from the enrolment
    EXPECT_EQ(record.phone.state, EnrollmentState::kVerified);
  }
}

TEST_F(DeliveryTest, AnUnknownDeliveryMayStillBeAnswered) {  // D-04
  const Member member = world.MakeMember(organization);
  world.inbox.Script(kUnknown);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "downstream_carrier_error");
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kPending);  // D-05
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.inbox.LastCode())), "");
}

TEST_F(DeliveryTest, ANumberLinkedByTheFailedSendIsUnlinkedAgain) {  // D-05, C-06
  const Member member = world.MakeMember(organization);
  for (const Delivery delivery : {kRejected, kUnsubscribed, kUnavailable}) {
    world.inbox.Script(delivery);
    EXPECT_NE(ErrorTypeOf(world.Send(member, kNumber)), "");
    EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kNone);
    EXPECT_FALSE(world.ClaimOf(organization, kNumber));
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, "123456")), "otp_code_not_found");
  }
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kOtherNumber)), "");
}

TEST_F(DeliveryTest, ANumberLinkedEarlierStaysAndTheOldPasscodeNeverComesBack) {  // D-05
  const Member member = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  const std::string old = world.inbox.LastCode();
  world.inbox.Script(kRejected);
  EXPECT_NE(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kPending);
  EXPECT_TRUE(world.ClaimOf(organization, kNumber));
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, old)), "otp_code_not_found");
}

TEST_F(DeliveryTest, ALateReportAppliesToTheCurrentChallengeOnly) {  // D-06
  const Member member = world.MakeVerifiedMember(organization);
  std::ignore = world.Send(member);
  const ChallengeId first = world.inbox.messages().back().challenge_id;
  std::ignore = world.Send(member);
  const ChallengeId second = world.inbox.messages().back().challenge_id;
  const Revision before = world.RevisionOf(member);
  EXPECT_FALSE(Report(member, first, kRejected).applied);
  EXPECT_FALSE(Report(member, second, {Delivery::Kind::kAccepted, false}).applied);
  EXPECT_EQ(world.RevisionOf(member), before);
  EXPECT_TRUE(Report(member, second, kRejected).applied);
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kVoid);
  EXPECT_FALSE(Report(member, second, kRejected).applied);
  EXPECT_EQ(ErrorTypeOf(Report(member, ChallengeId(), kRejected)), "bad_request");
}

TEST_F(DeliveryTest, ALateReportAfterSuccessChangesNothing) {  // D-06
  const Member member = world.MakeMember(organization);
  std::ignore = world.Send(member, kNumber);
  const ChallengeId challenge = world.inbox.messages().back().challenge_id;
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, world.inbox.LastCode())), "");
  EXPECT_FALSE(Report(member, challenge, kRejected).applied);
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kVerified);
}

TEST_F(DeliveryTest, WhenTheReportCannotBeWrittenTheAnswerStands) {  // D-06
  const Member member = world.MakeMember(organization);
  world.inbox.Script(kRejected);
  world.store.commit_fault = [](int call) {
    return call == 1 ? testing::FaultyStore::CommitFault::kNone
                     : testing::FaultyStore::CommitFault::kUnavailable;
  };
  world.store.ResetCounts();
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "downstream_carrier_error");
  world.store.commit_fault = nullptr;
  const auto record = *world.RecordOf(member);
  EXPECT_EQ(record.challenge.state, ChallengeState::kLive);  // as after D-04
  EXPECT_EQ(record.phone.state, EnrollmentState::kPending);
}

TEST_F(DeliveryTest, OneCommitLeadsToOneMessageUnderOneKey) {  // D-07, C-07
  const Member member = world.MakeVerifiedMember(organization);
  CallOptions options;
  options.operation_id.bytes[0] = 9;
  const int before = world.inbox.deliveries();
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "", options)), "");
  const auto again = world.Send(member, "", options);
  EXPECT_EQ(ErrorTypeOf(again), "");
  EXPECT_EQ(again.member().mfa_phone_number, kNumber);
  EXPECT_EQ(world.inbox.deliveries(), before + 1);
}

TEST_F(DeliveryTest, ARepeatedSendHearsOfTheFailedDelivery) {  // C-07
  const Member member = world.MakeVerifiedMember(organization);
  CallOptions options;
  options.operation_id.bytes[0] = 9;
  world.inbox.Script(kRejected);
  const auto first = world.Send(member, "", options);
  const auto again = world.Send(member, "", options);
  EXPECT_EQ(CodeOf(first), ErrorCode::kDownstreamCarrierRejected);
  EXPECT_EQ(CodeOf(again), CodeOf(first));
}

TEST_F(DeliveryTest, AVoidChallengeIsNotFound) {
  const Member member = world.MakeVerifiedMember(organization);
  std::ignore = world.Send(member);
  const std::string code = world.inbox.LastCode();
  std::ignore = Report(member, world.inbox.messages().back().challenge_id, kRejected);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, code)), "otp_code_not_found");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, World::Wrong(code))), "otp_code_not_found");
}

// A host may import a Member with a passcode that lives: no run wrote it.
TEST_F(DeliveryTest, AReportOnAPlantedPasscodeIsMarkedAsAReport) {  // C-07, C-08
  const Member member = world.MakeVerifiedMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  auto record = *world.RecordOf(member);
  record.mark = OperationMark();
  record.challenge.issued_by = 0;
  world.Put(record);
  EXPECT_TRUE(Report(member, record.challenge.id, kRejected).applied);
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kVoid);
  EXPECT_EQ(world.RecordOf(member)->mark.command, CommandKind::kReportDelivery);
  EXPECT_EQ(world.RecordOf(member)->mark.answer, 0);
}

TEST_F(DeliveryTest, AReportWhoseClaimCannotBeReadChangesNothing) {  // D-05, K-12
  const Member member = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  const RecordKey claim = RecordKey::PhoneClaim(organization.organization_id, kNumber);
  const Revision revision = testing::LoadFrom(world.memory, claim).revision;
  ASSERT_EQ(testing::CommitTo(world.memory, {{claim, revision, "no claim"}}),
            CommitOutcome::kCommitted);
  const Revision before = world.RevisionOf(member);
  EXPECT_EQ(ErrorTypeOf(Report(member, world.inbox.messages().back().challenge_id, kRejected)),
            "internal_server_error");
  EXPECT_EQ(world.RevisionOf(member), before);
}

}  // namespace
}  // namespace otpcore
