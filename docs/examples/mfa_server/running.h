// SPDX-License-Identifier: Apache-2.0
// What the files with routes share: run a request, prove a factor, say whose act a call is.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_RUNNING_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_RUNNING_H_

#include <optional>
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
// Those of Organizations.
std::vector<RouteRow> OrganizationRows();
// Those of passcodes by e-mail.
std::vector<RouteRow> EmailRows();
// Those of what somebody finds before they have chosen an Organization.
std::vector<RouteRow> DiscoveryRows();
// Those of searches.
std::vector<RouteRow> SearchRows();
// Those of sessions; and of the keys of their JWTs, which is open to all.
std::vector<RouteRow> SessionRows();
Route KeysRoute(const Backend& backend);

inline Answer Refuse(const Backend& backend, const Call& call, const char* detail) {
  return RenderError(otpcore::Error(otpcore::ErrorCode::kBadRequest, detail), call.request_id,
                     backend.error_url_base);
}

inline Answer Fail(const Backend& backend, const Call& call, const otpcore::Error& error) {
  return RenderError(error, call.request_id, backend.error_url_base);
}

// Nothing: the body is of the documented types, and every field of it was read.
inline std::optional<Answer> CheckFields(const Backend& backend, const Call& call,
                                         const Fields& fields) {
  if (!fields.ok())
    return Refuse(backend, call, "the body must be a JSON object of the documented types");
  if (const auto field = fields.Unexpected())
    return RenderUnexpectedField(*field, call.request_id, backend.error_url_base);
  return std::nullopt;
}

// Runs a command that is a part of a call.
template <typename Request>
auto RunPart(const Backend& backend, const Call& call, Request request) {
  otpcore::CallOptions options;
  options.request_id = call.request_id;
  auto reply = backend.engine.Run(std::move(request), std::move(options));
  backend.observation.Decided(reply);
  return reply;
}

inline Json MemberBody(const otpcore::ReplyBase& reply) {
  return RenderMemberBody(reply.member(), reply.organization());
}

// The Organization's settings that the library does not keep.
inline void ShowSettings(const Backend& backend, Json* body) {
  if (const auto organization = body->find("organization"); organization != body->end())
    backend.settings.Show(&*organization);
}

// Lets discovery find an Organization by an address that a Member of it is about to get. An
// Organization that is not there is the command's to refuse. False: the Member must not get it.
inline bool IndexAddress(const Backend& backend, const std::string& organization_id,
                         const std::string& email_address) {
  const auto found = backend.engine.Run(otpcore::GetOrganizationRequest{organization_id});
  if (!found.ok()) return found.error().code() != otpcore::ErrorCode::kServerUnavailable;
  return backend.index.AddAddress(found.organization().organization_id, email_address);
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
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  const auto reply = RunPart(backend, call, std::move(request));
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json body = body_of(reply);
  if (body.is_null())
    return RenderError(otpcore::ErrorCode::kServerUnavailable, reply.request_id(),
                       backend.error_url_base);
  ShowSettings(backend, &body);
  return RenderSuccess(std::move(body), reply.request_id());
}

// What is known of the session before the code is judged: success consumes an intermediate token,
// its id and its metadata. False: claims that are refused afterwards would have cost the code.
inline bool LookAtSession(const Backend& backend, Fields& fields,
                          const otpcore::SessionArguments& arguments, SessionBefore* before) {
  before->arguments = arguments;
  before->claims = fields.Object("session_custom_claims");
  if (!fields.ok()) return true;  // the request is refused
  const auto credential = CredentialOf(arguments);
  if (credential && (!arguments.intermediate_session_token.empty() || !before->claims.empty())) {
    if (auto known = backend.sessions.get(*credential)) before->info = *std::move(known);
  }
  return MergeClaims(before->info.metadata, before->claims).has_value();
}

constexpr char kClaimsTooLong[] = "session_custom_claims have more than 4 KB";

// How an answer names the session. Without a look at it there is no JWT.
inline void AddSession(const Backend& backend, const IssuedSession& session, Json* body) {
  (*body)["session_token"] = session.intermediate ? "" : session.token;
  (*body)["session_jwt"] =
      session.member_session.is_null()
          ? ""
          : backend.jwt.Sign(session.member_session, backend.clock.Now(), session.expires_at);
  (*body)["member_session"] = session.member_session;
}
// The same of an answer to a first step, which may be half a session.
inline void AddFirstStep(const Backend& backend, const IssuedSession& session, Json* body) {
  AddSession(backend, session, body);
  (*body)["member_authenticated"] = !session.intermediate;
  (*body)["intermediate_session_token"] = session.intermediate ? session.token : "";
  if (session.intermediate) {
    (*body)["intermediate_session_token_expires_at"] = otpcore::FormatRfc3339(session.expires_at);
  }
}

// Reads the fields that every proof of a second factor has, runs it and gives the person the
// session. `add(reply, &body)` adds what the factor's answer has beside that.
template <typename Request, typename Add>
Answer RunProof(const Backend& backend, const Call& call, Fields fields, Request request,
                const Add& add) {
  request.session = fields.Session();
  request.session_duration_minutes = fields.Int("session_duration_minutes");
  request.device = call.device;
  request.remember_device = fields.Bool("remember_device").value_or(false);
  SessionBefore before;
  if (!LookAtSession(backend, fields, request.session, &before))
    return Refuse(backend, call, kClaimsTooLong);
  return Run(backend, call, fields, std::move(request), [&](const auto& reply) -> Json {
    const auto session = IssueSession(backend.sessions, backend.random, backend.clock.Now(), reply,
                                      reply.session_effect, before);
    if (!session) return nullptr;
    Json body = MemberBody(reply);
    AddSession(backend, *session, &body);
    add(reply, &body);
    return body;
  });
}

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_RUNNING_H_
