// SPDX-License-Identifier: Apache-2.0
// A process that loads what otpcore loads for phone numbers and does nothing: prints the
// microseconds of CPU time until main() began. bench_start is measured against it.
#include <time.h>

#include <cstdio>

int main() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  std::printf("%.1f\n",
              static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3);
  return 0;
}
