// SPDX-License-Identifier: Apache-2.0
#include "inspector.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "otpcore/testing/records.h"
#include "running.h"

namespace mfa_server {
namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace): an example reads as a host would

// To the front, once.
template <typename Value>
void MoveToFront(std::deque<Value>* values, const Value& value, size_t max) {
  const auto known = std::find(values->begin(), values->end(), value);
  if (known != values->end()) values->erase(known);
  values->push_front(value);
  if (values->size() > max) values->pop_back();
}

std::string ErrorTypeOf(ErrorCode code) {
  return code == ErrorCode::kOk ? "" : std::string(Describe(code).error_type);
}

Json ShowEvent(const Event& event) {
  Json json = {{"event", std::string(NameOf(event.kind))},
               {"at", FormatRfc3339(event.at)},
               {"reason", ErrorTypeOf(event.reason)},
               {"region", std::string(event.region.view())},
               {"last_digits", std::string(event.last_digits.view())},
               {"lock_rule", std::string(NameOf(event.lock_rule))}};
  if (!event.challenge_id.empty()) json["challenge_id"] = FormatUuid(event.challenge_id);
  return json;
}

std::string_view StateOf(const Challenge& challenge, Instant now) {
  switch (challenge.state) {
    case ChallengeState::kNone: return "none";
    case ChallengeState::kLive: return now < challenge.expires_at ? "live" : "expired";
    case ChallengeState::kUsed: return "used";
    case ChallengeState::kExpired: return "expired";
    case ChallengeState::kExhausted: return "exhausted";
    case ChallengeState::kVoid: return "void";
  }
  return "none";
}

Json ShowChallenge(const Challenge& challenge, Instant now) {
  Json json = {{"state", std::string(StateOf(challenge, now))}, {"failures", challenge.failures}};
  if (challenge.state != ChallengeState::kNone) {
    json["issued_at"] = FormatRfc3339(challenge.issued_at);
    json["expires_at"] = FormatRfc3339(challenge.expires_at);
  }
  return json;
}

// What an operator reads of a hold, before its rule.
std::string_view SentenceOf(HoldKind kind) {
  switch (kind) {
    case HoldKind::kLockedInARow: return "Locked: failures in a row";
    case HoldKind::kLockedForGood: return "Locked for good: failures without a success";
    case HoldKind::kLockedByBudget: return "Locked: too many failures in the window";
    case HoldKind::kBudgetSpent: return "The next failure locks";
    case HoldKind::kSendsOfWindow: return "Too many sends in the window";
    case HoldKind::kSendsOfDay: return "Too many sends in a day";
    case HoldKind::kSendInterval: return "Sent a moment ago";
    case HoldKind::kCodeOfOtherSession: return "Another session's code is live";
    case HoldKind::kCodeOfKnownDevice: return "A known device's code is live";
    case HoldKind::kPhoneChangeOfOtherSession: return "Another session changes the number";
    case HoldKind::kEmailLockedInARow: return "E-mail codes locked: failures in a row";
    case HoldKind::kEmailLockedForGood: return "E-mail codes locked for good";
    case HoldKind::kEmailLockedByBudget:
      return "E-mail codes locked: too many failures in the window";
    case HoldKind::kEmailBudgetSpent: return "The next failure locks e-mail codes";
    case HoldKind::kEmailSendsOfWindow: return "Too many e-mails in the window";
    // No Member's.
    case HoldKind::kDiscoveryLockedInARow:
    case HoldKind::kDiscoveryLockedForGood:
    case HoldKind::kDiscoveryLockedByBudget:
    case HoldKind::kDiscoveryBudgetSpent:
    case HoldKind::kDiscoverySendsOfWindow: break;
  }
  return "";
}

bool IsLock(HoldKind kind) {
  return kind == HoldKind::kLockedInARow || kind == HoldKind::kLockedForGood ||
         kind == HoldKind::kLockedByBudget || kind == HoldKind::kEmailLockedInARow ||
         kind == HoldKind::kEmailLockedForGood || kind == HoldKind::kEmailLockedByBudget;
}

Json ShowHold(const Hold& hold) {
  return {{"rule", std::string(RuleOf(hold.kind))},
          {"is_lock", IsLock(hold.kind)},
          {"what", std::string(SentenceOf(hold.kind))},
          {"since", FormatRfc3339(hold.since)},
          {"until", hold.until ? Json(FormatRfc3339(*hold.until)) : Json(nullptr)},
          {"ends", std::string(EndOf(hold.kind))}};
}

Json SessionsOf(const Backend& backend, const EntityId& member_id) {
  Json sessions = Json::array();
  for (const SessionInfo& info :
       backend.sessions.list(member_id).value_or(std::vector<SessionInfo>())) {
    Json json = RenderSession(info, "");
    Json factors = Json::array();
    for (const Json& factor : json["authentication_factors"]) factors.push_back(factor["type"]);
    sessions.push_back({{"factors", std::move(factors)},
                        {"expires_at", json["expires_at"]},
                        {"intermediate", IsIntermediate(info)}});
  }
  return sessions;
}

Json ShowMember(const Backend& backend, const MemberRecord& record, const Policy& policy) {
  const Instant now = backend.clock.Now();
  Json holds = Json::array();
  for (const Hold& hold : Explain(record, policy, now)) holds.push_back(ShowHold(hold));
  return {{"member", Render(ViewOf(record, now, backend.environment))},
          {"number", std::string(NameOf(record.phone.state))},
          {"totp", std::string(NameOf(record.registration_state()))},
          {"recovery_codes_left", record.recovery.empty() ? 0 : SetOf(record.recovery).left()},
          {"passcode", ShowChallenge(record.challenge, now)},
          {"email_passcode", ShowChallenge(record.email.challenge, now)},
          {"failures_in_a_row", record.failures.in_a_row},
          {"failures_in_budget", record.failures.recent.count},
          {"email_failures_in_a_row", record.email.failures.in_a_row},
          {"sends", record.sends.count},
          {"email_sends", record.email.sends.count},
          {"known_devices", record.devices.size()},
          {"sessions", SessionsOf(backend, record.member_id)},
          {"holds", std::move(holds)}};
}

Answer MembersCall(const Backend& backend, const Call& call, Store& store, const Policy& policy,
                   const Inspector& inspector) {
  std::vector<RecordKey> keys;
  for (const auto& [organization, member] : inspector.members())
    keys.push_back(RecordKey::Member(organization, member));
  const testing::StoredRecords found = testing::LoadFrom(store, keys);
  if (!found.ok)
    return RenderError(ErrorCode::kServerUnavailable, call.request_id, backend.error_url_base);
  Json members = Json::array();
  for (const testing::StoredRecord& stored : found.records) {
    MemberRecord record;
    if (stored.revision == 0 || !Unpack(stored.key, stored.bytes, &record)) continue;
    members.push_back(ShowMember(backend, record, policy));
  }
  return RenderSuccess({{"members", std::move(members)}}, call.request_id);
}

Answer OrganizationsCall(const Backend& backend, const Call& call, const Inspector& inspector) {
  Json organizations = Json::array();
  for (const EntityId& id : inspector.organizations()) {
    const auto found = backend.engine.Run(GetOrganizationRequest{id.str()});
    if (!found.ok()) continue;  // deleted
    Json body = {{"organization", Render(found.organization())}};
    ShowSettings(backend, &body);
    organizations.push_back(std::move(body["organization"]));
  }
  return RenderSuccess({{"organizations", std::move(organizations)}}, call.request_id);
}

bool IsNoted(const Route& route) {
  return route.handle && (route.method != "GET" || route.pattern.rfind("/v1/", 0) == 0);
}

}  // namespace

std::vector<Route> Inspector::Noting(std::vector<Route> routes, Clock& clock) {
  for (Route& route : routes) {
    if (!IsNoted(route)) continue;
    route.handle = [this, &clock, method = route.method, pattern = route.pattern,
                    handle = std::move(route.handle)](const Call& call) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        open_[call.request_id] = {clock.Now(), method, pattern, 500, "internal_server_error", {}};
      }
      const auto close = [&] {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto open = open_.find(call.request_id);
        if (open == open_.end()) return;
        closed_.push_front(std::move(open->second));
        open_.erase(open);
        if (closed_.size() > kRequestsMax) closed_.pop_back();
      };
      try {
        Answer answer = handle(call);
        {
          const std::lock_guard<std::mutex> lock(mutex_);
          Request& request = open_[call.request_id];
          request.status = answer.status;
          request.error_type = answer.status < 400 ? "" : answer.body.value("error_type", "");
        }
        close();
        return answer;
      } catch (...) {  // the router answers it
        close();
        throw;
      }
    };
  }
  return routes;
}

void Inspector::Decided(const ReplyBase& reply) {
  const EventList& events = reply.events();
  EntityId organization = events.organization_id;
  EntityId member = events.member_id;
  if (reply.ok()) {
    if (!reply.organization().organization_id.empty())
      organization = reply.organization().organization_id;
    if (!reply.member().member_id.empty()) member = reply.member().member_id;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!organization.empty()) MoveToFront(&organizations_, organization, kOrganizationsMax);
  if (!organization.empty() && !member.empty())
    MoveToFront(&members_, {organization, member}, kMembersMax);
  const auto open = open_.find(reply.request_id());
  if (open == open_.end()) return;
  Decision decision = {events, reply.error().code()};
  decision.events.organization_id = organization;
  decision.events.member_id = member;
  open->second.decisions.push_back(std::move(decision));
}

Json Inspector::Show(const Request& request) {
  Json decisions = Json::array();
  for (const Decision& decision : request.decisions) {
    Json events = Json::array();
    for (const Event& event : decision.events) events.push_back(ShowEvent(event));
    decisions.push_back({{"organization_id", decision.events.organization_id.str()},
                         {"member_id", decision.events.member_id.str()},
                         {"error_type", ErrorTypeOf(decision.error)},
                         {"factor", decision.events.factor == FactorKind::kHostPrimary
                                        ? ""
                                        : std::string(TraitsOf(decision.events.factor).type)},
                         {"events", std::move(events)}});
  }
  return {{"at", FormatRfc3339(request.at)},  {"method", request.method},
          {"route", request.route},           {"status", request.status},
          {"error_type", request.error_type}, {"decisions", std::move(decisions)}};
}

Json Inspector::Timeline() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  Json requests = Json::array();
  for (const Request& request : closed_) requests.push_back(Show(request));
  return requests;
}

std::vector<std::pair<EntityId, EntityId>> Inspector::members() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {members_.begin(), members_.end()};
}

std::vector<EntityId> Inspector::organizations() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return {organizations_.begin(), organizations_.end()};
}

std::vector<Route> InspectorRoutes(const Backend& backend, Store& store, const Policy& policy,
                                   const Inspector& inspector, bool clock_runs) {
  return {
      {"GET", "/test/organizations",
       [backend, &inspector](const Call& call) {
         return OrganizationsCall(backend, call, inspector);
       }},
      {"GET", "/test/members",
       [backend, &store, &policy, &inspector](const Call& call) {
         return MembersCall(backend, call, store, policy, inspector);
       }},
      {"GET", "/test/timeline",
       [&inspector](const Call& call) {
         return RenderSuccess({{"requests", inspector.Timeline()}}, call.request_id);
       }},
      {"GET", "/test/clock",
       [backend, clock_runs](const Call& call) {
         return RenderSuccess({{"now", FormatRfc3339(backend.clock.Now())}, {"runs", clock_runs}},
                              call.request_id);
       }},
  };
}

}  // namespace mfa_server
