// SPDX-License-Identifier: Apache-2.0
#include "exchange.h"

#include <utility>

namespace mfa_server {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

Session WithoutMember(const Session& session) {
  Session alone;
  alone.email_address = session.email_address;
  alone.factors.Add(FactorKind::kEmailPasscode,
                    session.factors.LastShown(FactorKind::kEmailPasscode));
  return alone;
}

Exchange ReadExchange(const Call& call, Fields& fields) {
  Exchange exchange;
  exchange.request.session_duration_minutes = fields.Int("session_duration_minutes");
  exchange.request.locale = fields.Text("locale");
  exchange.request.device = call.device;
  exchange.claims = fields.Object("session_custom_claims");
  return exchange;
}

Answer RunExchange(const Backend& backend, const Call& call, Exchange exchange) {
  ExchangeIntermediateSessionRequest& request = exchange.request;
  SessionBefore before;
  before.arguments.intermediate_session_token = request.intermediate_session_token;
  before.claims = std::move(exchange.claims);
  // The token is looked at first, since a success consumes it.
  if (const auto credential = CredentialOf(before.arguments)) {
    if (auto known = backend.sessions.get(*credential)) before.info = *std::move(known);
  }
  if (!MergeClaims(before.info.metadata, before.claims))
    return Refuse(backend, call, kClaimsTooLong);
  if (before.info.session.id.empty())
    before.info.session.id = NewSessionId(backend.random, backend.environment);
  request.session_id = before.info.session.id.str();
  auto reply = RunPart(backend, call, request);
  if (exchange.may_join && reply.error().code() == ErrorCode::kEmailJitProvisioningNotAllowed) {
    // No Member has the address. Most calls are of Members, and need no word.
    const std::string address = before.info.session.email_address.str();
    const auto found = backend.engine.Run(GetOrganizationRequest{request.organization_id});
    if (!found.ok()) return Fail(backend, call, found.error());
    const EntityId id = found.organization().organization_id;
    const auto word = backend.settings.WordOn(id, address);
    if (!word) return Fail(backend, call, ErrorCode::kServerUnavailable);
    request.just_in_time = *word;
    if (*word == JustInTime::kAllow && !backend.index.AddAddress(id, address))
      return Fail(backend, call, ErrorCode::kServerUnavailable);
    if (*word != JustInTime::kNotAllowed) reply = RunPart(backend, call, request);
  }
  if (!reply.ok()) return Fail(backend, call, reply.error());
  const Session& old = before.info.session;
  if (!old.is_of_no_member() && old.organization_id != reply.organization().organization_id) {
    // What belongs to a Member elsewhere stays there.
    before.info.metadata = MetadataOfEmail(before.info);
    const auto id = old.id;
    before.info.session = WithoutMember(old);
    before.info.session.id = id;
  }
  const auto session = IssueSession(backend.sessions, backend.random, backend.clock.Now(), reply,
                                    reply.session_effect, before);
  if (!session) return Fail(backend, call, ErrorCode::kServerUnavailable);
  Json body = MemberBody(reply);
  AddFirstStep(backend, *session, &body);
  body["mfa_required"] = RenderMfaRequired(reply.mfa_required);
  body["primary_required"] = nullptr;
  ShowSettings(backend, &body);
  return RenderSuccess(std::move(body), reply.request_id());
}

}  // namespace mfa_server
