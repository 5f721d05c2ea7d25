// SPDX-License-Identifier: Apache-2.0
// `otpcore bench`, on a clock that moves only when the store is used or the loop waits.
#include "bench.h"

#include <gmock/gmock.h>

#include <atomic>
#include <sstream>
#include <string>

#include "hdr_histogram.h"
#include "otpcore/storage/memory_store.h"
#include "otpcore/testing/doubles.h"

namespace otpcore {
namespace {

using otpcore_tool::BenchOptions;
using otpcore_tool::BenchResult;
using otpcore_tool::HdrHistogram;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kMilli = 1000000;
constexpr int64_t kSecond = 1000 * kMilli;

class VirtualPacer final : public otpcore_tool::Pacer {
 public:
  int64_t Now() override { return now_; }
  void SleepUntil(int64_t nanos) override {
    if (nanos > now_) now_ = nanos;
  }
  void Pass(int64_t nanos) { now_ += nanos; }

 private:
  std::atomic<int64_t> now_{7 * kSecond};
};

// Takes a millisecond for each commit, and a second for one of them.
class StallingStore final : public Store {
 public:
  StallingStore(VirtualPacer& pacer, int stall_at) : pacer_(pacer), stall_at_(stall_at) {}
  LoadResult Load(LoadBatch& batch) override { return memory_.Load(batch); }
  CommitOutcome Commit(const Changes& changes) override {
    pacer_.Pass(++commits_ == stall_at_ ? kSecond : kMilli);
    return memory_.Commit(changes);
  }

 private:
  MemoryStore memory_;
  VirtualPacer& pacer_;
  const int stall_at_;
  int commits_ = 0;
};

BenchOptions Options() {
  BenchOptions options;
  options.rate = 100;
  options.seconds = 30;
  options.threads = 1;
  options.members = 600;
  return options;
}

BenchResult RunWithStall(int stall_at) {
  testing::VirtualClock clock;
  VirtualPacer pacer;
  StallingStore store(pacer, stall_at);
  BenchResult result;
  EXPECT_EQ(otpcore_tool::RunSignIns(Options(), Policy::Default(), store, clock, pacer, 0, &result),
            "");
  EXPECT_THAT(result.unexpected, IsEmpty());
  EXPECT_EQ(result.loop.latency.count(), 3000u);
  return result;
}

TEST(Bench, ShowsAStallToAllWhoCameInIt) {
  constexpr int kPopulating = 600;
  const BenchResult calm = RunWithStall(-1);
  EXPECT_LT(calm.loop.latency.ValueAt(100), 10 * kMilli);
  EXPECT_EQ(calm.loop.lateness.ValueAt(100), 0);
  // A hundred of 3,000 operations are planned within the second: more than one in a hundred.
  const BenchResult stalled = RunWithStall(kPopulating + 1500);
  EXPECT_GT(stalled.loop.latency.ValueAt(99), kSecond / 2);
  EXPECT_GE(stalled.loop.latency.max(), kSecond);
  EXPECT_GT(stalled.loop.lateness.ValueAt(99), kSecond / 2);
  // What a loop that waits for each answer would have said.
  EXPECT_LT(stalled.loop.service.ValueAt(99), 10 * kMilli);
}

TEST(Bench, CountsAnswersThatASignInDoesNotGet) {
  testing::VirtualClock clock;
  VirtualPacer pacer;
  StallingStore store(pacer, -1);
  BenchOptions options = Options();
  options.members = 1;  // who asks for more passcodes than sends_max
  BenchResult result;
  EXPECT_EQ(otpcore_tool::RunSignIns(options, Policy::Default(), store, clock, pacer, 0, &result),
            "");
  EXPECT_GT(result.unexpected["too_many_requests"], 0u);
}

TEST(Bench, SharesOperationsAmongThreads) {
  testing::VirtualClock clock;
  otpcore_tool::SteadyPacer pacer;
  MemoryStore store;
  BenchOptions options;
  options.rate = 1e6;  // as fast as it goes
  options.seconds = 0.003;
  options.threads = 4;
  options.members = 4000;
  BenchResult result;
  EXPECT_EQ(otpcore_tool::RunSignIns(options, Policy::Default(), store, clock, pacer, 0, &result),
            "");
  EXPECT_EQ(result.loop.latency.count(), 3000u);
  EXPECT_THAT(result.unexpected, IsEmpty());
}

TEST(Bench, SaysWhatIsWrong) {
  BenchOptions options;
  std::ostringstream out;
  options.store = "tape:1";
  EXPECT_THAT(otpcore_tool::RunBench(options, out), HasSubstr("--store takes"));
  options.store = "memory";
  options.policy = "/no/such/file";
  EXPECT_EQ(otpcore_tool::RunBench(options, out), "/no/such/file cannot be read.");
  options.policy = "default";
  options.rate = 1000;
  options.seconds = 0.003;
  options.compare = "/no/such/file";
  EXPECT_THAT(otpcore_tool::RunBench(options, out), HasSubstr("no result of otpcore bench"));
  options.compare.clear();
  options.out = "/no/such/folder/file";
  EXPECT_THAT(otpcore_tool::RunBench(options, out), HasSubstr("cannot be written"));
}

TEST(HdrHistogram, KeepsThreeDigitsAtAnySize) {
  for (int64_t value = 1; value < HdrHistogram::kMax / 3; value = value * 3 + 1) {
    HdrHistogram histogram;
    histogram.Record(value);
    histogram.Record(HdrHistogram::kMax);
    const int64_t shown = histogram.ValueAt(50);
    EXPECT_GE(shown, value);
    EXPECT_LE(static_cast<double>(shown), static_cast<double>(value) * 1.001);
    EXPECT_EQ(histogram.ValueAt(100), HdrHistogram::kMax);
  }
}

TEST(HdrHistogram, CountsPercentiles) {
  HdrHistogram histogram;
  EXPECT_EQ(histogram.ValueAt(50), 0);
  HdrHistogram upper;
  for (int i = 1; i <= 1000; ++i) (i <= 500 ? histogram : upper).Record(i);
  histogram.Add(upper);
  EXPECT_EQ(histogram.ValueAt(0), 1);
  EXPECT_EQ(histogram.ValueAt(50), 500);
  EXPECT_EQ(histogram.ValueAt(99), 990);
  EXPECT_EQ(histogram.ValueAt(99.9), 999);
  EXPECT_EQ(histogram.ValueAt(100), 1000);
  EXPECT_DOUBLE_EQ(histogram.Mean(), 500.5);
  HdrHistogram outside;
  outside.Record(-5);
  outside.Record(HdrHistogram::kMax + 1);
  EXPECT_EQ(outside.ValueAt(1), 0);
  EXPECT_EQ(outside.max(), HdrHistogram::kMax);
}

TEST(HdrHistogram, WritesWhatPlottersRead) {
  HdrHistogram histogram;
  for (int i = 1; i <= 4; ++i) histogram.Record(i * 1000);
  std::ostringstream out;
  histogram.WriteHgrm(1000, out);
  const std::string text = out.str();
  EXPECT_EQ(text.rfind("       Value     Percentile TotalCount 1/(1-Percentile)\n\n", 0), 0u);
  EXPECT_THAT(text, HasSubstr("       1.000 0.000000000000          1           1.00\n"));
  EXPECT_THAT(text, HasSubstr("       4.000 1.000000000000          4\n#[Mean    = "));
  EXPECT_THAT(text, HasSubstr("#[Max     =        4.000, Total count    =            4]\n"));
}

}  // namespace
}  // namespace otpcore
