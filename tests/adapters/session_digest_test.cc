// SPDX-License-Identifier: Apache-2.0
// In which form shared directories keep sessions, and under which names shared guards count.
#include "otpcore/adapters/session_digest.h"

#include <gtest/gtest.h>

#include <set>

#include "otpcore/adapters/guard_buckets.h"

namespace otpcore {
namespace {

TEST(SessionDigest, TellsTokensAndKindsApart) {
  using Kind = SessionCredential::Kind;
  std::set<std::string> digests;
  for (const Kind kind : {Kind::kIntermediateToken, Kind::kSessionToken}) {
    for (const char* token : {"", "a", "b", "ab"}) digests.insert(SessionDigest({kind, token}));
  }
  EXPECT_EQ(digests.size(), 8u);
  for (const std::string& digest : digests) EXPECT_EQ(digest.size(), 32u);
  EXPECT_EQ(SessionDigest({Kind::kSessionToken, "a"}), SessionDigest({Kind::kSessionToken, "a"}));
}

TEST(SessionDigest, FactorTimesComeBack) {
  FactorSet factors;
  factors.Add(FactorKind::kSmsPasscode, Instant::FromUnixMillis(5));
  const std::vector<int64_t> times = FactorTimesOf(factors);
  ASSERT_EQ(times.size(), kFactorKindCount);
  FactorSet read;
  for (size_t kind = 0; kind < times.size(); ++kind) AddFactor(kind, times[kind], &read);
  for (size_t i = 0; i < kFactorKindCount; ++i) {
    const auto kind = static_cast<FactorKind>(i);
    EXPECT_EQ(read.LastShown(kind), factors.LastShown(kind)) << i;
  }
  FactorProof proof;
  proof.at = Instant::FromUnixMillis(0);
  EXPECT_EQ(ShownAt(proof), 1) << "0 stands for never";
}

TEST(GuardBuckets, KeepQuotasApart) {  // L-06, L-07
  std::set<std::string> buckets;
  size_t quotas = 0;
  for (const auto subject : {Quota::Subject::kAddress, Quota::Subject::kRegion,
                             Quota::Subject::kOrganization, Quota::Subject::kConversion,
                             Quota::Subject::kEmailOrganization, Quota::Subject::kEmailDiscovery}) {
    for (const char* organization : {"o", "o1"}) {
      Quota quota;
      quota.subject = subject;
      quota.organization_id = organization;
      buckets.insert(BucketOf(quota));
      ++quotas;
    }
  }
  EXPECT_EQ(buckets.size(), quotas);
  Quota conversion;
  conversion.subject = Quota::Subject::kConversion;
  Quotas asked;
  EXPECT_EQ(ConversionOf(asked), nullptr);
  asked.Add(conversion);
  ASSERT_NE(ConversionOf(asked), nullptr);
  EXPECT_NE(FailuresBucketOf("o"), SprayingBucketOf("o"));
}

}  // namespace
}  // namespace otpcore
