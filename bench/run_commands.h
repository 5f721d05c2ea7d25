// SPDX-License-Identifier: Apache-2.0
// Commands of one kind, measured in chunks whose requests are made outside the clock.
#ifndef OTPCORE_BENCH_RUN_COMMANDS_H_
#define OTPCORE_BENCH_RUN_COMMANDS_H_

#include <vector>

#include "bench/population.h"
#include "bench/timing.h"
#include "otpcore/otpcore.h"

namespace otpcore {
namespace bench {

inline constexpr size_t kChunksEach = 16;  // of one iteration

// The function that bench/instructions.py looks into.
template <typename Request, typename AnyReply>
[[gnu::noinline]] ErrorCode MeasuredRun(Engine& engine, const Request& request, AnyReply* reply) {
  engine.Run(request, {}, reply);
  return reply->error().code();
}

// `make(member, place)` is the request of one Member; `renew(member)` runs outside the clock.
template <typename Command, typename Next, typename Make, typename After>
void RunCommands(Engine& engine, benchmark::State& state, ErrorCode expected, const Next& next,
                 const Make& make, const After& renew) {
  Stopwatch watch;
  std::vector<size_t> members(kChunk);
  std::vector<typename Command::Request> requests;
  requests.reserve(kChunk);
  Reply<Command> reply;
  for (auto _ : state) {
    for (size_t chunk = 0; chunk < kChunksEach; ++chunk) {
      requests.clear();
      for (size_t i = 0; i < kChunk; ++i) {
        members[i] = next();
        requests.push_back(make(members[i], i));
      }
      size_t as_expected = 0;
      watch.Start();
      for (const auto& request : requests)
        as_expected += MeasuredRun(engine, request, &reply) == expected;
      watch.Stop(kChunk);
      Require(as_expected == kChunk, "a command was answered otherwise");
      for (const size_t member : members) renew(member);
    }
    watch.EndIteration(state);
  }
  watch.Report(state);
}

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_RUN_COMMANDS_H_
