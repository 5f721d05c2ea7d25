// SPDX-License-Identifier: Apache-2.0
#include "otpcore/engine/operation.h"

#include <algorithm>

namespace otpcore {

// More loads than any plan needs in one attempt: the store leaves out what it is asked for.
constexpr int kLoadsMax = 10;

// One round is: plan, load, plan, …, commit. The command's own round comes first; when its message
// was not accepted, the follow-up command gets a round of its own, whose result changes no answer.
struct Operation::State {
  enum class Awaiting : uint8_t {
    kStart,
    kLoad,
    kAdmission,
    kCommit,
    kResolution,
    kSessionEffect,
    kDelivery,
    kNothing
  };

  State() {}

  std::unique_ptr<const Command> command;
  std::unique_ptr<const Command> follow_up;  // set: its round is running

  Awaiting awaiting = Awaiting::kStart;
  Facts facts;
  LoadMore load;
  Admit admit;
  Commit commit;
  int attempts = 1;
  int loads = 0;             // of this attempt
  int resolutions = 0;       // tries to find out what became of a commit; 0: nothing is in doubt
  AdmissionId admission_id;  // of this run
  bool admitted = false;     // or perhaps: the guard did not answer
  Settlement settlement = Settlement::kNone;
  Conclusion conclusion;

  Need Plan();
  Need Load();
  Need Replan();
  Need Resolve();
  Need Resolved(const Loaded& loaded);
  Need Committed();
  Need Deliver();
  Need FinishWith(Fault fault, Settlement settle);
  // Only a decision that uses what was admitted says when that ends.
  static Settlement SettlementOf(const Answer& answer) {
    return answer.hints.expires_at == Instant() ? Settlement::kReturned : Settlement::kSpent;
  }
  Need Unresolved() { return FinishWith(Fault::kUnknown, SettlementOf(commit.answer)); }
  Need Misused() { return FinishWith(Fault::kMisuse, Settlement::kSpent); }
  Need FinishRound();
};

Need Operation::State::Plan() {
  Decision decision = (follow_up ? follow_up : command)->Plan(facts);
  if (auto* more = std::get_if<LoadMore>(&decision)) {
    if (++loads > kLoadsMax) return FinishWith(Fault::kMisuse, Settlement::kReturned);
    load = std::move(*more);
    facts.parsed = load.parsed;
    awaiting = Awaiting::kLoad;
    return Load();
  }
  if (auto* wanted = std::get_if<Admit>(&decision)) {
    if (admitted && wanted->quotas != admit.quotas)  // after a conflict
      return FinishWith(Fault::kContention, Settlement::kReturned);
    admit = std::move(*wanted);
    facts.parsed = admit.parsed;
    if (admission_id.empty()) admission_id = admit.id;
    awaiting = Awaiting::kAdmission;
    return NeedAdmission{admission_id, &admit.quotas};
  }
  if (auto* changes = std::get_if<Commit>(&decision)) {
    commit = std::move(*changes);
    awaiting = Awaiting::kCommit;
    return NeedCommit{&commit.changes};
  }
  Answer& answer = *std::get_if<Answer>(&decision);
  if (follow_up) {
    conclusion.answer.events.Append(answer.events);
    return FinishRound();
  }
  conclusion.answer = std::move(answer);
  conclusion.now = facts.now;
  conclusion.session = facts.session;
  // Of a repeated success: as long as the session is there, it may not have been changed yet.
  if (conclusion.answer.session_effect && conclusion.session) {
    awaiting = Awaiting::kSessionEffect;
    return NeedSessionEffect{&*conclusion.answer.session_effect};
  }
  return FinishWith(Fault::kNone, Settlement::kReturned);
}

Need Operation::State::Load() {
  return NeedLoad{&load.keys, load.session ? &*load.session : nullptr,
                  load.entropy && !facts.has_entropy};
}

// A conflict drops all facts: the next plan sees the world afresh, with a new clock reading and new
// entropy.
Need Operation::State::Replan() {
  if (++attempts > kAttemptsMax) return FinishWith(Fault::kContention, Settlement::kReturned);
  facts = Facts();
  loads = 0;
  return Plan();
}

// Only the record with the mark is read: it alone tells whether this operation was applied (C-08).
Need Operation::State::Resolve() {
  if (++resolutions > kAttemptsMax) return Unresolved();
  load = LoadMore();
  load.keys.push_back(commit.changes.writes.front().key);
  awaiting = Awaiting::kResolution;
  return Load();
}

Need Operation::State::Resolved(const Loaded& loaded) {
  const Write& marked = commit.changes.writes.front();
  const auto found =
      std::find_if(loaded.records.begin(), loaded.records.end(),
                   [&](const LoadedRecord& record) { return record.key == marked.key; });
  if (!loaded.ok || found == loaded.records.end()) return Unresolved();
  if (found->revision == marked.expected) {
    awaiting = Awaiting::kCommit;
    return NeedCommit{&commit.changes};
  }
  if (IsSameWrite(found->record, marked.record)) return Committed();
  return Unresolved();
}

Need Operation::State::Committed() {
  if (follow_up) {
    conclusion.answer.events.Append(commit.answer.events);
    return FinishRound();
  }
  conclusion.answer = std::move(commit.answer);
  conclusion.changes = std::move(commit.changes);
  conclusion.now = facts.now;
  conclusion.session = facts.session;
  if (!conclusion.changes.session_effect) return Deliver();
  awaiting = Awaiting::kSessionEffect;
  return NeedSessionEffect{&*conclusion.changes.session_effect};
}

Need Operation::State::Deliver() {
  if (!conclusion.changes.message) return FinishWith(Fault::kNone, SettlementOf(conclusion.answer));
  awaiting = Awaiting::kDelivery;
  return NeedDelivery{conclusion.changes.message.get()};
}

Need Operation::State::FinishWith(Fault fault, Settlement settle) {
  if (follow_up) return FinishRound();  // its failure changes no answer (D-06)
  conclusion.fault = fault;
  settlement = admitted ? settle : Settlement::kNone;
  return FinishRound();
}

Need Operation::State::FinishRound() {
  awaiting = Awaiting::kNothing;
  return Done{settlement, admission_id};
}

Operation::Operation(std::unique_ptr<const Command> command) : state_(std::make_unique<State>()) {
  state_->command = std::move(command);
}
Operation::Operation(Operation&&) noexcept = default;
Operation& Operation::operator=(Operation&&) noexcept = default;
Operation::~Operation() = default;

Need Operation::Start() {
  return state_->awaiting == State::Awaiting::kStart ? state_->Plan() : state_->Misused();
}

Need Operation::OnLoaded(Loaded loaded) {
  State& s = *state_;
  if (s.awaiting == State::Awaiting::kResolution) return s.Resolved(loaded);
  if (s.awaiting != State::Awaiting::kLoad) return s.Misused();
  if (!loaded.ok) return s.FinishWith(Fault::kUnavailable, Settlement::kReturned);

  Facts& facts = s.facts;
  facts.now = loaded.now;
  facts.epoch = loaded.epoch;
  if (facts.records.empty()) {
    facts.records = std::move(loaded.records);
  } else {
    std::move(loaded.records.begin(), loaded.records.end(), std::back_inserter(facts.records));
  }
  if (s.load.session) facts.session = loaded.session;
  if (loaded.has_entropy) {
    facts.has_entropy = true;
    facts.entropy = std::move(loaded.entropy);
  }
  return s.Plan();
}

Need Operation::OnAdmitted(Admission admission) {
  State& s = *state_;
  if (s.awaiting != State::Awaiting::kAdmission) return s.Misused();
  s.facts.admission = admission;
  s.admitted |= admission.kind == Admission::Kind::kAdmitted ||
                admission.kind == Admission::Kind::kUnreachable;
  return s.Plan();
}

Need Operation::OnCommitted(CommitOutcome outcome) {
  State& s = *state_;
  if (s.awaiting != State::Awaiting::kCommit) return s.Misused();
  const bool in_doubt = s.resolutions > 0;
  switch (outcome) {
    case CommitOutcome::kCommitted: return s.Committed();
    case CommitOutcome::kConflict: return in_doubt ? s.Resolve() : s.Replan();
    case CommitOutcome::kUnavailable:
      return in_doubt ? s.Resolve() : s.FinishWith(Fault::kUnavailable, Settlement::kReturned);
    case CommitOutcome::kUnknown: return s.Resolve();
  }
  return s.Misused();
}

Need Operation::OnSessionEffect(bool applied) {
  State& s = *state_;
  if (s.awaiting != State::Awaiting::kSessionEffect) return s.Misused();
  return applied ? s.Deliver() : s.FinishWith(Fault::kUnavailable, Settlement::kSpent);
}

Need Operation::OnDelivered(Delivery delivery) {
  State& s = *state_;
  if (s.awaiting != State::Awaiting::kDelivery) return s.Misused();
  s.conclusion.delivery = delivery;
  const bool surely_not_sent = delivery.kind == Delivery::Kind::kUnavailable;
  Need done =
      s.FinishWith(Fault::kNone, surely_not_sent ? Settlement::kReturned : Settlement::kSpent);
  if (delivery.kind == Delivery::Kind::kAccepted) return done;

  s.follow_up = s.command->AfterDelivery(s.conclusion.changes, delivery);
  if (!s.follow_up) return done;
  s.facts = Facts();
  s.attempts = 1;
  s.loads = 0;
  s.resolutions = 0;
  return s.Plan();
}

Conclusion Operation::TakeConclusion() { return std::move(state_->conclusion); }

}  // namespace otpcore
