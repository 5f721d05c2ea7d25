// SPDX-License-Identifier: Apache-2.0
// Texts of TOTP and recovery codes: what is typed for either (TO-14, RC-08), base32 of secrets
// (TO-19), codes of another system (RC-10), the URI of the QR picture (TO-07), and the steps that a
// code is right for (TO-09 … TO-12).
#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "otpcore/factors/recovery_codes.h"
#include "otpcore/factors/totp.h"
#include "otpcore/testing/authenticator.h"
#include "typed.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the fuzz target compares secrets");

// ---- What is typed ----

struct Typed {
  bool well_formed = true;
  bool has_letter = false;
  std::string characters;  // lower case, what separates dropped
};

Typed ReadSlowly(std::string_view text) {
  Typed typed;
  while (!text.empty()) {
    uint32_t c = 0;
    const bool decoded = fuzz::DecodeSlowly(&text, &c);
    const char digit = decoded ? fuzz::DigitOf(c) : '\0';
    const bool letter = decoded && fuzz::IsIn(c, {{'a', 'z'}, {'A', 'Z'}});
    if (digit != 0) {
      typed.characters += digit;
    } else if (letter) {
      typed.characters += static_cast<char>(c | 0x20);
      typed.has_letter = true;
    } else if (!decoded || !fuzz::IsDropped(c)) {
      typed.well_formed = false;
      return typed;
    }
  }
  return typed;
}

std::string CanonicalOf(std::string characters) {
  for (char& c : characters) c = c == 'o' ? '0' : c == 'i' || c == 'l' ? '1' : c;
  return characters;
}

void CheckTotpCode(std::string_view text) {
  const Result<Passcode> read = ReadTotpCode(TypedTotpCode(text));
  const Typed typed = ReadSlowly(text);
  const size_t size = typed.characters.size();
  ErrorCode expected = ErrorCode::kInvalidTotpCode;
  if (text.size() <= 256 && typed.well_formed) {
    if (typed.has_letter && size >= 8 && size <= 64)
      expected = ErrorCode::kRecoveryCodeUsedAsTotpCode;
    if (!typed.has_letter && size >= 4 && size <= 10) expected = ErrorCode::kOk;
  }
  FUZZ_CHECK((read ? ErrorCode::kOk : read.error().code()) == expected);
  if (read) FUZZ_CHECK(read->Reveal(kAccess) == typed.characters);
}

void CheckRecoveryCode(std::string_view text) {
  const Result<CanonicalRecoveryCode> read = ReadRecoveryCode(TypedRecoveryCode(text));
  const Typed typed = ReadSlowly(text);
  const size_t size = typed.characters.size();
  ErrorCode expected = ErrorCode::kInvalidRecoveryCode;
  if (text.size() <= 256 && typed.well_formed && size <= 64) {
    if (size >= 8) expected = ErrorCode::kOk;
    if (!typed.has_letter && (size == 6 || size == 8))
      expected = ErrorCode::kTotpCodeUsedAsRecoveryCode;
  }
  FUZZ_CHECK((read ? ErrorCode::kOk : read.error().code()) == expected);
  if (read) FUZZ_CHECK(read->Reveal(kAccess) == CanonicalOf(typed.characters));
}

// ---- Secrets ----

std::string_view BytesOf(const TotpSecret& secret) {
  return {reinterpret_cast<const char*>(secret.Reveal(kAccess)), secret.size()};
}

// Absent: no base32 of whole bytes. Bits left over do not matter.
std::optional<std::string> DecodeBase32Slowly(std::string_view text) {
  while (!text.empty() && (text.back() == '=' || text.back() == ' ' || text.back() == '-'))
    text.remove_suffix(1);
  std::string bits;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    int value = -1;
    if (c >= 'a' && c <= 'z') value = c - 'a';
    if (c >= 'A' && c <= 'Z') value = c - 'A';
    if (c >= '2' && c <= '7') value = c - '2' + 26;
    if (value < 0) return std::nullopt;
    for (int bit = 16; bit > 0; bit /= 2) bits += (value & bit) != 0 ? '1' : '0';
  }
  if (bits.size() % 8 >= 5) return std::nullopt;
  std::string bytes;
  for (size_t at = 0; at + 8 <= bits.size(); at += 8)
    bytes += static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2));
  return bytes;
}

void CheckSecret(std::string_view text, size_t bytes_min) {
  const Result<TotpSecret> read = ReadTotpSecret(TypedTotpSecret(text), bytes_min);
  const auto expected = DecodeBase32Slowly(text);
  const bool good = text.size() <= 256 && expected && expected->size() >= bytes_min &&
                    expected->size() <= kTotpSecretBytesMax;
  FUZZ_CHECK(read.has_value() == good);
  if (!read) return FUZZ_CHECK(read.error().code() == ErrorCode::kBadRequest);
  FUZZ_CHECK(BytesOf(*read) == *expected);
  const TotpSecretText shown = FormatTotpSecret(*read);
  const Result<TotpSecret> again =
      ReadTotpSecret(TypedTotpSecret(shown.Reveal(kAccess)), bytes_min);
  FUZZ_CHECK(again && BytesOf(*again) == *expected);
}

TotpParameters ParametersOf(int choice) {
  TotpParameters parameters;
  parameters.algorithm = static_cast<TotpAlgorithm>(1 + choice % 3);
  parameters.digits = choice / 3 % 2 == 0 ? 6 : 8;
  return parameters;
}

// What an app reads in the URI is what was put there.
void CheckUri(std::string_view issuer, std::string_view account, int choice) {
  constexpr std::string_view kSecret = "secret of 20 bytes..";
  const TotpSecret secret(reinterpret_cast<const uint8_t*>(kSecret.data()), kSecret.size());
  const TotpParameters parameters = ParametersOf(choice);
  const Result<TotpUri> uri = MakeTotpUri(issuer, account, secret, parameters);
  const bool good = !CheckIssuer(issuer) && !account.empty() && account.size() <= 254;
  FUZZ_CHECK(uri.has_value() == good);
  if (!uri) return;
  for (const char c : uri->Reveal(kAccess)) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    FUZZ_CHECK(letter || fuzz::IsDigit(c) ||
               std::string_view("-._~%:/?=&").find(c) != std::string_view::npos);
  }
  testing::VirtualClock clock;
  testing::AuthenticatorApp app(clock);
  app.Scan(*uri);
  FUZZ_CHECK(app.issuer() == issuer && app.account() == account);
  FUZZ_CHECK(BytesOf(app.secret()) == kSecret);
  FUZZ_CHECK(app.parameters().algorithm == parameters.algorithm &&
             app.parameters().digits == parameters.digits);
}

// ---- Codes of another system ----

// Whoever typed a code of theirs is known again by it, in its place.
void CheckSet(const RecoveryCodes& codes) {
  static const KeyRing keys(7, DigestKey(std::array<uint8_t, 32>{1, 2, 3}));
  static const SealingKeyRing sealing(1, SealingKey(std::array<uint8_t, 32>{4, 5, 6}));
  RecoveryBinding binding = {"o", "m", {}, {}};
  binding.set_id.bytes[0] = 1;
  const Result<RecoverySet> set = DigestRecoveryCodes(keys, binding, codes);
  FUZZ_CHECK(set && set->count == codes.size());
  SealingNonce nonce;
  nonce.bytes[0] = 1;
  const auto sealed = SealRecoveryCodes(sealing, nonce, binding, codes);
  FUZZ_CHECK(sealed.has_value());
  const auto opened = OpenRecoveryCodes(sealing, binding, sealed->view());
  FUZZ_CHECK(opened && opened->size() == codes.size());
  for (size_t i = 0; i < codes.size(); ++i) {
    const std::string_view shown = codes[i].Reveal(kAccess);
    FUZZ_CHECK((*opened)[i].Reveal(kAccess) == shown);
    const auto typed = ReadRecoveryCode(TypedRecoveryCode(shown));
    FUZZ_CHECK(typed.has_value());
    const RecoveryDigest digest = DigestRecoveryCode(*keys.Find(7), binding, *typed);
    FUZZ_CHECK(MatchRecoveryCode(*set, digest) == i);
  }
}

void CheckImported(fuzz::Input* input) {
  RecoveryCodes codes;
  std::vector<std::string> seen;
  bool good = true;
  size_t bytes = 0;
  while (!input->done()) {
    const std::string_view text = input->Until('\n');
    codes.Add(text);
    const Typed typed = ReadSlowly(text);
    const std::string canonical = CanonicalOf(typed.characters);
    const bool digits_only = std::all_of(canonical.begin(), canonical.end(), fuzz::IsDigit);
    bytes += 1 + text.size();
    good = good && text.size() <= 80 && typed.well_formed && canonical.size() <= 64 &&
           canonical.size() >= (digits_only ? 10 : 8) &&
           std::find(seen.begin(), seen.end(), canonical) == seen.end();
    seen.push_back(canonical);
  }
  good = good && !seen.empty() && seen.size() <= 16 && bytes <= 1040;
  FUZZ_CHECK(CheckImportedRecoveryCodes(codes) == (good ? ErrorCode::kOk : ErrorCode::kBadRequest));
  if (good) CheckSet(codes);
}

// ---- Steps ----

void CheckSteps(fuzz::Input* input) {
  const TotpParameters parameters = ParametersOf(input->Below(6));
  const TotpWindow window = {input->Below(3), input->Below(2)};
  const Instant now = Instant::FromUnixMillis(1 + (input->Number(5) & 0xFFFFFFFFFF));
  const int64_t step = now.unix_millis() / 30000;
  const int64_t last_step = input->Byte() % 2 == 0 ? kNoTotpStep : step - 4 + input->Below(8);
  const int64_t typed_step = std::max<int64_t>(step - 4 + input->Below(8), 0);
  const std::string bytes(input->Rest());
  const TotpSecret secret(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (secret.empty()) return;
  const auto code_at = [&](int64_t at) {
    return std::string(TotpCodeAt(secret, parameters, at).Reveal(kAccess));
  };
  const std::string code = code_at(typed_step);
  TotpVerdict expected;
  for (int64_t at = std::max<int64_t>(step - window.back, 0); at <= step + window.ahead; ++at) {
    if (code_at(at) != code) continue;
    const bool fresh = at > last_step;
    if (!fresh && expected.kind == TotpVerdict::Kind::kMatch) continue;
    expected.kind = fresh ? TotpVerdict::Kind::kMatch : TotpVerdict::Kind::kUsedStep;
    expected.step = at;
  }
  const auto verdict = JudgeTotp(secret, parameters, window, now, last_step, Passcode(code));
  FUZZ_CHECK(verdict && verdict->kind == expected.kind && verdict->step == expected.step);
  FUZZ_CHECK(verdict->is_clock_behind == (last_step > step + window.ahead));
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace otpcore;
  fuzz::Input input(data, size);
  const int choice = input.Byte();
  switch (choice % 6) {
    case 0: CheckTotpCode(input.Rest()); break;
    case 1: CheckRecoveryCode(input.Rest()); break;
    case 2: CheckSecret(input.Rest(), choice / 6 % 2 == 0 ? 10 : 16); break;
    case 3: {
      const std::string_view issuer = input.Until('\n');
      CheckUri(issuer, input.Rest(), choice / 6);
      break;
    }
    case 4: CheckImported(&input); break;
    default: CheckSteps(&input); break;
  }
  return 0;
}
