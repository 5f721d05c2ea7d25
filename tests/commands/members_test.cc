// SPDX-License-Identifier: Apache-2.0
// Everything else that can happen to a Member: rules M-01 … M-08, C-09, S-12, L-03, L-05.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class MembersTest : public ::testing::Test {
 protected:
  template <typename Request>
  std::string Run(const Request& request) {
    return ErrorTypeOf(world.engine.Run(request));
  }
  UpdateMemberRequest Update(const Member& member) {
    return On<UpdateMemberRequest>(member, Actor::Host());
  }
  void GiveTotp(const Member& member) {
    auto request = On<SetTotpRegistrationRequest>(member, Actor::Host());
    request.totp_registration_id = "totp-1";
    ASSERT_EQ(Run(request), "");
  }

  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(MembersTest, GetShowsWhatIsThereByEachName) {  // M-01, C-01
  CreateMemberRequest create;
  create.external_id = "ext";
  create.name = "Ada";
  const Member member = world.MakeMember(organization, create);
  GetMemberRequest request{organization.organization_id.str(), "ext"};
  const auto reply = world.engine.Run(request);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.member().member_id, member.member_id);
  EXPECT_EQ(reply.member().name, "Ada");
  request.member_id = "nobody";
  EXPECT_EQ(Run(request), "member_not_found");
}

TEST_F(MembersTest, GetFindsByAddress) {  // M-01, M-07
  CreateOrganizationRequest named;
  named.organization_slug = "acme";
  organization = world.MakeOrganization(named);
  CreateMemberRequest create;
  create.email_address = "Ada@Example.com";
  const Member ada = world.MakeMember(organization, create);
  GetMemberRequest request = {organization.organization_id.str(), "", "aDA@eXAMPLE.COM"};
  world.store.ResetCounts();
  const auto reply = world.engine.Run(request);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.member().member_id, ada.member_id);
  EXPECT_EQ(world.store.loads(), 2) << "the address, and whose it is";

  request.organization_id = "acme";
  const auto found = world.engine.Run(request);
  EXPECT_EQ(found.member().member_id, ada.member_id);
  request.member_id = "nobody";
  EXPECT_EQ(Run(request), "member_not_found") << "the id goes first";
  request.member_id.clear();
  request.email_address = "bob@example.com";
  EXPECT_EQ(Run(request), "member_not_found");
  request.email_address = "ada";
  EXPECT_EQ(Run(request), "bad_request");
  request.email_address = "ada@example.com";
  request.organization_id = "elsewhere";
  EXPECT_EQ(Run(request), "organization_not_found");
  request.organization_id = "";
  EXPECT_EQ(Run(request), "bad_request");
  request.organization_id = organization.organization_id.str();
  ASSERT_EQ(Run(On<DeleteMemberRequest>(ada)), "");
  EXPECT_EQ(Run(request), "member_not_found");
}

TEST(ViewOf, ShowsAlikeWhetherItTakesTheTextsOrNot) {  // M-01
  MemberRecord record;
  record.email_address = "ada@example.com";
  record.name = "Ada";
  record.status = MemberStatus::kInvited;
  const Member copied = ViewOf(record, Instant(), Environment::kTest);
  const Member taken = ViewOf(std::move(record), Instant(), Environment::kTest);
  for (const Member& view : {copied, taken}) {
    EXPECT_EQ(view.email_address, "ada@example.com");
    EXPECT_EQ(view.name, "Ada");
    EXPECT_EQ(view.status, MemberStatus::kInvited);
  }
}

TEST_F(MembersTest, TheLockIsThatOfTheTimeOfReading) {  // M-01, L-02
  const Member member = world.MakeMember(organization);
  auto record = *world.RecordOf(member);
  record.failures.locked_at = world.clock.Now();
  record.failures.locked_until = world.clock.Now() + minutes(7);
  world.Put(record);
  world.clock.Advance(minutes(7) - Duration(1));
  const auto read = [&] { return world.engine.Run(On<GetMemberRequest>(member)); };
  const auto written = [&] { return world.engine.Run(Update(member)); };
  for (const ReplyBase& reply : {ReplyBase(read()), ReplyBase(written())}) {
    const Member locked = reply.member();
    EXPECT_TRUE(locked.is_locked);
    EXPECT_EQ(locked.lock_created_at, record.failures.locked_at);
    EXPECT_EQ(locked.lock_expires_at, record.failures.locked_until);
  }
  world.clock.Advance(Duration(1));
  for (const ReplyBase& reply : {ReplyBase(read()), ReplyBase(written())}) {
    const Member free = reply.member();
    EXPECT_FALSE(free.is_locked);
    EXPECT_FALSE(free.lock_created_at);
    EXPECT_FALSE(free.lock_expires_at);
  }
}

TEST_F(MembersTest, UpdateChangesWhatIsGivenAndNothingElse) {  // M-01, C-03
  CreateMemberRequest create;
  create.email_address_verified = true;
  create.external_id = "ext";
  const Member member = world.MakeMember(organization, create);
  auto update = Update(member);
  update.name = "Grace";
  update.is_breakglass = true;
  update.mfa_enrolled = true;
  const auto reply = world.engine.Run(update);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.member().name, "Grace");
  EXPECT_TRUE(reply.member().is_breakglass);
  EXPECT_TRUE(reply.member().mfa_enrolled);
  EXPECT_TRUE(reply.member().email_address_verified);
  EXPECT_EQ(reply.member().external_id, "ext");
  EXPECT_TRUE(reply.events().Has(EventKind::kEnrolled));
}

TEST_F(MembersTest, UpdateMovesNamesAndRefusesTakenOnes) {  // M-07
  CreateMemberRequest create;
  create.external_id = "one";
  create.email_address = "one@example.com";
  create.email_address_verified = true;
  const Member one = world.MakeMember(organization, create);
  create.external_id = "two";
  create.email_address = "two@example.com";
  const Member two = world.MakeMember(organization, create);

  auto update = Update(two);
  update.external_id = "one";
  EXPECT_EQ(Run(update), "duplicate_member_external_id");
  update.external_id = "";
  update.email_address = "ONE@example.com";
  EXPECT_EQ(Run(update), "duplicate_member_email");
  update = Update(one);
  update.external_id = "uno";
  update.email_address = "uno@example.com";
  const auto moved = world.engine.Run(update);
  ASSERT_EQ(ErrorTypeOf(moved), "");
  EXPECT_FALSE(moved.member().email_address_verified);
  EXPECT_EQ(Run(GetMemberRequest{organization.organization_id.str(), "one"}), "member_not_found");
  update = Update(two);  // what was given back may be taken
  update.external_id = "one";
  EXPECT_EQ(Run(update), "");
  update = Update(two);
  update.email_address = "one@example.com";
  EXPECT_EQ(Run(update), "");
}

TEST_F(MembersTest, UpdateLinksANumberUnderTheRulesOfSend) {  // M-02, S-07, S-08, S-16
  const Member member = world.MakeMember(organization);
  auto update = Update(member);
  update.mfa_phone_number = "+1 415";
  EXPECT_EQ(Run(update), "invalid_phone_number");
  update.mfa_phone_number = "+447400123456";
  EXPECT_EQ(Run(update), "invalid_phone_number_country_code");
  update.mfa_phone_number = kNumber;
  const auto linked = world.engine.Run(update);
  ASSERT_EQ(ErrorTypeOf(linked), "");
  EXPECT_FALSE(linked.member().mfa_phone_number_verified);
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_FALSE(world.ClaimOf(organization, kNumber)->permanent);
  update.name = "Ada";
  EXPECT_EQ(Run(update), "duplicate_member_phone_number_for_member") << "the same number again";
  EXPECT_EQ(world.RecordOf(member)->name, "");
  update.mfa_phone_number = kOtherNumber;
  EXPECT_EQ(Run(update), "duplicate_member_phone_number_for_member");

  auto other = Update(world.MakeMember(organization));
  other.mfa_phone_number = kNumber;
  EXPECT_EQ(Run(other), "duplicate_member_phone_number");
  world.clock.Advance(minutes(2));
  EXPECT_EQ(Run(other), "");

  CreateMemberRequest pending;
  pending.create_member_as_pending = true;
  auto inactive = Update(world.MakeMember(organization, pending));
  inactive.mfa_phone_number = "+14155550177";
  EXPECT_EQ(Run(inactive), "action_available_only_for_active_members");
}

TEST_F(MembersTest, OnBehalfOfASessionLinkingNeedsTheFactorThatIsThere) {  // M-02, S-12
  const Member member = world.MakeMember(organization);
  GiveTotp(member);
  auto update = Update(member);
  update.mfa_phone_number = kNumber;
  update.actor = Actor::Person(world.Full(member));
  EXPECT_EQ(Run(update), "insufficient_factors");
  Session session = World::PrimarySession();
  session.factors.Add(FactorKind::kTotp, Instant::FromUnixMillis(1));
  update.actor = Actor::Person(world.Full(member, session));
  EXPECT_EQ(Run(update), "");

  const Member owner = world.MakeVerifiedMember(organization, kOtherNumber);
  auto totp = On<SetTotpRegistrationRequest>(owner, Actor::Host());
  totp.totp_registration_id = "totp-2";
  totp.actor = Actor::Person(world.Full(owner));
  EXPECT_EQ(Run(totp), "insufficient_factors");
  totp.actor = Actor::Person(world.Full(member));
  EXPECT_EQ(Run(totp), "member_session_member_id_mismatch");
}

TEST_F(MembersTest, CreateLinksOrImportsANumber) {  // M-01, M-02, E-02
  CreateMemberRequest create;
  create.mfa_phone_number = kNumber;
  const Member linked = world.MakeMember(organization, create);
  EXPECT_FALSE(linked.mfa_phone_number_verified);
  EXPECT_FALSE(world.ClaimOf(organization, kNumber)->permanent);

  create.mfa_phone_number = kOtherNumber;
  create.mfa_phone_number_verified = true;
  create.default_mfa_method = "sms_otp";
  const Member imported = world.MakeMember(organization, create);
  EXPECT_TRUE(imported.mfa_phone_number_verified);
  EXPECT_TRUE(world.ClaimOf(organization, kOtherNumber)->permanent);
  EXPECT_EQ(ErrorTypeOf(world.Send(imported)), "");

  create.organization_id = organization.organization_id.str();
  create.email_address = "third@example.com";
  EXPECT_EQ(Run(create), "duplicate_member_phone_number");
  create.mfa_phone_number = "+14155550177";
  create.create_member_as_pending = true;
  EXPECT_EQ(Run(create), "action_available_only_for_active_members");
}

TEST_F(MembersTest, ADefaultMethodNeedsItsFactor) {  // M-05
  const Member member = world.MakeMember(organization);
  auto update = Update(member);
  for (const char* method : {"sms_otp", "totp"}) {
    update.default_mfa_method = method;
    EXPECT_EQ(Run(update), "default_mfa_member_missing_factor");
  }
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  update.default_mfa_method = "sms_otp";  // a pending number is not a factor
  EXPECT_EQ(Run(update), "default_mfa_member_missing_factor");
  GiveTotp(member);
  update.default_mfa_method = "totp";
  EXPECT_EQ(Run(update), "");
  update.default_mfa_method = "pigeon";
  EXPECT_EQ(Run(update), "bad_request");
  EXPECT_EQ(Run(On<SetTotpRegistrationRequest>(member, Actor::Host())), "");
  EXPECT_EQ(world.RecordOf(member)->default_mfa_method, MfaMethod::kNone);
}

TEST_F(MembersTest, DeletingTheNumberTakesAllThatHungOnIt) {  // M-03
  const Member member = world.MakeVerifiedMember(organization);
  auto update = Update(member);
  update.mfa_enrolled = true;
  ASSERT_EQ(Run(update), "");
  std::ignore = world.Send(member);
  const std::string code = world.inbox.LastCode();
  const auto reply = world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()));
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.member().mfa_phone_number, "");
  EXPECT_FALSE(reply.member().mfa_phone_number_verified);
  EXPECT_EQ(reply.member().default_mfa_method, MfaMethod::kNone);
  EXPECT_TRUE(reply.member().mfa_enrolled);
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kNone);
  const Revision before = world.RevisionOf(member);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, code)), "otp_code_not_found");
  EXPECT_EQ(world.RevisionOf(member), before) << "uncompared, so nothing is counted";
  EXPECT_EQ(Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host())),
            "member_phone_number_not_found");
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(organization), kNumber)), "");
}

TEST_F(MembersTest, DeletingAMemberKeepsTheirFailures) {  // M-04, C-09
  CreateMemberRequest create;
  create.email_address = "ada@example.com";
  create.email_address_verified = create.mfa_enrolled = true;
  const Member member = world.MakeMember(organization, create);
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, World::Wrong(world.inbox.LastCode()))),
            "otp_code_not_found");
  EXPECT_EQ(Run(On<ReactivateMemberRequest>(member)), "no_deleted_member_found_for_reactivation");
  ASSERT_EQ(Run(On<DeleteMemberRequest>(member)), "");
  EXPECT_EQ(Run(On<GetMemberRequest>(member)), "member_not_found");
  EXPECT_EQ(Run(On<DeleteMemberRequest>(member)), "member_not_found");
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "member_not_found");
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));

  const auto back = world.engine.Run(On<ReactivateMemberRequest>(member));
  ASSERT_EQ(ErrorTypeOf(back), "");
  EXPECT_EQ(back.member().status, MemberStatus::kActive);
  EXPECT_EQ(back.member().mfa_phone_number, "");
  EXPECT_FALSE(back.member().mfa_enrolled);
  EXPECT_EQ(world.RecordOf(member)->failures.in_a_row, 1);
}

TEST_F(MembersTest, DeletingAMemberTakesAVoidChallengeToo) {  // M-04, D-05
  const Member member = world.MakeMember(organization);
  world.inbox.Script({Delivery::Kind::kRejected, false});
  ASSERT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "downstream_carrier_error");
  ASSERT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kVoid);
  ASSERT_EQ(Run(On<DeleteMemberRequest>(member)), "");
  EXPECT_EQ(world.RecordOf(member)->challenge.state, ChallengeState::kNone);
}

TEST_F(MembersTest, ReactivateNeedsAVerifiedAddressThatIsFree) {  // M-04
  CreateMemberRequest create;
  create.email_address = "ada@example.com";
  const Member member = world.MakeMember(organization, create);
  ASSERT_EQ(Run(On<DeleteMemberRequest>(member)), "");
  EXPECT_EQ(Run(On<ReactivateMemberRequest>(member)), "email_unverified_for_reactivation");

  create.email_address = "bob@example.com";
  create.email_address_verified = true;
  const Member bob = world.MakeMember(organization, create);
  ASSERT_EQ(Run(On<DeleteMemberRequest>(bob)), "");
  world.MakeMember(organization, create);
  EXPECT_EQ(Run(On<ReactivateMemberRequest>(bob)), "reactivation_email_belongs_to_another_member");
}

TEST_F(MembersTest, PurgeLeavesOnlyTheIds) {  // M-01
  CreateMemberRequest create;
  create.email_address = "ada@example.com";
  create.email_address_verified = true;
  create.name = "Ada";
  create.external_id = "ext";
  create.mfa_phone_number = kNumber;
  for (const bool deleted_first : {false, true, false}) {  // whose names are free again each time
    const Member member = world.MakeMember(organization, create);
    if (deleted_first) {
      ASSERT_EQ(Run(On<DeleteMemberRequest>(member)), "");
    }
    ASSERT_EQ(Run(On<PurgeMemberRequest>(member)), "");
    const auto record = *world.RecordOf(member);
    EXPECT_EQ(std::string(record.email_address) + std::string(record.name) +
                  std::string(record.external_id),
              "");
    EXPECT_EQ(record.phone.state, EnrollmentState::kNone);
    EXPECT_FALSE(world.ClaimOf(organization, kNumber));
    EXPECT_EQ(Run(On<GetMemberRequest>(member)), "member_not_found");
    EXPECT_EQ(Run(On<ReactivateMemberRequest>(member)), "no_deleted_member_found_for_reactivation");
    world.store.ResetCounts();
    EXPECT_EQ(Run(On<PurgeMemberRequest>(member)), "");
    EXPECT_EQ(world.store.loads(), 1) << "no name and no claim is left to be looked up";
  }
}

TEST_F(MembersTest, AHundredFailuresDisableUntilTheHostUnlocks) {  // L-03, L-05
  const Member member = world.MakeVerifiedMember(organization);
  auto record = *world.RecordOf(member);
  record.failures.since_success = 99;
  world.Put(record);
  std::ignore = world.Send(member);
  const std::string code = world.inbox.LastCode();
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, World::Wrong(code))), "otp_code_not_found");
  world.clock.Advance(hours(24 * 365));
  const auto locked = world.Send(member);
  EXPECT_EQ(ErrorTypeOf(locked), "user_lock_limit_reached");
  EXPECT_EQ(locked.error().retry_after(), Duration(0));
  const auto shown = world.engine.Run(On<GetMemberRequest>(member));
  EXPECT_TRUE(shown.member().is_locked);
  EXPECT_FALSE(shown.member().lock_expires_at);
  const auto unlocked = world.engine.Run(On<UnlockMemberRequest>(member));
  ASSERT_EQ(ErrorTypeOf(unlocked), "");
  EXPECT_TRUE(unlocked.events().Has(EventKind::kUnlocked));
  EXPECT_FALSE(unlocked.member().is_locked);
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
}

TEST_F(MembersTest, APolicyMayLetAPendingNumberBeReplaced) {  // M-08
  Policy policy;
  policy.replace_pending_number = true;
  World lenient(policy);
  const Organization acme = lenient.MakeOrganization();
  const Member member = lenient.MakeMember(acme);
  ASSERT_EQ(ErrorTypeOf(lenient.Send(member, kNumber)), "");
  const std::string code = lenient.inbox.LastCode();
  EXPECT_EQ(ErrorTypeOf(lenient.Authenticate(member, World::Wrong(code))), "otp_code_not_found");
  ASSERT_EQ(ErrorTypeOf(lenient.Send(member, kOtherNumber)), "");
  const auto record = *lenient.RecordOf(member);
  EXPECT_EQ(record.phone.number, kOtherNumber);
  EXPECT_EQ(record.failures.in_a_row, 1);  // no counter changes
  EXPECT_EQ(record.sends.count, 2);
  EXPECT_FALSE(lenient.ClaimOf(acme, kNumber));
  EXPECT_TRUE(lenient.ClaimOf(acme, kOtherNumber));
  ASSERT_EQ(ErrorTypeOf(lenient.Authenticate(member, lenient.inbox.LastCode())), "");
  EXPECT_EQ(ErrorTypeOf(lenient.Send(member, kNumber)),
            "duplicate_member_phone_number_for_member");  // E-03: not once it is verified
}

TEST_F(MembersTest, OrganizationsChangeAndGo) {  // M-01, M-06, M-07, C-09
  CreateOrganizationRequest create;
  create.organization_slug = "one";
  const Organization one = world.MakeOrganization(create);
  create.organization_slug = "two";
  world.MakeOrganization(create);
  const Member member = world.MakeMember(one);
  UpdateOrganizationRequest update;
  update.organization_id = "one";
  update.organization_slug = "two";
  EXPECT_EQ(Run(update), "organization_slug_already_used");
  update.organization_slug = "uno";
  update.mfa_policy = "REQUIRED_FOR_ALL";
  const auto reply = world.engine.Run(update);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.organization().mfa_policy, MfaPolicy::kRequiredForAll);
  EXPECT_EQ(Run(GetOrganizationRequest{"one"}), "organization_not_found");
  EXPECT_EQ(Run(GetOrganizationRequest{"uno"}), "");
  update = {};
  update.organization_id = "uno";
  update.mfa_methods = "RESTRICTED";
  EXPECT_EQ(Run(update), "allowed_mfa_methods_required_for_restricted");
  update.allowed_mfa_methods = {"sms_otp"};
  EXPECT_EQ(Run(update), "");
  update = {};  // M-11
  update.organization_id = "uno";
  update.auth_methods = "RESTRICTED";
  EXPECT_EQ(Run(update), "allowed_auth_methods_required_for_restricted");
  update.allowed_auth_methods = {"password", "sso"};
  EXPECT_EQ(Run(update), "");
  update.auth_methods = "";
  update.allowed_auth_methods = std::vector<std::string>();
  EXPECT_EQ(Run(update), "allowed_auth_methods_required_for_restricted");
  update.auth_methods = "ALL_ALLOWED";
  EXPECT_EQ(Run(update), "");

  CallOptions options;
  options.operation_id.bytes[1] = 1;
  const DeleteOrganizationRequest again{one.organization_id.str()};
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(again, options)), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(again, options)), "");  // C-07
  EXPECT_EQ(Run(again), "organization_not_found");
  EXPECT_EQ(Run(GetOrganizationRequest{"uno"}), "organization_not_found");
  EXPECT_EQ(Run(On<GetMemberRequest>(member)), "organization_not_found");
  CreateMemberRequest into_it;
  into_it.organization_id = one.organization_id.str();
  into_it.email_address = "late@example.com";
  EXPECT_EQ(Run(into_it), "organization_not_found");
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "organization_not_found");
  create.organization_slug = "uno";
  EXPECT_EQ(
      ErrorTypeOf(world.engine.Run(CreateOrganizationRequest{"New", "", "uno", "", "", "", {}})),
      "");
}

TEST_F(MembersTest, RepeatingAnOperationDoesNothing) {  // C-07
  const Member member = world.MakeVerifiedMember(organization);
  CallOptions options;
  options.operation_id.bytes[2] = 1;
  EXPECT_EQ(ErrorTypeOf(
                world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()), options)),
            "");
  const Revision once = world.RevisionOf(member);
  EXPECT_EQ(ErrorTypeOf(
                world.engine.Run(On<DeleteMfaPhoneNumberRequest>(member, Actor::Host()), options)),
            "");
  EXPECT_EQ(world.RevisionOf(member), once);
  options.operation_id.bytes[2] = 2;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMemberRequest>(member), options)), "");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(On<DeleteMemberRequest>(member), options)), "");
}

}  // namespace
}  // namespace otpcore
