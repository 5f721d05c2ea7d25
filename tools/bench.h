// SPDX-License-Identifier: Apache-2.0
// How long sign-ins by SMS take on a machine and a store, at a fixed rate.
#ifndef OTPCORE_TOOLS_BENCH_H_
#define OTPCORE_TOOLS_BENCH_H_

#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>

#include "open_loop.h"
#include "otpcore/engine/ports.h"
#include "otpcore/model/policy.h"

namespace otpcore_tool {

struct BenchOptions {
  std::string store = "memory";    // as OpenStore takes it
  std::string policy = "default";  // as ReadPolicyFile takes it
  double rate = 100;               // operations a second
  double seconds = 10;
  int threads = 4;
  size_t members = 0;   // 0: as many as meet no limit of sends
  std::string out;      // a file for the result as JSON; empty: none
  std::string hgrm;     // a file for the latencies as .hgrm, in microseconds; empty: none
  std::string compare;  // a file that `out` named earlier; empty: none
};

struct BenchResult {
  LoopResult loop;
  std::map<std::string, uint64_t> unexpected;  // see SignIns
};

// The load alone. `first`: the number of the first Member; see SignIns. "", or a sentence that says
// what went wrong.
std::string RunSignIns(const BenchOptions& options, const otpcore::Policy& policy,
                       otpcore::Store& store, otpcore::Clock& clock, Pacer& pacer, uint64_t first,
                       BenchResult* result);

// All of it, with a line for each thing that a reader of the numbers should know.
std::string RunBench(const BenchOptions& options, std::ostream& out);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_BENCH_H_
