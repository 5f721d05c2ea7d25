// SPDX-License-Identifier: Apache-2.0
// Exchange of an intermediate session into an Organization: what a host runs when a person has
// chosen one of the Organizations that discovery found (rules SE-03, SE-06, EM-27).
#ifndef OTPCORE_COMMANDS_SESSION_EXCHANGE_H_
#define OTPCORE_COMMANDS_SESSION_EXCHANGE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/model/channel.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// Field names are the wire's. Empty text counts as absent (C-03).
struct ExchangeIntermediateSessionRequest {
  std::string organization_id = {};                  // required; id, slug or external id
  std::string intermediate_session_token = {};       // required
  std::optional<int> session_duration_minutes = {};  // 5 … 527040; default 60
  std::string locale = {};                           // of the SMS of the MFA step; default "en"
  // As in MfaStepRequest, for the MFA step that follows, and the host's word on an address that no
  // Member has; none of them is a field of the wire.
  std::string session_id = {};
  std::string device = {};
  Channel channel = Channel::kSms;
  JustInTime just_in_time = JustInTime::kNotAllowed;
};

struct ExchangeIntermediateSessionResponse : ProofResponse, MfaStepResponse {
  InlineText<64> method_id;     // of the address: "email-<environment>-<uuid>" (EM-20)
  bool member_created = false;  // by this operation
};

// The Member is the one with the session's e-mail address (Session::email_address): the token may
// be of no Member, or of a Member elsewhere with the same address, whose passcode by e-mail alone
// counts here: a password of another Organization does not. With the host's word a Member is
// made (EM-07). As a passcode by e-mail would, a success verifies the address, makes a pending or
// invited Member active, and takes the MFA step in the same commit, with its automatic SMS (EM-16).
//
// session_effect consumes the token whatever comes of it: kUpgrade when no second factor is needed,
// else kCreateIntermediate that names the token, for ten minutes. The new session has the factors
// of the old one, and is this Member's. Of two exchanges of one token one gets a session, and the
// other kServerUnavailable, if the directory answers as SessionDirectory::Apply says (SE-06). A
// refused exchange consumes nothing.
//
// The Member is found by the session, so a repetition under the same operation id finds its answer
// as long as the token is there; after that it is kIntermediateSessionNotFound, and the person
// signs in anew.
struct OTPCORE_EXPORT ExchangeIntermediateSession {
  static constexpr CommandKind kKind = CommandKind::kExchangeIntermediateSession;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = ExchangeIntermediateSessionRequest;
  using Response = ExchangeIntermediateSessionResponse;
  struct Checked {
    CheckedOrganization organization;
    SessionCredential session;
    Duration session_duration{0};
    Locale locale = Locale::kEn;
    std::string_view session_id;
    std::string_view device;
    Channel channel = Channel::kSms;
    JustInTime just_in_time = JustInTime::kNotAllowed;
  };
  // Errors in the order of the checks: kBadRequest, kInvalidId, the environment errors,
  // kInvalidSessionDurationMinutes, kInvalidLocale, kOrganizationNotFound,
  // kIntermediateSessionNotFound, kInvalidIntermediateSessionTokenForOrganization for a token that
  // has proved no address or, elsewhere, a second factor, kMemberSessionMemberIdMismatch,
  // kOperationRestrictedByOrganizationAuthMethods when the Organization takes no passcode by e-mail
  // and the session has no other primary factor, kEmailJitProvisioningNotAllowed,
  // kInvalidEmailForJitProvisioning, kDuplicateMemberEmail, kInternalServerError;
  // kServerUnavailable when a load, a write or the session failed. Never an error because the SMS
  // could not be sent (P-04).
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
struct CommandOf<ExchangeIntermediateSessionRequest> : IsCommand<ExchangeIntermediateSession> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_SESSION_EXCHANGE_H_
