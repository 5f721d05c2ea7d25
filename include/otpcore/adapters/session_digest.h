// SPDX-License-Identifier: Apache-2.0
// In which form session directories that hosts share keep a token and the factors of its session.
#ifndef OTPCORE_ADAPTERS_SESSION_DIGEST_H_
#define OTPCORE_ADAPTERS_SESSION_DIGEST_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/model/session.h"

namespace otpcore {

// A token is a password for one session: who reads the database must not get any. Tokens are drawn
// from 256 bits, so a plain hash will do. The kinds do not mix.
OTPCORE_EXPORT std::string SessionDigest(const SessionCredential& credential);

// When each kind of factor was shown last, in milliseconds since 1970, in the order of the kinds;
// 0: never. Kinds are only ever added, so hosts of another version have a longer or a shorter list.
inline std::vector<int64_t> FactorTimesOf(const FactorSet& factors) {
  std::vector<int64_t> times;
  for (size_t kind = 0; kind < kFactorKindCount; ++kind)
    times.push_back(factors.LastShown(static_cast<FactorKind>(kind)).unix_millis());
  return times;
}

inline void AddFactor(size_t kind, int64_t shown_at, FactorSet* factors) {
  if (shown_at > 0) factors->Add(static_cast<FactorKind>(kind), Instant::FromUnixMillis(shown_at));
}

// The same of a proof, which is never 0.
inline int64_t ShownAt(const FactorProof& proof) {
  return std::max<int64_t>(proof.at.unix_millis(), 1);
}

// The address that a session has after this proof; empty: as before.
inline std::string EmailAddressOf(const FactorProof& proof) {
  return proof.kind == FactorKind::kEmailPasscode ? proof.address.str() : std::string();
}

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_SESSION_DIGEST_H_
