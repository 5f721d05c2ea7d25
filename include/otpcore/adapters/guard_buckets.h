// SPDX-License-Identifier: Apache-2.0
// What guards that many hosts share count, and under which names. For who writes one; PostgresGuard
// and RedisGuard are written with it.
#ifndef OTPCORE_ADAPTERS_GUARD_BUCKETS_H_
#define OTPCORE_ADAPTERS_GUARD_BUCKETS_H_

#include <string>

#include "otpcore/base/time.h"
#include "otpcore/plan/outcome.h"

namespace otpcore {

// A run of an operation asks again within seconds; of an admission older than this nobody does.
inline constexpr std::chrono::hours kAdmissionKept{1};
// What was given back is remembered as long as a late admission of it may still come.
inline constexpr std::chrono::minutes kReturnKept{10};
// No quota looks back further (L-07: conversions within 24 h).
inline constexpr std::chrono::hours kLongestWindow{24};

// What `quota` counts: sends, or passcodes. Parts are length-prefixed, so no two quotas share a
// bucket.
inline std::string BucketOf(const Quota& quota) {
  std::string bucket(1, static_cast<char>('0' + static_cast<int>(quota.subject)));
  const bool numbers = quota.subject == Quota::Subject::kAddress;
  for (const std::string& part : {quota.organization_id.str(), quota.region.str(),
                                  numbers ? quota.address.str() : std::string()})
    bucket += std::to_string(part.size()) + ':' + part;
  return bucket;
}

// The failures in an Organization, and the mark that spraying was raised (L-08).
inline std::string FailuresBucketOf(const EntityId& organization_id) {
  return "f" + organization_id.str();
}
inline std::string SprayingBucketOf(const EntityId& organization_id) {
  return "s" + organization_id.str();
}

// The conversion quota among `quotas`; null: none. A send asks for at most one.
inline const Quota* ConversionOf(const Quotas& quotas) {
  for (const Quota& quota : quotas) {
    if (quota.subject == Quota::Subject::kConversion) return &quota;
  }
  return nullptr;
}

inline std::string BytesOf(const AdmissionId& id) { return {id.bytes.begin(), id.bytes.end()}; }

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_GUARD_BUCKETS_H_
