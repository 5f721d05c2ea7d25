// SPDX-License-Identifier: Apache-2.0
// Threads that act as hosts of one store, for the store kit. A store in which they hang is found
// out and does not stop the kit.
#ifndef OTPCORE_TESTING_STORE_HOSTS_H_
#define OTPCORE_TESTING_STORE_HOSTS_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "otpcore/base/time.h"

namespace otpcore {
namespace testing {

inline constexpr const char* kStoreHangs =
    "a call was not answered in time: do commits wait for each other's locks?";

class StoreHosts {
 public:
  using Host = std::function<void(int number, StoreHosts& all)>;

  // Runs host(0) … host(count - 1), each in a thread of its own, and `meanwhile` beside them. False
  // when for `timeout` none of them got on; they are then left behind with what `host` holds, so it
  // must refer to nothing on the stack, and the store must stay.
  static bool Run(int count, Duration timeout, const Host& host,
                  const std::function<void()>& meanwhile = nullptr) {
    const auto all = std::make_shared<StoreHosts>();
    all->running_ = count;
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i)
      threads.emplace_back([all, host, i] {
        host(i, *all);
        all->Advance(1);
      });
    if (meanwhile) {
      meanwhile();
      all->Stop();
    }
    const bool ended = all->Wait(timeout);
    all->Stop();
    for (std::thread& thread : threads) ended ? thread.join() : thread.detach();
    return ended;
  }

  // To be called by a host after each step.
  void Advance(int ended = 0) {
    const std::lock_guard<std::mutex> lock(mutex_);
    ++steps_;
    running_ -= ended;
    changed_.notify_all();
  }
  // Each host should return.
  bool stopped() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return stopped_;
  }

 private:
  void Stop() {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  bool Wait(Duration timeout) {
    std::unique_lock<std::mutex> lock(mutex_);
    while (running_ > 0) {
      const uint64_t steps = steps_;
      if (!changed_.wait_for(lock, timeout, [&] { return steps_ != steps; })) return false;
    }
    return true;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t steps_ = 0;
  int running_ = 0;
  bool stopped_ = false;
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_STORE_HOSTS_H_
