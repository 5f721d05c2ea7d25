// SPDX-License-Identifier: Apache-2.0
#include "commands/target.h"

#include <algorithm>

#include "model/ledgers.h"

namespace otpcore {
namespace {

const LoadedRecord* FindOrganizationRecord(const Facts& facts, std::string_view id) {
  return facts.Find(RecordKind::kOrganization, {}, id);
}
const LoadedRecord* FindMemberRecord(const Facts& facts, const Id& organization,
                                     std::string_view id) {
  return facts.Find(RecordKind::kMember, organization, id);
}

// Ids of the generated shape are never aliases (C-02), so only others are looked up as names too.
void AddMemberKeys(const Id& organization, std::string_view member, std::vector<RecordKey>* keys) {
  keys->push_back(MemberKey(organization, member));
  if (!IsGeneratedId(member)) keys->push_back(MemberNameKey(organization, member));
}

void AddOrganizationKeys(std::string_view organization, std::vector<RecordKey>* keys) {
  keys->push_back(OrganizationKey(organization));
  if (!IsGeneratedId(organization)) keys->push_back(OrganizationNameKey(organization));
}

LoadMore FirstLoad(const Lookup& lookup) {
  LoadMore load;
  load.keys.reserve(lookup.number.empty() ? 2 : 3);  // enough for ids of the generated shape
  AddOrganizationKeys(lookup.organization, &load.keys);
  // Right unless `organization` turns out to be an alias, or the number has a longer canonical
  // form.
  AddMemberKeys(lookup.organization, lookup.member, &load.keys);
  if (!lookup.number.empty()) load.keys.push_back(ClaimKey(lookup.organization, lookup.number));
  if (lookup.session != nullptr && *lookup.session) load.session = (*lookup.session)->credential();
  load.entropy = lookup.entropy;
  return load;
}

OrganizationSnapshot OrganizationIn(const LoadedRecord& loaded) {
  const auto* const snapshot = std::get_if<OrganizationSnapshot>(&loaded.record);
  return snapshot == nullptr ? nullptr : *snapshot;
}

bool IsOf(const MemberRecord& member, const Session& session) {
  return session.organization_id == member.organization_id && session.member_id == member.member_id;
}

}  // namespace

Id NamedBy(const Facts& facts, const RecordKey& name_key) {
  const LoadedRecord* const loaded = facts.Find(name_key);
  if (loaded == nullptr) return Id();
  const auto* const entry = std::get_if<NameEntry>(&loaded->record);
  return entry == nullptr ? Id() : entry->id;
}

Error CheckRequiredId(const Policy& policy, const std::string& id, const char* absent_detail) {
  if (id.empty()) return Error(ErrorCode::kBadRequest, absent_detail);
  return CheckId(id, policy.environment);
}

Error CheckIds(const CallContext& context, const Facts& facts, const std::string& organization_id,
               const std::string& member_id) {
  if (!facts.records.empty()) return ErrorCode::kOk;
  const Policy& policy = context.config->policy();
  const Error error = CheckRequiredId(policy, organization_id, "organization_id is required");
  if (error.code() != ErrorCode::kOk) return error;
  return CheckRequiredId(policy, member_id, "member_id is required");
}

Result<std::optional<GivenSession>> OneCredential(const SessionArguments& arguments) {
  using Kind = SessionCredential::Kind;
  const std::pair<Kind, const std::string*> given[] = {
      {Kind::kIntermediateToken, &arguments.intermediate_session_token},
      {Kind::kSessionToken, &arguments.session_token},
      {Kind::kSessionJwt, &arguments.session_jwt},
  };
  std::optional<GivenSession> one;
  for (const auto& [kind, value] : given) {
    if (value->empty()) continue;
    if (one) return ErrorCode::kTooManySessionArguments;
    one = GivenSession{kind, value};
  }
  return one;
}

Event EventAbout(const Enrollment& enrollment, EventKind kind, Instant at, ErrorCode reason) {
  Event event;
  event.kind = kind;
  event.at = at;
  event.reason = reason;
  event.region = enrollment.region;
  const std::string_view number = enrollment.phone_number.view();
  if (!number.empty()) event.last_digits = number.substr(number.size() - 2);
  return event;
}

void Target::AddEvent(EventKind kind, Instant at, ErrorCode reason) {
  events.Add(EventAbout(member.enrollment, kind, at, reason));
}

std::optional<Decision> FindOrganization(std::string_view spelling, const Facts& facts,
                                         OrganizationSnapshot* organization, bool deleted_too) {
  const LoadedRecord* found = FindOrganizationRecord(facts, spelling);
  if (found == nullptr) {
    LoadMore load;
    AddOrganizationKeys(spelling, &load.keys);
    return load;
  }
  if (found->revision == 0) {
    const Id id = NamedBy(facts, OrganizationNameKey(spelling));
    if (id.empty()) return RefuseRequest(ErrorCode::kOrganizationNotFound);
    found = FindOrganizationRecord(facts, id);
    if (found == nullptr) return LoadMore{{OrganizationKey(id)}, {}, false};
  }
  *organization = OrganizationIn(*found);
  if (*organization == nullptr || ((*organization)->deleted && !deleted_too))
    return RefuseRequest(ErrorCode::kOrganizationNotFound);
  return std::nullopt;
}

std::optional<Decision> FindTarget(const CallContext& context, const Lookup& lookup,
                                   const Facts& facts, Target* target) {
  // The first load asks for everything at once; more is needed only when an alias was given.
  if (FindOrganizationRecord(facts, lookup.organization) == nullptr) return FirstLoad(lookup);
  if (auto instead = FindOrganization(lookup.organization, facts, &target->organization))
    return instead;
  const Id& organization_id = target->organization->organization.organization_id;
  const LoadedRecord* member = FindMemberRecord(facts, organization_id, lookup.member);
  if (member == nullptr) {
    LoadMore more;
    AddMemberKeys(organization_id, lookup.member, &more.keys);
    return more;
  }
  if (member->revision == 0) {
    const Id member_id = NamedBy(facts, MemberNameKey(organization_id, lookup.member));
    if (member_id.empty()) return RefuseRequest(ErrorCode::kMemberNotFound);
    member = FindMemberRecord(facts, organization_id, member_id);
    if (member == nullptr) return LoadMore{{MemberKey(organization_id, member_id)}, {}, false};
  }
  const auto* const record = std::get_if<MemberRecord>(&member->record);
  if (record == nullptr || (record->status == MemberStatus::kDeleted && !lookup.deleted_too))
    return RefuseRequest(ErrorCode::kMemberNotFound);

  target->revision = member->revision;
  target->member = *record;
  // Every write of the record tells its challenge the time, not just those that judge a code
  // (T-02).
  Challenge& challenge = target->member.challenge;
  if (challenge.state == ChallengeState::kLive)
    challenge.latest_seen = std::max(challenge.latest_seen, facts.now);
  target->earlier = record->mark;
  target->events.organization_id = record->organization_id;
  target->events.member_id = record->member_id;
  target->clock_anomaly = PullBackInstants(context.config->policy(), facts.now, &target->member);
  if (target->clock_anomaly) target->AddEvent(EventKind::kClockAnomaly, facts.now);
  return std::nullopt;
}

Error CheckSession(const std::optional<GivenSession>& given, const Facts& facts,
                   const MemberRecord& member) {
  if (!given) return ErrorCode::kOk;
  if (!facts.session) {
    return given->kind == SessionCredential::Kind::kIntermediateToken
               ? ErrorCode::kIntermediateSessionNotFound
               : ErrorCode::kSessionNotFound;
  }
  return IsOf(member, *facts.session) ? ErrorCode::kOk : ErrorCode::kMemberSessionMemberIdMismatch;
}

bool LacksFactor(const Facts& facts, const MemberRecord& member) {
  return facts.session && !facts.session->HasMfaFactor() && member.HasActiveMfaFactor();
}

std::optional<Decision> Begin(const CallContext& context, const MemberCall& call,
                              const Facts& facts, Target* target) {
  if (const Error error = CheckIds(context, facts, call.organization_id, call.member_id);
      error.code() != ErrorCode::kOk)
    return RefuseRequest(error);
  const SessionArguments none;
  const auto given = OneCredential(call.session == nullptr ? none : *call.session);
  if (!given) return RefuseRequest(given.error());
  const Lookup lookup = {call.organization_id, call.member_id, &*given, call.entropy, true};
  if (auto instead = FindTarget(context, lookup, facts, target)) return instead;
  if (call.kind != CommandKind::kNone && IsRepeated(context, *target))
    return AnswerRepeated(call.kind, facts, std::move(*target));
  if (target->member.status == MemberStatus::kDeleted && !call.deleted_too)
    return RefuseRequest(ErrorCode::kMemberNotFound);
  const Error error = CheckSession(*given, facts, target->member);
  if (error.code() != ErrorCode::kOk) return Refuse(context, std::move(*target), error);
  return std::nullopt;
}

bool IsRepeated(const CallContext& context, const Target& target) {
  return target.earlier.id == context.operation_id && target.earlier.command != CommandKind::kNone;
}

Decision AnswerRepeated(CommandKind command, const Facts& facts, Target&& target) {
  if (facts.session && !IsOf(target.member, *facts.session))
    return RefuseRequest(ErrorCode::kMemberSessionMemberIdMismatch);
  const OperationMark earlier = target.earlier;
  Decision decision = AnswerWithMember(std::move(target));
  std::get_if<Answer>(&decision)->error =
      earlier.command == command ? Error(static_cast<ErrorCode>(earlier.answer))
                                 : Error(ErrorCode::kBadRequest, kOperationIdOfAnotherCommand);
  return decision;
}

Decision Refuse(const CallContext& context, Target&& target, Error error) {
  if (target.clock_anomaly) {
    const OperationMark mark = {context.operation_id, CommandKind::kNone,
                                static_cast<uint16_t>(error.code())};
    return StartCommit(mark, std::move(target), error);
  }
  Answer answer;
  answer.error = error;
  answer.events = target.events;
  return answer;
}

Decision AnswerWithMember(Target&& target) {
  Answer answer;
  answer.events = target.events;
  answer.organization = std::move(target.organization);
  answer.member = std::make_unique<MemberRecord>(std::move(target.member));
  return answer;
}

Decision RefuseRequest(Error error) {
  Answer answer;
  answer.error = error;
  return answer;
}

Commit StartCommit(OperationMark mark, Target&& target, Error error, size_t more_writes) {
  Commit commit;
  commit.answer.error = error;
  commit.answer.events = target.events;
  commit.answer.organization = std::move(target.organization);
  target.member.mark = mark;
  commit.changes.writes.reserve(1 + more_writes);
  Write& write = commit.changes.writes.emplace_back();
  write.key = target.key();
  write.expected = target.revision;
  write.record.emplace<MemberRecord>(std::move(target.member));
  return commit;
}

Result<MemberResponse> RespondWithMember(const Conclusion& conclusion) {
  if (conclusion.answer.error.code() != ErrorCode::kOk) return conclusion.answer.error;
  return MemberResponse{ViewOf(*conclusion.member(), conclusion.now),
                        conclusion.answer.organization->organization};
}

}  // namespace otpcore
