// SPDX-License-Identifier: Apache-2.0
#include "wire.h"

#include <algorithm>
#include <limits>
#include <set>

namespace mfa_server {
namespace {

// Deeper than any request; copying and printing a value goes down as deep as it is.
constexpr int kDepthMax = 32;

// Discarded when `body` is not JSON, is nested too deeply, or gives a key twice in one object: who
// looked at the request before might have taken the other value.
Json ParseStrictly(const std::string& body) {
  bool good = true;
  std::vector<std::set<std::string>> keys(kDepthMax + 2);  // seen in the open object of each depth
  const auto look = [&](int depth, Json::parse_event_t event, Json& parsed) {
    const bool opens =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    if (opens && depth >= kDepthMax) good = false;
    if (!good) return false;  // what is left is not kept
    if (event == Json::parse_event_t::object_start) keys[static_cast<size_t>(depth) + 1].clear();
    if (event == Json::parse_event_t::key &&
        !keys[static_cast<size_t>(depth)].insert(parsed.get<std::string>()).second)
      good = false;
    return true;
  };
  Json json = Json::parse(body, look, /*allow_exceptions=*/false);
  return good ? json : Json(Json::value_t::discarded);
}

}  // namespace

Fields::Fields(const std::string& body) : json_(Json::object()) {
  if (body.empty()) return;
  json_ = ParseStrictly(body);
  ok_ = json_.is_object();
}

std::optional<std::string> Fields::Unexpected() const {
  for (const auto& [name, value] : json_.items()) {
    const auto is_name = [&field = name](const char* asked) { return field == asked; };
    if (!value.is_null() && std::none_of(asked_.begin(), asked_.end(), is_name)) return name;
  }
  return std::nullopt;
}

const Json* Fields::Find(const char* name) {
  asked_.push_back(name);
  if (!json_.is_object()) return nullptr;
  const auto found = json_.find(name);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

std::string Fields::Text(const char* name) { return OptionalText(name).value_or(""); }

std::optional<std::string> Fields::OptionalText(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  ok_ = false;
  return std::nullopt;
}

std::optional<bool> Fields::Bool(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  ok_ = false;
  return std::nullopt;
}

std::optional<int> Fields::Int(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_integer()) {
    // Kept in range, so that an absurd number is judged as one and not cut to a good one.
    const auto number = value->is_number_unsigned()
                            ? static_cast<int64_t>(std::min<uint64_t>(
                                  value->get<uint64_t>(), std::numeric_limits<int>::max()))
                            : value->get<int64_t>();
    return static_cast<int>(std::max<int64_t>(number, std::numeric_limits<int>::min()));
  }
  ok_ = false;
  return std::nullopt;
}

std::optional<std::vector<std::string>> Fields::Texts(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  ok_ = ok_ && value->is_array();
  if (!value->is_array()) return std::nullopt;
  for (const Json& element : *value) {
    if (element.is_string()) {
      texts.push_back(element.get<std::string>());
    } else {
      ok_ = false;
    }
  }
  return texts;
}

Json Fields::Object(const char* name) {
  const Json* const value = Find(name);
  if (value == nullptr) return Json::object();
  ok_ = ok_ && value->is_object();
  return *value;
}

otpcore::SessionArguments Fields::Session() {
  return {Text("intermediate_session_token"), Text("session_token"), Text("session_jwt")};
}

// ---- Responses. Required strings are there even when empty; absent timestamps are left out. ----

Json Render(const otpcore::Member& member) {
  const Json none = Json::array();
  Json json = {
      {"organization_id", member.organization_id.str()},
      {"member_id", member.member_id.str()},
      {"external_id", std::string(member.external_id)},
      {"email_address", std::string(member.email_address)},
      {"email_address_verified", member.email_address_verified},
      {"name", std::string(member.name)},
      {"status", std::string(WireName(member.status))},
      {"is_breakglass", member.is_breakglass},
      {"mfa_enrolled", member.mfa_enrolled},
      {"mfa_phone_number", member.mfa_phone_number.str()},
      {"mfa_phone_number_verified", member.mfa_phone_number_verified},
      {"default_mfa_method", std::string(WireName(member.default_mfa_method))},
      {"totp_registration_id", std::string(member.totp_registration_id)},
      {"is_locked", member.is_locked},
      {"created_at", FormatRfc3339(member.created_at)},
      {"updated_at", FormatRfc3339(member.updated_at)},
      // What belongs to other parts of a host.
      {"member_password_id", ""},
      {"is_admin", false},
      {"sso_registrations", none},
      {"oauth_registrations", none},
      {"retired_email_addresses", none},
      {"roles", none},
      {"trusted_metadata", Json::object()},
      {"untrusted_metadata", Json::object()},
  };
  if (member.lock_created_at) json["lock_created_at"] = FormatRfc3339(*member.lock_created_at);
  if (member.lock_expires_at) json["lock_expires_at"] = FormatRfc3339(*member.lock_expires_at);
  return json;
}

Json Render(const otpcore::Organization& organization) {
  const Json none = Json::array();
  Json methods = none;
  if (organization.sms_otp_allowed) methods.push_back("sms_otp");
  if (organization.totp_allowed) methods.push_back("totp");
  Json allowed = none;
  for (size_t i = 0; i < otpcore::kAuthMethodCount; ++i) {
    const auto method = static_cast<otpcore::AuthMethod>(i);
    if ((organization.allowed_auth_methods & otpcore::BitOf(method)) != 0)
      allowed.push_back(std::string(WireName(method)));
  }
  return {
      {"organization_id", organization.organization_id.str()},
      {"organization_name", std::string(organization.organization_name)},
      {"organization_slug", std::string(organization.organization_slug)},
      {"organization_external_id", std::string(organization.organization_external_id)},
      {"mfa_policy", std::string(WireName(organization.mfa_policy))},
      {"mfa_methods", std::string(WireName(organization.mfa_methods))},
      {"allowed_mfa_methods", methods},
      {"auth_methods", std::string(WireName(organization.auth_methods))},
      {"allowed_auth_methods", allowed},
      {"created_at", FormatRfc3339(organization.created_at)},
      {"updated_at", FormatRfc3339(organization.updated_at)},
      // What belongs to other parts of a host.
      {"organization_logo_url", ""},
      {"sso_jit_provisioning", "ALL_ALLOWED"},
      {"sso_jit_provisioning_allowed_connections", none},
      {"sso_active_connections", none},
      {"email_allowed_domains", none},
      {"email_jit_provisioning", "NOT_ALLOWED"},
      {"email_invites", "ALL_ALLOWED"},
      {"rbac_email_implicit_role_assignments", none},
      {"oauth_tenant_jit_provisioning", "NOT_ALLOWED"},
      {"claimed_email_domains", none},
      {"first_party_connected_apps_allowed_type", "ALL_ALLOWED"},
      {"allowed_first_party_connected_apps", none},
      {"third_party_connected_apps_allowed_type", "ALL_ALLOWED"},
      {"allowed_third_party_connected_apps", none},
      {"custom_roles", none},
      {"trusted_metadata", Json::object()},
  };
}

Answer RenderError(const otpcore::Error& error, const std::string& request_id,
                   const std::string& error_url_base) {
  std::string message(error.message());
  if (!error.detail().empty()) message += " (" + std::string(error.detail()) + ")";
  Answer answer;
  answer.status = error.http_status();
  answer.error = error.code();
  answer.body = {{"status_code", answer.status},
                 {"request_id", request_id},
                 {"error_type", std::string(error.error_type())},
                 {"error_message", message},
                 {"error_url", ErrorUrl(error.code(), error_url_base)}};
  if (error.retry_after() > otpcore::Duration(0)) {
    answer.retry_after = error.retry_after();
    answer.body["retry_after"] = otpcore::RetryAfterSeconds(error.retry_after());
  }
  return answer;
}

Answer RenderUnexpectedField(std::string_view field, const std::string& request_id,
                             const std::string& error_url_base) {
  constexpr size_t kShownMax = 64;
  Answer answer = RenderError(otpcore::ErrorCode::kBadRequest, request_id, error_url_base);
  answer.body["error_message"] = answer.body["error_message"].get<std::string>() +
                                 " (this server does not take the field \"" +
                                 std::string(field.substr(0, kShownMax)) + "\")";
  return answer;
}

Answer RenderSuccess(Json body, const std::string& request_id) {
  body["request_id"] = request_id;
  body["status_code"] = 200;
  return {200, std::move(body), std::nullopt, std::nullopt};
}

Json RenderMfaRequired(const std::optional<otpcore::MfaRequired>& required) {
  if (!required) return nullptr;
  Json options = nullptr;
  if (required->member_options) {
    options = {{"mfa_phone_number", required->member_options->mfa_phone_number.str()},
               {"totp_registration_id", required->member_options->totp_registration_id.str()}};
  }
  Json initiated = nullptr;
  if (required->secondary_auth_initiated) initiated = "sms_otp";
  return {{"member_options", options}, {"secondary_auth_initiated", initiated}};
}

Json RenderMemberBody(const otpcore::Member& member, const otpcore::Organization& organization) {
  return {{"member_id", member.member_id.str()},
          {"member", Render(member)},
          {"organization", Render(organization)}};
}

}  // namespace mfa_server
