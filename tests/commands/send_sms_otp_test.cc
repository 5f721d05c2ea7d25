// SPDX-License-Identifier: Apache-2.0
// Send: rules S-01 … S-18, by way of the engine.
#include "fixture.h"

namespace otpcore {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class SendTest : public ::testing::Test {
 protected:
  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(SendTest, LinksTheGivenNumberUnverifiedAndSendsToIt) {  // S-05
  const Member member = world.MakeMember(organization);
  const auto reply = world.Send(member, kNumber);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.member().mfa_phone_number, kNumber);
  EXPECT_FALSE(reply.member().mfa_phone_number_verified);
  const PhoneFactor stored = world.RecordOf(member)->phone;  // never parsed again (N-04)
  EXPECT_EQ(stored.region.view(), "US");
  EXPECT_EQ(stored.type, static_cast<uint8_t>(PhoneNumberType::kFixedLineOrMobile));
  EXPECT_EQ(reply.organization().organization_id, organization.organization_id);
  ASSERT_EQ(world.inbox.messages().size(), 1u);
  EXPECT_EQ(world.inbox.messages().front().to, kNumber);
  EXPECT_EQ(world.inbox.LastCode().size(), 6u);
  EXPECT_EQ(reply.request_id().rfind("request-id-test-", 0), 0u);  // C-05
}

TEST_F(SendTest, SendsToTheStoredNumberWhenNoneOrTheSameIsGiven) {  // S-02, S-03
  const Member member = world.MakeVerifiedMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
  ASSERT_EQ(world.inbox.messages().size(), 2u);
  EXPECT_EQ(world.inbox.messages().back().to, kNumber);
}

TEST_F(SendTest, ComparesCanonicalFormsOfTheNumber) {  // S-03, N-03
  Policy policy;
  policy.allowed_regions = {"GB"};
  World british(policy);
  const Organization acme = british.MakeOrganization();
  const Member member = british.MakeMember(acme);
  const auto first = british.Send(member, "+4407400123456");
  ASSERT_EQ(ErrorTypeOf(first), "");
  EXPECT_EQ(first.member().mfa_phone_number, "+447400123456");
  EXPECT_EQ(ErrorTypeOf(british.Send(member, "+4407400123456")), "");
  EXPECT_EQ(ErrorTypeOf(british.Send(member, "+447400123456")), "");
  ASSERT_EQ(ErrorTypeOf(british.Authenticate(member, british.Code())), "");
  EXPECT_EQ(ErrorTypeOf(british.Send(member, "+4407400123456")), "") << "verified, too";
}

TEST_F(SendTest, QuotasAreOfTheCanonicalNumber) {  // L-06, L-07
  Policy policy;
  policy.allowed_regions = {"GB"};
  policy.number_sends_max = 1;
  World british(policy);
  MemorySendGuard guard(british.clock);
  british.guard.set_inner(&guard);
  const Organization acme = british.MakeOrganization();
  EXPECT_EQ(ErrorTypeOf(british.Send(british.MakeMember(acme), "+4407400123456")), "");
  british.clock.Advance(minutes(2));
  EXPECT_EQ(ErrorTypeOf(british.Send(british.MakeMember(acme), "+447400123456")),
            "too_many_requests");
}

// The one with the smaller limit threw away the sends that the other still counts.
TEST_F(SendTest, HostsOfTwoPoliciesSendWhatTheLargerLimitLetsThem) {  // L-06
  Policy small;
  small.sends_max = 1;
  small.sends_window = minutes(1);
  const auto config = TestConfig(small);
  Engine other(*config,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  const Member member = world.MakeVerifiedMember(organization);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(ErrorTypeOf(world.Send(member)), "");
  world.clock.Advance(minutes(1));
  ASSERT_EQ(ErrorTypeOf(other.Run(On<SendSmsOtpRequest>(member))), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "too_many_requests");
}

TEST_F(SendTest, LooksAtTheCountryBeforeTheClaim) {  // S-01, S-07, S-16
  const Member holder = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(holder, kNumber)), "");
  Policy policy;
  policy.unsupported_regions = {"US"};
  const auto config = TestConfig(policy);
  Engine later(*config,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  auto request = On<SendSmsOtpRequest>(world.MakeMember(organization));
  request.mfa_phone_number = kNumber;
  EXPECT_EQ(ErrorTypeOf(later.Run(request)), "invalid_phone_number_country_code");
}

TEST_F(SendTest, RefusesEverythingThatIsNotE164AndLinksNothing) {  // N-01, N-03
  const Member member = world.MakeMember(organization);
  for (const std::string& number :
       {std::string("14155550123"), std::string("+1 4155550123"), std::string("+1415555O123"),
        std::string("+14155550123\n"), std::string("+14155550123\0", 13),
        std::string("+14155550123;ext=5"),
        std::string("\xEF\xBC\x8B"
                    "14155550123"),
        std::string("+1415555"), std::string("+1234567890123456"), "+" + std::string(65536, '1'),
        std::string("tel:+14155550123"), std::string("+19005550123"), std::string("+18005550123"),
        std::string("+11115550123")}) {
    EXPECT_EQ(ErrorTypeOf(world.Send(member, number)), "invalid_phone_number")
        << number.substr(0, 20);
  }
  EXPECT_EQ(world.RecordOf(member)->phone.state, EnrollmentState::kNone);
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

TEST_F(SendTest, AStoredNumberIsNeverParsedAgain) {  // N-04
  const Member member = world.MakeMember(organization);
  auto record = *world.RecordOf(member);
  record.phone.state = EnrollmentState::kVerified;
  record.phone.number = "+11115550123";  // no metadata would pass it
  record.phone.region = "US";
  world.Put(record);
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(member, "+11115550123")), "");
}

TEST_F(SendTest, RefusesAnotherNumberThanTheStoredOne) {  // S-04, C-06
  for (const bool verified : {false, true}) {
    const Member member = world.MakeMember(organization);
    const std::string number = verified ? "+14155550124" : "+14155550125";
    ASSERT_EQ(ErrorTypeOf(world.Send(member, number)), "");
    if (verified) {
      ASSERT_EQ(ErrorTypeOf(world.Authenticate(member, world.inbox.LastCode())), "");
    }
    const Revision before = world.RevisionOf(member);
    const size_t messages = world.inbox.messages().size();
    const auto reply = world.Send(member, kOtherNumber);
    EXPECT_EQ(ErrorTypeOf(reply), "duplicate_member_phone_number_for_member");
    EXPECT_EQ(world.RevisionOf(member), before);
    EXPECT_EQ(world.inbox.messages().size(), messages);
    EXPECT_FALSE(world.ClaimOf(organization, kOtherNumber));
  }
}

TEST_F(SendTest, NeedsANumberWhenTheMemberHasNone) {  // S-06
  const Member member = world.MakeMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "secondary_factor_not_found");
}

TEST_F(SendTest, RefusesANumberThatAnotherMemberVerified) {  // S-07
  const Member owner = world.MakeVerifiedMember(organization);
  const Member other = world.MakeMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(other, kNumber)), "duplicate_member_phone_number");
  EXPECT_EQ(world.RecordOf(other)->phone.state, EnrollmentState::kNone);
  EXPECT_TRUE(world.ClaimOf(organization, kNumber)->permanent);
  EXPECT_EQ(world.ClaimOf(organization, kNumber)->member_id, owner.member_id);
}

TEST_F(SendTest, AllowsTheSameNumberInAnotherOrganization) {  // S-07
  world.MakeVerifiedMember(organization);
  const Organization other = world.MakeOrganization();
  const Member member = world.MakeMember(other);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "");
}

TEST_F(SendTest, ALeaseBlocksOthersForOnePasscodeLifeAndResendsDoNotRenewIt) {  // S-07
  const Member stranger = world.MakeMember(organization);
  const Member owner = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(stranger, kNumber)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "duplicate_member_phone_number");
  world.clock.Advance(seconds(119));
  ASSERT_EQ(ErrorTypeOf(world.Send(stranger, kNumber)), "");
  EXPECT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "duplicate_member_phone_number");
  world.clock.Advance(seconds(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "");
  // The stranger's own pending number still gets its SMS, until the owner has proved it.
  EXPECT_EQ(ErrorTypeOf(world.Send(stranger)), "");
}

TEST_F(SendTest, ALostPendingNumberIsRefusedAndGivesWayToAnother) {  // S-07, A-08
  const Member stranger = world.MakeMember(organization);
  const Member owner = world.MakeMember(organization);
  ASSERT_EQ(ErrorTypeOf(world.Send(stranger, kNumber)), "");
  world.clock.Advance(minutes(2));
  ASSERT_EQ(ErrorTypeOf(world.Send(owner, kNumber)), "");
  ASSERT_EQ(ErrorTypeOf(world.Authenticate(owner, world.inbox.LastCode())), "");

  const Revision before = world.RevisionOf(stranger);
  EXPECT_EQ(ErrorTypeOf(world.Send(stranger)), "duplicate_member_phone_number");
  EXPECT_EQ(world.RevisionOf(stranger), before);
  const auto reply = world.Send(stranger, kOtherNumber);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.member().mfa_phone_number, kOtherNumber);
  EXPECT_EQ(world.ClaimOf(organization, kNumber)->member_id, owner.member_id);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(stranger, world.inbox.LastCode())), "");
}

TEST_F(SendTest, SendsOnlyToActiveMembers) {  // S-08
  CreateMemberRequest request;
  request.create_member_as_pending = true;
  const Member member = world.MakeMember(organization, request);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)), "action_available_only_for_active_members");
}

TEST_F(SendTest, APasscodeExpiresTwoMinutesAfterIssue) {  // S-09
  const Member member = world.MakeVerifiedMember(organization);
  for (const auto& [age, expected] :
       {std::pair<Duration, const char*>{minutes(2) - Duration(1), ""},
        std::pair<Duration, const char*>{minutes(2), "unable_to_auth_otp_code"}}) {
    const auto sent = world.Send(member);
    ASSERT_EQ(ErrorTypeOf(sent), "");
    EXPECT_EQ(sent.hints().expires_at, world.clock.Now() + minutes(2));
    world.clock.Advance(age);
    EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, world.inbox.LastCode())), expected);
  }
}

TEST_F(SendTest, ANewPasscodeInvalidatesTheOneBefore) {  // S-10
  const Member member = world.MakeVerifiedMember(organization);
  std::ignore = world.Send(member);
  const std::string first = world.inbox.LastCode();
  std::ignore = world.Send(member);  // in the same millisecond
  const std::string second = world.inbox.LastCode();
  ASSERT_NE(first, second);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, first)), "unable_to_auth_otp_code");
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(member, second)), "");
}

TEST_F(SendTest, ASessionThatIsGivenMustResolveAndBeTheMembers) {  // S-11
  const Member member = world.MakeVerifiedMember(organization);
  const Member other = world.MakeMember(organization);
  auto request = On<SendSmsOtpRequest>(member);
  const auto error = [&](SessionArguments session) {
    request.session = std::move(session);
    return ErrorTypeOf(world.engine.Run(request));
  };
  EXPECT_EQ(error({"gone", "", ""}), "intermediate_session_not_found");
  EXPECT_EQ(error({"", "gone", ""}), "session_not_found");
  EXPECT_EQ(error({"", "", "gone"}), "session_not_found");
  EXPECT_EQ(error({"a", "b", ""}), "too_many_session_arguments");
  EXPECT_EQ(error(world.Full(other)), "member_session_member_id_mismatch");
  EXPECT_EQ(error(world.Full(member)), "");
  world.clock.Advance(minutes(1));  // another session (S-21)
  EXPECT_EQ(error(world.Intermediate(member)), "");
}

TEST_F(SendTest, AStolenPrimaryLoginCannotAddAPhoneBesideTotp) {  // S-12
  const Member member = world.MakeMember(organization);
  auto record = *world.RecordOf(member);
  record.hosts_totp_id = "totp-1";
  world.Put(record);
  auto request = On<SendSmsOtpRequest>(member);
  request.mfa_phone_number = kNumber;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "insufficient_factors");
  request.session = world.Full(member);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "insufficient_factors");
  Session session = World::PrimarySession();
  session.factors.Add(FactorKind::kTotp, Instant::FromUnixMillis(1));
  request.session = world.Full(member, session);
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
}

TEST_F(SendTest, HonoursTheOrganizationsMfaMethods) {  // S-13
  CreateOrganizationRequest create;
  create.mfa_methods = "RESTRICTED";
  create.allowed_mfa_methods = {"totp"};
  const Organization restricted = world.MakeOrganization(create);
  const Member member = world.MakeMember(restricted);
  EXPECT_EQ(ErrorTypeOf(world.Send(member, kNumber)),
            "operation_restricted_by_organization_mfa_methods");
  CreateMemberRequest breakglass;
  breakglass.is_breakglass = true;
  EXPECT_EQ(ErrorTypeOf(world.Send(world.MakeMember(restricted, breakglass), kNumber)), "");
}

TEST_F(SendTest, SendsNothingToALockedMember) {  // S-14
  const Member member = world.MakeVerifiedMember(organization);
  auto record = *world.RecordOf(member);
  record.failures.locked_at = world.clock.Now();
  record.failures.locked_until = world.clock.Now() + minutes(7);
  world.Put(record);
  const size_t messages = world.inbox.messages().size();
  const auto reply = world.Send(member);
  EXPECT_EQ(ErrorTypeOf(reply), "user_lock_limit_reached");
  EXPECT_EQ(reply.error().retry_after(), minutes(7));
  EXPECT_TRUE(reply.events().Has(EventKind::kRefusedByLimit));
  EXPECT_EQ(world.inbox.messages().size(), messages);
}

TEST_F(SendTest, ChecksTheCountryAtEachSendByRegion) {  // S-16, S-17
  const Member bahamas = world.MakeMember(organization);
  EXPECT_EQ(ErrorTypeOf(world.Send(bahamas, "+12423591234")), "invalid_phone_number_country_code");
  EXPECT_EQ(ErrorTypeOf(world.Send(bahamas, "+18762101234")), "invalid_phone_number_country_code");
  EXPECT_EQ(ErrorTypeOf(world.Send(bahamas, "+447400123456")), "invalid_phone_number_country_code");
  EXPECT_EQ(ErrorTypeOf(world.Send(bahamas, "+15062345678")), "");  // Canada

  // The unsupported list wins, also for a number linked before it was made.
  const Member member = world.MakeVerifiedMember(organization);
  Policy policy;
  policy.unsupported_regions = {"US"};
  const auto config = TestConfig(policy);
  Engine later(*config,
               {world.clock, world.random, world.store, world.sessions, world.inbox, world.guard});
  auto request = On<SendSmsOtpRequest>(member);
  EXPECT_EQ(ErrorTypeOf(later.Run(request)), "invalid_phone_number_country_code");
  request.mfa_phone_number = kNumber;
  EXPECT_EQ(ErrorTypeOf(later.Run(request)), "invalid_phone_number_country_code");
  auto enroll = On<UpdateMemberRequest>(member, Actor::Host());
  enroll.mfa_enrolled = true;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(enroll)), "");
  const auto step = later.Run(On<MfaStepRequest>(member));
  ASSERT_EQ(ErrorTypeOf(step), "");
  EXPECT_FALSE(step.mfa_required->secondary_auth_initiated);
  EXPECT_TRUE(step.events().Has(EventKind::kMfaSmsNotSent));
}

TEST_F(SendTest, MatchesTheLocaleWithoutRegardToCase) {  // S-18
  const Member member = world.MakeVerifiedMember(organization);
  auto request = On<SendSmsOtpRequest>(member);
  const auto body = [&](const char* locale) {
    request.locale = locale;
    const auto reply = world.engine.Run(request);
    EXPECT_EQ(ErrorTypeOf(reply), "") << locale;
    return world.inbox.messages().back().body;
  };
  const std::string english = body("");
  EXPECT_EQ(english.substr(0, 5), body("EN").substr(0, 5));
  EXPECT_NE(english.substr(0, 5), body("PT-br").substr(0, 5));
  request.locale = "xx";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "invalid_locale");
}

TEST_F(SendTest, LimitsAMembersSends) {  // L-06
  const Member member = world.MakeVerifiedMember(organization);
  for (int i = 0; i < 5; ++i) {
    const auto reply = world.Send(member);
    ASSERT_EQ(ErrorTypeOf(reply), "");
    EXPECT_EQ(reply.hints().sends_left, 4 - i);
    world.clock.Advance(minutes(1));
  }
  const Revision before = world.RevisionOf(member);
  const auto refused = world.Send(member);
  EXPECT_EQ(ErrorTypeOf(refused), "too_many_requests");
  EXPECT_EQ(refused.error().retry_after(), minutes(5));
  EXPECT_EQ(world.RevisionOf(member), before);  // a refused send costs nothing
  world.clock.Advance(minutes(5) - Duration(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "too_many_requests");
  world.clock.Advance(Duration(1));
  EXPECT_EQ(ErrorTypeOf(world.Send(member)), "");
}

TEST_F(SendTest, AnswersWithNoPasscode) {  // S-15, V-01
  const Member member = world.MakeMember(organization);
  const auto reply = world.Send(member, kNumber);
  const std::string code = world.inbox.LastCode();
  const Member& shown = reply.member();
  for (const std::string& text : {shown.member_id.str(), shown.mfa_phone_number.str(),
                                  std::string(shown.name), reply.request_id()}) {
    EXPECT_EQ(text.find(code), std::string::npos);
  }
  EXPECT_TRUE(reply.events().Has(EventKind::kNumberLinked));
  EXPECT_TRUE(reply.events().Has(EventKind::kSent));
  for (const Event& event : reply.events()) {
    EXPECT_EQ(event.region.view(), "US");
    EXPECT_EQ(event.last_digits.view(), "23");  // N-05: all that is shown of the number
  }
}

// S-01: each check made to fail together with all later ones answers first.
TEST_F(SendTest, ChecksInTheDocumentedOrder) {
  Policy policy;
  policy.sends_max = 1;
  World strict(policy);
  CreateOrganizationRequest create;
  create.mfa_methods = "RESTRICTED";
  create.allowed_mfa_methods = {"totp"};
  const Organization restricted = strict.MakeOrganization(create);
  const Organization open = strict.MakeOrganization();
  const Member owner = strict.MakeVerifiedMember(open, kNumber);

  Member member = strict.MakeMember(restricted);
  auto record = *strict.RecordOf(member);
  record.status = MemberStatus::kPending;
  record.hosts_totp_id = "totp-1";
  record.failures.locked_until = strict.clock.Now() + minutes(5);
  strict.Put(record);

  SendSmsOtpRequest request;
  request.organization_id = "no-such-organization";
  request.member_id = "no-such-member";
  request.mfa_phone_number = "+1 415";
  request.locale = "xx";
  request.session = {"gone", "gone", ""};
  const auto error = [&] { return ErrorTypeOf(strict.engine.Run(request)); };
  EXPECT_EQ(error(), "invalid_phone_number");
  request.mfa_phone_number = "+19005550123";  // well-formed, but premium-rate
  EXPECT_EQ(error(), "invalid_locale");
  request.locale = "en";
  EXPECT_EQ(error(), "too_many_session_arguments");
  request.session = {"gone", "", ""};
  EXPECT_EQ(error(), "organization_not_found");
  request.organization_id = restricted.organization_id.str();
  EXPECT_EQ(error(), "member_not_found");
  request.member_id = member.member_id.str();
  EXPECT_EQ(error(), "intermediate_session_not_found");
  request.session = strict.Intermediate(owner);
  EXPECT_EQ(error(), "member_session_member_id_mismatch");
  request.session = strict.Intermediate(member);
  EXPECT_EQ(error(), "action_available_only_for_active_members");
  record.status = MemberStatus::kActive;
  strict.Put(record);
  EXPECT_EQ(error(), "operation_restricted_by_organization_mfa_methods");
  record.is_breakglass = true;
  strict.Put(record);
  EXPECT_EQ(error(), "user_lock_limit_reached");
  record.failures = FailureLedger();
  record.sends.Push(strict.clock.Now(), 1);
  strict.Put(record);
  const std::string number = std::exchange(request.mfa_phone_number, "");
  EXPECT_EQ(error(), "secondary_factor_not_found");
  request.mfa_phone_number = number;
  EXPECT_EQ(error(), "insufficient_factors");
  Session with_totp = World::PrimarySession();
  with_totp.factors.Add(FactorKind::kTotp, Instant::FromUnixMillis(1));
  request.session = strict.Intermediate(member, with_totp);
  EXPECT_EQ(error(), "invalid_phone_number");
  request.mfa_phone_number = "+447400123456";
  record.phone.state = EnrollmentState::kVerified;
  record.phone.number = kOtherNumber;
  record.phone.region = "US";
  strict.Put(record);
  EXPECT_EQ(error(), "duplicate_member_phone_number_for_member");
  record.phone = PhoneFactor();
  strict.Put(record);
  EXPECT_EQ(error(), "invalid_phone_number_country_code");

  // The claim needs an Organization with an owner of the number; the limits come before it.
  Member second = strict.MakeMember(open);
  auto limited = *strict.RecordOf(second);
  limited.sends.Push(strict.clock.Now(), 1);
  strict.Put(limited);
  EXPECT_EQ(ErrorTypeOf(strict.Send(second, kNumber)), "too_many_requests");
  strict.clock.Advance(strict.config->policy().sends_window);
  EXPECT_EQ(ErrorTypeOf(strict.Send(second, kNumber)), "duplicate_member_phone_number");
}

}  // namespace
}  // namespace otpcore
