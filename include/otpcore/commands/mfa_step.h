// SPDX-License-Identifier: Apache-2.0
// The Member's MFA step: what a host runs right after primary authentication, to learn whether a
// second factor is needed and to have the SMS sent (rules P-01 … P-05).
#ifndef OTPCORE_COMMANDS_MFA_STEP_H_
#define OTPCORE_COMMANDS_MFA_STEP_H_

#include <memory>
#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/model/channel.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// Run it only when primary authentication has succeeded: it makes a pending or invited Member
// active, and may answer that the Member is authenticated.
struct MfaStepRequest {
  std::string organization_id = {};  // required; id, slug or external id
  std::string member_id = {};        // required; id or external id
  std::string locale = {};           // of the SMS; default, and for unknown ones: "en"
  SessionArguments session = {};     // one the person has already, if any; at most one
  // Session::id of the session that the host is about to give. Sends for other sessions leave the
  // passcode alone for Policy::resend_after (S-21). Default: the id of `session`.
  std::string session_id = {};  // at most 128 bytes
  std::string device = {};  // 16 … 128 bytes; see Device in docs/embedding.md; default: unknown
  Channel channel = Channel::kSms;  // of the passcode, as in SendSmsOtpRequest
};

struct MfaMemberOptions {
  E164 mfa_phone_number;                         // or empty
  InlineText<kIdBytesMax> totp_registration_id;  // or empty
};

struct MfaRequired {
  std::optional<MfaMemberOptions> member_options;  // absent: the Member has no factor yet
  // Wire: "sms_otp", or null. A passcode was sent, or one that was sent before is still good.
  bool secondary_auth_initiated = false;
  // Never on the wire: so many recovery codes may be offered. 0 without an active registration that
  // the library keeps (P-09).
  int recovery_codes_left = 0;
};

struct MfaStepResponse {
  bool member_authenticated = false;
  std::optional<MfaRequired> mfa_required;  // absent: the Member is authenticated
};

struct OTPCORE_EXPORT MfaStep {
  static constexpr CommandKind kKind = CommandKind::kMfaStep;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = MfaStepRequest;
  using Response = MfaStepResponse;
  struct Checked : CheckedMember {
    Locale locale = Locale::kEn;
    Channel channel = Channel::kSms;
    std::string_view session_id;
  };
  // Errors: kBadRequest, kInvalidId, the environment errors, kTooManySessionArguments,
  // kOrganizationNotFound, kMemberNotFound, the session errors of send; kServerUnavailable when a
  // load or a write failed. Never an error because the SMS could not be sent: then
  // secondary_auth_initiated is false and an event says why (P-04).
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
  static std::unique_ptr<Command> AfterDelivery(const CallContext& context,
                                                const Decision& decision, const Delivery& delivery);
};
template <>
struct CommandOf<MfaStepRequest> : IsCommand<MfaStep> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_MFA_STEP_H_
