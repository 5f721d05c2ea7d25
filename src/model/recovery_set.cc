// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/recovery_set.h"

#include <algorithm>
#include <cstring>

namespace otpcore {

static_assert(sizeof(RecoveryDigest) == 16, "digests are stored one behind the other");

RecoverySet SetOf(const RecoveryFactor& factor) {
  RecoverySet set;
  set.id = factor.id;
  set.key_id = factor.key_id;
  set.used = factor.used;
  const size_t count = std::min(factor.digests.size() / sizeof(RecoveryDigest), kRecoveryCodesMax);
  set.count = static_cast<uint8_t>(count);
  if (count > 0) std::memcpy(&set.digests, factor.digests.data(), count * sizeof(RecoveryDigest));
  return set;
}

RecoveryFactor FactorOf(const RecoverySet& set, uint64_t epoch) {
  RecoveryFactor factor;
  factor.id = set.id;
  factor.key_id = set.key_id;
  factor.used = set.used;
  factor.epoch = epoch;
  factor.digests = {reinterpret_cast<const char*>(set.digests.data()),
                    set.count * sizeof(RecoveryDigest)};
  return factor;
}

}  // namespace otpcore
