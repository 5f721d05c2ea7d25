// SPDX-License-Identifier: Apache-2.0
// The routes below /test: what a test needs to play the other parts of a host, the phone and the
// passing of time.
#include <chrono>
#include <cstdint>

#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

constexpr std::chrono::minutes kSessionLife{60};
constexpr int64_t kAdvanceMax = int64_t{100} * 366 * 24 * 3600 * 1000;  // a hundred years

// As if a password had been right: the MFA step decides what the person gets.
Answer PrimaryAuthentication(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  MfaStepRequest request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  request.locale = fields.Text("locale");
  request.session = fields.Session();
  request.device = call.device;
  const std::string session_id = NewSessionId(backend.random, backend.environment);
  request.session_id = session_id;
  if (!fields.ok()) return Refuse(backend, call, "organization_id and member_id must be texts");
  CallOptions options;
  options.request_id = call.request_id;
  const auto reply = backend.engine.Run(std::move(request), std::move(options));
  backend.observation.Decided(reply);
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);

  const Member member = reply.member();
  const Organization organization = reply.organization();
  Session session;
  session.organization_id = member.organization_id;
  session.member_id = member.member_id;
  session.id = session_id;
  session.factors.Add(FactorKind::kHostPrimary, Instant::FromUnixMillis(1));
  const bool full = reply.member_authenticated;
  const Instant now = backend.clock.Now();
  const auto issued =
      MakeSession(backend.sessions, backend.random, now,
                  now + (full ? Duration(kSessionLife) : Duration(kIntermediateLife)), !full,
                  session, organization.organization_slug, MetadataOfPrimary(now));
  if (!issued)
    return RenderError(ErrorCode::kServerUnavailable, reply.request_id(), backend.error_url_base);
  Json body = RenderMemberBody(member, organization);
  body["organization_id"] = organization.organization_id.str();
  AddFirstStep(backend, *issued, &body);
  body["member_session_id"] = session_id;
  body["mfa_required"] = RenderMfaRequired(reply.mfa_required);
  ShowSettings(backend, &body);
  return RenderSuccess(std::move(body), reply.request_id());
}

// What support does for a Member.
template <typename Request>
Answer OnMember(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  Request request;
  request.organization_id = fields.Text("organization_id");
  request.member_id = fields.Text("member_id");
  if (!fields.ok()) return Refuse(backend, call, "organization_id and member_id must be texts");
  CallOptions options;
  options.request_id = call.request_id;
  const auto reply = backend.engine.Run(std::move(request), std::move(options));
  backend.observation.Decided(reply);
  if (!reply.ok()) return RenderError(reply.error(), reply.request_id(), backend.error_url_base);
  Json body = MemberBody(reply);
  ShowSettings(backend, &body);
  return RenderSuccess(std::move(body), reply.request_id());
}

Answer Inbox(testing::SmsInbox& inbox) {
  Json messages = Json::array();
  for (const testing::ReceivedMessage& message : inbox.messages()) {
    messages.push_back({{"to", message.to},
                        {"body", message.body},
                        {"channel", std::string(WireName(message.channel))},
                        {"subject", message.subject},
                        {"challenge_id", FormatUuid(message.challenge_id)}});
  }
  return {200, std::move(messages), std::nullopt, std::nullopt};
}

Answer MoveClock(const Backend& backend, const Call& call, testing::VirtualClock& clock) {
  const Json json = Json::parse(call.body, nullptr, false);
  if (!json.is_object() || !json.contains("advance_ms") || !json["advance_ms"].is_number_integer())
    return Refuse(backend, call, "advance_ms must be a whole number");
  const auto advance = json["advance_ms"].get<int64_t>();
  if (advance > kAdvanceMax || advance < -kAdvanceMax)
    return Refuse(backend, call, "advance_ms is at most a hundred years");
  clock.Advance(Duration(advance));
  return RenderSuccess({{"now", FormatRfc3339(backend.clock.Now())}}, call.request_id);
}

// What becomes of the next e-mail, or of whatever comes next.
Answer Script(const Backend& backend, const Call& call, bool email, testing::SmsInbox& inbox) {
  Fields fields(call.body);
  const std::string next = fields.Text("next");
  Delivery delivery;
  if (next == "rejected") {
    delivery.kind = Delivery::Kind::kRejected;
  } else if (next == "unsubscribed" && !email) {
    delivery = {Delivery::Kind::kRejected, /*unsubscribed=*/true};
  } else if (next == "unavailable") {
    delivery.kind = Delivery::Kind::kUnavailable;
  } else if (next == "unknown") {
    delivery.kind = Delivery::Kind::kUnknown;
  } else if (next != "accepted") {
    return Refuse(backend, call,
                  "next must be accepted, rejected, unavailable, unknown or, of an SMS, "
                  "unsubscribed");
  }
  if (email) {
    inbox.ScriptEmail(delivery);
  } else {
    inbox.Script(delivery);
  }
  return RenderSuccess(Json::object(), call.request_id);
}

}  // namespace

std::vector<Route> TestRoutes(const Backend& backend, testing::VirtualClock& clock,
                              testing::SmsInbox& inbox) {
  return {
      {"POST", "/test/primary_authentication",
       [backend](const Call& call) { return PrimaryAuthentication(backend, call); }},
      {"POST", "/test/unlock",
       [backend](const Call& call) { return OnMember<UnlockMemberRequest>(backend, call); }},
      {"POST", "/test/forget_devices",
       [backend](const Call& call) { return OnMember<ForgetDevicesRequest>(backend, call); }},
      {"GET", "/test/inbox", [&inbox](const Call&) { return Inbox(inbox); }},
      {"POST", "/test/clock",
       [backend, &clock](const Call& call) { return MoveClock(backend, call, clock); }},
      {"POST", "/test/sms",
       [backend, &inbox](const Call& call) { return Script(backend, call, false, inbox); }},
      {"POST", "/test/email",
       [backend, &inbox](const Call& call) { return Script(backend, call, true, inbox); }},
  };
}

}  // namespace mfa_server
