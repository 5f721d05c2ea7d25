// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/number_ranges.h"

#include <gtest/gtest.h>
#include <phonenumbers/phonenumber.pb.h>
#include <phonenumbers/phonenumberutil.h>

#include <cstdio>
#include <random>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "fixture.h"

namespace otpcore {
namespace {

using Library = i18n::phonenumbers::PhoneNumberUtil;
using Parsed = i18n::phonenumbers::PhoneNumber;
using T = PhoneNumberType;

const Library& Lib() { return *Library::GetInstance(); }

NumberRange RangeOf(const AssignedRange& row) {
  return {std::string(row.region), std::string(row.prefix), row.digits_min, row.digits_max,
          row.type};
}

// Some number of a range.
std::string NumberOf(const NumberRange& range, std::mt19937* random) {
  std::string e164;
  for (size_t at = 0; at < range.prefix.size(); ++at) {
    if (range.prefix[at] != '[') {
      e164 += range.prefix[at];
      continue;
    }
    std::string choices;
    for (++at; range.prefix[at] != ']'; ++at) {
      if (range.prefix[at] == '-') {
        for (char c = range.prefix[at - 1]; c != range.prefix[at + 1];) choices += ++c;
        ++at;
      } else {
        choices += range.prefix[at];
      }
    }
    e164 += choices[(*random)() % choices.size()];
  }
  while (e164.size() <= static_cast<size_t>(range.digits_max))
    e164 += static_cast<char>('0' + (*random)() % 10);
  return e164;
}

// Whether the library alone calls the numbers of a range valid: all of a sample, in the region.
bool IsKnownToTheLibrary(const NumberRange& range) {
  std::mt19937 random(20261130);
  for (int i = 0; i < 40; ++i) {
    Parsed parsed;
    std::string region;
    if (Lib().Parse(NumberOf(range, &random), "ZZ", &parsed) != Library::NO_PARSING_ERROR)
      return false;
    Lib().GetRegionCodeForNumber(parsed, &region);
    if (!Lib().IsValidNumber(parsed) || region != range.region) return false;
  }
  return true;
}

TEST(NumberRanges, HoldEveryAreaCodeOfTheUsAndCanadaInService) {  // N-06, S-17
  // In service by the end of 2026 (NANPA), and unknown to libphonenumber 8.12.57.
  for (const char* area :
       {"227", "235", "274", "324", "327", "329", "350", "353", "357", "363", "369", "436",
        "457", "465", "471", "472", "483", "557", "621", "624", "645", "679", "686", "728",
        "729", "730", "738", "748", "821", "835", "837", "861", "924", "975", "983"}) {
    const auto number = ParseE164("+1" + std::string(area) + "2345678");
    ASSERT_TRUE(number) << area;
    EXPECT_EQ(number->region.view(), "US") << area;
    EXPECT_EQ(number->type, T::kFixedLineOrMobile) << area;
    EXPECT_FALSE(ParseE164("+1" + std::string(area) + "1345678")) << "no exchange begins with 1";
  }
  for (const char* area : {"257", "273", "354", "382", "428", "683", "879", "942"}) {
    const auto number = ParseE164("+1" + std::string(area) + "2345678");
    ASSERT_TRUE(number) << area;
    EXPECT_EQ(number->region.view(), "CA") << area;
    // Not by its dial code either.
    EXPECT_EQ(
        ParseE164("+1" + std::string(area) + "2345678", PhoneNumberCheck::kPossible)->region.view(),
        "CA");
  }
  EXPECT_FALSE(ParseE164("+12002345678")) << "an area code that is not in service";
}

TEST(NumberRanges, HoldBeninsTenDigitsAndNewMobileRanges) {  // N-06
  const auto benin = ParseE164("+2290190123456");
  ASSERT_TRUE(benin);
  EXPECT_EQ(benin->region.view(), "BJ");
  EXPECT_EQ(benin->type, T::kMobile);
  EXPECT_EQ(ParseE164("+2290120123456")->type, T::kFixedLine);
  EXPECT_FALSE(ParseE164("+229019012345"));
  EXPECT_EQ(ParseE164("+4915310123456")->region.view(), "DE");
  EXPECT_EQ(ParseE164("+46781234567")->region.view(), "SE");
  EXPECT_EQ(ParseE164("+818012345678")->region.view(), "JP");
}

TEST(NumberRanges, EveryRowMakesSenseAndItsNumbersAreRead) {  // N-06
  const std::regex date(R"(20(2[2-9])-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))");
  std::set<std::string> seen;
  std::mt19937 random(20261130);
  std::string before;
  for (const AssignedRange& row : BuiltInNumberRanges()) {
    const NumberRange range = RangeOf(row);
    EXPECT_EQ(ProblemWithRange(range), std::nullopt) << row.prefix;
    EXPECT_TRUE(std::regex_match(std::string(row.since), date)) << row.prefix;
    EXPECT_FALSE(row.source.empty()) << row.prefix;
    EXPECT_TRUE(seen.insert(range.prefix + " " + std::to_string(range.digits_min)).second)
        << row.prefix;
    EXPECT_LE(before, range.region) << "the rows stand by region";
    before = range.region;
    for (int i = 0; i < 10; ++i) {
      const std::string number = NumberOf(range, &random);
      const auto read = ParseE164(number);
      ASSERT_TRUE(read) << number;
      EXPECT_EQ(read->e164.view(), number);
      EXPECT_EQ(read->region.view(), row.region) << number;
      const auto found = FindNumberRange(number);
      ASSERT_TRUE(found) << number;
      EXPECT_EQ(found->region, row.region) << number << " is in two rows";
    }
  }
  EXPECT_GT(BuiltInNumberRanges().size(), 600u);
}

// For whoever upgrades libphonenumber: a row that is printed can go when no older library is
// supported any more.
TEST(NumberRanges, SayWhichRowsTheLibraryHasLearned) {  // N-06
  EXPECT_TRUE(IsKnownToTheLibrary({"US", "+1415[2-9]", 11, 11, T::kFixedLineOrMobile}));
  EXPECT_FALSE(IsKnownToTheLibrary({"CA", "+1415[2-9]", 11, 11, T::kFixedLineOrMobile}));
  EXPECT_FALSE(IsKnownToTheLibrary({"US", "+1200[2-9]", 11, 11, T::kFixedLineOrMobile}));
  size_t known = 0;
  for (const AssignedRange& row : BuiltInNumberRanges()) {
    if (!IsKnownToTheLibrary(RangeOf(row))) continue;
    ++known;
    std::printf("superfluous: %s %s\n", std::string(row.region).c_str(),
                std::string(row.prefix).c_str());
  }
  std::printf("%zu of %zu rows are superfluous with this libphonenumber\n", known,
              BuiltInNumberRanges().size());
}

TEST(NumberRanges, APolicyAddsItsOwn) {  // N-06
  Policy policy;
  EXPECT_FALSE(ParseE164("+12002345678", policy));
  policy.number_ranges = {{"CA", "+1200[2-57]", 11, 11, T::kMobile},
                          {"US", "+1200", 11, 11, T::kVoip}};
  const auto number = ParseE164("+12002345678", policy);
  ASSERT_TRUE(number);
  EXPECT_EQ(number->region.view(), "CA") << "the first that holds it";
  EXPECT_EQ(number->type, T::kMobile);
  EXPECT_EQ(ParseE164("+12006345678", policy)->region.view(), "US");
  EXPECT_EQ(ParseE164("+12007345678", policy)->region.view(), "CA");
  EXPECT_FALSE(ParseE164("+120023456789", policy));
  // It comes before the library's table, and never before the metadata.
  policy.number_ranges = {{"CA", "+1324", 11, 11, T::kMobile}, {"CA", "+1415", 11, 11, T::kMobile}};
  EXPECT_EQ(ParseE164("+13242345678", policy)->region.view(), "CA");
  EXPECT_EQ(ParseE164("+14152345678", policy)->region.view(), "US");
  // Of several lengths, and of a country code that the library does not know.
  policy.number_ranges = {{"XY", "+21055", 9, 11, T::kMobile}};
  for (const char* text : {"+210551234", "+2105512345", "+21055123456"})
    EXPECT_EQ(ParseE164(text, policy)->e164.view(), text);
  EXPECT_FALSE(ParseE164("+21055123", policy));
  EXPECT_FALSE(ParseE164("+210551234567", policy));
  EXPECT_EQ(ParseImported("+210551234", policy)->region.view(), "XY");
}

TEST(NumberRanges, OfAPolicyThatNobodyCheckedDoNoHarm) {  // N-06
  Policy policy;
  for (const char* prefix :
       {"", "+", "[", "+[", "+1[", "+1[2-", "+1[2", "+1[9-2]", "+1[29-3]00", "+1[]", "+1[-",
        "+1[2--9]", "+12x", "12", "+1]2", "+1200[2-9]]", "+1200[[2-9]"}) {
    policy.number_ranges = {{"US", prefix, 11, 11, T::kMobile}};
    EXPECT_EQ(ParseE164("+12002345678", policy).has_value(), std::string(prefix) == "+") << prefix;
    EXPECT_TRUE(ProblemWithRange(policy.number_ranges.front())) << prefix;
  }
  policy.number_ranges = {{"XY", "+2105512345", 8, 15, T::kMobile}};
  EXPECT_TRUE(ParseE164("+2105512345", policy));
  const std::string_view whole = "+2105512345";
  EXPECT_TRUE(FindNumberRange(whole, &policy.number_ranges));
  EXPECT_FALSE(FindNumberRange(whole.substr(0, 10), &policy.number_ranges))
      << "what stands behind the number is not read";
  policy.number_ranges = {{"LONG", "+1200", 11, 11, T::kMobile}};
  EXPECT_FALSE(ParseE164("+12002345678", policy)) << "a region of four letters is none";
  for (const T type : {T::kPremiumRate, T::kUnknown, static_cast<T>(99)}) {
    policy.number_ranges = {{"US", "+1200", 11, 11, type}};
    EXPECT_FALSE(ParseE164("+12002345678", policy));
  }
}

TEST(Config, RefusesRangesThatMakeNoSense) {  // N-06, L-09
  const auto problem_of = [](NumberRange range) {
    Policy policy;
    policy.number_ranges = {std::move(range)};
    std::string problem;
    return Config::Create(policy, TestKeys(), {}, &problem) != nullptr ? "" : problem;
  };
  EXPECT_EQ(problem_of({"US", "+1200[2-9]", 11, 11, T::kMobile}), "");
  EXPECT_EQ(problem_of({"US", "+12", 8, 15, T::kFixedLine}), "");
  const std::pair<const char*, NumberRange> cases[] = {
      {"region that is not known", {"XX", "+1200", 11, 11, T::kMobile}},
      {"region that is not known", {"", "+1200", 11, 11, T::kMobile}},
      {"must be '+' and digits", {"US", "1200", 11, 11, T::kMobile}},
      {"must be '+' and digits", {"US", "+1200N", 11, 11, T::kMobile}},
      {"must begin with the region's country code, +1.", {"US", "+2290", 11, 11, T::kMobile}},
      {"whole country code", {"US", "+1", 11, 11, T::kMobile}},
      {"digits_min", {"US", "+1200", 0, 0, T::kMobile}},
      {"digits_min", {"US", "+1200", 7, 11, T::kMobile}},
      {"digits_min", {"US", "+1200", 11, 16, T::kMobile}},
      {"digits_min", {"US", "+1200", 12, 11, T::kMobile}},
      {"digits_min", {"US", "+120012345", 8, 11, T::kMobile}},
      {"nobody receives a passcode", {"US", "+1200", 11, 11, T::kTollFree}},
      {"nobody receives a passcode", {"US", "+1200", 11, 11, T::kUnknown}},
  };
  for (const auto& [words, range] : cases) {
    const std::string problem = problem_of(range);
    EXPECT_NE(problem.find(words), std::string::npos) << range.prefix << ": " << problem;
    EXPECT_EQ(problem.empty() ? ' ' : problem.back(), '.');
  }
  Policy policy;
  policy.number_ranges.assign(kNumberRangesMax, {"US", "+1200", 11, 11, T::kMobile});
  EXPECT_NE(Config::Create(policy, TestKeys()), nullptr);
  policy.number_ranges.push_back(policy.number_ranges.front());
  EXPECT_EQ(Config::Create(policy, TestKeys()), nullptr);
}

}  // namespace
}  // namespace otpcore
