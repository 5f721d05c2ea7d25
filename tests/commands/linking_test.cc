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
  const RecordKey key = {RecordKind::kPhoneClaim, organization.organization_id, number};
  Changes changes;
  changes.writes.push_back(
      {key, world.memory.Load({key}).records.front().revision, std::monostate()});
  ASSERT_EQ(world.memory.Commit(changes), CommitOutcome::kCommitted);
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
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(first))), "");
  const std::optional<PhoneClaim> claim = world.ClaimOf(organization, kNumber);
  ASSERT_TRUE(claim);
  EXPECT_EQ(claim->member_id, second.member_id);
  EXPECT_TRUE(claim->permanent);
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(second))), "");
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
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member))), "");
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));
}

TEST(Claims, KeepingOneWritesNothing) {
  LoadedRecord claim;
  std::vector<Write> writes;
  AddClaimWrite(ClaimEffect::kKeep, claim, "m", Instant(), &writes);
  AddClaimWrite(ClaimEffect::kRelease, claim, "m", Instant(), &writes);
  AddClaimWrite(static_cast<ClaimEffect>(99), claim, "m", Instant(), &writes);
  EXPECT_TRUE(writes.empty());
  AddClaimWrite(ClaimEffect::kLease, claim, "m", Instant::FromUnixMillis(5), &writes);
  AddClaimWrite(ClaimEffect::kPermanent, claim, "m", Instant::FromUnixMillis(5), &writes);
  ASSERT_EQ(writes.size(), 2u);
  const auto& lease = std::get<PhoneClaim>(writes[0].record);
  EXPECT_FALSE(lease.permanent);
  EXPECT_EQ(lease.lease_end, Instant::FromUnixMillis(5));
  EXPECT_TRUE(std::get<PhoneClaim>(writes[1].record).permanent);
}

TEST(Claims, AreProvedByAnotherOnlyForGood) {
  LoadedRecord claim;
  EXPECT_FALSE(IsProvedByAnother(claim, "m"));
  claim.record = PhoneClaim{"other", false, Instant::Max()};
  EXPECT_FALSE(IsProvedByAnother(claim, "m"));
  claim.record = PhoneClaim{"m", true, {}};
  EXPECT_FALSE(IsProvedByAnother(claim, "m"));
  claim.record = PhoneClaim{"other", true, {}};
  EXPECT_TRUE(IsProvedByAnother(claim, "m"));
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
  auto totp = On<SetTotpRegistrationRequest>(member);
  totp.totp_registration_id = "totp-1";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(totp)), "");
  auto update = On<UpdateMemberRequest>(member);
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
      auto update = On<UpdateMemberRequest>(member);
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
  Engine later(*rotated, {world.clock, world.random, world.store, world.sessions, world.inbox});
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
  auto update = On<UpdateMemberRequest>(member);
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
  const OperationMark expected = {reporting.operation_id, CommandKind::kReportDelivery, 0};
  EXPECT_TRUE(world.RecordOf(member)->mark == expected);
}

TEST(LateReports, NeverUnlinkAVerifiedNumber) {  // E-03, D-05
  World world;
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeVerifiedMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  MemberRecord record = *world.RecordOf(member);
  record.challenge.linked_its_address = true;  // as no command leaves it
  world.Put(record);
  auto report = On<ReportDeliveryRequest>(member);
  report.challenge_id = record.challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(report)), "");
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kVerified);
  EXPECT_TRUE(world.ClaimOf(organization, kNumber)->permanent);
}

// The passcode and the challenge id come from the bytes before: an id that is shown shares none.
TEST(Numbers, APhoneIdIsMadeOfTheLastEntropy) {
  constexpr SecretAccess kAccess("the generator writes into it");
  Facts facts;
  uint8_t* const bytes = facts.entropy.RevealMutable(kAccess);
  for (size_t i = 0; i < kEntropyBytes; ++i) bytes[i] = static_cast<uint8_t>(i);
  EXPECT_EQ(PhoneIdFrom(facts), UuidFromRandom(bytes + kPasscodeEntropyBytes + 16));
}

// A parse costs more than all else a plan does, so the next plan of the attempt gets it handed in.
TEST(Numbers, AreParsedOnceInAnAttempt) {  // N-03
  World world;
  const Member member = world.MakeMember(world.MakeOrganization());
  CallContext context;
  context.config = world.config.get();
  context.operation_id = UuidFromRandom(reinterpret_cast<const uint8_t*>("0123456789abcdef"));
  auto request = On<SendSmsOtpRequest>(member);
  request.mfa_phone_number = kNumber;
  const auto plan = [&](const Facts& facts) { return SendSmsOtp::Plan(context, request, facts); };

  Facts facts;
  facts.now = world.clock.Now();
  facts.has_entropy =
      world.random.Fill(facts.entropy.RevealMutable(SecretAccess("a test")), Entropy::size());
  facts.records = world.memory.Load(std::get<LoadMore>(plan(facts)).keys).records;
  facts.parsed = std::get<Admit>(plan(facts)).parsed;
  EXPECT_EQ(facts.parsed.text.view(), kNumber);
  EXPECT_EQ(facts.parsed.number.region.view(), "US");

  facts.parsed.number.e164 = kOtherNumber;  // who parses again would not fall for that
  EXPECT_EQ(std::get<LoadMore>(plan(facts)).keys.front().name.view(), kOtherNumber);
  facts.parsed.text = kOtherNumber;  // of another text it says nothing
  EXPECT_EQ(std::get<Admit>(plan(facts)).quotas.front().phone_number.view(), kNumber);
}

}  // namespace
}  // namespace otpcore
