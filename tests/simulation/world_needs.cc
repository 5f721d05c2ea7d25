// SPDX-License-Identifier: Apache-2.0
// How the world meets each need of a call, rightly or wrongly.
#include <algorithm>
#include <utility>

#include "otpcore/model/codec.h"
#include "otpcore/testing/doubles.h"
#include "world.h"

namespace otpcore {
namespace simulation {

void World::Start(Slot* slot, Draw* draw) {
  const uint32_t number = slot->number;
  const uint32_t host = slot->host;
  *slot = Slot();
  slot->number = number;
  slot->host = host;
  slot->call = MakeCall(slot, draw);
  slot->busy = true;
  slot->running = Begin(*config_, slot->call);
  ++events_;
  Count(std::string("call: ") + simulation::NameOf(slot->call.verb));
  Log(NameOf(*slot) + ": " + Describe(slot->call));
  slot->need = slot->running->driver().Start();
  if (const auto* done = std::get_if<Done>(&slot->need)) Finish(slot, *done);
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
  if (!slot->busy || !problem_.empty()) return;
  if (const auto* done = std::get_if<Done>(&slot->need)) Finish(slot, *done);
}

// Notes what the host sees of the thing behind `key`.
void World::See(Slot* slot, const RecordKey& key, const StatePtr& state) {
  View& view = slot->view;
  const std::string name = key.name.str();
  const std::string path = PathOf(key.organization.str(), name);
  const auto copy = [](const auto& from, const std::string& what, auto* to) {
    const auto found = from.find(what);
    (*to)[what] = found == from.end() ? nullptr : found->second;
  };
  if (key.kind == RecordKind::kOrganization) copy(state->organizations, name, &view.organizations);
  if (key.kind == RecordKind::kMember) copy(state->members, path, &view.members);
  if (key.kind == RecordKind::kPhoneClaim) copy(state->claims, path, &view.claims);
  if (key.kind == RecordKind::kOrganizationName || key.kind == RecordKind::kMemberName ||
      key.kind == RecordKind::kMemberEmail)
    view.names[path] = state;
}

void World::FillEntropy(Slot* slot, Loaded* loaded, Draw* draw, bool faults) {
  constexpr SecretAccess kAccess("the generator writes into it");
  uint8_t* const bytes = loaded->entropy.RevealMutable(kAccess);
  Draw generator(draw->Next());
  loaded->has_entropy = true;
  for (size_t i = 0; i < Entropy::size(); ++i) bytes[i] = static_cast<uint8_t>(generator.Next());
  const bool draws = slot->call.verb == Verb::kSend || slot->call.verb == Verb::kMfaStep;
  if (!faults || !draws || !draw->Chance(1, 50)) return;
  if (draw->Chance(1, 2)) {  // none, or a few bytes and then none
    loaded->has_entropy = false;
    Count("fault: no entropy");
  } else {
    for (size_t i = 0; i < Entropy::size(); ++i) bytes[i] = bytes[0];
    Count("fault: stuck generator");
  }
  slot->has_entropy = false;
  Log("  the generator of " + NameOf(*slot) + " fails");
}

void World::MeetLoad(Slot* slot, const NeedLoad& need, Draw* draw, bool faults) {
  if (!slot->viewing && !slot->resolving) {
    slot->view = View();
    slot->view.first = model_;
    slot->viewing = true;
    slot->session.reset();
    slot->has_entropy = true;
    slot->admission.reset();
  }
  Loaded loaded;
  loaded.epoch = epoch_;
  std::string seen;
  for (const RecordKey& key : *need.keys) {
    hash_.Text(EncodeKey(key));
    const bool steady = key.kind == RecordKind::kOrganizationName ||
                        key.kind == RecordKind::kMemberName || key.kind == RecordKind::kMemberEmail;
    const size_t back = faults && !steady && draw->Chance(1, 40) ? 1 + draw->Below(2) : 0;
    const SimStore::Version& version = store_.Read(key, back);
    if (back > 0) Count("fault: stale read");
    if (back > 0) Log("  a stale read");
    const bool gone = std::holds_alternative<std::monostate>(version.record);
    loaded.records.push_back({key, gone ? 0 : version.revision, version.record});
    const bool old = back > 0 && version.model != nullptr;
    if (!slot->resolving) See(slot, key, old ? version.model : model_);
  }
  loaded.ok = !(faults && draw->Chance(1, 60));
  if (need.session != nullptr) {
    const auto found = sessions_.find(need.session->value);
    if (found != sessions_.end()) loaded.session = found->second;
    if (!slot->resolving) slot->session = loaded.session;
  }
  if (need.entropy) FillEntropy(slot, &loaded, draw, faults);
  loaded.now = Instant::FromUnixMillis(NowOf(slot->host));
  if (!slot->resolving) {
    slot->now = loaded.now.unix_millis();
    slot->epoch = epoch_;
  }
  if (!loaded.ok) {
    Count("fault: load unavailable");
    Log("  the load of " + NameOf(*slot) + " fails");
    slot->excuse = true;
    slot->must_fail |= !slot->following_up;
  }
  if (loaded.ok) Log("  " + NameOf(*slot) + " loads at " + FormatRfc3339(loaded.now));
  slot->need = slot->running->driver().OnLoaded(std::move(loaded));
}

void World::MeetAdmission(Slot* slot, const NeedAdmission& need, Draw* draw, bool faults) {
  slot->admission.reset();
  const Expected expected = JudgeSlot(*slot);
  if (!expected.asks_guard) return Fail("the guard is asked though it need not be");
  if (!slot->admitted_for.empty() && slot->admitted_for != expected.asks_for)
    return Fail("one admission is taken for two numbers (L-06)");
  bool sandbox = false;
  for (const Quota& quota : *need.quotas) {
    hash_.Number(static_cast<uint64_t>(quota.kind));
    sandbox |=
        quota.kind == Quota::Subject::kAddress && quota.phone_number.view() == "+15005550006";
  }
  if (need.quotas->size() != (sandbox ? 1u : 4u)) Fail("not all quotas are asked for");
  Admission admission;
  if (faults && draw->Chance(1, 12)) {
    admission.kind = static_cast<Admission::Kind>(1 + draw->Below(3));
    admission.retry_after = Duration(1000 * (1 + draw->Below(3600)));
    Count("fault: guard refuses");
    Log("  the guard refuses " + NameOf(*slot));
  }
  slot->admission = admission;
  slot->guard_asked = true;
  if (admission.kind == Admission::Kind::kAdmitted ||
      admission.kind == Admission::Kind::kUnreachable)
    slot->admitted_for = expected.asks_for;
  slot->need = slot->running->driver().OnAdmitted(admission);
}

void World::MeetCommit(Slot* slot, const NeedCommit& need, Draw* draw, bool faults) {
  HashChanges(*need.changes);
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
  slot->excuse |= outcome == CommitOutcome::kUnavailable || slot->unknown ||
                  slot->conflicts >= Operation::kAttemptsMax;
  if (!slot->following_up && !in_doubt) slot->must_fail |= outcome == CommitOutcome::kUnavailable;
  slot->need = slot->running->driver().OnCommitted(outcome);
}

void World::MeetSession(Slot* slot, const NeedSessionEffect& need, Draw* draw, bool faults) {
  const SessionEffect& effect = *need.effect;
  if (!slot->committed && committed_.count(slot->call.operation) == 0)
    return Fail("the session is changed before the commit");
  bool applied = !(faults && draw->Chance(1, 30));
  const auto found = sessions_.find(effect.credential.value);
  applied = applied && found != sessions_.end();
  if (applied && effect.credential.kind == SessionCredential::Kind::kIntermediateToken)
    sessions_.erase(found);
  else if (applied)
    found->second.factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(1));
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
  const std::string body(message.text.Reveal(kAccess));
  hash_.Text(body);
  if (!slot->committed || !slot->committed->delivers || slot->delivery)
    return Fail("an SMS leaves that no commit stands for");
  if (message.challenge_id != slot->challenge) return Fail("the SMS has another idempotency key");
  const std::string member = PathOf(message.organization_id.str(), message.member_id.str());
  const std::string code =
      testing::CodeIn(body, static_cast<size_t>(config_->policy().passcode_digits));
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
      under_way_.push_back({member, code});
    else
      Arrive({member, code});
  }
  slot->delivery = delivery;
  if (delivery.kind != Delivery::Kind::kAccepted) {
    slot->following_up = true;
    slot->viewing = slot->resolving = false;
    slot->conflicts = 0;
    slot->follow_up = Call();
    slot->follow_up.verb = Verb::kReportDelivery;
    slot->follow_up.organization = message.organization_id.str();
    slot->follow_up.member = message.member_id.str();
    slot->follow_up.challenge = message.challenge_id;
    slot->follow_up.delivery = delivery;
    // No client knows its operation id, so any that is no client's will do.
    slot->follow_up.operation = NextOperation();
  }
  slot->need = slot->running->driver().OnDelivered(delivery);
}

void World::Finish(Slot* slot, const Done& done) {
  slot->busy = false;
  hash_.Number(static_cast<uint64_t>(done.settlement));
  const Heard heard = slot->running->Take();
  HashReply(heard);
  Count("answer: " +
        std::string(heard.error == ErrorCode::kOk ? "ok" : Describe(heard.error).error_type));
  Log("  " + NameOf(*slot) + " hears " +
      std::string(heard.error == ErrorCode::kOk ? "ok" : Describe(heard.error).error_type));
  // D-02, D-03: given back only when surely nothing was sent.
  const bool returned = !slot->committed && !slot->unknown;
  // A refusal may be written too (T-02), and then nothing was issued.
  const bool unsent = (slot->delivery && slot->delivery->kind == Delivery::Kind::kUnavailable) ||
                      (slot->committed && !slot->committed->issues);
  if (done.settlement == Settlement::kReturned && !returned && !unsent && !slot->unknown)
    Fail("a quota is given back though an SMS may have left");
  if (done.settlement == Settlement::kSpent && unsent && slot->guard_asked)
    Fail("a quota is kept though surely no SMS left");
  if (done.settlement != Settlement::kNone && !slot->guard_asked)
    Fail("a quota is settled that was not taken");
  CheckReply(slot, heard);
  slot->running.reset();
}

}  // namespace simulation
}  // namespace otpcore
