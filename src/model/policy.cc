// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/policy.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace otpcore {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct IntRange {
  const char* name;
  int value, min, max;
};
struct DurationRange {
  const char* name;
  Duration value, min, max;
};

std::optional<std::string> ProblemWithNumbers(const Policy& p) {
  const IntRange ints[] = {
      {"passcode_digits", p.passcode_digits, kPasscodeDigitsMin, kPasscodeDigitsMax},
      {"challenge_failures_max", p.challenge_failures_max, 1, 10},
      {"lock_after_failures", p.lock_after_failures, 1, 100},
      {"disable_after_failures", p.disable_after_failures, 1, 1000},
      {"rolling_failures", p.rolling_failures, 1, kFailureTimesMax},
      {"sends_max", p.sends_max, 1, kSendTimesMax},
      {"sends_day_max", p.sends_day_max, 1, kSendTimesMax},
      {"email_passcode_digits", p.email_passcode_digits, 5, kPasscodeDigitsMax},
      {"email_expiration_minutes_max", p.email_expiration_minutes_max, kEmailMinutesMin,
       kEmailMinutesMax},
      {"email_expiration_minutes", p.email_expiration_minutes, kEmailMinutesMin,
       p.email_expiration_minutes_max},
      {"email_rolling_failures", p.email_rolling_failures, 1, kEmailFailureTimesMax},
      {"email_sends_max", p.email_sends_max, 1, kEmailSendTimesMax},
      {"email_address_sends_max", p.email_address_sends_max, 1, 1000000},
      {"email_organization_sends_max", p.email_organization_sends_max, 1, 1000000},
      {"email_discovery_sends_max", p.email_discovery_sends_max, 1, 1000000},
      {"number_sends_max", p.number_sends_max, 1, 1000000},
      {"region_sends_max", p.region_sends_max, 1, 1000000},
      {"organization_sends_max", p.organization_sends_max, 1, 1000000},
      {"conversion_ended_min", p.conversion_ended_min, 1, 1000000},
      {"conversion_percent_min", p.conversion_percent_min, 0, 100},
      {"spraying_failures", p.spraying_failures, 1, 1000000},
      {"totp_import_bytes_min", p.totp_import_bytes_min, 10, 64},
      {"recovery_codes", p.recovery_codes, kRecoveryCodesMin, static_cast<int>(kRecoveryCodesMax)},
      {"search_visits_max", p.search_visits_max, 10, 1000000},
      {"recovery_code_groups", p.recovery_code_groups, kRecoveryGroupsMin, kRecoveryGroupsMax},
  };
  for (const IntRange& r : ints) {
    if (r.value < r.min || r.value > r.max)
      return absl::StrCat(r.name, " is ", r.value, "; it must be from ", r.min, " to ", r.max, ".");
  }
  const DurationRange durations[] = {
      {"passcode_life", p.passcode_life, seconds(30), minutes(10)},
      {"clock_tolerance", p.clock_tolerance, seconds(0), seconds(60)},
      {"operation_life", p.operation_life, minutes(1), hours(24 * 7)},
      {"lock_duration", p.lock_duration, minutes(5), hours(24 * 7)},
      {"lock_duration_max", p.lock_duration_max, p.lock_duration, hours(24 * 7)},
      {"rolling_window", p.rolling_window, hours(1), hours(24 * 40)},
      {"rolling_lock", p.rolling_lock, minutes(5), hours(24 * 7)},
      {"sends_window", p.sends_window, minutes(1), hours(24 * 7)},
      {"email_rolling_window", p.email_rolling_window, hours(1), hours(24 * 40)},
      {"email_rolling_lock", p.email_rolling_lock, minutes(5), hours(24 * 7)},
      {"email_sends_window", p.email_sends_window, minutes(1), hours(24 * 7)},
      {"send_interval_min", p.send_interval_min, seconds(0), minutes(10)},
      {"resend_after", p.resend_after, seconds(0), minutes(2)},
      {"device_life", p.device_life, hours(0), hours(24 * 365)},
      {"remember_life", p.remember_life, hours(0), hours(24 * 90)},
  };
  for (const DurationRange& r : durations) {
    if (r.value < r.min || r.value > r.max)
      return absl::StrCat(r.name, " is ", r.value.count(), " ms; it must be from ", r.min.count(),
                          " to ", r.max.count(), " ms.");
  }
  return std::nullopt;
}

bool IsRegion(const std::string& region) {
  return region.size() == 2 &&
         std::all_of(region.begin(), region.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The form only; whether such a region exists is for Config to say, which knows phone numbers.
std::optional<std::string> ProblemWithNames(const std::vector<std::string>& regions) {
  for (const std::string& region : regions) {
    if (IsRegion(region) || region == "US+") continue;
    const std::string capitals = absl::AsciiStrToUpper(region);
    if (IsRegion(capitals))
      return absl::StrCat("Regions must be capital letters: write ", capitals, ".");
    return absl::StrCat("Regions must be two capital letters, such as US, or US+; \"", region,
                        "\" is neither.");
  }
  return std::nullopt;
}

std::optional<std::string> ProblemWithTypes(const std::vector<PhoneNumberType>& types) {
  if (types.empty()) return "number_types is empty: no number could be accepted.";
  if (std::all_of(types.begin(), types.end(), CanReceivePasscodes)) return std::nullopt;
  return "number_types may list mobile, fixed line or mobile, fixed line and VoIP only: on other "
         "types nobody receives a passcode.";
}

bool IsCode(const std::string& code, int digits) {
  return code.size() == static_cast<size_t>(digits) &&
         code.find_first_not_of("0123456789") == std::string::npos;
}

std::optional<std::string> ProblemWithSandbox(const Policy& p) {
  if (!p.sandbox_numbers.empty() && p.environment == Environment::kLive)
    return "sandbox_numbers are refused in the live environment.";
  if (!p.sandbox_addresses.empty() && p.environment == Environment::kLive)
    return "sandbox_addresses are refused in the live environment.";
  for (const SandboxNumber& number : p.sandbox_numbers) {
    if (!IsCode(number.code, p.passcode_digits))
      return "A sandbox number's code must have passcode_digits digits.";
    if (number.until == Instant()) return "A sandbox number has no end.";
  }
  for (const SandboxAddress& address : p.sandbox_addresses) {
    if (!IsCode(address.code, p.email_passcode_digits))
      return "A sandbox address's code must have email_passcode_digits digits.";
    if (address.until == Instant()) return "A sandbox address has no end.";
  }
  return std::nullopt;
}

std::optional<std::string> ProblemWithTotp(const Policy& p) {
  if (!IsSupported(p.totp))
    return "totp must have 6 or 8 digits, a period of 30 seconds and SHA1, SHA256 or SHA512: "
           "authenticator apps compute no other codes.";
  if (p.totp_window.back < 0 || p.totp_window.back > kTotpBackMax || p.totp_window.ahead < 0 ||
      p.totp_window.ahead > kTotpAheadMax)
    return "totp_window must reach 0 to 2 steps back and 0 to 1 ahead.";
  return std::nullopt;
}

// Of all codes of 31 bits, cut to so many digits, the likeliest.
double LikeliestTotpCode(int digits) { return (digits == 6 ? 2148 : 22) / 2147483648.0; }

double OneOf(int digits) {
  double codes = 1;
  for (int i = 0; i < digits; ++i) codes *= 10;
  return 1 / codes;
}

constexpr Duration kYear = hours(24 * 365);

constexpr double kSuccessPerYearLimit = 1e-2;

double SuccessPerYearBySecondFactors(const Policy& policy, const Exposure& exposure) {
  double likeliest = OneOf(policy.passcode_digits);
  if (!policy.totp_issuer.empty())
    likeliest = std::max(likeliest, LikeliestTotpCode(policy.totp.digits));
  return static_cast<double>(GuessesPerYear(policy, exposure)) * likeliest;
}

double SuccessPerYearByEmail(const Policy& policy, const Exposure& exposure) {
  return static_cast<double>(EmailGuessesPerYear(policy, exposure)) *
         OneOf(policy.email_passcode_digits);
}

// What one ledger admits in a year: a burst of `free` guesses, one more that begins the locks, then
// one after each lock. That holds when the window is long enough to still hold the burst's
// successors when the burst leaves it.
int64_t AdmittedPerYear(int64_t free, Duration window, Duration lock) {
  const int64_t locks_in_window = window / lock;
  if (locks_in_window >= free + 1) return free + 1 + kYear / lock;
  const int64_t windows = (kYear + window - Duration(1)) / window;
  return windows * (free + locks_in_window + 1);
}

// What an attacker is admitted by the other fields together (L-09).
std::optional<std::string> ProblemWithBound(const Policy& p) {
  if (!(p.success_per_year_max > 0 && p.success_per_year_max <= kSuccessPerYearLimit))
    return absl::StrCat("success_per_year_max is ", p.success_per_year_max,
                        "; it must be greater than 0 and at most ", kSuccessPerYearLimit, ".");
  const double chance = SuccessPerYear(p);
  if (chance <= p.success_per_year_max) return std::nullopt;
  const bool by_email = SuccessPerYearByEmail(p, {}) > SuccessPerYearBySecondFactors(p, {});
  return absl::StrCat("An attacker's chance to guess a code is up to ", chance,
                      " per account and year, and success_per_year_max is ", p.success_per_year_max,
                      by_email ? ": lower email_rolling_failures, lengthen email_rolling_lock and "
                                 "email_rolling_window, or raise email_passcode_digits."
                               : ": lower rolling_failures, lengthen rolling_lock and "
                                 "rolling_window, or give codes more digits.");
}

}  // namespace

Policy Policy::Strict() {
  Policy policy;
  policy.passcode_digits = 8;
  policy.rolling_failures = 8;
  policy.email_passcode_digits = 8;
  policy.email_expiration_minutes_max = 10;
  policy.email_rolling_failures = 8;
  policy.email_rolling_lock = hours(24);
  policy.totp.digits = 8;
  policy.totp_window = {1, 0};
  policy.recovery_code_groups = kRecoveryGroupsMax;
  policy.recovery_codes_readable = false;
  return policy;
}

std::optional<std::string> Policy::Problem() const {
  if (auto problem = ProblemWithNumbers(*this)) return problem;
  if (auto problem = ProblemWithNames(allowed_regions)) return problem;
  if (auto problem = ProblemWithNames(unsupported_regions)) return problem;
  if (allowed_regions.empty()) return "allowed_regions is empty: no passcode could be sent.";
  if (auto problem = ProblemWithTypes(number_types)) return problem;
  if (auto problem = ProblemWithTotp(*this)) return problem;
  if (auto problem = ProblemWithBound(*this)) return problem;
  return ProblemWithSandbox(*this);
}

int64_t GuessesPerYear(const Policy& policy, const Exposure& exposure) {
  const int64_t weight = FailureWeightMax(policy);
  // A failure of weight w stands w times in the budget and locks w times as long (L-11): two that
  // begin the locks may weigh one more than the rest of the budget admits.
  const int64_t free = policy.rolling_failures + 2 * (weight - 1);
  const int64_t guesses = AdmittedPerYear(free, policy.rolling_window, policy.rolling_lock);
  // A restore forgets one burst at most.
  return guesses + exposure.restores_per_year * (free + 1) +
         int64_t{exposure.shared_sessions_per_year} * kForgivenMax * weight +
         // The last failure before a device is forgotten may weigh more than is left.
         (int64_t{exposure.stolen_devices} + exposure.successes_on_stolen_devices) *
             (kDeviceFailuresMax + weight - 1);
}

int64_t EmailGuessesPerYear(const Policy& policy, const Exposure& exposure) {
  const int64_t free = policy.email_rolling_failures;
  const int64_t guesses =
      AdmittedPerYear(free, policy.email_rolling_window, policy.email_rolling_lock);
  // Of an address outside Organizations no session is there to be shared.
  return 2 * (guesses + exposure.restores_per_year * (free + 1)) +
         int64_t{exposure.shared_sessions_per_year} * kForgivenMax;
}

double SuccessPerYear(const Policy& policy, const Exposure& exposure) {
  return std::min(1.0, std::max(SuccessPerYearBySecondFactors(policy, exposure),
                                SuccessPerYearByEmail(policy, exposure)));
}

}  // namespace otpcore
