// SPDX-License-Identifier: Apache-2.0
// Requests that are refused for their shape, command by command (C-03, M-05 … M-07), and what is
// answered when a name leads nowhere (C-01, C-09).
#include "fixture.h"

namespace otpcore {
namespace {

constexpr char kUnknownOrganization[] = "organization-test-01234567-89ab-4cde-8f01-23456789abcd";
constexpr char kUnknownMember[] = "member-test-01234567-89ab-4cde-8f01-23456789abcd";

class RequestTest : public ::testing::Test {
 protected:
  template <typename Request>
  std::string Run(Request request, CallOptions options = {}) {
    return ErrorTypeOf(world.engine.Run(std::move(request), std::move(options)));
  }
  template <typename Request>
  Request Of(const std::string& organization_id, const std::string& member_id) {
    auto request = OnByHost<Request>(Member());
    request.organization_id = organization_id;
    request.member_id = member_id;
    return request;
  }
  template <typename Request>
  Request Ours() {
    return Of<Request>(organization.organization_id.str(), member.member_id.str());
  }
  // What a command on a Member says of names that are absent, malformed or lead nowhere.
  template <typename Request>
  void CheckNames() {
    const std::string o = organization.organization_id.str(), m = member.member_id.str();
    world.store.fail_load = [](int) { return true; };  // that much is known before any load
    EXPECT_EQ(Run(Of<Request>("", "a b")), "bad_request") << "the Organization comes first";
    EXPECT_EQ(Run(Of<Request>("a b", "")), "invalid_id");
    EXPECT_EQ(Run(Of<Request>(o, "")), "bad_request");
    EXPECT_EQ(Run(Of<Request>(o, "a b")), "invalid_id");
    world.store.fail_load = nullptr;
    EXPECT_EQ(Run(Of<Request>(kUnknownOrganization, m)), "organization_not_found");
    EXPECT_EQ(Run(Of<Request>(o, kUnknownMember)), "member_not_found");
    EXPECT_EQ(Run(Of<Request>("nobody", m)), "organization_not_found");
    EXPECT_EQ(Run(Of<Request>(o, "nobody")), "member_not_found");
  }
  void PutName(const RecordKey& key, const EntityId& id) {
    ASSERT_EQ(testing::CommitTo(world.memory, {{key, 0, testing::Packed(NameEntry{id})}}),
              CommitOutcome::kCommitted);
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member member = world.MakeMember(organization);
};

TEST_F(RequestTest, EveryCommandOnAMemberChecksBothNames) {  // C-01, C-03
  CheckNames<SendSmsOtpRequest>();
  CheckNames<MfaStepRequest>();
  CheckNames<GetMemberRequest>();
  CheckNames<UpdateMemberRequest>();
  CheckNames<DeleteMemberRequest>();
  CheckNames<ReactivateMemberRequest>();
  CheckNames<PurgeMemberRequest>();
  CheckNames<DeleteMfaPhoneNumberRequest>();
  CheckNames<SetTotpRegistrationRequest>();
  CheckNames<UnlockMemberRequest>();
  const std::string o = organization.organization_id.str(), m = member.member_id.str();
  AuthenticateFields authenticate{"", "a b", "123456"};
  authenticate.session = world.Full(member);
  world.store.fail_load = [](int) { return true; };
  EXPECT_EQ(ErrorTypeOf(world.Run(authenticate)), "bad_request");
  authenticate.organization_id = o;
  EXPECT_EQ(ErrorTypeOf(world.Run(authenticate)), "invalid_id");
  ReportDeliveryRequest report{"", "a b", {}, {}};
  EXPECT_EQ(Run(report), "bad_request");
  report.organization_id = o;
  EXPECT_EQ(Run(report), "invalid_id");
  report.member_id = m;
  EXPECT_EQ(Run(report), "bad_request") << "no challenge id";
  world.store.fail_load = nullptr;
  report.challenge_id.bytes[0] = 1;
  EXPECT_EQ(Run(report), "");
  report.member_id = "nobody";
  EXPECT_EQ(Run(report), "member_not_found");
}

TEST_F(RequestTest, ANameThatLeadsToARecordThatIsGoneIsNotFound) {  // C-01, K-12
  PutName(RecordKey::OrganizationName("dangling"), "organization-gone");
  EXPECT_EQ(Run(GetOrganizationRequest{"dangling"}), "organization_not_found");
  PutName(RecordKey::MemberName(organization.organization_id, "dangling"), "member-gone");
  EXPECT_EQ(Run(Of<GetMemberRequest>(organization.organization_id.str(), "dangling")),
            "member_not_found");
}

TEST_F(RequestTest, CreateMemberChecksEachField) {  // C-03, M-05
  const auto error = [&](auto change) {
    CreateMemberRequest create;
    create.organization_id = organization.organization_id.str();
    create.email_address = "new@example.com";
    change(&create);
    return Run(create);
  };
  using R = CreateMemberRequest;
  EXPECT_EQ(error([](R* r) { r->organization_id = ""; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->email_address = ""; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->member_id = "a b"; }), "invalid_id");
  EXPECT_EQ(error([](R* r) { r->totp_registration_id = "a b"; }), "invalid_id");
  EXPECT_EQ(error([](R* r) { r->external_id = "a b"; }), "invalid_id");
  EXPECT_EQ(error([](R* r) { r->external_id = kUnknownMember; }), "invalid_id");
  EXPECT_EQ(error([](R* r) { r->name = "a\nb"; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->default_mfa_method = "email"; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->default_mfa_method = "totp"; }),
            "default_mfa_member_missing_factor");
  EXPECT_EQ(error([](R* r) { r->default_mfa_method = "sms_otp"; }),
            "default_mfa_member_missing_factor");
  EXPECT_EQ(error([](R* r) { r->mfa_phone_number = "4155550123"; }), "invalid_phone_number");
  EXPECT_EQ(error([](R* r) {
              r->totp_registration_id = "totp-1";
              r->default_mfa_method = "totp";
            }),
            "");
}

TEST_F(RequestTest, AnEmailAddressHasBothItsPartsAndNoSpace) {  // C-03
  const auto takes = [&](const std::string& email) {
    CreateMemberRequest create;
    create.organization_id = organization.organization_id.str();
    create.email_address = email;
    const std::string error = Run(create);
    EXPECT_TRUE(error.empty() || error == "bad_request") << error;
    return error.empty();
  };
  EXPECT_TRUE(takes("a@b"));
  EXPECT_TRUE(takes("!@b"));
  EXPECT_TRUE(takes("b@" + std::string(252, 'c')));
  EXPECT_FALSE(takes("b@" + std::string(253, 'c')));
  EXPECT_FALSE(takes("nobody"));
  EXPECT_FALSE(takes("@b"));
  EXPECT_FALSE(takes("a@"));
  EXPECT_FALSE(takes("@"));
  EXPECT_FALSE(takes("a @b"));
  EXPECT_FALSE(takes("a@b\x7F"));
  EXPECT_FALSE(takes("a@b\n"));
  EXPECT_TRUE(takes("\xC3\xA5@b")) << "letters beyond ASCII are the host's business";
}

TEST_F(RequestTest, TheShapeOfANumberIsCheckedBeforeAnyLoad) {  // N-01
  world.store.fail_load = [](int) { return true; };
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "new@example.com";
  create.mfa_phone_number = "4155550123";
  EXPECT_EQ(Run(create), "invalid_phone_number");
  auto update = Ours<UpdateMemberRequest>();
  update.mfa_phone_number = "4155550123";
  EXPECT_EQ(Run(update), "invalid_phone_number");
}

TEST_F(RequestTest, WithoutEntropyNoNumberIsLinked) {  // R-02
  CallOptions options;
  options.request_id = "request-id-test-1";
  options.operation_id.bytes[0] = 1;
  world.random.set_failing(true);
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "new@example.com";
  create.mfa_phone_number = kNumber;
  EXPECT_EQ(Run(create, options), "internal_server_error");
  auto update = Ours<UpdateMemberRequest>();
  update.mfa_phone_number = kNumber;
  EXPECT_EQ(Run(update, options), "internal_server_error");
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));
}

TEST_F(RequestTest, AMemberMayTakeItsOwnNamesAgain) {  // C-02
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "own@example.com";
  create.member_id = create.external_id = "own-name";
  world.store.before_commit = [](const Changes& changes) {
    ASSERT_EQ(changes.writes.size(), 3u) << "the Member, the address and the name";
    EXPECT_FALSE(changes.writes[1].key == changes.writes[2].key);
  };
  ASSERT_EQ(Run(create), "") << "one name twice is one name";
  world.store.before_commit = nullptr;
  auto update = Of<UpdateMemberRequest>(create.organization_id, "own-name");
  update.external_id = "second";
  ASSERT_EQ(Run(update), "");
  update.external_id = "own-name";
  EXPECT_EQ(Run(update), "") << "the id is the Member's own";
  auto get = Of<GetMemberRequest>(create.organization_id, "second");
  EXPECT_EQ(Run(get), "member_not_found");
}

TEST_F(RequestTest, AGeneratedIdTakesNoName) {  // C-02
  size_t writes = 0;
  world.store.before_commit = [&](const Changes& changes) { writes = changes.writes.size(); };
  CreateOrganizationRequest create_organization;
  create_organization.organization_name = "Acme";
  ASSERT_EQ(Run(create_organization), "");
  EXPECT_EQ(writes, 1u);
  CreateMemberRequest create;
  create.organization_id = organization.organization_id.str();
  create.email_address = "ada@example.com";
  ASSERT_EQ(Run(create), "");
  EXPECT_EQ(writes, 2u) << "the Member and the address";
}

TEST_F(RequestTest, TheFirstTakenNameNamesTheError) {  // M-06, M-07
  CreateMemberRequest create;
  create.email_address = "taken@example.com";
  create.external_id = "taken";
  world.MakeMember(organization, create);
  create.organization_id = organization.organization_id.str();
  create.mfa_phone_number = world.MakeVerifiedMember(organization).mfa_phone_number.str();
  EXPECT_EQ(Run(create), "duplicate_member_external_id");
  create.external_id = "free";
  EXPECT_EQ(Run(create), "duplicate_member_email");
  create.email_address = "free@example.com";
  EXPECT_EQ(Run(create), "duplicate_member_phone_number");
  create.mfa_phone_number = "";
  EXPECT_EQ(Run(create), "");
}

TEST_F(RequestTest, AtMostOneSessionArgumentIsTaken) {  // S-11
  const auto with = [&](auto request, const SessionArguments& session) {
    if constexpr (TakesActor<decltype(request)>::value) {
      request.actor = Actor::Person(session);
    } else {
      request.session = session;
    }
    return Run(request);
  };
  const auto error = [&](const auto& request) { return with(request, {"", "a", "b"}); };
  EXPECT_EQ(error(Ours<UpdateMemberRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<SetTotpRegistrationRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<DeleteMfaPhoneNumberRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<CreateTotpRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<DeleteTotpRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<GetRecoveryCodesRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<RotateRecoveryCodesRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<StartPhoneChangeRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<MfaStepRequest>()), "too_many_session_arguments");
  EXPECT_EQ(error(Ours<SendSmsOtpRequest>()), "too_many_session_arguments");
  const auto unknown = [&](const auto& request) { return with(request, {"", "", "b"}); };
  EXPECT_EQ(unknown(Ours<UpdateMemberRequest>()), "session_not_found");
  EXPECT_EQ(unknown(Ours<DeleteMfaPhoneNumberRequest>()), "session_not_found");
}

TEST_F(RequestTest, APersonIsNamedByASession) {  // C-10
  const auto nobody = [&](auto request) {
    request.actor = Actor::Person({});
    return Run(request);
  };
  world.store.fail_load = [](int) { return true; };  // known before any load
  EXPECT_EQ(nobody(Ours<UpdateMemberRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<SetTotpRegistrationRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<DeleteMfaPhoneNumberRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<CreateTotpRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<DeleteTotpRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<GetRecoveryCodesRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<RotateRecoveryCodesRequest>()), "no_session_arguments");
  EXPECT_EQ(nobody(Ours<StartPhoneChangeRequest>()), "no_session_arguments");
}

TEST_F(RequestTest, TotpIsSetAndClearedByItsId) {  // M-01, M-05
  auto request = Ours<SetTotpRegistrationRequest>();
  request.totp_registration_id = "a b";
  EXPECT_EQ(Run(request), "invalid_id");
  request.totp_registration_id = "totp-1";
  ASSERT_EQ(Run(request), "");
  // Clearing takes the default away only when it was totp.
  auto record = *world.RecordOf(member);
  record.default_mfa_method = MfaMethod::kSmsOtp;
  world.Put(record);
  request.totp_registration_id = "";
  ASSERT_EQ(Run(request), "");
  EXPECT_EQ(world.RecordOf(member)->default_mfa_method, MfaMethod::kSmsOtp);
}

TEST_F(RequestTest, MfaEnrolledIsReportedBothWays) {  // V-01
  auto update = Ours<UpdateMemberRequest>();
  update.mfa_enrolled = true;
  EXPECT_TRUE(world.engine.Run(update).events().Has(EventKind::kEnrolled));
  EXPECT_FALSE(world.engine.Run(update).events().Has(EventKind::kEnrolled)) << "no news";
  update.mfa_enrolled = false;
  EXPECT_TRUE(world.engine.Run(update).events().Has(EventKind::kUnenrolled));
}

TEST_F(RequestTest, OrganizationsCheckEachField) {  // C-02, C-03, M-06
  const auto error = [&](auto change) {
    CreateOrganizationRequest create;
    create.organization_name = "Other";
    change(&create);
    return Run(create);
  };
  using R = CreateOrganizationRequest;
  EXPECT_EQ(error([](R* r) { r->organization_name = ""; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->organization_name = "\x01"; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->organization_slug = "x"; }), "invalid_organization_slug");
  EXPECT_EQ(error([](R* r) { r->organization_slug = kUnknownOrganization; }),
            "invalid_organization_slug");
  EXPECT_EQ(error([](R* r) { r->organization_external_id = "a b"; }), "invalid_id");
  EXPECT_EQ(error([](R* r) { r->organization_external_id = kUnknownMember; }), "invalid_id");
  EXPECT_EQ(error([](R* r) { r->mfa_methods = "SOME"; }), "bad_request");
  EXPECT_EQ(error([](R* r) { r->mfa_methods = "ALL_ALLOWED"; }), "");
  EXPECT_EQ(Run(GetOrganizationRequest{""}), "bad_request");
  EXPECT_EQ(Run(GetOrganizationRequest{"a b"}), "invalid_id");
  EXPECT_EQ(Run(UpdateOrganizationRequest()), "bad_request");
  EXPECT_EQ(Run(DeleteOrganizationRequest()), "bad_request");
}

TEST_F(RequestTest, AnUpdateTakesMfaSettingsBack) {  // M-01, M-06
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.mfa_policy = "REQUIRED_FOR_ALL";
  update.mfa_methods = "RESTRICTED";
  update.allowed_mfa_methods = {"totp"};
  ASSERT_EQ(Run(update), "");
  update.allowed_mfa_methods = {"sms_otp"};
  const auto other_reply = world.engine.Run(update);
  const Organization other = other_reply.organization();
  EXPECT_TRUE(other.Allows(FactorKind::kSmsPasscode));
  EXPECT_FALSE(other.Allows(FactorKind::kTotp)) << "a list replaces the one before";
  update.mfa_policy = "OPTIONAL";
  update.mfa_methods = "ALL_ALLOWED";
  update.allowed_mfa_methods.reset();
  const auto back_reply = world.engine.Run(update);
  const Organization back = back_reply.organization();
  EXPECT_EQ(back.mfa_policy, MfaPolicy::kOptional);
  EXPECT_EQ(back.mfa_methods, MfaMethods::kAllAllowed);
  EXPECT_TRUE(back.Allows(FactorKind::kTotp));
}

TEST_F(RequestTest, AnOrganizationIdInUseIsRefusedAndItsOperationIsKnown) {  // C-07, M-07
  CreateOrganizationRequest create;
  create.organization_name = "Mine";
  create.organization_id = "mine";
  CallOptions first, second;
  first.operation_id.bytes[0] = 1;
  second.operation_id.bytes[0] = 2;
  ASSERT_EQ(Run(create, first), "");
  EXPECT_EQ(Run(create, first), "");
  EXPECT_EQ(Run(create, second), "bad_request");
  // An operation id that was another command's answers neither.
  UpdateOrganizationRequest update;
  update.organization_id = "mine";
  EXPECT_EQ(Run(update, first), "bad_request");
  EXPECT_EQ(Run(DeleteOrganizationRequest{"mine"}, second), "");
  EXPECT_EQ(Run(DeleteOrganizationRequest{"mine"}, second), "");
  EXPECT_EQ(Run(create, first), "bad_request") << "the id of a deleted one stays used";
}

TEST_F(RequestTest, ADeletedOrganizationGivesItsNamesBack) {  // C-09, M-07
  CreateOrganizationRequest create;
  create.organization_name = "Acme";
  create.organization_slug = "the-slug";
  create.organization_external_id = "the-external";
  const Organization made = world.MakeOrganization(create);
  EXPECT_EQ(Run(create), "organization_slug_already_used");
  ASSERT_EQ(Run(DeleteOrganizationRequest{made.organization_id.str()}), "");
  EXPECT_EQ(Run(GetOrganizationRequest{"the-slug"}), "organization_not_found");
  EXPECT_EQ(Run(create), "");
  EXPECT_EQ(Run(GetOrganizationRequest{"the-slug"}), "");
}

TEST(Requests, AddressExternalIdAndNumberChangeAtOnce) {  // M-02, M-08, K-05
  Policy policy;
  policy.replace_pending_number = true;
  World world(policy);
  const Organization organization = world.MakeOrganization();
  auto update = On<UpdateMemberRequest>(world.MakeMember(organization), Actor::Host());
  update.external_id = "one";
  update.mfa_phone_number = kNumber;
  ASSERT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  update.email_address = "other@example.com";
  update.external_id = "two";
  update.mfa_phone_number = kOtherNumber;
  size_t writes = 0;
  world.store.before_commit = [&writes](const Changes& changes) { writes = changes.writes.size(); };
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(update)), "");
  EXPECT_EQ(writes, Writes::kMax) << "the Member; a new and an old one of address, id and number";
  EXPECT_FALSE(world.ClaimOf(organization, kNumber));
  EXPECT_TRUE(world.ClaimOf(organization, kOtherNumber));
}

}  // namespace
}  // namespace otpcore
