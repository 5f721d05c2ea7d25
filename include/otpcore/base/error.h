// SPDX-License-Identifier: Apache-2.0
// Errors: every way a command can fail, what the caller should do about it, and how it looks on the
// wire (rules X-02 … X-04). docs/errors.md is generated from the table behind `Describe`.
#ifndef OTPCORE_BASE_ERROR_H_
#define OTPCORE_BASE_ERROR_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/time.h"

namespace otpcore {

// What the caller of a command should do.
enum class ErrorClass : uint8_t {
  kFixRequest = 1,  // the request is wrong; the same request will fail again
  kNotFound = 2,    // the thing named does not exist
  kFixState = 3,    // the request is fine, the state forbids it; change the state first
  kDenied = 4,      // proof is missing or wrong
  kWait = 5,        // try again after `retry_after`, or once the host has unlocked
  kRetry = 6,       // nothing is known to be wrong; the same request may succeed now
  kDefect = 7,      // a fault in the host or the library; look at the logs
};

// Stable numbers, append only; the thousands are the class, the hundred 1 is TOTP and recovery
// codes, 2 is e-mail, and 3 is search. Two codes may share an `error_type` on the wire when the
// caller should do different things about them.
enum class ErrorCode : uint16_t {
  kOk = 0,

  kBadRequest = 1001,
  kInvalidId = 1002,
  kInvalidPhoneNumber = 1003,
  kInvalidPhoneNumberCountryCode = 1004,
  kInvalidCode = 1005,
  kInvalidLocale = 1006,
  kInvalidSessionDurationMinutes = 1007,
  kNoSessionArguments = 1008,
  kTooManySessionArguments = 1009,
  kMemberSessionMemberIdMismatch = 1010,
  kAllowedMfaMethodsRequiredForRestricted = 1011,
  kInvalidOrganizationMfaPolicy = 1012,
  kInvalidOrganizationAllowedMfaMethods = 1013,
  kInvalidOrganizationSlug = 1014,
  kTestIdUsedInLiveEnvironment = 1015,
  kLiveIdUsedInTestEnvironment = 1016,
  kMethodNotAllowed = 1017,
  kClientClosedRequest = 1018,
  kInvalidTotpCode = 1101,
  kInvalidExpiration = 1102,
  kRecoveryCodeUsedAsTotpCode = 1103,
  kTotpCodeUsedAsRecoveryCode = 1104,
  kInvalidRecoveryCode = 1105,
  kInvalidEmail = 1201,
  kInvalidExpirationOtp = 1202,
  kInvalidIntermediateSessionTokenForOrganization = 1203,
  kInvalidOrganizationAllowedAuthMethods = 1204,
  kAllowedAuthMethodsRequiredForRestricted = 1205,
  kMemberSearchOrganizationIdsEmpty = 1301,
  kMemberSearchMissingFilterName = 1302,
  kMemberSearchFilterNameMustBeString = 1303,
  kMemberSearchFilterNameNotRecognized = 1304,
  kMemberSearchMissingFilterValue = 1305,
  kMemberSearchExpectedArrayOfStrings = 1306,
  kMemberSearchExpectedBoolean = 1307,
  kMemberSearchExpectedString = 1308,
  kMemberSearchMissingMemberIds = 1309,
  kMemberSearchMissingMemberEmails = 1310,
  kMemberSearchMissingMemberEmailFuzzy = 1311,
  kMemberSearchMemberEmailFuzzyTooShort = 1312,
  kMemberSearchMissingStatuses = 1313,
  kMemberSearchMissingMfaMemberPhoneNumbers = 1314,
  kMemberSearchMissingMfaMemberPhoneNumberFuzzy = 1315,
  kMemberSearchMemberMfaPhoneNumberFuzzyTooShort = 1316,
  kMemberSearchCannotMixInternalAndExternalMemberIds = 1317,
  kOrganizationSearchMissingFilterName = 1351,
  kOrganizationSearchFilterNameMustBeString = 1352,
  kOrganizationSearchFilterNameNotRecognized = 1353,
  kOrganizationSearchMissingFilterValue = 1354,
  kOrganizationSearchExpectedArrayOfStrings = 1355,
  kOrganizationSearchExpectedBoolean = 1356,
  kOrganizationSearchExpectedString = 1357,
  kOrganizationSearchMissingOrganizationIds = 1358,
  kOrganizationSearchMissingOrganizationSlugs = 1359,
  kOrganizationSearchMissingOrganizationNameFuzzy = 1360,
  kOrganizationSearchOrganizationNameFuzzyTooShort = 1361,
  kOrganizationSearchMissingOrganizationSlugFuzzy = 1362,
  kOrganizationSearchOrganizationSlugFuzzyTooShort = 1363,
  kOrganizationSearchMissingMemberEmails = 1364,
  kOrganizationSearchMissingMemberEmailFuzzy = 1365,
  kOrganizationSearchMemberEmailFuzzyTooShort = 1366,

  kOrganizationNotFound = 2001,
  kMemberNotFound = 2002,
  kMemberPhoneNumberNotFound = 2003,
  kSecondaryFactorNotFound = 2004,
  kOtpCodeNotFound = 2005,
  kSessionNotFound = 2006,
  kIntermediateSessionNotFound = 2007,
  kNoDeletedMemberFoundForReactivation = 2008,
  kRouteNotFound = 2009,
  kTotpNotFound = 2101,
  kRecoveryCodesNotFound = 2102,

  kDuplicateMemberPhoneNumber = 3001,
  kDuplicateMemberPhoneNumberForMember = 3002,
  kDuplicateMemberEmail = 3003,
  kDuplicateMemberExternalId = 3004,
  kReactivationEmailBelongsToAnotherMember = 3005,
  kEmailUnverifiedForReactivation = 3006,
  kActionAvailableOnlyForActiveMembers = 3007,
  kActionAvailableOnlyOncePrimaryAuthenticationIsMet = 3008,
  kDefaultMfaMemberMissingFactor = 3009,
  kOrganizationSlugAlreadyUsed = 3010,
  kOrganizationExternalIdAlreadyUsed = 3011,
  kDownstreamCarrierRejected = 3012,  // downstream_carrier_error: this number is refused for good
  kUnsubscribedPhoneNumber = 3013,
  kOperationRestrictedByOrganizationMfaMethods = 3014,
  kActiveTotpExists = 3101,
  kNoActiveRecoveryCodeBackedFactor = 3102,
  kInactiveEmail = 3201,
  kEmailJitProvisioningNotAllowed = 3202,
  kInvalidEmailForJitProvisioning = 3203,
  kOperationRestrictedByOrganizationAuthMethods = 3204,

  kUnauthorizedCredentials = 4001,
  kUnableToAuthOtpCode = 4002,
  kInsufficientFactors = 4003,
  kUnauthorizedAction = 4004,
  kUnableToAuthenticateTotp = 4101,
  kTotpCodeAlreadyAuthenticated = 4102,
  kExpiredTotp = 4103,
  kUnableToAuthenticateRecoveryCode = 4104,

  kTooManyRequests = 5001,
  kUserLockLimitReached = 5002,
  kTooFewTokensAuthenticated = 5003,
  kEmailLockLimitReached = 5201,  // user_lock_limit_reached: of passcodes by e-mail alone

  kServerUnavailable = 6001,
  kDownstreamCarrierUnavailable = 6002,  // downstream_carrier_error: the gateway, not the number
  kEmailGatewayUnavailable = 6201,       // server_unavailable: the mail gateway

  kInternalServerError = 7001,
};

// One row of the catalogue. All text is static.
struct ErrorInfo {
  ErrorCode code;
  std::string_view error_type;  // the wire name
  int http_status;
  ErrorClass error_class;
  std::string_view message;  // for a developer; names no person and no number
  // What is safe to show an end user who has proved a primary factor. kOk: answer as if the
  // command had succeeded. Several errors of a send tell that the Member exists: to an end user who
  // has proved no primary factor, answer every error of a send as if it had succeeded. Passcodes by
  // e-mail are sent to people who have proved nothing: SafeSendEmailError and
  // SafeAuthenticateEmailError say what those may be told.
  ErrorCode end_user_code;
};

// The row for `code`. A value that is no code gets the row of kInternalServerError. Thread-safe.
OTPCORE_EXPORT const ErrorInfo& Describe(ErrorCode code);

// The whole catalogue in numeric order, without kOk. Thread-safe.
struct ErrorCatalogue {
  const ErrorInfo* rows;
  size_t count;
  const ErrorInfo* begin() const { return rows; }
  const ErrorInfo* end() const { return rows + count; }
};
OTPCORE_EXPORT ErrorCatalogue AllErrors();

// A failure, or none (ok). Trivially copyable, without heap and without personal data.
class OTPCORE_EXPORT Error {
 public:
  Error(ErrorCode code) : code_(code) {}  // NOLINT(google-explicit-constructor)
  // `detail`: static text saying which field or step, for the developer.
  Error(ErrorCode code, const char* detail) : code_(code), detail_(detail) {}
  Error(ErrorCode code, Duration retry_after) : code_(code), retry_after_(retry_after) {}

  bool ok() const { return code_ == ErrorCode::kOk; }
  ErrorCode code() const { return code_; }
  const ErrorInfo& info() const { return Describe(code_); }
  std::string_view error_type() const { return info().error_type; }
  int http_status() const { return info().http_status; }
  ErrorClass error_class() const { return info().error_class; }
  // The catalogue's message; `detail()` says more where there is more to say.
  std::string_view message() const { return info().message; }
  std::string_view detail() const { return detail_; }
  // Zero when waiting does not help or the end of the wait is not known.
  Duration retry_after() const { return retry_after_; }

 private:
  ErrorCode code_;
  const char* detail_ = "";
  Duration retry_after_{0};
};

// `base` + "/" + error_type, for the wire's `error_url`; empty when `base` is empty.
OTPCORE_EXPORT std::string ErrorUrl(ErrorCode code, std::string_view base);

}  // namespace otpcore

#endif  // OTPCORE_BASE_ERROR_H_
