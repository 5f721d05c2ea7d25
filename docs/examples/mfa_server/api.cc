// SPDX-License-Identifier: Apache-2.0
#include "api.h"

#include <utility>

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

Answer Refuse(const Backend& backend, const Call& call, const char* detail) {
  return RenderError(Error(ErrorCode::kBadRequest, detail), call.request_id,
                     backend.error_url_base);
}

// Runs `request` and renders its success with `body_of(reply)`, which may be null when the host
// could not do its part.
template <typename Request, typename BodyOf>
Answer Run(const Backend& backend, const Call& call, const Fields& fields, Request request,
           const BodyOf& body_of) {
  if (!fields.ok())
    return Refuse(backend, call, "the body must be a JSON object of the documented types");
  if (const auto field = fields.Unexpected())
    return RenderUnexpectedField(*field, call.request_id, backend.error_url_base);
  CallOptions options;
  options.request_id = call.request_id;
  const auto reply = backend.engine.Run(std::move(request), std::move(options));
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json body = body_of(reply);
  if (body.is_null())
    return RenderError(ErrorCode::kServerUnavailable, reply.request_id(), backend.error_url_base);
  return RenderSuccess(std::move(body), reply.request_id());
}

Json MemberBody(const ReplyBase& reply) {
  return RenderMemberBody(reply.member(), reply.organization());
}
Json OrganizationBody(const ReplyBase& reply) {
  return {{"organization", Render(reply.organization())}};
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
  request.device = call.device;
  return Run(backend, call, fields, std::move(request), MemberBody);
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
  request.device = call.device;
  request.remember_device = fields.Bool("remember_device").value_or(false);
  const Json claims = fields.Object("session_custom_claims");
  // Before the passcode is judged: success consumes an intermediate token, its id and its metadata,
  // and claims that are refused afterwards would have cost the passcode.
  SessionInfo before;
  const std::string& intermediate = request.session.intermediate_session_token;
  const std::string session_token = request.session.session_token;
  if (fields.ok() && (!intermediate.empty() || !claims.empty())) {
    using Kind = SessionCredential::Kind;
    const auto known = backend.sessions.get(
        intermediate.empty() ? SessionCredential{Kind::kSessionToken, request.session.session_token}
                             : SessionCredential{Kind::kIntermediateToken, intermediate});
    if (known) before = *known;
    if (!MergeClaims(before.metadata, claims))
      return Refuse(backend, call, "session_custom_claims have more than 4 KB");
  }
  return Run(backend, call, fields, std::move(request),
             [&](const Reply<AuthenticateSmsOtp>& reply) -> Json {
               auto session = IssueSession(backend.sessions, backend.random, backend.clock.Now(),
                                           reply, session_token, before, claims);
               if (!session) return nullptr;
               Json body = MemberBody(reply);
               body["session_token"] = session->token;
               body["session_jwt"] = "";
               body["member_session"] = std::move(session->member_session);
               return body;
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
             [](const ReplyBase& reply) {
               return Json{{"organization_id", reply.organization().organization_id.str()}};
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
  return Run(backend, call, Fields(""),
             GetMemberRequest{call.path[0], call.member_id_parameter, call.email_address_parameter},
             MemberBody);
}

// Whose act a call is: the person's whose session a header names; else the host's own, which has
// shown the project's credentials.
Actor ActorOf(const Call& call) {
  const SessionArguments& session = call.session_headers;
  const bool names_one = !session.session_token.empty() || !session.session_jwt.empty();
  return names_one ? Actor::Person(session) : Actor::Host();
}

Answer UpdateMemberCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  UpdateMemberRequest request{call.path[0], call.path[1], ActorOf(call)};
  request.email_address = fields.Text("email_address");
  request.name = fields.Text("name");
  request.external_id = fields.Text("external_id");
  request.is_breakglass = fields.Bool("is_breakglass");
  request.mfa_enrolled = fields.Bool("mfa_enrolled");
  request.mfa_phone_number = fields.Text("mfa_phone_number");
  request.default_mfa_method = fields.Text("default_mfa_method");
  return Run(backend, call, fields, std::move(request), MemberBody);
}

Answer DeleteMfaPhoneNumberCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(call.body),
             DeleteMfaPhoneNumberRequest{call.path[0], call.path[1], ActorOf(call)}, MemberBody);
}

// ---- Change of phone: not the vendor's ----

Answer StartPhoneChangeCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  StartPhoneChangeRequest request{call.path[0], call.path[1], ActorOf(call)};
  request.mfa_phone_number = fields.Text("mfa_phone_number");
  request.locale = fields.Text("locale");
  return Run(backend, call, fields, std::move(request), [](const ReplyBase& reply) {
    Json body = MemberBody(reply);
    body["expires_at"] = FormatRfc3339(reply.hints().expires_at);
    return body;
  });
}

Answer FinishPhoneChangeCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  FinishPhoneChangeRequest request{call.path[0], call.path[1], ActorOf(call)};
  if (const auto code = fields.OptionalText("code")) request.code.emplace(*code);
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

std::vector<Route> ApiRoutes(const Backend& backend) {
  using Handler = Answer (*)(const Backend&, const Call&);
  // Whether a session that comes in the header may do what it asks for: a command judges it, or
  // nobody can, for that takes roles, and the route refuses it. None is ignored.
  constexpr bool kJudged = true;
  constexpr bool kRefused = false;
  const std::string organizations = "/v1/b2b/organizations";
  const std::string members = organizations + "/*/members";
  const std::string phone_change = "/otpcore/organizations/*/members/*/phone_change";
  const std::vector<std::tuple<const char*, std::string, bool, Handler>> table = {
      {"POST", "/v1/b2b/otps/sms/send", kRefused, Send},
      {"POST", "/v1/b2b/otps/sms/authenticate", kRefused, Authenticate},
      {"POST", organizations, kRefused, CreateOrganizationCall},
      {"", organizations + "/search", kRefused, nullptr},  // no id of an Organization
      {"GET", organizations + "/*", kRefused, GetOrganizationCall},
      {"PUT", organizations + "/*", kRefused, UpdateOrganizationCall},
      {"DELETE", organizations + "/*", kRefused, DeleteOrganizationCall},
      {"GET", organizations + "/*/member", kRefused, GetMemberCall},
      {"POST", members, kRefused, CreateMemberCall},
      {"DELETE", members + "/mfa_phone_numbers/*", kJudged, DeleteMfaPhoneNumberCall},
      {"PUT", members + "/*", kJudged, UpdateMemberCall},
      {"DELETE", members + "/*", kRefused, OnMember<DeleteMemberRequest>},
      {"PUT", members + "/*/reactivate", kRefused, OnMember<ReactivateMemberRequest>},
      {"POST", phone_change + "/start", kJudged, StartPhoneChangeCall},
      {"POST", phone_change + "/finish", kJudged, FinishPhoneChangeCall},
  };
  std::vector<Route> routes;
  for (const auto& [method, pattern, judged, handler] : table) {
    routes.push_back(
        {method, pattern, [backend, takes_session = judged, handle = handler](const Call& call) {
           const SessionArguments& session = call.session_headers;
           if (!takes_session && !(session.session_token.empty() && session.session_jwt.empty()))
             return Refuse(backend, call,
                           "this server knows no roles, so it takes no member session here");
           return handle(backend, call);
         }});
  }
  return routes;
}

}  // namespace mfa_server
