// SPDX-License-Identifier: Apache-2.0
// Counts of values with three significant digits at any size, in the layout and the text format of
// Gil Tene's HdrHistogram. Debian has no C or C++ package of it.
#ifndef OTPCORE_TOOLS_HDR_HISTOGRAM_H_
#define OTPCORE_TOOLS_HDR_HISTOGRAM_H_

#include <cstdint>
#include <ostream>
#include <vector>

namespace otpcore_tool {

// Takes 0 … kMax; what is beyond counts as the nearest of these. Not thread-safe.
class HdrHistogram {
 public:
  static constexpr int64_t kMax = (int64_t{1} << 43) - 1;  // two hours in nanoseconds

  HdrHistogram();
  void Record(int64_t value);
  void Add(const HdrHistogram& other);

  uint64_t count() const { return count_; }
  int64_t max() const { return max_; }  // 0: there is none
  double Mean() const;
  double Deviation() const;
  // The least value that `percentile` percent, 0 … 100, do not exceed, rounded up to three digits
  // and never above max(). 0: there is none.
  int64_t ValueAt(double percentile) const;
  // The percentile distribution that plotters of .hgrm files read; values are divided by `unit`.
  void WriteHgrm(double unit, std::ostream& out) const;

 private:
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

}  // namespace otpcore_tool

#endif  // OTPCORE_TOOLS_HDR_HISTOGRAM_H_
