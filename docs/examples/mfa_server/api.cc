// SPDX-License-Identifier: Apache-2.0
#include "api.h"

#include <utility>

#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

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

// ---- Members ----

// Runs a request that gives a Member this address, which discovery finds from then on.
template <typename Request>
Answer RunWithAddress(const Backend& backend, const Call& call, const Fields& fields,
                      Request request) {
  if (fields.ok() && IsEmailAddress(request.email_address) &&
      !IndexAddress(backend, request.organization_id, request.email_address))
    return Fail(backend, call, ErrorCode::kServerUnavailable);
  return Run(backend, call, fields, std::move(request), MemberBody);
}

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
  return RunWithAddress(backend, call, fields, std::move(request));
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
  return RunWithAddress(backend, call, fields, std::move(request));
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
      {"GET", organizations + "/*/member", kRefused, GetMemberCall},
      {"POST", members, kRefused, CreateMemberCall},
      {"DELETE", members + "/mfa_phone_numbers/*", kJudged, DeleteMfaPhoneNumberCall},
      {"PUT", members + "/*", kJudged, UpdateMemberCall},
      {"DELETE", members + "/*", kRefused, OnMember<DeleteMemberRequest>},
      {"PUT", members + "/*/reactivate", kRefused, OnMember<ReactivateMemberRequest>},
      {"POST", phone_change + "/start", kJudged, StartPhoneChangeCall},
      {"POST", phone_change + "/finish", kJudged, FinishPhoneChangeCall},
  };
  for (auto* rows :
       {OrganizationRows, AppRows, EmailRows, DiscoveryRows, SearchRows, SessionRows}) {
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
