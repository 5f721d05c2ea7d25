// SPDX-License-Identifier: Apache-2.0
// Send an SMS passcode, authenticate it, report its delivery: requests, responses and pure plans
// (rules S-*, D-*, A-*).
#ifndef OTPCORE_COMMANDS_SMS_PASSCODE_H_
#define OTPCORE_COMMANDS_SMS_PASSCODE_H_

#include <memory>
#include <optional>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/commands/checked.h"
#include "otpcore/commands/number_text.h"
#include "otpcore/model/channel.h"
#include "otpcore/plan/command_for.h"
#include "otpcore/rules/typed_code.h"

namespace otpcore {

// ---- Send ----

// Field names are the wire's. Empty text counts as absent (C-03).
struct SendSmsOtpRequest {
  std::string organization_id = {};   // required; id, slug or external id
  std::string member_id = {};         // required; id or external id
  std::string mfa_phone_number = {};  // E.164; required when the Member has none
  std::string locale = {};            // default "en"
  SessionArguments session = {};      // none needed; at most one
  std::string device = {};            // 16 … 128 bytes; default: an unknown device (DV-01)
  // How the passcode travels to the number: kSms, kWhatsApp or kVoice, else kBadRequest. It is the
  // host's to choose and no field of the wire. Limits do not depend on it (G-06).
  Channel channel = Channel::kSms;
};

struct OTPCORE_EXPORT SendSmsOtp {
  static constexpr CommandKind kKind = CommandKind::kSendSmsOtp;
  static constexpr size_t kEntropyBytes = kEntropyForPasscode;
  using Request = SendSmsOtpRequest;
  using Response = NoMore;
  struct Checked : CheckedMember {
    NumberText number;
    Locale locale = Locale::kEn;
    Channel channel = Channel::kSms;
  };
  // Errors in the order of S-01: kBadRequest, kInvalidId, the environment errors,
  // kInvalidPhoneNumber, kInvalidLocale, kTooManySessionArguments, kOrganizationNotFound,
  // kMemberNotFound, kSessionNotFound, kIntermediateSessionNotFound,
  // kMemberSessionMemberIdMismatch, kActionAvailableOnlyForActiveMembers,
  // kOperationRestrictedByOrganizationMfaMethods, kUserLockLimitReached, kSecondaryFactorNotFound,
  // kInsufficientFactors, kDuplicateMemberPhoneNumberForMember, kInvalidPhoneNumberCountryCode,
  // kDuplicateMemberPhoneNumber, kTooManyRequests, kTooFewTokensAuthenticated,
  // kInternalServerError; after the commit kDownstreamCarrierRejected,
  // kDownstreamCarrierUnavailable, kUnsubscribedPhoneNumber.
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
struct CommandOf<SendSmsOtpRequest> : IsCommand<SendSmsOtp> {};

// ---- Authenticate ----

struct AuthenticateSmsOtpRequest {
  std::string organization_id = {};
  std::string member_id = {};
  std::optional<TypedCode> code = {};  // absent: kBadRequest; present but empty: kInvalidCode
  SessionArguments session = {};       // exactly one
  std::optional<int> session_duration_minutes = {};  // 5 … 527040; default 60
  std::string set_mfa_enrollment = {};               // "enroll", "unenroll" or absent
  bool set_default_mfa = false;
  std::string device = {};  // 16 … 128 bytes; default: unknown. A success makes it known (DV-02)
  bool remember_device = false;  // with a success: spare this device the next MFA steps (DV-05)
};

using AuthenticateSmsOtpResponse = ProofResponse;

struct OTPCORE_EXPORT AuthenticateSmsOtp : ProvesFactor {
  static constexpr CommandKind kKind = CommandKind::kAuthenticateSmsOtp;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = AuthenticateSmsOtpRequest;
  struct Checked : CheckedProof {
    Passcode code;
  };
  // Errors in the order of A-14: kBadRequest, kInvalidId, the environment errors,
  // kNoSessionArguments, kTooManySessionArguments, kInvalidCode, kInvalidSessionDurationMinutes,
  // kOrganizationNotFound, kMemberNotFound, kSessionNotFound, kIntermediateSessionNotFound,
  // kMemberSessionMemberIdMismatch, kActionAvailableOnlyOncePrimaryAuthenticationIsMet,
  // kActionAvailableOnlyForActiveMembers, kOperationRestrictedByOrganizationMfaMethods,
  // kInsufficientFactors, kUserLockLimitReached, kUnableToAuthOtpCode, kOtpCodeNotFound,
  // kDuplicateMemberPhoneNumber, kInternalServerError.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
};
template <>
struct CommandOf<AuthenticateSmsOtpRequest> : IsCommand<AuthenticateSmsOtp> {};

// ---- Report delivery ----

// What became of a message (D-06). The driver runs it when the sink did not accept; a host runs it
// for receipts that come later. It applies only while that challenge is the Member's current one,
// or their candidate's (E-04), and live; otherwise it succeeds and changes nothing. A repeated
// report answers that it was not applied.
struct ReportDeliveryRequest {
  std::string organization_id = {};
  std::string member_id = {};
  ChallengeId challenge_id = {};
  Delivery delivery = {};
};

struct ReportDeliveryResponse {
  bool applied = false;
};

struct OTPCORE_EXPORT ReportDelivery {
  static constexpr CommandKind kKind = CommandKind::kReportDelivery;
  static constexpr size_t kEntropyBytes = kEntropyForRun;
  using Request = ReportDeliveryRequest;
  using Response = ReportDeliveryResponse;
  struct Checked : CheckedMember {
    ChallengeId challenge_id;
    Delivery delivery;
  };
  // Errors: kBadRequest, kInvalidId, the environment errors, kOrganizationNotFound,
  // kMemberNotFound.
  static Error Check(const CallContext& context, const Request& request, Checked* checked);
  static void AddFields(const Request& request, const Checked& checked, RequestTag* tag);
  static void Plan(const CallContext& context, const Checked& checked, const Facts& facts,
                   Decision* decision);
  static Error Respond(const CallContext& context, const Checked& checked,
                       const Conclusion& conclusion, Response* response);
};
template <>
struct CommandOf<ReportDeliveryRequest> : IsCommand<ReportDelivery> {};

}  // namespace otpcore

#endif  // OTPCORE_COMMANDS_SMS_PASSCODE_H_
