// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail in an Organization: send one to an address, authenticate it (rules EM-05 …
// EM-23).
//
// An e-mail passcode is a primary factor: the first step of a login, or of a signup. Everything is
// found by the address, so nobody needs to know a member_id. It is never a second factor (EM-19).
// Its failures and sends have ledgers of their own: whoever knows an address can use those up, and
// locks nobody's second factor with it (L-12).
//
// A sender has usually shown nothing. Give them SafeSendEmailError and
// SafeAuthenticateEmailError in place of the errors of these commands, and of a send nothing but
// the request id, also on success: all else tells who has an account (EM-23).
#ifndef OTPCORE_COMMANDS_EMAIL_PASSCODE_H_
#define OTPCORE_COMMANDS_EMAIL_PASSCODE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/model/channel.h"
#include "otpcore/plan/command_for.h"
#include "otpcore/rules/typed_code.h"

namespace otpcore {

// ---- Send ----

// The host's word on an address that no Member of the Organization has (EM-07). Which addresses may
// join depends on allowed domains, claims and tenants, which are the host's to know; DomainIsOneOf
// in rules/email_address.h helps. Stable numbers.
enum class JustInTime : uint8_t {
  kNotAllowed = 0,         // the Organization makes no Members so: kEmailJitProvisioningNotAllowed
  kAllow = 1,              // make a pending Member, and send them the passcode
  kAddressNotAllowed = 2,  // not for this address: kInvalidEmailForJitProvisioning
};

// Field names are the wire's. Empty text counts as absent (C-03).
struct SendEmailPasscodeRequest {
  std::string organization_id = {};     // required; id, slug or external id
  std::string email_address = {};       // required; see IsEmailAddress
  std::string login_template_id = {};   // at most 128 bytes; Message::template_id of a login
  std::string signup_template_id = {};  // likewise, of a signup
  std::string locale = {};              // "en" (default), "es", "pt-br" or "fr", as in S-18
  // How long the passcode is good for, 2 … Policy::email_expiration_minutes_max minutes. Default:
  // Policy::email_expiration_minutes.
  std::optional<int> login_expiration_minutes = {};   // of an active Member
  std::optional<int> signup_expiration_minutes = {};  // of a pending, invited or new one
  JustInTime just_in_time = JustInTime::kNotAllowed;  // the host's, and no field of the wire
};

struct SendEmailPasscodeResponse {
  bool member_created = false;  // by this operation
};

// Sends to the address as the Member's record has it, whatever the spelling in the request (EM-03).
// A new passcode ends the one before. A Member whom this send makes stays, pending, when the
// message is not delivered (EM-13).
struct OTPCORE_EXPORT SendEmailPasscode {
  static constexpr CommandKind kKind = CommandKind::kSendEmailPasscode;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = SendEmailPasscodeRequest;
  using Response = SendEmailPasscodeResponse;
  struct Checked {
    CheckedOrganization organization;
    std::string_view email_address;
    Locale locale = Locale::kEn;
    Duration login_life{0};
    Duration signup_life{0};
    std::string_view login_template_id;
    std::string_view signup_template_id;
    JustInTime just_in_time = JustInTime::kNotAllowed;
  };
  // Errors in the order of EM-05: kBadRequest, kInvalidId, the environment errors, kInvalidEmail,
  // kInvalidLocale, kInvalidExpirationOtp, kOrganizationNotFound,
  // kOperationRestrictedByOrganizationAuthMethods, kEmailJitProvisioningNotAllowed,
  // kInvalidEmailForJitProvisioning, kEmailLockLimitReached, kTooManyRequests,
  // kInternalServerError; after the commit kInactiveEmail, kEmailGatewayUnavailable.
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
struct CommandOf<SendEmailPasscodeRequest> : IsCommand<SendEmailPasscode> {};

// ---- Authenticate ----

struct AuthenticateEmailPasscodeRequest {
  std::string organization_id = {};    // required; id, slug or external id
  std::string email_address = {};      // required
  std::optional<TypedCode> code = {};  // absent: kBadRequest; present but empty: kInvalidCode
  // At most one, and the Member's own: the factor is added to it. None: a session is created.
  SessionArguments session = {};
  std::optional<int> session_duration_minutes = {};  // 5 … 527040; default 60
  std::string locale = {};                           // of the SMS of the MFA step; default "en"
  // As in MfaStepRequest, for the MFA step that follows; none of them is a field of the wire.
  std::string session_id = {};
  std::string device = {};
  Channel channel = Channel::kSms;
};

struct AuthenticateEmailPasscodeResponse : ProofResponse, MfaStepResponse {
  InlineText<64> method_id;  // of the address: "email-<environment>-<uuid>" (EM-20)
};

// A success verifies the address, makes a pending or invited Member active, and takes the MFA step
// in the same commit, with its automatic SMS (EM-16). session_effect says what becomes of the
// session:
//   - no second factor is needed: kCreate; kUpgrade of an intermediate token; kExtend of a session;
//   - one is needed: kCreateIntermediate, or kExtend of the intermediate token that was given, for
//     ten minutes. session_duration_minutes is ignored then.
// A directory that keeps sessions is asked for it; kCreate and kCreateIntermediate without one are
// the host's to carry out (SE-03). Repeated under its operation id, the effect is that of the
// Member as they are then: give the sessions that you create an id made of the operation id.
struct OTPCORE_EXPORT AuthenticateEmailPasscode {
  static constexpr CommandKind kKind = CommandKind::kAuthenticateEmailPasscode;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = AuthenticateEmailPasscodeRequest;
  using Response = AuthenticateEmailPasscodeResponse;
  struct Checked {
    CheckedOrganization organization;
    std::string_view email_address;
    Passcode code;
    std::optional<SessionCredential> session;
    Duration session_duration{0};
    Locale locale = Locale::kEn;
    std::string_view session_id;
    std::string_view device;
    Channel channel = Channel::kSms;
  };
  // Errors in the order of EM-15: kBadRequest, kInvalidId, the environment errors, kInvalidEmail,
  // kInvalidCode, kInvalidSessionDurationMinutes, kInvalidLocale, kTooManySessionArguments,
  // kOrganizationNotFound, kSessionNotFound, kIntermediateSessionNotFound,
  // kInvalidIntermediateSessionTokenForOrganization, kOtpCodeNotFound for an address that no Member
  // has, kMemberSessionMemberIdMismatch, kOperationRestrictedByOrganizationAuthMethods,
  // kEmailLockLimitReached, kUnableToAuthOtpCode, kOtpCodeNotFound, kInternalServerError;
  // kServerUnavailable when a load or a write failed. Never an error because the SMS could not be
  // sent (P-04).
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
struct CommandOf<AuthenticateEmailPasscodeRequest> : IsCommand<AuthenticateEmailPasscode> {};

// ---- What an end user may be told (EM-23) ----

// What to answer somebody who has shown nothing in place of `code`, an error of SendEmailPasscode.
// kOk: as if the send had succeeded. That is so of every error that depends on what is known of the
// address. Others are the same for all: of the request, of the Organization, of an outage.
// Thread-safe.
OTPCORE_EXPORT ErrorCode SafeSendEmailError(ErrorCode code);
// The same for AuthenticateEmailPasscode: 401, 404, the lock and the restricted method are one,
// kUnableToAuthOtpCode.
OTPCORE_EXPORT ErrorCode SafeAuthenticateEmailError(ErrorCode code);

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_EMAIL_PASSCODE_H_
