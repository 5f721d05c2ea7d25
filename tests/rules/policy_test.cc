#include "otpcore/policy.h"

#include <gtest/gtest.h>

#include <functional>

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Policy, ThePresetsMakeSense) {  // L-09
  EXPECT_EQ(Policy::Default().Problem(), std::nullopt);
  EXPECT_EQ(Policy::Strict().Problem(), std::nullopt);
  EXPECT_EQ(Policy::Strict().passcode_digits, 8);
  EXPECT_EQ(Policy::Strict().rolling_failures, 8);
  EXPECT_EQ(Policy::Default().allowed_regions, (std::vector<std::string>{"US", "CA"}));  // S-17
}

TEST(Policy, SenselessOnesAreRefusedWithAReason) {  // L-09
  const std::pair<const char*, std::function<void(Policy*)>> cases[] = {
      {"passcode_digits", [](Policy* p) { p->passcode_digits = 3; }},
      {"passcode_digits", [](Policy* p) { p->passcode_digits = 11; }},
      {"passcode_life", [](Policy* p) { p->passcode_life = minutes(10) + Duration(1); }},
      {"passcode_life", [](Policy* p) { p->passcode_life = seconds(29); }},
      {"challenge_failures_max", [](Policy* p) { p->challenge_failures_max = 0; }},
      {"challenge_failures_max", [](Policy* p) { p->challenge_failures_max = 11; }},
      {"lock_after_failures", [](Policy* p) { p->lock_after_failures = 0; }},
      {"lock_after_failures", [](Policy* p) { p->lock_after_failures = 101; }},
      {"lock_duration", [](Policy* p) { p->lock_duration = minutes(4); }},
      {"lock_duration_max", [](Policy* p) { p->lock_duration_max = minutes(59); }},
      {"disable_after_failures", [](Policy* p) { p->disable_after_failures = 0; }},
      {"rolling_failures", [](Policy* p) { p->rolling_failures = kFailureTimesMax + 1; }},
      {"rolling_window", [](Policy* p) { p->rolling_window = hours(24 * 41); }},
      {"rolling_lock", [](Policy* p) { p->rolling_lock = seconds(1); }},
      {"sends_max", [](Policy* p) { p->sends_max = kSendTimesMax + 1; }},
      {"sends_window", [](Policy* p) { p->sends_window = seconds(59); }},
      {"clock_tolerance", [](Policy* p) { p->clock_tolerance = -seconds(1); }},
      {"conversion_percent_min", [](Policy* p) { p->conversion_percent_min = 101; }},
      {"Regions", [](Policy* p) { p->allowed_regions = {"us"}; }},
      {"Regions", [](Policy* p) { p->unsupported_regions = {"USA"}; }},
      {"allowed_regions", [](Policy* p) { p->allowed_regions.clear(); }},
  };
  for (const auto& [word, change] : cases) {
    Policy policy;
    change(&policy);
    const auto problem = policy.Problem();
    ASSERT_TRUE(problem) << word;
    EXPECT_NE(problem->find(word), std::string::npos) << *problem;
    EXPECT_EQ(problem->back(), '.');
  }
}

TEST(GuessesPerYear, OfLongLocksAndShortWindows) {  // L-09
  Policy policy;
  policy.rolling_window = hours(24);  // one lock fills the window: each day a new burst
  EXPECT_EQ(GuessesPerYear(policy), 365 * (25 + 1 + 1));
  EXPECT_EQ(SuccessPerYear(policy), 365 * 27 / 1e6);
}

}  // namespace
}  // namespace otpcore
