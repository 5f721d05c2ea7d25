// SPDX-License-Identifier: Apache-2.0
// Prints docs/state-machine.svg: the enrolment machine, drawn from its table in the library (E-01).
#include "state_machine.h"

#include <string>

#include "otpcore/rules/enrollment.h"

namespace {

using namespace otpcore;  // NOLINT(google-build-using-namespace)

std::string Label(EnrollmentEvent event, const Transition& transition) {
  static const char* const kClaims[] = {"", " [claim: lease]", " [claim: permanent]",
                                        " [claim: released]"};
  return std::string(NameOf(event)) + kClaims[static_cast<int>(transition.claim)];
}

}  // namespace

int main() {
  StateMachinePicture picture({170, 390, 330, 620, 1120, 770}, {"none", "pending", "verified"});
  for (size_t e = 0; e < kEnrollmentEventCount; ++e) {
    const auto event = static_cast<EnrollmentEvent>(e);
    for (size_t s = 0; s < kEnrollmentStateCount; ++s) {
      const Transition t = NextEnrollment(static_cast<EnrollmentState>(s), event);
      if (t.allowed) picture.Add(s, static_cast<size_t>(t.next), Label(event, t));
    }
  }
  picture.Print();
}
