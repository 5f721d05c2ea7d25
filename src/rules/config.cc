// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/config.h"

#include <utility>

#include "otpcore/rules/email_address.h"
#include "otpcore/rules/number_ranges.h"
#include "otpcore/rules/phone_number.h"
#include "otpcore/rules/totp_issuer.h"
#include "rules/number_regions.h"

namespace otpcore {
namespace {

// What Policy::Problem cannot see, for want of knowledge of phone numbers. Expands the regions.
std::optional<std::string> ProblemWithPhoneNumbers(Policy* policy) {
  for (const SandboxNumber& number : policy->sandbox_numbers) {
    if (!IsE164Shaped(number.e164)) return "A sandbox number is not in E.164 form.";
  }
  ExpandRegions(&policy->allowed_regions);
  ExpandRegions(&policy->unsupported_regions);
  if (auto problem = ProblemWithRegions(*policy)) return problem;
  if (policy->number_ranges.size() > kNumberRangesMax)
    return "number_ranges has more than 1,000 ranges, and each unknown number is compared with "
           "all.";
  for (const NumberRange& range : policy->number_ranges) {
    if (auto problem = ProblemWithRange(range)) return problem;
  }
  return std::nullopt;
}

std::optional<std::string> ProblemWithAddresses(const Policy& policy) {
  for (const SandboxAddress& one : policy.sandbox_addresses) {
    if (!IsEmailAddress(one.address)) return "A sandbox address is not an e-mail address.";
  }
  return std::nullopt;
}

std::optional<std::string> ProblemWithSealing(const Policy& policy, const KeyRing& keys,
                                              const SealingKeyRing& sealing_keys) {
  if (sealing_keys.HasZeroKey()) return "A sealing key is all zeros: it was never filled.";
  if (sealing_keys.SharesKeyWith(keys))
    return "A sealing key is also a digest key: one key must not do both.";
  if (policy.totp_issuer.empty()) return std::nullopt;
  return CheckIssuer(policy.totp_issuer);
}

}  // namespace

std::unique_ptr<const Config> Config::Create(Policy policy, KeyRing keys,
                                             const MessageConfig& message, std::string* problem) {
  return Create(std::move(policy), std::move(keys), SealingKeyRing(), message, problem);
}

std::unique_ptr<const Config> Config::Create(Policy policy, KeyRing keys,
                                             SealingKeyRing sealing_keys,
                                             const MessageConfig& message, std::string* problem) {
  std::string ignored;
  if (problem == nullptr) problem = &ignored;
  if (auto found = policy.Problem()) {
    *problem = std::move(*found);
    return nullptr;
  }
  if (auto found = ProblemWithPhoneNumbers(&policy)) {
    *problem = std::move(*found);
    return nullptr;
  }
  if (auto found = ProblemWithAddresses(policy)) {
    *problem = std::move(*found);
    return nullptr;
  }
  if (keys.empty()) {
    *problem = "The key ring is empty: passcodes cannot be stored without a key.";
    return nullptr;
  }
  if (keys.HasZeroKey()) {
    *problem = "A digest key is all zeros: it was never filled.";
    return nullptr;
  }
  if (auto found = ProblemWithSealing(policy, keys, sealing_keys)) {
    *problem = std::move(*found);
    return nullptr;
  }
  if (policy.environment == Environment::kLive && message.brand == MessageConfig().brand) {
    *problem = "brand is still the default, and people would read it.";
    return nullptr;
  }
  std::unique_ptr<Config> config(new Config);
  if (!MessageRenderer::Create(message, &config->renderer_, problem,
                               static_cast<size_t>(policy.passcode_digits),
                               MessageMinutes(policy.passcode_life)))
    return nullptr;
  config->policy_ = std::move(policy);
  config->keys_ = std::move(keys);
  config->sealing_keys_ = std::move(sealing_keys);
  return config;
}

}  // namespace otpcore
