// SPDX-License-Identifier: Apache-2.0
// As secrecy.cc, for TOTP, recovery codes and sealing (R-04, R-07, B-08): runs under memcheck with
// every secret marked undefined. run.sh builds it with each compiler at each level.
//
// Secret: keys, TOTP secrets, their base32, drawn bytes, recovery codes, and which letter or digit
// somebody typed. Public, because the product passes them through `Declassify`: which characters
// count and which separate, whether the typed code has letters at all, whether draws are equal,
// what the verdict is, and which step or which code of the set matched. That sealed bytes open is
// public too, and libsodium branches on it: keys are not marked for Open.
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

#include "marks.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/factors/totp.h"

namespace otpcore {
namespace {

constexpr char kSeed[] = "1234567890123456789012345678901234567890123456789012345678901234";
const TotpBinding kTotpBinding = {"organization", "member", {}, {}};
const RecoveryBinding kRecoveryBinding = {"organization", "member", {}, {}};

template <size_t N>
void MarkText(const SecretText<N>& text) {
  MarkSecret(text.Reveal(kTest).data(), text.size());
}

TotpSecret SecretSeed(TotpAlgorithm algorithm) {
  TotpSecret secret(reinterpret_cast<const uint8_t*>(kSeed), TotpSecretBytes(algorithm));
  MarkSecret(secret.Reveal(kTest), secret.size());
  return secret;
}

// A code for which the caller knows what should come out: computed before anything is marked.
std::string CodeAt(const TotpParameters& parameters, int64_t step) {
  const TotpSecret secret(reinterpret_cast<const uint8_t*>(kSeed),
                          TotpSecretBytes(parameters.algorithm));
  return std::string(TotpCodeAt(secret, parameters, step).Reveal(kTest));
}

void JudgeAll(const TotpParameters& parameters) {
  using Kind = TotpVerdict::Kind;
  const TotpSecret secret = SecretSeed(parameters.algorithm);
  const Passcode shown = TotpCodeAt(secret, parameters, 1000);
  Require(IsSecret(shown.Reveal(kTest).data()), "the code is secret");
  const struct {
    int64_t step;
    int64_t last_step;
    Kind kind;
  } cases[] = {{998, kNoTotpStep, Kind::kMatch},  {999, kNoTotpStep, Kind::kMatch},
               {1000, kNoTotpStep, Kind::kMatch}, {1001, kNoTotpStep, Kind::kMatch},
               {1000, 1000, Kind::kUsedStep},     {1001, 1000, Kind::kMatch},
               {990, kNoTotpStep, Kind::kWrong}};
  for (const auto& one : cases) {
    const TypedTotpCode typed(" " + CodeAt(parameters, one.step));
    MarkText(typed);
    const Result<Passcode> code = ReadTotpCode(typed);
    Require(code.has_value(), "the code is read");
    Require(IsSecret(code->Reveal(kTest).data()), "the digits stay secret");
    const auto verdict = JudgeTotp(secret, parameters, {2, 1},
                                   Instant::FromUnixMillis(30000 * 1000), one.last_step, *code);
    Require(verdict.has_value() && verdict->kind == one.kind, "the verdict");
  }
}

void Totp() {
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    for (const uint8_t digits : {uint8_t{6}, uint8_t{8}}) JudgeAll({algorithm, digits, 30});
  }
  const struct {
    const char* text;
    ErrorCode error;
  } cases[] = {{"1234567a", ErrorCode::kRecoveryCodeUsedAsTotpCode},
               {"123a", ErrorCode::kInvalidTotpCode},
               {"12345#", ErrorCode::kInvalidTotpCode},
               {"12345678901", ErrorCode::kInvalidTotpCode},
               {"\xD9\xA0\xD9\xA1\xE2\x80\x93\xD9", ErrorCode::kInvalidTotpCode}};
  for (const auto& one : cases) {
    const TypedTotpCode typed{std::string_view(one.text)};
    MarkText(typed);
    Require(ReadTotpCode(typed).error().code() == one.error, one.text);
  }
}

void Base32() {
  for (const TotpAlgorithm algorithm :
       {TotpAlgorithm::kSha1, TotpAlgorithm::kSha256, TotpAlgorithm::kSha512}) {
    const TotpSecretText text = FormatTotpSecret(SecretSeed(algorithm));
    Require(IsSecret(text.Reveal(kTest).data()), "the text is secret");
    const TypedTotpSecret typed(text.Reveal(kTest));
    const Result<TotpSecret> secret = ReadTotpSecret(typed);
    Require(secret.has_value() && IsSecret(secret->Reveal(kTest)), "the secret is read");
  }
  for (const char* text :
       {"gezd gnbv-gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY=="}) {
    const TypedTotpSecret typed{std::string_view(text)};
    MarkText(typed);
    const bool is_valid = ReadTotpSecret(typed).has_value();
    Require(is_valid, text);
  }
  const TypedTotpSecret wrong("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1");
  MarkText(wrong);
  Require(!ReadTotpSecret(wrong).has_value(), "1 is no base32");
  const auto uri = MakeTotpUri("Acme", "ada", SecretSeed(TotpAlgorithm::kSha1), {});
  Require(uri.has_value() && IsSecret(&uri->Reveal(kTest)[23]) == false, "the label is public");
}

// The unused ones of a set of ten, and one that is in none.
void MatchAll(const RecoverySet& set, const RecoveryCodes& codes) {
  const DigestKey key = SecretKey();
  for (size_t i = 0; i <= codes.size(); ++i) {
    const bool is_there = i < codes.size();
    const TypedRecoveryCode typed(is_there ? codes[i].Reveal(kTest) : "zzzz zzzz zzzz");
    MarkText(typed);
    const Result<CanonicalRecoveryCode> code = ReadRecoveryCode(typed);
    Require(code.has_value() && IsSecret(code->Reveal(kTest).data()), "the code is read");
    const RecoveryDigest digest = DigestRecoveryCode(key, kRecoveryBinding, *code);
    Require(IsSecret(digest.bytes.data()), "the digest comes from the secrets");
    const auto index = MatchRecoveryCode(set, digest);
    Require(index.has_value() == (is_there && set.IsUnused(i)), "the match");
    Require(!index || *index == i, "the index");
  }
}

void Recovery() {
  for (int groups = kRecoveryGroupsMin; groups <= kRecoveryGroupsMax; ++groups) {
    std::array<uint8_t, kRecoveryDrawBytesMax> drawn{};
    for (size_t i = 0; i < drawn.size(); ++i) drawn[i] = static_cast<uint8_t>(i * i * 37 + i);
    MarkSecret(drawn.data(), drawn.size());
    const auto codes = DrawRecoveryCodes(drawn.data(), 10, groups);
    Require(codes.has_value(), "codes are drawn");
    Require(IsSecret((*codes)[0].Reveal(kTest).data()), "the codes are secret");
    KeyRing keys;
    keys.Add(1, SecretKey());
    auto set = DigestRecoveryCodes(keys, kRecoveryBinding, *codes);
    Require(set.has_value() && set->left() == 10, "the set is made");
    set->Use(4);
    MatchAll(*set, *codes);
    Require(CheckImportedRecoveryCodes(*codes) == ErrorCode::kOk, "codes can be imported");
  }
  const uint8_t stuck[80] = {};
  MarkSecret(stuck, sizeof stuck);
  Require(!DrawRecoveryCodes(stuck, 10, 3).has_value(), "a stuck generator is refused");
  for (const char* text : {"123456", "1234567", "abcd#efgh"}) {
    const TypedRecoveryCode typed{std::string_view(text)};
    MarkText(typed);
    Require(!ReadRecoveryCode(typed).has_value(), text);
  }
}

void Sealing() {
  SealingNonce nonce;
  nonce.bytes.fill(1);
  {
    const SealingKeyRing keys(1, SecretKey());
    const auto sealed = SealTotpSecret(keys, nonce, kTotpBinding, SecretSeed(TotpAlgorithm::kSha1));
    Require(sealed.has_value() && IsSecret(&sealed->view()[30]), "it comes from the secrets");
  }
  std::array<uint8_t, 32> bytes{};
  bytes.fill(7);
  const SealingKeyRing keys(1, SealingKey(bytes));
  const TotpSecret seed(reinterpret_cast<const uint8_t*>(kSeed), 20);
  const auto sealed = SealTotpSecret(keys, nonce, kTotpBinding, seed);
  Require(sealed && OpenTotpSecret(keys, kTotpBinding, sealed->view()).has_value(), "it opens");
  RecoveryCodes codes;
  codes.Add("abcd-efgh-jkmn");
  const auto copy = SealRecoveryCodes(keys, nonce, kRecoveryBinding, codes);
  Require(copy && OpenRecoveryCodes(keys, kRecoveryBinding, copy->view()).has_value(), "it opens");
  KeyRing digest_keys;
  digest_keys.Add(1, SecretKey());
  Require(SealingKeyRing(2, SecretKey()).SharesKeyWith(digest_keys), "the key is shared");
}

}  // namespace
}  // namespace otpcore

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (RUNNING_ON_VALGRIND == 0) {
    std::fprintf(stderr, "secrecy: run me under valgrind\n");
    return 2;
  }
  if (what == "totp") {
    otpcore::Totp();
  } else if (what == "base32") {
    otpcore::Base32();
  } else if (what == "recovery") {
    otpcore::Recovery();
  } else if (what == "sealing") {
    otpcore::Sealing();
  } else {
    return 2;
  }
  return 0;
}
