// SPDX-License-Identifier: Apache-2.0
// The second step of a sign-in as somebody's auth server has it: what to show, and whether there is
// a session. Stands for the code of a user of otpcore.
#ifndef OTPCORE_TESTS_CONSUMER_SIGN_IN_H_
#define OTPCORE_TESTS_CONSUMER_SIGN_IN_H_

#include <string>
#include <utility>

#include "otpcore/otpcore.h"

enum class Screen { kWelcome, kAskForCode, kWrongCode, kAskForNewCode, kLocked, kLater };

class SignIn {
 public:
  // The engine must outlive it. `token` is what primary authentication left behind.
  SignIn(otpcore::Engine& engine, std::string organization, std::string member, std::string token)
      : engine_(engine),
        organization_(std::move(organization)),
        member_(std::move(member)),
        token_(std::move(token)) {}

  // Right after the password.
  Screen Begin() {
    otpcore::MfaStepRequest request;
    request.organization_id = organization_;
    request.member_id = member_;
    const auto reply = engine_.Run(std::move(request));
    if (!reply.ok()) return ScreenOf(reply.error());
    if (reply.member_authenticated) return Screen::kWelcome;
    return reply.mfa_required->secondary_auth_initiated ? Screen::kAskForCode
                                                        : Screen::kAskForNewCode;
  }

  Screen Finish(const std::string& typed) {
    otpcore::AuthenticateSmsOtpRequest request;
    request.organization_id = organization_;
    request.member_id = member_;
    request.code.emplace(typed);
    request.session.intermediate_session_token = token_;
    const auto reply = engine_.Run(std::move(request));
    return reply.ok() ? Screen::kWelcome : ScreenOf(reply.error());
  }

 private:
  static Screen ScreenOf(const otpcore::Error& error) {
    switch (error.code()) {
      case otpcore::ErrorCode::kOtpCodeNotFound:
      case otpcore::ErrorCode::kInvalidCode: return Screen::kWrongCode;
      case otpcore::ErrorCode::kUnableToAuthOtpCode: return Screen::kAskForNewCode;
      case otpcore::ErrorCode::kUserLockLimitReached: return Screen::kLocked;
      default: return Screen::kLater;
    }
  }

  otpcore::Engine& engine_;
  const std::string organization_;
  const std::string member_;
  const std::string token_;
};

#endif  // OTPCORE_TESTS_CONSUMER_SIGN_IN_H_
