// SPDX-License-Identifier: Apache-2.0
// What a person types as a code, the digest of it, and passcodes drawn from arbitrary
// entropy.
#include <algorithm>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>

#include "fuzz.h"
#include "otpcore/rules/typed_code.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the fuzz target compares codes");

bool IsIn(uint32_t c, std::initializer_list<std::pair<uint32_t, uint32_t>> ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const auto& range) { return c >= range.first && c <= range.second; });
}

// White space, dashes and invisible marks, written out.
bool IsDropped(uint32_t c) {
  const bool space = IsIn(c, {{0x09, 0x0D},
                              {0x20, 0x20},
                              {0x85, 0x85},
                              {0xA0, 0xA0},
                              {0x1680, 0x1680},
                              {0x2000, 0x200A},
                              {0x2028, 0x2029},
                              {0x202F, 0x202F},
                              {0x205F, 0x205F},
                              {0x3000, 0x3000}});
  const bool dash =
      IsIn(c, {{0x2D, 0x2D},     {0x58A, 0x58A},   {0x5BE, 0x5BE},     {0x1400, 0x1400},
               {0x1806, 0x1806}, {0x2010, 0x2015}, {0x2053, 0x2053},   {0x207B, 0x207B},
               {0x208B, 0x208B}, {0x2212, 0x2212}, {0x2E17, 0x2E17},   {0x2E1A, 0x2E1A},
               {0x2E3A, 0x2E3B}, {0x2E40, 0x2E40}, {0x2E5D, 0x2E5D},   {0x301C, 0x301C},
               {0x3030, 0x3030}, {0x30A0, 0x30A0}, {0xFE31, 0xFE32},   {0xFE58, 0xFE58},
               {0xFE63, 0xFE63}, {0xFF0D, 0xFF0D}, {0x10D6E, 0x10D6E}, {0x10EAD, 0x10EAD}});
  const bool mark = IsIn(c, {{0x180B, 0x180D},
                             {0x180F, 0x180F},
                             {0x200B, 0x200F},
                             {0x202A, 0x202E},
                             {0x2060, 0x2069},
                             {0xFE00, 0xFE0F},
                             {0xFEFF, 0xFEFF},
                             {0xE0100, 0xE01EF}});
  return space || dash || mark;
}

// The rule, as words: digits of five scripts; what is dropped, wherever it stands.
std::optional<std::string> Expected(std::string_view text) {
  if (text.size() > 128) return std::nullopt;
  std::string digits;
  while (!text.empty()) {
    uint32_t c = 0;
    if (!fuzz::DecodeSlowly(&text, &c)) return std::nullopt;
    bool is_digit = false;
    for (const uint32_t zero : {0x30u, 0xFF10u, 0x660u, 0x6F0u, 0x966u}) {
      if (c < zero || c > zero + 9) continue;
      digits += static_cast<char>('0' + (c - zero));
      is_digit = true;
    }
    if (!is_digit && !IsDropped(c)) return std::nullopt;
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
