// SPDX-License-Identifier: Apache-2.0
#include "hdr_histogram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdio>

namespace otpcore_tool {
namespace {

// 2,048 steps tell 1,000 … 1,999 apart; of each further power of two the upper half has steps.
constexpr int kStepBits = 11;
constexpr size_t kHalf = size_t{1} << (kStepBits - 1);
constexpr int kBuckets = 43 - kStepBits + 1;
constexpr int kTicksPerHalving = 5;

int BucketOf(int64_t value) {
  int bits = 0;
  for (auto rest = static_cast<uint64_t>(value) >> kStepBits; rest != 0; rest >>= 1) ++bits;
  return bits;
}
size_t IndexOf(int64_t value) {
  const int bucket = BucketOf(value);
  return static_cast<size_t>(bucket) * kHalf + static_cast<size_t>(value >> bucket);
}
// The greatest value that is counted at `index`.
int64_t HighestAt(size_t index) {
  const size_t bucket = index < 2 * kHalf ? 0 : index / kHalf - 1;
  return ((static_cast<int64_t>(index - bucket * kHalf) + 1) << bucket) - 1;
}

}  // namespace

HdrHistogram::HdrHistogram() : counts_((kBuckets + 1) * kHalf) {}

void HdrHistogram::Record(int64_t value) {
  value = std::clamp<int64_t>(value, 0, kMax);
  ++counts_[IndexOf(value)];
  ++count_;
  max_ = std::max(max_, value);
}

void HdrHistogram::Add(const HdrHistogram& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

double HdrHistogram::Mean() const {
  double sum = 0;
  for (size_t i = 0; i < counts_.size(); ++i)
    sum += static_cast<double>(counts_[i]) * static_cast<double>(HighestAt(i));
  return count_ == 0 ? 0 : sum / static_cast<double>(count_);
}

double HdrHistogram::Deviation() const {
  const double mean = Mean();
  double sum = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    const double off = static_cast<double>(HighestAt(i)) - mean;
    sum += static_cast<double>(counts_[i]) * off * off;
  }
  return count_ == 0 ? 0 : std::sqrt(sum / static_cast<double>(count_));
}

int64_t HdrHistogram::ValueAt(double percentile) const {
  const double share = percentile / 100 * static_cast<double>(count_);
  const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(share - 1e-9)));
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) return std::min(max_, HighestAt(i));
  }
  return max_;
}

void HdrHistogram::WriteHgrm(double unit, std::ostream& out) const {
  std::array<char, 160> line{};
  const auto put = [&](auto... values) {
    std::snprintf(line.data(), line.size(), values...);
    out << line.data();
  };
  out << "       Value     Percentile TotalCount 1/(1-Percentile)\n\n";
  double percentile = 0;
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size() && count_ > 0; ++i) {
    if (counts_[i] == 0) continue;
    seen += counts_[i];
    const double reached = 100.0 * static_cast<double>(seen) / static_cast<double>(count_);
    const double value = static_cast<double>(std::min(max_, HighestAt(i))) / unit;
    while (seen < count_ && percentile <= reached) {
      put("%12.3f %2.12f %10.0f %14.2f\n", value, percentile / 100, static_cast<double>(seen),
          1 / (1 - percentile / 100));
      const double halvings = std::floor(std::log2(100 / (100 - percentile))) + 1;
      percentile += 100 / (kTicksPerHalving * std::exp2(halvings));
    }
  }
  if (count_ > 0)
    put("%12.3f %2.12f %10.0f\n", static_cast<double>(max_) / unit, 1.0,
        static_cast<double>(count_));
  put("#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", Mean() / unit, Deviation() / unit);
  put("#[Max     = %12.3f, Total count    = %12.0f]\n", static_cast<double>(max_) / unit,
      static_cast<double>(count_));
  put("#[Buckets = %12d, SubBuckets     = %12d]\n", kBuckets, static_cast<int>(2 * kHalf));
}

}  // namespace otpcore_tool
