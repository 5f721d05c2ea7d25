// SPDX-License-Identifier: Apache-2.0
// The regions of a policy (N-07).
#include "rules/number_regions.h"

#include <gtest/gtest.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <set>
#include <string>

#include "fixture.h"

namespace otpcore {
namespace {

using Library = i18n::phonenumbers::PhoneNumberUtil;
using Parsed = i18n::phonenumbers::PhoneNumber;
using Regions = std::vector<std::string>;
using T = PhoneNumberType;

std::string ProblemOf(Regions allowed, Regions unsupported = {}) {
  Policy policy;
  policy.allowed_regions = std::move(allowed);
  policy.unsupported_regions = std::move(unsupported);
  std::string problem;
  return Config::Create(policy, TestKeys(), {}, &problem) != nullptr ? "" : problem;
}

TEST(Regions, ThatNumbersAreNeverOfAreRefusedWithWhatToWrite) {  // N-07, S-16
  const std::pair<const char*, const char*> cases[] = {
      {"UK", "write GB."},     {"EL", "write GR."},   {"EU", "such as DE and FR."},
      {"XX", "such as US."},   {"ZZ", "such as US."}, {"AQ", "such as US."},
      {"AN", "CW, SX and BQ"}, {"UM", "write US."},   {"MF", "write GP."},
      {"BL", "write GP."},     {"AX", "write FI."},   {"SJ", "write NO."},
      {"VA", "write IT."},     {"EH", "write MA."},   {"CC", "write AU."},
      {"CX", "write AU."},     {"TA", "write SH."},   {"us", "write US."},
      {"USA", "such as US"},   {"U", "such as US"},   {"", "such as US"},
      {"001", "such as US"},   {"CA+", "such as US"},
  };
  for (const auto& [region, words] : cases) {
    for (const std::string& problem :
         {ProblemOf({"GB", region}), ProblemOf({"GB"}, {"US", region})}) {
      EXPECT_NE(problem.find(words), std::string::npos) << region << ": " << problem;
      EXPECT_EQ(problem.empty() ? ' ' : problem.back(), '.');
    }
  }
  EXPECT_EQ(ProblemOf({"UK"}), "allowed_regions lists UK, and no phone number is of UK: write GB.");
  EXPECT_EQ(ProblemOf({"GB"}, {"MF"}),
            "unsupported_regions lists MF, but mobile numbers there are numbers of GP: write GP.");
}

TEST(Regions, ThatNumbersAreOfAreTaken) {  // N-07
  std::set<std::string> regions;
  Library::GetInstance()->GetSupportedRegions(&regions);
  size_t taken = 0;
  for (const std::string& region : regions) {
    const std::string problem = ProblemOf({region});
    Parsed example;
    std::string owner;
    if (Library::GetInstance()->GetExampleNumberForType(region, Library::MOBILE, &example))
      Library::GetInstance()->GetRegionCodeForNumber(example, &owner);
    // Of the Isle of Man the example is read as British, and other numbers as its own.
    EXPECT_EQ(problem.empty(), owner == region || region == "IM") << region << ": " << problem;
    taken += problem.empty() ? 1 : 0;
  }
  EXPECT_GT(taken, 230u);
  EXPECT_EQ(ParseE164("+447624123456")->region.view(), "IM");
}

TEST(Regions, AllowedMustBeLeftWhenTheUnsupportedAreTakenOff) {  // N-07, S-16
  EXPECT_EQ(ProblemOf({"US", "CA"}, {"US"}), "");
  EXPECT_NE(ProblemOf({"US", "CA"}, {"CA", "US"}).find("unsupported_regions lists all"),
            std::string::npos);
  EXPECT_NE(ProblemOf({"US+"}, {"US+"}).find("unsupported_regions lists all"), std::string::npos);
  EXPECT_NE(ProblemOf({}).find("allowed_regions is empty"), std::string::npos);
}

TEST(Regions, UsPlusStandsForTheTerritoriesToo) {  // N-07, S-17
  Policy policy;
  policy.allowed_regions = {"GB", "US+", "GU", "US+"};
  policy.unsupported_regions = {"PR"};
  const auto config = Config::Create(policy, TestKeys());
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->policy().allowed_regions, (Regions{"GB", "GU", "US", "PR", "VI", "AS", "MP"}));
  EXPECT_EQ(config->policy().unsupported_regions, Regions{"PR"});
}

TEST(Regions, MustHaveNumbersOfATypeThatIsTaken) {  // N-03, N-07
  Policy policy;
  std::string problem;
  policy.number_types = {T::kMobile};
  EXPECT_EQ(Config::Create(policy, TestKeys(), {}, &problem), nullptr);
  EXPECT_NE(problem.find("allowed_regions lists US, but number_types"), std::string::npos);
  policy.number_types = {T::kMobile, T::kFixedLineOrMobile};
  EXPECT_NE(Config::Create(policy, TestKeys()), nullptr);
  policy.number_types = {T::kFixedLineOrMobile};
  policy.allowed_regions = {"US", "DE"};
  EXPECT_EQ(Config::Create(policy, TestKeys(), {}, &problem), nullptr);
  EXPECT_NE(problem.find("lists DE"), std::string::npos);
  policy.unsupported_regions = {"DE"};
  EXPECT_NE(Config::Create(policy, TestKeys()), nullptr) << "none are sent to there";
  policy.number_types = {T::kFixedLine};
  policy.allowed_regions = {"DE"};
  policy.unsupported_regions = {};
  EXPECT_NE(Config::Create(policy, TestKeys()), nullptr);
}

TEST(NumberTypes, AreSomeOfTheFourThatReceivePasscodes) {  // N-03, L-09
  Policy policy;
  policy.number_types = {};
  EXPECT_NE(policy.Problem().value_or("").find("number_types is empty"), std::string::npos);
  for (const T type : {T::kTollFree, T::kPremiumRate, T::kSharedCost, T::kPersonal, T::kPager,
                       T::kUan, T::kVoicemail, T::kUnknown, static_cast<T>(12)}) {
    policy.number_types = {T::kMobile, type};
    EXPECT_NE(policy.Problem().value_or("").find("number_types may list"), std::string::npos);
  }
}

}  // namespace
}  // namespace otpcore
