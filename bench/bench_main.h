// SPDX-License-Identifier: Apache-2.0
// main() of every benchmark program: adds the options --members=N and --passes=N to Google
// Benchmark's.
#ifndef OTPCORE_BENCH_BENCH_MAIN_H_
#define OTPCORE_BENCH_BENCH_MAIN_H_

#include <benchmark/benchmark.h>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace otpcore {
namespace bench {

struct Case {
  std::string name;
  std::function<void(benchmark::State&)> run;
  int threads = 1;
};

// Defined by each program: what it measures, with `members` Members.
//
// All cases are run once, then all again, --passes times, under the names "0/<case>", "1/<case>" ….
// What is divided by each other so lies close together in time, which repetitions of one case after
// another would not: on a shared machine that decides what a ratio is worth.
std::vector<Case> Cases(size_t members);

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_BENCH_MAIN_H_
