// SPDX-License-Identifier: Apache-2.0
// Commands on a Member's second factors: delete the phone number, set or clear TOTP, unlock (rules
// M-01, M-03, L-05).
#ifndef OTPCORE_COMMANDS_MFA_FACTORS_H_
#define OTPCORE_COMMANDS_MFA_FACTORS_H_

#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/members.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// Enrolment back to none: the challenge is void, the claim released, default_mfa_method cleared if
// it was sms_otp. mfa_enrolled and live sessions stay. With a session argument it is on behalf of
// that person, who must then show the second factor they have (S-12); without one it is the host's.
struct DeleteMfaPhoneNumberRequest : MemberTarget {
  SessionArguments session;  // at most one
};

struct OTPCORE_EXPORT DeleteMfaPhoneNumber {
  using Request = DeleteMfaPhoneNumberRequest;
  using Response = MemberResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kTooManySessionArguments,
  // kOrganizationNotFound, kMemberNotFound, the session errors of send, kInsufficientFactors,
  // kMemberPhoneNumberNotFound.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

// Tells the core that the host's TOTP of this Member is active, or is not any more. With a session
// argument it is on behalf of that person: adding one beside another factor needs that factor.
struct SetTotpRegistrationRequest : MemberTarget {
  std::string totp_registration_id;  // an id; empty: clear, and default_mfa_method if it was totp
  SessionArguments session;          // at most one
};

struct OTPCORE_EXPORT SetTotpRegistration {
  using Request = SetTotpRegistrationRequest;
  using Response = MemberResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kTooManySessionArguments,
  // kOrganizationNotFound, kMemberNotFound, the session errors of send, kInsufficientFactors.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

// Clears every failure counter and lock, also the disabled state (L-02 … L-04).
struct UnlockMemberRequest : MemberTarget {};

struct OTPCORE_EXPORT UnlockMember {
  using Request = UnlockMemberRequest;
  using Response = MemberResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound,
  // kMemberNotFound.
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  const Conclusion& conclusion);
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_MFA_FACTORS_H_
