// SPDX-License-Identifier: Apache-2.0
// Sessions: show, use, revoke, and take one along into another Organization. They are the host's,
// so most of this is no command of the library.
#include <utility>

#include "exchange.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr int kMinutesMin = 5;
constexpr int kMinutesMax = 527040;
constexpr int kTriesMax = 5;

// The fields that authenticate and exchange have in common, as far as they are there.
struct SessionUse {
  SessionArguments arguments;
  std::optional<int> minutes;
  Json claims;
};
SessionUse ReadUse(Fields& fields) {
  return {{"", fields.Text("session_token"), fields.Text("session_jwt")},
          fields.Int("session_duration_minutes"),
          fields.Object("session_custom_claims")};
}

Error CheckUse(const SessionUse& use) {
  if (!use.arguments.session_token.empty() && !use.arguments.session_jwt.empty())
    return ErrorCode::kTooManySessionArguments;
  if (!CredentialOf(use.arguments)) return ErrorCode::kNoSessionArguments;
  if (use.minutes && (*use.minutes < kMinutesMin || *use.minutes > kMinutesMax))
    return ErrorCode::kInvalidSessionDurationMinutes;
  return ErrorCode::kOk;
}

// The session of a Member who is gone is gone.
Error ErrorOfOwner(const Error& error) {
  const bool gone = error.code() == ErrorCode::kMemberNotFound ||
                    error.code() == ErrorCode::kOrganizationNotFound;
  return gone ? Error(ErrorCode::kSessionNotFound) : error;
}

Answer GetSessions(const Backend& backend, const Call& call) {
  const auto owner =
      RunPart(backend, call,
              GetMemberRequest{call.organization_id_parameter, call.member_id_parameter, ""});
  if (!owner.ok()) return Fail(backend, call, owner.error());
  const Member member = owner.member();
  const Organization organization = owner.organization();
  const auto listed = backend.sessions.list(member.member_id);
  if (!listed) return Fail(backend, call, ErrorCode::kServerUnavailable);
  Json sessions = Json::array();
  for (const SessionInfo& info : *listed) {
    if (info.session.organization_id == organization.organization_id && !IsIntermediate(info))
      sessions.push_back(RenderSession(info, organization.organization_slug));
  }
  return RenderSuccess({{"member_sessions", std::move(sessions)}}, call.request_id);
}

Answer AuthenticateSession(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  const SessionUse use = ReadUse(fields);
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  if (const Error error = CheckUse(use); !error.ok()) return Fail(backend, call, error);
  const SessionCredential credential = *CredentialOf(use.arguments);
  SessionInfo info;
  Error error = FindSession(backend.sessions, credential, &info);
  if (!error.ok()) return Fail(backend, call, error);
  if (!MergeClaims(info.metadata, use.claims)) return Refuse(backend, call, kClaimsTooLong);
  const auto owner = RunPart(
      backend, call,
      GetMemberRequest{info.session.organization_id.str(), info.session.member_id.str(), ""});
  if (!owner.ok()) return Fail(backend, call, ErrorOfOwner(owner.error()));
  if (use.minutes && !backend.sessions.extend(credential, std::chrono::minutes(*use.minutes))) {
    error = FindSession(backend.sessions, credential, &info);
    return Fail(backend, call, error.ok() ? Error(ErrorCode::kServerUnavailable) : error);
  }
  for (int tries = 0; tries < kTriesMax; ++tries) {
    error = FindSession(backend.sessions, credential, &info);
    if (!error.ok()) return Fail(backend, call, error);
    const Instant now = backend.clock.Now();
    const std::string changed = Accessed(info.metadata, now, use.claims);
    if (!backend.sessions.compare_and_set_metadata(credential, info.metadata, changed)) continue;
    info.metadata = changed;
    IssuedSession session;
    session.token = use.arguments.session_token;
    session.expires_at = info.expires_at;
    session.member_session = RenderSession(info, owner.organization().organization_slug);
    Json body = MemberBody(owner);
    AddSession(backend, session, &body);
    ShowSettings(backend, &body);
    return RenderSuccess(std::move(body), call.request_id);
  }
  return Fail(backend, call, ErrorCode::kServerUnavailable);
}

// One that is gone meanwhile is as good as removed.
bool EndSession(const SessionStore& store, const SessionCredential& credential) {
  if (store.remove(credential)) return true;
  const auto found = store.find(credential);
  return found.ok && !found.session;
}

Answer RevokeSessions(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  const std::string id = fields.Text("member_session_id");
  const std::string member_id = fields.Text("member_id");
  const SessionArguments arguments = {"", fields.Text("session_token"), fields.Text("session_jwt")};
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  int named = 0;
  for (const std::string* name :
       {&id, &member_id, &arguments.session_token, &arguments.session_jwt})
    named += name->empty() ? 0 : 1;
  if (named == 0) return Fail(backend, call, ErrorCode::kNoSessionArguments);
  if (named > 1) return Fail(backend, call, ErrorCode::kTooManySessionArguments);
  if (!member_id.empty()) {
    const EntityId member(member_id);
    if (member.empty()) return Fail(backend, call, ErrorCode::kInvalidId);
    const auto listed = backend.sessions.list(member);
    if (!listed) return Fail(backend, call, ErrorCode::kServerUnavailable);
    for (const SessionInfo& info : *listed) {
      const std::string each = info.session.id.str();
      if (!EndSession(backend.sessions, {SessionCredential::Kind::kSessionId, each}))
        return Fail(backend, call, ErrorCode::kServerUnavailable);
    }
    return RenderSuccess(Json::object(), call.request_id);
  }
  const SessionCredential credential =
      id.empty() ? *CredentialOf(arguments)
                 : SessionCredential{SessionCredential::Kind::kSessionId, id};
  const auto found = backend.sessions.find(credential);
  if (!found.ok) return Fail(backend, call, ErrorCode::kServerUnavailable);
  if (!found.session) return Fail(backend, call, ErrorCode::kSessionNotFound);
  if (!EndSession(backend.sessions, credential))
    return Fail(backend, call, ErrorCode::kServerUnavailable);
  return RenderSuccess(Json::object(), call.request_id);
}

// What the person has proved counts in another Organization only as far as it is theirs alone: the
// e-mail address, by a passcode. A password, or a second factor, belongs to one Member. So half a
// session with that address is made, which the library judges as one of discovery. The session that
// was given goes on.
Answer ExchangeSession(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  const SessionUse use = ReadUse(fields);
  Exchange exchange = ReadExchange(call, fields);
  exchange.request.organization_id = fields.Text("organization_id");
  exchange.may_join = false;
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  if (const Error error = CheckUse(use); !error.ok()) return Fail(backend, call, error);
  SessionInfo info;
  const Error error = FindSession(backend.sessions, *CredentialOf(use.arguments), &info);
  if (!error.ok()) return Fail(backend, call, error);
  const auto owner = RunPart(
      backend, call,
      GetMemberRequest{info.session.organization_id.str(), info.session.member_id.str(), ""});
  if (!owner.ok()) return Fail(backend, call, ErrorOfOwner(owner.error()));
  if (info.session.email_address.empty())
    return Fail(backend, call, ErrorCode::kInsufficientFactors);

  Session half = WithoutMember(info.session);
  half.id = NewSessionId(backend.random, backend.environment);
  const Instant now = backend.clock.Now();
  const auto issued =
      MakeSession(backend.sessions, backend.random, now, now + Duration(kIntermediateLife),
                  /*intermediate=*/true, half, "", MetadataOfEmail(info));
  if (!issued) return Fail(backend, call, ErrorCode::kServerUnavailable);
  exchange.request.intermediate_session_token = issued->token;
  Answer answer = RunExchange(backend, call, std::move(exchange));
  // Nobody was told the token, so it goes where the exchange has not consumed it; else it ends
  // soon.
  if (answer.error != ErrorCode::kOk)
    backend.sessions.remove({SessionCredential::Kind::kIntermediateToken, issued->token});
  return answer;
}

}  // namespace

std::vector<RouteRow> SessionRows() {
  constexpr bool kRefused = false;
  const std::string sessions = "/v1/b2b/sessions";
  return {
      {"GET", sessions, kRefused, GetSessions},
      {"POST", sessions + "/authenticate", kRefused, AuthenticateSession},
      {"POST", sessions + "/exchange", kRefused, ExchangeSession},
      {"POST", sessions + "/revoke", kRefused, RevokeSessions},
  };
}

Route KeysRoute(const Backend& backend) {
  return {"GET", "/v1/b2b/sessions/jwks/*",
          [backend](const Call& call) {
            if (call.path[0] != backend.jwt.project_id())
              return Fail(backend, call, ErrorCode::kRouteNotFound);
            return RenderSuccess({{"keys", backend.jwt.public_keys()}}, call.request_id);
          },
          /*open=*/true};
}

}  // namespace mfa_server
