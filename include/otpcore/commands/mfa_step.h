// SPDX-License-Identifier: Apache-2.0
// The Member's MFA step: what a host runs right after primary authentication, to learn whether a
// second factor is needed and to have the SMS sent (rules P-01 … P-05).
#ifndef OTPCORE_COMMANDS_MFA_STEP_H_
#define OTPCORE_COMMANDS_MFA_STEP_H_

#include <memory>
#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// Run it only when primary authentication has succeeded: it makes a pending or invited Member
// active, and may answer that the Member is authenticated.
struct MfaStepRequest {
  std::string organization_id;  // required; id, slug or external id
  std::string member_id;        // required; id or external id
  std::string locale;           // of the SMS; default, and for unknown ones: "en"
  SessionArguments session;     // one the person has already, if any; at most one
};

struct MfaMemberOptions {
  std::string mfa_phone_number;      // E.164, or empty
  std::string totp_registration_id;  // or empty
};

struct MfaRequired {
  std::optional<MfaMemberOptions> member_options;  // absent: the Member has no factor yet
  bool secondary_auth_initiated = false;           // wire: "sms_otp", or null
};

struct MfaStepResponse {
  bool member_authenticated = false;
  std::optional<MfaRequired> mfa_required;  // absent: the Member is authenticated
  Member member;
  Organization organization;
};

struct OTPCORE_EXPORT MfaStep {
  using Request = MfaStepRequest;
  using Response = MfaStepResponse;
  // Errors: kBadRequest, kInvalidId, the environment errors, kTooManySessionArguments,
  // kOrganizationNotFound, kMemberNotFound, the session errors of send; kServerUnavailable when a
  // load or a write failed. Never an error because the SMS could not be sent: then
  // secondary_auth_initiated is false and an event says why (P-04).
  static Decision Plan(const CallContext& context, const Request& request, const Facts& facts);
  static Result<Response> Respond(const CallContext& context, const Request& request,
                                  Conclusion&& conclusion);
  static std::unique_ptr<Command> AfterDelivery(const CallContext& context, const Changes& changes,
                                                const Delivery& delivery);
};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_MFA_STEP_H_
