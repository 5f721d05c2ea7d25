// SPDX-License-Identifier: Apache-2.0
// Prints docs/registration-machine.svg: the machine of a TOTP registration, drawn from its table in
// the library (TO-28).
#include <string>
#include <vector>

#include "otpcore/rules/registration_machine.h"
#include "state_machine.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace)

std::string Label(RegistrationEvent event, const RegistrationTransition& transition) {
  std::string label(NameOf(event));
  if (transition.answer != ErrorCode::kOk)
    label += ": " + std::string(Describe(transition.answer).error_type);
  return label;
}

}  // namespace

int main() {
  std::vector<std::string> states;
  for (size_t s = 0; s < kRegistrationStateCount; ++s)
    states.emplace_back(NameOf(static_cast<RegistrationState>(s)));
  StateMachinePicture picture({180, 350, 510, 1050, 1760, 1290}, states);
  for (size_t e = 0; e < kRegistrationEventCount; ++e) {
    const auto event = static_cast<RegistrationEvent>(e);
    for (size_t s = 0; s < kRegistrationStateCount; ++s) {
      const RegistrationTransition t = NextRegistration(static_cast<RegistrationState>(s), event);
      if (t.possible) picture.Add(s, static_cast<size_t>(t.next), Label(event, t));
    }
  }
  picture.Print();
}
