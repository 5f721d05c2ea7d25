// SPDX-License-Identifier: Apache-2.0
#include "otpcore/factors/totp.h"

#include <algorithm>
#include <array>

#include "base/declassify.h"
#include "base/masks.h"
#include "base/utf8.h"
#include "otpcore/factors/recovery_codes.h"
#include "rules/base32.h"
#include "rules/hmac.h"
#include "rules/typed_text.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("TOTP's own arithmetic");

constexpr std::string_view kPurpose = "totp-secret";
constexpr size_t kAccountBytesMax = 254;  // as an e-mail address
static_assert(SealedTotpSecret::kCapacity == kSealedTotpSecretBytesMax,
              "the record has room for the longest sealed secret");

Error Defect(const char* detail) { return {ErrorCode::kInternalServerError, detail}; }

// The context of a binding, with room for its parameters as bytes.
struct BoundContext {
  explicit BoundContext(const TotpBinding& binding)
      : parameters{static_cast<char>(binding.parameters.algorithm),
                   static_cast<char>(binding.parameters.digits),
                   static_cast<char>(binding.parameters.period_seconds)},
        registration_id(binding.registration_id) {
    context.purpose = kPurpose;
    context.organization_id = binding.organization_id;
    context.member_id = binding.member_id;
    context.subject = {reinterpret_cast<const char*>(registration_id.bytes.data()),
                       registration_id.bytes.size()};
    context.parameters = {parameters.data(), parameters.size()};
  }
  BoundContext(const BoundContext&) = delete;
  BoundContext& operator=(const BoundContext&) = delete;

  std::array<char, 3> parameters;
  Uuid registration_id;
  SealingContext context;
};

// Public text: the issuer and the account.
void AppendEscaped(std::string_view text, TotpUri* uri) {
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    const auto byte = static_cast<uint8_t>(c);
    const char escaped[3] = {'%', kHex[byte >> 4], kHex[byte & 15]};
    uri->Append(plain ? std::string_view(&c, 1) : std::string_view(escaped, sizeof escaped));
  }
}

// A code as a number. `*digits_only` loses all its bits when some character is no digit.
uint32_t NumberOf(const Passcode& code, uint32_t* digits_only) {
  uint32_t number = 0;
  for (const char character : code.Reveal(kAccess)) {
    const uint32_t digit = static_cast<uint32_t>(static_cast<uint8_t>(character)) - '0';
    *digits_only &= InRangeMask(static_cast<uint8_t>(character), '0', 10);
    number = number * 10 + digit;
  }
  return number;
}

const char* ProblemWith(const TotpSecret& secret, const TotpParameters& parameters) {
  if (!IsSupported(parameters)) return "the TOTP parameters are not supported";
  if (secret.empty()) return "the TOTP secret is empty";
  return nullptr;
}

// The newest step of each kind that matched, or kNoTotpStep; secret.
struct Matches {
  int64_t fresh = kNoTotpStep;
  int64_t used = kNoTotpStep;
};

// Compares `typed` with the codes of the steps first … last, one after the other, all alike.
Matches MatchesIn(const Hmac& hmac, int digits, int64_t first, int64_t last, int64_t last_step,
                  uint32_t typed, uint32_t digits_only) {
  Matches matches;
  for (int64_t step = first; step <= last; ++step) {
    uint32_t code = LastDigits(HotpValue(hmac, static_cast<uint64_t>(step)), digits);
    const uint32_t equal = EqualMask(code, typed) & digits_only;
    WipeMemory(&code, sizeof code);
    const auto mask = static_cast<int64_t>(static_cast<int32_t>(equal));  // as wide as a step
    int64_t* const newest = step > last_step ? &matches.fresh : &matches.used;
    *newest = (step & mask) | (*newest & ~mask);
  }
  return matches;
}

TotpVerdict VerdictOf(const Matches& matches) {
  TotpVerdict verdict;
  // Which of the three it is becomes public with the answer, and so does the step of a match.
  const auto was_found = [](int64_t step) {
    return Declassify(static_cast<uint64_t>(step) >> 63) == 0;
  };
  if (was_found(matches.fresh)) {
    verdict.kind = TotpVerdict::Kind::kMatch;
    verdict.step = Declassify(matches.fresh);
  } else if (was_found(matches.used)) {
    verdict.kind = TotpVerdict::Kind::kUsedStep;
    verdict.step = Declassify(matches.used);
  }
  return verdict;
}

}  // namespace

TotpSecret TotpSecret::Duplicate() const {
  TotpSecret copy;
  copy.bytes_ = bytes_.Duplicate();
  return copy;
}

TotpSecretText FormatTotpSecret(const TotpSecret& secret) {
  char text[Base32Characters(kTotpSecretBytesMax)];
  const size_t characters = EncodeBase32(secret.Reveal(kAccess), secret.size(), text);
  TotpSecretText formatted({text, characters});
  WipeMemory(text, sizeof text);
  return formatted;
}

Result<TotpSecret> ReadTotpSecret(const TypedTotpSecret& text, size_t bytes_min) {
  if (text.overflowed()) return Error(ErrorCode::kBadRequest, "secret: too long");
  SecretBytes<kTotpSecretBytesMax> bytes;
  size_t size = 0;
  if (!DecodeBase32(text.Reveal(kAccess), bytes.RevealMutable(kAccess), bytes.size(), &size))
    return Error(ErrorCode::kBadRequest, "secret: not base32 of at most 64 bytes");
  if (size < bytes_min) return Error(ErrorCode::kBadRequest, "secret: too short");
  return TotpSecret(bytes.Reveal(kAccess), size);
}

Result<SealedTotpSecret> SealTotpSecret(const SealingKeyRing& keys, const SealingNonce& nonce,
                                        const TotpBinding& binding, const TotpSecret& secret) {
  const BoundContext bound(binding);
  return SealedTotpSecret::Of(keys, nonce, bound.context, secret.Reveal(kAccess), secret.size());
}

Result<TotpSecret> OpenTotpSecret(const SealingKeyRing& keys, const TotpBinding& binding,
                                  std::string_view sealed) {
  const BoundContext bound(binding);
  SecretBytes<kTotpSecretBytesMax> bytes;
  const Result<size_t> size =
      Open(keys, bound.context, sealed, bytes.RevealMutable(kAccess), bytes.size());
  if (!size) return size.error();
  return TotpSecret(bytes.Reveal(kAccess), *size);
}

Result<TotpUri> MakeTotpUri(std::string_view issuer, std::string_view account,
                            const TotpSecret& secret, const TotpParameters& parameters) {
  if (CheckIssuer(issuer)) return Defect("the TOTP issuer has no valid form");
  if (account.empty() || account.size() > kAccountBytesMax)
    return Defect("the account of a TOTP URI has 1 to 254 bytes");
  if (const char* problem = ProblemWith(secret, parameters)) return Defect(problem);
  TotpUri uri("otpauth://totp/");
  AppendEscaped(issuer, &uri);
  uri.Append(":");
  AppendEscaped(account, &uri);
  uri.Append("?secret=");
  uri.Append(FormatTotpSecret(secret).Reveal(kAccess));
  uri.Append("&issuer=");
  AppendEscaped(issuer, &uri);
  uri.Append("&algorithm=");
  uri.Append(WireName(parameters.algorithm));
  uri.Append(parameters.digits == 6 ? "&digits=6" : "&digits=8");
  uri.Append("&period=30");
  return uri;
}

Result<Passcode> ReadTotpCode(const TypedTotpCode& typed) {
  Passcode code;
  size_t characters = 0;
  uint32_t letters = 0;  // secret until all is read
  for (std::string_view text = typed.Reveal(kAccess); !text.empty();) {
    const TypedCharacter character = NextTyped(&text);
    if (character.kind == TypedCharacter::Kind::kSeparator) continue;
    if (character.kind == TypedCharacter::Kind::kOther) return ErrorCode::kInvalidTotpCode;
    letters |= character.is_letter;
    if (characters++ < kPasscodeDigitsMax) code.Append({&character.character, 1});
  }
  if (Declassify(letters) != 0) {
    const bool has_form =
        characters >= kRecoveryCharactersMin && characters <= kRecoveryCharactersMax;
    return has_form ? ErrorCode::kRecoveryCodeUsedAsTotpCode : ErrorCode::kInvalidTotpCode;
  }
  if (characters < kPasscodeDigitsMin || characters > kPasscodeDigitsMax)
    return ErrorCode::kInvalidTotpCode;
  return code;
}

Passcode TotpCodeAt(const TotpSecret& secret, const TotpParameters& parameters, int64_t step) {
  if (ProblemWith(secret, parameters) != nullptr || step < 0) return Passcode();
  uint32_t number = 0;
  {
    const Hmac hmac(parameters.algorithm, secret.Reveal(kAccess), secret.size());
    number = LastDigits(HotpValue(hmac, static_cast<uint64_t>(step)), parameters.digits);
  }
  WipeHashStack();
  char text[kPasscodeDigitsMax];
  for (size_t i = parameters.digits; i > 0; --i) {
    // A tenth, rounded down, of any number of 32 bits.
    const auto tenth = static_cast<uint32_t>(number * uint64_t{0xCCCCCCCD} >> 35);
    text[i - 1] = static_cast<char>('0' + (number - tenth * 10));
    number = tenth;
  }
  Passcode code({text, parameters.digits});
  WipeMemory(text, sizeof text);
  return code;
}

Result<TotpVerdict> JudgeTotp(const TotpSecret& secret, const TotpParameters& parameters,
                              const TotpWindow& window, Instant now, int64_t last_step,
                              const Passcode& code) {
  if (const char* problem = ProblemWith(secret, parameters)) return Defect(problem);
  if (window.back < 0 || window.back > kTotpBackMax || window.ahead < 0 ||
      window.ahead > kTotpAheadMax)
    return Defect("the TOTP window is out of its range");
  if (now == Instant()) return Defect("the clock stands before 1970");
  if (code.size() != parameters.digits) return ErrorCode::kInvalidTotpCode;

  const int64_t step = TotpStepAt(now, parameters);
  const int64_t first = std::max<int64_t>(step - window.back, 0);
  const int64_t last = step + window.ahead;
  uint32_t digits_only = ~uint32_t{0};
  const uint32_t typed = NumberOf(code, &digits_only);
  TotpVerdict verdict;
  {
    const Hmac hmac(parameters.algorithm, secret.Reveal(kAccess), secret.size());
    verdict =
        VerdictOf(MatchesIn(hmac, parameters.digits, first, last, last_step, typed, digits_only));
  }
  WipeHashStack();
  verdict.is_clock_behind = last_step > last;
  return verdict;
}

}  // namespace otpcore
