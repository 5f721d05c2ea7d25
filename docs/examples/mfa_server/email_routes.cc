// SPDX-License-Identifier: Apache-2.0
// Passcodes by e-mail. The address finds the Member; whether one may be made for it is the
// Organization's setting (settings.h).
#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

Answer LoginOrSignup(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  SendEmailPasscodeRequest request;
  request.organization_id = fields.Text("organization_id");
  request.email_address = fields.Text("email_address");
  request.login_template_id = fields.Text("login_template_id");
  request.signup_template_id = fields.Text("signup_template_id");
  request.locale = fields.Text("locale");
  request.login_expiration_minutes = fields.Int("login_expiration_minutes");
  request.signup_expiration_minutes = fields.Int("signup_expiration_minutes");
  const auto body_of = [](const Reply<SendEmailPasscode>& reply) {
    Json body = MemberBody(reply);
    body["member_created"] = reply.member_created;
    return body;
  };
  Answer answer = Run(backend, call, fields, request, body_of);
  if (answer.body.value("error_type", "") != "email_jit_provisioning_not_allowed") return answer;
  // No Member has the address. Most calls are of Members, and need no word.
  const auto found = backend.engine.Run(GetOrganizationRequest{request.organization_id});
  if (!found.ok()) return RenderError(found.error(), call.request_id, backend.error_url_base);
  const auto word =
      backend.settings.WordOn(found.organization().organization_id, request.email_address);
  if (!word)
    return RenderError(ErrorCode::kServerUnavailable, call.request_id, backend.error_url_base);
  if (*word == JustInTime::kNotAllowed) return answer;
  if (*word == JustInTime::kAllow &&
      !backend.index.AddAddress(found.organization().organization_id, request.email_address))
    return Fail(backend, call, ErrorCode::kServerUnavailable);
  request.just_in_time = *word;
  return Run(backend, call, fields, std::move(request), body_of);
}

Answer AuthenticateEmail(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  AuthenticateEmailPasscodeRequest request;
  request.organization_id = fields.Text("organization_id");
  request.email_address = fields.Text("email_address");
  if (const auto code = fields.OptionalText("code")) request.code.emplace(*code);
  request.session = fields.Session();
  request.session_duration_minutes = fields.Int("session_duration_minutes");
  request.locale = fields.Text("locale");
  request.device = call.device;
  SessionBefore before;
  if (!LookAtSession(backend, fields, request.session, &before))
    return Refuse(backend, call, kClaimsTooLong);
  before.new_id = NewSessionId(backend.random, backend.environment);
  // Of the session that this step makes, also where it goes on from another one.
  request.session_id =
      before.info.session.id.empty() ? before.new_id : before.info.session.id.str();
  return Run(backend, call, fields, std::move(request),
             [&](const Reply<AuthenticateEmailPasscode>& reply) -> Json {
               const auto session =
                   IssueSession(backend.sessions, backend.random, backend.clock.Now(), reply,
                                reply.session_effect, before);
               if (!session) return nullptr;
               Json body = MemberBody(reply);
               body["organization_id"] = reply.organization().organization_id.str();
               body["method_id"] = reply.method_id.str();
               AddFirstStep(backend, *session, &body);
               body["mfa_required"] = RenderMfaRequired(reply.mfa_required);
               body["primary_required"] = nullptr;
               return body;
             });
}

}  // namespace

std::vector<RouteRow> EmailRows() {
  constexpr bool kRefused = false;
  const std::string email = "/v1/b2b/otps/email";
  return {
      {"POST", email + "/login_or_signup", kRefused, LoginOrSignup},
      {"POST", email + "/authenticate", kRefused, AuthenticateEmail},
  };
}

}  // namespace mfa_server
