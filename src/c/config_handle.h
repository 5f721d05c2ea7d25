// SPDX-License-Identifier: Apache-2.0
// What stands behind an otpcore_config.
#ifndef OTPCORE_SRC_C_CONFIG_HANDLE_H_
#define OTPCORE_SRC_C_CONFIG_HANDLE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "otpcore/c/otpcore.h"
#include "otpcore/rules/config.h"

struct otpcore_config {
  otpcore::Policy policy;
  otpcore::MessageConfig messages;
  std::vector<std::pair<uint32_t, otpcore::DigestKey>> keys;
  std::vector<std::pair<uint32_t, otpcore::SealingKey>> sealing_keys;
  std::string problem;
  std::unique_ptr<const otpcore::Config> sealed;
};

#endif  // OTPCORE_SRC_C_CONFIG_HANDLE_H_
