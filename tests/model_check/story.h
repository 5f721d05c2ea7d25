// SPDX-License-Identifier: Apache-2.0
// A counterexample as a person reads it: as lines of text, and as a picture.
#ifndef OTPCORE_TESTS_MODEL_CHECK_STORY_H_
#define OTPCORE_TESTS_MODEL_CHECK_STORY_H_

#include <string>
#include <vector>

#include "model_check/world.h"

namespace otpcore {
namespace model {

struct StoryLine {
  enum class With : uint8_t { kClient, kStore, kGuard, kSessions, kPhone, kClock };
  int host = -1;  // -1: it happens to the store or the clock alone
  With with = With::kClient;
  bool fault = false;
  std::string asks;
  std::string answer;  // what came back; may be empty
  std::string ends;    // how the operation ended with this; empty: it goes on
};

struct Story {
  std::string title;
  std::vector<StoryLine> lines;
  std::string violation;
};

// Tells the steps of `way`, as Search returned it, from the initial state on.
Story TellWay(World* world, const std::vector<uint8_t>& way, Violation violation);

// The same for actions as RunSequences returned them.
Story TellActions(World* world, const std::vector<Action>& actions, Violation violation);

std::string AsText(const Story& story);
std::string AsSvg(const Story& story);

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_STORY_H_
