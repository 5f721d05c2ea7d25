// SPDX-License-Identifier: Apache-2.0
// How the programs of this folder measure.
#ifndef OTPCORE_BENCH_STORES_RATES_H_
#define OTPCORE_BENCH_STORES_RATES_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>
#include <vector>

namespace otpcore {

constexpr std::chrono::milliseconds kSlice{1000};

inline void Require(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "bench: %s\n", what);
  std::exit(1);
}

inline double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// How often `step(thread, i)` was done in a second by `threads` at once. With `awake` one thread
// more keeps a processor busy all the time.
inline double RateOf(int threads, const std::function<void(int, int)>& step, bool awake) {
  std::atomic<bool> stop{false};
  std::atomic<int64_t> done{0};
  std::thread spinner([&] {
    while (awake && !stop) {
    }
  });
  std::vector<std::thread> workers;
  const auto start = std::chrono::steady_clock::now();
  for (int thread = 0; thread < threads; ++thread)
    workers.emplace_back([&, thread] {
      int64_t own = 0;
      for (int i = 0; !stop; ++i, ++own) step(thread, i);
      done += own;
    });
  std::this_thread::sleep_for(kSlice);
  stop = true;
  for (std::thread& worker : workers) worker.join();
  spinner.join();
  return static_cast<double>(done) /
         std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace otpcore

#endif  // OTPCORE_BENCH_STORES_RATES_H_
