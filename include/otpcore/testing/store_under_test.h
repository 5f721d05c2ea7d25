// SPDX-License-Identifier: Apache-2.0
// A store under test, and the hooks with which the store kit does things to it.
#ifndef OTPCORE_TESTING_STORE_UNDER_TEST_H_
#define OTPCORE_TESTING_STORE_UNDER_TEST_H_

#include <cstdint>
#include <functional>
#include <string>

#include "otpcore/engine/ports.h"

namespace otpcore {
namespace testing {

// A store and what a test can do to it. A check that needs a hook which is not there is skipped.
struct StoreUnderTest {
  std::string skip_because;  // not empty: the store cannot be had here, no server is installed
  Store* store = nullptr;
  Store* other = nullptr;  // the same data seen by another host; null: `store` again
  // Kills what keeps the data without warning and starts it again. `store` works again afterwards;
  // null: it does not claim durability.
  std::function<void()> crash;
  std::function<void(bool)> freeze;  // true: connections stay, but nothing is answered any more
  std::function<void(bool)> unreachable;         // true: connections break and cannot be made
  std::function<void(const RecordKey&)> damage;  // puts bytes there that are no record
  std::function<void(uint64_t)> begin_epoch;     // as an operator does after a restore
  std::function<void(Duration)> pass_time;       // for stores with a clock that can be moved
  // How old a read may be (K-01), for a store that reads from replicas: what a check has just
  // written it looks for as long as that.
  Duration staleness_max{1000};
  // Where several hosts commit at once, a store that has not answered any of them by then hangs.
  Duration call_timeout{30000};

  Store& second() const { return other != nullptr ? *other : *store; }
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_UNDER_TEST_H_
