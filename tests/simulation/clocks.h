// SPDX-License-Identifier: Apache-2.0
// The clocks of several hosts: one time, from which each host's clock may be off, and which may
// itself step back.
#ifndef OTPCORE_TESTS_SIMULATION_CLOCKS_H_
#define OTPCORE_TESTS_SIMULATION_CLOCKS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "simulation/draw.h"

namespace otpcore {
namespace simulation {

class Clocks {
 public:
  explicit Clocks(uint32_t hosts) : clocks_(hosts) {}

  int64_t now() const { return now_; }  // in milliseconds
  int64_t NowOf(uint32_t host) const {
    const HostClock& clock = clocks_[host];
    return clock.frozen_at != 0 ? clock.frozen_at : now_ + clock.skew;
  }

  // Time goes on. With `faults` it may step back, or one host's clock go wrong, instead.
  void Move(Draw* draw, bool faults) {
    constexpr int64_t kSecond = 1000;
    constexpr int64_t kMinute = 60 * kSecond;
    constexpr int64_t kHour = 60 * kMinute;
    static constexpr int64_t kForward[] = {1,           kSecond,        5 * kSecond, 30 * kSecond,
                                           2 * kMinute, 10 * kMinute,   kHour,       5 * kHour,
                                           24 * kHour,  30 * 24 * kHour};
    static constexpr int64_t kBack[] = {1, kSecond, 10 * kSecond, 3 * kMinute, kHour, 48 * kHour};
    // Mostly seconds; sometimes so far that ledgers and locks cannot make sense of it (T-02).
    static constexpr int64_t kFar[] = {20 * kMinute, 2 * kHour, 9 * 24 * kHour, 60 * 24 * kHour};
    HostClock& clock = clocks_[draw->Below(static_cast<uint32_t>(clocks_.size()))];
    const uint32_t what = draw->Below(100);
    if (!faults || what < 70) {
      now_ += kForward[std::min(draw->Below(10), draw->Below(10))];
    } else if (what < 80) {
      now_ -= kBack[std::min(draw->Below(6), draw->Below(6))];
    } else if (what < 90) {
      clock.skew = static_cast<int64_t>(draw->Below(20001)) - 10000;
      if (draw->Chance(1, 5)) clock.skew += kFar[draw->Below(4)];
    } else if (what < 95) {
      clock.frozen_at = clock.frozen_at == 0 ? now_ : 0;
    } else {
      clock = HostClock();
    }
  }

 private:
  struct HostClock {
    int64_t skew = 0;
    int64_t frozen_at = 0;  // 0: it runs
  };
  int64_t now_ = 1767225600000;  // 2026-01-01
  std::vector<HostClock> clocks_;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_CLOCKS_H_
