// SPDX-License-Identifier: Apache-2.0
// The fixture of tests on passcodes by e-mail.
#ifndef OTPCORE_TESTS_EMAIL_H_
#define OTPCORE_TESTS_EMAIL_H_

#include <gmock/gmock.h>

#include <string>
#include <utility>

#include "fixture.h"
#include "otpcore/testing/matchers.h"

namespace otpcore {

inline constexpr char kAddress[] = "ada@example.com";

class EmailTest : public ::testing::Test {
 protected:
  explicit EmailTest(Policy policy = Policy::Default()) : world(std::move(policy)) {}

  SendEmailPasscodeRequest To(const std::string& address) const {
    SendEmailPasscodeRequest request;
    request.organization_id = organization.organization_id.str();
    request.email_address = address;
    return request;
  }
  Reply<SendEmailPasscode> Send(const std::string& address = kAddress,
                                JustInTime word = JustInTime::kNotAllowed) {
    SendEmailPasscodeRequest request = To(address);
    request.just_in_time = word;
    return world.engine.Run(request);
  }
  AuthenticateEmailPasscodeRequest Proof(const std::string& code,
                                         const std::string& address = kAddress) const {
    AuthenticateEmailPasscodeRequest request;
    request.organization_id = organization.organization_id.str();
    request.email_address = address;
    request.code.emplace(code);
    return request;
  }
  Reply<AuthenticateEmailPasscode> Prove(const std::string& code,
                                         const std::string& address = kAddress) {
    return world.engine.Run(Proof(code, address));
  }
  // With a session of the Member.
  Reply<AuthenticateEmailPasscode> Prove(const std::string& code, const SessionArguments& session) {
    auto request = Proof(code);
    request.session = session;
    return world.engine.Run(request);
  }
  // The code that was sent last.
  std::string Code() const { return world.inbox.LastCode(6); }
  std::string Sent() {
    EXPECT_THAT(Send(), testing::Succeeds());
    return Code();
  }
  Member MakeMember(const std::string& address, CreateMemberRequest request = {}) {
    request.email_address = address;
    return world.MakeMember(organization, std::move(request));
  }
  testing::ReceivedMessage Received() const { return world.inbox.messages().back(); }
  EmailFactor Factor() { return world.RecordOf(ada)->email; }
  void Change(const UpdateOrganizationRequest& change) {
    UpdateOrganizationRequest request = change;
    request.organization_id = organization.organization_id.str();
    ASSERT_THAT(world.engine.Run(request), testing::Succeeds());
  }
  void Enroll() {
    auto request = On<UpdateMemberRequest>(ada, Actor::Host());
    request.mfa_enrolled = true;
    ASSERT_THAT(world.engine.Run(request), testing::Succeeds());
  }

  World world;
  Organization organization = world.MakeOrganization();
  Member ada = MakeMember(kAddress);
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_EMAIL_H_
