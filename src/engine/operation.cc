// SPDX-License-Identifier: Apache-2.0
#include "otpcore/engine/operation.h"

#include <new>
#include <utility>

namespace otpcore {
namespace {

// More loads than any plan needs in one attempt.
constexpr int kLoadsMax = 10;

}  // namespace

// A command of its own that runs when the message was not accepted. Its result changes no answer.
struct Operation::FollowUp {
  explicit FollowUp(std::unique_ptr<Command> the_command)
      : command(std::move(the_command)), operation(*command) {}
  std::unique_ptr<Command> command;
  Operation operation;
};

Operation::Operation(const Command& command) : command_(command) {}

Operation::~Operation() = default;

Need Operation::Start() {
  if (awaiting_ != Awaiting::kStart || command_.context().operation_id.empty()) return Misused();
  return Plan();
}

Need Operation::Plan() {
  decision_.Clear();
  command_.Plan(facts_, &decision_);
  switch (decision_.kind) {
    case Decision::Kind::kLoad: return Load();
    case Decision::Kind::kAdmit: {
      if (admitted_ && !(decision_.quotas == admitted_quotas_))  // after a conflict
        return Finish(Fault::kContention, Settlement::kReturned);
      admission_id_ = decision_.admission_id;
      admitted_quotas_ = decision_.quotas;
      awaiting_ = Awaiting::kAdmission;
      return NeedAdmission{admission_id_, &admitted_quotas_};
    }
    case Decision::Kind::kCommit: {
      awaiting_ = Awaiting::kCommit;
      return NeedCommit{&decision_.changes};
    }
    case Decision::Kind::kAnswer: return Conclude(false);
  }
  return Misused();
}

Need Operation::Load() {
  if (++loads_ > kLoadsMax || (loads_ > 1 && !facts_.records.wants_any()))
    return Finish(Fault::kMisuse, Settlement::kReturned);
  awaiting_ = Awaiting::kLoad;
  const bool first = loads_ == 1;
  if (first) facts_.entropy.secret.was_drawn = command_.entropy_bytes() > kEntropyWithoutSecret;
  return NeedLoad{facts_.records.Batch(), decision_.session, first ? &facts_.entropy : nullptr,
                  first ? command_.entropy_bytes() : 0};
}

Need Operation::OnLoaded(const Loaded& loaded) {
  if (awaiting_ == Awaiting::kFollowUp) return PassOn(follow_up_->operation.OnLoaded(loaded));
  if (awaiting_ == Awaiting::kResolution) return Resolved(loaded);
  if (awaiting_ != Awaiting::kLoad) return Misused();
  if (!loaded.ok || !facts_.records.TakeBatch())
    return Finish(Fault::kUnavailable, Settlement::kReturned);
  if (loads_ == 1 && !loaded.has_entropy) {
    facts_.entropy.request_id.fill(0);  // may be half filled
    return Finish(Fault::kNoEntropy, Settlement::kReturned);
  }
  // The guard knows what it admitted by the id of the challenge that was to come.
  if (!admission_id_.empty()) facts_.entropy.new_id = admission_id_.bytes;
  facts_.has_entropy = true;
  facts_.now = loaded.now;
  facts_.epoch = loaded.epoch;
  if (decision_.session != nullptr) facts_.session = loaded.session;
  return Plan();
}

Need Operation::OnAdmitted(const Admission& admission) {
  if (awaiting_ == Awaiting::kFollowUp) return PassOn(follow_up_->operation.OnAdmitted(admission));
  if (awaiting_ != Awaiting::kAdmission) return Misused();
  facts_.admission = admission;
  admitted_ |= admission.kind == Admission::Kind::kAdmitted ||
               admission.kind == Admission::Kind::kUnreachable;
  return Plan();
}

Need Operation::OnCommitted(CommitOutcome outcome) {
  if (awaiting_ == Awaiting::kFollowUp) return PassOn(follow_up_->operation.OnCommitted(outcome));
  if (awaiting_ != Awaiting::kCommit) return Misused();
  const bool in_doubt = resolutions_ > 0;
  switch (outcome) {
    case CommitOutcome::kCommitted: return Committed();
    case CommitOutcome::kConflict: return in_doubt ? Resolve() : Replan();
    case CommitOutcome::kUnavailable:
      return in_doubt ? Resolve() : Finish(Fault::kUnavailable, Settlement::kReturned);
    case CommitOutcome::kUnknown: return Resolve();
  }
  return Misused();
}

// A conflict drops all facts: the next plan sees the world afresh, with a new clock reading and new
// entropy.
Need Operation::Replan() {
  if (++attempts_ > kAttemptsMax) return Finish(Fault::kContention, Settlement::kReturned);
  facts_.records.Clear();
  facts_.session.reset();
  facts_.admission.reset();
  facts_.has_entropy = false;
  loads_ = 0;
  return Plan();
}

// Only the record with the mark is read: the run in it alone tells whose write it is (C-08).
Need Operation::Resolve() {
  if (resolutions_ == 0) decision_.Detach();
  if (++resolutions_ > kAttemptsMax) return Unresolved();
  awaiting_ = Awaiting::kResolution;
  return NeedLoad{facts_.records.Again(*decision_.changes.writes.front().key), nullptr, nullptr, 0};
}

Need Operation::Resolved(const Loaded& loaded) {
  if (!loaded.ok || !facts_.records.TakeBatch()) return Unresolved();
  const Write& marked = decision_.changes.writes.front();
  const LoadedRecord& found = *facts_.records.Find(*marked.key);
  if (found.revision == marked.expected) {
    awaiting_ = Awaiting::kCommit;
    return NeedCommit{&decision_.changes};
  }
  if (RunIn(found.bytes) == RunIn(marked.record)) return Committed();
  return Unresolved();
}

Need Operation::Committed() { return Conclude(true); }

Need Operation::Conclude(bool committed) {
  conclusion_.decision = &decision_;
  conclusion_.committed = committed;
  conclusion_.now = facts_.now;
  conclusion_.session = facts_.session ? &*facts_.session : nullptr;
  conclusion_.entropy = &facts_.entropy;
  if (committed && decision_.changes.session_effect != nullptr)
    return ApplySessionEffect(decision_.changes.session_effect);
  // Of a repeated success: as long as the session is there, it may not have been changed yet.
  if (decision_.answer.repeats_session_effect && facts_.session)
    return ApplySessionEffect(&decision_.session_effect());
  if (!committed) return Finish(Fault::kNone, Settlement::kReturned);
  return Deliver();
}

Need Operation::ApplySessionEffect(const SessionEffect* effect) {
  awaiting_ = Awaiting::kSessionEffect;
  return NeedSessionEffect{effect};
}

Need Operation::OnSessionEffect(bool applied) {
  if (awaiting_ == Awaiting::kFollowUp)
    return PassOn(follow_up_->operation.OnSessionEffect(applied));
  if (awaiting_ != Awaiting::kSessionEffect) return Misused();
  // What is committed stands: its message leaves, or a repetition would claim one that nobody got.
  if (!applied) conclusion_.fault = Fault::kUnavailable;
  return conclusion_.committed ? Deliver() : Finish(conclusion_.fault, Settlement::kReturned);
}

Need Operation::Deliver() {
  if (decision_.changes.message == nullptr) return Finish(conclusion_.fault, SettlementOfCommit());
  awaiting_ = Awaiting::kDelivery;
  return NeedDelivery{decision_.changes.message};
}

Need Operation::OnDelivered(const Delivery& delivery) {
  if (awaiting_ == Awaiting::kFollowUp) return PassOn(follow_up_->operation.OnDelivered(delivery));
  if (awaiting_ != Awaiting::kDelivery) return Misused();
  conclusion_.delivery = delivery;
  if (delivery.kind == Delivery::Kind::kAccepted)
    return Finish(conclusion_.fault, Settlement::kSpent);
  if (auto command = command_.AfterDelivery(decision_, delivery)) {
    follow_up_ = std::make_unique<FollowUp>(std::move(command));
    awaiting_ = Awaiting::kFollowUp;
    return PassOn(follow_up_->operation.Start());
  }
  return PassOn(Done());
}

// The guard gives back what was surely not sent, unless the follow-up says that it stays spent, or
// could not tell (D-02, D-03).
bool Operation::WasGivenBack() const {
  if (conclusion_.delivery->kind != Delivery::Kind::kUnavailable) return false;
  if (!follow_up_) return true;
  const Conclusion& followed = follow_up_->operation.conclusion();
  return followed.committed && !followed.decision->spends_admission;
}

// The follow-up's needs are the operation's own until it is done (D-06).
Need Operation::PassOn(Need need) {
  if (!std::holds_alternative<Done>(need)) return need;
  if (follow_up_ && follow_up_->operation.conclusion().decision != nullptr)
    decision_.answer.events.Append(follow_up_->operation.conclusion().answer().events);
  return Finish(conclusion_.fault, WasGivenBack() ? Settlement::kReturned : Settlement::kSpent);
}

Need Operation::Finish(Fault fault, Settlement settlement) {
  conclusion_.fault = fault;
  if (!admitted_) {
    awaiting_ = Awaiting::kNothing;
    return Done();
  }
  admitted_ = false;
  awaiting_ = Awaiting::kSettlement;
  return NeedSettlement{admission_id_, settlement};
}

Need Operation::OnSettled() {
  if (awaiting_ == Awaiting::kFollowUp) return PassOn(follow_up_->operation.OnSettled());
  if (awaiting_ != Awaiting::kSettlement) return Misused();
  awaiting_ = Awaiting::kNothing;
  return Done();
}

}  // namespace otpcore
