// SPDX-License-Identifier: Apache-2.0
// Config: policy, keys and message texts, checked together once and then only read.
#ifndef OTPCORE_RULES_CONFIG_H_
#define OTPCORE_RULES_CONFIG_H_

#include <memory>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/model/policy.h"
#include "otpcore/rules/message.h"
#include "otpcore/rules/passcode.h"
#include "otpcore/rules/sealing.h"

namespace otpcore {

// Everything configurable, checked. Immutable, so one Config serves any number of threads; it must
// outlive the operations and engines made with it.
class OTPCORE_EXPORT Config {
 public:
  // Null when something does not make sense; `*problem`, if given, then says what in one sentence.
  // A policy with other regions than US and CA, or number ranges, loads libphonenumber's metadata
  // to check them (N-07), which takes milliseconds the first time.
  static std::unique_ptr<const Config> Create(Policy policy, KeyRing keys,
                                              const MessageConfig& message = {},
                                              std::string* problem = nullptr);
  // The same with keys to seal what must be read again: the secrets of TOTP registrations. They are
  // kept apart from `keys`, and none may be in both.
  static std::unique_ptr<const Config> Create(Policy policy, KeyRing keys,
                                              SealingKeyRing sealing_keys,
                                              const MessageConfig& message = {},
                                              std::string* problem = nullptr);
  // The policy as given, but for "US+": its lists have the regions that this stands for.
  const Policy& policy() const { return policy_; }
  const KeyRing& keys() const { return keys_; }
  // Empty: there are none.
  const SealingKeyRing& sealing_keys() const { return sealing_keys_; }
  const MessageRenderer& renderer() const { return renderer_; }

 private:
  Config() = default;
  Policy policy_;
  KeyRing keys_;
  SealingKeyRing sealing_keys_;
  MessageRenderer renderer_;
};

}  // namespace otpcore

#endif  // OTPCORE_RULES_CONFIG_H_
