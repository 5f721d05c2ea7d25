// SPDX-License-Identifier: Apache-2.0
// Policy: everything a deployment may configure, with the defaults of the rules.
//
// A Policy is plain data. It is checked as a whole when a Config is made of it (config.h); a
// senseless one is refused with a sentence that says why (rule L-09).
#ifndef OTPCORE_MODEL_POLICY_H_
#define OTPCORE_MODEL_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/model/ledgers.h"
#include "otpcore/model/phone_number_type.h"
#include "otpcore/model/recovery_set.h"
#include "otpcore/model/totp_registration.h"

namespace otpcore {

// Lengths a passcode may have.
inline constexpr int kPasscodeDigitsMin = 4;
inline constexpr int kPasscodeDigitsMax = 10;

// How many minutes a passcode by e-mail may live (EM-09).
inline constexpr int kEmailMinutesMin = 2;
inline constexpr int kEmailMinutesMax = 15;

// How many number ranges of its own a policy may have.
inline constexpr size_t kNumberRangesMax = 1000;

// A number with a fixed code, for automated tests of a host. Refused in the live
// environment.
struct SandboxNumber {
  std::string e164;  // canonical
  std::string code;  // digits, as many as passcode_digits
  Instant until;     // required; from this instant on the number is an ordinary one
};

// The same for an e-mail address (EM-34).
struct SandboxAddress {
  std::string address;  // as IsEmailAddress takes it; upper and lower case are the same
  std::string code;     // digits, as many as email_passcode_digits
  Instant until;        // required; from this instant on the address is an ordinary one
};

// A range of numbers that the packaged metadata does not know yet (N-06). It is looked at only for
// a number that the metadata calls invalid. {"BJ", "+22901[4-69]", 13, 13, kMobile} is Benin's.
struct NumberRange {
  std::string region;  // two capital letters; its country code begins the prefix
  std::string prefix;  // '+', country code, first digits; [2-57] stands for one of 2 3 4 5 7
  int digits_min = 0;  // of the whole number, country code included: 8 … 15
  int digits_max = 0;  // digits_min … 15
  PhoneNumberType type = PhoneNumberType::kMobile;  // one that can receive passcodes
};

struct OTPCORE_EXPORT Policy {
  // ---- Passcodes ----
  Environment environment = Environment::kTest;
  int passcode_digits = 6;                           // 4 … 10
  Duration passcode_life = std::chrono::minutes(2);  // 30 s … 10 min (S-09)
  int challenge_failures_max = 5;                    // 1 … 10: then the challenge is dead
  Duration clock_tolerance = std::chrono::seconds(5);  // 0 … 60 s: skew between hosts (T-02)

  // ---- Repeated operations ----
  // For how long an operation can be repeated under its id (C-07), by clocks that step in either
  // direction.
  Duration operation_life = std::chrono::hours(24);  // 1 min … 7 d

  // ---- Locks: failures of one Member, whatever code, session or host (L-01 … L-05) ----
  int lock_after_failures = 10;                    // 1 … 100, in a row (L-02)
  Duration lock_duration = std::chrono::hours(1);  // 5 min … 7 d; doubles at each further lock
  Duration lock_duration_max = std::chrono::hours(24 * 7);  // lock_duration … 7 d
  int disable_after_failures = 100;  // 1 … 1000 since the last success (L-03)
  int rolling_failures = 25;         // 1 … 32 (L-04)
  Duration rolling_window = std::chrono::hours(24 * 30);  // 1 h … 40 d
  Duration rolling_lock = std::chrono::hours(24);         // 5 min … 7 d
  // The policy is refused when an attacker's chance per account and year, SuccessPerYear without
  // restores, is above this (L-09). Greater than 0, at most 1e-2.
  double success_per_year_max = 1e-3;

  // ---- Sends of one Member (L-06) ----
  int sends_max = 5;                                 // 1 … 16 within sends_window
  Duration sends_window = std::chrono::minutes(10);  // 1 min … 7 d
  int sends_day_max = 15;                            // 1 … 16 within 24 hours
  Duration send_interval_min{0};                     // 0 … 10 min between two sends
  // A live passcode younger than this is not replaced by a send in another session (S-21).
  Duration resend_after = std::chrono::seconds(60);  // 0 … 2 min

  // ---- Passcodes by e-mail (commands/email_passcode.h). Tries, locks in a row and the disabled
  // state are those above; all of it is counted apart from the second factors (L-12). ----
  int email_passcode_digits = 6;      // 5 … 10: four cannot hold the bound (L-13)
  int email_expiration_minutes = 10;  // 2 … email_expiration_minutes_max: where none is asked for
  int email_expiration_minutes_max = 15;  // 2 … 15 (EM-09)
  int email_rolling_failures = 14;        // 1 … 14 within email_rolling_window
  Duration email_rolling_window = std::chrono::hours(24 * 30);  // 1 h … 40 d
  Duration email_rolling_lock = std::chrono::hours(48);  // 5 min … 7 d: of each failure after that
  int email_sends_max = 5;  // 1 … 8 within email_sends_window (EM-21)
  Duration email_sends_window = std::chrono::minutes(10);  // 1 min … 7 d
  // To addresses not verified, over all Members; kept by a SendGuard.
  int email_address_sends_max = 10;               // 1 … 10^6 per EmailCountingKey and hour
  int email_organization_sends_max = 1000;        // 1 … 10^6 per Organization and hour
  int email_discovery_sends_max = 5000;           // 1 … 10^6 an hour outside all of them (EM-24)
  std::vector<SandboxAddress> sandbox_addresses;  // EM-34

  // ---- Known devices (DV-*); see `device` in the requests ----
  Duration device_life =
      std::chrono::hours(24 * 90);  // 0 … 365 d after a success; 0: none is known
  // A device that asked for it is spared the MFA step for so long after that success (DV-05).
  Duration remember_life{0};  // 0 … 90 d; 0: never
  // Also where the Organization's mfa_policy is REQUIRED_FOR_ALL.
  bool remember_where_required = false;

  // ---- Sends to numbers not verified, over all Members (L-06, L-07); kept by a SendGuard ----
  int number_sends_max = 10;                 // 1 … 10^6 per number and hour
  int region_sends_max = 100;                // 1 … 10^6 per Organization, region and hour
  int organization_sends_max = 1000;         // 1 … 10^6 per Organization and hour
  int conversion_ended_min = 50;             // 1 … 10^6 ended passcodes in 24 h before judging
  int conversion_percent_min = 10;           // 0 … 100 of them proved their number, else refuse
  bool send_when_guard_unreachable = false;  // false: a send then fails
  // Per Organization and hour (L-08); the guard reads it, not the engine: give it to the guard.
  int spraying_failures = 100;  // 1 … 10^6

  // ---- Phone numbers ----
  // ISO 3166-1 alpha-2 in capitals, such as US. "US+" stands for US PR GU VI AS MP (N-07, S-17).
  std::vector<std::string> allowed_regions = {"US", "CA"};
  std::vector<std::string> unsupported_regions;  // wins over allowed_regions (S-16)
  // The types that are taken (N-03), at least one of these four. US and CA numbers are of the
  // second. Leave one out, and numbers whose type is unknown are refused too.
  std::vector<PhoneNumberType> number_types = {PhoneNumberType::kMobile,
                                               PhoneNumberType::kFixedLineOrMobile,
                                               PhoneNumberType::kFixedLine, PhoneNumberType::kVoip};
  std::vector<NumberRange> number_ranges;  // beside the library's own table (N-06); at most 1,000
  bool accept_possible_numbers = false;    // N-03; see phone_number.h
  bool replace_pending_number = false;     // M-08
  std::vector<SandboxNumber> sandbox_numbers;

  // ---- TOTP (factors/totp.h); wants a sealing key in the Config too ----
  // What apps name the account by: 1 … 64 characters, no colon (TO-07). Empty: no registration is
  // made here, and those that a host keeps itself go on.
  std::string totp_issuer;
  TotpParameters totp;     // of registrations made from now on (TO-04)
  TotpWindow totp_window;  // the codes that are right at once (TO-09)
  // The shortest secret that MigrateTotp takes, in bytes: 10 … 64 (TO-19).
  int totp_import_bytes_min = 16;

  // ---- Recovery codes (commands/recovery_codes.h); made with a registration that is kept here
  // ----
  int recovery_codes = 10;  // 8 … 16 in a set (RC-01)
  // Groups of four symbols in one code, 20 bits each: 3 … 6 (RC-02). Three are the API's form; NIST
  // asks for 64 bits, which four have.
  int recovery_code_groups = 3;
  // Whether a Member's codes can be shown again after the registration was proved (RC-15). A
  // sealed copy of them is kept then.
  bool recovery_codes_readable = true;

  // ---- Search (commands/search.h) ----
  // How many records one call looks at, at most (SR-11): 10 … 10^6. A page that reaches it ends
  // there, and tells where the next one begins.
  int search_visits_max = 10000;

  // ---- The wire ----
  std::string error_url_base;  // for `error_url`; empty: none

  // The defaults above.
  static Policy Default() { return Policy(); }
  // Eight digits, also of TOTP with a window of the present step and the one before, and of
  // passcodes by e-mail, which live ten minutes at most; and 8 failures within 30 days (L-04,
  // L-12): for a chance of at most 1e-5 per account and year (L-09). Recovery codes of 120 bits, of
  // which digests alone are kept.
  static Policy Strict();

  // Absent when the policy makes sense; else one sentence for the operator.
  std::optional<std::string> Problem() const;
};

// How many codes of one kind are right at once, at most: what a wrong one weighs (L-11).
inline int FailureWeightMax(const Policy& policy) {
  return policy.totp_issuer.empty() ? 1 : policy.totp_window.weight();
}

// What an account is exposed to in a year, beyond what every account is. Each is 0 or more.
struct Exposure {
  int restores_per_year = 0;  // of the store from a backup (L-10)
  // Successes of the owner in a session that the attacker holds too. Each takes up to four failures
  // of that session out of the rolling budget (L-05).
  int shared_sessions_per_year = 0;
  // Devices of the owner whose `device` the attacker has stolen too, and successes of the owner on
  // them (DV-04). Each of either admits up to ten guesses there.
  int stolen_devices = 0;
  int successes_on_stolen_devices = 0;
};

// The most wrong guesses at second factors, with their weight, that one account admits in a year
// between unlocks, whatever the attacker does and however often its owner signs in between; derived
// in docs/security.md (L-09). The numbers of `policy` must be in their ranges.
OTPCORE_EXPORT int64_t GuessesPerYear(const Policy& policy, const Exposure& exposure = {});

// The same of passcodes by e-mail: those that the Member's ledger admits, and as many again for the
// address outside Organizations (L-12, L-13). Devices do not matter.
OTPCORE_EXPORT int64_t EmailGuessesPerYear(const Policy& policy, const Exposure& exposure = {});

// An upper bound on an attacker's chance to be right once in a year (L-13): the larger of
// GuessesPerYear times the chance of the likeliest code, and EmailGuessesPerYear times that of a
// passcode by e-mail. Not their sum: a Member without second factor is lost by e-mail alone, and
// one with a second factor needs both.
OTPCORE_EXPORT double SuccessPerYear(const Policy& policy, const Exposure& exposure = {});

}  // namespace otpcore

#endif  // OTPCORE_MODEL_POLICY_H_
