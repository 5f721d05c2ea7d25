// SPDX-License-Identifier: Apache-2.0
// Runs under memcheck with every secret marked undefined (R-04, B-08): memcheck then reports each
// branch and each index that depends on one. run.sh builds it with each compiler at each level.
//
// Secret: the key, the drawn entropy, the code, the digits somebody typed. Public, because the
// product passes them through `Declassify`: typed characters that are no digits, the script of each
// digit, whether a draw was rejected, whether the generator is stuck, whether two digests are
// equal. Lengths are public too.
#include <array>
#include <cstdio>
#include <cstring>
#include <string_view>

#include "marks.h"
#include "otpcore/rules/typed_code.h"
#include "planted.h"

namespace otpcore {
namespace {

std::array<uint8_t, kPasscodeEntropyBytes> SecretEntropy(uint8_t seed) {
  std::array<uint8_t, kPasscodeEntropyBytes> entropy{};
  for (size_t i = 0; i < entropy.size(); ++i) entropy[i] = static_cast<uint8_t>(seed + i * 37);
  MarkSecret(entropy.data(), entropy.size());
  return entropy;
}

const EntityId kOrganization = "organization";
const EntityId kMember = "member";
const PasscodeBinding kBinding = {
    FactorKind::kSmsPasscode, kOrganization, kMember, "+14155550123", {}};

void Issue() {
  const DigestKey key = SecretKey();
  for (int digits = kPasscodeDigitsMin; digits <= kPasscodeDigitsMax; ++digits) {
    const auto entropy = SecretEntropy(static_cast<uint8_t>(digits));
    Passcode code;
    Require(DrawPasscode(entropy.data(), digits, &code).ok(), "a passcode is drawn");
    Require(IsSecret(code.Reveal(kTest).data()), "the passcode is secret");
    const PasscodeDigest digest = DigestPasscode(key, 1, kBinding, code);
    Require(IsSecret(digest.bytes.data()), "the digest comes from the secrets");
  }
  // A draw that is rejected, and one of a generator that is stuck.
  auto entropy = SecretEntropy(1);
  const uint64_t rejected = 0x68DB8BAC710CCull;  // 2^64 / 10^4 rounded up
  std::memcpy(entropy.data(), &rejected, sizeof rejected);
  MarkSecret(entropy.data(), entropy.size());
  Passcode code;
  Require(DrawPasscode(entropy.data(), 4, &code).ok(), "the next draw is taken");
  entropy.fill(1);
  MarkSecret(entropy.data(), entropy.size());
  Require(!DrawPasscode(entropy.data(), 4, &code).ok(), "a stuck generator is refused");
}

void Verify() {
  const DigestKey key = SecretKey();
  const Passcode right("012345");
  const PasscodeDigest expected = DigestPasscode(key, 1, kBinding, right);
  const struct {
    const char* text;
    bool valid;
    bool equal;
  } cases[] = {
      {"012345", true, true},
      {"912345", true, false},
      {" 012-345\r\n", true, true},
      {"0 1 2 3 4 5", true, true},
      {"\xEF\xBC\x90\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95", true, true},
      {"\xD9\xA0\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5", true, true},
      {"\xDB\xB0\xDB\xB1\xDB\xB2\xDB\xB3\xDB\xB4\xDB\xB9", true, false},
      {"\xE0\xA5\xA6\xE0\xA5\xA7\xE0\xA5\xA8\xE0\xA5\xA9\xE0\xA5\xAA\xE0\xA5\xAB", true, true},
      {"--01--23 45--", true, true},
      {"\xE2\x80\xAD\xE2\x81\xA8"
       "012\xC2\xA0\xE2\x80\x91"
       "345\xE2\x81\xA9",
       true, true},
      {"0\xF3\xA0\x84\x80"
       "12345\xEF\xBB\xBF",
       true, true},
      {"12345x", false, false},
      {"123.456", false, false},
      {"123\xC2\xAD"
       "456",
       false, false},
      // Digits follow a broken character: that must not be found out by looking at them.
      {"123\xE2\x80"
       "456",
       false, false},
      {"123\xE2"
       "456",
       false, false},
      {"123\xF3"
       "456",
       false, false},
      {"123456\xD9", false, false},
  };
  for (const auto& one : cases) {
    const TypedCode typed{std::string_view(one.text)};
    MarkSecret(typed.Reveal(kTest).data(), typed.size());
    const Result<Passcode> code = ReadTypedCode(typed);
    Require(code.has_value() == one.valid, one.text);
    if (!code) continue;
    Require(IsSecret(code->Reveal(kTest).data()), "the digits stay secret");
    const bool equal = DigestsEqual(DigestPasscode(key, 1, kBinding, *code), expected);
    Require(equal == one.equal, one.text);
  }
}

// What must be reported: a check that lets these pass proves nothing.
void Planted(std::string_view what) {
  const Passcode code("7");
  MarkSecret(code.Reveal(kTest).data(), 1);
  const char digit = code.Reveal(kTest)[0];
  if (what == "planted-branch") {
    BranchOn(digit);
  } else {
    IndexBy(digit);
  }
}

}  // namespace
}  // namespace otpcore

int main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (RUNNING_ON_VALGRIND == 0) {
    std::fprintf(stderr, "secrecy: run me under valgrind\n");
    return 2;
  }
  if (what == "issue") {
    otpcore::Issue();
  } else if (what == "verify") {
    otpcore::Verify();
  } else if (what.substr(0, 8) == "planted-") {
    otpcore::Planted(what);
  } else {
    return 2;
  }
  return 0;
}
