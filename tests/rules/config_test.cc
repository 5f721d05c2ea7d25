// SPDX-License-Identifier: Apache-2.0
// Configuration that makes no sense is refused when it is built (L-09, G-04, G-05), and small
// things that have a name on the wire or in a log.
#include <gtest/gtest.h>

#include "fixture.h"

namespace otpcore {
namespace {

std::string ProblemOf(const MessageConfig& config) {
  MessageRenderer renderer;
  std::string problem;
  return MessageRenderer::Create(config, &renderer, &problem) ? "" : problem;
}

TEST(Config, NeedsAKeyAndMessagesThatFit) {  // R-03, G-04
  std::string problem;
  EXPECT_EQ(Config::Create(Policy::Default(), KeyRing(), {}, &problem), nullptr);
  EXPECT_NE(problem.find("key ring is empty"), std::string::npos);
  MessageConfig message;
  message.brand = "";
  EXPECT_EQ(Config::Create(Policy::Default(), TestKeys(), message, &problem), nullptr);
  EXPECT_NE(problem.find("brand"), std::string::npos);
  // Who does not ask for the reason gets none.
  EXPECT_EQ(Config::Create(Policy::Default(), KeyRing()), nullptr);
  EXPECT_NE(Config::Create(Policy::Default(), TestKeys()), nullptr);
}

TEST(Config, RefusesAKeyThatWasNeverFilled) {  // R-03
  std::string problem;
  EXPECT_EQ(Config::Create(Policy::Default(), KeyRing(1, DigestKey()), {}, &problem), nullptr);
  EXPECT_NE(problem.find("all zeros"), std::string::npos);
  // One that is only there to check older digests with, too.
  KeyRing keys(1, DigestKey());
  keys.Add(2, DigestKey(std::array<uint8_t, 32>{0, 1}));
  EXPECT_EQ(Config::Create(Policy::Default(), std::move(keys)), nullptr);
  EXPECT_NE(Config::Create(Policy::Default(), KeyRing(2, DigestKey(std::array<uint8_t, 32>{0, 1}))),
            nullptr);
}

TEST(Config, KeepsSealingKeysApart) {  // TO-23, TO-07
  const auto problem_of = [](const std::array<uint8_t, 32>& sealing, const std::string& issuer) {
    std::array<uint8_t, 32> digest{};
    digest[0] = 7;
    Policy policy;
    policy.totp_issuer = issuer;
    std::string problem;
    const auto config = Config::Create(policy, KeyRing(1, DigestKey(digest)),
                                       SealingKeyRing(2, SealingKey(sealing)), {}, &problem);
    EXPECT_EQ(config == nullptr, !problem.empty());
    if (config != nullptr) {
      EXPECT_EQ(config->sealing_keys().current_id(), 2u);
    }
    return problem;
  };
  EXPECT_EQ(problem_of({9}, "Acme"), "");
  EXPECT_EQ(problem_of({9}, ""), "");
  EXPECT_NE(problem_of({7}, "Acme").find("also a digest key"), std::string::npos);
  EXPECT_NE(problem_of({}, "Acme").find("all zeros"), std::string::npos);
  EXPECT_NE(problem_of({9}, "Acme: Bank").find("colon"), std::string::npos);
  EXPECT_TRUE(testing::TestConfig()->sealing_keys().empty());
}

TEST(Config, SendsNobodyTheDefaultBrand) {  // G-04
  Policy policy;
  policy.environment = Environment::kLive;
  std::string problem;
  EXPECT_EQ(Config::Create(policy, TestKeys(), {}, &problem), nullptr);
  EXPECT_NE(problem.find("brand is still the default"), std::string::npos);
  MessageConfig message;
  message.brand = "Acme";
  EXPECT_NE(Config::Create(policy, TestKeys(), message), nullptr);
}

TEST(KeyRing, KeepsTheNewestAsTheCurrentKeyAndEachIdOnce) {  // R-03
  KeyRing keys;
  EXPECT_EQ(keys.current_id(), 0u);
  keys.Add(1, DigestKey());
  keys.Add(2, DigestKey());
  EXPECT_EQ(keys.current_id(), 2u);
  keys.Add(1, DigestKey(std::array<uint8_t, 32>{5}));
  EXPECT_EQ(keys.current_id(), 1u);
  EXPECT_EQ(keys.Find(1)->Reveal(SecretAccess("a test"))[0], 5);
  keys.Remove(1);
  EXPECT_EQ(keys.Find(1), nullptr);
  EXPECT_NE(keys.Find(2), nullptr);
  EXPECT_EQ(keys.current_id(), 2u);
}

TEST(MessageConfig, TakesHostNamesAsDnsHasThem) {  // G-04
  const std::string label(63, 'a');
  const auto takes = [](const std::string& host) {
    MessageConfig config;
    config.web_otp_host = host;
    const std::string problem = ProblemOf(config);
    return problem.find("web_otp_host") == std::string::npos;
  };
  EXPECT_TRUE(takes("a"));
  EXPECT_TRUE(takes("9.example.com"));
  EXPECT_TRUE(takes("a-0.z9"));
  EXPECT_TRUE(takes(label + ".com"));
  EXPECT_FALSE(takes(label + "a.com"));
  EXPECT_FALSE(takes("a-.com"));
  EXPECT_FALSE(takes("a-"));
  EXPECT_FALSE(takes("-a"));
  EXPECT_FALSE(takes("a."));
  EXPECT_FALSE(takes(".a"));
  EXPECT_FALSE(takes("a..b"));
  EXPECT_FALSE(takes("A.com"));
  EXPECT_FALSE(takes("a{b"));
  EXPECT_FALSE(takes("a:80"));
  EXPECT_FALSE(takes("a/b"));
  // 253 bytes in all: longer is no host name, and as long as that is too long for three segments.
  std::string host = label + "." + label + "." + label + "." + std::string(61, 'a');
  EXPECT_EQ(host.size(), 253u);
  EXPECT_TRUE(takes(host));
  EXPECT_FALSE(takes(host + "a"));
}

TEST(MessageConfig, TakesAnAndroidHashOfElevenCharacters) {  // G-02
  const auto takes = [](const char* hash) {
    MessageConfig config;
    config.android_app_hash = hash;
    return ProblemOf(config).empty();
  };
  EXPECT_TRUE(takes("FA+9qCX9/Su"));
  EXPECT_FALSE(takes("FA+9qCX9/S"));
  EXPECT_FALSE(takes("FA+9qCX9/Sux"));
  EXPECT_FALSE(takes("FA-9qCX9/Su"));
}

TEST(MessageConfig, RefusesTemplatesThatLieOrDoNotFit) {  // G-05
  const auto problem = [](const std::string& text, std::string brand = "Example") {
    MessageConfig config;
    config.brand = std::move(brand);
    config.templates[0] = text;
    return ProblemOf(config);
  };
  EXPECT_EQ(problem("{code} for {brand}"), "");
  EXPECT_NE(problem("{code}\n@evil.example #1"), "");
  EXPECT_NE(problem("{code}\xE2\x80\xAE"), "");
  EXPECT_NE(problem("@{code}"), "");
  EXPECT_NE(problem("{code} {"), "");
  EXPECT_NE(problem("{code} }"), "");
  EXPECT_NE(problem("{code} {x}"), "");
  EXPECT_NE(problem("{brand} {brand} {code}"), "");
  // Three segments of 153 septets, and not one more; two-byte characters fill 640 bytes first.
  const size_t most = 3 * 153 - 11;  // ten digits and the space before them
  EXPECT_EQ(problem(std::string(most, 'x') + " {code}"), "");
  EXPECT_NE(problem(std::string(most + 1, 'x') + " {code}"), "");
  EXPECT_NE(problem(std::string(641, 'x') + " {code}"), "");
  EXPECT_NE(problem("{code}", std::string(65, 'b')), "");
  EXPECT_EQ(problem("{code}", std::string(64, 'b')), "");
  EXPECT_NE(problem("{code}", "www.example"), "");
  EXPECT_NE(problem("{code}", "x://y"), "");
}

TEST(Locale, ANumberThatIsNoneHasNoNameAndReadsEnglish) {  // S-18
  const auto none = static_cast<Locale>(kLocaleCount);
  EXPECT_EQ(LocaleName(none), "");
  EXPECT_EQ(LocaleName(Locale::kCs), "cs");
  const auto config = TestConfig();
  const SecretAccess access("a test");
  EXPECT_EQ(config->renderer().Render(Channel::kSms, none, "123456", 2).Reveal(access),
            config->renderer().Render(Channel::kSms, Locale::kEn, "123456", 2).Reveal(access));
}

TEST(WireNames, AreThoseOfTheApi) {  // C-03
  EXPECT_EQ(WireName(MemberStatus::kPending), "pending");
  EXPECT_EQ(WireName(MemberStatus::kInvited), "invited");
  EXPECT_EQ(WireName(MemberStatus::kActive), "active");
  EXPECT_EQ(WireName(MemberStatus::kDeleted), "deleted");
  EXPECT_EQ(WireName(static_cast<MemberStatus>(99)), "");
  EXPECT_EQ(WireName(MfaMethod::kNone), "");
  EXPECT_EQ(WireName(MfaMethod::kSmsOtp), "sms_otp");
  EXPECT_EQ(WireName(MfaMethod::kTotp), "totp");
  EXPECT_EQ(WireName(static_cast<MfaMethod>(99)), "");
  EXPECT_EQ(WireName(MfaPolicy::kOptional), "OPTIONAL");
  EXPECT_EQ(WireName(MfaPolicy::kRequiredForAll), "REQUIRED_FOR_ALL");
  EXPECT_EQ(WireName(MfaMethods::kAllAllowed), "ALL_ALLOWED");
  EXPECT_EQ(WireName(MfaMethods::kRestricted), "RESTRICTED");
  EXPECT_EQ(NameOf(EnrollmentState::kNone), "none");
  EXPECT_EQ(NameOf(EnrollmentState::kPending), "pending");
  EXPECT_EQ(NameOf(EnrollmentState::kVerified), "verified");
  EXPECT_EQ(NameOf(static_cast<EnrollmentState>(99)), "unknown");
  EXPECT_EQ(NameOf(EnrollmentEvent::kClaimLost), "claim lost");
  EXPECT_EQ(NameOf(static_cast<EnrollmentEvent>(kEnrollmentEventCount)), "unknown");
  EXPECT_EQ(NameOf(static_cast<EnrollmentEvent>(99)), "unknown");
  EXPECT_EQ(Describe(ErrorCode::kOk).error_type, "");
  EXPECT_EQ(ErrorUrl(ErrorCode::kInvalidId, "https://e.org/"), "https://e.org/invalid_id");
  EXPECT_EQ(ErrorUrl(ErrorCode::kInvalidId, "https://e.org"), "https://e.org/invalid_id");
}

TEST(EventNames, AreThoseOfTheAuditLog) {  // V-01
  const std::pair<EventKind, const char*> names[] = {
      {EventKind::kSent, "sent"},
      {EventKind::kDeliveryFailed, "delivery_failed"},
      {EventKind::kAuthenticated, "authenticated"},
      {EventKind::kFailure, "failure"},
      {EventKind::kChallengeDead, "challenge_dead"},
      {EventKind::kLocked, "locked"},
      {EventKind::kUnlocked, "unlocked"},
      {EventKind::kNumberLinked, "number_linked"},
      {EventKind::kNumberVerified, "number_verified"},
      {EventKind::kNumberUnlinked, "number_unlinked"},
      {EventKind::kEnrolled, "enrolled"},
      {EventKind::kUnenrolled, "unenrolled"},
      {EventKind::kRefusedByLimit, "refused_by_limit"},
      {EventKind::kClockAnomaly, "clock_anomaly"},
      {EventKind::kSpraying, "spraying"},
      {EventKind::kMfaSmsNotSent, "mfa_sms_not_sent"},
      {EventKind::kCreated, "created"},
      {EventKind::kTotpCreated, "totp_created"},
      {EventKind::kTotpActivated, "totp_activated"},
      {EventKind::kTotpExpired, "totp_expired"},
      {EventKind::kTotpDeleted, "totp_deleted"},
      {EventKind::kKeyMissing, "key_missing"},
      {EventKind::kNumberTaken, "number_taken"},
      {EventKind::kDeviceKnown, "device_known"},
      {EventKind::kDeviceForgotten, "device_forgotten"},
      {EventKind::kMfaSpared, "mfa_spared"},
      {EventKind::kDefaultMethodChanged, "default_method_changed"},
      {EventKind::kBreakglassChanged, "breakglass_changed"},
      {EventKind::kEmailChanged, "email_changed"},
      {EventKind::kNameChanged, "name_changed"},
      {EventKind::kExternalIdChanged, "external_id_changed"},
      {EventKind::kActivated, "activated"},
      {EventKind::kDeleted, "deleted"},
      {EventKind::kReactivated, "reactivated"},
      {EventKind::kPurged, "purged"},
      {EventKind::kTotpSet, "totp_set"},
      {EventKind::kTotpCleared, "totp_cleared"},
      {EventKind::kTotpCodeReused, "totp_code_reused"},
      {EventKind::kUpdated, "updated"},
      {EventKind::kOrganizationCreated, "organization_created"},
      {EventKind::kOrganizationDeleted, "organization_deleted"},
      {EventKind::kOrganizationPolicyChanged, "organization_policy_changed"},
      {EventKind::kOrganizationMethodsChanged, "organization_methods_changed"},
      {EventKind::kOrganizationNamesChanged, "organization_names_changed"},
      {EventKind::kDiscoverySent, "discovery_sent"},
      {EventKind::kDiscoveryAuthenticated, "discovery_authenticated"},
      {EventKind::kDiscoveryPurged, "discovery_purged"},
      {EventKind::kSessionExchanged, "session_exchanged"},
      {EventKind::kPhoneChangeStarted, "phone_change_started"},
      {EventKind::kPhoneChanged, "phone_changed"},
      {EventKind::kPhoneChangeDropped, "phone_change_dropped"},
      {static_cast<EventKind>(0), "unknown"},
      {static_cast<EventKind>(200), "unknown"},
  };
  for (const auto& [kind, name] : names) EXPECT_EQ(NameOf(kind), name);
}

TEST(Policy, NamesRegionsInCapitalsOnly) {  // S-16
  Policy policy;
  for (const char* region : {"us", "U1", "1S", "USA", "U", "", "[A", "A@"}) {
    policy.unsupported_regions = {region};
    EXPECT_TRUE(policy.Problem()) << region;
  }
  policy.unsupported_regions = {"AZ"};
  EXPECT_FALSE(policy.Problem());
}

TEST(IsGeneratedId, NeedsEveryCharacterInItsPlace) {  // C-02
  const std::string id = "member-test-01234567-89ab-4cde-8f01-23456789abcd";
  EXPECT_TRUE(IsGeneratedId(id));
  for (size_t i = 0; i < id.size(); ++i) {
    std::string changed = id;
    changed[i] = 'z';
    EXPECT_FALSE(IsGeneratedId(changed)) << i;
  }
  EXPECT_FALSE(IsGeneratedId(id + "0"));
  EXPECT_FALSE(IsGeneratedId(id.substr(1)));
  EXPECT_FALSE(IsGeneratedId(id.substr(12)));
  EXPECT_FALSE(IsGeneratedId(id.substr(0, id.size() - 1)));
}

TEST(WarmUp, LeavesNumbersAsTheyWere) {
  WarmUpPhoneNumbers();
  EXPECT_EQ(ParseE164("+14155550123")->region.view(), "US");
}

TEST(LockRule, HasAName) {  // V-01
  EXPECT_EQ(NameOf(LockRule::kNone), "");
  EXPECT_EQ(NameOf(LockRule::kFailuresInARow), "failures_in_a_row");
  EXPECT_EQ(NameOf(LockRule::kFailuresSinceSuccess), "failures_since_success");
  EXPECT_EQ(NameOf(LockRule::kRollingFailures), "rolling_failures");
  EXPECT_EQ(NameOf(static_cast<LockRule>(99)), "unknown");
}

}  // namespace
}  // namespace otpcore
