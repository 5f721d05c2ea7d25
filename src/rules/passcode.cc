// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/passcode.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/declassify.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the passcode's own arithmetic");

// 2^64 mod 10^digits, by digits: draws whose remainder lies below it would favour some codes. A
// table, so that nothing is divided where codes are made.
constexpr auto kRejectBelow = [] {
  std::array<uint64_t, size_t{kPasscodeDigitsMax} + 1> table{};
  uint64_t count = 1;
  for (uint64_t& entry : table) {
    entry = (0 - count) % count;
    count *= 10;
  }
  return table;
}();

// True when two of the draws are the same: with a sound generator that never happens (2^-61), one
// that is stuck does it every time. All pairs are compared, so the time tells nothing.
bool LooksStuck(const uint8_t* entropy) {
  uint64_t draws[kPasscodeDraws];
  std::memcpy(draws, entropy, sizeof draws);
  uint64_t equal = 0;
  for (size_t a = 0; a < kPasscodeDraws; ++a) {
    for (size_t b = a + 1; b < kPasscodeDraws; ++b) {
      const uint64_t difference = draws[a] ^ draws[b];
      equal |= 1 ^ ((difference | (0 - difference)) >> 63);
    }
  }
  WipeMemory(draws, sizeof draws);
  return Declassify(static_cast<uint32_t>(equal)) != 0;  // a sound generator never is
}

// `*fraction` / 2^64 times ten: returns the digit before the point and leaves what stands behind
// it. In halves of 32 bits, since not every machine has a type of 128.
uint32_t TakeDigit(uint64_t* fraction) {
  const uint64_t low = (*fraction & 0xFFFFFFFF) * 10;
  const uint64_t high = (*fraction >> 32) * 10 + (low >> 32);
  *fraction = high << 32 | (low & 0xFFFFFFFF);
  return static_cast<uint32_t>(high >> 32);
}

// More than the deepest frames of libsodium's BLAKE2b take, in any of its implementations.
constexpr size_t kHashStack = 2048;

// The keyed hash of fields. They are gathered first: the library takes one long piece in half the
// time of many short ones.
class FieldHash {
 public:
  explicit FieldHash(const DigestKey& key) {
    crypto_generichash_init(&state_, key.Reveal(kAccess), DigestKey::size(), kDigestBytes);
  }
  void Field(std::string_view field) {
    const char length[2] = {static_cast<char>(field.size() >> 8),
                            static_cast<char>(field.size() & 0xFF)};
    Add({length, sizeof length});
    Add(field);
  }
  void Finish(std::array<uint8_t, 32>* digest) {
    Flush();
    crypto_generichash_final(&state_, digest->data(), kDigestBytes);
    WipeMemory(&state_, sizeof state_);
  }

 private:
  static constexpr size_t kDigestBytes = 32;

  void Add(std::string_view bytes) {
    if (bytes.size() > gathered_.room()) Flush();
    if (bytes.size() > gathered_.room()) {
      Update(bytes);
    } else {
      gathered_.Append(bytes);
    }
  }
  void Flush() {
    Update(gathered_.Reveal(kAccess));
    gathered_.Wipe();
  }
  void Update(std::string_view bytes) {
    crypto_generichash_update(&state_, reinterpret_cast<const uint8_t*>(bytes.data()),
                              bytes.size());
  }

  crypto_generichash_state state_;
  SecretText<384> gathered_;  // more than the fields of a digest come to
};

}  // namespace

Result<Passcode> DrawPasscode(const uint8_t* entropy, int digits) {
  if (digits < kPasscodeDigitsMin || digits > kPasscodeDigitsMax)
    return Error(ErrorCode::kInternalServerError, "passcode_digits out of range");
  if (LooksStuck(entropy))
    return Error(ErrorCode::kInternalServerError, "the generator repeats itself");
  const uint64_t reject_below = kRejectBelow[static_cast<size_t>(digits)];
  char text[kPasscodeDigitsMax];
  for (size_t draw = 0; draw < kPasscodeDraws; ++draw) {
    uint64_t fraction = 0;
    std::memcpy(&fraction, entropy + draw * 8, 8);
    // What is left at the end is the remainder of draw * 10^digits, which tells whether this draw
    // counts.
    for (int i = 0; i < digits; ++i) text[i] = static_cast<char>('0' + TakeDigit(&fraction));
    const bool counts = Declassify(fraction >= reject_below);
    WipeMemory(&fraction, sizeof fraction);
    if (!counts) continue;
    Passcode passcode(std::string_view(text, static_cast<size_t>(digits)));
    WipeMemory(text, sizeof text);
    return passcode;
  }
  WipeMemory(text, sizeof text);
  return Error(ErrorCode::kInternalServerError, "every draw was rejected: the generator is broken");
}

void KeyRing::Add(uint32_t id, DigestKey key) {
  // Whoever digests has a key, but not always one of the generators that do this. Should it fail,
  // hashing and comparing are as right and only slower.
  const bool ready = sodium_init() >= 0;
  static_cast<void>(ready);
  Remove(id);
  keys_.push_back(Entry{id, std::move(key)});
}

void KeyRing::Remove(uint32_t id) {
  keys_.erase(
      std::remove_if(keys_.begin(), keys_.end(), [id](const Entry& e) { return e.id == id; }),
      keys_.end());
}

const DigestKey* KeyRing::Find(uint32_t id) const {
  for (const Entry& entry : keys_) {
    if (entry.id == id) return &entry.key;
  }
  return nullptr;
}

bool KeyRing::HasZeroKey() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const Entry& entry) {
    return Declassify(sodium_is_zero(entry.key.Reveal(kAccess), DigestKey::size())) != 0;
  });
}

PasscodeDigest DigestPasscode(const DigestKey& key, uint32_t key_id, const PasscodeBinding& binding,
                              const Passcode& passcode) {
  constexpr std::string_view kPurpose = "otpcore/1 sms_otp mfa";
  const Uuid& challenge = binding.challenge_id;
  FieldHash hash(key);
  hash.Field(kPurpose);
  hash.Field(binding.organization_id);
  hash.Field(binding.member_id);
  hash.Field(binding.phone_number);
  hash.Field({reinterpret_cast<const char*>(challenge.bytes.data()), challenge.bytes.size()});
  hash.Field(passcode.Reveal(kAccess));
  PasscodeDigest digest;
  digest.key_id = key_id;
  hash.Finish(&digest.bytes);
  // The hash function leaves its last block, with the code in it, below its caller's frame.
  sodium_stackzero(kHashStack);
  return digest;
}

bool DigestsEqual(const PasscodeDigest& a, const PasscodeDigest& b) {
  return Declassify(sodium_memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size())) == 0;
}

}  // namespace otpcore
