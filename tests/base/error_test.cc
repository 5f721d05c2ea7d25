// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/error.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <type_traits>

namespace otpcore {
namespace {

// The wire's errors by status, as the clients know them.
const std::map<int, std::set<std::string>> kWire = {
    {400,
     {"bad_request",
      "invalid_id",
      "invalid_phone_number",
      "invalid_phone_number_country_code",
      "invalid_code",
      "invalid_locale",
      "invalid_session_duration_minutes",
      "duplicate_member_phone_number",
      "duplicate_member_phone_number_for_member",
      "duplicate_member_email",
      "duplicate_member_external_id",
      "reactivation_email_belongs_to_another_member",
      "email_unverified_for_reactivation",
      "action_available_only_for_active_members",
      "action_available_only_once_primary_authentication_is_met",
      "no_session_arguments",
      "too_many_session_arguments",
      "member_session_member_id_mismatch",
      "default_mfa_member_missing_factor",
      "allowed_mfa_methods_required_for_restricted",
      "invalid_organization_mfa_policy",
      "invalid_organization_allowed_mfa_methods",
      "invalid_organization_slug",
      "organization_slug_already_used",
      "organization_external_id_already_used",
      "downstream_carrier_error",
      "unsubscribed_phone_number",
      "test_id_used_in_live_environment",
      "live_id_used_in_test_environment",
      "operation_restricted_by_organization_mfa_methods",
      "active_totp_exists",
      "invalid_email",
      "invalid_expiration_otp",
      "invalid_intermediate_session_token_for_organization",
      "invalid_organization_allowed_auth_methods",
      "allowed_auth_methods_required_for_restricted",
      "inactive_email",
      "email_jit_provisioning_not_allowed",
      "invalid_email_for_jit_provisioning",
      "operation_restricted_by_organization_auth_methods",
      "invalid_totp_code",
      "invalid_expiration",
      "recovery_code_used_as_totp_code",
      "totp_code_used_as_recovery_code",
      "invalid_recovery_code",
      "no_active_recovery_code_backed_factor"}},
    {401,
     {"unauthorized_credentials", "unable_to_auth_otp_code", "insufficient_factors",
      "unable_to_authenticate_totp", "totp_code_already_authenticated", "expired_totp",
      "unable_to_authenticate_recovery_code"}},
    {403, {"unauthorized_action"}},
    {404,
     {"organization_not_found", "member_not_found", "member_phone_number_not_found",
      "secondary_factor_not_found", "otp_code_not_found", "session_not_found",
      "intermediate_session_not_found", "no_deleted_member_found_for_reactivation",
      "route_not_found", "totp_not_found", "recovery_codes_not_found"}},
    {405, {"method_not_allowed"}},
    {429, {"too_many_requests", "user_lock_limit_reached", "too_few_tokens_authenticated"}},
    {499, {"client_closed_request"}},
    {500, {"internal_server_error"}},
    {503, {"server_unavailable"}},
};

// SR-03 … SR-07: what follows member_search_ and organization_search_; all are 400.
const std::set<std::string> kMemberSearch = {
    "cannot_mix_internal_and_external_member_ids",
    "expected_array_of_strings",
    "expected_boolean",
    "expected_string",
    "filter_name_must_be_string",
    "filter_name_not_recognized",
    "member_email_fuzzy_too_short",
    "member_mfa_phone_number_fuzzy_too_short",
    "missing_filter_name",
    "missing_filter_value",
    "missing_member_email_fuzzy",
    "missing_member_emails",
    "missing_member_ids",
    "missing_mfa_member_phone_number_fuzzy",
    "missing_mfa_member_phone_numbers",
    "missing_statuses",
    "organization_ids_empty",
};
const std::set<std::string> kOrganizationSearch = {
    "expected_array_of_strings",
    "expected_boolean",
    "expected_string",
    "filter_name_must_be_string",
    "filter_name_not_recognized",
    "member_email_fuzzy_too_short",
    "missing_filter_name",
    "missing_filter_value",
    "missing_member_email_fuzzy",
    "missing_member_emails",
    "missing_organization_ids",
    "missing_organization_name_fuzzy",
    "missing_organization_slug_fuzzy",
    "missing_organization_slugs",
    "organization_name_fuzzy_too_short",
    "organization_slug_fuzzy_too_short",
};

TEST(AllErrors, AreExactlyTheWiresWithTheirStatus) {
  auto expected = kWire;
  for (const auto& fault : kMemberSearch) expected[400].insert("member_search_" + fault);
  for (const auto& fault : kOrganizationSearch)
    expected[400].insert("organization_search_" + fault);
  std::map<int, std::set<std::string>> rows;
  for (const ErrorInfo& row : AllErrors())
    rows[row.http_status].insert(std::string(row.error_type));
  EXPECT_EQ(rows, expected);
}

TEST(AllErrors, AreCompleteAndNumberedByClass) {
  std::set<int> codes;
  for (const ErrorInfo& row : AllErrors()) {
    const int code = static_cast<int>(row.code);
    EXPECT_TRUE(codes.insert(code).second) << code;
    EXPECT_EQ(code / 1000, static_cast<int>(row.error_class)) << row.error_type;
    EXPECT_FALSE(row.message.empty()) << row.error_type;
    EXPECT_EQ(&Describe(row.code), &row);
  }
}

// In what the caller should do: or else in what an end user may be told, of a passcode by e-mail,
// which people are sent who have shown nothing (EM-23).
TEST(AllErrors, SharingATypeDifferInClass) {
  std::set<std::pair<std::string, ErrorClass>> seen;
  for (const ErrorInfo& row : AllErrors()) {
    if (row.code == ErrorCode::kEmailLockLimitReached) {
      EXPECT_EQ(row.end_user_code, ErrorCode::kUnableToAuthOtpCode);
      EXPECT_NE(Describe(ErrorCode::kUserLockLimitReached).end_user_code, row.end_user_code);
    } else if (row.code == ErrorCode::kEmailGatewayUnavailable) {
      EXPECT_EQ(row.end_user_code, ErrorCode::kOk);
      EXPECT_NE(Describe(ErrorCode::kServerUnavailable).end_user_code, row.end_user_code);
    } else {
      EXPECT_TRUE(seen.emplace(row.error_type, row.error_class).second) << row.error_type;
    }
  }
}

TEST(AllErrors, HaveAFormForEndUsersThatTellsNothing) {
  const auto shown = [](ErrorCode code) { return Describe(code).end_user_code; };
  EXPECT_EQ(shown(ErrorCode::kUnableToAuthOtpCode), shown(ErrorCode::kOtpCodeNotFound));
  EXPECT_EQ(shown(ErrorCode::kDuplicateMemberPhoneNumber), ErrorCode::kInvalidPhoneNumber);
  EXPECT_EQ(shown(ErrorCode::kDuplicateMemberPhoneNumberForMember), ErrorCode::kInvalidPhoneNumber);
  EXPECT_EQ(shown(ErrorCode::kMemberNotFound), ErrorCode::kOk);
  for (const ErrorCode code :
       {ErrorCode::kUnableToAuthenticateTotp, ErrorCode::kTotpNotFound, ErrorCode::kExpiredTotp})
    EXPECT_EQ(shown(code), ErrorCode::kUnableToAuthenticateTotp);
  for (const ErrorCode code :
       {ErrorCode::kUnableToAuthenticateRecoveryCode, ErrorCode::kRecoveryCodesNotFound})
    EXPECT_EQ(shown(code), ErrorCode::kUnableToAuthenticateRecoveryCode);
  EXPECT_EQ(shown(ErrorCode::kTotpCodeAlreadyAuthenticated),
            ErrorCode::kTotpCodeAlreadyAuthenticated);
}

TEST(Error, IsPlainDataWithoutHeap) {
  static_assert(std::is_trivially_copyable_v<Error>, "");
  EXPECT_EQ(Describe(static_cast<ErrorCode>(65535)).code, ErrorCode::kInternalServerError);
  EXPECT_EQ(Describe(static_cast<ErrorCode>(1)).code, ErrorCode::kInternalServerError);
}

TEST(ErrorUrl, IsTheBaseWithTheType) {
  EXPECT_EQ(ErrorUrl(ErrorCode::kInvalidCode, "https://example.com/errors"),
            "https://example.com/errors/invalid_code");
  EXPECT_EQ(ErrorUrl(ErrorCode::kInvalidCode, ""), "");
}

}  // namespace
}  // namespace otpcore
