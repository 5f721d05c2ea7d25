// SPDX-License-Identifier: Apache-2.0
// Discovery: somebody shows that an address is theirs, sees the Organizations it leads to, and
// chooses one or makes one. The library judges; which Organizations to look at is said by the index
// (organization_index.h), and who may join by the Organization's settings (settings.h).
#include <algorithm>
#include <utility>

#include "exchange.h"
#include "organization_routes.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

// A list has so many entries at most. Those that the person is a Member of come first.
constexpr size_t kListedMax = 100;

std::string DomainOf(const std::string& address) { return address.substr(address.rfind('@') + 1); }

// ---- The list to choose from ----

Json RenderEntry(const Organization& organization, Json membership,
                 const DiscoveredOrganization& entry) {
  Json primary_required = nullptr;
  if (entry.primary_required)
    primary_required = {{"allowed_auth_methods", Render(organization)["allowed_auth_methods"]}};
  return {{"organization", Render(organization)},
          {"membership", std::move(membership)},
          {"member_authenticated", entry.member_authenticated},
          {"primary_required", std::move(primary_required)},
          {"mfa_required", RenderMfaRequired(entry.mfa_required)}};
}

// Of an Organization that a person may join who is no Member of it yet.
Json RenderEligible(const Organization& organization, const std::string& address) {
  DiscoveredOrganization entry;
  entry.primary_required = !organization.Allows(AuthMethod::kEmailOtp);
  if (organization.mfa_policy == MfaPolicy::kRequiredForAll) entry.mfa_required.emplace();
  entry.member_authenticated = !entry.primary_required && !entry.mfa_required;
  return RenderEntry(organization,
                     {{"type", "eligible_to_join_by_email_domain"},
                      {"details", {{"domain", DomainOf(address)}}},
                      {"member", nullptr}},
                     entry);
}

bool IsGone(const Error& error) {
  return error.code() == ErrorCode::kMemberNotFound ||
         error.code() == ErrorCode::kOrganizationNotFound;
}

// Puts what the person finds with `session`, which has proved its address, into `*list`.
Error List(const Backend& backend, const Session& session, Json* list) {
  *list = Json::array();
  const std::string address = session.email_address.str();
  const auto known = backend.index.OfAddress(address);
  const auto joinable = backend.index.OfDomain(DomainOf(address));
  if (!known || !joinable) return ErrorCode::kServerUnavailable;
  std::vector<EntityId> members_of;
  for (const EntityId& id : *known) {
    if (list->size() == kListedMax) break;
    const auto found = backend.engine.Run(GetMemberRequest{id.str(), "", address});
    if (!found.ok() && !IsGone(found.error())) return found.error();
    if (!found.ok()) continue;
    members_of.push_back(id);
    const bool own = session.organization_id == id;
    const auto entry =
        Describe(found.organization(), found.member(), own ? session : WithoutMember(session));
    if (!entry) continue;
    list->push_back(RenderEntry(found.organization(),
                                {{"type", std::string(WireName(entry->membership))},
                                 {"details", nullptr},
                                 {"member", Render(found.member())}},
                                *entry));
  }
  for (const EntityId& id : *joinable) {
    if (list->size() == kListedMax) break;
    if (std::find(members_of.begin(), members_of.end(), id) != members_of.end()) continue;
    const auto word = backend.settings.WordOn(id, address);
    if (!word) return ErrorCode::kServerUnavailable;
    if (*word != JustInTime::kAllow) continue;
    const auto found = backend.engine.Run(GetOrganizationRequest{id.str()});
    if (!found.ok() && !IsGone(found.error())) return found.error();
    if (found.ok()) list->push_back(RenderEligible(found.organization(), address));
  }
  for (Json& entry : *list) backend.settings.Show(&entry["organization"]);
  return ErrorCode::kOk;
}

// ---- The calls ----

Answer SendDiscovery(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  SendDiscoveryPasscodeRequest request;
  request.email_address = fields.Text("email_address");
  request.login_template_id = fields.Text("login_template_id");
  request.locale = fields.Text("locale");
  request.discovery_expiration_minutes = fields.Int("discovery_expiration_minutes");
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  const auto reply = RunPart(backend, call, std::move(request));
  if (!reply.ok()) return Fail(backend, call, reply.error());
  return RenderSuccess(Json::object(), reply.request_id());
}

Answer AuthenticateDiscovery(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  AuthenticateDiscoveryPasscodeRequest request;
  request.email_address = fields.Text("email_address");
  if (const auto code = fields.OptionalText("code")) request.code.emplace(*code);
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  const auto reply = RunPart(backend, call, std::move(request));
  if (!reply.ok()) return Fail(backend, call, reply.error());

  const Instant now = backend.clock.Now();
  const FactorProof& proof = reply.session_effect.proof;
  Session session;
  session.id = NewSessionId(backend.random, backend.environment);
  session.factors.Add(proof.kind, proof.at);
  session.email_address = reply.email_address;
  const auto issued =
      MakeSession(backend.sessions, backend.random, now, now + reply.session_effect.duration,
                  /*intermediate=*/true, session, "", MetadataOfProof(proof, backend.environment));
  if (!issued) return Fail(backend, call, ErrorCode::kServerUnavailable);
  Json list;
  if (const Error error = List(backend, session, &list); !error.ok())
    return Fail(backend, call, error);
  return RenderSuccess(
      {{"intermediate_session_token", issued->token},
       {"intermediate_session_token_expires_at", FormatRfc3339(issued->expires_at)},
       {"email_address", reply.email_address.str()},
       {"discovered_organizations", std::move(list)}},
      reply.request_id());
}

// The list again, for an intermediate session or a full one that has proved its address.
Answer ListOrganizations(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  const SessionArguments arguments = fields.Session();
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  const int given = (arguments.intermediate_session_token.empty() ? 0 : 1) +
                    (arguments.session_token.empty() ? 0 : 1) +
                    (arguments.session_jwt.empty() ? 0 : 1);
  if (given == 0) return Fail(backend, call, ErrorCode::kNoSessionArguments);
  if (given > 1) return Fail(backend, call, ErrorCode::kTooManySessionArguments);
  SessionInfo info;
  Error error = FindSession(backend.sessions, *CredentialOf(arguments), &info);
  if (!error.ok()) return Fail(backend, call, error);
  if (info.session.email_address.empty())
    return Fail(backend, call, ErrorCode::kInsufficientFactors);
  Json list;
  error = List(backend, info.session, &list);
  if (!error.ok()) return Fail(backend, call, error);
  return RenderSuccess({{"email_address", info.session.email_address.str()},
                        {"organization_id_hint", nullptr},
                        {"discovered_organizations", std::move(list)}},
                       call.request_id);
}

Answer ExchangeCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  Exchange exchange = ReadExchange(call, fields);
  exchange.request.organization_id = fields.Text("organization_id");
  exchange.request.intermediate_session_token = fields.Text("intermediate_session_token");
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  return RunExchange(backend, call, std::move(exchange));
}

// A new Organization whose first Member is the person. Where they cannot get in, it goes again.
Answer CreateCall(const Backend& backend, const Call& call) {
  Fields fields(call.body);
  Exchange exchange = ReadExchange(call, fields);
  const std::string token = fields.Text("intermediate_session_token");
  exchange.request.intermediate_session_token = token;
  const char* problem = nullptr;
  auto made = ReadNewOrganization(fields, &problem);
  if (!made) return Refuse(backend, call, problem);
  if (auto refused = CheckFields(backend, call, fields)) return *std::move(refused);
  if (token.empty()) return Refuse(backend, call, "intermediate_session_token is required");
  SessionInfo info;
  const Error error =
      FindSession(backend.sessions, {SessionCredential::Kind::kIntermediateToken, token}, &info);
  if (!error.ok()) return Fail(backend, call, error);
  const std::string address = info.session.email_address.str();
  if (address.empty())
    return Fail(backend, call, ErrorCode::kInvalidIntermediateSessionTokenForOrganization);
  // Everybody of these domains is shown the Organization: a person speaks for their own alone.
  for (const Json& domain : made->settings.value("email_allowed_domains", Json::array())) {
    if (!DomainIsOneOf(address, {domain.get<std::string>()}))
      return Refuse(backend, call,
                    "email_allowed_domains may name the domain of your address alone");
  }
  if (made->request.organization_name.empty()) made->request.organization_name = DomainOf(address);

  const auto created = MakeOrganization(backend, call, std::move(made->request));
  if (!created.ok()) return Fail(backend, call, created.error());
  const EntityId id = created.organization().organization_id;
  const bool kept =
      KeepSettings(backend, id, made->settings) && backend.index.AddAddress(id, address);
  Answer answer = Fail(backend, call, ErrorCode::kServerUnavailable);
  if (kept) {
    exchange.request.organization_id = id.str();
    exchange.request.just_in_time = JustInTime::kAllow;
    answer = RunExchange(backend, call, std::move(exchange));
  }
  if (answer.error != ErrorCode::kOk && answer.error != ErrorCode::kServerUnavailable) {
    static_cast<void>(RunPart(backend, call, DeleteOrganizationRequest{id.str()}));
    backend.settings.Remove(id);
  }
  return answer;
}

}  // namespace

std::vector<RouteRow> DiscoveryRows() {
  constexpr bool kRefused = false;
  const std::string passcodes = "/v1/b2b/otps/email/discovery";
  const std::string discovery = "/v1/b2b/discovery";
  return {
      {"POST", passcodes + "/send", kRefused, SendDiscovery},
      {"POST", passcodes + "/authenticate", kRefused, AuthenticateDiscovery},
      {"POST", discovery + "/organizations", kRefused, ListOrganizations},
      {"POST", discovery + "/organizations/create", kRefused, CreateCall},
      {"POST", discovery + "/intermediate_sessions/exchange", kRefused, ExchangeCall},
  };
}

}  // namespace mfa_server
