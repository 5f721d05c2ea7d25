// SPDX-License-Identifier: Apache-2.0
// As leftovers.cc, for TOTP, recovery codes and sealing: after a call no copy of a key, secret,
// code or drawn byte is left in writable memory (R-05, B-09). Linked with -z now.
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

#include "memory_scan.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/factors/totp.h"

namespace otpcore {
namespace {

constexpr SecretAccess kTest("looking for copies of it");
constexpr TotpParameters kEightDigits[] = {{TotpAlgorithm::kSha1, 8, 30},
                                           {TotpAlgorithm::kSha256, 8, 30},
                                           {TotpAlgorithm::kSha512, 8, 30}};
const TotpWindow kWindow = {2, 1};
const Instant kNow = Instant::FromUnixMillis(1767225600000);

Scan scan;
enum NeedleIndex {
  kSealingKey,
  kDigestKey,
  kSecret,
  kSecretText,
  kTotpCode,
  kDrawn,
  kCode,
  kCanonical,
  kPadded,  // the secret as HMAC mixes it: with each of two bytes, as bytes and as words
};
constexpr size_t kNeedleCount = kPadded + 4;

// Bytes of which no generator state is a copy.
void Draw(uint8_t* bytes, size_t size) {
  static uint64_t state = 42;
  for (size_t i = 0; i < size; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    bytes[i] = static_cast<uint8_t>(state >> 56);
  }
}

template <size_t N>
void Learn(NeedleIndex needle, const SecretText<N>& text) {
  scan.needles[needle].Take(text.Reveal(kTest).data(), text.size());
}

void LearnSecret(const uint8_t* bytes, size_t size) {
  scan.needles[kSecret].Take(bytes, size);
  for (size_t i = 0; i < 4; ++i) {
    Needle& padded = scan.needles[kPadded + i];
    padded.Clear();
    for (size_t at = 0; at < size; ++at)
      padded.Add(static_cast<uint8_t>(bytes[i < 2 ? at : at ^ 3] ^ (i % 2 == 0 ? 0x36 : 0x5C)));
  }
}

// What a record would hold. Never on the stack that is searched.
struct Record {
  SealingKeyRing sealing_keys;
  KeyRing digest_keys;
  TotpBinding totp = {"acme", "ada", {}, {}};
  RecoveryBinding recovery = {"acme", "ada", {}, {}};
  SealedTotpSecret sealed_secret;
  RecoverySet set;
  SealedRecoveryCodes sealed_codes;
};
std::unique_ptr<Record> record;
bool as_expected = true;
int failures = 0;

void Expect(bool condition) { as_expected = as_expected && condition; }

// Runs `call` on its own stack; afterwards nothing is left.
void Leaves(const char* what, const std::function<void()>& call) {
  as_expected = true;
  OnAStackOfItsOwn([&call] { call(); });
  const int found = scan.Run();
  std::printf("%-44s %d left%s\n", what, found, as_expected ? "" : "  <- NOT AS EXPECTED");
  if (found != 0 || !as_expected) ++failures;
}

void MakeKeys() {
  SealingKey sealing;
  Draw(sealing.RevealMutable(kTest), SealingKey::size());
  scan.needles[kSealingKey].Take(sealing.Reveal(kTest), SealingKey::size());
  record->sealing_keys.Add(1, std::move(sealing));
  scan.needles[kSealingKey].allowed = record->sealing_keys.Find(1)->Reveal(kTest);
  DigestKey digest;
  Draw(digest.RevealMutable(kTest), DigestKey::size());
  scan.needles[kDigestKey].Take(digest.Reveal(kTest), DigestKey::size());
  record->digest_keys.Add(1, std::move(digest));
  scan.needles[kDigestKey].allowed = record->digest_keys.Find(1)->Reveal(kTest);
  Expect(!record->sealing_keys.SharesKeyWith(record->digest_keys));
}

void MakeSecret() {
  SecretBytes<kTotpSecretBytesMax> drawn;
  const size_t size = TotpSecretBytes(record->totp.parameters.algorithm);
  Draw(drawn.RevealMutable(kTest), size);
  LearnSecret(drawn.Reveal(kTest), size);
  const TotpSecret secret(drawn.Reveal(kTest), size);
  Learn(kSecretText, FormatTotpSecret(secret));
  SealingNonce nonce;
  Draw(nonce.bytes.data(), nonce.bytes.size());
  const auto sealed = SealTotpSecret(record->sealing_keys, nonce, record->totp, secret);
  Expect(sealed.has_value());
  if (sealed) record->sealed_secret = *sealed;
  Expect(MakeTotpUri("Acme", "ada@example.com", secret, record->totp.parameters).has_value());
}

Result<TotpSecret> OpenSecret() {
  return OpenTotpSecret(record->sealing_keys, record->totp, record->sealed_secret.view());
}

void ImportSecret() {
  const auto secret = OpenSecret();
  Expect(secret && ReadTotpSecret(TypedTotpSecret(FormatTotpSecret(*secret).Reveal(kTest))));
}

void Judge(int64_t steps, TotpVerdict::Kind kind) {
  const auto secret = OpenSecret();
  Expect(secret.has_value());
  if (!secret) return;
  const TotpParameters& parameters = record->totp.parameters;
  const Passcode shown = TotpCodeAt(*secret, parameters, TotpStepAt(kNow, parameters) + steps);
  Learn(kTotpCode, shown);
  const auto code = ReadTotpCode(TypedTotpCode(shown.Reveal(kTest)));
  Expect(code.has_value());
  const auto verdict = JudgeTotp(*secret, parameters, kWindow, kNow, kNoTotpStep, *code);
  Expect(verdict && verdict->kind == kind);
}

void DrawCodes(int groups) {
  SecretBytes<kRecoveryDrawBytesMax> drawn;
  Draw(drawn.RevealMutable(kTest), drawn.size());
  scan.needles[kDrawn].Take(drawn.Reveal(kTest), 10 * RecoveryDrawBytes(groups));
  const auto codes = DrawRecoveryCodes(drawn.Reveal(kTest), 10, groups);
  Expect(codes.has_value());
  if (!codes) return;
  Learn(kCode, (*codes)[3]);
  Expect(CheckImportedRecoveryCodes(*codes) == ErrorCode::kOk);
  const auto set = DigestRecoveryCodes(record->digest_keys, record->recovery, *codes);
  SealingNonce nonce;
  Draw(nonce.bytes.data(), nonce.bytes.size());
  const auto sealed = SealRecoveryCodes(record->sealing_keys, nonce, record->recovery, *codes);
  Expect(set && sealed);
  if (!set || !sealed) return;
  record->set = *set;
  record->sealed_codes = *sealed;
}

void Recover(bool is_right) {
  const auto codes =
      OpenRecoveryCodes(record->sealing_keys, record->recovery, record->sealed_codes.view());
  Expect(codes.has_value());
  if (!codes) return;
  const auto code =
      ReadRecoveryCode(TypedRecoveryCode(is_right ? (*codes)[3].Reveal(kTest) : "zzzz-zzzz-zzzz"));
  Expect(code.has_value());
  Learn(kCanonical, *code);
  const DigestKey& key = *record->digest_keys.Find(record->set.key_id);
  const auto index =
      MatchRecoveryCode(record->set, DigestRecoveryCode(key, record->recovery, *code));
  Expect(index.has_value() == is_right);
  const auto unused = UnusedRecoveryCodes(record->set, *codes);
  Expect(unused && unused->size() == 10);
}

void FailToOpen() {
  TotpBinding other = record->totp;
  other.member_id = "bob";
  Expect(!OpenTotpSecret(record->sealing_keys, other, record->sealed_secret.view()));
}

// The search finds what is left behind on purpose.
void FindsWhatIsPlanted() {
  for (const int needle : {int{kSealingKey}, int{kSecret}, int{kSecretText}, int{kTotpCode},
                           int{kDrawn}, int{kCode}}) {
    OnAStackOfItsOwn([needle] {
      volatile uint8_t room[128];
      const Needle& from = scan.needles[needle];
      for (size_t i = 0; i < from.size && i < sizeof room; ++i) room[i] = from.At(i);
    });
    scan.quiet = true;
    const int found = scan.Run();
    scan.quiet = false;
    std::printf("planted: %-35s %d found\n", scan.needles[needle].name, found);
    if (found == 0) ++failures;
  }
}

int Main() {
  const char* const names[kNeedleCount] = {
      "sealing key", "digest key",     "TOTP secret", "base32",    "TOTP code",   "drawn for codes",
      "code",        "canonical code", "inner pad",   "outer pad", "inner words", "outer words"};
  for (size_t i = 0; i < kNeedleCount; ++i) scan.needles[i].name = names[i];
  record = std::make_unique<Record>();
  Leaves("make keys", MakeKeys);
  for (const TotpParameters& parameters : kEightDigits) {
    std::printf("%s:\n", WireName(parameters.algorithm).data());
    record->totp.parameters = parameters;
    Leaves("draw, show and seal a secret", MakeSecret);
    Leaves("import a secret", ImportSecret);
    Leaves("judge a right code", [] { Judge(0, TotpVerdict::Kind::kMatch); });
    Leaves("judge the oldest code of the window", [] { Judge(-2, TotpVerdict::Kind::kMatch); });
    Leaves("judge a wrong code", [] { Judge(9, TotpVerdict::Kind::kWrong); });
    Leaves("fail to open", FailToOpen);
  }
  for (const int groups : {3, 6}) {
    std::printf("%d groups:\n", groups);
    Leaves("draw, digest and seal codes", [groups] { DrawCodes(groups); });
    Leaves("match a right code, show the others", [] { Recover(true); });
    Leaves("match a wrong code", [] { Recover(false); });
  }
  FindsWhatIsPlanted();
  std::printf("%zu KB searched after each, %d failures\n", scan.bytes >> 10, failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace otpcore

int main(int, char** argv) {
  // -z now binds this program's own calls; those inside the shared libraries are bound lazily
  // still.
  if (std::getenv("LD_BIND_NOW") == nullptr) {
    setenv("LD_BIND_NOW", "1", 1);
    execv("/proc/self/exe", argv);
    return 2;
  }
  return otpcore::Main();
}
