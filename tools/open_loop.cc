// SPDX-License-Identifier: Apache-2.0
#include "open_loop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace otpcore_tool {

int64_t SteadyPacer::Now() {
  const std::chrono::nanoseconds since = std::chrono::steady_clock::now().time_since_epoch();
  return since.count();
}

void SteadyPacer::SleepUntil(int64_t nanos) {
  const std::chrono::nanoseconds since(nanos);
  std::this_thread::sleep_until(std::chrono::steady_clock::time_point(since));
}

LoopResult RunOpenLoop(const LoopOptions& options, Pacer& pacer,
                       const std::function<void(int)>& step) {
  std::atomic<uint64_t> next{0};
  const int64_t start = pacer.Now();
  std::vector<LoopResult> results(static_cast<size_t>(options.threads));
  const auto run = [&](int thread) {
    LoopResult& result = results[static_cast<size_t>(thread)];
    for (uint64_t i = next++; i < options.operations; i = next++) {
      const int64_t planned =
          start + static_cast<int64_t>(static_cast<double>(i) * 1e9 / options.rate);
      pacer.SleepUntil(planned);
      const int64_t began = pacer.Now();
      step(thread);
      const int64_t ended = pacer.Now();
      result.latency.Record(ended - planned);
      result.service.Record(ended - began);
      result.lateness.Record(began - planned);
      result.taken = std::max(result.taken, ended - start);
    }
  };
  std::vector<std::thread> others;
  for (int thread = 1; thread < options.threads; ++thread) others.emplace_back(run, thread);
  run(0);
  for (std::thread& other : others) other.join();
  LoopResult all;
  for (const LoopResult& one : results) {
    all.latency.Add(one.latency);
    all.service.Add(one.service);
    all.lateness.Add(one.lateness);
    all.taken = std::max(all.taken, one.taken);
  }
  return all;
}

}  // namespace otpcore_tool
