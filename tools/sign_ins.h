// SPDX-License-Identifier: Apache-2.0
// The load of `otpcore bench`: Members who prove a second factor by SMS. Each gets a passcode,
// types a wrong code, then the right one; so a third of the operations is each.
#ifndef OTPCORE_TOOLS_SIGN_INS_H_
#define OTPCORE_TOOLS_SIGN_INS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "otpcore/engine/ports.h"
#include "otpcore/rules/config.h"

namespace otpcore_tool {

class SignIns {
 public:
  // `members` Members of their own, from number `first` on, in a store that has none of them;
  // populating takes a commit each. `config` is ConfigOf. At least one Member a thread. The
  // references must outlive this.
  SignIns(const otpcore::Config& config, otpcore::Store& store, otpcore::Clock& clock,
          uint64_t first, size_t members, int threads);
  ~SignIns();
  SignIns(const SignIns&) = delete;
  SignIns& operator=(const SignIns&) = delete;

  // The next operation of a thread's Members. One call at a time of each thread.
  void Step(int thread);

  // How often a step was answered otherwise than it should, by error type: such an operation may
  // have done less than a sign-in does.
  std::map<std::string, uint64_t> Unexpected() const;

 private:
  struct Worker;
  struct State;
  std::unique_ptr<State> state_;
};

// How many Members so many operations need, lest one meets the limit of sends: each signs in
// `rounds` times.
size_t MembersFor(uint64_t operations, int threads, int rounds);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_SIGN_INS_H_
