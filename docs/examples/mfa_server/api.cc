// SPDX-License-Identifier: Apache-2.0
#include "api.h"

#include <chrono>
#include <utility>

#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

Json OrganizationBody(const ReplyBase& reply) {
  return {{"organization", Render(reply.organization())}};
}

// The same once the settings beside it are changed; null: they may not be.
Json ChangedBody(const Backend& backend, const ReplyBase& reply, const Json& settings) {
  if (!backend.settings.Change(reply.organization().organization_id, settings)) return nullptr;
  return OrganizationBody(reply);
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
  request.set_mfa_enrollment = fields.Text("set_mfa_enrollment");
  request.set_default_mfa = fields.Bool("set_default_mfa").value_or(false);
  return RunProof(backend, call, std::move(fields), std::move(request), [](const auto&, Json*) {});
}

// ---- Organizations ----

// "Acme & Sons" is "acme-sons".
std::string SlugOf(const std::string& name) {
  constexpr size_t kCharactersMax = 100;  // room for an ending
  std::string slug;
  for (const char c : name) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    const bool capital = c >= 'A' && c <= 'Z';
    if (kept || capital) {
      slug += static_cast<char>(capital ? c - 'A' + 'a' : c);
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() == kCharactersMax) break;
  }
  if (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.size() < 2 ? "organization" : slug;
}

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
  request.auth_methods = fields.Text("auth_methods");
  request.allowed_auth_methods =
      fields.Texts("allowed_auth_methods").value_or(std::vector<std::string>());
  const char* problem = nullptr;
  const auto settings = ReadSettings(fields, &problem);
  if (!settings) return Refuse(backend, call, problem);
  const auto body_of = [&](const ReplyBase& reply) {
    return ChangedBody(backend, reply, *settings);
  };
  if (!request.organization_slug.empty())
    return Run(backend, call, fields, std::move(request), body_of);
  // Made of the name; where another Organization has it, with an ending.
  constexpr int kTries = 4;
  const std::string slug = SlugOf(request.organization_name);
  request.organization_slug = slug;
  for (int tries = 1;; ++tries) {
    Answer answer = Run(backend, call, fields, request, body_of);
    if (tries == kTries || answer.body.value("error_type", "") != "organization_slug_already_used")
      return answer;
    request.organization_slug = slug + "-" + NewToken(backend.random).substr(0, 8);
  }
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
  request.auth_methods = fields.Text("auth_methods");
  request.allowed_auth_methods = fields.Texts("allowed_auth_methods");
  const char* problem = nullptr;
  const auto settings = ReadSettings(fields, &problem);
  if (!settings) return Refuse(backend, call, problem);
  return Run(backend, call, fields, std::move(request),
             [&](const ReplyBase& reply) { return ChangedBody(backend, reply, *settings); });
}

Answer DeleteOrganizationCall(const Backend& backend, const Call& call) {
  return Run(backend, call, Fields(call.body), DeleteOrganizationRequest{call.path[0]},
             [&](const ReplyBase& reply) {
               const EntityId id = reply.organization().organization_id;
               backend.settings.Remove(id);
               return Json{{"organization_id", id.str()}};
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

Answer UpdateMemberCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  UpdateMemberRequest request{call.path[0], call.path[1], ActorOf(call.session_headers)};
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
             DeleteMfaPhoneNumberRequest{call.path[0], call.path[1], ActorOf(call.session_headers)},
             MemberBody);
}

// ---- Change of phone: not the vendor's ----

Answer StartPhoneChangeCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  StartPhoneChangeRequest request{call.path[0], call.path[1], ActorOf(call.session_headers)};
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
  FinishPhoneChangeRequest request{call.path[0], call.path[1], ActorOf(call.session_headers)};
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

Route ErrorRoute(const Backend& backend) {
  return {"GET", "/errors/*", [backend](const Call& call) {
            for (const ErrorInfo& error : AllErrors()) {
              if (error.error_type != call.path[0]) continue;
              return RenderSuccess({{"error_type", std::string(error.error_type)},
                                    {"http_status", error.http_status},
                                    {"meaning", std::string(error.message)}},
                                   call.request_id);
            }
            return RenderError(ErrorCode::kRouteNotFound, call.request_id, backend.error_url_base);
          }};
}

}  // namespace

std::vector<Route> ApiRoutes(const Backend& backend) {
  constexpr bool kJudged = true;
  constexpr bool kRefused = false;
  const std::string organizations = "/v1/b2b/organizations";
  const std::string members = organizations + "/*/members";
  const std::string phone_change = "/otpcore/organizations/*/members/*/phone_change";
  std::vector<RouteRow> table = {
      {"POST", "/v1/b2b/otps/sms/send", kRefused, Send},
      {"POST", "/v1/b2b/otps/sms/authenticate", kRefused, Authenticate},
      {"POST", organizations, kRefused, CreateOrganizationCall},
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
  for (auto* rows : {AppRows, EmailRows, SearchRows, SessionRows}) {
    for (RouteRow& row : rows()) table.push_back(std::move(row));
  }
  std::vector<Route> routes = {ErrorRoute(backend), KeysRoute(backend)};
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

std::vector<Route> Observed(std::vector<Route> routes, Observation& observation) {
  for (Route& route : routes) {
    if (!route.handle) continue;
    route.handle = [&observation, name = route.method + " " + route.pattern,
                    handle = std::move(route.handle)](const Call& call) {
      const auto start = std::chrono::steady_clock::now();
      const auto answered = [&](const std::string& result) {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        observation.Answered(name, result, seconds.count());
      };
      try {
        Answer answer = handle(call);
        answered(answer.status < 400 ? "ok" : answer.body.value("error_type", ""));
        return answer;
      } catch (...) {  // the router answers it
        answered("internal_server_error");
        throw;
      }
    };
  }
  routes.push_back({"GET", "/metrics", [&observation](const Call&) {
                      return Answer{200, nullptr, std::nullopt, observation.Metrics()};
                    }});
  return routes;
}

}  // namespace mfa_server
