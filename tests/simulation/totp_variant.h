// SPDX-License-Identifier: Apache-2.0
// What policies say of TOTP and recovery codes, and with which keys hosts seal.
#ifndef OTPCORE_TESTS_SIMULATION_TOTP_VARIANT_H_
#define OTPCORE_TESTS_SIMULATION_TOTP_VARIANT_H_

#include <array>
#include <cstdint>
#include <vector>

#include "draw.h"
#include "otpcore/model/policy.h"

namespace otpcore {
namespace simulation {

// The ids of a host's keys. The last sealing key seals, and the last digest key digests.
struct KeysOfHost {
  std::vector<uint32_t> sealing;
  std::vector<uint32_t> digest;
};
// As a rotation goes round: a new sealing key comes, the old one goes. All hosts have all digest
// keys, of which one or the other is in use.
inline const std::vector<KeysOfHost> kKeysOfHosts = {
    {{1}, {7, 8}},    {{1, 2}, {7, 8}}, {{2}, {7, 8}},
    {{2, 3}, {8, 7}}, {{3}, {8, 7}},    {{3, 1}, {8, 7}},
};

struct TotpVariant {
  bool has_sealing_keys = true;
  uint32_t share = 0;  // of 100 calls
};

// Fills in what `*policy` says of TOTP. The window is as wide as the bound admits (L-09); where
// none is narrow enough, no registration can be made.
inline TotpVariant AddTotp(uint32_t variant, Policy* policy) {
  Draw draw(variant + 1000);
  TotpVariant made;
  made.share = draw.Chance(1, 2) ? 45 : 4;
  made.has_sealing_keys = !draw.Chance(1, 16);
  policy->totp.algorithm = static_cast<TotpAlgorithm>(1 + draw.Below(3));
  policy->totp.digits = draw.Chance(1, 3) ? 8 : 6;
  policy->totp_window = {static_cast<int>(draw.Below(3)), static_cast<int>(draw.Below(2))};
  policy->totp_import_bytes_min = draw.Chance(1, 2) ? 10 : 16;
  policy->recovery_codes = 8 + static_cast<int>(draw.Below(9));
  policy->recovery_code_groups = 3 + static_cast<int>(draw.Below(4));
  policy->recovery_codes_readable = draw.Chance(2, 3);
  if (draw.Chance(1, 16)) return made;
  policy->totp_issuer = "Acme & Co";
  while (policy->Problem()) {
    if (policy->totp_window.back > 0)
      --policy->totp_window.back;
    else if (policy->totp_window.ahead > 0)
      --policy->totp_window.ahead;
    else if (policy->totp.digits == 6)
      policy->totp.digits = 8;
    else
      policy->totp_issuer.clear();
  }
  return made;
}

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_TOTP_VARIANT_H_
