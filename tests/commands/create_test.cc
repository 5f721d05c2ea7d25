// SPDX-License-Identifier: Apache-2.0
// Create an Organization and a Member, and how commands find them: rules C-01 … C-07, M-06, M-07.
#include "fixture.h"

namespace otpcore {
namespace {

class CreateTest : public ::testing::Test {
 protected:
  std::string CreateOrganizationError(CreateOrganizationRequest request) {
    if (request.organization_name.empty()) request.organization_name = "Acme";
    return ErrorTypeOf(world.engine.Run(std::move(request)));
  }
  std::string CreateMemberError(CreateMemberRequest request) {
    request.organization_id = organization.organization_id.str();
    if (request.email_address.empty()) request.email_address = "someone@example.com";
    return ErrorTypeOf(world.engine.Run(std::move(request)));
  }
  World world;
  Organization organization = world.MakeOrganization();
};

TEST_F(CreateTest, GivesIdsOfTheEnvironment) {  // C-04
  EXPECT_EQ(organization.organization_id.str().substr(0, 18), "organization-test-");
  EXPECT_EQ(world.MakeMember(organization).member_id.str().substr(0, 12), "member-test-");
}

TEST_F(CreateTest, KeepsEachField) {  // M-01
  CreateOrganizationRequest make;
  make.organization_name = "Globex";
  make.organization_id = "globex";
  make.organization_slug = "globex-slug";
  make.organization_external_id = "globex-external";
  make.mfa_policy = "REQUIRED_FOR_ALL";
  make.mfa_methods = "RESTRICTED";
  make.allowed_mfa_methods = {"totp"};
  world.MakeOrganization(make);
  const auto globex_reply = world.engine.Run(GetOrganizationRequest{"globex"});
  const Organization globex = globex_reply.organization();
  EXPECT_EQ(globex.organization_name, "Globex");
  EXPECT_EQ(globex.organization_id.str(), "globex");
  EXPECT_EQ(globex.organization_slug, "globex-slug");
  EXPECT_EQ(globex.organization_external_id, "globex-external");
  EXPECT_EQ(globex.mfa_policy, MfaPolicy::kRequiredForAll);
  EXPECT_EQ(globex.mfa_methods, MfaMethods::kRestricted);
  EXPECT_TRUE(globex.Allows(FactorKind::kTotp));
  EXPECT_FALSE(globex.Allows(FactorKind::kSmsPasscode));

  CreateMemberRequest create;
  create.email_address = "Ada@example.com";
  create.member_id = "ada";
  create.external_id = "ada-external";
  create.name = "Ada";
  create.totp_registration_id = "totp-1";
  create.default_mfa_method = "totp";
  for (const bool flag : {true, false}) {
    create.email_address_verified = create.is_breakglass = create.mfa_enrolled = flag;
    const Member made = world.MakeMember(flag ? globex : organization, create);
    const auto ada_reply = world.engine.Run(On<GetMemberRequest>(made));
    const Member ada = ada_reply.member();
    EXPECT_EQ(ada.organization_id, made.organization_id);
    EXPECT_EQ(ada.member_id.str(), "ada");
    EXPECT_EQ(ada.external_id, "ada-external");
    EXPECT_EQ(ada.email_address, "Ada@example.com");
    EXPECT_EQ(ada.name, "Ada");
    EXPECT_EQ(ada.totp_registration_id, "totp-1");
    EXPECT_EQ(ada.default_mfa_method, MfaMethod::kTotp);
    EXPECT_EQ(ada.status, MemberStatus::kActive);
    EXPECT_EQ(ada.email_address_verified, flag);
    EXPECT_EQ(ada.is_breakglass, flag);
    EXPECT_EQ(ada.mfa_enrolled, flag);
    EXPECT_EQ(ada.created_at, world.clock.Now());
    EXPECT_EQ(ada.updated_at, world.clock.Now());
  }
}

TEST_F(CreateTest, ResolvesIdThenSlugThenExternalId) {  // C-01
  CreateOrganizationRequest create;
  create.organization_slug = "acme-slug";
  create.organization_external_id = "acme|external";
  const Organization acme = world.MakeOrganization(create);
  CreateMemberRequest person;
  person.external_id = "person|external";
  const Member member = world.MakeMember(acme, person);
  for (const std::string& organization_id :
       {acme.organization_id.str(), std::string("acme-slug"), std::string("acme|external")}) {
    for (const std::string& member_id : {member.member_id.str(), std::string("person|external")}) {
      SendSmsOtpRequest request;
      request.organization_id = organization_id;
      request.member_id = member_id;
      request.mfa_phone_number = kNumber;
      const auto reply = world.engine.Run(request);
      // One Member, one budget, whatever they are called: the sixth send is refused.
      if (world.inbox.deliveries() < 5 || reply.ok()) {
        ASSERT_EQ(ErrorTypeOf(reply), "") << organization_id << " " << member_id;
        EXPECT_EQ(reply.member().member_id, member.member_id);
      } else {
        EXPECT_EQ(ErrorTypeOf(reply), "too_many_requests");
      }
    }
  }
  EXPECT_EQ(world.inbox.deliveries(), 5);
}

TEST_F(CreateTest, NoAliasShadowsAnId) {  // C-02
  CreateOrganizationRequest request;
  request.organization_id = "acme";
  ASSERT_EQ(CreateOrganizationError(request), "");
  CreateOrganizationRequest thief;
  thief.organization_external_id = "acme";
  EXPECT_EQ(CreateOrganizationError(thief), "organization_external_id_already_used");
  thief = {};
  thief.organization_slug = "acme";
  EXPECT_EQ(CreateOrganizationError(thief), "organization_slug_already_used");
  thief = {};
  thief.organization_external_id = organization.organization_id.str();
  EXPECT_EQ(CreateOrganizationError(thief), "invalid_id");
  // And no id shadows an alias.
  CreateOrganizationRequest alias;
  alias.organization_slug = "globex";
  ASSERT_EQ(CreateOrganizationError(alias), "");
  thief = {};
  thief.organization_id = "globex";
  EXPECT_EQ(CreateOrganizationError(thief), "bad_request");
}

TEST_F(CreateTest, MembersShareOneNamespacePerOrganization) {  // C-02, M-07
  CreateMemberRequest request;
  request.member_id = "ada";
  request.email_address = "ada@example.com";
  ASSERT_EQ(CreateMemberError(request), "");
  CreateMemberRequest other;
  other.external_id = "ada";
  EXPECT_EQ(CreateMemberError(other), "duplicate_member_external_id");
  other = {};
  other.email_address = "ADA@example.com";
  EXPECT_EQ(CreateMemberError(other), "duplicate_member_email");
  other = {};
  other.member_id = "ada";
  EXPECT_EQ(CreateMemberError(other), "bad_request");
  const Organization elsewhere = world.MakeOrganization();
  request.organization_id = elsewhere.organization_id.str();
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(request)), "");
}

TEST_F(CreateTest, RefusesMalformedInputOfEachKind) {  // C-03
  CreateOrganizationRequest o;
  o.organization_name = std::string(129, 'x');
  EXPECT_EQ(CreateOrganizationError(o), "bad_request");
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(CreateOrganizationRequest())), "bad_request");
  o = {};
  o.organization_slug = "a slug";
  EXPECT_EQ(CreateOrganizationError(o), "invalid_organization_slug");
  o = {};
  o.organization_id = "a/b";
  EXPECT_EQ(CreateOrganizationError(o), "invalid_id");
  CreateMemberRequest m;
  m.email_address = "nobody";
  EXPECT_EQ(CreateMemberError(m), "bad_request");
  m = {};
  m.external_id = "a b";
  EXPECT_EQ(CreateMemberError(m), "invalid_id");

  SendSmsOtpRequest send;
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(send)), "bad_request");
  send.organization_id = organization.organization_id.str();
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(send)), "bad_request");
  send.member_id = "a b";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(send)), "invalid_id");
  send.member_id = "member-live-01234567-89ab-4cde-8f01-23456789abcd";
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(send)), "live_id_used_in_test_environment");
}

TEST_F(CreateTest, AnUpdateRefusesAMalformedNameAndKeepsTheOldOne) {  // C-03, M-06
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.organization_name = std::string(129, 'x');
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "bad_request");
  const auto kept = world.engine.Run(GetOrganizationRequest{update.organization_id});
  EXPECT_EQ(kept.organization().organization_name, "Acme");
}

TEST_F(CreateTest, ReadsTheMfaSettings) {  // M-06
  CreateOrganizationRequest request;
  request.mfa_policy = "SOMETIMES";
  EXPECT_EQ(CreateOrganizationError(request), "invalid_organization_mfa_policy");
  request = {};
  request.allowed_mfa_methods = {"carrier_pigeon"};
  EXPECT_EQ(CreateOrganizationError(request), "invalid_organization_allowed_mfa_methods");
  request = {};
  request.mfa_methods = "RESTRICTED";
  EXPECT_EQ(CreateOrganizationError(request), "allowed_mfa_methods_required_for_restricted");
}

TEST_F(CreateTest, ReadsTheAuthSettings) {  // M-11, M-06
  CreateOrganizationRequest request;
  request.auth_methods = "SOME";
  EXPECT_EQ(CreateOrganizationError(request), "bad_request");
  request = {};
  request.allowed_auth_methods = {"email_otp", "carrier_pigeon"};
  EXPECT_EQ(CreateOrganizationError(request), "invalid_organization_allowed_auth_methods");
  request = {};
  request.auth_methods = "RESTRICTED";
  EXPECT_EQ(CreateOrganizationError(request), "allowed_auth_methods_required_for_restricted");
  const std::vector<std::string> all = {"sso",         "magic_link",   "email_otp",
                                        "password",    "google_oauth", "microsoft_oauth",
                                        "slack_oauth", "github_oauth", "hubspot_oauth"};
  for (const std::string& one : all) {
    CreateOrganizationRequest restricted;
    restricted.auth_methods = "RESTRICTED";
    restricted.allowed_auth_methods = {one};
    const Organization made = world.MakeOrganization(restricted);
    EXPECT_EQ(made.auth_methods, AuthMethods::kRestricted);
    for (size_t i = 0; i < kAuthMethodCount; ++i) {
      const auto method = static_cast<AuthMethod>(i);
      EXPECT_EQ(WireName(method), all[i]);
      EXPECT_EQ(made.Allows(method), all[i] == one) << one;
    }
  }
  EXPECT_TRUE(world.MakeOrganization().Allows(AuthMethod::kEmailOtp)) << "ALL_ALLOWED";
  EXPECT_EQ(WireName(AuthMethods::kRestricted), "RESTRICTED");
  EXPECT_EQ(WireName(AuthMethods::kAllAllowed), "ALL_ALLOWED");
  EXPECT_EQ(WireName(static_cast<AuthMethod>(kAuthMethodCount)), "");
}

TEST_F(CreateTest, RepeatingAnOperationReturnsItsOutcome) {  // C-07
  CallOptions options;
  options.operation_id.bytes[0] = 5;
  CreateOrganizationRequest request;
  request.organization_name = "Twice";
  request.organization_slug = "twice";
  const auto first = world.engine.Run(request, options);
  const auto again = world.engine.Run(request, options);
  ASSERT_EQ(ErrorTypeOf(again), "");
  EXPECT_EQ(again.organization().organization_id, first.organization().organization_id);

  CreateMemberRequest person;
  person.organization_id = "twice";
  person.email_address = "p@example.com";
  const auto member = world.engine.Run(person, options);
  const auto same = world.engine.Run(person, options);
  ASSERT_EQ(ErrorTypeOf(same), "");
  EXPECT_EQ(same.member().member_id, member.member().member_id);

  // The id of another command is refused, not replayed.
  EXPECT_EQ(ErrorTypeOf(world.Send(member.member(), kNumber, options)), "bad_request");
}

TEST_F(CreateTest, RequestIdsComeFromTheHostOrAreDrawn) {  // C-05
  CallOptions options;
  options.request_id = "mine";
  EXPECT_EQ(world.engine.Run(CreateOrganizationRequest(), options).request_id(), "mine");
  EXPECT_EQ(world.engine.Run(CreateOrganizationRequest()).request_id().rfind("request-id-test-", 0),
            0u);
}

TEST(CreateMember, ThatIsRefusedTellsOfNothing) {  // V-01
  World world;
  CreateMemberRequest create;
  create.organization_id = world.MakeOrganization().organization_id.str();
  create.email_address = "new@example.com";
  create.mfa_enrolled = true;
  create.default_mfa_method = "totp";
  const auto reply = world.engine.Run(create);
  EXPECT_EQ(ErrorTypeOf(reply), "default_mfa_member_missing_factor");
  EXPECT_EQ(reply.events().size(), 0u);
}

}  // namespace
}  // namespace otpcore
