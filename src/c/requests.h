// SPDX-License-Identifier: Apache-2.0
// The fields of every request by their wire names. Who adds a field to a request adds its row here;
// tests/c/requests_test.cc counts them.
#ifndef OTPCORE_SRC_C_REQUESTS_H_
#define OTPCORE_SRC_C_REQUESTS_H_

#include <array>

#include "c/fields.h"
#include "otpcore/engine/engine.h"

namespace otpcore {

// kRows: the rows of a request but for its Actor, whose fields are the same everywhere.
template <typename Request>
struct FieldsOf;

template <typename R>
constexpr FieldRow<R> OrganizationRow() {
  return Row<R, &R::organization_id>("organization_id");
}
template <typename R>
constexpr FieldRow<R> MemberRow() {
  return Row<R, &R::member_id>("member_id");
}
template <typename R>
constexpr std::array<FieldRow<R>, 3> SessionRows() {
  return {{Row<R, &R::session, &SessionArguments::intermediate_session_token>(
               "intermediate_session_token"),
           Row<R, &R::session, &SessionArguments::session_token>("session_token"),
           Row<R, &R::session, &SessionArguments::session_jwt>("session_jwt")}};
}

template <typename R, size_t N, size_t M>
constexpr std::array<FieldRow<R>, N + M> operator+(const std::array<FieldRow<R>, N>& a,
                                                   const std::array<FieldRow<R>, M>& b) {
  std::array<FieldRow<R>, N + M> both{};
  for (size_t i = 0; i < N; ++i) both[i] = a[i];
  for (size_t i = 0; i < M; ++i) both[N + i] = b[i];
  return both;
}
template <typename R, typename... Rows>
constexpr std::array<FieldRow<R>, sizeof...(Rows)> RowsOf(const Rows&... rows) {
  return {{rows...}};
}

// ---- Organizations ----

template <typename R>
constexpr auto SettingsRows() {
  return RowsOf<R>(OrganizationRow<R>(), Row<R, &R::organization_name>("organization_name"),
                   Row<R, &R::organization_slug>("organization_slug"),
                   Row<R, &R::organization_external_id>("organization_external_id"),
                   Row<R, &R::mfa_policy>("mfa_policy"), Row<R, &R::mfa_methods>("mfa_methods"),
                   Row<R, &R::allowed_mfa_methods>("allowed_mfa_methods"),
                   Row<R, &R::auth_methods>("auth_methods"),
                   Row<R, &R::allowed_auth_methods>("allowed_auth_methods"));
}
template <>
struct FieldsOf<CreateOrganizationRequest> {
  static constexpr auto kRows = SettingsRows<CreateOrganizationRequest>();
};
template <>
struct FieldsOf<UpdateOrganizationRequest> {
  static constexpr auto kRows = SettingsRows<UpdateOrganizationRequest>();
};
template <typename R>
struct OrganizationAlone {
  static constexpr auto kRows = RowsOf<R>(OrganizationRow<R>());
};
template <>
struct FieldsOf<GetOrganizationRequest> : OrganizationAlone<GetOrganizationRequest> {};
template <>
struct FieldsOf<DeleteOrganizationRequest> : OrganizationAlone<DeleteOrganizationRequest> {};

// ---- Members ----

template <typename R>
struct MemberAlone {
  static constexpr auto kRows = RowsOf<R>(OrganizationRow<R>(), MemberRow<R>());
};
template <>
struct FieldsOf<MemberRequest> : MemberAlone<MemberRequest> {};
template <>
struct FieldsOf<DeleteMemberRequest> : MemberAlone<DeleteMemberRequest> {};
template <>
struct FieldsOf<ReactivateMemberRequest> : MemberAlone<ReactivateMemberRequest> {};
template <>
struct FieldsOf<PurgeMemberRequest> : MemberAlone<PurgeMemberRequest> {};
template <>
struct FieldsOf<UnlockMemberRequest> : MemberAlone<UnlockMemberRequest> {};
template <>
struct FieldsOf<ForgetDevicesRequest> : MemberAlone<ForgetDevicesRequest> {};
template <>
struct FieldsOf<DeleteMfaPhoneNumberRequest> : MemberAlone<DeleteMfaPhoneNumberRequest> {};
template <>
struct FieldsOf<CreateMemberRequest> {
  using R = CreateMemberRequest;
  static constexpr auto kRows = RowsOf<R>(
      OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::email_address>("email_address"),
      Row<R, &R::name>("name"), Row<R, &R::external_id>("external_id"),
      Row<R, &R::email_address_verified>("email_address_verified"),
      Row<R, &R::is_breakglass>("is_breakglass"), Row<R, &R::mfa_enrolled>("mfa_enrolled"),
      Row<R, &R::create_member_as_pending>("create_member_as_pending"),
      Row<R, &R::invited>("invited"), Row<R, &R::mfa_phone_number>("mfa_phone_number"),
      Row<R, &R::mfa_phone_number_verified>("mfa_phone_number_verified"),
      Row<R, &R::totp_registration_id>("totp_registration_id"),
      Row<R, &R::default_mfa_method>("default_mfa_method"));
};
template <>
struct FieldsOf<GetMemberRequest> {
  using R = GetMemberRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::email_address>("email_address"));
};
template <>
struct FieldsOf<UpdateMemberRequest> {
  using R = UpdateMemberRequest;
  static constexpr auto kRows = RowsOf<R>(
      OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::email_address>("email_address"),
      Row<R, &R::email_address_verified>("email_address_verified"), Row<R, &R::name>("name"),
      Row<R, &R::external_id>("external_id"), Row<R, &R::is_breakglass>("is_breakglass"),
      Row<R, &R::mfa_enrolled>("mfa_enrolled"), Row<R, &R::mfa_phone_number>("mfa_phone_number"),
      Row<R, &R::default_mfa_method>("default_mfa_method"));
};
template <>
struct FieldsOf<SetTotpRegistrationRequest> {
  using R = SetTotpRegistrationRequest;
  static constexpr auto kRows = RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(),
                                          Row<R, &R::totp_registration_id>("totp_registration_id"));
};

// ---- Factors ----

template <>
struct FieldsOf<SendSmsOtpRequest> {
  using R = SendSmsOtpRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(),
                Row<R, &R::mfa_phone_number>("mfa_phone_number"), Row<R, &R::locale>("locale"),
                Row<R, &R::device>("device"), Row<R, &R::channel>("channel")) +
      SessionRows<R>();
};
template <>
struct FieldsOf<MfaStepRequest> {
  using R = MfaStepRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::locale>("locale"),
                Row<R, &R::session_id>("session_id"), Row<R, &R::device>("device"),
                Row<R, &R::channel>("channel")) +
      SessionRows<R>();
};
template <typename R>
struct ProofRows {
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::code>("code"),
                Row<R, &R::session_duration_minutes>("session_duration_minutes"),
                Row<R, &R::set_mfa_enrollment>("set_mfa_enrollment"),
                Row<R, &R::set_default_mfa>("set_default_mfa"), Row<R, &R::device>("device"),
                Row<R, &R::remember_device>("remember_device")) +
      SessionRows<R>();
};
template <>
struct FieldsOf<AuthenticateSmsOtpRequest> : ProofRows<AuthenticateSmsOtpRequest> {};
template <>
struct FieldsOf<AuthenticateTotpRequest> : ProofRows<AuthenticateTotpRequest> {};
template <>
struct FieldsOf<ReportDeliveryRequest> {
  using R = ReportDeliveryRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::challenge_id>("challenge_id"),
                Row<R, &R::delivery>("outcome"));
};
template <>
struct FieldsOf<CreateTotpRequest> {
  using R = CreateTotpRequest;
  static constexpr auto kRows = RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(),
                                          Row<R, &R::expiration_minutes>("expiration_minutes"));
};
template <>
struct FieldsOf<DeleteTotpRequest> : MemberAlone<DeleteTotpRequest> {};
template <>
struct FieldsOf<MigrateTotpRequest> {
  using R = MigrateTotpRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::secret>("secret"),
                Row<R, &R::recovery_codes>("recovery_codes"),
                Row<R, &R::parameters, &TotpParameters::algorithm>("totp_algorithm"),
                Row<R, &R::parameters, &TotpParameters::digits>("totp_digits"));
};
template <>
struct FieldsOf<UseRecoveryCodeRequest> {
  using R = UseRecoveryCodeRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::recovery_code>("recovery_code"),
                Row<R, &R::session_duration_minutes>("session_duration_minutes"),
                Row<R, &R::device>("device"), Row<R, &R::remember_device>("remember_device")) +
      SessionRows<R>();
};
template <>
struct FieldsOf<StartPhoneChangeRequest> {
  using R = StartPhoneChangeRequest;
  static constexpr auto kRows = RowsOf<R>(
      OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::mfa_phone_number>("mfa_phone_number"),
      Row<R, &R::locale>("locale"), Row<R, &R::channel>("channel"));
};
template <>
struct FieldsOf<FinishPhoneChangeRequest> {
  using R = FinishPhoneChangeRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), MemberRow<R>(), Row<R, &R::code>("code"));
};
template <>
struct FieldsOf<SendEmailPasscodeRequest> {
  using R = SendEmailPasscodeRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), Row<R, &R::email_address>("email_address"),
                Row<R, &R::login_template_id>("login_template_id"),
                Row<R, &R::signup_template_id>("signup_template_id"), Row<R, &R::locale>("locale"),
                Row<R, &R::login_expiration_minutes>("login_expiration_minutes"),
                Row<R, &R::signup_expiration_minutes>("signup_expiration_minutes"),
                Row<R, &R::just_in_time>("just_in_time"));
};
template <>
struct FieldsOf<AuthenticateEmailPasscodeRequest> {
  using R = AuthenticateEmailPasscodeRequest;
  static constexpr auto kRows =
      RowsOf<R>(OrganizationRow<R>(), Row<R, &R::email_address>("email_address"),
                Row<R, &R::code>("code"),
                Row<R, &R::session_duration_minutes>("session_duration_minutes"),
                Row<R, &R::locale>("locale"), Row<R, &R::session_id>("session_id"),
                Row<R, &R::device>("device"), Row<R, &R::channel>("channel")) +
      SessionRows<R>();
};
template <>
struct FieldsOf<SendDiscoveryPasscodeRequest> {
  using R = SendDiscoveryPasscodeRequest;
  static constexpr auto kRows =
      RowsOf<R>(Row<R, &R::email_address>("email_address"),
                Row<R, &R::login_template_id>("login_template_id"), Row<R, &R::locale>("locale"),
                Row<R, &R::discovery_expiration_minutes>("discovery_expiration_minutes"));
};
template <>
struct FieldsOf<AuthenticateDiscoveryPasscodeRequest> {
  using R = AuthenticateDiscoveryPasscodeRequest;
  static constexpr auto kRows =
      RowsOf<R>(Row<R, &R::email_address>("email_address"), Row<R, &R::code>("code"));
};
template <>
struct FieldsOf<ReportDiscoveryDeliveryRequest> {
  using R = ReportDiscoveryDeliveryRequest;
  static constexpr auto kRows =
      RowsOf<R>(Row<R, &R::email_address>("email_address"),
                Row<R, &R::challenge_id>("challenge_id"), Row<R, &R::delivery>("outcome"));
};
template <typename R>
struct AddressAlone {
  static constexpr auto kRows = RowsOf<R>(Row<R, &R::email_address>("email_address"));
};
template <>
struct FieldsOf<UnlockDiscoveryAddressRequest> : AddressAlone<UnlockDiscoveryAddressRequest> {};
template <>
struct FieldsOf<PurgeDiscoveryAddressRequest> : AddressAlone<PurgeDiscoveryAddressRequest> {};
template <>
struct FieldsOf<ExchangeIntermediateSessionRequest> {
  using R = ExchangeIntermediateSessionRequest;
  static constexpr auto kRows = RowsOf<R>(
      OrganizationRow<R>(), Row<R, &R::intermediate_session_token>("intermediate_session_token"),
      Row<R, &R::session_duration_minutes>("session_duration_minutes"),
      Row<R, &R::locale>("locale"), Row<R, &R::session_id>("session_id"),
      Row<R, &R::device>("device"), Row<R, &R::channel>("channel"),
      Row<R, &R::just_in_time>("just_in_time"));
};
template <>
struct FieldsOf<GetRecoveryCodesRequest> : MemberAlone<GetRecoveryCodesRequest> {};
template <>
struct FieldsOf<RotateRecoveryCodesRequest> : MemberAlone<RotateRecoveryCodesRequest> {};
template <>
struct FieldsOf<ResealRequest> : MemberAlone<ResealRequest> {};

}  // namespace otpcore

#endif  // OTPCORE_SRC_C_REQUESTS_H_
