// SPDX-License-Identifier: Apache-2.0
#include "policy_file.h"

#include <gmock/gmock.h>

#include <chrono>
#include <fstream>

#include "policy_commands.h"

namespace otpcore {
namespace {

using otpcore_tool::CheckPolicy;
using otpcore_tool::ParsePolicy;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> ProblemsOf(const char* json) {
  Policy policy;
  return ParsePolicy(json, &policy);
}

TEST(PolicyFile, SetsFieldsOverItsBase) {
  Policy policy;
  ASSERT_THAT(ParsePolicy(R"({
    "sends_max": 4, "email_rolling_lock": "36 h", "success_per_year_max": 1e-4, "base": "strict",
    "recovery_codes_readable": true, "allowed_regions": ["GB", "DE"], "totp_algorithm": "SHA256",
    "number_ranges": [{"region": "BJ", "prefix": "+22901[4-69]", "digits_min": 13, "digits_max": 13,
                       "type": "mobile"}],
    "sandbox_numbers": [{"number": "+447400123456", "code": "00000000",
                         "until": "2027-01-01T00:00:00Z"}]})",
                          &policy),
              IsEmpty());
  EXPECT_EQ(policy.passcode_digits, Policy::Strict().passcode_digits);
  EXPECT_EQ(policy.sends_max, 4);
  EXPECT_EQ(policy.email_rolling_lock, std::chrono::hours(36));
  EXPECT_EQ(policy.success_per_year_max, 1e-4);
  EXPECT_TRUE(policy.recovery_codes_readable);
  EXPECT_THAT(policy.allowed_regions, ElementsAre("GB", "DE"));
  EXPECT_EQ(policy.totp.algorithm, TotpAlgorithm::kSha256);
  ASSERT_EQ(policy.number_ranges.size(), 1u);
  EXPECT_EQ(policy.number_ranges[0].prefix, "+22901[4-69]");
  ASSERT_EQ(policy.sandbox_numbers.size(), 1u);
  EXPECT_EQ(FormatRfc3339(policy.sandbox_numbers[0].until), "2027-01-01T00:00:00.000Z");
  EXPECT_THAT(ParsePolicy("{}", &policy), IsEmpty());
  EXPECT_EQ(policy.passcode_digits, Policy::Default().passcode_digits);
}

TEST(PolicyFile, SaysEachProblemByItsField) {
  EXPECT_THAT(ProblemsOf(R"({"sends_maximum": 4, "sends_max": "4", "rolling_lock": 48})"),
              ElementsAre("rolling_lock is 48; it must be a text of a whole number and its unit: "
                          "ms, s, min, h or d, such as \"48 h\".",
                          "sends_max is \"4\"; it must be a whole number.",
                          "\"sends_maximum\" is no field of a policy."));
}

TEST(PolicyFile, RefusesWhatItCannotRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "not JSON"},
      {"{\"sends_max\": 4,}", "not JSON"},
      {"[]", "must be an object"},
      {R"({"base": "lax"})", "base is \"lax\""},
      {R"({"base": null})", "base is null"},
      {R"({"sends_max": 4, "sends_max": 5})", "sends_max is there twice"},
      {R"({"sends_max": 4.0})", "sends_max is 4.0"},
      {R"({"sends_max": 99999999999})", "sends_max is 99999999999"},
      {R"({"sends_max": null})", "sends_max is null"},
      {R"({"rolling_lock": "48"})", "rolling_lock is \"48\""},
      {R"({"rolling_lock": "48 m"})", "rolling_lock is \"48 m\""},
      {R"({"rolling_lock_ms": 48})", "\"rolling_lock_ms\" is no field"},
      {R"({"environment": "prod"})", "environment is \"prod\""},
      {R"({"replace_pending_number": "true"})", "replace_pending_number is \"true\""},
      {R"({"allowed_regions": "GB"})", "allowed_regions is \"GB\"; it must be a list"},
      {R"({"allowed_regions": [""]})", "allowed_regions has an entry that is none: \"\""},
      {R"({"number_types": ["pager"]})", "number_types has an entry that is none: \"pager\""},
      {R"({"sandbox_numbers": [{"number": "+14155550123", "code": "000000"}]})",
       "an entry is an object with number,code,until"},
      {R"({"sandbox_numbers": [{"number": "+1,2", "code": "1", "until": 1}]})",
       "sandbox_numbers has an entry that is none"},
  };
  for (const auto& [json, problem] : cases)
    EXPECT_THAT(ProblemsOf(json), ElementsAre(HasSubstr(problem))) << json;
}

class PolicyCommands : public ::testing::Test {
 protected:
  std::string Write(const std::string& json) {
    const std::string path = ::testing::TempDir() + "policy_" +
                             ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::ofstream(path) << json;
    return path;
  }
};

TEST_F(PolicyCommands, CheckSaysWhatConfigSays) {  // L-09
  EXPECT_THAT(CheckPolicy("default"), IsEmpty());
  EXPECT_THAT(CheckPolicy("strict"), IsEmpty());
  EXPECT_THAT(CheckPolicy(Write(R"({"environment": "live", "totp_issuer": "Acme"})")), IsEmpty());
  EXPECT_THAT(CheckPolicy(Write(R"({"sends_max": 20})")),
              ElementsAre("sends_max is 20; it must be from 1 to 16."));
  EXPECT_THAT(CheckPolicy(Write(R"({"email_rolling_lock": "5 min"})")),
              ElementsAre(HasSubstr("lower email_rolling_failures")));
  EXPECT_THAT(CheckPolicy(Write(R"({"allowed_regions": ["XX"]})")), ElementsAre(HasSubstr("XX")));
  EXPECT_THAT(CheckPolicy("/no/such/file"), ElementsAre("/no/such/file cannot be read."));
  EXPECT_THAT(CheckPolicy("/"), ElementsAre("/ cannot be read."));
}

TEST_F(PolicyCommands, BoundShowsWhatItIsMadeOf) {  // L-09, L-10
  const Policy policy;
  const std::string none = otpcore_tool::ShowBound(policy, {});
  EXPECT_THAT(
      none,
      HasSubstr("guesses at second factors: " + std::to_string(GuessesPerYear(policy)) + "\n"));
  EXPECT_THAT(none, HasSubstr("guesses at passcodes by e-mail: " +
                              std::to_string(EmailGuessesPerYear(policy)) + "\n"));
  EXPECT_THAT(none, HasSubstr("one more restore of the store adds guesses: 26, by e-mail 30\n"));
  Exposure exposure;
  exposure.restores_per_year = 3;
  EXPECT_THAT(otpcore_tool::ShowBound(policy, exposure),
              HasSubstr("guesses at second factors: " +
                        std::to_string(GuessesPerYear(policy) + 3 * 26) + "\n"));
}

TEST_F(PolicyCommands, BoundIsShownOfWhatIsInRange) {
  Policy policy;
  EXPECT_EQ(otpcore_tool::ProblemBesideBound(policy), std::nullopt);
  policy.email_rolling_lock = std::chrono::minutes(5);
  policy.passcode_digits = 4;
  EXPECT_NE(policy.Problem(), std::nullopt);
  EXPECT_EQ(otpcore_tool::ProblemBesideBound(policy), std::nullopt) << "only the bound is wrong";
  policy.passcode_digits = 3;
  EXPECT_NE(otpcore_tool::ProblemBesideBound(policy), std::nullopt);
  policy.passcode_digits = 6;
  policy.rolling_lock = Duration(0);  // the bound divides by it
  EXPECT_NE(otpcore_tool::ProblemBesideBound(policy), std::nullopt);
}

}  // namespace
}  // namespace otpcore
