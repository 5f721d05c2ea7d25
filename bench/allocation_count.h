// SPDX-License-Identifier: Apache-2.0
// Heap allocations of the calling thread, counted by replacing operator new in the whole program.
#ifndef OTPCORE_BENCH_ALLOCATION_COUNT_H_
#define OTPCORE_BENCH_ALLOCATION_COUNT_H_

#include <cstdint>

namespace otpcore {
namespace bench {

struct AllocationCount {
  uint64_t blocks = 0;
  uint64_t bytes = 0;  // as asked for
};

// Since the thread began.
AllocationCount AllocationsOfThisThread();

}  // namespace bench
}  // namespace otpcore

#endif  // OTPCORE_BENCH_ALLOCATION_COUNT_H_
