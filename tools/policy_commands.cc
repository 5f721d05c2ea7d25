// SPDX-License-Identifier: Apache-2.0
#include "policy_commands.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <sstream>
#include <utility>

#include "policy_file.h"

namespace otpcore_tool {

using namespace otpcore;  // NOLINT(google-build-using-namespace): a tool reads as a host would

std::unique_ptr<const Config> ConfigOf(const Policy& policy, std::string* problem) {
  MessageConfig messages;
  messages.brand = "Acme";  // the live environment wants one
  std::array<uint8_t, 32> digest{};
  std::array<uint8_t, 32> sealing{};
  digest.fill(1);
  sealing.fill(2);
  return Config::Create(policy, KeyRing(1, DigestKey(digest)),
                        SealingKeyRing(1, SealingKey(sealing)), messages, problem);
}

std::vector<std::string> CheckPolicy(const std::string& path) {
  Policy policy;
  std::vector<std::string> problems = ReadPolicyFile(path, &policy);
  std::string problem;
  if (problems.empty() && !ConfigOf(policy, &problem)) problems.push_back(std::move(problem));
  return problems;
}

std::optional<std::string> ProblemBesideBound(Policy policy) {
  policy.success_per_year_max = 1e-2;
  // Long codes hold any bound, and so do small budgets: each field is judged in one of the two.
  Policy long_codes = policy;
  long_codes.passcode_digits = long_codes.email_passcode_digits = kPasscodeDigitsMax;
  long_codes.totp.digits = 8;
  long_codes.sandbox_numbers.clear();
  long_codes.sandbox_addresses.clear();
  if (auto problem = long_codes.Problem()) return problem;
  const Policy strict = Policy::Strict();
  policy.rolling_failures = policy.email_rolling_failures = 1;
  policy.rolling_window = policy.email_rolling_window = strict.rolling_window;
  policy.rolling_lock = policy.email_rolling_lock = std::chrono::hours(24 * 7);
  return policy.Problem();
}

std::string ShowBound(const Policy& policy, const Exposure& exposure) {
  const auto second = GuessesPerYear(policy, exposure);
  const auto email = EmailGuessesPerYear(policy, exposure);
  std::ostringstream text;
  text << "chance per account and year: " << SuccessPerYear(policy, exposure) << "\n"
       << "the policy's limit without restores: " << policy.success_per_year_max << "\n"
       << "guesses at second factors: " << second << "\n"
       << "guesses at passcodes by e-mail: " << email << "\n"
       << "digits by SMS: " << policy.passcode_digits << "\n"
       << "digits by e-mail: " << policy.email_passcode_digits << "\n";
  if (!policy.totp_issuer.empty()) {
    text << "digits of authenticator apps: " << static_cast<int>(policy.totp.digits) << "\n"
         << "codes of an app that are right at once: " << FailureWeightMax(policy) << "\n";
  }
  // What one more of each adds, which tells an operator where the chance comes from.
  const auto adds = [&](const char* name, int Exposure::*member) {
    Exposure more = exposure;
    ++(more.*member);
    text << "one more " << name << " adds guesses: " << GuessesPerYear(policy, more) - second
         << ", by e-mail " << EmailGuessesPerYear(policy, more) - email << "\n";
  };
  adds("restore of the store", &Exposure::restores_per_year);
  adds("success of the owner in a shared session", &Exposure::shared_sessions_per_year);
  adds("stolen device", &Exposure::stolen_devices);
  return text.str();
}

}  // namespace otpcore_tool
