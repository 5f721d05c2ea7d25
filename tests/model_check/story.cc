// SPDX-License-Identifier: Apache-2.0
#include "model_check/story.h"

#include <algorithm>

namespace otpcore {
namespace model {
namespace {

using Kind = CommandSpec::Kind;
using With = StoryLine::With;

const char* const kNames[kMembers] = {"Ada", "Bob"};
const char* const kHostNames[kHostsMax] = {"host 1", "host 2", "host 3"};

std::string CodeName(const World& world, const State& state, const CommandSpec& command) {
  const uint8_t slot = command.argument;
  const std::string text = CodeText(slot);
  if (slot == kWrongCode) return text + ", a wrong code";
  if (slot == state.memory[command.member].slot) {
    return text + ((state.used >> slot & 1) != 0 ? ", the used code" : ", the code of her SMS");
  }
  if (slot == state.memory[command.member].change.slot)
    return text + ", the code for her new number";
  if (slot == world.View(state, command.member).superseded) return text + ", the code before";
  return text + ", no code of hers";
}

std::string AppCodeName(const World& world, const State& state, const CommandSpec& command) {
  const uint8_t typed = command.argument;
  if (typed == kWrongCode) return "a wrong code of an app";
  const bool own = SlotOfTyped(typed) == world.View(state, command.member).app_slot;
  return (own ? "the app's code of step " : "the code of another app of step ") +
         std::to_string(kSteps[IndexOfTyped(typed)]);
}

std::string RecoveryCodeName(const World& world, const State& state, const CommandSpec& command) {
  const uint8_t typed = command.argument;
  if (typed == kWrongCode) return "a wrong recovery code";
  const bool own = SlotOfTyped(typed) == world.View(state, command.member).set_slot;
  return "recovery code " + std::to_string(IndexOfTyped(typed) + 1) +
         (own ? "" : " of another set");
}

std::string AnswerText(ErrorCode code) {
  return code == ErrorCode::kOk ? "success" : std::string(Error(code).error_type());
}

std::string TellMeet(const Point& point, StoryLine* line) {
  switch (point.need) {
    case NeedKind::kLoad: line->with = With::kStore; return "load";
    case NeedKind::kAdmission: line->with = With::kGuard; return "admit";
    case NeedKind::kCommit:
      line->with = With::kStore;
      return point.follow_up ? "commit the failed delivery" : "commit";
    case NeedKind::kSessionEffect: line->with = With::kSessions; return "change the session";
    case NeedKind::kDelivery:
      line->with = With::kPhone;
      return (point.message_spelling == kNoSpelling ? "SMS " : "e-mail ") +
             CodeText(point.message_slot);
    case NeedKind::kDone: break;
  }
  return "?";
}

std::string CommandText(const World& world, const State& state, const CommandSpec& command) {
  const std::string who = command.member == kAddress ? "somebody" : kNames[command.member];
  switch (command.kind) {
    case Kind::kSend:
      return command.argument == kNoNumber ? "send to " + who
                                           : "send to " + who + " at " + E164Text(command.argument);
    case Kind::kAuthenticate: return who + " types " + CodeName(world, state, command);
    case Kind::kDeleteNumber: return "delete " + who + "'s number";
    case Kind::kUnlock: return "unlock " + who;
    case Kind::kReport:
      return "receipt: SMS " + CodeText(command.argument) + " to " + who + " was rejected";
    case Kind::kDeleteMember: return "delete " + who;
    case Kind::kReactivate: return "reactivate " + who;
    case Kind::kGiveNumber: return "give " + who + " the number " + E164Text(command.argument);
    case Kind::kStartChange: return "change " + who + "'s number to " + E164Text(command.argument);
    case Kind::kFinishChange:
      return who + " types for the new number " + CodeName(world, state, command);
    case Kind::kStartOwnChange:
      return who + " changes to " + E164Text(command.argument) + ", having shown a password";
    case Kind::kDeleteOwnNumber: return who + " deletes the number, having shown a password";
    case Kind::kCreateApp: return who + " registers an app";
    case Kind::kProveApp:
      return who + ", with a factor, types " + AppCodeName(world, state, command);
    case Kind::kTypeAppCode: return who + " types " + AppCodeName(world, state, command);
    case Kind::kDeleteApp: return who + " deletes the app";
    case Kind::kDeleteOwnApp: return who + " deletes the app, having shown a password";
    case Kind::kRecover: return who + " types " + RecoveryCodeName(world, state, command);
    case Kind::kRotate: return who + " asks for new recovery codes";
    case Kind::kRotateOwn: return who + " asks for new recovery codes, having shown a password";
    case Kind::kSendMail: return "send an e-mail to " + who;
    case Kind::kTypeMail: return who + " signs in with " + CodeName(world, state, command);
    case Kind::kDiscover: return "send an e-mail outside Organizations";
    case Kind::kTypeDiscovered:
      return "somebody proves the address with " + CodeName(world, state, command);
    case Kind::kReportDiscovered:
      return "receipt: e-mail " + CodeText(command.argument) + " was rejected";
    case Kind::kUnlockAddress: return "unlock the address";
    case Kind::kPurgeAddress: return "purge the address";
    case Kind::kExchange: return who + " exchanges the token";
    case Kind::kChangeAddress:
      return who + "'s address becomes " + AddressText(command.member, command.argument);
  }
  return "?";
}

StoryLine TellAction(const World& world, const State& state, const Action& action) {
  StoryLine line;
  switch (action.kind) {
    case Action::Kind::kStart:
      line.host = action.flight;
      line.asks = CommandText(world, state, action.command);
      for (const Flight& flight : state.flights) {
        if (flight.point != 0 && action.operation != kNotRepeated &&
            world.points().at(flight.point).operation == action.operation)
          line.asks += " (the same request, repeated)";
      }
      return line;
    case Action::Kind::kClock: {
      State next = state;
      next.clock = action.clock;
      line.with = With::kClock;
      line.fault = world.MinuteOf(next) < world.MinuteOf(state);
      line.asks = "the clock shows minute " + std::to_string(world.MinuteOf(next)) +
                  (line.fault ? ": it stepped back" : "");
      return line;
    }
    case Action::Kind::kRestore:
      line.with = With::kStore;
      line.fault = true;
      line.asks = "the store is restored from a backup of the start";
      return line;
    case Action::Kind::kLateCommit:
      line.with = With::kStore;
      line.fault = true;
      line.asks = world.CanApply(state, state.late) ? "the late commit arrives and applies"
                                                    : "the late commit arrives and conflicts";
      return line;
    case Action::Kind::kMeet: break;
  }
  line.host = action.flight;
  line.fault = action.fault != Fault::kNone;
  const Flight& flight = state.flights[action.flight];
  const Point& point = world.points().at(flight.point);
  if (action.fault == Fault::kCrash || action.fault == Fault::kRetry) {
    line.asks = NameOf(action.fault);
    return line;
  }
  line.asks = TellMeet(point, &line);
  line.answer = NameOf(action.fault);
  if (point.need == NeedKind::kCommit && action.fault == Fault::kNone)
    line.answer = world.CanApply(state, flight) ? "Committed" : "Conflict";
  if (point.need == NeedKind::kDelivery && action.fault == Fault::kNone) line.answer = "Accepted";
  return line;
}

// Tells the action and takes it.
StoryLine Step(World* world, const Action& action, State* state) {
  StoryLine line = TellAction(*world, *state, action);
  if (action.kind != Action::Kind::kMeet) {
    world->Take(action, state);
    return line;
  }
  ErrorCode answer = ErrorCode::kOk;
  world->Meet(action.flight, action.fault, state, &answer);
  const bool dropped = action.fault == Fault::kCrash || action.fault == Fault::kRetry;
  if (state->flights[action.flight].point == 0 && !dropped) line.ends = AnswerText(answer);
  return line;
}

}  // namespace

Story TellActions(World* world, const std::vector<Action>& actions, Violation violation) {
  Story story;
  story.title = world->scenario().name + ": " + world->scenario().about;
  story.violation = violation == nullptr ? "" : violation;
  State state = world->initial();
  for (const Action& action : actions) story.lines.push_back(Step(world, action, &state));
  return story;
}

Story TellWay(World* world, const std::vector<uint8_t>& way, Violation violation) {
  Story story;
  story.title = world->scenario().name + ": " + world->scenario().about;
  story.violation = violation == nullptr ? "" : violation;
  State state = world->initial();
  std::array<uint8_t, kHostsMax> hosts{};  // which host stands at each place
  std::array<uint8_t, kHostsMax> order{};
  for (uint8_t i = 0; i < kHostsMax; ++i) hosts[i] = i;
  world->Canonicalize(&state);
  std::vector<Action> actions;
  for (const uint8_t step : way) {
    world->ActionsOf(state, &actions);
    StoryLine line = Step(world, actions[step], &state);
    if (line.host >= 0) line.host = hosts[static_cast<size_t>(line.host)];
    story.lines.push_back(line);
    world->Canonicalize(&state, &order);
    const auto before = hosts;
    for (size_t i = 0; i < kHostsMax; ++i) hosts[i] = before[order[i]];
  }
  return story;
}

std::string AsText(const Story& story) {
  std::string text = story.title + "\n";
  for (size_t i = 0; i < story.lines.size(); ++i) {
    const StoryLine& line = story.lines[i];
    const std::string number = std::to_string(i + 1);
    text += std::string(number.size() < 2 ? 3 : 2, ' ') + number + ". ";
    if (line.host >= 0) text += std::string(kHostNames[line.host]) + ": ";
    text += line.asks;
    if (!line.answer.empty()) text += " -> " + line.answer;
    if (!line.ends.empty()) text += "; answers " + line.ends;
    text += "\n";
  }
  if (!story.violation.empty()) text += "  => " + story.violation + "\n";
  return text;
}

}  // namespace model
}  // namespace otpcore
