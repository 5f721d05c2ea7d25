// SPDX-License-Identifier: Apache-2.0
// Resident memory for each Member with a live challenge. Run it once per case, with
// --benchmark_filter: what one case frees the next would find.
#include <unistd.h>

#include <cstdio>

#include "bench/bench_main.h"
#include "bench/world.h"

namespace otpcore {
namespace bench {
namespace {

using State = benchmark::State;

double ResidentBytes() {
  std::FILE* const file = std::fopen("/proc/self/statm", "r");
  unsigned long pages[2] = {};
  Require(file != nullptr && std::fscanf(file, "%lu %lu", &pages[0], &pages[1]) == 2,
          "no /proc/self/statm");
  std::fclose(file);
  return static_cast<double>(pages[1]) * static_cast<double>(sysconf(_SC_PAGESIZE));
}

void RunStore(size_t members, bool index_records, State& state) {
  WorldOptions options;
  options.live_challenges = true;
  options.index_records = index_records;
  for (auto _ : state) {
    const double before = ResidentBytes();
    const World world(members, options);
    state.counters["bytes"] = (ResidentBytes() - before) / static_cast<double>(members);
    state.SetIterationTime(1);
  }
}

// A guard that remembers one admission for each of N numbers.
void RunGuard(size_t keys, State& state) {
  for (auto _ : state) {
    const double before = ResidentBytes();
    testing::VirtualClock clock;
    MemorySendGuard::Options options;
    options.keys_max = 2 * keys;
    MemorySendGuard guard(clock, options);
    for (size_t i = 0; i < keys; ++i) {
      guard.Admit(UuidOf(9, i),
                  {{Quota::Subject::kAddress, {}, NumberOf(i), {}, 10, 0, std::chrono::hours(1)}});
    }
    state.counters["bytes"] = (ResidentBytes() - before) / static_cast<double>(keys);
    state.SetIterationTime(1);
  }
}

}  // namespace

std::vector<Case> Cases(size_t members) {
  return {
      {"members_with_index_records", [members](State& state) { RunStore(members, true, state); }},
      {"members_alone", [members](State& state) { RunStore(members, false, state); }},
      {"guard_numbers", [members](State& state) { RunGuard(members, state); }}};
}

}  // namespace bench
}  // namespace otpcore
