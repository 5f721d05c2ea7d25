// SPDX-License-Identifier: Apache-2.0
#include "otpcore/model/policy_fields.h"

#include <gmock/gmock.h>

#include <chrono>
#include <string>

#include "model/field_text.h"

namespace otpcore {
namespace {

using std::chrono::hours;

TEST(PolicyFields, SetsEachKind) {
  Policy policy;
  const std::pair<const char*, const char*> good[] = {
      {"environment", "live"},
      {"sends_max", "7"},
      {"success_per_year_max", "1e-4"},
      {"email_rolling_lock", "36 h"},
      {"rolling_window", "7d"},
      {"replace_pending_number", "true"},
      {"allowed_regions", ""},
      {"allowed_regions", "GB"},
      {"totp_digits", "8"},
      {"totp_back", "1"},
      {"sandbox_numbers", "+14155550123,000000,2027-01-01T00:00:00Z"},
      {"sandbox_addresses", "ada@example.com,000000,1798761600000"},
      {"number_ranges", "BJ,+22901[4-69],13,13,mobile"},
  };
  for (const auto& [name, text] : good)
    EXPECT_EQ(SetPolicyField(name, text, &policy), FieldOutcome::kSet) << name;
  EXPECT_EQ(policy.environment, Environment::kLive);
  EXPECT_EQ(policy.sends_max, 7);
  EXPECT_EQ(policy.success_per_year_max, 1e-4);
  EXPECT_EQ(policy.email_rolling_lock, hours(36));
  EXPECT_EQ(policy.rolling_window, hours(24 * 7));
  EXPECT_TRUE(policy.replace_pending_number);
  EXPECT_EQ(policy.allowed_regions, std::vector<std::string>{"GB"});
  EXPECT_EQ(policy.totp.digits, 8);
  EXPECT_EQ(policy.totp_window.back, 1);
  ASSERT_EQ(policy.sandbox_numbers.size(), 1u);
  ASSERT_EQ(policy.sandbox_addresses.size(), 1u);
  EXPECT_EQ(FormatRfc3339(policy.sandbox_numbers[0].until), "2027-01-01T00:00:00.000Z");
  EXPECT_EQ(policy.sandbox_numbers[0].until, policy.sandbox_addresses[0].until);
  ASSERT_EQ(policy.number_ranges.size(), 1u);
  EXPECT_EQ(policy.number_ranges[0].digits_max, 13);
}

TEST(PolicyFields, SetsEachValueOfAChoice) {
  Policy policy;
  const auto set = [&](const char* name, const char* text) {
    return SetPolicyField(name, text, &policy) == FieldOutcome::kSet;
  };
  ASSERT_TRUE(set("environment", "live") && set("environment", "test"));
  EXPECT_EQ(policy.environment, Environment::kTest);
  ASSERT_TRUE(set("replace_pending_number", "true") && set("replace_pending_number", "false"));
  EXPECT_FALSE(policy.replace_pending_number);
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha512, TotpAlgorithm::kSha256, TotpAlgorithm::kSha1}) {
    ASSERT_TRUE(set("totp_algorithm", std::string(WireName(algorithm)).c_str()));
    EXPECT_EQ(policy.totp.algorithm, algorithm);
  }
  ASSERT_TRUE(set("number_types", ""));
  for (const char* type : {"mobile", "fixed_line_or_mobile", "fixed_line", "voip"})
    ASSERT_TRUE(set("number_types", type));
  EXPECT_EQ(policy.number_types.size(), 4u);
}

TEST(PolicyFields, ReadsDurationsByTheirUnitOnly) {
  const std::pair<const char*, Duration> good[] = {
      {"90000 ms", Duration(90000)},
      {"90 s", std::chrono::seconds(90)},
      {"3min", std::chrono::minutes(3)},
      {"1 h", hours(1)},
      {"365 d", hours(24 * 365)},
      {"0 s", Duration(0)},
      {"9223372036854775807 ms", Duration(9223372036854775807)},
  };
  Policy policy;
  for (const auto& [text, value] : good) {
    EXPECT_EQ(SetPolicyField("device_life", text, &policy), FieldOutcome::kSet) << text;
    EXPECT_EQ(policy.device_life, value) << text;
  }
  const Policy before = policy;
  for (const char* text : {"", "48", "48 m", "48 H", "1.5 h", "-1 h", "h", " 1 h", "1  h", "1 h ",
                           "9223372036854775807 s", "99999999999999999999 ms"}) {
    EXPECT_EQ(SetPolicyField("device_life", text, &policy), FieldOutcome::kBadValue) << text;
    EXPECT_EQ(policy.device_life, before.device_life) << text;
  }
}

TEST(PolicyFields, RefusesWhatIsNoSuchValueOrName) {
  Policy policy;
  const std::pair<const char*, const char*> bad[] = {
      {"environment", "prod"},
      {"sends_max", "7.0"},
      {"replace_pending_number", "yes"},
      {"totp_algorithm", "MD5"},
      {"sandbox_numbers", "+14155550123"},
      {"sandbox_numbers", "+14155550123,000000"},
      {"sandbox_numbers", "+14155550123,000000,soon"},
      {"sandbox_numbers", "+14155550123,000000,infinite-future"},
      {"sandbox_numbers", "+14155550123,000000,infinite-past"},
      {"sandbox_addresses", "ada@example.com"},
      {"sandbox_addresses", "ada@example.com,000000"},
      {"sandbox_addresses", "ada@example.com,000000,soon"},
      {"number_ranges", "BJ"},
      {"number_ranges", "BJ,+229"},
      {"number_ranges", "BJ,+229,13"},
      {"number_ranges", "BJ,+229,13,13"},
      {"number_ranges", "BJ,+229,few,13,mobile"},
      {"number_ranges", "BJ,+229,13,many,mobile"},
      {"number_ranges", "BJ,+229,13,13,pager"},
      {"number_types", "pager"},
  };
  for (const auto& [name, text] : bad)
    EXPECT_EQ(SetPolicyField(name, text, &policy), FieldOutcome::kBadValue) << name;
  for (const char* name : {"", "sends", "Sends_max", "sends_max ", "device_life_ms", "totp"})
    EXPECT_EQ(SetPolicyField(name, "1", &policy), FieldOutcome::kUnknownName) << name;
}

TEST(FieldText, ReadsDurationsInMillisecondsForOtherLanguages) {
  Duration duration(7);
  EXPECT_FALSE(SetValue("48 h", &duration));
  EXPECT_EQ(duration, Duration(7));
  EXPECT_TRUE(SetValue("90000", &duration));
  EXPECT_EQ(duration, std::chrono::seconds(90));
}

TEST(PolicyFields, AreListedWithTheirKinds) {
  const auto field = [](std::string_view name) {
    for (const PolicyField& one : PolicyFields())
      if (one.name == name) return one;
    return PolicyField();
  };
  EXPECT_EQ(field("environment").kind, PolicyFieldKind::kText);
  EXPECT_EQ(field("recovery_codes_readable").kind, PolicyFieldKind::kBoolean);
  EXPECT_EQ(field("totp_digits").kind, PolicyFieldKind::kInteger);
  EXPECT_EQ(field("success_per_year_max").kind, PolicyFieldKind::kNumber);
  EXPECT_EQ(field("passcode_life").kind, PolicyFieldKind::kDuration);
  EXPECT_EQ(field("allowed_regions").kind, PolicyFieldKind::kList);
  EXPECT_EQ(field("allowed_regions").parts, "");
  EXPECT_EQ(field("sandbox_numbers").parts, "number,code,until");
}

}  // namespace
}  // namespace otpcore
