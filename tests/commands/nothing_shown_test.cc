// SPDX-License-Identifier: Apache-2.0
// What leaves the library shows no passcode and no key, and no error or event a full number,
// whatever the command and however it ends (S-15, N-05, V-01, R-05).
#include <set>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

std::string Joined(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text.append(part).append("|");
  return text;
}
std::string TextOf(const Member& m) {
  return Joined({m.organization_id.text(), m.member_id.text(), m.external_id, m.email_address,
                 m.name, m.mfa_phone_number, m.totp_registration_id});
}
std::string TextOf(const Organization& o) {
  return Joined({o.organization_id.text(), o.organization_name, o.organization_slug});
}
std::string TextOf(const NoMore&) { return ""; }
std::string TextOf(const ReportDeliveryResponse&) { return ""; }
std::string TextOf(const AuthenticateSmsOtpResponse& r) {
  const SessionEffect& effect = r.session_effect;
  return Joined(
      {effect.credential.value, ProofId(effect.proof, Environment::kTest), effect.proof.address});
}
std::string TextOf(const MfaStepResponse& r) {
  if (!r.mfa_required || !r.mfa_required->member_options) return "";
  return Joined({r.mfa_required->member_options->mfa_phone_number,
                 r.mfa_required->member_options->totp_registration_id});
}

class NothingShown : public ::testing::Test {
 protected:
  static Policy TenDigits() {
    Policy policy;
    policy.passcode_digits = 10;  // so that no number or time holds one by chance
    policy.sends_max = 16;
    return policy;
  }

  template <typename Request>
  ErrorCode Check(Request request) {
    const auto reply = world.engine.Run(std::move(request));
    // What an audit log or an error page gets, and what only the caller gets.
    std::string logged;
    std::string answered = reply.request_id();
    if (reply.ok()) {
      answered += TextOf(reply) + TextOf(reply.member()) + TextOf(reply.organization());
    } else {
      const Error& error = reply.error();
      logged += std::string(error.error_type()) + std::string(error.message()) +
                std::string(error.detail()) + ErrorUrl(error.code(), "https://example.com");
    }
    logged += reply.events().organization_id.str() + reply.events().member_id.str();
    for (const Event& event : reply.events()) {
      logged += std::string(NameOf(event.kind)) + event.region.str() + event.last_digits.str();
      kinds.insert(event.kind);
    }
    for (const testing::ReceivedMessage& sms : world.inbox.messages()) {
      const std::string code = testing::CodeIn(sms.body, 10);
      EXPECT_EQ(code.size(), 10u);
      EXPECT_EQ((logged + answered).find(code), std::string::npos);
      ++codes_looked_for;
    }
    for (const std::string number : {kNumber, kOtherNumber}) {
      EXPECT_EQ(logged.find(number.substr(1)), std::string::npos) << logged;
      EXPECT_EQ(logged.find(number.substr(5)), std::string::npos) << logged;
    }
    EXPECT_EQ((logged + answered).find(std::string(4, '\x07')), std::string::npos);  // the key
    return CodeOf(reply);
  }
  ErrorCode Authenticate(const Member& member, const std::string& code) {
    AuthenticateFields fields = World::AuthenticateRequest(member, code);
    fields.session = world.Intermediate(member);
    return Check(fields.Request());
  }
  ErrorCode Send(const Member& member, const std::string& number = "") {
    auto request = On<SendSmsOtpRequest>(member);
    request.mfa_phone_number = number;
    return Check(request);
  }

  World world{TenDigits()};
  std::set<EventKind> kinds;
  int codes_looked_for = 0;
};

TEST_F(NothingShown, ByAnyCommandHoweverItEnds) {  // S-15, N-05, V-01, R-05
  const Organization acme = world.MakeOrganization();
  const Member ada = world.MakeMember(acme);
  const Member bob = world.MakeMember(acme);
  EXPECT_EQ(Send(ada, kNumber), ErrorCode::kOk);
  EXPECT_EQ(Send(bob, kNumber), ErrorCode::kDuplicateMemberPhoneNumber);
  EXPECT_EQ(Send(ada, kOtherNumber), ErrorCode::kDuplicateMemberPhoneNumberForMember);
  EXPECT_EQ(Send(bob, "+1415555012x"), ErrorCode::kInvalidPhoneNumber);
  EXPECT_EQ(Authenticate(ada, World::Wrong(world.Code())), ErrorCode::kOtpCodeNotFound);
  EXPECT_EQ(Authenticate(ada, world.Code() + "1"), ErrorCode::kInvalidCode);
  EXPECT_EQ(Authenticate(bob, world.Code()), ErrorCode::kOtpCodeNotFound);
  const std::string superseded = world.Code();
  EXPECT_EQ(Send(ada), ErrorCode::kOk);
  EXPECT_EQ(Authenticate(ada, superseded), ErrorCode::kUnableToAuthOtpCode);
  EXPECT_EQ(Authenticate(ada, world.Code()), ErrorCode::kOk);
  EXPECT_EQ(Authenticate(ada, world.Code()), ErrorCode::kUnableToAuthOtpCode);
  for (const Delivery::Kind kind :
       {Delivery::Kind::kRejected, Delivery::Kind::kUnavailable, Delivery::Kind::kUnknown}) {
    world.inbox.Script({kind, kind == Delivery::Kind::kRejected});
    EXPECT_NE(Send(ada), ErrorCode::kOk);
  }
  auto step = On<MfaStepRequest>(ada);
  EXPECT_EQ(Check(step), ErrorCode::kOk);
  auto enroll = On<UpdateMemberRequest>(ada, Actor::Host());
  enroll.mfa_enrolled = true;
  EXPECT_EQ(Check(enroll), ErrorCode::kOk);
  EXPECT_EQ(Check(step), ErrorCode::kOk);
  for (int i = 0; i < 12; ++i) {
    if (i % 5 == 4) Send(ada);
    Authenticate(ada, World::Wrong(world.Code(), 1 + i % 9));
  }
  EXPECT_EQ(Send(ada), ErrorCode::kUserLockLimitReached);
  EXPECT_EQ(Check(On<UnlockMemberRequest>(ada)), ErrorCode::kOk);
  world.store.commit_fault = [](int) { return testing::FaultyStore::CommitFault::kUnavailable; };
  EXPECT_EQ(Send(ada), ErrorCode::kServerUnavailable);
  world.store.commit_fault = nullptr;
  world.random.set_failing(true);
  EXPECT_EQ(Send(ada), ErrorCode::kInternalServerError);
  world.random.set_failing(false);
  auto totp = On<SetTotpRegistrationRequest>(ada, Actor::Host());
  totp.totp_registration_id = "totp-1";
  EXPECT_EQ(Check(totp), ErrorCode::kOk);
  EXPECT_EQ(Check(On<GetMemberRequest>(ada)), ErrorCode::kOk);
  auto report = On<ReportDeliveryRequest>(ada);
  report.challenge_id = world.RecordOf(ada)->challenge.id;
  report.delivery.kind = Delivery::Kind::kRejected;
  EXPECT_EQ(Check(report), ErrorCode::kOk);
  EXPECT_EQ(Check(On<DeleteMfaPhoneNumberRequest>(ada, Actor::Host())), ErrorCode::kOk);
  EXPECT_EQ(Check(On<DeleteMemberRequest>(ada)), ErrorCode::kOk);
  EXPECT_NE(Check(On<ReactivateMemberRequest>(ada)), ErrorCode::kOk);
  EXPECT_EQ(Check(On<PurgeMemberRequest>(ada)), ErrorCode::kOk);
  CreateMemberRequest create;
  create.organization_id = acme.organization_id.str();
  create.email_address = "eve@example.com";
  create.mfa_phone_number = kOtherNumber;
  EXPECT_EQ(Check(create), ErrorCode::kOk);
  EXPECT_EQ(Check(GetOrganizationRequest{acme.organization_id.str()}), ErrorCode::kOk);
  UpdateOrganizationRequest rename;
  rename.organization_id = acme.organization_id.str();
  rename.organization_name = "Other";
  EXPECT_EQ(Check(rename), ErrorCode::kOk);
  EXPECT_EQ(Check(DeleteOrganizationRequest{acme.organization_id.str()}), ErrorCode::kOk);
  // Not vacuous: most kinds of events were seen, and many codes looked for.
  EXPECT_GE(kinds.size(), 12u);
  EXPECT_GE(codes_looked_for, 100);
}

}  // namespace
}  // namespace otpcore
