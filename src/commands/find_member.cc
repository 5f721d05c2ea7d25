// SPDX-License-Identifier: Apache-2.0
#include "commands/find_member.h"

#include <algorithm>
#include <utility>

#include "commands/devices.h"
#include "commands/mfa_plan.h"
#include "model/ledgers.h"
#include "otpcore/rules/email_address.h"
#include "rules/request_tag.h"

namespace otpcore {
namespace {

// Ids of the generated shape are never aliases (C-02), so only others are looked up as names too.
void LoadOrganization(const EntityId& id, const RecordKey& key, Decision* decision) {
  decision->Load(key);
  if (!id.generated()) decision->Load(RecordKey::OrganizationName(id.text()));
}
void LoadMember(const EntityId& organization, const EntityId& id, const RecordKey& key,
                Decision* decision) {
  decision->Load(key);
  if (!id.generated()) decision->Load(RecordKey::MemberName(organization, id.text()));
}

bool IsOf(const MemberRecord& member, const Session& session) {
  return session.organization_id == member.organization_id && session.member_id == member.member_id;
}

Error Unreadable() { return Error(ErrorCode::kInternalServerError, "a record cannot be read"); }

void ShowOrganization(const FoundOrganization& organization, Decision* decision) {
  decision->answer.organization_key = &organization.loaded->key;
  decision->answer.organization = organization.loaded->bytes;
}

// The record of the Member as this Organization has it; null: `*decision` loads more or refuses.
// `key`: of the id as it was spelled.
const LoadedRecord* FindMemberRecord(const CheckedMember& checked, const EntityId& organization,
                                     const RecordKey& key, const Facts& facts, Decision* decision) {
  const LoadedRecord* loaded = facts.Find(key);
  if (loaded == nullptr) {
    LoadMember(organization, checked.id, key, decision);
    return nullptr;
  }
  if (loaded->revision != 0) return loaded;
  EntityId id;
  if (!checked.id.generated() &&
      !FindName(facts, RecordKey::MemberName(organization, checked.id.text()), &id, decision))
    return nullptr;
  if (id.empty()) {
    Refuse(ErrorCode::kMemberNotFound, decision);
    return nullptr;
  }
  const RecordKey named = RecordKey::Member(organization, id);
  loaded = facts.Find(named);
  if (loaded == nullptr) {
    decision->Load(named);
  } else if (loaded->revision == 0) {
    Refuse(ErrorCode::kMemberNotFound, decision);
    return nullptr;
  }
  return loaded;
}

const LoadedRecord* FindMemberRecord(const CheckedMember& checked, const EntityId& organization,
                                     const Facts& facts, Decision* decision) {
  if (organization == checked.organization.id)
    return FindMemberRecord(checked, organization, checked.key, facts, decision);
  // The Organization was named by an alias.
  return FindMemberRecord(checked, organization, RecordKey::Member(organization, checked.id), facts,
                          decision);
}

void TellTime(const Facts& facts, Challenge& challenge) {
  if (challenge.state == ChallengeState::kLive)
    challenge.latest_seen = std::max(challenge.latest_seen, facts.now);
}

// The tag of the request that `context` was made for (C-07).
uint64_t TagOf(const CallContext& context, const TagKey& key) {
  RequestTag tag(key, context.kind);
  if (context.add_fields != nullptr) context.add_fields(context.command, &tag);
  return tag.Finish();
}

}  // namespace

// ---- Check ----

Error CheckId(const CallContext& context, const std::string& text, const char* absent_detail,
              EntityId* id) {
  if (text.empty()) return Error(ErrorCode::kBadRequest, absent_detail);
  return EntityId::Parse(text, context.config->policy().environment, id);
}

Error CheckSessionArguments(const SessionArguments& arguments,
                            std::optional<SessionCredential>* session) {
  using Kind = SessionCredential::Kind;
  const std::pair<Kind, const std::string*> all[] = {
      {Kind::kIntermediateToken, &arguments.intermediate_session_token},
      {Kind::kSessionToken, &arguments.session_token},
      {Kind::kSessionJwt, &arguments.session_jwt},
  };
  for (const auto& [kind, value] : all) {
    if (value->empty()) continue;
    if (session->has_value()) return ErrorCode::kTooManySessionArguments;
    *session = SessionCredential{kind, *value};
  }
  return ErrorCode::kOk;
}

Error CheckOrganization(const CallContext& context, const std::string& organization_id,
                        CheckedOrganization* checked) {
  const Error error =
      CheckId(context, organization_id, "organization_id is required", &checked->id);
  if (error.ok()) checked->key = RecordKey::Organization(checked->id);
  return error;
}

Error CheckMember(const CallContext& context, const std::string& organization_id,
                  const std::string& member_id, const SessionArguments* session,
                  CheckedMember* checked) {
  Error error = CheckOrganization(context, organization_id, &checked->organization);
  if (error.ok()) error = CheckId(context, member_id, "member_id is required", &checked->id);
  if (error.ok() && session != nullptr) error = CheckSessionArguments(*session, &checked->session);
  if (error.ok()) checked->key = RecordKey::Member(checked->organization.id, checked->id);
  return error;
}

Error CheckMember(const CallContext& context, const std::string& organization_id,
                  const std::string& member_id, const Actor& actor, CheckedMember* checked) {
  const Error error = CheckMember(context, organization_id, member_id, actor.session(), checked);
  if (!error.ok() || actor.is_host()) return error;
  return checked->session ? ErrorCode::kOk : ErrorCode::kNoSessionArguments;
}

// ---- Find ----

bool FindName(const Facts& facts, const RecordKey& key, EntityId* id, Decision* decision) {
  const LoadedRecord* const loaded = facts.Find(key);
  if (loaded == nullptr) {
    decision->Load(key);
    return false;
  }
  if (loaded->revision == 0) return true;
  NameEntry entry;
  if (!Unpack(key, loaded->bytes, &entry)) {
    Refuse(Unreadable(), decision);
    return false;
  }
  *id = entry.id;
  return true;
}

bool FindOrganization(const CheckedOrganization& checked, const Facts& facts, bool deleted_too,
                      FoundOrganization* found, Decision* decision) {
  const LoadedRecord* loaded = facts.Find(checked.key);
  if (loaded == nullptr) {
    LoadOrganization(checked.id, checked.key, decision);
    return false;
  }
  if (loaded->revision == 0) {
    EntityId id;
    if (!checked.id.generated()) {
      const InlineText<kIdBytesMax> name = checked.id.text();
      if (!FindName(facts, RecordKey::OrganizationName(name), &id, decision)) return false;
      if (id.empty() && !FindName(facts, RecordKey::OrganizationSlug(name), &id, decision))
        return false;
    }
    const RecordKey named = RecordKey::Organization(id);
    loaded = id.empty() ? nullptr : facts.Find(named);
    if (!id.empty() && loaded == nullptr) {
      decision->Load(named);
      return false;
    }
  }
  if (loaded == nullptr || loaded->revision == 0) {
    Refuse(ErrorCode::kOrganizationNotFound, decision);
    return false;
  }
  found->loaded = loaded;
  if (!Unpack(loaded->key, loaded->bytes, &found->organization)) {
    Refuse(Unreadable(), decision);
    return false;
  }
  if (found->organization.deleted && !deleted_too) {
    Refuse(ErrorCode::kOrganizationNotFound, decision);
    return false;
  }
  return true;
}

bool FindMember(const CallContext& context, const CheckedMember& checked, const Facts& facts,
                const FindOptions& options, FoundMember* found, Decision* decision) {
  if (facts.Find(checked.organization.key) == nullptr) {
    // The first load asks for everything at once. More is needed only for an alias, or when the
    // number has another canonical form.
    LoadOrganization(checked.organization.id, checked.organization.key, decision);
    LoadMember(checked.organization.id, checked.id, checked.key, decision);
    if (!options.number.empty()) decision->Load(ClaimKey(checked.organization.id, options.number));
    if (checked.session) decision->session = &*checked.session;
    return false;
  }
  if (!FindOrganization(checked.organization, facts, false, &found->organization, decision))
    return false;
  found->loaded =
      FindMemberRecord(checked, found->organization.organization.organization_id, facts, decision);
  if (found->loaded == nullptr) return false;
  MemberRecord& member = found->member;
  if (!Unpack(found->loaded->key, found->loaded->bytes, &member)) {
    Refuse(Unreadable(), decision);
    return false;
  }
  if (member.status == MemberStatus::kDeleted && !options.deleted_too) {
    Refuse(ErrorCode::kMemberNotFound, decision);
    return false;
  }
  // Every write of the record tells its challenges and its registration the time, not just those
  // that judge a code (T-02).
  TellTime(facts, member.challenge);
  TellTime(facts, member.candidate.challenge);
  TellTime(facts, member.email.challenge);
  TotpFactor& totp = member.totp;
  if (totp.state == RegistrationState::kPending)
    totp.latest_seen = std::max(totp.latest_seen, facts.now);
  found->earlier = member.mark;
  decision->answer.events.organization_id = member.organization_id;
  decision->answer.events.member_id = member.member_id;
  found->clock_anomaly = ClampFutureTimes(context.config->policy(), facts.now, &member);
  if (found->clock_anomaly) AddEvent(*found, EventKind::kClockAnomaly, facts.now, decision);
  if (!checked.device.empty()) FindDevice(context, checked.device, facts.now, found);
  found->proves_address = facts.session && facts.session->is_of_no_member() && checked.session &&
                          MayUse(*checked.session, *facts.session, member);
  return true;
}

bool FindMemberForCommand(const CallContext& context, const CheckedMember& checked,
                          const Facts& facts, const FindOptions& options, FoundMember* found,
                          Decision* decision) {
  if (!FindMember(context, checked, facts, {true, options.number}, found, decision)) return false;
  if (IsRepeated(context, found->earlier)) {
    AnswerRepeated(context, checked, facts, *found, decision);
    return false;
  }
  return MayProceed(context, checked, facts, options, *found, decision);
}

bool MayProceed(const CallContext& context, const CheckedMember& checked, const Facts& facts,
                const FindOptions& options, const FoundMember& found, Decision* decision) {
  if (found.member.status == MemberStatus::kDeleted && !options.deleted_too) {
    decision->answer.events.clear();
    Refuse(ErrorCode::kMemberNotFound, decision);
    return false;
  }
  const Error error = CheckSession(checked, facts, found.member);
  if (!error.ok()) Refuse(context, found, facts, error, decision);
  return error.ok();
}

Error CheckSession(const CheckedMember& checked, const Facts& facts, const MemberRecord& member) {
  if (!checked.session) return ErrorCode::kOk;
  if (!facts.session) {
    return checked.session->kind == SessionCredential::Kind::kIntermediateToken
               ? ErrorCode::kIntermediateSessionNotFound
               : ErrorCode::kSessionNotFound;
  }
  return MayUse(*checked.session, *facts.session, member)
             ? ErrorCode::kOk
             : ErrorCode::kMemberSessionMemberIdMismatch;
}

bool ProvesAddress(const Session& session, std::string_view email_address) {
  return session.is_of_no_member() && !email_address.empty() && !session.factors.HasSecond() &&
         CanonicalEmail(session.email_address) == CanonicalEmail(email_address);
}

bool MayUse(const SessionCredential& credential, const Session& session,
            const MemberRecord& member) {
  return IsOf(member, session) || (credential.kind == SessionCredential::Kind::kIntermediateToken &&
                                   ProvesAddress(session, member.email_address));
}

Error CheckStatusAndMethod(const FoundMember& found, const FactorTraits& traits) {
  const MemberRecord& member = found.member;
  // By a session that proves the address they become active (EM-27).
  if (member.status != MemberStatus::kActive && !found.proves_address)
    return ErrorCode::kActionAvailableOnlyForActiveMembers;
  if (!found.organization.organization.Allows(traits.method) && !member.is_breakglass)
    return ErrorCode::kOperationRestrictedByOrganizationMfaMethods;
  return ErrorCode::kOk;
}

bool LacksFactor(const Facts& facts, const MemberRecord& member) {
  return !facts.session->factors.HasSecond() && member.HasActiveMfaFactor();
}

// ---- Repeated operations ----

bool IsRepeated(const CallContext& context, const OperationMark& earlier) {
  return context.kind != CommandKind::kNone && context.repeatable() &&
         earlier.id == context.operation_id && earlier.command != CommandKind::kNone;
}

Error CheckRepeated(const CallContext& context, const OperationMark& earlier, Instant now) {
  const Duration life = context.config->policy().operation_life;
  if (now - earlier.at >= life || earlier.at - now >= life)
    return Error(ErrorCode::kBadRequest, "the operation id was used too long ago");
  if (earlier.command != context.kind)
    return Error(ErrorCode::kBadRequest, "the operation id was used for another command");
  const TagKey* const key = context.config->keys().FindTagKey(earlier.request_key);
  if (key == nullptr)
    return Error(ErrorCode::kBadRequest, "the key of the operation id's request is gone");
  if (TagOf(context, *key) != earlier.request)
    return Error(ErrorCode::kBadRequest, "the operation id was used for another request");
  return ErrorCode::kOk;
}

bool AnswerRepeated(const CallContext& context, const Facts& facts, const FoundMember& found,
                    Decision* decision) {
  const Error error = CheckRepeated(context, found.earlier, facts.now);
  if (!error.ok()) {
    RefuseRepeated(error, decision);
    return false;
  }
  decision->answer.events.clear();  // nothing is written, so nothing is told
  ShowMember(found, decision);
  decision->answer.error = static_cast<ErrorCode>(found.earlier.answer);
  return decision->answer.error.ok();
}

void AnswerRepeated(const CallContext& context, const CheckedMember& checked, const Facts& facts,
                    const FoundMember& found, Decision* decision) {
  if (!AnswerRepeated(context, facts, found, decision)) return;
  const Error error = CheckSession(checked, facts, found.member);
  if (!error.ok()) RefuseRepeated(error, decision);
}

void RefuseRepeated(Error error, Decision* decision) {
  decision->answer.events.clear();
  Refuse(error, decision);
}

// ---- Answers ----

Event EventOf(const PhoneFactor& phone, const ChallengeId& id, EventKind kind, Instant at,
              ErrorCode reason) {
  Event event;
  event.kind = kind;
  event.at = at;
  event.reason = reason;
  event.region = phone.region;
  const std::string_view number = phone.number.view();
  if (!number.empty()) event.last_digits.Assign(number.substr(number.size() - 2));
  event.challenge_id = id;
  return event;
}

void AddEvent(const PhoneFactor& phone, EventKind kind, Instant at, ErrorCode reason,
              Decision* decision) {
  decision->answer.events.Add(EventOf(phone, ChallengeId(), kind, at, reason));
}

void AddEvent(const FoundMember& found, EventKind kind, Instant at, ErrorCode reason,
              Decision* decision) {
  AddEvent(found.member.phone, kind, at, reason, decision);
}

void AddEvent(const FoundMember& found, const ChallengeId& id, EventKind kind, Instant at,
              ErrorCode reason, Decision* decision) {
  decision->answer.events.Add(EventOf(found.member.phone, id, kind, at, reason));
}

void SetDefaultMethod(MfaMethod method, Instant now, FoundMember* found, Decision* decision) {
  if (found->member.default_mfa_method == method) return;
  found->member.default_mfa_method = method;
  AddEvent(*found, EventKind::kDefaultMethodChanged, now, decision);
}

void EraseTotp(Instant now, FoundMember* found, Decision* decision) {
  MemberRecord& member = found->member;
  member.totp = TotpFactor();
  member.recovery = RecoveryFactor();
  member.hosts_totp_id = {};
  if (member.default_mfa_method == MfaMethod::kTotp)
    SetDefaultMethod(MfaMethod::kNone, now, found, decision);
}

void Refuse(Error error, Decision* decision) { decision->answer.error = error; }

void Refuse(const CallContext& context, const FoundMember& found, const Facts& facts, Error error,
            Decision* decision) {
  decision->answer.error = error;
  if (!found.clock_anomaly) return;
  MemberRecord clamped = found.member;
  clamped.mark = MarkFor(context, facts, error.code());
  clamped.mark.command = CommandKind::kNone;
  decision->answer.error = ErrorCode::kOk;  // which a write that fails would keep
  decision->Write(*found.loaded, clamped);
  if (decision->kind == Decision::Kind::kCommit) decision->answer.error = error;
}

void ShowMember(const FoundMember& found, Decision* decision) {
  ShowOrganization(found.organization, decision);
  decision->answer.member_key = &found.loaded->key;
  decision->answer.member = decision->Show(found.member);
}

OperationMark MarkFor(const CallContext& context, const Facts& facts, ErrorCode answer) {
  OperationMark mark;
  mark.run = facts.run();
  mark.command = context.kind;
  mark.answer = static_cast<uint16_t>(answer);
  if (!context.repeatable()) return mark;
  const KeyRing& keys = context.config->keys();
  mark.id = context.operation_id;
  mark.request_key = keys.current_id();
  mark.request = TagOf(context, *keys.FindTagKey(mark.request_key));
  mark.at = facts.now;
  return mark;
}

void CommitMember(const CallContext& context, const Facts& facts, FoundMember* found, Error error,
                  Decision* decision) {
  // Not an address that the command itself has set.
  if (found->proves_address && error.ok() &&
      ProvesAddress(*facts.session, found->member.email_address))
    VerifyAddress(facts.now, found, decision);
  CommitMemberWith(MarkFor(context, facts, error.code()), found, error, decision);
}

void CommitMemberWith(const OperationMark& mark, FoundMember* found, Error error,
                      Decision* decision) {
  found->member.mark = mark;
  ShowOrganization(found->organization, decision);
  decision->answer.member_key = &found->loaded->key;
  decision->answer.member = decision->Write(*found->loaded, found->member);
  if (decision->kind == Decision::Kind::kCommit) decision->answer.error = error;
}

}  // namespace otpcore
