// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/error.h"

#include <algorithm>
#include <iterator>

namespace otpcore {
namespace {

using C = ErrorCode;
using K = ErrorClass;

// In numeric order. The last column is what an end user may be shown.
constexpr ErrorInfo kCatalogue[] = {
    {C::kBadRequest, "bad_request", 400, K::kFixRequest,
     "The request lacks a required field or has one of the wrong type.", C::kBadRequest},
    {C::kInvalidId, "invalid_id", 400, K::kFixRequest,
     "An id is malformed: it takes 1 to 128 letters, digits and . _ - | ~", C::kInvalidId},
    {C::kInvalidPhoneNumber, "invalid_phone_number", 400, K::kFixRequest,
     "The phone number is not a valid E.164 number that can receive an SMS.",
     C::kInvalidPhoneNumber},
    {C::kInvalidPhoneNumberCountryCode, "invalid_phone_number_country_code", 400, K::kFixRequest,
     "SMS to this country is not enabled for this project.", C::kInvalidPhoneNumberCountryCode},
    {C::kInvalidCode, "invalid_code", 400, K::kFixRequest,
     "The code does not have the form of a passcode.", C::kInvalidCode},
    {C::kInvalidLocale, "invalid_locale", 400, K::kFixRequest, "The locale is not supported.",
     C::kInvalidLocale},
    {C::kInvalidSessionDurationMinutes, "invalid_session_duration_minutes", 400, K::kFixRequest,
     "session_duration_minutes must be from 5 to 527040.", C::kInvalidSessionDurationMinutes},
    {C::kNoSessionArguments, "no_session_arguments", 400, K::kFixRequest,
     "One of intermediate_session_token, session_token and session_jwt is required.",
     C::kNoSessionArguments},
    {C::kTooManySessionArguments, "too_many_session_arguments", 400, K::kFixRequest,
     "Only one of intermediate_session_token, session_token and session_jwt may be given.",
     C::kTooManySessionArguments},
    {C::kMemberSessionMemberIdMismatch, "member_session_member_id_mismatch", 400, K::kFixRequest,
     "The session belongs to another Member.", C::kMemberSessionMemberIdMismatch},
    {C::kAllowedMfaMethodsRequiredForRestricted, "allowed_mfa_methods_required_for_restricted", 400,
     K::kFixRequest, "mfa_methods RESTRICTED requires allowed_mfa_methods.",
     C::kAllowedMfaMethodsRequiredForRestricted},
    {C::kInvalidOrganizationMfaPolicy, "invalid_organization_mfa_policy", 400, K::kFixRequest,
     "mfa_policy must be OPTIONAL or REQUIRED_FOR_ALL.", C::kInvalidOrganizationMfaPolicy},
    {C::kInvalidOrganizationAllowedMfaMethods, "invalid_organization_allowed_mfa_methods", 400,
     K::kFixRequest, "allowed_mfa_methods may list sms_otp and totp.",
     C::kInvalidOrganizationAllowedMfaMethods},
    {C::kInvalidOrganizationSlug, "invalid_organization_slug", 400, K::kFixRequest,
     "The slug is malformed: it takes 2 to 128 letters, digits and - . _ ~",
     C::kInvalidOrganizationSlug},
    {C::kTestIdUsedInLiveEnvironment, "test_id_used_in_live_environment", 400, K::kFixRequest,
     "An id of the test environment was used in the live environment.",
     C::kTestIdUsedInLiveEnvironment},
    {C::kLiveIdUsedInTestEnvironment, "live_id_used_in_test_environment", 400, K::kFixRequest,
     "An id of the live environment was used in the test environment.",
     C::kLiveIdUsedInTestEnvironment},
    {C::kMethodNotAllowed, "method_not_allowed", 405, K::kFixRequest,
     "The HTTP method is not allowed on this route.", C::kMethodNotAllowed},
    {C::kClientClosedRequest, "client_closed_request", 499, K::kFixRequest,
     "The client closed the request before it was answered.", C::kClientClosedRequest},
    {C::kInvalidTotpCode, "invalid_totp_code", 400, K::kFixRequest,
     "The code does not have the form of the registration's codes.", C::kInvalidTotpCode},
    {C::kInvalidExpiration, "invalid_expiration", 400, K::kFixRequest,
     "expiration_minutes must be from 5 to 1440.", C::kInvalidExpiration},
    {C::kRecoveryCodeUsedAsTotpCode, "recovery_code_used_as_totp_code", 400, K::kFixRequest,
     "A recovery code was given where an authenticator app's code belongs.",
     C::kRecoveryCodeUsedAsTotpCode},
    {C::kTotpCodeUsedAsRecoveryCode, "totp_code_used_as_recovery_code", 400, K::kFixRequest,
     "An authenticator app's code was given where a recovery code belongs.",
     C::kTotpCodeUsedAsRecoveryCode},
    {C::kInvalidRecoveryCode, "invalid_recovery_code", 400, K::kFixRequest,
     "The code does not have the form of a recovery code.", C::kInvalidRecoveryCode},
    {C::kOrganizationNotFound, "organization_not_found", 404, K::kNotFound,
     "The Organization does not exist.", C::kOrganizationNotFound},
    {C::kMemberNotFound, "member_not_found", 404, K::kNotFound,
     "The Member does not exist in this Organization.", C::kOk},
    {C::kMemberPhoneNumberNotFound, "member_phone_number_not_found", 404, K::kNotFound,
     "The Member has no MFA phone number.", C::kMemberPhoneNumberNotFound},
    {C::kSecondaryFactorNotFound, "secondary_factor_not_found", 404, K::kNotFound,
     "The Member has no phone number to send to; give mfa_phone_number.",
     C::kSecondaryFactorNotFound},
    {C::kOtpCodeNotFound, "otp_code_not_found", 404, K::kNotFound,
     "The code is wrong, or no passcode was issued.", C::kUnableToAuthOtpCode},
    {C::kSessionNotFound, "session_not_found", 404, K::kNotFound,
     "The session does not exist or has expired.", C::kSessionNotFound},
    {C::kIntermediateSessionNotFound, "intermediate_session_not_found", 404, K::kNotFound,
     "The intermediate session token does not exist or has expired.",
     C::kIntermediateSessionNotFound},
    {C::kNoDeletedMemberFoundForReactivation, "no_deleted_member_found_for_reactivation", 404,
     K::kNotFound, "No deleted Member with this id exists.",
     C::kNoDeletedMemberFoundForReactivation},
    {C::kRouteNotFound, "route_not_found", 404, K::kNotFound, "The route does not exist.",
     C::kRouteNotFound},
    {C::kTotpNotFound, "totp_not_found", 404, K::kNotFound, "The Member has no TOTP registration.",
     C::kUnableToAuthenticateTotp},
    {C::kRecoveryCodesNotFound, "recovery_codes_not_found", 404, K::kNotFound,
     "The Member has no recovery code left.", C::kUnableToAuthenticateRecoveryCode},
    {C::kDuplicateMemberPhoneNumber, "duplicate_member_phone_number", 400, K::kFixState,
     "Another Member of the Organization holds this phone number.", C::kInvalidPhoneNumber},
    {C::kDuplicateMemberPhoneNumberForMember, "duplicate_member_phone_number_for_member", 400,
     K::kFixState, "The Member already has another phone number; delete it first.",
     C::kInvalidPhoneNumber},
    {C::kDuplicateMemberEmail, "duplicate_member_email", 400, K::kFixState,
     "Another Member of the Organization has this email address.", C::kDuplicateMemberEmail},
    {C::kDuplicateMemberExternalId, "duplicate_member_external_id", 400, K::kFixState,
     "Another Member of the Organization has this external id.", C::kDuplicateMemberExternalId},
    {C::kReactivationEmailBelongsToAnotherMember, "reactivation_email_belongs_to_another_member",
     400, K::kFixState, "The email address of the deleted Member now belongs to another Member.",
     C::kReactivationEmailBelongsToAnotherMember},
    {C::kEmailUnverifiedForReactivation, "email_unverified_for_reactivation", 400, K::kFixState,
     "The deleted Member's email address is not verified.", C::kEmailUnverifiedForReactivation},
    {C::kActionAvailableOnlyForActiveMembers, "action_available_only_for_active_members", 400,
     K::kFixState, "The Member is not active.", C::kActionAvailableOnlyForActiveMembers},
    {C::kActionAvailableOnlyOncePrimaryAuthenticationIsMet,
     "action_available_only_once_primary_authentication_is_met", 400, K::kFixState,
     "The session carries no primary factor.",
     C::kActionAvailableOnlyOncePrimaryAuthenticationIsMet},
    {C::kDefaultMfaMemberMissingFactor, "default_mfa_member_missing_factor", 400, K::kFixState,
     "The Member does not have the factor named as default.", C::kDefaultMfaMemberMissingFactor},
    {C::kOrganizationSlugAlreadyUsed, "organization_slug_already_used", 400, K::kFixState,
     "The slug is already in use.", C::kOrganizationSlugAlreadyUsed},
    {C::kOrganizationExternalIdAlreadyUsed, "organization_external_id_already_used", 400,
     K::kFixState, "The external id is already in use.", C::kOrganizationExternalIdAlreadyUsed},
    {C::kDownstreamCarrierRejected, "downstream_carrier_error", 400, K::kFixState,
     "The carrier does not deliver to this phone number.", C::kDownstreamCarrierRejected},
    {C::kUnsubscribedPhoneNumber, "unsubscribed_phone_number", 400, K::kFixState,
     "The phone number has unsubscribed from messages.", C::kUnsubscribedPhoneNumber},
    {C::kOperationRestrictedByOrganizationMfaMethods,
     "operation_restricted_by_organization_mfa_methods", 400, K::kFixState,
     "The Organization does not allow this MFA method.",
     C::kOperationRestrictedByOrganizationMfaMethods},
    {C::kActiveTotpExists, "active_totp_exists", 400, K::kFixState,
     "The Member already has an active TOTP registration; delete it first.", C::kActiveTotpExists},
    {C::kNoActiveRecoveryCodeBackedFactor, "no_active_recovery_code_backed_factor", 400,
     K::kFixState, "The Member has no active TOTP registration for recovery codes to stand in for.",
     C::kNoActiveRecoveryCodeBackedFactor},
    {C::kUnauthorizedCredentials, "unauthorized_credentials", 401, K::kDenied,
     "The project credentials are wrong.", C::kUnauthorizedCredentials},
    {C::kUnableToAuthOtpCode, "unable_to_auth_otp_code", 401, K::kDenied,
     "The code was already used, has expired, was replaced by a newer one, or failed too often.",
     C::kUnableToAuthOtpCode},
    {C::kInsufficientFactors, "insufficient_factors", 401, K::kDenied,
     "The session lacks the MFA factor that this action requires.", C::kInsufficientFactors},
    {C::kUnauthorizedAction, "unauthorized_action", 403, K::kDenied,
     "No Member may do this for themselves.", C::kUnauthorizedAction},
    {C::kUnableToAuthenticateTotp, "unable_to_authenticate_totp", 401, K::kDenied,
     "The code is wrong.", C::kUnableToAuthenticateTotp},
    {C::kTotpCodeAlreadyAuthenticated, "totp_code_already_authenticated", 401, K::kDenied,
     "The code was already used; wait for the next one.", C::kTotpCodeAlreadyAuthenticated},
    {C::kExpiredTotp, "expired_totp", 401, K::kDenied,
     "The TOTP registration was not completed in time; create it anew.",
     C::kUnableToAuthenticateTotp},
    {C::kUnableToAuthenticateRecoveryCode, "unable_to_authenticate_recovery_code", 401, K::kDenied,
     "The recovery code is wrong or was already used.", C::kUnableToAuthenticateRecoveryCode},
    {C::kTooManyRequests, "too_many_requests", 429, K::kWait,
     "Too many requests; wait before the next.", C::kTooManyRequests},
    {C::kUserLockLimitReached, "user_lock_limit_reached", 429, K::kWait,
     "The Member is locked after too many failures.", C::kUserLockLimitReached},
    {C::kTooFewTokensAuthenticated, "too_few_tokens_authenticated", 429, K::kWait,
     "Too few of the recent passcodes to this region were used; sending is paused.",
     C::kTooFewTokensAuthenticated},
    {C::kServerUnavailable, "server_unavailable", 503, K::kRetry,
     "The service is unavailable for now; try again.", C::kServerUnavailable},
    {C::kDownstreamCarrierUnavailable, "downstream_carrier_error", 400, K::kRetry,
     "The SMS gateway could not be reached; try again.", C::kDownstreamCarrierUnavailable},
    {C::kInternalServerError, "internal_server_error", 500, K::kDefect, "An internal fault.",
     C::kInternalServerError},
};

constexpr size_t kCount = std::size(kCatalogue);
constexpr ErrorInfo kNoError = {C::kOk, "", 200, K::kDefect, "", C::kOk};

}  // namespace

const ErrorInfo& Describe(ErrorCode code) {
  if (code == ErrorCode::kOk) return kNoError;
  const ErrorInfo* const end = kCatalogue + kCount;
  const ErrorInfo* const row = std::lower_bound(
      kCatalogue, end, code, [](const ErrorInfo& info, ErrorCode c) { return info.code < c; });
  if (row == end || row->code != code) return kCatalogue[kCount - 1];
  return *row;
}

ErrorCatalogue AllErrors() { return {kCatalogue, kCount}; }

std::string ErrorUrl(ErrorCode code, std::string_view base) {
  if (base.empty()) return {};
  std::string url(base);
  if (url.back() != '/') url += '/';
  url += Describe(code).error_type;
  return url;
}

}  // namespace otpcore
