// SPDX-License-Identifier: Apache-2.0
// What a person types as a code, the digest of it, and passcodes drawn from arbitrary
// entropy.
#include <optional>
#include <string>

#include "fuzz.h"
#include "otpcore/rules/typed_code.h"
#include "typed.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the fuzz target compares codes");

// The rule, as words: digits of five scripts; what is dropped, wherever it stands.
std::optional<std::string> Expected(std::string_view text) {
  if (text.size() > 128) return std::nullopt;
  std::string digits;
  while (!text.empty()) {
    uint32_t c = 0;
    if (!fuzz::DecodeSlowly(&text, &c)) return std::nullopt;
    const char digit = fuzz::DigitOf(c);
    if (digit != 0)
      digits += digit;
    else if (!fuzz::IsDropped(c))
      return std::nullopt;
  }
  if (digits.size() < 4 || digits.size() > 10) return std::nullopt;
  return digits;
}

PasscodeDigest Digest(uint32_t key_id, const EntityId& organization, const EntityId& member,
                      const Passcode& code) {
  static const DigestKey key(std::array<uint8_t, 32>{1, 2, 3});
  const PasscodeBinding binding = {
      FactorKind::kSmsPasscode, organization, member, "+14155550123", {}};
  return DigestPasscode(key, key_id, binding, code);
}

void CheckDigest(const Passcode& code) {
  std::string other(code.Reveal(kAccess));
  other.back() = static_cast<char>('0' + (other.back() - '0' + 1) % 10);
  const PasscodeDigest digest = Digest(1, "o", "m", code);
  FUZZ_CHECK(DigestsEqual(digest, Digest(2, "o", "m", code)));
  FUZZ_CHECK(!DigestsEqual(digest, Digest(1, "o", "m", Passcode(other))));
  FUZZ_CHECK(!DigestsEqual(digest, Digest(1, "om", "", code)));
}

void CheckDraw(std::string_view entropy) {
  for (int digits = 0; digits <= 11; ++digits) {
    const auto* const bytes = reinterpret_cast<const uint8_t*>(entropy.data());
    Passcode drawn;
    const Error error = DrawPasscode(bytes, digits, &drawn);
    if (digits < 4 || digits > 10) FUZZ_CHECK(!error.ok());
    const std::string_view text = drawn.Reveal(kAccess);
    FUZZ_CHECK(text.size() == (error.ok() ? static_cast<size_t>(digits) : 0));
    for (const char c : text) FUZZ_CHECK(fuzz::IsDigit(c));
  }
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(otpcore::fuzz::Input(data, size).Rest());
  const otpcore::Result<otpcore::Passcode> read =
      otpcore::ReadTypedCode(otpcore::TypedCode(std::string_view(text)));
  const std::optional<std::string> expected = otpcore::Expected(text);
  FUZZ_CHECK(read.has_value() == expected.has_value());
  if (read) {
    FUZZ_CHECK(read->Reveal(otpcore::kAccess) == *expected);
    otpcore::CheckDigest(*read);
  } else {
    FUZZ_CHECK(read.error().code() == otpcore::ErrorCode::kInvalidCode);
  }
  if (size == otpcore::kPasscodeEntropyBytes) otpcore::CheckDraw(text);
  return 0;
}
