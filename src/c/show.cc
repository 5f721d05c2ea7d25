// SPDX-License-Identifier: Apache-2.0
#include "c/show.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAnswer("the answer shows it to the person, and is wiped");

std::string_view NameOf(SessionEffect::Kind kind) {
  switch (kind) {
    case SessionEffect::Kind::kCreate: return "create";
    case SessionEffect::Kind::kCreateIntermediate: return "create_intermediate";
    case SessionEffect::Kind::kUpgrade: return "upgrade";
    case SessionEffect::Kind::kExtend: return "extend";
  }
  return "unknown";
}

void ShowOptional(std::string_view name, const std::optional<Instant>& at, JsonWriter* json) {
  json->Name(name);
  at ? json->Text(FormatRfc3339(*at)) : json->Null();
}

void Show(const Member& member, JsonWriter* json) {
  json->Begin('{');
  json->Field("organization_id", member.organization_id.text().view());
  json->Field("member_id", member.member_id.text().view());
  json->Field("external_id", member.external_id);
  json->Field("email_address", member.email_address);
  json->Field("email_address_verified", member.email_address_verified);
  json->Field("name", member.name);
  json->Field("status", WireName(member.status));
  json->Field("is_breakglass", member.is_breakglass);
  json->Field("mfa_enrolled", member.mfa_enrolled);
  json->Field("mfa_phone_number", member.mfa_phone_number.view());
  json->Field("mfa_phone_number_verified", member.mfa_phone_number_verified);
  json->Field("default_mfa_method", WireName(member.default_mfa_method));
  json->Field("totp_registration_id", member.totp_registration_id.view());
  json->Field("is_locked", member.is_locked);
  ShowOptional("lock_created_at", member.lock_created_at, json);
  ShowOptional("lock_expires_at", member.lock_expires_at, json);
  json->Field("created_at", member.created_at);
  json->Field("updated_at", member.updated_at);
  json->End('}');
}

void Show(const Organization& organization, JsonWriter* json) {
  json->Begin('{');
  json->Field("organization_id", organization.organization_id.text().view());
  json->Field("organization_name", organization.organization_name);
  json->Field("organization_slug", organization.organization_slug);
  json->Field("organization_external_id", organization.organization_external_id);
  json->Field("mfa_policy", WireName(organization.mfa_policy));
  json->Field("mfa_methods", WireName(organization.mfa_methods));
  json->Name("allowed_mfa_methods");
  json->Begin('[');
  if (organization.sms_otp_allowed) json->Text(WireName(MfaMethod::kSmsOtp));
  if (organization.totp_allowed) json->Text(WireName(MfaMethod::kTotp));
  json->End(']');
  json->Field("auth_methods", WireName(organization.auth_methods));
  json->Name("allowed_auth_methods");
  json->Begin('[');
  for (size_t i = 0; i < kAuthMethodCount; ++i) {
    const auto method = static_cast<AuthMethod>(i);
    if ((organization.allowed_auth_methods & BitOf(method)) != 0) json->Text(WireName(method));
  }
  json->End(']');
  json->Field("created_at", organization.created_at);
  json->Field("updated_at", organization.updated_at);
  json->End('}');
}

// A member of an object.
void Show(const RecoveryCodes& codes, JsonWriter* json) {
  json->Name("recovery_codes");
  json->Begin('[');
  for (size_t i = 0; i < codes.size(); ++i) json->Text(codes[i].Reveal(kAnswer));
  json->End(']');
}

void Show(const Event& event, JsonWriter* json) {
  json->Begin('{');
  json->Field("kind", NameOf(event.kind));
  json->Field("at", event.at);
  json->Field("reason", event.reason == ErrorCode::kOk ? "" : Describe(event.reason).error_type);
  json->Field("region", event.region.view());
  json->Field("last_digits", event.last_digits.view());
  json->Field("lock_rule", NameOf(event.lock_rule));
  json->Field("challenge_id",
              event.challenge_id.empty() ? std::string() : FormatUuid(event.challenge_id));
  json->End('}');
}

}  // namespace

void ShowResponse(const ReplyBase& reply, const ProofResponse& response, JsonWriter* json) {
  const SessionEffect& effect = response.session_effect;
  const FactorTraits& traits = TraitsOf(effect.proof.kind);
  json->Name("session_effect");
  json->Begin('{');
  json->Field("kind", NameOf(effect.kind));
  json->Field("duration_ms", int64_t{effect.duration.count()});
  json->Field("factor_type", traits.type);
  json->Field("delivery_method", traits.delivery_method);
  json->Field("factor_id", FormatId(traits.id_prefix, reply.environment(), effect.proof.id));
  json->Field("address", effect.proof.address.view());
  json->Field("last_authenticated_at", effect.proof.at);
  json->End('}');
}

void ShowResponse(const ReplyBase&, const MfaStepResponse& response, JsonWriter* json) {
  json->Field("member_authenticated", response.member_authenticated);
  json->Name("mfa_required");
  if (!response.mfa_required) return json->Null();
  json->Begin('{');
  json->Name("member_options");
  if (const auto& options = response.mfa_required->member_options) {
    json->Begin('{');
    json->Field("mfa_phone_number", options->mfa_phone_number.view());
    json->Field("totp_registration_id", options->totp_registration_id.view());
    json->End('}');
  } else {
    json->Null();
  }
  json->Name("secondary_auth_initiated");
  response.mfa_required->secondary_auth_initiated ? json->Text("sms_otp") : json->Null();
  json->Field("recovery_codes_left", int64_t{response.mfa_required->recovery_codes_left});
  json->End('}');
}

void ShowResponse(const ReplyBase&, const SendEmailPasscodeResponse& response, JsonWriter* json) {
  json->Field("member_created", response.member_created);
}

void ShowResponse(const ReplyBase& reply, const AuthenticateEmailPasscodeResponse& response,
                  JsonWriter* json) {
  json->Field("method_id", response.method_id.view());
  ShowResponse(reply, static_cast<const MfaStepResponse&>(response), json);
  ShowResponse(reply, static_cast<const ProofResponse&>(response), json);
}

void ShowResponse(const ReplyBase& reply, const AuthenticateDiscoveryPasscodeResponse& response,
                  JsonWriter* json) {
  json->Field("email_address", response.email_address.view());
  ShowResponse(reply, static_cast<const ProofResponse&>(response), json);
}

void ShowResponse(const ReplyBase& reply, const ExchangeIntermediateSessionResponse& response,
                  JsonWriter* json) {
  json->Field("method_id", response.method_id.view());
  json->Field("member_created", response.member_created);
  ShowResponse(reply, static_cast<const MfaStepResponse&>(response), json);
  ShowResponse(reply, static_cast<const ProofResponse&>(response), json);
}

void ShowResponse(const ReplyBase&, const ReportDeliveryResponse& response, JsonWriter* json) {
  json->Field("applied", response.applied);
}

void ShowResponse(const ReplyBase&, const ReportDiscoveryDeliveryResponse& response,
                  JsonWriter* json) {
  json->Field("applied", response.applied);
}

void ShowResponse(const ReplyBase&, const DiscoveryAddressResponse& response, JsonWriter* json) {
  json->Field("applied", response.applied);
}

void ShowResponse(const ReplyBase&, const CreateTotpResponse& response, JsonWriter* json) {
  json->Field("totp_registration_id", response.totp_registration_id.view());
  json->Field("secret", response.secret.Reveal(kAnswer));
  json->Field("uri", response.uri.Reveal(kAnswer));
  json->Field("expires_at", response.expires_at);
  Show(response.recovery_codes, json);
}

void ShowResponse(const ReplyBase&, const MigrateTotpResponse& response, JsonWriter* json) {
  json->Field("totp_registration_id", response.totp_registration_id.view());
  Show(response.recovery_codes, json);
}

void ShowResponse(const ReplyBase& reply, const UseRecoveryCodeResponse& response,
                  JsonWriter* json) {
  ShowResponse(reply, static_cast<const ProofResponse&>(response), json);
  json->Field("recovery_codes_remaining", int64_t{response.recovery_codes_remaining});
}

void ShowResponse(const ReplyBase&, const RecoveryCodesResponse& response, JsonWriter* json) {
  Show(response.recovery_codes, json);
}

void ShowResponse(const ReplyBase&, const ResealResponse& response, JsonWriter* json) {
  json->Name("old_digest_key");
  response.old_digest_key ? json->Number(int64_t{*response.old_digest_key}) : json->Null();
}

void ShowReply(const ReplyBase& reply, JsonWriter* json) {
  json->Field("request_id", reply.request_id());
  if (const Member member = reply.member(); !member.member_id.empty()) {
    json->Field("member_id", member.member_id.text().view());
    json->Name("member");
    Show(member, json);
  }
  if (const Organization organization = reply.organization();
      !organization.organization_id.empty()) {
    json->Name("organization");
    Show(organization, json);
  }
}

void ShowEvents(const EventList& events, JsonWriter* json) {
  json->Begin('[');
  for (const Event& event : events) Show(event, json);
  json->End(']');
}

}  // namespace otpcore
