// SPDX-License-Identifier: Apache-2.0
// Policies: what is accepted is exactly what the header says, and for what is accepted the bound on
// guesses holds against an attacker the input steers (L-02 … L-04, L-09).
#include "otpcore/model/policy.h"

#include <array>
#include <cmath>
#include <iterator>

#include "fuzz.h"
#include "model/ledgers.h"
#include "otpcore/rules/config.h"

namespace otpcore {
namespace {

struct IntField {
  int Policy::*field;
  int min, max;
};
constexpr IntField kInts[] = {
    {&Policy::passcode_digits, 4, 10},
    {&Policy::challenge_failures_max, 1, 10},
    {&Policy::lock_after_failures, 1, 100},
    {&Policy::disable_after_failures, 1, 1000},
    {&Policy::rolling_failures, 1, 32},
    {&Policy::sends_max, 1, 16},
    {&Policy::number_sends_max, 1, 1000000},
    {&Policy::region_sends_max, 1, 1000000},
    {&Policy::organization_sends_max, 1, 1000000},
    {&Policy::conversion_ended_min, 1, 1000000},
    {&Policy::conversion_percent_min, 0, 100},
    {&Policy::spraying_failures, 1, 1000000},
    {&Policy::email_passcode_digits, 5, 10},
    {&Policy::email_expiration_minutes_max, 2, 15},
    {&Policy::email_expiration_minutes, 2, 15},
    {&Policy::email_rolling_failures, 1, 14},
    {&Policy::email_sends_max, 1, 8},
    {&Policy::email_address_sends_max, 1, 1000000},
    {&Policy::email_organization_sends_max, 1, 1000000},
};
struct DurationField {
  Duration Policy::*field;
  int64_t min, max;  // seconds
};
constexpr int64_t kDay = 86400;
constexpr DurationField kDurations[] = {
    {&Policy::passcode_life, 30, 600},
    {&Policy::clock_tolerance, 0, 60},
    {&Policy::lock_duration, 300, 7 * kDay},
    {&Policy::lock_duration_max, 300, 7 * kDay},
    {&Policy::rolling_window, 3600, 40 * kDay},
    {&Policy::rolling_lock, 300, 7 * kDay},
    {&Policy::sends_window, 60, 7 * kDay},
    {&Policy::send_interval_min, 0, 600},
    {&Policy::operation_life, 60, 7 * kDay},
    {&Policy::email_rolling_window, 3600, 40 * kDay},
    {&Policy::email_rolling_lock, 300, 7 * kDay},
    {&Policy::email_sends_window, 60, 7 * kDay},
};
constexpr size_t kIntCount = std::size(kInts);
constexpr size_t kFieldCount = kIntCount + std::size(kDurations);
constexpr double kBounds[] = {1e-2, 1e-3, 1e-5, 0.0, -1e-3, 0.0101, 1.0, NAN};

// One choice out of 16 leaves the range.
int64_t Value(fuzz::Input* input, int64_t min, int64_t max) {
  if (input->Below(16) == 15) return input->Number(8);
  return min + (input->Number(4) & 0xFFFFFFFF) % (max - min + 1);
}

// The most an attacker gets in a year who guesses whenever that is allowed; the owner signs in, and
// the attacker rests, as the input says.
void CheckBound(const Policy& policy, const FailureLimits& limits, int64_t bound,
                fuzz::Input* input) {
  const Instant start = Instant::FromUnixMillis(1767225600000);
  const Instant end = start + std::chrono::hours(24 * 365);
  FailureLedger ledger;
  Instant now = start;
  for (int64_t guesses = 0; now < end && guesses < bound + 2; ++guesses) {
    FUZZ_CHECK(guesses < bound || IsLocked(ledger, now));
    if (ledger.disabled) return;
    now = std::max(now, ledger.locked_until);
    FUZZ_CHECK(!IsLocked(ledger, now));
    if (now >= end || guesses > 3000) return;
    const int choice = input->Byte();
    if (choice % 4 != 3) CountSuccess(now, &ledger);
    if (choice >= 240) now = now + limits.rolling_window / 8 * (choice - 239);
    CountFailure(limits, now, &ledger);
    FUZZ_CHECK(ledger.recent.count <= limits.rolling_failures);
  }
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace otpcore;
  fuzz::Input input(data, size);
  Policy policy;
  policy.success_per_year_max = 1e-2;
  bool expected = true;
  for (int changes = input.Below(8); changes > 0; --changes) {
    const size_t choice = static_cast<size_t>(input.Below(static_cast<int>(kFieldCount) + 1));
    if (choice == kFieldCount) {
      policy.success_per_year_max = kBounds[input.Below(8)];
    } else if (choice < kIntCount) {
      policy.*kInts[choice].field =
          static_cast<int>(Value(&input, kInts[choice].min, kInts[choice].max));
    } else {
      const DurationField& f = kDurations[choice - kIntCount];
      policy.*f.field = Duration(Value(&input, f.min * 1000, f.max * 1000));
    }
  }
  for (const IntField& f : kInts)
    expected = expected && policy.*f.field >= f.min && policy.*f.field <= f.max;
  for (const DurationField& f : kDurations)
    expected = expected && policy.*f.field >= Duration(f.min * 1000) &&
               policy.*f.field <= Duration(f.max * 1000);
  expected = expected && policy.email_expiration_minutes <= policy.email_expiration_minutes_max;
  expected = expected && policy.lock_duration <= policy.lock_duration_max &&
             policy.success_per_year_max > 0 && policy.success_per_year_max <= 1e-2;
  // Only numbers within their ranges have a bound.
  expected = expected && SuccessPerYear(policy) <= policy.success_per_year_max;

  FUZZ_CHECK(policy.Problem().has_value() == !expected);
  const auto config = Config::Create(policy, KeyRing(1, DigestKey(std::array<uint8_t, 32>{1})));
  FUZZ_CHECK((config != nullptr) == expected);
  if (!expected) return 0;
  FUZZ_CHECK(SuccessPerYear(policy) > 0 && SuccessPerYear(policy) <= 1);
  FUZZ_CHECK(GuessesPerYear(policy, {1, 0}) > GuessesPerYear(policy));
  FUZZ_CHECK(GuessesPerYear(policy, {0, 1}) == GuessesPerYear(policy) + 4);
  FUZZ_CHECK(EmailGuessesPerYear(policy, {1, 0}) > EmailGuessesPerYear(policy));
  // The Member's ledger and that of the address outside Organizations admit half each (L-13).
  if (input.Below(2) == 1)
    CheckBound(policy, EmailFailureLimits(policy), EmailGuessesPerYear(policy) / 2, &input);
  else
    CheckBound(policy, SecondFactorLimits(policy), GuessesPerYear(policy), &input);
  return 0;
}
