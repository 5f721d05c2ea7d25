// SPDX-License-Identifier: Apache-2.0
// How the programs take time: CPU time of the thread, over chunks of commands that are prepared
// outside it.
#ifndef OTPCORE_BENCH_TIMING_H_
#define OTPCORE_BENCH_TIMING_H_

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

#include "bench/allocation_count.h"

namespace otpcore {
namespace bench {

// Commands whose requests are built before the clock starts. So many that reading the clock, a
// system call, costs each of them little; so few that requests are still in the cache when used.
inline constexpr size_t kChunk = 64;

inline int64_t Nanos(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

// Sums what lies between Start and Stop, and reports it as counters for each command: `ns` of CPU
// time, `wall_ns` of the clock on the wall, heap `allocs`; and `waits_per_million`: how often the
// thread gave up its core in a million commands, which it does when it waits for a lock.
class Stopwatch {
 public:
  void Start() {
    waits_before_ = Waits();
    blocks_ = AllocationsOfThisThread().blocks;
    wall_started_ = Nanos(CLOCK_MONOTONIC);
    started_ = Nanos(CLOCK_THREAD_CPUTIME_ID);
  }
  void Stop(size_t commands) {
    last_nanos_ = Nanos(CLOCK_THREAD_CPUTIME_ID) - started_;
    nanos_ += last_nanos_;
    wall_nanos_ += Nanos(CLOCK_MONOTONIC) - wall_started_;
    allocations_ += AllocationsOfThisThread().blocks - blocks_;
    waits_ += Waits() - waits_before_;
    commands_ += commands;
  }
  int64_t LastNanos() const { return last_nanos_; }
  // Ends one iteration of `state`: what was taken since the last one.
  void EndIteration(benchmark::State& state) {
    state.SetIterationTime(static_cast<double>(nanos_ - reported_) * 1e-9);
    reported_ = nanos_;
  }
  void Report(benchmark::State& state) const {
    const auto commands = static_cast<double>(commands_);
    const auto flags = benchmark::Counter::kAvgThreads;
    state.counters["ns"] = benchmark::Counter(static_cast<double>(nanos_) / commands, flags);
    state.counters["wall_ns"] =
        benchmark::Counter(static_cast<double>(wall_nanos_) / commands, flags);
    state.counters["waits_per_million"] =
        benchmark::Counter(1e6 * static_cast<double>(waits_) / commands, flags);
    state.counters["allocs"] =
        benchmark::Counter(static_cast<double>(allocations_) / commands, flags);
  }

 private:
  static int64_t Waits() {
    rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
  }

  int64_t waits_before_ = 0;
  int64_t waits_ = 0;
  int64_t last_nanos_ = 0;
  int64_t started_ = 0;
  int64_t wall_started_ = 0;
  uint64_t blocks_ = 0;
  int64_t nanos_ = 0;
  int64_t wall_nanos_ = 0;
  int64_t reported_ = 0;
  uint64_t allocations_ = 0;
  size_t commands_ = 0;
};

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_TIMING_H_
