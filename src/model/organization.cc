// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/organization.h"

namespace otpcore {

std::string_view WireName(MfaPolicy policy) {
  return policy == MfaPolicy::kRequiredForAll ? "REQUIRED_FOR_ALL" : "OPTIONAL";
}

std::string_view WireName(MfaMethods methods) {
  return methods == MfaMethods::kRestricted ? "RESTRICTED" : "ALL_ALLOWED";
}

}  // namespace otpcore
