// SPDX-License-Identifier: Apache-2.0
// The table of factors: what a row says is all that the core knows of a kind.
#include "otpcore/model/factor.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <utility>

#include "otpcore/model/organization.h"

namespace otpcore {
namespace {

constexpr auto kNewer = static_cast<FactorKind>(kFactorKindCount);
constexpr Instant kThen = Instant::FromUnixMillis(1700000000000);

TEST(FactorTable, ARowAloneSaysWhatAKindCountsFor) {  // P-01, S-12, S-13
  for (const FactorTraits& row : kFactorTable) {
    EXPECT_EQ(TraitsOf(row.kind).kind, row.kind);
    FactorSet shown;
    shown.Add(row.kind, kThen);
    EXPECT_EQ(shown.HasSecond(), row.second) << row.type;
    EXPECT_EQ(shown.HasPrimary(), !row.second) << row.type;
    Organization totp_only;
    totp_only.mfa_methods = MfaMethods::kRestricted;
    totp_only.totp_allowed = true;
    if (row.second) {
      EXPECT_EQ(totp_only.Allows(row.kind), row.method == MfaMethod::kTotp) << row.type;
    }
  }
}

TEST(FactorTable, SecondFactorsAreToldApartByNamesAndHaveAMethodAndErrors) {  // A-10, S-13
  std::set<std::string> names;
  std::set<std::string> prefixes;
  size_t second = 0;
  for (const FactorTraits& row : kFactorTable) {
    if (!row.second) continue;
    ++second;
    EXPECT_NE(row.method, MfaMethod::kNone) << row.type;
    names.insert(std::string(row.type) + "/" + std::string(row.delivery_method));
    prefixes.insert(std::string(row.id_prefix));
    for (const ErrorCode error : {row.errors.malformed, row.errors.none, row.errors.wrong,
                                  row.errors.used, row.errors.dead}) {
      EXPECT_NE(error, ErrorCode::kOk) << row.type;
      EXPECT_NE(error, ErrorCode::kInternalServerError) << row.type;
    }
  }
  EXPECT_EQ(second, 3u);
  EXPECT_EQ(names.size(), second);
  EXPECT_EQ(prefixes.size(), second);
}

TEST(EmailPurpose, HasItsNameOnTheWire) {  // EM-06, EM-12
  const std::pair<EmailPurpose, const char*> rows[] = {{EmailPurpose::kNone, ""},
                                                       {EmailPurpose::kLogin, "login"},
                                                       {EmailPurpose::kSignup, "signup"},
                                                       {EmailPurpose::kDiscovery, "discovery"}};
  for (const auto& row : rows) EXPECT_EQ(WireName(row.first), row.second);
  EXPECT_EQ(WireName(static_cast<EmailPurpose>(99)), "");
}

TEST(FactorTable, OnlyAMethodOfItsOwnBecomesTheDefault) {
  EXPECT_TRUE(TraitsOf(FactorKind::kSmsPasscode).enrolls);
  EXPECT_TRUE(TraitsOf(FactorKind::kTotp).enrolls);
  EXPECT_FALSE(TraitsOf(FactorKind::kRecoveryCode).enrolls);
}

TEST(FactorSet, KeepsAKindOfANewerVersionAndCountsItForNothing) {  // S-12
  FactorSet shown;
  EXPECT_FALSE(shown.Has(kNewer));
  shown.Add(kNewer, kThen);
  EXPECT_TRUE(shown.Has(kNewer));
  EXPECT_EQ(shown.LastShown(static_cast<FactorKind>(255)), kThen) << "they share one place";
  EXPECT_FALSE(shown.HasPrimary());
  EXPECT_FALSE(shown.HasSecond());
  for (const FactorTraits& row : kFactorTable) EXPECT_FALSE(shown.Has(row.kind)) << row.type;
}

TEST(FactorSet, ATimeOfTheEpochCountsAsShown) {
  FactorSet shown;
  shown.Add(FactorKind::kTotp, Instant());
  EXPECT_TRUE(shown.Has(FactorKind::kTotp));
  EXPECT_TRUE(shown.HasSecond());
}

}  // namespace
}  // namespace otpcore
