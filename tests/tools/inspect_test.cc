// SPDX-License-Identifier: Apache-2.0
#include "inspect.h"

#include <cstdio>

#include "fixture.h"
#include "otpcore/testing/authenticator.h"

namespace otpcore {
namespace {

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<uint8_t>(byte)));
    hex += two;
  }
  return hex;
}

class InspectTest : public ::testing::Test {
 protected:
  // The lines of a stored record, or the problem with it.
  std::string Inspect(const RecordKey& key) {
    const auto stored = testing::LoadFrom(world.memory, key);
    std::string text;
    const std::string problem =
        otpcore_tool::Inspect(Hex(key.bytes()), "\\x" + Hex(Protect(key, stored.bytes)),
                              world.config->policy(), world.clock.Now(), &text);
    return problem.empty() ? text : problem;
  }
  bool Has(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
  }

  World world{TotpConfig()};
  testing::AuthenticatorApp app{world.clock};
  Organization organization = world.MakeOrganization();
  Member ada = world.MakeVerifiedMember(organization);
};

TEST_F(InspectTest, ShowsAMemberAndWhatHoldsIt) {  // N-05, L-02
  ASSERT_TRUE(world.Send(ada).ok());
  const std::string code = world.Code();
  auto record = *world.RecordOf(ada);
  record.failures.in_a_row = 9;
  world.Put(record);
  EXPECT_EQ(ErrorTypeOf(world.Authenticate(ada, World::Wrong(code))), "otp_code_not_found");
  const std::string text = Inspect(World::KeyOf(ada));
  EXPECT_TRUE(Has(text, "status: active")) << text;
  EXPECT_TRUE(Has(text, "number: verified"));
  EXPECT_TRUE(Has(text, "number's last digits: " + std::string(kNumber).substr(10)));
  EXPECT_TRUE(Has(text, "passcode's failures: 1"));
  EXPECT_NE(text.find("held by L-02: since "), std::string::npos) << text;
  EXPECT_EQ(text.find(kNumber), std::string::npos);
  EXPECT_EQ(text.find('@'), std::string::npos);
}

TEST_F(InspectTest, ShowsWhatIsRememberedOfAnAddress) {  // EM-25, V-02
  SendDiscoveryPasscodeRequest send;
  send.email_address = "eve@example.com";
  ASSERT_TRUE(world.engine.Run(send).ok());
  AuthenticateDiscoveryPasscodeRequest prove;
  prove.email_address = "eve@example.com";
  prove.code.emplace(World::Wrong(world.Code()));
  EXPECT_EQ(ErrorTypeOf(world.engine.Run(prove)), "otp_code_not_found");
  const std::string text = Inspect(RecordKey::Discovery("eve@example.com"));
  EXPECT_TRUE(Has(text, "passcode: live")) << text;
  EXPECT_TRUE(Has(text, "failures in the budget: 1"));
  EXPECT_TRUE(Has(text, "locked until: -"));
  EXPECT_NE(text.find("may be forgotten from: 2026-01-31"), std::string::npos) << text;
  EXPECT_EQ(text.find('@'), std::string::npos);
  EXPECT_EQ(text.find("held by"), std::string::npos);
  for (int i = 1; i < 5; ++i) ASSERT_TRUE(world.engine.Run(send).ok());
  EXPECT_NE(Inspect(RecordKey::Discovery("eve@example.com")).find("held by EM-24: since "),
            std::string::npos);
}

TEST_F(InspectTest, ShowsEachKindOfRecord) {
  const Member bob = world.MakeTotpMember(organization, &app);
  EXPECT_TRUE(Has(Inspect(World::KeyOf(bob)), "recovery codes left: 10"));
  EXPECT_TRUE(Has(Inspect(World::KeyOf(bob)), "totp: active"));
  EXPECT_TRUE(
      Has(Inspect(RecordKey::Organization(organization.organization_id)), "mfa_policy: OPTIONAL"));
  EXPECT_TRUE(Has(Inspect(RecordKey::PhoneClaim(organization.organization_id, kNumber)),
                  "a number of: " + ada.member_id.str()));
  EXPECT_TRUE(Has(Inspect(RecordKey::MemberEmail(organization.organization_id, ada.email_address)),
                  "a name of: " + ada.member_id.str()));
}

TEST_F(InspectTest, SaysWhatIsWrong) {  // K-12
  const Policy policy;
  std::string text;
  const auto inspect = [&](const std::string& key, const std::string& record) {
    return otpcore_tool::Inspect(key, record, policy, Instant(), &text);
  };
  const std::string key = Hex(World::KeyOf(ada).bytes());
  EXPECT_EQ(inspect("xyz", "00"), "Key and record must be hexadecimal digits.");
  EXPECT_EQ(inspect(key, ""), "Key and record must be hexadecimal digits.");
  EXPECT_EQ(inspect("ff00", "00"), "These bytes are no key of a record.");
  EXPECT_EQ(inspect(key, "00"), "The record cannot be read: record truncated.");
  std::string bytes =
      Protect(World::KeyOf(ada), testing::LoadFrom(world.memory, World::KeyOf(ada)).bytes);
  bytes[20] = static_cast<char>(bytes[20] ^ 1);
  EXPECT_EQ(inspect(key, Hex(bytes)), "The record cannot be read: record corrupted.");
}

}  // namespace
}  // namespace otpcore
