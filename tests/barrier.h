// SPDX-License-Identifier: Apache-2.0
// Threads that wait for each other, again and again.
#ifndef OTPCORE_TESTS_BARRIER_H_
#define OTPCORE_TESTS_BARRIER_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace otpcore {

class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}

  // Returns once all threads have called it.
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    const uint64_t round = round_;
    if (++waiting_ == threads_) {
      waiting_ = 0;
      ++round_;
      all_here_.notify_all();
      return;
    }
    all_here_.wait(lock, [&] { return round_ != round; });
  }

 private:
  const int threads_;
  std::mutex mutex_;
  std::condition_variable all_here_;
  int waiting_ = 0;
  uint64_t round_ = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_BARRIER_H_
