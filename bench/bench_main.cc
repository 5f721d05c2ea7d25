// SPDX-License-Identifier: Apache-2.0
#include "bench/bench_main.h"

#include <cstdlib>
#include <cstring>

namespace {

// Takes "--<name>=<number>" out of the arguments.
size_t TakeNumber(const char* name, size_t otherwise, int* argc, char** argv) {
  const std::string prefix = std::string("--") + name + "=";
  for (int i = 1; i < *argc; ++i) {
    if (std::strncmp(argv[i], prefix.c_str(), prefix.size()) != 0) continue;
    otherwise = std::strtoull(argv[i] + prefix.size(), nullptr, 10);
    for (int j = i; j + 1 < *argc; ++j) argv[j] = argv[j + 1];
    --*argc;
    break;
  }
  return otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const size_t members = TakeNumber("members", 1000, &argc, argv);
  const size_t passes = TakeNumber("passes", 1, &argc, argv);
  benchmark::Initialize(&argc, argv);
  if (members == 0 || benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::AddCustomContext("members", std::to_string(members));
  const auto cases = otpcore::bench::Cases(members);
  for (size_t pass = 0; pass < passes; ++pass) {
    for (const otpcore::bench::Case& one : cases) {
      auto* const registered =
          benchmark::RegisterBenchmark((std::to_string(pass) + "/" + one.name).c_str(), one.run);
      registered->UseManualTime();
      if (one.threads > 1) registered->Threads(one.threads);
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
