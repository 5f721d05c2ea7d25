// SPDX-License-Identifier: Apache-2.0
// How the world meets each need of a call, rightly or wrongly.
#include <algorithm>

#include "world.h"

namespace otpcore {
namespace simulation {

void World::Start(Slot* slot, Draw* draw) {
  const uint32_t number = slot->number;
  const uint32_t host = slot->host;
  *slot = Slot();
  slot->number = number;
  slot->host = host;
  const Calling calling = clients_->Next(draw);
  slot->call = calling.call;
  if (slot->call.operation.empty()) slot->call.operation = kNotRepeatable;
  if (calling.session) Learn(*calling.session);
  slot->busy = true;
  slot->keys = keys_of_hosts_[host];
  slot->running = Begin(ConfigOf(slot->keys), slot->call);
  ++events_;
  Count(std::string("call: ") + simulation::NameOf(slot->call.verb));
  Log(NameOf(*slot) + ": " + Describe(slot->call));
  slot->need = slot->running->driver().Start();
  if (std::holds_alternative<Done>(slot->need)) Finish(slot);
}

void World::Advance(Slot* slot, Draw* draw, bool faults) {
  ++events_;
  const Need need = slot->need;
  hash_.Number(need.index());
  if (const auto* load = std::get_if<NeedLoad>(&need)) MeetLoad(slot, *load, draw, faults);
  if (const auto* admit = std::get_if<NeedAdmission>(&need))
    MeetAdmission(slot, *admit, draw, faults);
  if (const auto* commit = std::get_if<NeedCommit>(&need)) MeetCommit(slot, *commit, draw, faults);
  if (const auto* session = std::get_if<NeedSessionEffect>(&need))
    MeetSession(slot, *session, draw, faults);
  if (const auto* delivery = std::get_if<NeedDelivery>(&need))
    MeetDelivery(slot, *delivery, draw, faults);
  if (const auto* settlement = std::get_if<NeedSettlement>(&need))
    MeetSettlement(slot, *settlement);
  if (!slot->busy || !problem_.empty()) return;
  if (std::holds_alternative<Done>(slot->need)) Finish(slot);
}

// Notes what the host sees of the thing behind `key`.
void World::See(Slot* slot, const RecordKey& key, const StatePtr& state) {
  View& view = slot->view;
  const std::string name = key.name().str();
  const std::string path = PathOf(key.organization().str(), name);
  const auto copy = [](const auto& from, const std::string& what, auto* to) {
    const auto found = from.find(what);
    (*to)[what] = found == from.end() ? nullptr : found->second;
  };
  switch (key.kind()) {
    case RecordKind::kOrganization: return copy(state->organizations, name, &view.organizations);
    case RecordKind::kMember: return copy(state->members, path, &view.members);
    case RecordKind::kPhoneClaim: return copy(state->claims, path, &view.claims);
    case RecordKind::kDiscovery: return copy(state->addresses, name, &view.addresses);
    case RecordKind::kOrganizationSlug: view.names[PathOf(kSlugs, name)] = state; return;
    default: view.names[path] = state;
  }
}

void World::FillEntropy(Slot* slot, const NeedLoad& need, Loaded* loaded, Draw* draw, bool faults) {
  auto* const bytes = reinterpret_cast<uint8_t*>(need.entropy);
  Draw generator(draw->Next());
  const uint64_t word = generator.Next();
  bool stuck = false;
  loaded->has_entropy = true;
  if (faults && draw->Chance(1, 60)) {
    stuck = draw->Chance(1, 2);
    loaded->has_entropy = stuck;
    Count(stuck ? "fault: stuck generator" : "fault: no entropy");
    Log("  the generator of " + NameOf(*slot) + (stuck ? " is stuck" : " fails"));
  }
  // One that is stuck repeats a word; one that fails has filled half.
  const size_t size = loaded->has_entropy ? need.entropy_bytes : need.entropy_bytes / 2;
  for (size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<uint8_t>((stuck ? word : generator.Next()) >> (8 * (i % 8)));
  slot->drawn.assign(reinterpret_cast<const char*>(bytes), need.entropy_bytes);
  slot->generator_stuck = stuck;
  if (loaded->ok && !loaded->has_entropy && !slot->following_up) slot->no_entropy = true;
}

void World::BeginAttempt(Slot* slot) {
  slot->view = View();
  slot->view.first = model_;
  slot->viewing = true;
  slot->run = ++attempts_;
  slot->session.reset();
  slot->generator_stuck = false;
  slot->admission.reset();
}

void World::MeetLoad(Slot* slot, const NeedLoad& need, Draw* draw, bool faults) {
  if (!slot->viewing && !slot->resolving) BeginAttempt(slot);
  Loaded loaded;
  loaded.epoch = epoch_;
  loaded.ok = !(faults && draw->Chance(1, 60));
  LoadBatch batch = need.batch;
  for (size_t i = 0; i < batch.size(); ++i) {
    const RecordKey& key = batch.key(i);
    hash_.Text(key.bytes());
    if (IsOfDiscovery(slot->call.verb) && key.kind() != RecordKind::kDiscovery)
      return Fail(NameOf(*slot) + " reads what is of an Organization (EM-24)");
    const bool steady = key.kind() == RecordKind::kOrganizationName ||
                        key.kind() == RecordKind::kOrganizationSlug ||
                        key.kind() == RecordKind::kMemberName ||
                        key.kind() == RecordKind::kMemberEmail;
    const size_t back = faults && !steady && draw->Chance(1, 40) ? 1 + draw->Below(2) : 0;
    const SimStore::Version& version = store_.Read(key, back);
    if (back > 0) Count("fault: stale read");
    if (back > 0) Log("  a stale read");
    if (version.answered() != 0 && !batch.Found(i, version.revision, version.bytes))
      Fail("a record has no room in the operation");
    const bool old = back > 0 && version.model != nullptr;
    if (!slot->resolving) See(slot, key, old ? version.model : model_);
    // C-08: a host that reads its own run knows that it has committed.
    if (slot->resolving && loaded.ok && !slot->following_up &&
        RunIn(version.bytes) == slot->commit_run) {
      slot->excuse = false;
      slot->found_gone = version.bytes.empty();  // whoever deleted it
    }
  }
  if (need.session != nullptr) {
    const auto found = sessions_.find(need.session->value);
    if (found != sessions_.end()) loaded.session = found->second;
    if (!slot->resolving) slot->session = loaded.session;
  }
  if (need.entropy != nullptr) FillEntropy(slot, need, &loaded, draw, faults);
  loaded.now = Instant::FromUnixMillis(NowOf(slot->host));
  if (!slot->resolving) {
    slot->now = loaded.now.unix_millis();
    slot->epoch = epoch_;
  }
  if (!loaded.ok) {
    Count("fault: load unavailable");
    Log("  the load of " + NameOf(*slot) + " fails");
    if (!slot->following_up) slot->excuse = slot->must_fail = true;
  }
  if (loaded.ok) Log("  " + NameOf(*slot) + " loads at " + FormatRfc3339(loaded.now));
  slot->need = slot->running->driver().OnLoaded(loaded);
}

void World::MeetAdmission(Slot* slot, const NeedAdmission& need, Draw* draw, bool faults) {
  slot->admission.reset();
  const Expected expected = JudgeSlot(*slot);
  if (!expected.asks_guard) return Fail("the guard is asked though it need not be");
  if (slot->admitted && slot->admitted_for != expected.asks_for)
    return Fail("one admission is taken for two numbers (L-06)");
  if (slot->admission_id.empty()) {
    slot->admission_id = need.id;
    if (need.id.empty() || !admissions_.insert(need.id).second)
      return Fail("two calls ask the guard under one id");
  } else if (slot->admission_id != need.id) {
    return Fail("one call asks the guard under two ids");
  }
  for (const Quota& quota : *need.quotas) hash_.Number(static_cast<uint64_t>(quota.subject));
  if (slot->call.verb == Verb::kSendEmail || slot->call.verb == Verb::kSendDiscovery)
    CheckEmailQuotas(*slot, *need.quotas, expected);
  else
    CheckQuotas(*slot, *need.quotas, expected);
  Admission admission;
  const bool told = !(faults && draw->Chance(1, 12));
  if (told) {
    admission = AskGuard(need);
  } else {
    admission.kind = static_cast<Admission::Kind>(1 + draw->Below(3));
    admission.retry_after = Duration(1000 * (1 + draw->Below(3600)));
    // Its answer may have been lost on the way back.
    if (admission.kind == Admission::Kind::kUnreachable && draw->Chance(1, 2)) AskGuard(need);
    Count("fault: guard refuses");
  }
  if (told && admission.kind != Admission::Kind::kAdmitted)
    Count(admission.kind == Admission::Kind::kTooMany ? "guard: too many" : "guard: too few");
  if (admission.kind != Admission::Kind::kAdmitted) Log("  the guard refuses " + NameOf(*slot));
  slot->admission = admission;
  if (admission.kind == Admission::Kind::kAdmitted ||
      admission.kind == Admission::Kind::kUnreachable) {
    slot->admitted = true;
    slot->admitted_for = expected.asks_for;
  }
  slot->need = slot->running->driver().OnAdmitted(admission);
}

// The guard answers as the model does (L-06, L-07).
Admission World::AskGuard(const NeedAdmission& need) {
  const Instant now =
      Instant::FromUnixMillis(std::max(clocks_.now(), guard_clock_.now.unix_millis()));
  guard_clock_.now = now;
  const Admission expected = guard_model_.Admit(need.id, *need.quotas, now);
  const Admission admission = guard_.Admit(need.id, *need.quotas);
  if (admission.kind != expected.kind || admission.retry_after != expected.retry_after)
    Fail("the guard answers " + std::to_string(static_cast<int>(admission.kind)) + ", wait " +
         std::to_string(admission.retry_after.count()) + ", its model " +
         std::to_string(static_cast<int>(expected.kind)) + ", wait " +
         std::to_string(expected.retry_after.count()) + " (L-07)");
  return admission;
}

// How many the guard counts as ended and as proved shows in where it begins to refuse.
void World::ProbeGuard(const EntityId& organization, const Event& verified) {
  Quota quota;
  quota.subject = Quota::Subject::kConversion;
  quota.organization_id = organization;
  quota.region = verified.region;
  quota.min_ended = 1;
  quota.window = std::chrono::hours(24);
  for (quota.max = 10; quota.max <= 100; quota.max += 10) {
    const Quotas quotas = {quota};
    const NeedAdmission probe = {{{0xFF, static_cast<uint8_t>(quota.max)}}, &quotas};
    AskGuard(probe);
    guard_.Settle(probe.id, Settlement::kReturned);
    guard_model_.Settle(probe.id, Settlement::kReturned);
  }
}

// All four are asked for, or that of the number alone where it is a sandbox one; the conversion's
// for this Member, and for the passcode that is to be replaced.
void World::CheckQuotas(const Slot& slot, const Quotas& quotas, const Expected& expected) {
  const bool sandbox = quotas[0].address.view() == "+15005550006";
  if (quotas.size() != (sandbox ? 1u : 4u)) return Fail("not all quotas are asked for");
  if (sandbox) return;
  const Quota& conversion = quotas[3];
  const ModelMember* const member = slot.view.FindMember(expected.organization, expected.member);
  const ModelChallenge& challenge =
      slot.call.verb == Verb::kStartPhoneChange ? member->candidate.challenge : member->challenge;
  const ChallengeId replaced =
      challenge.state == ChallengeState::kLive ? challenge.id : ChallengeId();
  if (conversion.subject != Quota::Subject::kConversion ||
      conversion.member_id.str() != expected.member || conversion.address != quotas[0].address ||
      conversion.replaces != replaced)
    Fail("the guard is asked about the conversion of somebody else, or of another passcode (L-07)");
}

// D-02, D-03: given back when surely nothing was sent, and only then.
void World::MeetSettlement(Slot* slot, const NeedSettlement& need) {
  hash_.Number(static_cast<uint64_t>(need.settlement));
  if (!slot->admitted) return Fail("the guard is told of the end of what it did not admit");
  if (need.id != slot->admission_id) return Fail("the admission of another call is settled");
  bool spent = false;
  bool doubtful = false;
  if (slot->delivery) {
    // What the report does not give back stays spent in the guard too, as when its outcome is
    // unknown (D-02).
    spent = slot->delivery->kind != Delivery::Kind::kUnavailable || !slot->gave_back;
    doubtful = slot->unknown;
  } else if (slot->committed)
    spent = slot->committed->issues;
  else if (slot->unknown)
    spent = slot->would_issue;
  if (need.settlement == Settlement::kReturned && spent)
    return Fail("a quota is given back though an SMS may have left");
  if (need.settlement == Settlement::kSpent && !spent && !doubtful)
    return Fail("a quota is kept though surely no SMS left");
  Log("  " + NameOf(*slot) + (spent ? " keeps" : " gives back") + " what the guard admitted");
  slot->admitted = false;
  guard_.Settle(need.id, need.settlement);
  guard_model_.Settle(need.id, need.settlement);
  slot->need = slot->running->driver().OnSettled();
}

void World::MeetCommit(Slot* slot, const NeedCommit& need, Draw* draw, bool faults) {
  HashChanges(*need.changes);
  if (!slot->following_up) slot->would_issue = JudgeSlot(*slot).issues;
  slot->commit_run = RunIn(need.changes->writes.front().record);
  CommitOutcome outcome = CommitOutcome::kCommitted;
  bool applies = true;
  if (faults && draw->Chance(1, 10)) {
    const uint32_t what = draw->Below(4);
    applies = what == 3;
    outcome = what == 0   ? CommitOutcome::kConflict
              : what == 1 ? CommitOutcome::kUnavailable
                          : CommitOutcome::kUnknown;
    static constexpr const char* kNames[] = {"conflict", "unavailable", "unknown, lost",
                                             "unknown, applied"};
    Count(std::string("fault: commit ") + kNames[what]);
    Log("  " + NameOf(*slot) + "'s commit: " + kNames[what]);
  }
  if (applies && store_.WouldConflict(*need.changes)) {
    applies = false;
    if (outcome == CommitOutcome::kCommitted) outcome = CommitOutcome::kConflict;
  }
  if (applies) {
    Log("  " + NameOf(*slot) + " commits");
    OnApplied(slot, *need.changes);
  }
  if (!problem_.empty()) return;
  const bool in_doubt = slot->resolving;
  slot->resolving |= outcome == CommitOutcome::kUnknown;
  slot->unknown |= outcome == CommitOutcome::kUnknown;
  slot->viewing = false;
  if (outcome == CommitOutcome::kConflict) {
    ++slot->conflicts;
    Log("  " + NameOf(*slot) + " has a conflict");
  }
  if (!slot->following_up) {
    slot->excuse = outcome != CommitOutcome::kCommitted &&
                   (outcome == CommitOutcome::kUnavailable || slot->unknown ||
                    slot->conflicts >= Operation::kAttemptsMax);
    if (!in_doubt) slot->must_fail |= outcome == CommitOutcome::kUnavailable;
  }
  slot->need = slot->running->driver().OnCommitted(outcome);
}

void World::MeetSession(Slot* slot, const NeedSessionEffect& need, Draw* draw, bool faults) {
  const SessionEffect& effect = *need.effect;
  // Of a repetition the commit may be another call's (C-07).
  if (!slot->committed && committed_.count(slot->call.operation) == 0)
    return Fail("the session is changed before the commit");
  CheckEffect(*slot, effect);
  bool applied = !(faults && draw->Chance(1, 30));
  if (applied) applied = ApplyEffect(effect);
  if (applied) MakeSession(*slot, effect);
  if (!applied) {
    Count("fault: session effect");
    Log("  the session of " + NameOf(*slot) + " is not changed");
    slot->excuse = slot->must_fail = true;
  }
  slot->need = slot->running->driver().OnSessionEffect(applied);
}

void World::MeetDelivery(Slot* slot, const NeedDelivery& need, Draw* draw, bool faults) {
  const Message& message = *need.message;
  constexpr SecretAccess kAccess("this is the phone");
  hash_.Text(message.text.Reveal(kAccess));
  if (!slot->committed || !slot->committed->delivers || slot->delivery)
    return Fail("an SMS leaves that no commit stands for");
  if (message.challenge_id != slot->challenge) return Fail("the SMS has another idempotency key");
  const std::string to =
      message.channel == Channel::kEmail
          ? MailboxOf(message.organization_id.str(), Lower(std::string(message.to.view())))
          : PathOf(message.organization_id.str(), message.member_id.str());
  const std::string code(message.passcode.Reveal(kAccess));
  Delivery delivery;
  if (faults && draw->Chance(1, 6)) {
    delivery.kind = static_cast<Delivery::Kind>(2 + draw->Below(3));
    delivery.unsubscribed = delivery.kind == Delivery::Kind::kRejected && draw->Chance(1, 3);
    Count("fault: sink answers " + std::to_string(static_cast<int>(delivery.kind)));
    Log("  the sink answers " + std::to_string(static_cast<int>(delivery.kind)));
  }
  int copies = delivery.kind == Delivery::Kind::kAccepted ? 1 : 0;
  if (delivery.kind == Delivery::Kind::kUnknown) copies = draw->Chance(1, 2) ? 1 : 0;
  if (copies > 0 && faults && draw->Chance(1, 20)) ++copies;
  for (int i = 0; i < copies; ++i) {
    if (faults && draw->Chance(1, 5))
      under_way_.push_back({to, code});
    else
      Arrive({to, code});
  }
  slot->delivery = delivery;
  if (delivery.kind != Delivery::Kind::kAccepted) FollowUp(slot, message);
  slot->need = slot->running->driver().OnDelivered(delivery);
}

// From now on the needs are those of the report (D-06).
void World::FollowUp(Slot* slot, const Message& message) {
  slot->following_up = true;
  slot->viewing = slot->resolving = false;
  slot->conflicts = 0;
  slot->follow_up = Call();
  const bool outside = message.organization_id.empty();
  slot->follow_up.verb = outside ? Verb::kReportDiscovery : Verb::kReportDelivery;
  if (outside) slot->follow_up.email = message.to.str();
  slot->follow_up.operation = kNotRepeatable;
  slot->follow_up.organization = message.organization_id.str();
  slot->follow_up.member = message.member_id.str();
  slot->follow_up.challenge = message.challenge_id;
  slot->follow_up.delivery = *slot->delivery;
}

void World::Finish(Slot* slot) {
  slot->busy = false;
  if (slot->admitted) Fail("the guard is not told of the end of what it admitted");
  const Heard heard = slot->running->Take();
  HashReply(heard);
  EventList events = heard.reply->events();
  guard_model_.Observe(events, guard_clock_.now);
  guard_.Observe(&events);
  for (const Event& event : events) {
    if (event.kind == EventKind::kNumberVerified) ProbeGuard(events.organization_id, event);
  }
  const std::string answer(heard.error == ErrorCode::kOk ? "ok" : Describe(heard.error).error_type);
  Count("answer: " + answer);
  if (heard.error == ErrorCode::kOk)
    Count(std::string("ok: ") + simulation::NameOf(slot->call.verb));
  Log("  " + NameOf(*slot) + " hears " + answer);
  CheckReply(slot, heard);
  slot->running.reset();
}

}  // namespace simulation
}  // namespace otpcore
