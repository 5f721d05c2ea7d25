// SPDX-License-Identifier: Apache-2.0
// Prints docs/candidate-machine.svg: the machine of a change of phone's candidate, drawn from its
// table in the library (E-01, E-04).
#include <string>
#include <vector>

#include "otpcore/rules/candidate_machine.h"
#include "state_machine.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace)

std::string Label(CandidateEvent event, const CandidateTransition& transition) {
  static const char* const kClaims[] = {"", " [claim: lease]", " [claim: permanent]",
                                        " [claim: released]"};
  return std::string(NameOf(event)) + kClaims[static_cast<int>(transition.claim)];
}

}  // namespace

int main() {
  std::vector<std::string> states;
  for (size_t s = 0; s < kCandidateStateCount; ++s)
    states.emplace_back(NameOf(static_cast<CandidateState>(s)));
  StateMachinePicture picture({190, 460, 200, 490, 1300, 600}, states);
  for (size_t e = 0; e < kCandidateEventCount; ++e) {
    const auto event = static_cast<CandidateEvent>(e);
    for (size_t s = 0; s < kCandidateStateCount; ++s) {
      const CandidateTransition t = NextCandidate(static_cast<CandidateState>(s), event);
      if (t.allowed) picture.Add(s, static_cast<size_t>(t.next), Label(event, t));
    }
  }
  picture.Print();
}
