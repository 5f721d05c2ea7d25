// SPDX-License-Identifier: Apache-2.0
#include "model_check/world.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <tuple>

#include "model_check/watch.h"
#include "otpcore/testing/records.h"

namespace otpcore {
namespace model {
namespace {

constexpr uint8_t kLateCommit = kHostsMax;  // as the flight of an action: none of the hosts'

uint8_t BitOf(int key) { return static_cast<uint8_t>(1u << key); }

uint64_t WordOf(const Marked& marked) {
  return static_cast<uint64_t>(marked.operation) | static_cast<uint64_t>(marked.minute) << 8 |
         static_cast<uint64_t>(marked.command.kind) << 16 |
         static_cast<uint64_t>(marked.command.member) << 24 |
         static_cast<uint64_t>(marked.command.argument) << 32;
}

}  // namespace

World::World(const Scenario& scenario, const Config& config)
    : scenario_(scenario), records_(config), points_(config, records_) {
  initial_.clock = scenario.start;
  for (int member = 0; member < kMembers; ++member) {
    initial_.records[static_cast<size_t>(member)] =
        records_.Intern(member, testing::Packed(NewMember(member)));
    const int email = kEmailKeys + member;
    initial_.records[static_cast<size_t>(email)] =
        records_.Intern(email, testing::Packed(NameEntry{MemberId(member)}));
  }
  for (CommandSpec command : scenario.setup) {
    if (command.argument == kRightCode && command.kind == CommandSpec::Kind::kAuthenticate)
      command.argument = initial_.memory[command.member].slot;
    if (command.argument == kRightCode && command.kind == CommandSpec::Kind::kFinishChange)
      command.argument = initial_.memory[command.member].change.slot;
    if (command.argument == kRightCode && (command.kind == CommandSpec::Kind::kTypeMail ||
                                           command.kind == CommandSpec::Kind::kTypeDiscovered))
      command.argument = initial_.memory[command.member].mail.slot;
    if (command.argument == kRightCode && TypesAppCode(command.kind))
      command.argument = TypedOf(initial_.memory[command.member].app.slot, 0);
    ErrorCode answer = ErrorCode::kOk;
    if (const Violation violation = RunAlone(command, &initial_, &answer)) {
      std::fprintf(stderr, "%s: in the setup already: %s\n", scenario.name.c_str(), violation);
      std::abort();
    }
    const bool more = static_cast<size_t>(initial_.clock) + 1 < scenario.minutes.size();
    if (scenario.spread && more) ++initial_.clock;
  }
}

// ---- What may happen ----

// Slots whose code somebody may have, or may get yet.
uint16_t World::CodesInUse(const State& state) const {
  unsigned used = 0;
  const auto add_record = [&](uint32_t number) {
    const RecordView& view = records_.at(number).view;
    used |= 1u << view.slot | 1u << view.superseded;
    used |= 1u << view.change_slot | 1u << view.change_superseded;
    used |= 1u << view.mail_slot | 1u << view.mail_superseded;
  };
  const auto add_flight = [&](const Flight& flight) {
    if (flight.point == 0) return;
    const Point& point = points_.at(flight.point);
    if (point.command.kind == CommandSpec::Kind::kSend ||
        point.command.kind == CommandSpec::Kind::kStartChange || IsOfMail(point.command.kind) ||
        point.command.kind == CommandSpec::Kind::kExchange)
      used |= 1u << point.slot;
    if (IsLateReport(point.command.kind)) used |= 1u << point.command.argument;
  };
  for (const size_t member : kOwners) {
    add_record(state.records[member]);
    used |= 1u << state.memory[member].slot | 1u << state.memory[member].change.slot |
            1u << state.memory[member].mail.slot;
    if (scenario_.restores) add_record(initial_.records[member]);
  }
  for (const Flight& flight : state.flights) add_flight(flight);
  add_flight(state.late);
  return static_cast<uint16_t>(used & ~1u);
}

// These, and the slots that name a run.
uint16_t World::SlotsInUse(const State& state) const {
  unsigned used = CodesInUse(state);
  const auto add_flight = [&](const Flight& flight) {
    if (flight.point == 0) return;
    const Point& point = points_.at(flight.point);
    used |= 1u << point.slot | 1u << point.run | 1u << point.admission;
  };
  for (const size_t member : kOwners) {
    const RecordView& view = records_.at(state.records[member]).view;
    used |= 1u << view.mark_run | 1u << view.issued_by | 1u << view.change_issued_by;
    used |= 1u << view.app_slot | 1u << view.set_slot | 1u << view.mail_issued_by;
    const AppMemory& app = state.memory[member].app;
    used |= 1u << app.slot | 1u << app.set;
    if (!scenario_.restores) continue;
    const RecordView& initial = records_.at(initial_.records[member]).view;
    used |= 1u << initial.mark_run | 1u << initial.issued_by | 1u << initial.change_issued_by;
    used |= 1u << initial.app_slot | 1u << initial.set_slot | 1u << initial.mail_issued_by;
  }
  for (const Flight& flight : state.flights) add_flight(flight);
  add_flight(state.late);
  return static_cast<uint16_t>(used & ~1u);
}

uint8_t World::FreeSlot(const State& state) const {
  const uint16_t used = SlotsInUse(state);
  for (uint8_t slot = 1; slot <= kSlotsMax; ++slot) {
    if ((used >> slot & 1) == 0) return slot;
  }
  std::abort();
}

uint8_t World::FreeOperation(const State& state) const {
  if (!scenario_.repeats) return kNotRepeated;
  uint32_t used = 0;
  for (const size_t member : kOwners) {
    used |= 1u << records_.at(state.records[member]).view.mark_operation;
    if (scenario_.restores) used |= 1u << records_.at(initial_.records[member]).view.mark_operation;
  }
  for (const Flight& flight : state.flights) {
    if (flight.point != 0) used |= 1u << points_.at(flight.point).operation;
  }
  if (state.late.point != 0) used |= 1u << points_.at(state.late.point).operation;
  for (uint8_t operation = 1; operation <= kOperationsMax; ++operation) {
    if ((used >> operation & 1) == 0) return operation;
  }
  std::abort();
}

// Each command, under the operation of `action`.
void World::StartsOf(const State& state, Action action, std::vector<Action>* actions) const {
  for (const CommandSpec& command : scenario_.commands) {
    action.command = command;
    const RecordView& record = View(state, command.member);
    if (IsLateReport(command.kind)) {
      for (const uint8_t slot :
           {record.slot, record.superseded, record.change_slot, record.change_superseded,
            record.mail_slot, record.mail_superseded}) {
        action.command.argument = slot;
        if (slot != 0 && (state.sent >> slot & 1) != 0) actions->push_back(action);
      }
      continue;
    }
    if (TypesAppCode(command.kind) || command.kind == CommandSpec::Kind::kRecover) {
      TypedStarts(state, action, actions);
      continue;
    }
    if (command.kind != CommandSpec::Kind::kAuthenticate &&
        command.kind != CommandSpec::Kind::kFinishChange &&
        command.kind != CommandSpec::Kind::kTypeMail &&
        command.kind != CommandSpec::Kind::kTypeDiscovered) {
      actions->push_back(action);
      continue;
    }
    // Any code of any SMS there ever was or will be may be typed, so an SMS that is lost, late or
    // out of order adds nothing.
    const unsigned slots = CodesInUse(state) | 1u << kWrongCode;
    for (uint8_t slot = 0; slot <= kSlotsMax; ++slot) {
      action.command.argument = slot;
      if ((slots >> slot & 1) != 0) actions->push_back(action);
    }
  }
}

// Codes of the app and of the note that the Member has, or may get yet: of a set two codes, which
// stand for all.
void World::TypedStarts(const State& state, Action action, std::vector<Action>* actions) const {
  const bool recovers = action.command.kind == CommandSpec::Kind::kRecover;
  const RecordView& record = View(state, action.command.member);
  unsigned slots = 1u << (recovers ? record.set_slot : record.app_slot);
  for (const Flight& flight : state.flights) {
    if (flight.point == 0) continue;
    const Point& point = points_.at(flight.point);
    const bool makes_set = point.command.kind == CommandSpec::Kind::kRotate ||
                           point.command.kind == CommandSpec::Kind::kRotateOwn;
    if (point.command.kind == CommandSpec::Kind::kCreateApp || (recovers && makes_set))
      slots |= 1u << point.slot;
  }
  action.command.argument = kWrongCode;
  actions->push_back(action);
  const std::vector<uint8_t> places = {0, 1};
  for (uint8_t slot = 1; slot <= kSlotsMax; ++slot) {
    if ((slots >> slot & 1) == 0) continue;
    for (const uint8_t index : recovers ? places : scenario_.steps) {
      action.command.argument = TypedOf(slot, index);
      actions->push_back(action);
    }
  }
}

void World::Starts(const State& state, std::vector<Action>* actions) const {
  size_t idle = 0;
  while (idle < static_cast<size_t>(scenario_.hosts) && state.flights[idle].point != 0) ++idle;
  if (idle == static_cast<size_t>(scenario_.hosts)) return;
  Action action;
  action.kind = Action::Kind::kStart;
  action.flight = static_cast<uint8_t>(idle);
  action.operation = FreeOperation(state);
  StartsOf(state, action, actions);
  if (!scenario_.repeats) return;
  for (size_t i = 0; i < static_cast<size_t>(scenario_.hosts); ++i) {
    if (state.flights[i].point == 0) continue;
    const Point& point = points_.at(state.flights[i].point);
    action.command = point.command;
    action.operation = point.operation;
    if (scenario_.misuses)
      StartsOf(state, action, actions);
    else
      actions->push_back(action);
  }
  if (!scenario_.misuses) return;
  for (int member = 0; member < scenario_.members; ++member) {
    action.operation = View(state, member).mark_operation;
    if (action.operation != kNotRepeated) StartsOf(state, action, actions);
  }
}

void World::ActionsOfFlight(const State& state, size_t flight, std::vector<Action>* actions) const {
  const Point& point = points_.at(state.flights[flight].point);
  const bool applies = point.need == NeedKind::kCommit && CanApply(state, state.flights[flight]);
  const auto add = [&](Fault fault) {
    Action action;
    action.flight = static_cast<uint8_t>(flight);
    action.fault = fault;
    actions->push_back(action);
  };
  add(Fault::kNone);
  for (const Fault fault : FaultsAt(point.need, point.entropy)) {
    // Both end as a plain conflict when the commit would not apply anyway.
    if (!applies && (fault == Fault::kConflict || fault == Fault::kUnknownApplied)) continue;
    if (std::find(scenario_.faults.begin(), scenario_.faults.end(), fault) !=
        scenario_.faults.end())
      add(fault);
  }
  const auto has = [&](Fault fault) {
    return std::find(scenario_.faults.begin(), scenario_.faults.end(), fault) !=
           scenario_.faults.end();
  };
  if (applies && state.late.point == 0 && has(Fault::kUnknownLate)) add(Fault::kUnknownLate);
  if (scenario_.crashes) add(Fault::kCrash);
  if (has(Fault::kRetry) && point.before != 0) add(Fault::kRetry);
}

void World::ActionsOf(const State& state, std::vector<Action>* actions) const {
  actions->clear();
  for (size_t i = 0; i < static_cast<size_t>(scenario_.hosts); ++i) {
    if (state.flights[i].point != 0) ActionsOfFlight(state, i, actions);
  }
  Action action;
  if (state.late.point != 0) {
    action.kind = Action::Kind::kLateCommit;
    action.flight = kLateCommit;
    actions->push_back(action);
  }
  Starts(state, actions);
  action.kind = Action::Kind::kClock;
  for (const int step : {-1, 1}) {
    const int to = state.clock + step;
    if (to < 0 || to >= static_cast<int>(scenario_.minutes.size())) continue;
    action.clock = static_cast<uint8_t>(to);
    actions->push_back(action);
  }
  if (scenario_.restores && state.epoch < 1) {
    action.kind = Action::Kind::kRestore;
    actions->push_back(action);
  }
}

// ---- What it does ----

Violation World::Take(const Action& action, State* state) {
  switch (action.kind) {
    case Action::Kind::kStart:
      Start(action.command, action.operation, action.flight, state);
      return nullptr;
    case Action::Kind::kMeet: return Meet(action.flight, action.fault, state);
    case Action::Kind::kClock: state->clock = action.clock; return nullptr;
    case Action::Kind::kRestore: return Restore(state);
    case Action::Kind::kLateCommit: {
      const Flight late = state->late;
      state->late = Flight();
      for (Flight& flight : state->flights) {
        if ((flight.flags & Flight::kLateOwner) == 0) continue;
        flight.flags = static_cast<uint8_t>(flight.flags & ~Flight::kLateOwner);
        if (CanApply(*state, late))
          flight.flags = static_cast<uint8_t>(flight.flags | Flight::kApplied);
      }
      return CanApply(*state, late) ? Apply(late, state) : nullptr;
    }
  }
  return nullptr;
}

void World::Start(const CommandSpec& command, uint8_t operation, size_t flight, State* state) {
  state->flights[flight] = Flight();
  state->flights[flight].point = points_.Start(command, operation);
}

Violation World::Restore(State* state) {
  for (const size_t member : kOwners) {
    state->memory[member] = initial_.memory[member];
    state->memory[member].is_void = state->memory[member].change.is_void =
        state->memory[member].mail.is_void = true;
  }
  state->records = initial_.records;
  ++state->epoch;
  for (Flight& flight : state->flights) flight.stale = 0xFF;
  state->late = Flight();
  return nullptr;
}

Input World::LoadInput(Fault fault, Flight* flight, const State& state) const {
  const Point& point = points_.at(flight->point);
  Input input;
  input.answers = NeedKind::kLoad;
  input.minute = static_cast<uint8_t>(MinuteOf(state));
  if (fault == Fault::kLoadFails) return input;
  input.outcome = 1;
  input.token_gone = state.token_gone && point.command.kind == CommandSpec::Kind::kExchange;
  input.epoch = state.epoch;
  if (point.entropy && fault != Fault::kNoEntropy) input.slot = FreeSlot(state);
  if (input.slot != 0 && !point.follow_up) input.kept = point.admission;
  for (int key = 0; key < kKeys; ++key) {
    if ((point.keys & BitOf(key)) == 0) continue;
    const uint32_t record = state.records[static_cast<size_t>(key)];
    input.records[static_cast<size_t>(key)] = record;
    if ((point.known & BitOf(key)) == 0) {
      flight->stale = static_cast<uint8_t>(flight->stale & ~BitOf(key));
    } else if ((flight->stale & BitOf(key)) != 0 && record != 0) {
      input.later = static_cast<uint8_t>(input.later | BitOf(key));
    }
  }
  return input;
}

bool World::CanApply(const State& state, const Flight& flight) const {
  if (scenario_.defect == HostDefect::kNoRevisionCheck) return true;
  const Point& point = points_.at(flight.point);
  for (uint8_t i = 0; i < point.write_count; ++i) {
    const WriteView& write = point.writes[i];
    const bool there = state.records[write.key] != 0;
    if (write.expected == 0) {
      if (there) return false;
      continue;
    }
    if (scenario_.defect == HostDefect::kClaimsUnchecked && write.key >= kClaimKeys) continue;
    if (!there || (flight.stale & BitOf(write.key)) != 0) return false;
  }
  return true;
}

Violation World::Apply(const Flight& flight, State* state) {
  const Point& point = points_.at(flight.point);
  const auto before = state->records;
  const uint8_t count = scenario_.defect == HostDefect::kWritesNotAtomic
                            ? std::min<uint8_t>(point.write_count, 1)
                            : point.write_count;
  for (uint8_t i = 0; i < count; ++i) {
    const WriteView& write = point.writes[i];
    state->records[write.key] = write.record;
    for (Flight& other : state->flights) other.stale |= BitOf(write.key);
    state->late.stale |= BitOf(write.key);
  }
  return CheckApplied({point, flight, records_, points_.config().policy(), before}, state);
}

Violation World::MeetCommit(size_t which, Fault fault, State* state, Input* input) {
  Flight& flight = state->flights[which];
  const Point& point = points_.at(flight.point);
  if (const Violation violation = CheckCommit(point)) return violation;
  const bool applies = CanApply(*state, flight);
  CommitOutcome outcome = applies ? CommitOutcome::kCommitted : CommitOutcome::kConflict;
  if (fault == Fault::kConflict) outcome = CommitOutcome::kConflict;
  if (fault == Fault::kUnavailable) outcome = CommitOutcome::kUnavailable;
  if (fault == Fault::kUnknownLost) outcome = CommitOutcome::kUnknown;
  if (fault == Fault::kUnknownLate) {
    outcome = CommitOutcome::kUnknown;
    state->late = flight;
    state->late.flags = 0;
    flight.flags |= Flight::kLateOwner;
  }
  input->answers = NeedKind::kCommit;
  Violation violation = nullptr;
  if (scenario_.defect == HostDefect::kDeliversBeforeCommit && point.message_slot != 0)
    violation = CheckDelivery(point, flight, state);
  if (outcome == CommitOutcome::kCommitted) {
    if (violation == nullptr) violation = Apply(Flight(flight), state);
    if (!point.follow_up) flight.flags |= Flight::kApplied;
    if (fault == Fault::kUnknownApplied) outcome = CommitOutcome::kUnknown;
  }
  input->outcome = static_cast<uint8_t>(outcome);
  return violation;
}

Violation World::MeetDelivery(size_t which, Fault fault, State* state, Input* input) {
  Flight& flight = state->flights[which];
  Delivery::Kind kind = Delivery::Kind::kAccepted;
  if (fault == Fault::kRejected) kind = Delivery::Kind::kRejected;
  if (fault == Fault::kSinkUnavailable) kind = Delivery::Kind::kUnavailable;
  if (fault == Fault::kSinkUnknown) kind = Delivery::Kind::kUnknown;
  input->answers = NeedKind::kDelivery;
  input->outcome = static_cast<uint8_t>(kind);
  const Violation violation = CheckDelivery(points_.at(flight.point), flight, state);
  if (kind != Delivery::Kind::kUnavailable) flight.flags |= Flight::kSent;
  return violation;
}

Violation World::Meet(size_t which, Fault fault, State* state, ErrorCode* answer) {
  Flight& flight = state->flights[which];
  const Point& point = points_.at(flight.point);
  if (fault == Fault::kCrash) {
    flight = Flight();
    return nullptr;
  }
  if (fault == Fault::kRetry) {
    Start(point.command, point.operation, which, state);
    return nullptr;
  }
  Input input;
  Violation violation = nullptr;
  switch (point.need) {
    case NeedKind::kLoad:
      input = LoadInput(fault, &flight, *state);
      // Not while it asks what became of a commit, nor for the report of a delivery.
      if (input.outcome != 0 && !point.follow_up && (point.entropy || !point.in_doubt) &&
          (point.keys & BitOf(point.command.member)) != 0)
        flight.seen = state->memory[point.command.member].marked;
      // The slot may have been another challenge's once.
      state->used = static_cast<uint16_t>(state->used & ~(1u << input.slot));
      state->sent = static_cast<uint16_t>(state->sent & ~(1u << input.slot));
      break;
    case NeedKind::kAdmission: {
      Admission::Kind kind = Admission::Kind::kAdmitted;
      if (fault == Fault::kTooMany) kind = Admission::Kind::kTooMany;
      if (fault == Fault::kGuardUnreachable) kind = Admission::Kind::kUnreachable;
      input.answers = NeedKind::kAdmission;
      input.outcome = static_cast<uint8_t>(kind);
      break;
    }
    case NeedKind::kCommit: violation = MeetCommit(which, fault, state, &input); break;
    case NeedKind::kSessionEffect:
      input.answers = NeedKind::kSessionEffect;
      input.outcome = fault == Fault::kEffectRefused ? 0 : 1;
      if (point.names_token) {
        if (state->token_gone) input.outcome = 0;
        if (input.outcome != 0) {
          state->token_gone = true;
          flight.flags |= Flight::kConsumed;
        }
      }
      break;
    case NeedKind::kDelivery: violation = MeetDelivery(which, fault, state, &input); break;
    case NeedKind::kDone: std::abort();
  }
  if (violation != nullptr) return violation;
  flight.point = points_.Next(flight.point, input);
  const Point& next = points_.at(flight.point);
  if (next.need == NeedKind::kSessionEffect) return CheckSessionEffect(next, flight);
  if (next.need != NeedKind::kDone) return nullptr;
  violation = CheckAnswer(next, records_, flight, *state);
  if (answer != nullptr) *answer = next.answer;
  flight = Flight();
  return violation;
}

Violation World::RunAlone(const CommandSpec& command, State* state, ErrorCode* answer) {
  Start(command, FreeOperation(*state), 0, state);
  while (state->flights[0].point != 0) {
    if (Violation v = Meet(0, Fault::kNone, state, answer)) return v;
  }
  return nullptr;
}

// ---- Whether it is alive ----

Violation World::CheckAlive(const State& state) {
  Hasher hasher;
  for (const uint32_t record : state.records) hasher.Add(records_.at(record).hash);
  hasher.Add(state.epoch);
  return alive_.at(alive_.Get(hasher.hash(), [&] { return FindDead(state); }));
}

Violation World::FindDead(const State& state) {
  using Kind = CommandSpec::Kind;
  const bool has_apps = HasCommand(IsOfApp);
  const bool has_mails = HasCommand([](Kind kind) { return IsOfMail(kind) && !IsOfAddress(kind); });
  for (uint8_t member = 0; member < scenario_.members; ++member) {
    if (View(state, member).status != MemberStatus::kActive) continue;
    State later = state;
    later.clock = static_cast<uint8_t>(scenario_.minutes.size());  // kMinuteOfDrain
    later.late = Flight();
    ErrorCode answer = ErrorCode::kOk;
    // What breaks a property on the way is found by the search, with all its steps.
    if (RunAlone({Kind::kUnlock, member, 0}, &later, &answer) != nullptr) continue;
    // A password links no number beside an app (S-12).
    const RecordView& record = View(later, member);
    if (!record.shows_app || record.phone == EnrollmentState::kVerified) {
      if (const Violation v = FindDeadNumber(member, &later)) return v;
    }
    if (has_apps) {
      if (const Violation v = FindDeadApp(member, &later)) return v;
    }
    if (!has_mails) continue;
    if (const Violation v = FindDeadMail(member, &later)) return v;
  }
  if (!HasCommand(IsOfAddress)) return nullptr;
  State later = state;
  later.clock = static_cast<uint8_t>(scenario_.minutes.size());
  later.late = Flight();
  ErrorCode answer = ErrorCode::kOk;
  if (RunAlone({Kind::kUnlockAddress, kAddress, 0}, &later, &answer) != nullptr) return nullptr;
  return FindDeadMail(kAddress, &later);
}

bool World::HasCommand(bool (*is)(CommandSpec::Kind)) const {
  return std::any_of(scenario_.commands.begin(), scenario_.commands.end(),
                     [is](const CommandSpec& command) { return is(command.kind); });
}

Violation World::FindDeadNumber(uint8_t member, State* later) {
  using Kind = CommandSpec::Kind;
  ErrorCode answer = ErrorCode::kOk;
  const auto run = [&](Kind kind, uint8_t argument) {
    return RunAlone({kind, member, argument}, later, &answer) == nullptr;
  };
  const RecordView& record = View(*later, member);
  if (record.phone == EnrollmentState::kPending) {
    const RecordView& claim = View(*later, ClaimOf(record.number));
    const bool lost = claim.permanent && claim.holder != member;
    if (lost && !run(Kind::kDeleteNumber, 0)) return nullptr;
  }
  // A lease that has lapsed is in nobody's way (S-07).
  const uint8_t number = View(*later, ClaimOf(0)).permanent ? uint8_t{kSpareNumber} : uint8_t{0};
  const bool none = View(*later, member).phone == EnrollmentState::kNone;
  if (!run(Kind::kSend, none ? number : kNoNumber)) return nullptr;
  if (answer != ErrorCode::kOk)
    return "a send is refused though nothing is in the way any more (S-07, L-02)";
  if (!run(Kind::kAuthenticate, later->memory[member].slot)) return nullptr;
  if (answer != ErrorCode::kOk)
    return "a right code is refused though nothing is in the way any more (A-02)";
  const bool changes =
      std::any_of(scenario_.commands.begin(), scenario_.commands.end(),
                  [](const CommandSpec& command) { return command.kind == Kind::kStartChange; });
  if (!changes) return nullptr;
  const bool has_spare = View(*later, member).number == kSpareNumber;
  const auto to = static_cast<uint8_t>(has_spare ? 1 : kSpareNumber);
  if (View(*later, ClaimOf(to)).permanent || !run(Kind::kStartChange, to)) return nullptr;
  if (answer != ErrorCode::kOk)
    return "a change of phone is refused though nothing is in the way any more (E-04)";
  if (!run(Kind::kFinishChange, later->memory[member].change.slot)) return nullptr;
  if (answer != ErrorCode::kOk)
    return "a candidate's right code is refused though nothing is in the way (E-04)";
  return nullptr;
}

Violation World::FindDeadApp(uint8_t member, State* later) {
  using Kind = CommandSpec::Kind;
  ErrorCode answer = ErrorCode::kOk;
  const auto run = [&](Kind kind, uint8_t argument) {
    return RunAlone({kind, member, argument}, later, &answer) == nullptr;
  };
  if (View(*later, member).registration != RegistrationState::kActive) {
    if (!run(Kind::kCreateApp, 0)) return nullptr;
    if (answer != ErrorCode::kOk)
      return "a registration is refused though nothing is in the way any more (TO-02)";
  }
  const uint8_t slot = View(*later, member).app_slot;
  constexpr uint8_t kDrain = 14;  // kSteps[14], that of kMinuteOfDrain
  static_assert(kSteps[kDrain] == kMinuteOfDrain * kStepsAMinute);
  const bool restored = later->memory[member].app.epoch != later->epoch;
  if (restored && !run(Kind::kProveApp, TypedOf(slot, kDrain))) return nullptr;  // TO-27
  if (!run(Kind::kProveApp, TypedOf(slot, kDrain + (restored ? 1 : 0)))) return nullptr;
  if (answer != ErrorCode::kOk)
    return "an app's right code is refused though nothing is in the way any more (TO-09)";
  const uint8_t set = View(*later, member).set_slot;
  for (uint8_t place = 2; place < 4; ++place) {  // nobody else types these
    if (!run(Kind::kRecover, TypedOf(set, place))) return nullptr;
    if (answer != ErrorCode::kOk) return "a right recovery code is refused (RC-06)";
  }
  return nullptr;
}

Violation World::FindDeadMail(uint8_t owner, State* later) {
  using Kind = CommandSpec::Kind;
  const bool outside = owner == kAddress;
  ErrorCode answer = ErrorCode::kOk;
  if (RunAlone({outside ? Kind::kDiscover : Kind::kSendMail, owner, 0}, later, &answer) != nullptr)
    return nullptr;
  if (answer != ErrorCode::kOk)
    return "a passcode by e-mail is refused though nothing is in the way any more (EM-21, L-12)";
  const uint8_t slot = later->memory[owner].mail.slot;
  if (RunAlone({outside ? Kind::kTypeDiscovered : Kind::kTypeMail, owner, slot}, later, &answer) !=
      nullptr)
    return nullptr;
  return answer == ErrorCode::kOk
             ? nullptr
             : "a right code by e-mail is refused though nothing is in the way any more (EM-16)";
}

// ---- One form for equal states ----

void World::Canonicalize(State* state, std::array<uint8_t, kHostsMax>* order) const {
  const uint16_t slots = SlotsInUse(*state);
  state->used &= slots;
  state->sent &= slots;
  for (MemberMemory& memory : state->memory) {
    if (memory.slot == 0) static_cast<ChallengeMemory&>(memory) = ChallengeMemory();
    if (memory.change.slot == 0) memory.change = ChallengeMemory();
    if (memory.mail.slot == 0) memory.mail = ChallengeMemory();
    if (memory.app.slot == 0) memory.app = AppMemory();
  }
  const auto trim = [&](Flight* flight) {
    if (flight->point == 0 || points_.at(flight->point).operation != flight->seen.operation)
      flight->seen = Marked();
    const uint8_t known = flight->point == 0 ? uint8_t{0} : points_.at(flight->point).known;
    flight->stale &= known;
  };
  for (Flight& flight : state->flights) trim(&flight);
  trim(&state->late);

  std::array<uint8_t, kHostsMax> places{};
  for (uint8_t i = 0; i < kHostsMax; ++i) places[i] = i;
  const auto key = [&](uint8_t i) {
    const Flight& flight = state->flights[i];
    const Hash hash = flight.point == 0 ? Hash{~uint64_t{0}, 0} : points_.at(flight.point).hash;
    return std::make_tuple(hash.a, hash.b, flight.stale, flight.flags, WordOf(flight.seen), i);
  };
  std::sort(places.begin(), places.end(), [&](uint8_t a, uint8_t b) { return key(a) < key(b); });
  const auto flights = state->flights;
  for (size_t i = 0; i < kHostsMax; ++i) state->flights[i] = flights[places[i]];
  if (order != nullptr) *order = places;
}

Hash World::HashOf(const State& state) const {
  Hasher hasher;
  for (const uint32_t record : state.records) {
    if (record != 0) hasher.Add(records_.at(record).hash.a);
    hasher.Add(record != 0 ? 1u : 0u);
  }
  const auto add_flight = [&](const Flight& flight) {
    if (flight.point != 0) hasher.Add(points_.at(flight.point).hash);
    hasher.Add(static_cast<uint64_t>(flight.point != 0) | static_cast<uint64_t>(flight.stale) << 8 |
               static_cast<uint64_t>(flight.flags) << 16);
    hasher.Add(WordOf(flight.seen));
  };
  for (const Flight& flight : state.flights) add_flight(flight);
  add_flight(state.late);
  hasher.Add(static_cast<uint64_t>(state.clock) | static_cast<uint64_t>(state.epoch) << 8 |
             static_cast<uint64_t>(state.used) << 16 | static_cast<uint64_t>(state.sent) << 32 |
             static_cast<uint64_t>(state.token_gone) << 48);
  const auto add_challenge = [&](const ChallengeMemory& m, uint8_t more) {
    hasher.Add(static_cast<uint64_t>(m.slot) | static_cast<uint64_t>(m.issued) << 16 |
               static_cast<uint64_t>(m.seen) << 24 | static_cast<uint64_t>(m.epoch) << 32 |
               static_cast<uint64_t>(m.is_void) << 40 | static_cast<uint64_t>(m.failures) << 48 |
               static_cast<uint64_t>(more) << 56);
  };
  for (const MemberMemory& m : state.memory) {
    add_challenge(m, m.in_a_row);
    add_challenge(m.change, 0);
    add_challenge(m.mail, m.mail_ledger.in_a_row);
    const auto add_ledger = [&](const LedgerMemory& of, bool more) {
      hasher.Add(
          static_cast<uint64_t>(of.since_success) | static_cast<uint64_t>(of.since_unlock) << 8 |
          static_cast<uint64_t>(of.locks) << 16 | static_cast<uint64_t>(of.locked_until) << 24 |
          static_cast<uint64_t>(of.heaviest) << 32 | static_cast<uint64_t>(more) << 40);
    };
    add_ledger(m, m.app.active);
    add_ledger(m.mail_ledger, false);
    if (m.app.slot != 0) {
      hasher.Add(static_cast<uint64_t>(m.app.slot) | static_cast<uint64_t>(m.app.set) << 8 |
                 static_cast<uint64_t>(m.app.used) << 16 | static_cast<uint64_t>(m.app.made) << 24 |
                 static_cast<uint64_t>(m.app.seen) << 32 |
                 static_cast<uint64_t>(m.app.epoch) << 40 |
                 static_cast<uint64_t>(m.app.accepted) << 48);
    }
    hasher.Add(WordOf(m.marked));
  }
  return hasher.hash();
}

}  // namespace model
}  // namespace otpcore
