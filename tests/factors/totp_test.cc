// SPDX-License-Identifier: Apache-2.0
#include "otpcore/factors/totp.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

namespace otpcore {
namespace {

constexpr SecretAccess kTest("tests look at it");
using Kind = TotpVerdict::Kind;

// The secrets of the RFCs: as many of these as the hash function returns bytes.
TotpSecret SeedOf(size_t size) {
  std::string seed;
  while (seed.size() < size) seed += "1234567890";
  return TotpSecret(reinterpret_cast<const uint8_t*>(seed.data()), size);
}

TotpParameters ParametersOf(TotpAlgorithm algorithm, int digits) {
  TotpParameters parameters;
  parameters.algorithm = algorithm;
  parameters.digits = static_cast<uint8_t>(digits);
  return parameters;
}

std::string CodeOf(const TotpSecret& secret, const TotpParameters& parameters, int64_t step) {
  return std::string(TotpCodeAt(secret, parameters, step).Reveal(kTest));
}

Instant Seconds(int64_t seconds) { return Instant::FromUnixMillis(seconds * 1000); }

// ---- Codes ----

TEST(TotpCodeAt, MatchesAppendixDOfRfc4226) {  // TO-09
  const char* const codes[] = {"755224", "287082", "359152", "969429", "338314",
                               "254676", "287922", "162583", "399871", "520489"};
  const TotpSecret seed = SeedOf(20);
  for (int64_t counter = 0; counter < 10; ++counter)
    EXPECT_EQ(CodeOf(seed, {}, counter), codes[counter]);
  EXPECT_EQ(CodeOf(seed, {}, 44), "000152") << "leading zeros stay";
  EXPECT_EQ(CodeOf(seed, {}, 366), "000866");
  EXPECT_EQ(CodeOf(seed, {}, 1828), "000801");
}

TEST(TotpCodeAt, MatchesAppendixBOfRfc6238) {  // TO-04, TO-09
  const struct {
    int64_t seconds;
    int64_t step;
    const char* sha1;
    const char* sha256;
    const char* sha512;
    const char* six_digits;
  } rows[] = {
      {59, 0x1, "94287082", "46119246", "90693936", "287082"},
      {1111111109, 0x23523EC, "07081804", "68084774", "25091201", "081804"},
      {1111111111, 0x23523ED, "14050471", "67062674", "99943326", "050471"},
      {1234567890, 0x273EF07, "89005924", "91819424", "93441116", "005924"},
      {2000000000, 0x3F940AA, "69279037", "90698825", "38618901", "279037"},
      {20000000000, 0x27BC86AA, "65353130", "77737706", "47863826", "353130"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(TotpStepAt(Seconds(row.seconds), {}), row.step);
    EXPECT_EQ(CodeOf(SeedOf(20), ParametersOf(TotpAlgorithm::kSha1, 8), row.step), row.sha1);
    EXPECT_EQ(CodeOf(SeedOf(32), ParametersOf(TotpAlgorithm::kSha256, 8), row.step), row.sha256);
    EXPECT_EQ(CodeOf(SeedOf(64), ParametersOf(TotpAlgorithm::kSha512, 8), row.step), row.sha512);
    EXPECT_EQ(CodeOf(SeedOf(20), {}, row.step), row.six_digits);
  }
  // The RFC's code made it seem that all algorithms use the seed of 20 bytes. They do not.
  EXPECT_EQ(CodeOf(SeedOf(20), ParametersOf(TotpAlgorithm::kSha256, 8), 1), "32247374");
  EXPECT_EQ(CodeOf(SeedOf(20), ParametersOf(TotpAlgorithm::kSha512, 8), 1), "69342147");
}

TEST(TotpCodeAt, HasNoCodeForWhatItDoesNotCompute) {  // TO-04
  EXPECT_EQ(CodeOf(SeedOf(20), {}, -1), "");
  EXPECT_EQ(CodeOf(TotpSecret(), {}, 1), "");
  for (const int digits : {0, 4, 5, 7, 9, 10})
    EXPECT_EQ(CodeOf(SeedOf(20), ParametersOf(TotpAlgorithm::kSha1, digits), 1), "") << digits;
  for (const int algorithm : {0, 4, 255})
    EXPECT_EQ(CodeOf(SeedOf(20), ParametersOf(static_cast<TotpAlgorithm>(algorithm), 6), 1), "");
  TotpParameters parameters;
  parameters.period_seconds = 60;
  EXPECT_EQ(CodeOf(SeedOf(20), parameters, 1), "");
}

TEST(TotpStepAt, RoundsDownAndHasSixtyFourBits) {  // TO-09
  EXPECT_EQ(TotpStepAt(Instant(), {}), 0);
  EXPECT_EQ(TotpStepAt(Instant::FromUnixMillis(29999), {}), 0);
  EXPECT_EQ(TotpStepAt(Instant::FromUnixMillis(30000), {}), 1);
  EXPECT_EQ(TotpStepAt(Instant::Max(), {}), 8446743359);  // more than 32 bits
}

// ---- Secrets ----

TEST(FormatTotpSecret, IsBase32WithoutPadding) {  // TO-03
  EXPECT_EQ(FormatTotpSecret(SeedOf(20)).Reveal(kTest), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
  EXPECT_EQ(FormatTotpSecret(SeedOf(20)).size(), 32u);
  EXPECT_EQ(FormatTotpSecret(SeedOf(32)).size(), 52u);
  EXPECT_EQ(FormatTotpSecret(SeedOf(64)).size(), 103u);
  EXPECT_EQ(FormatTotpSecret(TotpSecret()).size(), 0u);
}

TEST(TotpSecretBytes, IsAsLongAsTheHash) {  // TO-03
  EXPECT_EQ(TotpSecretBytes(TotpAlgorithm::kSha1), 20u);
  EXPECT_EQ(TotpSecretBytes(TotpAlgorithm::kSha256), 32u);
  EXPECT_EQ(TotpSecretBytes(TotpAlgorithm::kSha512), 64u);
  EXPECT_EQ(WireName(TotpAlgorithm::kSha1), "SHA1");
  EXPECT_EQ(WireName(TotpAlgorithm::kSha256), "SHA256");
  EXPECT_EQ(WireName(TotpAlgorithm::kSha512), "SHA512");
}

std::string Read(const std::string& text, size_t bytes_min = kTotpSecretBytesMin) {
  const Result<TotpSecret> secret = ReadTotpSecret(TypedTotpSecret(text), bytes_min);
  if (!secret) {
    EXPECT_EQ(secret.error().code(), ErrorCode::kBadRequest);
    EXPECT_FALSE(secret.error().detail().empty());
    return "refused";
  }
  return std::string(reinterpret_cast<const char*>(secret->Reveal(kTest)), secret->size());
}

TEST(ReadTotpSecret, ReadsWhatOtherSystemsExport) {  // TO-19
  const std::string seed = "12345678901234567890";
  EXPECT_EQ(Read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), seed);
  EXPECT_EQ(Read("gezd gnbv gy3t qojq gezd gnbv gy3t qojq"), seed);
  EXPECT_EQ(Read("GEZD-GNBV-GY3T-QOJQ-gezd-gnbv-gy3t-qojq"), seed);
  EXPECT_EQ(Read("GEZDGNBVGY3TQOJQGEZDGNBVGY======"), seed.substr(0, 16));
}

TEST(ReadTotpSecret, TakesSixteenToSixtyFourBytes) {  // TO-19
  for (size_t size = 0; size <= kTotpSecretBytesMax; ++size) {
    const std::string text(FormatTotpSecret(SeedOf(size)).Reveal(kTest));
    EXPECT_EQ(Read(text) != "refused", size >= 16) << size;
    EXPECT_EQ(Read(text, 10) != "refused", size >= 10) << size;
  }
  EXPECT_EQ(Read(std::string(104, 'A')), "refused") << "65 bytes";
  EXPECT_EQ(Read(std::string(300, 'A')), "refused");
}

TEST(ReadTotpSecret, RefusesWhatIsNoBase32) {  // TO-19
  for (const char* text :
       {"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ8",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQG", "GEZDGNBVGY=3TQOJQGEZDGNBVGY3TQOJ",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ\n", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQO.Q", ""})
    EXPECT_EQ(Read(text), "refused") << text;
}

TEST(TotpSecret, TakesNoMoreThanItHasRoomFor) {
  const std::array<uint8_t, 65> bytes{};
  EXPECT_TRUE(TotpSecret(bytes.data(), 65).empty());
  EXPECT_EQ(TotpSecret(bytes.data(), 64).size(), 64u);
  EXPECT_EQ(CodeOf(SeedOf(20).Duplicate(), {}, 1), "287082");
  static_assert(!std::is_copy_constructible_v<TotpSecret>, "copies are spelled Duplicate");
}

// ---- The sealed secret ----

SealingKeyRing KeysOf(uint32_t id, uint8_t byte) {
  std::array<uint8_t, 32> bytes{};
  bytes.fill(byte);
  return SealingKeyRing(id, SealingKey(bytes));
}

SealingNonce Nonce() {
  SealingNonce nonce;
  nonce.bytes.fill(3);
  return nonce;
}

Uuid UuidOf(uint8_t byte) {
  Uuid uuid;
  uuid.bytes.fill(byte);
  return uuid;
}

TEST(SealTotpSecret, OpensForItsOwnRegistrationOnly) {  // TO-22
  const SealingKeyRing keys = KeysOf(1, 1);
  const TotpBinding binding = {"acme", "ada", UuidOf(1), {}};
  const auto sealed = SealTotpSecret(keys, Nonce(), binding, SeedOf(20));
  ASSERT_TRUE(sealed.has_value());
  EXPECT_EQ(sealed->view().size(), 20 + kSealingOverhead);
  const auto opened = OpenTotpSecret(keys, binding, sealed->view());
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(CodeOf(*opened, {}, 1), "287082");

  std::vector<TotpBinding> others(6, binding);
  others[0].organization_id = "acm";
  others[1].member_id = "bob";
  others[2].registration_id = UuidOf(2);
  others[3].parameters.algorithm = TotpAlgorithm::kSha256;
  others[4].parameters.digits = 8;
  others[5].parameters.period_seconds = 60;
  for (size_t i = 0; i < others.size(); ++i) {
    const auto refused = OpenTotpSecret(keys, others[i], sealed->view());
    ASSERT_FALSE(refused.has_value()) << i;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInternalServerError);
  }
}

TEST(OpenTotpSecret, FailsClosed) {  // TO-23
  const TotpBinding binding = {"acme", "ada", UuidOf(1), {}};
  const auto sealed = SealTotpSecret(KeysOf(1, 1), Nonce(), binding, SeedOf(20));
  ASSERT_TRUE(sealed.has_value());
  const struct {
    SealingKeyRing keys;
    const char* detail;
  } cases[] = {{KeysOf(2, 1), "the sealing key is gone"},
               {SealingKeyRing(), "the sealing key is gone"},
               {KeysOf(1, 2), "the sealed bytes do not open here"}};
  for (const auto& one : cases) {
    const auto opened = OpenTotpSecret(one.keys, binding, sealed->view());
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().code(), ErrorCode::kInternalServerError);
    EXPECT_EQ(opened.error().detail(), one.detail);
  }
  const auto unsealed = SealTotpSecret(SealingKeyRing(), Nonce(), binding, SeedOf(20));
  ASSERT_FALSE(unsealed.has_value());
  EXPECT_EQ(unsealed.error().detail(), "there is no sealing key");
}

// ---- The URI ----

std::string UriOf(std::string_view issuer, std::string_view account,
                  const TotpParameters& parameters = {}, size_t secret_size = 20) {
  const auto uri = MakeTotpUri(issuer, account, SeedOf(secret_size), parameters);
  if (!uri) {
    EXPECT_EQ(uri.error().code(), ErrorCode::kInternalServerError);
    return "<" + std::string(uri.error().detail()) + ">";
  }
  return std::string(uri->Reveal(kTest));
}

TEST(MakeTotpUri, IsWhatAppsRead) {  // TO-07
  EXPECT_EQ(UriOf("Acme", "ada@example.com"),
            "otpauth://totp/Acme:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=Acme&algorithm=SHA1&digits=6&period=30");
  EXPECT_EQ(UriOf("Acme & Sons", "a+b'c@example.com", ParametersOf(TotpAlgorithm::kSha256, 8), 32),
            "otpauth://totp/Acme%20%26%20Sons:a%2Bb%27c%40example.com"
            "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA"
            "&issuer=Acme%20%26%20Sons&algorithm=SHA256&digits=8&period=30");
  EXPECT_NE(UriOf("Ünï", "ada").find("/%C3%9Cn%C3%AF:ada?"), std::string::npos);
}

TEST(MakeTotpUri, EscapesEveryByteButTheUnreserved) {  // TO-07
  const std::string unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const std::string uri = UriOf("I", std::string(1, c));
    const std::string account = uri.substr(17, uri.find('?') - 17);
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02X", static_cast<unsigned>(byte));
    EXPECT_EQ(account,
              unreserved.find(c) != std::string::npos ? std::string(1, c) : std::string(escaped));
  }
}

TEST(MakeTotpUri, HasRoomForTheLongestOfEverything) {  // TO-07
  std::string issuer;
  for (size_t i = 0; i < kTotpIssuerCharactersMax; ++i) issuer += "\xF0\x9F\x94\x91";  // a key
  const std::string uri =
      UriOf(issuer, std::string(254, '@'), ParametersOf(TotpAlgorithm::kSha512, 8), 64);
  EXPECT_EQ(uri.substr(uri.size() - 10), "&period=30");
  EXPECT_LE(uri.size(), 2480u);
}

TEST(MakeTotpUri, RefusesWhatNoAppCouldUse) {
  EXPECT_EQ(UriOf("", "ada").front(), '<');
  EXPECT_EQ(UriOf("a:b", "ada").front(), '<');
  EXPECT_EQ(UriOf("Acme", "").front(), '<');
  EXPECT_EQ(UriOf("Acme", std::string(255, 'a')).front(), '<');
  EXPECT_EQ(UriOf("Acme", "ada", ParametersOf(TotpAlgorithm::kSha1, 7)).front(), '<');
  EXPECT_EQ(UriOf("Acme", "ada", {}, 0).front(), '<');
}

TEST(CheckIssuer, TakesOneToSixtyFourCharactersWithoutColonAndControl) {  // TO-07
  std::string longest;
  for (size_t i = 0; i < kTotpIssuerCharactersMax; ++i) longest += "ü";
  for (const std::string& issuer : {std::string("A"), std::string("Acme, Inc."), longest})
    EXPECT_EQ(CheckIssuer(issuer), std::nullopt) << issuer;
  for (const std::string& issuer :
       {std::string(), longest + "ü", std::string("Acme:EU"), std::string("a\nb"),
        std::string("a\0b", 3), std::string("\x7F"), std::string("\xC3"), std::string("a\xFF"),
        std::string("  "), std::string("\xE2\x80\x8B"),
        std::string("a\xE2\x80\xAE"
                    "b")}) {
    const auto problem = CheckIssuer(issuer);
    ASSERT_TRUE(problem.has_value()) << issuer;
    EXPECT_EQ(problem->back(), '.');
  }
}

// ---- What people type ----

std::string Typed(const std::string& text) {
  const Result<Passcode> code = ReadTotpCode(TypedTotpCode(text));
  return code ? std::string(code->Reveal(kTest)) : std::string(code.error().error_type());
}

TEST(ReadTotpCode, ReadsDigitsAndDropsWhatSeparates) {  // A-05, TO-14
  for (const char* text :
       {"012345", " 012 345\r\n", "012-345", "--012--345--",
        "012\xC2\xA0"
        "345",
        "012\xE2\x80\x93"
        "345",
        "\xE2\x80\x8B"
        "012345\xEF\xBB\xBF",
        "\xEF\xBC\x90\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95",
        "\xD9\xA0\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5",
        "\xDB\xB0\xDB\xB1\xDB\xB2\xDB\xB3\xDB\xB4\xDB\xB5",
        "\xE0\xA5\xA6\xE0\xA5\xA7\xE0\xA5\xA8\xE0\xA5\xA9\xE0\xA5\xAA\xE0\xA5\xAB"})
    EXPECT_EQ(Typed(text), "012345") << text;
  EXPECT_EQ(Typed("0123"), "0123");
  EXPECT_EQ(Typed("0123456789"), "0123456789");
}

TEST(ReadTotpCode, RefusesWhatIsNoCode) {  // TO-14
  for (const std::string& text :
       {std::string(), std::string("   "), std::string("123"), std::string("12345678901"),
        std::string("123.456"), std::string("123456\0", 7), std::string("+123456"),
        std::string("abc"), std::string("1a3456"), std::string("abcdefg"), std::string(65, 'a'),
        std::string("ckss-2skx-eb#w"), std::string("12345\xFF"), std::string(300, '1'),
        std::string(16, '1')})
    EXPECT_EQ(Typed(text), "invalid_totp_code") << text;
}

TEST(ReadTotpCode, KnowsARecoveryCodeByItsShape) {  // TO-14
  for (const std::string& text :
       {std::string("ckss-2skx-ebow"), std::string("CKSS 2SKX EBOW"), std::string("1234567a"),
        std::string("a2345678"), std::string(64, 'z'), std::string("0o0o0o0o"),
        std::string("ckss\xE2\x80\x93"
                    "2skx\xE2\x80\x93"
                    "ebow")})
    EXPECT_EQ(Typed(text), "recovery_code_used_as_totp_code") << text;
}

// ---- Judging ----

// The verdict in short: '+' and the step, '=' and the step when it was used, '-' when wrong.
std::string Judged(const std::string& code, Instant now, int64_t last_step = kNoTotpStep,
                   const TotpWindow& window = {}, const TotpParameters& parameters = {}) {
  const size_t size = TotpSecretBytes(parameters.algorithm);
  const auto verdict = JudgeTotp(SeedOf(size), parameters, window, now, last_step, Passcode(code));
  if (!verdict) return std::string(verdict.error().error_type());
  switch (verdict->kind) {
    case Kind::kMatch: return "+" + std::to_string(verdict->step);
    case Kind::kUsedStep: return "=" + std::to_string(verdict->step);
    case Kind::kWrong: break;
  }
  EXPECT_EQ(verdict->step, kNoTotpStep);
  return "-";
}

std::string SeedCode(int64_t step) { return CodeOf(SeedOf(20), {}, step); }

TEST(JudgeTotp, AcceptsTheStepsOfTheWindowAndNoOthers) {  // TO-09
  const Instant now = Seconds(1000 * 30 + 29);
  for (int back = 0; back <= kTotpBackMax; ++back) {
    for (int ahead = 0; ahead <= kTotpAheadMax; ++ahead) {
      const TotpWindow window = {back, ahead};
      EXPECT_EQ(window.weight(), back + 1 + ahead);
      for (int64_t step = 995; step <= 1005; ++step) {
        const bool is_inside = step >= 1000 - back && step <= 1000 + ahead;
        EXPECT_EQ(Judged(SeedCode(step), now, kNoTotpStep, window),
                  is_inside ? "+" + std::to_string(step) : "-");
      }
    }
  }
}

TEST(JudgeTotp, TheDefaultWindowIsOneStepEachWay) {  // TO-09
  EXPECT_EQ(TotpWindow().back, 1);
  EXPECT_EQ(TotpWindow().ahead, 1);
  EXPECT_EQ(TotpWindow().weight(), 3);
}

TEST(JudgeTotp, HasAStepForEveryAlgorithm) {  // TO-04
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    for (const int digits : {6, 8}) {
      const TotpParameters parameters = ParametersOf(algorithm, digits);
      const std::string code = CodeOf(SeedOf(TotpSecretBytes(algorithm)), parameters, 1000);
      EXPECT_EQ(Judged(code, Seconds(30000), kNoTotpStep, {}, parameters), "+1000");
      EXPECT_EQ(Judged(std::string(static_cast<size_t>(14 - digits), '1'), Seconds(30000),
                       kNoTotpStep, {}, parameters),
                "invalid_totp_code");
    }
  }
}

TEST(JudgeTotp, ACodeIsNotRightAgain) {  // TO-10, TO-12
  const Instant now = Seconds(int64_t{1000} * 30);
  EXPECT_EQ(Judged(SeedCode(1000), now), "+1000");
  EXPECT_EQ(Judged(SeedCode(1000), now, 1000), "=1000");
  EXPECT_EQ(Judged(SeedCode(999), now, 1000), "=999") << "an earlier step is used up as well";
  EXPECT_EQ(Judged(SeedCode(1001), now, 1000), "+1001");
  EXPECT_EQ(Judged(SeedCode(1001), now, 1001), "=1001");
  EXPECT_EQ(Judged(SeedCode(998), now, 1000), "-") << "out of the window it is just wrong";
}

// Steps of the RFC's seed whose codes are equal: the newest one that matches is used up, and so
// all.
TEST(JudgeTotp, UsesUpEqualCodesOfOneWindowTogether) {  // TO-10
  ASSERT_EQ(SeedCode(910737), "911617");
  ASSERT_EQ(SeedCode(910738), "911617");
  EXPECT_EQ(Judged("911617", Seconds(27322110)), "+910738") << "now is 910737";
  EXPECT_EQ(Judged("911617", Seconds(27322140)), "+910738") << "now is 910738";
  EXPECT_EQ(Judged("911617", Seconds(27322140), 910738), "=910738");
  EXPECT_EQ(Judged("911617", Seconds(27322140), 910737), "+910738") << "one of them is still new";
  EXPECT_EQ(Judged("911617", Seconds(27322110), kNoTotpStep, {0, 0}), "+910737");
  EXPECT_EQ(Judged("911617", Seconds(27322140), 910737, {1, 0}), "+910738");

  ASSERT_EQ(SeedCode(153567), "468457");
  ASSERT_EQ(SeedCode(153569), "468457");
  EXPECT_EQ(Judged("468457", Seconds(4607010)), "+153567") << "153569 is out of the window";
  EXPECT_EQ(Judged("468457", Seconds(4607040)), "+153569") << "now is 153568";
  EXPECT_EQ(Judged("468457", Seconds(4607070)), "+153569");
  EXPECT_EQ(Judged("468457", Seconds(4607040), 153568), "+153569");
  EXPECT_EQ(Judged("468457", Seconds(4607040), 153569), "=153569");
}

TEST(JudgeTotp, SaysWhenTheClockHasSteppedBack) {  // TO-10
  const auto is_behind = [](int64_t last_step, const TotpWindow& window) {
    return JudgeTotp(SeedOf(20), {}, window, Seconds(30000), last_step, Passcode("000000"))
        ->is_clock_behind;
  };
  EXPECT_FALSE(is_behind(kNoTotpStep, {}));
  EXPECT_FALSE(is_behind(1000, {}));
  EXPECT_FALSE(is_behind(1001, {}));
  EXPECT_TRUE(is_behind(1002, {}));
  EXPECT_TRUE(is_behind(1001, {1, 0}));
  EXPECT_EQ(Judged(SeedCode(1000), Seconds(30000), 5000), "=1000") << "nothing is accepted";
}

TEST(JudgeTotp, WorksAtBothEndsOfTime) {  // TO-09
  EXPECT_EQ(Judged(SeedCode(0), Instant::FromUnixMillis(1)), "+0");
  EXPECT_EQ(Judged(SeedCode(1), Instant::FromUnixMillis(1), kNoTotpStep, {2, 1}), "+1");
  EXPECT_EQ(Judged(SeedCode(0), Seconds(59), 0), "=0");
  const int64_t last = TotpStepAt(Instant::Max(), {});
  EXPECT_EQ(Judged(SeedCode(last + 1), Instant::Max()), "+" + std::to_string(last + 1));
}

TEST(JudgeTotp, AClockBefore1970IsADefect) {  // TO-09
  EXPECT_EQ(Judged(SeedCode(0), Instant()), "internal_server_error");
  EXPECT_EQ(Judged(SeedCode(0), Instant::FromUnixMillis(-5000)), "internal_server_error");
}

TEST(JudgeTotp, RefusesAnotherNumberOfDigits) {  // TO-14
  for (const char* code : {"", "0000", "00000", "0000000", "00000000", "0000000000"})
    EXPECT_EQ(Judged(code, Seconds(30000)), "invalid_totp_code") << code;
}

TEST(JudgeTotp, TakesNoOtherCharacterForADigit) {
  // ':' follows '9': as a number, "00000:" is that of "000010".
  int64_t step = 0;
  while (SeedCode(step).back() != '0' || SeedCode(step)[4] == '0') ++step;
  std::string code = SeedCode(step);
  --code[4];
  code[5] = ':';
  EXPECT_EQ(Judged(SeedCode(step), Seconds(step * 30 + 1)), "+" + std::to_string(step));
  EXPECT_EQ(Judged(code, Seconds(step * 30 + 1)), "-");
}

TEST(JudgeTotp, RefusesWhatItDoesNotCompute) {  // TO-04, TO-09
  const std::string defect = "internal_server_error";
  for (const TotpWindow& window : {TotpWindow{-1, 0}, {3, 0}, {0, -1}, {0, 2}})
    EXPECT_EQ(Judged("000000", Seconds(30000), kNoTotpStep, window), defect);
  EXPECT_EQ(
      Judged("0000000", Seconds(30000), kNoTotpStep, {}, ParametersOf(TotpAlgorithm::kSha1, 7)),
      defect);
  EXPECT_EQ(JudgeTotp(TotpSecret(), {}, {}, Seconds(30000), kNoTotpStep, Passcode("000000"))
                .error()
                .code(),
            ErrorCode::kInternalServerError);
}

// The same by the plainest code there is: one step after the other, compared as text.
std::string JudgedPlainly(const std::string& code, int64_t now, int64_t last_step,
                          const TotpWindow& window) {
  std::string verdict = "-";
  for (int64_t step = now - window.back; step <= now + window.ahead; ++step) {
    if (step < 0 || SeedCode(step) != code) continue;
    if (step > last_step) {
      verdict = "+" + std::to_string(step);
    } else if (verdict.front() != '+') {
      verdict = "=" + std::to_string(step);
    }
  }
  return verdict;
}

TEST(JudgeTotp, AgreesWithThePlainestCode) {  // TO-09, TO-10, TO-12
  std::mt19937 random(21);
  for (int i = 0; i < 3000; ++i) {
    // Often where codes are equal, often at the start of time.
    const int64_t places[] = {153568, 910737, 2, static_cast<int64_t>(random() % 100000)};
    const int64_t now = places[random() % 4] + static_cast<int64_t>(random() % 3);
    const TotpWindow window = {static_cast<int>(random() % 3), static_cast<int>(random() % 2)};
    const int64_t last_step = std::max<int64_t>(now - 4 + static_cast<int64_t>(random() % 7), -1);
    const int64_t typed = std::max<int64_t>(now - 3 + static_cast<int64_t>(random() % 6), 0);
    const std::string code = SeedCode(typed);
    ASSERT_EQ(Judged(code, Seconds(now * 30 + 1), last_step, window),
              JudgedPlainly(code, now, last_step, window))
        << now << " " << last_step << " " << typed << " " << window.back << " " << window.ahead;
  }
}

}  // namespace
}  // namespace otpcore
