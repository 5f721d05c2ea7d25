#include "api.h"

#include <array>
#include <chrono>
#include <utility>

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

Answer BadBody(const Backend& backend, const Call& call) {
  return RenderError(Error(ErrorCode::kBadRequest,
                           "the body must be a JSON object of the "
                           "documented types"),
                     call.request_id, backend.error_url_base);
}

// Runs `request` and renders its success with `body_of(response)`, which may be null when the host
// could not do its part.
template <typename Request, typename BodyOf>
Answer Run(const Backend& backend, const Call& call, const Fields& fields, Request request,
           const BodyOf& body_of) {
  if (!fields.ok()) return BadBody(backend, call);
  CallOptions options;
  options.request_id = call.request_id;
  const auto reply = backend.engine.Run(std::move(request), std::move(options));
  if (!reply.result)
    return RenderError(reply.result.error(), reply.request_id, backend.error_url_base);
  Json body = body_of(*reply.result);
  if (body.is_null())
    return RenderError(ErrorCode::kServerUnavailable, reply.request_id, backend.error_url_base);
  return RenderSuccess(std::move(body), reply.request_id);
}

Json MemberBody(const MemberResponse& response) {
  return RenderMemberBody(response.member, response.organization);
}
Json OrganizationBody(const OrganizationResponse& response) {
  return {{"organization", Render(response.organization)}};
}

// ---- Passcodes ----

Answer Send(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  SendSmsOtpRequest request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  request.mfa_phone_number = fields.Text("mfa_phone_number");
  request.locale = fields.Text("locale");
  request.session = fields.Session();
  return Run(backend, call, fields, std::move(request), [](const SendSmsOtpResponse& response) {
    return RenderMemberBody(response.member, response.organization);
  });
}

Json RenderSession(const Backend& backend, const AuthenticateSmsOtpResponse& response,
                   const std::string& id, const Json& custom_claims) {
  const Instant now = backend.clock.Now();
  const std::string at = FormatRfc3339(now);
  const SessionEffect& effect = response.session_effect;
  const Json factor = {{"type", "otp"},
                       {"delivery_method", "sms"},
                       {"last_authenticated_at", at},
                       {"created_at", at},
                       {"updated_at", at},
                       {"phone_number_factor",
                        {{"phone_id", effect.phone_id}, {"phone_number", effect.phone_number}}}};
  return {{"member_session_id", id},
          {"member_id", effect.member_id.str()},
          {"organization_id", effect.organization_id.str()},
          {"organization_slug", response.organization.organization_slug.str()},
          {"started_at", at},
          {"last_accessed_at", at},
          {"expires_at", FormatRfc3339(now + effect.session_duration)},
          {"authentication_factors", Json::array({factor})},
          {"roles", Json::array()},
          {"custom_claims", custom_claims}};
}

// The core has said what becomes of the session, and the directory has done it; what is left is to
// show the person a name for the full session. Null when it could not be made: the passcode and the
// intermediate token are used then, and the person signs in again.
Json AuthenticateBody(const Backend& backend, const AuthenticateSmsOtpResponse& response,
                      const Json& custom_claims) {
  const SessionEffect& effect = response.session_effect;
  std::string token;
  if (effect.credential.kind == SessionCredential::Kind::kSessionToken) {
    token = effect.credential.value;
  } else {
    token = NewToken(backend.random);
    Session session;
    session.organization_id = effect.organization_id;
    session.member_id = effect.member_id;
    session.has_primary_factor = session.has_sms_otp_factor = true;
    if (!backend.add_session({SessionCredential::Kind::kSessionToken, token}, session,
                             backend.clock.Now() + effect.session_duration))
      return nullptr;
  }
  Json body = RenderMemberBody(response.member, response.organization);
  body["session_token"] = token;
  body["session_jwt"] = "";
  body["member_session"] =
      RenderSession(backend, response, "member-session-" + token.substr(0, 16), custom_claims);
  return body;
}

Answer Authenticate(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  AuthenticateSmsOtpRequest request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  if (const auto code = fields.OptionalText("code")) request.code.emplace(*code);
  request.session = fields.Session();
  request.session_duration_minutes = fields.Int("session_duration_minutes");
  request.set_mfa_enrollment = fields.Text("set_mfa_enrollment");
  request.set_default_mfa = fields.Bool("set_default_mfa").value_or(false);
  const Json custom_claims = fields.Object("session_custom_claims");
  return Run(backend, call, fields, std::move(request),
             [&](const AuthenticateSmsOtpResponse& response) {
               return AuthenticateBody(backend, response, custom_claims);
             });
}

// ---- Organizations ----

Answer CreateOrganizationCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  CreateOrganizationRequest request;
  request.organization_name = fields.Text("organization_name");
  request.organization_slug = fields.Text("organization_slug");
  request.organization_external_id = fields.Text("organization_external_id");
  request.mfa_policy = fields.Text("mfa_policy");
  request.mfa_methods = fields.Text("mfa_methods");
  request.allowed_mfa_methods =
      fields.Texts("allowed_mfa_methods").value_or(std::vector<std::string>());
  return Run(backend, call, fields, std::move(request), OrganizationBody);
}

Answer GetOrganizationCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(""), GetOrganizationRequest{call.path[0]}, OrganizationBody);
}

Answer UpdateOrganizationCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  UpdateOrganizationRequest request;
  request.organization_id = call.path[0];
  request.organization_name = fields.Text("organization_name");
  request.organization_slug = fields.Text("organization_slug");
  request.organization_external_id = fields.Text("organization_external_id");
  request.mfa_policy = fields.Text("mfa_policy");
  request.mfa_methods = fields.Text("mfa_methods");
  request.allowed_mfa_methods = fields.Texts("allowed_mfa_methods");
  return Run(backend, call, fields, std::move(request), OrganizationBody);
}

Answer DeleteOrganizationCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(call.body), DeleteOrganizationRequest{call.path[0]},
             [](const OrganizationResponse& response) {
               return Json{{"organization_id", response.organization.organization_id.str()}};
             });
}

// ---- Members ----

Answer CreateMemberCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  CreateMemberRequest request;
  request.organization_id = call.path[0];
  request.email_address = fields.Text("email_address");
  request.name = fields.Text("name");
  request.external_id = fields.Text("external_id");
  request.is_breakglass = fields.Bool("is_breakglass").value_or(false);
  request.mfa_enrolled = fields.Bool("mfa_enrolled").value_or(false);
  request.create_member_as_pending = fields.Bool("create_member_as_pending").value_or(false);
  request.mfa_phone_number = fields.Text("mfa_phone_number");
  return Run(backend, call, fields, std::move(request), MemberBody);
}

Answer GetMemberCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(""), GetMemberRequest{call.path[0], call.member_id_parameter},
             MemberBody);
}

Answer UpdateMemberCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  UpdateMemberRequest request;
  request.organization_id = call.path[0];
  request.member_id = call.path[1];
  request.email_address = fields.Text("email_address");
  request.name = fields.Text("name");
  request.external_id = fields.Text("external_id");
  request.is_breakglass = fields.Bool("is_breakglass");
  request.mfa_enrolled = fields.Bool("mfa_enrolled");
  request.mfa_phone_number = fields.Text("mfa_phone_number");
  request.default_mfa_method = fields.Text("default_mfa_method");
  request.session = call.session_headers;
  return Run(backend, call, fields, std::move(request), MemberBody);
}

// Commands that name a Member and nothing else.
template <typename Request>
Answer OnMember(const Backend& backend, const Call& call) {
  Request request;
  request.organization_id = call.path[0];
  request.member_id = call.path[1];
  return Run(backend, call, Fields(call.body), std::move(request), MemberBody);
}

}  // namespace

std::string NewToken(SecureRandom& random) {
  std::array<uint8_t, 32> bytes{};
  // Nobody may be let in with a token that others could guess: no entropy is the end.
  if (!random.Fill(bytes.data(), bytes.size())) std::abort();
  std::string token;
  for (const uint8_t byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

std::vector<Route> ApiRoutes(const Backend& backend) {
  using Handler = Answer (*)(const Backend&, const Call&);
  const std::string organizations = "/v1/b2b/organizations";
  const std::string members = organizations + "/*/members";
  const std::vector<std::tuple<const char*, std::string, Handler>> table = {
      {"POST", "/v1/b2b/otps/sms/send", Send},
      {"POST", "/v1/b2b/otps/sms/authenticate", Authenticate},
      {"POST", organizations, CreateOrganizationCall},
      {"GET", organizations + "/*", GetOrganizationCall},
      {"PUT", organizations + "/*", UpdateOrganizationCall},
      {"DELETE", organizations + "/*", DeleteOrganizationCall},
      {"GET", organizations + "/*/member", GetMemberCall},
      {"POST", members, CreateMemberCall},
      {"DELETE", members + "/mfa_phone_numbers/*", OnMember<DeleteMfaPhoneNumberRequest>},
      {"PUT", members + "/*", UpdateMemberCall},
      {"DELETE", members + "/*", OnMember<DeleteMemberRequest>},
      {"PUT", members + "/*/reactivate", OnMember<ReactivateMemberRequest>},
  };
  std::vector<Route> routes;
  for (const auto& [method, pattern, handler] : table) {
    routes.push_back({method, pattern, [backend, handle = handler](const Call& call) {
                        return handle(backend, call);
                      }});
  }
  return routes;
}

}  // namespace mfa_server
