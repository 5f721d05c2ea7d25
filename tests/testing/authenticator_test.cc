// SPDX-License-Identifier: Apache-2.0
#include "otpcore/testing/authenticator.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace otpcore {
namespace testing {
namespace {

constexpr char kSeed[] = "12345678901234567890";

TotpSecret Seed(size_t size = 20) {
  std::string seed;
  while (seed.size() < size) seed += kSeed;
  return TotpSecret(reinterpret_cast<const uint8_t*>(seed.data()), size);
}

std::string UriOf(std::string_view issuer, std::string_view account,
                  const TotpParameters& parameters = {}) {
  const auto uri =
      MakeTotpUri(issuer, account, Seed(TotpSecretBytes(parameters.algorithm)), parameters);
  return uri ? std::string(uri->Reveal(SecretAccess("the test"))) : std::string();
}

Instant Seconds(int64_t seconds) { return Instant::FromUnixMillis(seconds * 1000); }

TEST(AuthenticatorApp, ReadsWhatTheLibraryWrites) {  // TO-07
  VirtualClock clock;
  AuthenticatorApp app(clock);
  EXPECT_FALSE(app.has_account());
  const std::string issuer = "Ünï & \"Sons\" 100%+";
  for (const int digits : {6, 8}) {
    for (const TotpAlgorithm algorithm :
         {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
      TotpParameters parameters;
      parameters.algorithm = algorithm;
      parameters.digits = static_cast<uint8_t>(digits);
      app.Scan(UriOf(issuer, "ada+1@example.com", parameters));
      EXPECT_EQ(app.issuer(), issuer);
      EXPECT_EQ(app.account(), "ada+1@example.com");
      EXPECT_EQ(app.parameters().algorithm, algorithm);
      EXPECT_EQ(app.parameters().digits, digits);
      EXPECT_EQ(app.secret().size(), TotpSecretBytes(algorithm));
      const auto verdict = JudgeTotp(Seed(TotpSecretBytes(algorithm)), parameters, {}, clock.Now(),
                                     kNoTotpStep, Passcode(app.Code()));
      ASSERT_TRUE(verdict.has_value());
      EXPECT_EQ(verdict->kind, TotpVerdict::Kind::kMatch);
      EXPECT_EQ(verdict->step, app.Step());
    }
  }
}

TEST(AuthenticatorApp, ShowsTheCodesOfItsOwnClock) {  // TO-09
  VirtualClock clock(Seconds(59));
  AuthenticatorApp app(clock);
  app.Scan(UriOf("Acme", "ada"));
  EXPECT_EQ(app.Code(), "287082");  // RFC 4226's counter 1
  EXPECT_EQ(app.Code(-1), "755224");
  EXPECT_EQ(app.Code(1), "359152");
  app.set_drift(std::chrono::seconds(-40));
  EXPECT_EQ(app.Code(), "755224");
  app.set_drift(std::chrono::seconds(31));
  EXPECT_EQ(app.Code(), "969429");
  EXPECT_EQ(app.CodeAt(Seconds(1234567890)), "005924");
  clock.Set(Seconds(29));
  EXPECT_EQ(app.Code(), "359152");
  EXPECT_THROW(app.Code(-9), std::logic_error);
}

TEST(AuthenticatorApp, CanIgnoreParametersAsWidespreadAppsDo) {  // TO-04
  VirtualClock clock(Seconds(59));
  AuthenticatorApp app(clock);
  TotpParameters parameters;
  parameters.digits = 8;
  app.set_ignores_parameters(true);
  app.Scan(UriOf("Acme", "ada", parameters));
  EXPECT_EQ(app.Code(), "287082");
  app.set_ignores_parameters(false);
  app.Scan(UriOf("Acme", "ada", parameters));
  EXPECT_EQ(app.Code(), "94287082");
}

TEST(AuthenticatorApp, MakesACodeThatIsWrongEverywhere) {
  VirtualClock clock;
  AuthenticatorApp app(clock);
  app.Scan(UriOf("Acme", "ada"));
  for (int i = 0; i < 300; ++i) {
    clock.Advance(std::chrono::seconds(29));
    const auto verdict =
        JudgeTotp(app.secret(), {}, {2, 1}, clock.Now(), kNoTotpStep, Passcode(app.WrongCode()));
    ASSERT_TRUE(verdict.has_value());
    EXPECT_EQ(verdict->kind, TotpVerdict::Kind::kWrong);
  }
}

TEST(AuthenticatorApp, ReadsOtherWritersUris) {
  VirtualClock clock(Seconds(30));
  AuthenticatorApp app(clock);
  app.Scan("otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP");
  EXPECT_EQ(app.account(), "ada");
  EXPECT_EQ(app.issuer(), "");
  EXPECT_EQ(app.Code(), "996554");  // the key-URI page's example secret, step 1
  app.Scan("otpauth://totp/Acme%20Co:ada%40example.com?issuer=Acme%20Co&secret=jbswy3dpehpk3pxp");
  EXPECT_EQ(app.issuer(), "Acme Co");
  EXPECT_EQ(app.Code(-1) + app.Code(1), "282760602287");
}

TEST(AuthenticatorApp, RefusesWhatAnAppWouldRefuse) {
  VirtualClock clock;
  AuthenticatorApp app(clock);
  EXPECT_THROW(app.Code(), std::logic_error);
  for (const char* uri :
       {"", "https://example.com", "otpauth://hotp/ada?secret=JBSWY3DPEHPK3PXP",
        "otpauth://totp/ada", "otpauth://totp/ada?secret=", "otpauth://totp/ada?secret=A1",
        "otpauth://totp/ada?secret", "otpauth://totp/ada%4?secret=JBSWY3DPEHPK3PXP",
        "otpauth://totp/ada%zz?secret=JBSWY3DPEHPK3PXP",
        "otpauth://totp/A:ada?secret=JBSWY3DPEHPK3PXP&issuer=B",
        "otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP&secret=JBSWY3DPEHPK3PXP",
        "otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP&digits=7",
        "otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP&period=60",
        "otpauth://totp/ada?secret=JBSWY3DPEHPK3PXP&algorithm=MD5"})
    EXPECT_THROW(app.Scan(uri), std::logic_error) << uri;
}

TEST(AuthenticatorApp, CrossesOffTheRecoveryCodesItGives) {
  VirtualClock clock;
  AuthenticatorApp app(clock);
  RecoveryCodes codes;
  codes.Add("aaaa-bbbb-cccc");
  codes.Add("dddd-eeee-ffff");
  app.NoteRecoveryCodes(codes);
  EXPECT_EQ(app.recovery_codes().size(), 2u);
  EXPECT_EQ(app.TakeRecoveryCode(), "aaaa-bbbb-cccc");
  EXPECT_EQ(app.TakeRecoveryCode(), "dddd-eeee-ffff");
  EXPECT_THROW(app.TakeRecoveryCode(), std::logic_error);
  app.NoteRecoveryCodes(codes);
  EXPECT_EQ(app.recovery_codes().front(), "aaaa-bbbb-cccc");
}

}  // namespace
}  // namespace testing
}  // namespace otpcore
