// SPDX-License-Identifier: Apache-2.0
// The properties: what must hold at each step, written from the rules and told from requests,
// commits, messages and answers. Rule ids are in the texts.
#ifndef OTPCORE_TESTS_MODEL_CHECK_WATCH_H_
#define OTPCORE_TESTS_MODEL_CHECK_WATCH_H_

#include "model_check/world.h"

namespace otpcore {
namespace model {

// A commit that was just applied. `before` is the store as it was.
struct Applied {
  const Point& point;
  const Flight& flight;  // before the commit
  const RecordTable& records;
  const Policy& policy;
  const std::array<uint32_t, kKeys>& before;
};

// A commit is about to be asked for.
Violation CheckCommit(const Point& point);
// Looks at what the commit changed, and keeps it in mind.
Violation CheckApplied(const Applied& applied, State* state);
// Holds in every state of the store.
Violation CheckClaims(const RecordTable& records, const State& state);
// The flight has come to `point`, and the gateway is about to get its message.
Violation CheckDelivery(const Point& point, const Flight& flight, State* state);
// The session is about to be changed, which shows a success to the world.
Violation CheckSessionEffect(const Point& point, const Flight& flight);
// The flight's answer leaves.
Violation CheckAnswer(const Point& point, const RecordTable& records, const Flight& flight,
                      const State& state);

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_WATCH_H_
