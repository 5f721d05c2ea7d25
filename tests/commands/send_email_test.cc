// SPDX-License-Identifier: Apache-2.0
// Sending a passcode by e-mail: to whom, in whose name, how often, and what the sink gets.
#include "email.h"
#include "otpcore/adapters/memory_guard.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::FailsWith;
using testing::FailsWithCode;
using testing::HasEvent;
using testing::Succeeds;

class SendEmail : public EmailTest {};

TEST_F(SendEmail, GoesToAnActiveMemberAsALogin) {  // EM-06, EM-30, D-01
  const auto reply = Send();
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_created);
  EXPECT_EQ(reply.member().member_id, ada.member_id);
  EXPECT_THAT(reply, HasEvent(EventKind::kEmailSent));
  EXPECT_EQ(reply.events().factor, FactorKind::kEmailPasscode);
  const auto mail = Received();
  EXPECT_EQ(mail.channel, Channel::kEmail);
  EXPECT_EQ(mail.to, kAddress);
  EXPECT_EQ(mail.purpose, EmailPurpose::kLogin);
  EXPECT_EQ(mail.subject, "Your Example sign-in code");
  EXPECT_NE(mail.body.find("\n" + Code() + "\n"), std::string::npos);
  EXPECT_EQ(mail.challenge_id, Factor().challenge.id);
  EXPECT_EQ(mail.member_id, ada.member_id);
  EXPECT_EQ(mail.organization_id, organization.organization_id);
  EXPECT_EQ(Factor().purpose, EmailPurpose::kLogin);
  EXPECT_EQ(reply.hints().expires_at, world.clock.Now() + minutes(10));
  EXPECT_EQ(reply.hints().sends_left, 4);
}

TEST_F(SendEmail, HandsTheSinkWhatATemplateNeeds) {  // EM-30
  auto request = To(kAddress);
  request.login_template_id = "tpl-login";
  request.signup_template_id = "tpl-signup";
  request.locale = "fr";
  request.login_expiration_minutes = 3;
  struct Gateway final : MessageSink {
    explicit Gateway(MessageSink& the_inner) : inner(the_inner) {}
    Delivery Deliver(const Message& message) override {
      passcode = std::string(message.passcode.Reveal(SecretAccess("this is the gateway")));
      template_id = message.template_id.str();
      brand = message.brand.str();
      factor = message.factor;
      locale = message.locale;
      life = message.life;
      expires_at = message.expires_at;
      return inner.Deliver(message);
    }
    MessageSink& inner;
    std::string passcode, template_id, brand;
    FactorKind factor = FactorKind::kHostPrimary;
    Locale locale = Locale::kEn;
    Duration life{0};
    Instant expires_at;
  } gateway(world.inbox);
  Engine engine(*world.config,
                {world.clock, world.random, world.memory, world.directory, gateway, world.guard});
  ASSERT_THAT(engine.Run(request), Succeeds());
  EXPECT_EQ(gateway.passcode, Code());
  EXPECT_EQ(gateway.template_id, "tpl-login");
  EXPECT_EQ(gateway.brand, "Example");
  EXPECT_EQ(gateway.factor, FactorKind::kEmailPasscode);
  EXPECT_EQ(gateway.locale, Locale::kFr);
  EXPECT_EQ(gateway.life, minutes(3));
  EXPECT_EQ(gateway.expires_at, world.clock.Now() + minutes(3));
  EXPECT_NE(Received().body.find("3 minutes"), std::string::npos);
  EXPECT_EQ(Received().subject, "Votre code de connexion Example");
}

TEST_F(SendEmail, GoesToPendingAndInvitedMembersAsASignup) {  // EM-06, EM-09
  CreateMemberRequest pending;
  pending.create_member_as_pending = true;
  MakeMember("pending@example.com", pending);
  CreateMemberRequest invited;
  invited.invited = true;
  MakeMember("invited@example.com", invited);
  for (const char* address : {"pending@example.com", "invited@example.com"}) {
    auto request = To(address);
    request.signup_template_id = "tpl-signup";
    request.signup_expiration_minutes = 4;
    request.login_expiration_minutes = 15;
    const auto reply = world.engine.Run(request);
    ASSERT_THAT(reply, Succeeds()) << address;
    EXPECT_FALSE(reply.member_created);
    EXPECT_NE(reply.member().status, MemberStatus::kActive) << "until the code is proved";
    EXPECT_EQ(Received().purpose, EmailPurpose::kSignup);
    EXPECT_EQ(Received().template_id, "tpl-signup");
    EXPECT_EQ(reply.hints().expires_at, world.clock.Now() + minutes(4));
  }
}

TEST_F(SendEmail, MakesAPendingMember) {  // EM-06, EM-07, C-04
  const auto reply = Send("New.Person@Example.com", JustInTime::kAllow);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.member_created);
  const Member made = reply.member();
  EXPECT_EQ(made.status, MemberStatus::kPending);
  EXPECT_FALSE(made.email_address_verified);
  EXPECT_EQ(made.email_address, "New.Person@Example.com") << "in the spelling it came with (EM-03)";
  EXPECT_TRUE(made.member_id.generated());
  EXPECT_THAT(reply, HasEvent(EventKind::kCreated));
  EXPECT_EQ(Received().purpose, EmailPurpose::kSignup);
  EXPECT_EQ(Received().to, "New.Person@Example.com");
  const auto record = *world.RecordOf(made);
  EXPECT_EQ(record.email.challenge.state, ChallengeState::kLive);
  EXPECT_FALSE(record.email.id.empty());

  const auto again = Send("new.person@example.com", JustInTime::kNotAllowed);
  ASSERT_THAT(again, Succeeds()) << "a Member needs no word of the host";
  EXPECT_FALSE(again.member_created);
  EXPECT_EQ(again.member().member_id, made.member_id);
  GetMemberRequest get;
  get.organization_id = organization.organization_id.str();
  get.email_address = "new.person@EXAMPLE.com";
  EXPECT_THAT(world.engine.Run(get), Succeeds());
}

TEST_F(SendEmail, MakesNobodyUnlessTheHostSaysSo) {  // EM-07
  EXPECT_THAT(Send("new@example.com"), FailsWith("email_jit_provisioning_not_allowed"));
  EXPECT_THAT(Send("new@example.com", JustInTime::kAddressNotAllowed),
              FailsWith("invalid_email_for_jit_provisioning"));
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_THAT(Send("new@example.com", JustInTime::kAllow), Succeeds());
  EXPECT_THAT(Send("new@example.com", JustInTime::kAddressNotAllowed), Succeeds())
      << "a Member needs no word of the host";
}

TEST_F(SendEmail, MakesAnotherMemberInPlaceOfADeletedOne) {  // EM-06
  ASSERT_THAT(world.engine.Run(On<DeleteMemberRequest>(ada)), Succeeds());
  EXPECT_THAT(Send(), FailsWith("email_jit_provisioning_not_allowed"));
  const auto reply = Send(kAddress, JustInTime::kAllow);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_TRUE(reply.member_created);
  EXPECT_NE(reply.member().member_id, ada.member_id);
}

TEST_F(SendEmail, OneOfTwoThatMakeTheSameMemberWins) {  // EM-06, C-06
  int commits = 0;
  world.store.before_commit = [&](const Changes&) {
    if (++commits != 1) return;
    Engine other(*world.config, {world.clock, world.random, world.memory, world.directory,
                                 world.inbox, world.guard});
    auto request = To("new@example.com");
    request.just_in_time = JustInTime::kAllow;
    EXPECT_TRUE(other.Run(request).member_created);
  };
  const auto reply = Send("new@example.com", JustInTime::kAllow);
  ASSERT_THAT(reply, Succeeds());
  EXPECT_FALSE(reply.member_created) << "the other one did";
}

TEST_F(SendEmail, GoesToTheAddressOfTheRecord) {  // EM-02, EM-03
  MakeMember("Bob.B@Example.com");
  ASSERT_THAT(Send("bob.b@EXAMPLE.COM"), Succeeds());
  EXPECT_EQ(Received().to, "Bob.B@Example.com");
  for (const char* another : {"bobb@example.com", "bob.b+x@example.com", "bob.b@example.co"})
    EXPECT_THAT(Send(another), FailsWith("email_jit_provisioning_not_allowed")) << another;
}

TEST_F(SendEmail, FindsTheOrganizationByItsSlug) {  // C-02
  UpdateOrganizationRequest named;
  named.organization_slug = "acme";
  Change(named);
  auto request = To(kAddress);
  request.organization_id = "ACME";
  ASSERT_THAT(world.engine.Run(request), Succeeds());
  auto proof = Proof(Code());
  proof.organization_id = "acme";
  EXPECT_THAT(world.engine.Run(proof), Succeeds());
}

TEST_F(SendEmail, RefusesTheTrapsBeforeAnythingElse) {  // EM-01, EM-03, EM-05
  world.ResetCounts();
  for (const std::string& trap :
       {std::string("ada@example.com\r\nBcc: eve@example.org"), std::string("ada@example.com "),
        std::string("ada@example.com,eve@example.org"), std::string("Ada <ada@example.com>"),
        std::string("-oQ/x@example.com"), std::string("=?utf-8?q?ada?=@example.com"),
        std::string("ada@ex\xC4\xB1mple.com"), std::string("\xC5\xBF@example.com"),
        std::string("mi\xE2\x84\xAA"
                    "e@example.com"),
        std::string("ada@example.com\0", 16), std::string("ada")})
    EXPECT_THAT(Send(trap, JustInTime::kAllow), FailsWith("invalid_email")) << trap;
  EXPECT_THAT(Send("", JustInTime::kAllow), FailsWith("bad_request"));
  EXPECT_EQ(world.store.loads(), 0);
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

// Shape by shape; then the Organization, the auth method, the host's word.
TEST_F(SendEmail, ChecksInTheOrderOfTheRule) {  // EM-05, EM-09, EM-10
  auto request = To("x");
  request.organization_id = "no such organization";
  request.locale = "xx";
  request.login_expiration_minutes = 1;
  request.signup_expiration_minutes = 1;
  request.login_template_id = std::string(129, 't');
  const auto fails = [&](const char* error) {
    EXPECT_THAT(world.engine.Run(request), FailsWith(error));
  };
  fails("invalid_id");
  request.organization_id = "nobody";
  fails("invalid_email");
  request.email_address = "nobody@example.com";
  fails("invalid_locale");
  request.locale = "es";
  fails("invalid_expiration_otp");
  request.login_expiration_minutes = 15;
  fails("invalid_expiration_otp");
  request.signup_expiration_minutes = 2;
  fails("bad_request");
  request.login_template_id = std::string(128, 't');
  request.signup_template_id = std::string(129, 't');
  fails("bad_request");
  request.signup_template_id = std::string(128, 't');
  fails("organization_not_found");
  request.organization_id = organization.organization_id.str();
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {{"sso"}};
  Change(restricted);
  fails("operation_restricted_by_organization_auth_methods");
  UpdateOrganizationRequest allowed;
  allowed.allowed_auth_methods = {{"password", "email_otp"}};
  Change(allowed);
  fails("email_jit_provisioning_not_allowed");
  request.just_in_time = JustInTime::kAllow;
  EXPECT_THAT(world.engine.Run(request), Succeeds());
}

TEST_F(SendEmail, ExpirationsAreBothChecked) {  // EM-09
  for (const int asked : {-1, 0, 1, 16, 1000}) {
    for (const bool login : {true, false}) {
      auto request = To(kAddress);
      (login ? request.login_expiration_minutes : request.signup_expiration_minutes) = asked;
      EXPECT_THAT(world.engine.Run(request), FailsWith("invalid_expiration_otp")) << asked;
    }
  }
  World strict(Policy::Strict());
  auto request = To(kAddress);
  request.organization_id = strict.MakeOrganization().organization_id.str();
  request.login_expiration_minutes = 11;
  EXPECT_THAT(strict.engine.Run(request), FailsWith("invalid_expiration_otp"));
  request.login_expiration_minutes = 10;
  request.just_in_time = JustInTime::kAllow;
  EXPECT_THAT(strict.engine.Run(request), Succeeds());
  EXPECT_EQ(strict.inbox.LastCode(8).size(), 8u) << "as many digits as the policy says";
}

TEST_F(SendEmail, ABreakglassMemberIsExemptOfTheMethods) {  // EM-08
  CreateMemberRequest breakglass;
  breakglass.is_breakglass = true;
  MakeMember("glass@example.com", breakglass);
  UpdateOrganizationRequest restricted;
  restricted.auth_methods = "RESTRICTED";
  restricted.allowed_auth_methods = {{"sso", "magic_link"}};
  Change(restricted);
  EXPECT_THAT(Send(), FailsWith("operation_restricted_by_organization_auth_methods"));
  ASSERT_THAT(Send("glass@example.com"), Succeeds());
  EXPECT_THAT(Prove(Code()), FailsWith("operation_restricted_by_organization_auth_methods"));
  EXPECT_THAT(Prove(Code(), "glass@example.com"), Succeeds());
}

TEST_F(SendEmail, ANewCodeReplacesTheOneBefore) {  // EM-11, S-10
  const std::string first = Sent();
  const std::string second = Sent();
  EXPECT_THAT(Prove(first), FailsWith("unable_to_auth_otp_code")) << "superseded, and no failure";
  EXPECT_EQ(Factor().failures.in_a_row, 0);
  EXPECT_THAT(Prove(second), Succeeds());
}

TEST_F(SendEmail, LeavesTheSmsAlone) {  // EM-11, A-15
  const Member bob = world.MakeVerifiedMember(organization);
  ASSERT_THAT(world.Send(bob), Succeeds());
  const std::string sms = world.Code();
  ASSERT_THAT(Send(std::string(bob.email_address)), Succeeds());
  const std::string mail = Code();
  ASSERT_THAT(world.Send(bob), Succeeds());
  const std::string newer_sms = world.Code();
  EXPECT_NE(sms, newer_sms);
  EXPECT_THAT(Prove(mail, std::string(bob.email_address)), Succeeds());
  EXPECT_THAT(world.Authenticate(bob, newer_sms), Succeeds());
}

// ---- Delivery ----

TEST_F(SendEmail, AnAddressThatRejectsIsInactive) {  // EM-13, D-02
  world.inbox.Script({Delivery::Kind::kRejected, false});
  const auto reply = Send();
  EXPECT_THAT(reply, FailsWith("inactive_email"));
  EXPECT_THAT(reply, HasEvent(EventKind::kDeliveryFailed));
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kVoid);
  EXPECT_EQ(Factor().sends.count, 0) << "given back";
  EXPECT_EQ(Factor().sends.given_back.count, 1);
}

TEST_F(SendEmail, AGatewayThatIsAwayIsUnavailable) {  // EM-13, D-03, D-04
  world.inbox.Script({Delivery::Kind::kUnavailable, false});
  EXPECT_THAT(Send(), FailsWithCode(ErrorCode::kEmailGatewayUnavailable));
  EXPECT_THAT(Send(), Succeeds());
  world.inbox.Script({Delivery::Kind::kUnknown, false});
  const auto reply = Send();
  EXPECT_THAT(reply, FailsWith("server_unavailable"));
  EXPECT_THAT(reply, HasEvent(EventKind::kDeliveryFailed));
  EXPECT_EQ(Factor().challenge.state, ChallengeState::kLive) << "it may be on its way";
  EXPECT_THAT(Prove(Code()), Succeeds());
}

// The answer stands when its report cannot be written, and the event is there all the same.
TEST_F(SendEmail, AFailedDeliveryIsTold) {  // D-06, V-01
  world.inbox.Script({Delivery::Kind::kRejected, false});
  world.ResetCounts();
  world.store.commit_fault = [](int call) {
    return call == 1 ? testing::FaultyStore::CommitFault::kNone
                     : testing::FaultyStore::CommitFault::kUnavailable;
  };
  const auto reply = Send();
  world.store.commit_fault = nullptr;
  EXPECT_THAT(reply, FailsWith("inactive_email"));
  const Event* failed = nullptr;
  for (const Event& event : reply.events()) {
    if (event.kind == EventKind::kDeliveryFailed) failed = &event;
  }
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->challenge_id, Factor().challenge.id);
  EXPECT_EQ(failed->reason, ErrorCode::kInactiveEmail);
}

TEST_F(SendEmail, AMemberWhomItMadeStays) {  // EM-13
  world.inbox.Script({Delivery::Kind::kRejected, false});
  EXPECT_THAT(Send("new@example.com", JustInTime::kAllow), FailsWith("inactive_email"));
  const auto again = Send("new@example.com");
  ASSERT_THAT(again, Succeeds());
  EXPECT_FALSE(again.member_created);
  EXPECT_EQ(again.member().status, MemberStatus::kPending);
}

TEST_F(SendEmail, ALateReceiptVoidsItsOwnCodeOnly) {  // EM-13, D-06
  Sent();
  auto report = On<ReportDeliveryRequest>(ada);
  report.challenge_id = Factor().challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  const std::string newer = Sent();
  EXPECT_FALSE(world.engine.Run(report).applied) << "it is of the code before";
  EXPECT_THAT(Prove(newer), Succeeds());
  report.challenge_id = Factor().challenge.id;
  EXPECT_FALSE(world.engine.Run(report).applied) << "it is used";
}

TEST_F(SendEmail, AReceiptThatItArrivedChangesNothing) {  // D-06
  const std::string code = Sent();
  auto report = On<ReportDeliveryRequest>(ada);
  report.challenge_id = Factor().challenge.id;
  report.delivery.kind = Delivery::Kind::kAccepted;
  EXPECT_FALSE(world.engine.Run(report).applied);
  EXPECT_THAT(Prove(code), Succeeds());
}

// Its send has left the window: there is nothing to give back, and the guard keeps what it counted.
TEST_F(SendEmail, AReceiptAfterTheWindowVoidsTheCode) {  // D-06, EM-21
  const std::string code = Sent();
  auto record = *world.RecordOf(ada);
  record.email.sends = {};
  world.Put(record);
  auto report = On<ReportDeliveryRequest>(ada);
  report.challenge_id = Factor().challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  const auto reply = world.engine.Run(report);
  EXPECT_TRUE(reply.applied);
  EXPECT_THAT(reply, HasEvent(EventKind::kChallengeDead));
  EXPECT_THAT(Prove(code), FailsWith("otp_code_not_found")) << "as if it had never been sent";
}

TEST_F(SendEmail, WithoutRandomnessNothingIsSent) {  // R-01, G-03
  world.random.set_stuck(0xFF);                      // no draw of these becomes a code
  EXPECT_THAT(Send(), FailsWith("internal_server_error"));
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_TRUE(Factor().challenge.id.empty());
}

// ---- Limits ----

TEST_F(SendEmail, FiveGoOutInTenMinutes) {  // EM-21, S-20
  for (int i = 0; i < 5; ++i) Sent();
  const std::string live = Code();
  world.clock.Advance(minutes(4));
  const auto reply = Send();
  EXPECT_THAT(reply, FailsWith("too_many_requests"));
  EXPECT_THAT(reply, HasEvent(EventKind::kRefusedByLimit));
  EXPECT_EQ(reply.error().retry_after(), minutes(6));
  EXPECT_EQ(reply.hints().expires_at, Factor().challenge.expires_at) << "of the live one";
  EXPECT_EQ(world.inbox.deliveries(), 5);
  EXPECT_THAT(Prove(live), Succeeds()) << "the live code stays good";
  world.clock.Advance(minutes(6) - Duration(1));
  EXPECT_THAT(Send(), FailsWith("too_many_requests"));
  world.clock.Advance(Duration(1));
  EXPECT_THAT(Send(), Succeeds());
}

TEST_F(SendEmail, TheGuardCountsMailboxesOverOrganizations) {  // EM-21, EM-22
  MemorySendGuard guard(world.clock);
  world.guard.set_inner(&guard);
  const Organization other = world.MakeOrganization();
  int sent = 0;
  // One mailbox in ten spellings, each a Member of its own.
  for (const char* address : {"p.er@example.com", "per@example.com", "PE.R@example.com",
                              "per+1@example.com", "per+2@example.com", "p.e.r@example.com"}) {
    for (const Organization& where : {organization, other}) {
      auto request = To(address);
      request.organization_id = where.organization_id.str();
      request.just_in_time = JustInTime::kAllow;
      const auto reply = world.engine.Run(request);
      if (++sent <= 10) {
        EXPECT_THAT(reply, Succeeds()) << address;
      } else {
        EXPECT_THAT(reply, FailsWith("too_many_requests")) << address;
        EXPECT_TRUE(reply.member().member_id.empty()) << "and no Member is made";
      }
    }
  }
  EXPECT_THAT(Send("per2@example.com", JustInTime::kAllow), Succeeds()) << "another mailbox";
  // Who has verified the address is not limited by strangers.
  CreateMemberRequest verified;
  verified.email_address_verified = true;
  MakeMember("p.e.r+own@example.com", verified);
  EXPECT_THAT(Send("p.e.r+own@example.com"), Succeeds());
  world.clock.Advance(hours(1));
  EXPECT_THAT(Send("per+2@example.com", JustInTime::kAllow), Succeeds());
  world.guard.set_inner(nullptr);
}

class SendEmailAtTheLimit : public EmailTest {
 protected:
  static Policy Few() {
    Policy policy;
    policy.email_organization_sends_max = 3;
    policy.organization_sends_max = 1;
    return policy;
  }
  SendEmailAtTheLimit() : EmailTest(Few()) {}
};

TEST_F(SendEmailAtTheLimit, AnOrganizationHasAQuotaOfItsOwn) {  // EM-21
  MemorySendGuard guard(world.clock);
  world.guard.set_inner(&guard);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(Send("p" + std::to_string(i) + "@example.com", JustInTime::kAllow), Succeeds())
        << "that of SMS is another";
  }
  EXPECT_THAT(Send("p3@example.com", JustInTime::kAllow), FailsWith("too_many_requests"));
  EXPECT_THAT(world.Send(ada, kNumber), Succeeds());
  world.guard.set_inner(nullptr);
}

// ---- Repetition ----

TEST_F(SendEmail, RepeatedUnderItsIdItSaysTheSame) {  // C-07, EM-06
  CallOptions options;
  options.operation_id.bytes.fill(7);
  auto request = To("new@example.com");
  request.just_in_time = JustInTime::kAllow;
  const auto first = world.engine.Run(request, options);
  ASSERT_THAT(first, Succeeds());
  const auto again = world.engine.Run(request, options);
  ASSERT_THAT(again, Succeeds());
  EXPECT_TRUE(again.member_created);
  EXPECT_EQ(again.member().member_id, first.member().member_id);
  EXPECT_EQ(world.inbox.deliveries(), 1);
  request.locale = "fr";
  EXPECT_THAT(world.engine.Run(request, options), FailsWith("bad_request")) << "another request";
  request = To("newer@example.com");
  request.just_in_time = JustInTime::kAllow;
  EXPECT_THAT(world.engine.Run(request, options), FailsWith("bad_request"))
      << "the id of the Member whom it would make is taken";

  options.operation_id.bytes.fill(8);
  ASSERT_THAT(world.engine.Run(To(kAddress), options), Succeeds());
  EXPECT_FALSE(world.engine.Run(To(kAddress), options).member_created);
  options.operation_id.bytes.fill(9);
  world.inbox.Script({Delivery::Kind::kRejected, false});
  EXPECT_THAT(world.engine.Run(To(kAddress), options), FailsWith("inactive_email"));
  EXPECT_THAT(world.engine.Run(To(kAddress), options), FailsWith("inactive_email"));
}

// ---- Sandbox ----

class SandboxEmail : public EmailTest {
 protected:
  static Policy WithSandbox() {
    Policy policy;
    policy.sandbox_addresses = {
        {"Sandbox@Example.com", "424242", testing::VirtualClock().Now() + hours(24)}};
    return policy;
  }
  SandboxEmail() : EmailTest(WithSandbox()) {}
};

TEST_F(SandboxEmail, HasItsFixedCodeAndDeliversNothing) {  // EM-34, X-01
  ASSERT_THAT(Send("sandbox@example.com", JustInTime::kAllow), Succeeds());
  EXPECT_EQ(world.inbox.deliveries(), 0);
  EXPECT_THAT(Prove("424243", "sandbox@example.com"), FailsWith("otp_code_not_found"));
  EXPECT_THAT(Prove("424242", "sandbox@example.com"), Succeeds());
  for (int i = 0; i < 4; ++i) ASSERT_THAT(Send("sandbox@example.com"), Succeeds());
  EXPECT_THAT(Send("sandbox@example.com"), FailsWith("too_many_requests")) << "limits hold";
  ASSERT_THAT(Send(), Succeeds());
  EXPECT_EQ(world.inbox.deliveries(), 1) << "it is another's";
  world.clock.Advance(hours(24));
  EXPECT_THAT(Send("sandbox@example.com"), Succeeds());
  EXPECT_EQ(world.inbox.deliveries(), 2) << "from its end on it is an ordinary address";
  world.clock.Advance(hours(1));
  EXPECT_THAT(Send("sandbox@example.com"), Succeeds());
  EXPECT_EQ(world.inbox.deliveries(), 3);
}

TEST(SandboxEmailConfig, RefusesWhatIsNoAddress) {  // EM-34
  Policy policy;
  policy.sandbox_addresses = {{"x", "424242", Instant::Max()}};
  std::string problem;
  EXPECT_EQ(Config::Create(policy, TestKeys(), {}, &problem), nullptr);
  EXPECT_EQ(problem, "A sandbox address is not an e-mail address.");
}

// ---- What a stranger may be told ----

// Every error of a send that depends on what is known of the address is a success; those that are
// the same for every address are told.
TEST(SafeSendEmailError, TellsNothingOfTheAddress) {  // EM-23, X-04
  for (const ErrorCode hidden :
       {ErrorCode::kEmailJitProvisioningNotAllowed, ErrorCode::kInvalidEmailForJitProvisioning,
        ErrorCode::kOperationRestrictedByOrganizationAuthMethods, ErrorCode::kTooManyRequests,
        ErrorCode::kDuplicateMemberEmail, ErrorCode::kMemberNotFound,
        ErrorCode::kEmailLockLimitReached, ErrorCode::kInactiveEmail,
        ErrorCode::kEmailGatewayUnavailable})
    EXPECT_EQ(SafeSendEmailError(hidden), ErrorCode::kOk);
  for (const ErrorCode told :
       {ErrorCode::kBadRequest, ErrorCode::kInvalidEmail, ErrorCode::kInvalidLocale,
        ErrorCode::kInvalidExpirationOtp, ErrorCode::kOrganizationNotFound,
        ErrorCode::kServerUnavailable, ErrorCode::kInternalServerError, ErrorCode::kOk})
    EXPECT_EQ(SafeSendEmailError(told), told);
}

}  // namespace
}  // namespace otpcore
