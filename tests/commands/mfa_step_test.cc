// SPDX-License-Identifier: Apache-2.0
// The MFA step: rules P-01 … P-05.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using CommitFault = testing::FaultyStore::CommitFault;

class MfaStepTest : public ::testing::Test {
 protected:
  Organization MakeRequired() {
    CreateOrganizationRequest create;
    create.mfa_policy = "REQUIRED_FOR_ALL";
    return world.MakeOrganization(create);
  }
  MfaStepRequest Step(const Member& member) {
    auto request = On<MfaStepRequest>(member);
    return request;
  }
  void ChangePolicy(const Organization& organization, const char* policy) {
    UpdateOrganizationRequest update;
    update.organization_id = organization.organization_id.str();
    update.mfa_policy = policy;
    ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  }

  World world;
};

TEST_F(MfaStepTest, AuthenticatesAMemberWhoNeedsNoMfa) {  // P-01, P-03
  const Member member = world.MakeVerifiedMember(world.MakeOrganization());
  const int deliveries = world.inbox.deliveries();
  const Revision before = world.RevisionOf(member);
  const auto reply = world.engine.Run(Step(member));
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required);
  EXPECT_EQ(world.RevisionOf(member), before);
  EXPECT_EQ(world.inbox.deliveries(), deliveries);
}

TEST_F(MfaStepTest, ASessionKeepsAFactorThatTheMemberHasNoMore) {  // SE-05
  const Member member = world.MakeVerifiedMember(MakeRequired());
  Session session = World::PrimarySession();
  session.factors.Add(FactorKind::kSmsPasscode, world.clock.Now());
  const SessionArguments full = world.Full(member, session);
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()))),
            "");
  auto step = Step(member);
  step.session = full;
  const auto reply = world.engine.Run(step);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_TRUE(reply.member_authenticated);
  step.session = world.Full(member);
  EXPECT_FALSE(world.engine.Run(step).member_authenticated) << "another session shows nothing";
}

TEST_F(MfaStepTest, SendsThePasscodeByItself) {  // P-02, P-03
  for (const bool verified : {true, false}) {
    World fresh;
    CreateOrganizationRequest create;
    create.mfa_policy = "REQUIRED_FOR_ALL";
    const Organization organization = fresh.MakeOrganization(create);
    const Member member =
        verified ? fresh.MakeVerifiedMember(organization) : fresh.MakeMember(organization);
    if (!verified) std::ignore = fresh.Send(member, kNumber);
    const auto reply = fresh.engine.Run(Step(member));
    ASSERT_EQ(ErrorTypeOf(reply), "");
    EXPECT_FALSE(reply.member_authenticated);
    ASSERT_TRUE(reply.mfa_required);
    EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
    EXPECT_EQ(reply.mfa_required->member_options->mfa_phone_number, kNumber);
    EXPECT_EQ(ErrorTypeOf(fresh.Authenticate(member, fresh.inbox.LastCode())), "");
  }
}

TEST_F(MfaStepTest, AsksForMfaOfAnEnrolledMemberAndOfBreakglassOnes) {  // P-01
  const Organization optional = world.MakeOrganization();
  CreateMemberRequest create;
  create.mfa_enrolled = true;
  auto reply = world.engine.Run(Step(world.MakeMember(optional, create)));
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_FALSE(reply.mfa_required->member_options);  // no factor yet
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  create.mfa_enrolled = false;
  create.is_breakglass = true;
  reply = world.engine.Run(Step(world.MakeMember(MakeRequired(), create)));
  EXPECT_FALSE(reply.member_authenticated);
}

TEST_F(MfaStepTest, ASessionWithAFactorIsEnough) {  // P-01
  const Member member = world.MakeVerifiedMember(MakeRequired());
  MfaStepRequest request = Step(member);
  Session session = World::PrimarySession();
  request.session = world.Full(member, session);
  EXPECT_FALSE(world.engine.Run(request).member_authenticated);
  session.factors.Add(FactorKind::kTotp, Instant::FromUnixMillis(1));
  request.session = world.Full(member, session);
  EXPECT_TRUE(world.engine.Run(request).member_authenticated);
  request.session = {"", "gone", ""};
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "session_not_found");
}

TEST_F(MfaStepTest, SendsNothingToWhoPrefersTotp) {  // P-02
  const Organization organization = MakeRequired();
  CreateMemberRequest create;
  create.mfa_phone_number = kNumber;
  create.mfa_phone_number_verified = true;
  create.totp_registration_id = "totp-1";
  create.default_mfa_method = "totp";
  const Member member = world.MakeMember(organization, create);
  auto reply = world.engine.Run(Step(member));
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(reply.mfa_required->member_options->totp_registration_id, "totp-1");
  EXPECT_EQ(world.inbox.deliveries(), 0);

  // TOTP is not allowed any more: the SMS goes out.
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.mfa_methods = "RESTRICTED";
  update.allowed_mfa_methods = {"sms_otp"};
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_TRUE(world.engine.Run(Step(member)).mfa_required->secondary_auth_initiated);
  // And SMS is not: nothing goes out, and MFA is still required.
  update.allowed_mfa_methods = {"totp"};
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  reply = world.engine.Run(Step(member));
  EXPECT_FALSE(reply.member_authenticated);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
}

TEST_F(MfaStepTest, ABreakglassMemberMayPreferWhatTheOrganizationForbids) {  // P-02, S-13
  CreateOrganizationRequest sms_only;
  sms_only.mfa_policy = "REQUIRED_FOR_ALL";
  sms_only.mfa_methods = "RESTRICTED";
  sms_only.allowed_mfa_methods = {"sms_otp"};
  const Organization organization = world.MakeOrganization(sms_only);
  const auto sends = [&](bool is_breakglass, const char* number) {
    CreateMemberRequest create;
    create.mfa_phone_number = number;
    create.mfa_phone_number_verified = true;
    create.totp_registration_id = "totp-1";
    create.default_mfa_method = "totp";
    create.is_breakglass = is_breakglass;
    const auto reply = world.engine.Run(Step(world.MakeMember(organization, create)));
    return reply.mfa_required->secondary_auth_initiated;
  };
  EXPECT_TRUE(sends(false, kNumber));
  EXPECT_FALSE(sends(true, kOtherNumber));
}

TEST_F(MfaStepTest, MakesAnInvitedMemberActive) {  // P-05
  for (const bool invited : {true, false}) {
    CreateMemberRequest create;
    create.invited = invited;
    create.create_member_as_pending = true;
    const Member member = world.MakeMember(world.MakeOrganization(), create);
    EXPECT_EQ(world.RecordOf(member)->status,
              invited ? MemberStatus::kInvited : MemberStatus::kPending);
    const auto reply = world.engine.Run(Step(member));
    EXPECT_TRUE(reply.member_authenticated);
    EXPECT_EQ(reply.member().status, MemberStatus::kActive);
    EXPECT_EQ(world.RecordOf(member)->status, MemberStatus::kActive);
  }
}

TEST_F(MfaStepTest, AnUnknownLocaleBecomesEnglish) {  // P-04, S-18
  const Member member = world.MakeVerifiedMember(MakeRequired());
  MfaStepRequest request = Step(member);
  const auto start_of_body = [&](const char* locale) {
    request.locale = locale;
    const auto reply = world.engine.Run(request);
    EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
    EXPECT_EQ(reply.hints().expires_at, world.clock.Now() + minutes(2));
    world.clock.Advance(minutes(2));
    return world.inbox.messages().back().body.substr(0, 5);
  };
  const std::string english = start_of_body("en");
  EXPECT_EQ(start_of_body("xx"), english);
  EXPECT_NE(start_of_body("pt-br"), english);
}

// P-04: whatever fails, nobody is let in.
TEST_F(MfaStepTest, NeverFailsOpen) {
  const Organization organization = MakeRequired();
  const Member member = world.MakeVerifiedMember(organization);
  const auto expect_stands = [&](const char* what) {
    const auto reply = world.engine.Run(Step(member));
    ASSERT_EQ(ErrorTypeOf(reply), "") << what;
    EXPECT_FALSE(reply.member_authenticated) << what;
    ASSERT_TRUE(reply.mfa_required) << what;
    EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated) << what;
    EXPECT_TRUE(reply.events().Has(EventKind::kMfaSmsNotSent) ||
                reply.events().Has(EventKind::kDeliveryFailed))
        << what;
  };
  const auto expect_unavailable = [&](const char* what) {
    EXPECT_EQ(ErrorTypeOf(world.engine.Run(Step(member))), "server_unavailable") << what;
  };
  using Kind = Delivery::Kind;
  for (const Kind kind : {Kind::kRejected, Kind::kUnavailable, Kind::kUnknown}) {
    world.inbox.Script({kind, false});
    expect_stands("the sink");
  }
  world.clock.Advance(minutes(2));
  world.store.fail_load = [](int) { return true; };
  expect_unavailable("the load");
  world.store.fail_load = nullptr;
  for (const CommitFault fault :
       {CommitFault::kConflict, CommitFault::kUnavailable, CommitFault::kUnknownLost}) {
    world.store.commit_fault = [fault](int) { return fault; };
    expect_unavailable("the commit");
  }
  world.store.commit_fault = nullptr;
  world.sessions.fail_find = [](int) { return true; };
  MfaStepRequest with_session = Step(member);
  with_session.session = world.Full(member);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(with_session)), "server_unavailable");
  world.sessions.fail_find = nullptr;

  auto record = *world.RecordOf(member);
  record.failures.locked_until = world.clock.Now() + minutes(5);
  world.Put(record);
  expect_stands("a lock");
  record.failures = FailureLedger();
  for (int i = 0; i < 5; ++i) record.sends.Push(world.clock.Now(), 5);
  world.Put(record);
  expect_stands("the send limit");
  record.sends = {};
  world.Put(record);

  CallOptions options;
  options.request_id = "r";
  options.operation_id.bytes[0] = 1;
  world.random.set_failing(true);
  const auto reply = world.engine.Run(Step(member), options);
  EXPECT_EQ(ErrorTypeOf(reply), "internal_server_error");
  EXPECT_FALSE(reply.member_authenticated);
}

TEST_F(MfaStepTest, RepeatingItSendsNoSecondSms) {  // C-07
  const Member member = world.MakeVerifiedMember(MakeRequired());
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  const int deliveries = world.inbox.deliveries();
  for (int i = 0; i < 2; ++i) {
    const auto reply = world.engine.Run(Step(member), options);
    ASSERT_EQ(ErrorTypeOf(reply), "");
    EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
  }
  EXPECT_EQ(world.inbox.deliveries(), deliveries + 1);
  world.clock.Advance(minutes(2));
  using Kind = Delivery::Kind;
  for (const Delivery& lost : {Delivery{Kind::kRejected, false}, Delivery{Kind::kRejected, true},
                               Delivery{Kind::kUnavailable, false}}) {
    world.inbox.Script(lost);
    ++options.operation_id.bytes[0];
    for (int i = 0; i < 2; ++i) {
      const auto reply = world.engine.Run(Step(member), options);
      ASSERT_EQ(ErrorTypeOf(reply), "");
      EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated);
    }
  }
}

// A policy that switches while sessions and challenges live.
TEST_F(MfaStepTest, FollowsThePolicyOfTheMoment) {  // A-09, P-01, S-13
  const Organization organization = world.MakeOrganization();
  const Member member = world.MakeVerifiedMember(organization);
  EXPECT_TRUE(world.engine.Run(Step(member)).member_authenticated);
  ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  const std::string code = world.inbox.LastCode();
  ChangePolicy(organization, "REQUIRED_FOR_ALL");
  EXPECT_FALSE(world.engine.Run(Step(member)).member_authenticated);
  EXPECT_EQ(world.inbox.LastCode(), code) << "the live one is still good (P-02)";
  const auto done = world.Authenticate(member, code);
  ASSERT_EQ(ErrorTypeOf(done), "");
  EXPECT_TRUE(done.member().mfa_enrolled);
  ChangePolicy(organization, "OPTIONAL");
  EXPECT_FALSE(world.engine.Run(Step(member)).member_authenticated);  // enrolled now

  const std::string live = world.inbox.LastCode();
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.mfa_methods = "RESTRICTED";
  update.allowed_mfa_methods = {"totp"};
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, live)),
            "operation_restricted_by_organization_mfa_methods");
  update.mfa_methods = "ALL_ALLOWED";
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, live)), "");
}

// P-02: the limits refuse another one, and one lives.
TEST_F(MfaStepTest, APasscodeThatLivesDoesInPlaceOfOneThatIsRefused) {
  const Organization organization = MakeRequired();
  const Member member = world.MakeVerifiedMember(organization);
  for (int i = 0; i < 5; ++i) ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  ASSERT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kLive);
  world.clock.Advance(minutes(2) - seconds(29));  // less than a quarter of its life is left
  CallOptions options;
  options.operation_id.bytes[0] = 1;
  auto reply = world.engine.Run(Step(member), options);
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_TRUE(reply.events().Has(EventKind::kRefusedByLimit));
  EXPECT_FALSE(reply.events().Has(EventKind::kMfaSmsNotSent));
  EXPECT_EQ(reply.hints().expires_at, world.clock.Now() + seconds(29));  // S-20
  EXPECT_EQ(reply.hints().tries_left, 5);
  // Written, for the Member became active.
  auto record = *world.RecordOf(member);
  record.status = MemberStatus::kInvited;
  world.Put(record);
  reply = world.engine.Run(Step(member), options);
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_TRUE(reply.mfa_required->secondary_auth_initiated);
  EXPECT_EQ(world.RecordOf(member)->status, MemberStatus::kActive);
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kLive);
  world.clock.Advance(seconds(29));
  reply = world.engine.Run(Step(member));
  ASSERT_TRUE(reply.mfa_required);
  EXPECT_FALSE(reply.mfa_required->secondary_auth_initiated) << "it has expired";
}

// Fails closed whatever a plan with a defect leaves out (P-04).
TEST(MfaStepRespond, WithoutReadableRecordsLetsNobodyIn) {
  const RecordKey member_key = RecordKey::Member("o", "m");
  const RecordKey organization_key = RecordKey::Organization("o");
  MemberRecord member;
  member.organization_id = "o";
  member.member_id = "m";
  OrganizationRecord organization;
  organization.organization_id = "o";
  const std::string member_bytes = testing::Packed(member);
  const std::string organization_bytes = testing::Packed(organization);
  const struct {
    const RecordKey* key;
    std::string_view member, organization;
    ErrorCode code;
  } rows[] = {
      {&member_key, member_bytes, organization_bytes, ErrorCode::kOk},
      {nullptr, member_bytes, organization_bytes, ErrorCode::kInternalServerError},
      {&member_key, "", organization_bytes, ErrorCode::kInternalServerError},
      {&member_key, member_bytes, "", ErrorCode::kInternalServerError},
  };
  for (const auto& row : rows) {
    const auto records = std::make_unique<Records>();
    const auto decision = std::make_unique<Decision>(records.get());
    decision->answer.member_key = row.key;
    decision->answer.member = row.member;
    decision->answer.organization_key = &organization_key;
    decision->answer.organization = row.organization;
    Conclusion conclusion;
    conclusion.decision = decision.get();
    MfaStepResponse response;
    EXPECT_EQ(MfaStep::Respond(CallContext(), MfaStep::Checked(), conclusion, &response).code(),
              row.code);
    EXPECT_EQ(response.member_authenticated, row.code == ErrorCode::kOk);
  }
}

}  // namespace
}  // namespace otpcore
