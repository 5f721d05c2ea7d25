// SPDX-License-Identifier: Apache-2.0
#include "model_check/sequences.h"

#include <chrono>

namespace otpcore {
namespace model {
namespace {

using Kind = CommandSpec::Kind;

// The steps a sequence is made of.
enum class Step : uint8_t {
  kSendNewNumber,
  kSend,
  kAuthenticateRight,
  kAuthenticateWrong,
  kDeleteNumber,
  kUnlock,
  kCreateApp,
  kAppCode,
  kRecoveryCode,
  kRotate,
  kSendMail,
  kMailCode,
  kTwoMinutesLater,
  kOneMinuteBack,
};
constexpr int kStepKinds = 14;

constexpr size_t kMain = 0;    // the host under test
constexpr size_t kNested = 1;  // another one, whose send is committed in between

class Runner {
 public:
  Runner(World* world, int length, int faults)
      : world_(*world), length_(static_cast<size_t>(length)), faults_(faults) {}

  SequencesResult Run() {
    const auto start = std::chrono::steady_clock::now();
    // By length, so that what is found is short.
    for (size_t length = 1; length <= length_; ++length) {
      steps_.assign(length, 0);
      do {
        ++result_.sequences;
        NextStep(world_.initial(), 0, faults_);
      } while (result_.violation == nullptr && Advance());
      if (result_.violation != nullptr) break;
    }
    result_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result_;
  }

 private:
  bool Advance() {
    for (size_t i = steps_.size(); i-- > 0;) {
      if (++steps_[i] < kStepKinds) return true;
      steps_[i] = 0;
    }
    return false;
  }

  // Takes one action; false when it breaks a property.
  bool Take(const Action& action, State* state) {
    if (result_.violation != nullptr) return false;
    way_.push_back(action);
    const Violation violation = world_.Take(action, state);
    if (violation == nullptr) return true;
    Fail(violation);
    return false;
  }
  void Fail(Violation violation) {
    result_.violation = violation;
    result_.way = way_;
  }

  static Action StartOf(const CommandSpec& command, uint8_t operation, size_t flight) {
    Action action;
    action.kind = Action::Kind::kStart;
    action.flight = static_cast<uint8_t>(flight);
    action.command = command;
    action.operation = operation;
    return action;
  }
  static Action Meeting(size_t flight, Fault fault) {
    Action action;
    action.flight = static_cast<uint8_t>(flight);
    action.fault = fault;
    return action;
  }

  // That of the present step; a wrong one where the table of steps has it not.
  uint8_t AppCodeOf(const State& state) const {
    const uint8_t slot = state.memory[0].app.slot;
    for (uint8_t i = 0; i < kSteps.size() && slot != 0; ++i) {
      if (kSteps[i] == kStepsAMinute * world_.MinuteOf(state)) return TypedOf(slot, i);
    }
    return kWrongCode;
  }

  CommandSpec CommandOf(Step step, const State& state) const {
    const bool none = world_.View(state, 0).phone == EnrollmentState::kNone;
    const uint8_t slot = state.memory[0].slot;
    switch (step) {
      case Step::kSendNewNumber: return {Kind::kSend, 0, static_cast<uint8_t>(none ? 0 : 1)};
      case Step::kAuthenticateRight: return {Kind::kAuthenticate, 0, slot == 0 ? uint8_t{1} : slot};
      case Step::kAuthenticateWrong: return {Kind::kAuthenticate, 0, kWrongCode};
      case Step::kDeleteNumber: return {Kind::kDeleteNumber, 0, 0};
      case Step::kUnlock: return {Kind::kUnlock, 0, 0};
      case Step::kCreateApp: return {Kind::kCreateApp, 0, 0};
      case Step::kAppCode: return {Kind::kProveApp, 0, AppCodeOf(state)};
      case Step::kRecoveryCode: return {Kind::kRecover, 0, TypedOf(state.memory[0].app.set, 0)};
      case Step::kRotate: return {Kind::kRotate, 0, 0};
      case Step::kSendMail: return {Kind::kSendMail, 0, 0};
      case Step::kMailCode: return {Kind::kTypeMail, 0, state.memory[0].mail.slot};
      default: return {Kind::kSend, 0, kNoNumber};
    }
  }

  void NextStep(State state, size_t index, int faults_left) {
    if (result_.violation != nullptr) return;
    if (index == steps_.size()) {
      ++result_.runs;
      if (const Violation dead = world_.CheckAlive(state)) Fail(dead);
      return;
    }
    const size_t before = way_.size();
    const Step step = static_cast<Step>(steps_[index]);
    if (step == Step::kTwoMinutesLater || step == Step::kOneMinuteBack) {
      Action action;
      action.kind = Action::Kind::kClock;
      action.clock = static_cast<uint8_t>(state.clock + (step == Step::kOneMinuteBack ? -1 : 2));
      if (Take(action, &state)) NextStep(state, index + 1, faults_left);
    } else {
      const CommandSpec command = CommandOf(step, state);
      if (Take(StartOf(command, world_.FreeOperation(state), kMain), &state))
        NextNeed(state, index, faults_left);
    }
    way_.resize(before);
  }

  void NextNeed(const State& state, size_t index, int faults_left) {
    if (state.flights[kMain].point == 0) return NextStep(state, index + 1, faults_left);
    MeetWith(Fault::kNone, state, index, faults_left);
    if (faults_left == 0) return;
    const Point& point = world_.points().at(state.flights[kMain].point);
    for (const Fault fault : FaultsAt(point.need, point.entropy))
      MeetWith(fault, state, index, faults_left - 1);
    if (point.need == NeedKind::kCommit) {
      MeetWith(Fault::kNested, state, index, faults_left - 1);
      if (state.late.point == 0) MeetWith(Fault::kUnknownLate, state, index, faults_left - 1);
    }
    MeetWith(Fault::kCrash, state, index, faults_left - 1);
    if (point.before != 0) MeetWith(Fault::kRetry, state, index, faults_left - 1);
  }

  void MeetWith(Fault fault, State state, size_t index, int faults_left) {
    if (result_.violation != nullptr) return;
    const size_t before = way_.size();
    ++result_.needs;
    const bool was_late = state.late.point != 0;
    bool good = true;
    if (fault == Fault::kNested) {
      good = SendInBetween(&state);
      fault = Fault::kNone;
    }
    good = good && Take(Meeting(kMain, fault), &state);
    // A late commit arrives while its operation finds out what became of it, or after its end.
    if (good && was_late && state.late.point != 0) {
      Action late;
      late.kind = Action::Kind::kLateCommit;
      good = Take(late, &state);
    }
    if (good) NextNeed(state, index, faults_left);
    way_.resize(before);
  }

  bool SendInBetween(State* state) {
    const CommandSpec send = CommandOf(Step::kSendNewNumber, *state);
    const bool none = world_.View(*state, 0).phone == EnrollmentState::kNone;
    const CommandSpec command = none ? send : CommandSpec{Kind::kSend, 0, kNoNumber};
    if (!Take(StartOf(command, world_.FreeOperation(*state), kNested), state)) return false;
    while (state->flights[kNested].point != 0) {
      if (!Take(Meeting(kNested, Fault::kNone), state)) return false;
    }
    return true;
  }

  World& world_;
  const size_t length_;
  const int faults_;
  std::vector<int> steps_;
  std::vector<Action> way_;
  SequencesResult result_;
};

}  // namespace

Scenario SequencesScenario() {
  Scenario scenario;
  scenario.name = "sequences";
  scenario.about = "one command after the other, with up to two faults";
  scenario.commands = {{Kind::kCreateApp, 0, 0}, {Kind::kSendMail, 0, 0}};  // must be alive
  scenario.repeats = true;
  for (uint8_t minute = 0; minute < 20; ++minute) scenario.minutes.push_back(minute);
  scenario.minutes.erase(scenario.minutes.begin());
  scenario.start = 6;
  return scenario;
}

SequencesResult RunSequences(World* world, int length, int faults) {
  return Runner(world, length, faults).Run();
}

}  // namespace model
}  // namespace otpcore
