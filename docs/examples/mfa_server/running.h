// SPDX-License-Identifier: Apache-2.0
// What the files with routes share: run a request, prove a factor, say whose act a call is.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_RUNNING_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_RUNNING_H_

#include <string>
#include <utility>
#include <vector>

#include "api.h"

namespace mfa_server {

using Handler = Answer (*)(const Backend&, const Call&);

// One route. `judges_session`: a command judges the session that comes in a header. Else nobody
// can, for that takes roles, and the route refuses one: none is ignored.
struct RouteRow {
  const char* method;
  std::string pattern;
  bool judges_session;
  Handler handler;
};
// The routes of authenticator apps and recovery codes.
std::vector<RouteRow> AppRows();
// Those of searches.
std::vector<RouteRow> SearchRows();

inline Answer Refuse(const Backend& backend, const Call& call, const char* detail) {
  return RenderError(otpcore::Error(otpcore::ErrorCode::kBadRequest, detail), call.request_id,
                     backend.error_url_base);
}

inline Json MemberBody(const otpcore::ReplyBase& reply) {
  return RenderMemberBody(reply.member(), reply.organization());
}

// Whose act a call is: the person's whose session is given; else the host's own, which has shown
// the project's credentials.
inline otpcore::Actor ActorOf(const otpcore::SessionArguments& session) {
  const bool names_one = !session.intermediate_session_token.empty() ||
                         !session.session_token.empty() || !session.session_jwt.empty();
  return names_one ? otpcore::Actor::Person(session) : otpcore::Actor::Host();
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
  otpcore::CallOptions options;
  options.request_id = call.request_id;
  const auto reply = backend.engine.Run(std::move(request), std::move(options));
  backend.observation.Decided(reply);
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json body = body_of(reply);
  if (body.is_null())
    return RenderError(otpcore::ErrorCode::kServerUnavailable, reply.request_id(),
                       backend.error_url_base);
  return RenderSuccess(std::move(body), reply.request_id());
}

// Reads the fields that every proof of a factor has, runs it and gives the person the session.
// `add(reply, &body)` adds what the factor's answer has beside that.
template <typename Request, typename Add>
Answer RunProof(const Backend& backend, const Call& call, Fields fields, Request request,
                const Add& add) {
  using otpcore::SessionCredential;
  request.session = fields.Session();
  request.session_duration_minutes = fields.Int("session_duration_minutes");
  request.device = call.device;
  request.remember_device = fields.Bool("remember_device").value_or(false);
  const Json claims = fields.Object("session_custom_claims");
  // Before the code is judged: success consumes an intermediate token, its id and its metadata,
  // and claims that are refused afterwards would have cost the code.
  otpcore::SessionInfo before;
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
  return Run(backend, call, fields, std::move(request), [&](const auto& reply) -> Json {
    auto session = IssueSession(backend.sessions, backend.random, backend.clock.Now(), reply,
                                reply.session_effect, session_token, before, claims);
    if (!session) return nullptr;
    Json body = MemberBody(reply);
    body["session_token"] = session->token;
    body["session_jwt"] = "";
    body["member_session"] = std::move(session->member_session);
    add(reply, &body);
    return body;
  });
}

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_RUNNING_H_
