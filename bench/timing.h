// How the programs take time: CPU time of the thread, over chunks of commands that are prepared
// outside it.
#ifndef OTPCORE_BENCH_TIMING_H_
#define OTPCORE_BENCH_TIMING_H_

#include <benchmark/benchmark.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

#include "bench/allocation_count.h"

namespace otpcore {
namespace bench {

// Commands whose requests are built before the clock starts. So many that reading the clock, a
// system call, costs each of them little; so few that requests are still in the cache when used.
inline constexpr size_t kChunk = 64;

inline int64_t ThreadCpuNanos() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

// Sums what lies between Start and Stop, and reports it as counters: `ns` and `allocs` for each
// command.
class Stopwatch {
 public:
  void Start() {
    blocks_ = AllocationsOfThisThread().blocks;
    started_ = ThreadCpuNanos();
  }
  void Stop(size_t commands) {
    nanos_ += ThreadCpuNanos() - started_;
    allocations_ += AllocationsOfThisThread().blocks - blocks_;
    commands_ += commands;
  }
  // Ends one iteration of `state`: what was taken since the last one.
  void EndIteration(benchmark::State& state) {
    state.SetIterationTime(static_cast<double>(nanos_ - reported_) * 1e-9);
    reported_ = nanos_;
  }
  void Report(benchmark::State& state) const {
    const auto commands = static_cast<double>(commands_);
    const auto flags = benchmark::Counter::kAvgThreads;
    state.counters["ns"] = benchmark::Counter(static_cast<double>(nanos_) / commands, flags);
    state.counters["allocs"] =
        benchmark::Counter(static_cast<double>(allocations_) / commands, flags);
  }
  double NanosEach() const { return static_cast<double>(nanos_) / static_cast<double>(commands_); }

 private:
  int64_t started_ = 0;
  uint64_t blocks_ = 0;
  int64_t nanos_ = 0;
  int64_t reported_ = 0;
  uint64_t allocations_ = 0;
  size_t commands_ = 0;
};

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_TIMING_H_
