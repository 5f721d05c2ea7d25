// SPDX-License-Identifier: Apache-2.0
// Numbers and their claims in the corners: claims that are lost, gone or another's, numbers that
// give way, and the options of a policy about numbers (S-07, S-16, M-03, M-08, X-01, N-03).
#include "commands/linking.h"

#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

void RemoveClaim(World& world, const Organization& organization, const std::string& number) {
  const RecordKey key = RecordKey::PhoneClaim(organization.organization_id, number);
  const Revision revision = testing::LoadFrom(world.memory, key).revision;
  ASSERT_EQ(testing::CommitTo(world.memory, {{key, revision, ""}}), CommitOutcome::kCommitted);
}

TEST(Claims, AreReleasedOnlyByTheirHolder) {  // S-07, M-03
  World world;
  const Organization organization = world.MakeOrganization();
  const Member first = world.MakeMember(organization), second = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(first, kNumber)), "");
  world.clock.Advance(minutes(2));
  ASSERT_EQ(ErrorTypeOf(world.Send(second, kNumber)), "");
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(second, world.Code())), "");
  // The first still has it, pending and lost: deleting it there takes nothing from the second.
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(first, Actor::Host()))),
            "");
  const std::optional<PhoneClaim> claim = world.ClaimOf(organization, kNumber);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->member_id, second.member_id);
  EXPECT_TRUE(claim->permanent);
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(second, Actor::Host()))),
            "");
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));
}

TEST(Claims, OneThatIsGoneIsNobodys) {  // S-07
  World world;
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  RemoveClaim(world, organization, kNumber);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kOtherNumber)),
            "duplicate_member_phone_number_for_member");
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
            "");
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));
}

TEST(Claims, KeepingOneWritesNothing) {
  auto facts = std::make_unique<Facts>();
  auto decision = std::make_unique<Decision>(&facts->records);
  LoadedRecord loaded;
  loaded.key = RecordKey::PhoneClaim("o", kNumber);
  LoadedClaim claim;
  claim.loaded = &loaded;
  WriteClaim({ClaimEffect::kKeep, &claim, {}}, "m", decision.get());
  WriteClaim({ClaimEffect::kRelease, &claim, {}}, "m", decision.get());
  WriteClaim({static_cast<ClaimEffect>(99), &claim, {}}, "m", decision.get());
  WriteClaim({ClaimEffect::kLease, nullptr, {}}, "m", decision.get());
  EXPECT_TRUE(decision->changes.writes.empty());
  WriteClaim({ClaimEffect::kLease, &claim, Instant::FromUnixMillis(5)}, "m", decision.get());
  WriteClaim({ClaimEffect::kPermanent, &claim, Instant::FromUnixMillis(5)}, "m", decision.get());
  ASSERT_EQ(decision->changes.writes.size(), 2u);
  PhoneClaim written;
  ASSERT_TRUE(Unpack(loaded.key, decision->changes.writes[0].record, &written));
  EXPECT_FALSE(written.permanent);
  EXPECT_EQ(written.lease_end, Instant::FromUnixMillis(5));
  ASSERT_TRUE(Unpack(loaded.key, decision->changes.writes[1].record, &written));
  EXPECT_TRUE(written.permanent);
}

TEST(Claims, AreProvedByAnotherOnlyForGood) {
  LoadedClaim claim;
  EXPECT_FALSE(claim.ProvedByAnother("m"));
  claim.held = true;
  claim.claim = {"other", false, Instant::Max()};
  EXPECT_FALSE(claim.ProvedByAnother("m"));
  claim.claim = {"m", true, {}};
  EXPECT_FALSE(claim.ProvedByAnother("m"));
  claim.claim = {"other", true, {}};
  EXPECT_TRUE(claim.ProvedByAnother("m"));
}

TEST(Claims, OneThatCannotBeReadAnswersNobody) {  // K-12
  World world;
  const Organization organization = world.MakeOrganization();
  const RecordKey key = RecordKey::PhoneClaim(organization.organization_id, kNumber);
  ASSERT_EQ(testing::CommitTo(world.memory, {{key, 0, "no claim"}}), CommitOutcome::kCommitted);
  const Member member = world.MakeMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "internal_server_error");
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

TEST(Claims, ALeaseBlocksUntilItsLastMillisecond) {  // S-07, T-02
  World world;
  const Organization organization = world.MakeOrganization();
  ASSERT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kNumber)), "");
  EXPECT_EQ(world.ClaimOf(organization, kNumber)->lease_end, world.clock.Now() + minutes(2));
  const Member second = world.MakeMember(organization);
  world.clock.Advance(minutes(2) - Duration(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(second, kNumber)), "duplicate_member_phone_number");
  world.clock.Advance(Duration(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(second, kNumber)), "");
}

TEST(PendingNumbers, GiveWayOnlyToMembersWithoutAFactor) {  // M-08, S-12
  Policy policy;
  policy.replace_pending_number = true;
  World world(policy);
  const Member member = world.MakeMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  auto totp = On<SetTotpRegistrationRequest>(member, Actor::Host());
  totp.totp_registration_id = "totp-1";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(totp)), "");
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.mfa_phone_number = kOtherNumber;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "duplicate_member_phone_number_for_member");
  totp.totp_registration_id = "";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(totp)), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
}

TEST(PendingNumbers, TakeTheirPasscodeWithThem) {  // M-03, M-08, A-03
  Policy policy;
  policy.replace_pending_number = true;
  for (const bool by_send : {false, true}) {
    World world(policy);
    const Member member = world.MakeMember(world.MakeOrganization());
    ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
    const std::string code = world.Code();
    if (by_send) {
      ASSERT_EQ(ErrorTypeOf(world.Send(member, kOtherNumber)), "");
      EXPECT_TRUE(world.RecordOf(member)->challenge.superseded_id.empty());
    } else {
      auto update = On<UpdateMemberRequest>(member, Actor::Host());
      update.mfa_phone_number = kOtherNumber;
      ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
      EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kNone);
    }
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, code)), "otp_code_not_found");
    EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, by_send ? 1 : 0);
  }
}

TEST(PossibleNumbers, AreTakenWhenThePolicySaysSo) {  // N-03
  constexpr char kPossible[] = "+12005550123";        // no such area code, by this metadata
  World strict;
  EXPECT_EQ(ErrorTypeOf(strict.Send(strict.MakeMember(strict.MakeOrganization()), kPossible)),
            "invalid_phone_number");
  Policy policy;
  policy.accept_possible_numbers = true;
  World open(policy);
  EXPECT_EQ(ErrorTypeOf(open.Send(open.MakeMember(open.MakeOrganization()), kPossible)), "");
}

TEST(SandboxNumbers, AreEachFoundByTheirOwnSpelling) {
  Policy policy;
  const Instant until = testing::VirtualClock().Now() + hours(1);
  policy.sandbox_numbers = {{"+10000000001", "424242", until}, {"+10000000002", "434343", until}};
  EXPECT_EQ(FindSandbox(policy, "+10000000002", until - Duration(1))->code, "434343");
  EXPECT_EQ(FindSandbox(policy, "+10000000002", until), nullptr);
  EXPECT_EQ(FindSandbox(policy, "+10000000003", Instant()), nullptr);
}

TEST(SendLimits, ALeastIntervalIsKept) {  // L-06
  Policy policy;
  policy.send_interval_min = seconds(30);
  World world(policy);
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const auto sent = world.Send(member);
  ASSERT_EQ(ErrorTypeOf(sent), "");
  EXPECT_EQ(sent.hints().next_send_at, world.clock.Now() + seconds(30));
  EXPECT_EQ(sent.hints().sends_left, 4);
  world.clock.Advance(seconds(30) - Duration(1));
  const auto refused = world.Send(member);
  EXPECT_EQ(ErrorTypeOf(refused), "too_many_requests");
  EXPECT_EQ(refused.error().retry_after(), Duration(1));
  world.clock.Advance(Duration(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
}

TEST(Superseded, AnExpiredCodeIsRememberedByTheNextSend) {
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  const std::string old_code = world.Code();
  world.clock.Advance(minutes(2));
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, old_code)), "unable_to_auth_otp_code");
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, old_code)), "unable_to_auth_otp_code");
  EXPECT_EQ(world.RecordOf(member)->challenge.failures, 0);
}

TEST(Superseded, ACodeWhoseKeyIsGoneIsJustWrong) {
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  const std::string old_code = world.Code();
  const auto rotated = Config::Create(Policy::Default(), TestKeys(8));
  Engine later(*rotated,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  ASSERT_EQ(ErrorTypeOf(later.Run(On<SendSmsOtpRequest>(member))), "");
  AuthenticateFields fields = World::AuthenticateRequest(member, old_code);
  fields.session = world.Intermediate(member);
  EXPECT_EQ(ErrorTypeOf(later.Run(fields.Request())), "otp_code_not_found");
  EXPECT_EQ(world.RecordOf(member)->challenge.failures, 1);
}

TEST(Authenticate, ARepeatedFailureIsAnsweredAsBeforeAndCountsOnce) {  // C-07
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  AuthenticateFields fields = World::AuthenticateRequest(member, World::Wrong(world.Code()));
  fields.session = world.Intermediate(member);
  CallOptions options;
  options.operation_id.bytes[5] = 5;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ErrorTypeOf(world.Run(fields, options)), "otp_code_not_found");
  EXPECT_EQ(world.RecordOf(member)->challenge.failures, 1);
}

TEST(LateReports, LeaveTheMarkOfALaterOperationAlone) {  // C-07, D-06
  World world;
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  CallOptions options;
  options.operation_id.bytes[5] = 5;
  auto update = On<UpdateMemberRequest>(member, Actor::Host());
  update.name = "Ada";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update, options)), "");
  auto report = On<ReportDeliveryRequest>(member);
  report.challenge_id = world.RecordOf(member)->challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  CallOptions reporting;
  reporting.operation_id.bytes[5] = 6;
  const auto reply = world.engine.Run(report, reporting);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.applied);
  const OperationMark mark = world.RecordOf(member)->mark;
  EXPECT_EQ(mark.id, reporting.operation_id);
  EXPECT_EQ(mark.command, CommandKind::kReportDelivery);
  EXPECT_EQ(mark.answer, 0);
}

TEST(LateReports, NeverUnlinkAVerifiedNumber) {  // E-03, D-05
  World world;
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeVerifiedMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  auto record = *world.RecordOf(member);
  record.challenge.linked_its_address = true;  // as no command leaves it
  world.Put(record);
  auto report = On<ReportDeliveryRequest>(member);
  report.challenge_id = record.challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(report)), "");
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kVerified);
  EXPECT_TRUE(world.ClaimOf(organization, kNumber)->permanent);
}

// An id that is shown shares no byte with the passcode's draws or the challenge id.
TEST(Numbers, APhoneIdIsMadeOfEntropyOfItsOwn) {
  World world;
  const Member member = world.MakeMember(world.MakeOrganization());
  struct Counted final : SecureRandom {
    bool Fill(uint8_t* bytes, size_t size) override {
      for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i);
      return true;
    }
  } counted;
  Engine engine(*world.config,
                {world.clock, counted, world.store, world.sessions, world.inbox, world.guard});
  auto request = On<SendSmsOtpRequest>(member);
  request.mfa_phone_number = kNumber;
  ASSERT_EQ(ErrorTypeOf(engine.Run(request)), "");
  const auto record = *world.RecordOf(member);
  const size_t at = offsetof(Entropy, phone_id);
  for (size_t i = 10; i < 16; ++i) EXPECT_EQ(record.phone.id.bytes[i], at + i);
  for (size_t i = 10; i < 16; ++i)
    EXPECT_EQ(record.challenge.id.bytes[i], offsetof(Entropy, new_id) + i);
}

// A parse costs more than all else a plan does.
TEST(Numbers, AreParsedOnceInAnOperation) {  // N-03
  const NumberText text(kNumber);
  const Result<PhoneNumber>& first = text.Parse(Policy());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->region, RegionCode("US"));
  EXPECT_EQ(&text.Parse(Policy()), &first);
  EXPECT_FALSE(NumberText("+10000000").Parse(Policy()));
  EXPECT_TRUE(NumberText().empty());
}

}  // namespace
}  // namespace otpcore
