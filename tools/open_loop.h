// SPDX-License-Identifier: Apache-2.0
// Operations at a fixed rate, whatever the one before took: each has a planned start, and its
// latency counts from there. A store that stalls for a second delays all who came in that second,
// and all of them are counted; a loop that waits for each answer would count one.
#ifndef OTPCORE_TOOLS_OPEN_LOOP_H_
#define OTPCORE_TOOLS_OPEN_LOOP_H_

#include <cstdint>
#include <functional>

#include "hdr_histogram.h"

namespace otpcore_tool {

// A steady clock in nanoseconds that can be waited for. Thread-safe.
class Pacer {
 public:
  virtual ~Pacer() = default;
  virtual int64_t Now() = 0;
  virtual void SleepUntil(int64_t nanos) = 0;  // at once when that is past
};

class SteadyPacer final : public Pacer {
 public:
  int64_t Now() override;
  void SleepUntil(int64_t nanos) override;
};

struct LoopOptions {
  double rate = 100;        // operations a second, of all threads; greater than 0
  uint64_t operations = 0;  // in all
  int threads = 1;          // how many may be under way at once; at least 1
};

// In nanoseconds.
struct LoopResult {
  HdrHistogram latency;   // from the planned start to the end
  HdrHistogram service;   // from the actual start to the end
  HdrHistogram lateness;  // from the planned start to the actual one: the threads were busy
  int64_t taken = 0;      // from the first planned start to the last end
};

// Runs `step(thread)` for each operation, on the first thread that is free. Of one `thread`, 0 …
// threads-1, only one step runs at a time.
LoopResult RunOpenLoop(const LoopOptions& options, Pacer& pacer,
                       const std::function<void(int)>& step);

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_OPEN_LOOP_H_
