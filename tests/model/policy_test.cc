// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/policy.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <tuple>
#include <utility>

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

// So strict that every value of one field more is accepted: the bound on an attacker's chance is
// never what refuses it.
Policy StrictInAllElse() {
  Policy policy;
  policy.passcode_digits = 10;
  policy.rolling_failures = 1;
  policy.rolling_window = hours(24 * 40);
  policy.rolling_lock = hours(24 * 7);
  policy.email_passcode_digits = 10;
  policy.email_rolling_failures = 1;
  policy.email_rolling_window = hours(24 * 40);
  policy.email_rolling_lock = hours(24 * 7);
  policy.success_per_year_max = 1e-2;
  return policy;
}

// Takes both ends of the range, and refuses what lies beyond with a sentence that names the field.
template <typename Set, typename Value>
void ExpectRange(const char* name, const Set& set, Value least, Value greatest) {
  const auto problem_of = [&](Value value) {
    Policy policy = StrictInAllElse();
    set(&policy, value);
    return policy.Problem();
  };
  EXPECT_EQ(problem_of(least), std::nullopt) << name;
  EXPECT_EQ(problem_of(greatest), std::nullopt) << name;
  for (const Value beyond : {least - Value(1), greatest + Value(1)}) {
    const auto problem = problem_of(beyond);
    ASSERT_TRUE(problem) << name;
    EXPECT_EQ(problem->find(std::string(name) + " is "), 0u) << *problem;
    EXPECT_EQ(problem->back(), '.');
  }
}

TEST(Policy, EachNumberHasItsRange) {  // L-09
  const std::tuple<const char*, int Policy::*, int, int> ranges[] = {
      {"passcode_digits", &Policy::passcode_digits, 4, 10},
      {"challenge_failures_max", &Policy::challenge_failures_max, 1, 10},
      {"lock_after_failures", &Policy::lock_after_failures, 1, 100},
      {"disable_after_failures", &Policy::disable_after_failures, 1, 1000},
      {"rolling_failures", &Policy::rolling_failures, 1, kFailureTimesMax},
      {"sends_max", &Policy::sends_max, 1, kSendTimesMax},
      {"email_passcode_digits", &Policy::email_passcode_digits, 5, 10},
      {"email_expiration_minutes", &Policy::email_expiration_minutes, 2, 15},  // EM-09
      {"email_rolling_failures", &Policy::email_rolling_failures, 1, kEmailFailureTimesMax},
      {"email_sends_max", &Policy::email_sends_max, 1, kEmailSendTimesMax},
      {"email_address_sends_max", &Policy::email_address_sends_max, 1, 1000000},
      {"email_organization_sends_max", &Policy::email_organization_sends_max, 1, 1000000},
      {"email_discovery_sends_max", &Policy::email_discovery_sends_max, 1, 1000000},
      {"number_sends_max", &Policy::number_sends_max, 1, 1000000},
      {"region_sends_max", &Policy::region_sends_max, 1, 1000000},
      {"organization_sends_max", &Policy::organization_sends_max, 1, 1000000},
      {"conversion_ended_min", &Policy::conversion_ended_min, 1, 1000000},
      {"conversion_percent_min", &Policy::conversion_percent_min, 0, 100},
      {"spraying_failures", &Policy::spraying_failures, 1, 1000000},
      {"totp_import_bytes_min", &Policy::totp_import_bytes_min, 10, 64},  // TO-19
      {"recovery_codes", &Policy::recovery_codes, 8, 16},                 // RC-01
      {"recovery_code_groups", &Policy::recovery_code_groups, 3, 6},      // RC-02
      {"search_visits_max", &Policy::search_visits_max, 10, 1000000},     // SR-11
  };
  for (const auto& [name, field, least, greatest] : ranges) {
    const auto set = [at = field](Policy* policy, int value) { policy->*at = value; };
    ExpectRange(name, set, least, greatest);
  }
  ExpectRange(
      "email_expiration_minutes_max",  // EM-09
      [](Policy* policy, int value) {
        policy->email_expiration_minutes_max = value;
        policy->email_expiration_minutes = 2;
      },
      2, 15);
}

TEST(Policy, EachDurationHasItsRange) {  // L-09
  const std::tuple<const char*, Duration Policy::*, Duration, Duration> ranges[] = {
      {"passcode_life", &Policy::passcode_life, seconds(30), minutes(10)},
      {"clock_tolerance", &Policy::clock_tolerance, seconds(0), seconds(60)},
      {"operation_life", &Policy::operation_life, minutes(1), hours(24 * 7)},
      {"lock_duration", &Policy::lock_duration, minutes(5), hours(24 * 7)},
      {"lock_duration_max", &Policy::lock_duration_max, hours(1), hours(24 * 7)},
      {"rolling_window", &Policy::rolling_window, hours(1), hours(24 * 40)},
      {"rolling_lock", &Policy::rolling_lock, minutes(5), hours(24 * 7)},
      {"sends_window", &Policy::sends_window, minutes(1), hours(24 * 7)},
      {"email_rolling_window", &Policy::email_rolling_window, hours(1), hours(24 * 40)},
      {"email_rolling_lock", &Policy::email_rolling_lock, minutes(5), hours(24 * 7)},
      {"email_sends_window", &Policy::email_sends_window, minutes(1), hours(24 * 7)},
      {"send_interval_min", &Policy::send_interval_min, seconds(0), minutes(10)},
  };
  for (const auto& [name, field, least, greatest] : ranges) {
    const auto set = [at = field](Policy* policy, Duration value) { policy->*at = value; };
    ExpectRange(name, set, least, greatest);
  }
}

TEST(Policy, SenselessOnesAreRefusedWithAReason) {  // L-09
  Policy policy;
  policy.passcode_digits = 3;
  EXPECT_EQ(policy.Problem(), "passcode_digits is 3; it must be from 4 to 10.");
  policy = Policy();
  policy.passcode_life = seconds(29);
  EXPECT_EQ(policy.Problem(), "passcode_life is 29000 ms; it must be from 30000 to 600000 ms.");
}

// Both figures stand in the sentence, and what to do about it.
TEST(Policy, ThatAdmitsTooMuchIsRefused) {  // L-09
  Policy policy;
  policy.success_per_year_max = SuccessPerYear(policy);
  EXPECT_EQ(policy.Problem(), std::nullopt) << "the bound itself is not above it";
  policy.success_per_year_max = 3.9e-4;
  policy.email_passcode_digits = 8;
  EXPECT_EQ(policy.Problem(),
            "An attacker's chance to guess a code is up to 0.000391 per account and year, and "
            "success_per_year_max is 0.00039: lower rolling_failures, lengthen rolling_lock and "
            "rolling_window, or give codes more digits.");
  policy.email_passcode_digits = 6;  // L-13
  EXPECT_EQ(policy.Problem(),
            "An attacker's chance to guess a code is up to 0.000394 per account and year, and "
            "success_per_year_max is 0.00039: lower email_rolling_failures, lengthen "
            "email_rolling_lock and email_rolling_window, or raise email_passcode_digits.");
  policy = Policy();
  policy.passcode_digits = 4;
  EXPECT_NE(policy.Problem().value_or("").find("up to 0.0391"), std::string::npos);
  policy.success_per_year_max = 1e-2;
  EXPECT_NE(policy.Problem(), std::nullopt);
  policy.rolling_failures = 7;
  policy.rolling_window = hours(24 * 40);
  policy.rolling_lock = hours(24 * 5);
  EXPECT_EQ(policy.Problem(), std::nullopt) << "81 guesses";
  policy.rolling_failures = 8;  // one that outlasts the window
  EXPECT_NE(policy.Problem(), std::nullopt);

  // Codes of an app count too, whatever the passcodes have.
  policy = Policy();
  policy.passcode_digits = 10;
  policy.email_passcode_digits = 10;
  policy.rolling_lock = hours(8);
  EXPECT_EQ(policy.Problem(), std::nullopt);
  policy.totp_issuer = "Acme";
  EXPECT_NE(policy.Problem(), std::nullopt);
  policy.totp.digits = 8;
  EXPECT_EQ(policy.Problem(), std::nullopt);
}

TEST(Policy, TheBoundIsNoNumberAtWill) {  // L-09
  for (const double max : {0.0, -1e-3, 0.010001, 1.0, std::numeric_limits<double>::quiet_NaN(),
                           std::numeric_limits<double>::infinity()}) {
    Policy policy = StrictInAllElse();
    policy.success_per_year_max = max;
    const std::string problem = policy.Problem().value_or("");
    EXPECT_EQ(problem.find("success_per_year_max is "), 0u) << max;
    EXPECT_NE(problem.find("greater than 0 and at most 0.01"), std::string::npos);
  }
  Policy policy = StrictInAllElse();
  EXPECT_EQ(policy.Problem(), std::nullopt) << "the greatest there is";
  policy.success_per_year_max = 2e-8;
  EXPECT_EQ(policy.Problem(), std::nullopt);
}

TEST(Policy, RegionsAreCodesAndAtLeastOneIsAllowed) {  // S-16, L-09
  const auto problem_of = [](std::vector<std::string> allowed, std::vector<std::string> not_any) {
    Policy policy;
    policy.allowed_regions = std::move(allowed);
    policy.unsupported_regions = std::move(not_any);
    return policy.Problem().value_or("");
  };
  EXPECT_EQ(problem_of({"GB"}, {"US"}), "");
  EXPECT_EQ(problem_of({"us"}, {}).find("Regions"), 0u);
  EXPECT_EQ(problem_of({"GB"}, {"USA"}).find("Regions"), 0u);
  EXPECT_EQ(problem_of({}, {}).find("allowed_regions"), 0u);
}

TEST(GuessesPerYear, OfLongLocksAndShortWindows) {  // L-09
  Policy policy;
  policy.email_passcode_digits = 10;
  policy.rolling_window = hours(24);  // one lock fills the window: each day a new burst
  EXPECT_EQ(GuessesPerYear(policy), 365 * (25 + 1 + 1));
  EXPECT_EQ(SuccessPerYear(policy), 365 * 27 / 1e6);
  policy.rolling_window = hours(24 * 25);  // a lock too few to outlast the burst: 15 windows begin
  EXPECT_EQ(GuessesPerYear(policy), 15 * (25 + 25 + 1));
  policy.rolling_window = hours(24 * 26);
  EXPECT_EQ(GuessesPerYear(policy), 25 + 1 + 365);
  policy.rolling_window = Duration(3982321);  // 7,919 of them are a year but for a millisecond
  EXPECT_EQ(GuessesPerYear(policy), 7920 * (25 + 1));
}

TEST(GuessesPerYear, OfThePresetsAndOfRestores) {  // L-09, L-10
  EXPECT_EQ(GuessesPerYear(Policy::Default()), 25 + 1 + 365);
  EXPECT_EQ(GuessesPerYear(Policy::Default(), {2}), 25 + 1 + 365 + 2 * 26);
  Policy without_email;
  without_email.email_passcode_digits = 10;
  EXPECT_EQ(SuccessPerYear(without_email, {2}), 443 / 1e6);
  without_email = Policy::Strict();
  without_email.email_passcode_digits = 10;
  EXPECT_EQ(SuccessPerYear(without_email), (8 + 1 + 365) / 1e8);
  EXPECT_EQ(GuessesPerYear(Policy::Default(), {0, 3}), 25 + 1 + 365 + 3 * 4) << "L-05";
  EXPECT_EQ(GuessesPerYear(Policy::Default(), {2, 3}), 25 + 1 + 365 + 2 * 26 + 3 * 4);
  EXPECT_EQ(SuccessPerYear(without_email, {1, 10}), (8 + 1 + 365 + 9 + 40) / 1e8);
  Policy policy;
  policy.passcode_digits = 4;
  EXPECT_EQ(SuccessPerYear(policy, {1000}), 1.0) << "a chance is never above one";
}

// The table in the rules: 197 for the Member and as many for the address, 374 with Strict().
TEST(GuessesPerYear, CountEmailApart) {  // L-12, L-13
  EXPECT_EQ(EmailGuessesPerYear(Policy::Default()), 2 * (14 + 1 + 182));
  EXPECT_EQ(EmailGuessesPerYear(Policy::Strict()), 2 * (8 + 1 + 365));
  EXPECT_EQ(EmailGuessesPerYear(Policy::Default(), {2}), 2 * (197 + 2 * 15)) << "L-10";
  EXPECT_EQ(EmailGuessesPerYear(Policy::Default(), {0, 3}), 2 * 197 + 3 * 4) << "L-05";
  EXPECT_EQ(EmailGuessesPerYear(Policy::Default(), {0, 0, 5, 7}), 2 * 197) << "no devices";
  EXPECT_DOUBLE_EQ(SuccessPerYear(Policy::Default()), 394 / 1e6);
  EXPECT_LE(SuccessPerYear(Policy::Default()), 5e-4);
  EXPECT_DOUBLE_EQ(SuccessPerYear(Policy::Strict()), 748 / 1e8);
  EXPECT_LE(SuccessPerYear(Policy::Strict()), 1e-5);
  Policy policy;  // the larger one counts, whichever it is
  policy.email_passcode_digits = 8;
  EXPECT_DOUBLE_EQ(SuccessPerYear(policy), 391 / 1e6);
  policy.passcode_digits = 10;
  EXPECT_DOUBLE_EQ(SuccessPerYear(policy), 394 / 1e8);
  policy.email_rolling_lock = hours(24 * 7);  // four locks do not outlast the burst
  EXPECT_EQ(EmailGuessesPerYear(policy), 2 * 13 * (14 + 4 + 1));
}

TEST(Policy, ExpirationsOfEmailAreBounded) {  // EM-09
  EXPECT_EQ(Policy::Default().email_expiration_minutes, 10);
  EXPECT_EQ(Policy::Default().email_expiration_minutes_max, 15);
  EXPECT_EQ(Policy::Strict().email_expiration_minutes_max, 10);
  Policy policy;
  policy.email_expiration_minutes_max = 9;
  EXPECT_EQ(policy.Problem(), "email_expiration_minutes is 10; it must be from 2 to 9.");
}

TEST(Policy, SandboxAddressesAreForTestsOnly) {  // EM-34
  Policy policy;
  policy.sandbox_addresses = {{"a@example.com", "424242", Instant::Max()}};
  EXPECT_EQ(policy.Problem(), std::nullopt);
  policy.environment = Environment::kLive;
  EXPECT_EQ(policy.Problem(), "sandbox_addresses are refused in the live environment.");
  policy.environment = Environment::kTest;
  policy.sandbox_addresses[0].code = "42424";
  EXPECT_EQ(policy.Problem(), "A sandbox address's code must have email_passcode_digits digits.");
  policy.sandbox_addresses[0].code = "42424x";
  EXPECT_NE(policy.Problem(), std::nullopt);
  policy.sandbox_addresses[0] = {"a@example.com", "424242", Instant()};
  EXPECT_EQ(policy.Problem(), "A sandbox address has no end.");
}

TEST(GuessesPerYear, WeighThoseOfTotp) {  // L-09, L-11, TO-09
  Policy policy;
  policy.totp_issuer = "Acme";
  EXPECT_EQ(FailureWeightMax(policy), 3);
  EXPECT_EQ(GuessesPerYear(policy), 25 - 1 + 2 * 3 + 365);
  EXPECT_EQ(GuessesPerYear(policy, {1}), 25 - 1 + 2 * 3 + 365 + 25 - 1 + 2 * 3);
  EXPECT_EQ(GuessesPerYear(policy, {0, 2}), 25 - 1 + 2 * 3 + 365 + 2 * 4 * 3);
  EXPECT_NEAR(SuccessPerYear(policy), 3.95e-4, 0.005e-4);
  policy = Policy::Strict();
  policy.totp_issuer = "Acme";
  policy.email_passcode_digits = 10;
  EXPECT_EQ(GuessesPerYear(policy), 376);
  EXPECT_NEAR(SuccessPerYear(policy), 3.85e-6, 0.005e-6);
  policy.totp_issuer = "";
  EXPECT_EQ(FailureWeightMax(policy), 1) << "nobody has a registration";
}

TEST(Policy, RecoveryCodesAreAsTheApiHasThemOrStrict) {  // RC-01, RC-02, RC-14, RC-15
  EXPECT_EQ(Policy::Default().recovery_codes, 10);
  EXPECT_EQ(Policy::Default().recovery_code_groups, 3);
  EXPECT_TRUE(Policy::Default().recovery_codes_readable);
  EXPECT_EQ(Policy::Strict().recovery_codes, 10);
  EXPECT_EQ(Policy::Strict().recovery_code_groups, 6);
  EXPECT_FALSE(Policy::Strict().recovery_codes_readable);
}

TEST(Policy, KnowsTheCodesThatAppsCompute) {  // TO-04, TO-09
  const auto problem_of = [](const TotpParameters& parameters, const TotpWindow& window) {
    Policy policy;
    policy.totp = parameters;
    policy.totp_window = window;
    return policy.Problem().value_or("");
  };
  EXPECT_EQ(problem_of({TotpAlgorithm::kSha512, 8, 30}, {2, 1}), "");
  EXPECT_EQ(problem_of({TotpAlgorithm::kSha1, 6, 30}, {0, 0}), "");
  EXPECT_EQ(problem_of({TotpAlgorithm::kSha1, 7, 30}, {1, 1}).find("totp must"), 0u);
  EXPECT_EQ(problem_of({TotpAlgorithm::kSha1, 6, 60}, {1, 1}).find("totp must"), 0u);
  for (const TotpWindow& window :
       {TotpWindow{3, 1}, TotpWindow{-1, 1}, TotpWindow{1, 2}, TotpWindow{1, -1}})
    EXPECT_EQ(problem_of({}, window).find("totp_window must"), 0u) << window.back;
}

}  // namespace
}  // namespace otpcore
