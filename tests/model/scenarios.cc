#include "model/scenarios.h"

namespace otpcore {
namespace model {
namespace {

using Kind = CommandSpec::Kind;

constexpr CommandSpec kLink = {Kind::kSend, 0, 0};
constexpr CommandSpec kSend = {Kind::kSend, 0, kNoNumber};
constexpr CommandSpec kProve = {Kind::kAuthenticate, 0, 0};
constexpr CommandSpec kDelete = {Kind::kDeleteNumber, 0, 0};
constexpr CommandSpec kUnlock = {Kind::kUnlock, 0, 0};
constexpr CommandSpec kReport = {Kind::kReport, 0, 0};

CommandSpec Of(CommandSpec command, uint8_t member) {
  command.member = member;
  return command;
}

Scenario Guesses() {
  Scenario s;
  s.name = "guesses";
  s.about = "a verified Member; two hosts send and judge codes, the clock steps both ways";
  s.setup = {kLink, kProve};
  s.commands = {kSend, kProve, kUnlock};
  s.minutes = {0, 1, 2};
  s.faults = {Fault::kUnknownApplied, Fault::kUnknownLost};
  return s;
}

}  // namespace

std::vector<Scenario> AllScenarios() { return {Guesses()}; }

}  // namespace model
}  // namespace otpcore
