// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/passcode.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/declassify.h"
#include "base/little_endian.h"

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

// True when two of the draws are the same: with a sound generator that never happens (2^-64), one
// that is stuck does it every time. All pairs are compared, so the time tells nothing.
bool LooksStuck(const uint8_t* entropy) {
  uint64_t equal = 0;
  for (size_t a = 0; a < kPasscodeDraws; ++a) {
    for (size_t b = a + 1; b < kPasscodeDraws; ++b) {
      const uint64_t difference = LoadLittle(entropy + 8 * a, 8) ^ LoadLittle(entropy + 8 * b, 8);
      equal |= 1 ^ ((difference | (0 - difference)) >> 63);
    }
  }
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

constexpr size_t kDigestBytes = 16;
constexpr std::string_view kPurpose = "otpcore2";

// A hash state that nothing was put into. Copying it takes a tenth of initialising one.
const crypto_generichash_state& FreshState() {
  static const crypto_generichash_state fresh = [] {
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, kDigestBytes);
    return state;
  }();
  return fresh;
}

// What is hashed: the key, then each field with its length in front, then the code. The key as a
// prefix makes BLAKE2b a keyed function: it has no length extension, and its own keyed mode is a
// block in front as well.
class DigestInput {
 public:
  ~DigestInput() { WipeMemory(bytes_, size_); }
  void Add(const void* bytes, size_t size) {
    std::memcpy(bytes_ + size_, bytes, size);
    size_ += size;
  }
  void Byte(uint8_t byte) { bytes_[size_++] = byte; }
  void Field(std::string_view field) {
    Byte(static_cast<uint8_t>(field.size()));
    Add(field.data(), field.size());
  }
  const uint8_t* data() const { return bytes_; }
  size_t size() const { return size_; }

 private:
  size_t size_ = 0;
  uint8_t bytes_[DigestKey::size() + kPurpose.size() + 1 + 2 * (1 + kIdBytesMax) +
                 (1 + kEmailBytesMax) + 16 + (1 + kPasscodeDigitsMax)];
};

// The subkey for tags of requests. BLAKE2b's own keyed mode: no digest of a passcode is made so.
TagKey MakeTagKey(const DigestKey& key) {
  constexpr std::string_view kRequestPurpose = "otpcore2 request";
  TagKey made;
  crypto_generichash(made.RevealMutable(kAccess), TagKey::size(),
                     reinterpret_cast<const uint8_t*>(kRequestPurpose.data()),
                     kRequestPurpose.size(), key.Reveal(kAccess), DigestKey::size());
  sodium_stackzero(kHashStack);
  return made;
}

// More than the frames of Draw take, also when nothing is inlined.
constexpr size_t kDrawStack = 512;

__attribute__((noinline)) Error Draw(const uint8_t* entropy, int digits, Passcode* passcode) {
  passcode->Wipe();
  if (digits < kPasscodeDigitsMin || digits > kPasscodeDigitsMax)
    return Error(ErrorCode::kInternalServerError, "passcode_digits out of range");
  if (LooksStuck(entropy))
    return Error(ErrorCode::kInternalServerError, "the generator repeats itself");
  const uint64_t reject_below = kRejectBelow[static_cast<size_t>(digits)];
  char text[kPasscodeDigitsMax];
  for (size_t draw = 0; draw < kPasscodeDraws; ++draw) {
    uint64_t fraction = LoadLittle(entropy + draw * 8, 8);
    // What is left at the end is the remainder of draw * 10^digits, which tells whether this draw
    // counts.
    for (int i = 0; i < digits; ++i) text[i] = static_cast<char>('0' + TakeDigit(&fraction));
    if (!Declassify(fraction >= reject_below)) continue;
    passcode->Append(std::string_view(text, static_cast<size_t>(digits)));
    WipeMemory(text, sizeof text);
    return ErrorCode::kOk;
  }
  WipeMemory(text, sizeof text);
  return Error(ErrorCode::kInternalServerError, "every draw was rejected: the generator is broken");
}

}  // namespace

Error DrawPasscode(const uint8_t* entropy, int digits, Passcode* passcode) {
  const Error error = Draw(entropy, digits, passcode);
  // What was spilled of the draws. A send that is dropped while it waits for the guard comes to no
  // digest that would wipe it.
  sodium_stackzero(kDrawStack);
  return error;
}

void KeyRing::Add(uint32_t id, DigestKey key) {
  // Whoever digests has a key, but not always one of the generators that do this. Should it fail,
  // hashing and comparing are as right and only slower.
  const bool ready = sodium_init() >= 0;
  static_cast<void>(ready);
  Remove(id);
  TagKey request_key = MakeTagKey(key);
  keys_.push_back(Entry{id, std::move(key), std::move(request_key)});
}

void KeyRing::Remove(uint32_t id) {
  keys_.erase(
      std::remove_if(keys_.begin(), keys_.end(), [id](const Entry& e) { return e.id == id; }),
      keys_.end());
}

const KeyRing::Entry* KeyRing::FindEntry(uint32_t id) const {
  for (const Entry& entry : keys_) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

const DigestKey* KeyRing::Find(uint32_t id) const {
  const Entry* const entry = FindEntry(id);
  return entry == nullptr ? nullptr : &entry->key;
}

const TagKey* KeyRing::FindTagKey(uint32_t id) const {
  const Entry* const entry = FindEntry(id);
  return entry == nullptr ? nullptr : &entry->request_key;
}

bool KeyRing::HasZeroKey() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const Entry& entry) {
    return Declassify(sodium_is_zero(entry.key.Reveal(kAccess), DigestKey::size())) != 0;
  });
}

bool KeyRing::Holds(const DigestKey& key) const {
  bool found = false;
  for (const Entry& entry : keys_) {
    found |= Declassify(sodium_memcmp(entry.key.Reveal(kAccess), key.Reveal(kAccess),
                                      DigestKey::size())) == 0;
  }
  return found;
}

PasscodeDigest DigestPasscode(const DigestKey& key, uint32_t key_id, const PasscodeBinding& binding,
                              const Passcode& passcode) {
  DigestInput input;
  input.Add(key.Reveal(kAccess), DigestKey::size());
  input.Add(kPurpose.data(), kPurpose.size());
  input.Byte(static_cast<uint8_t>(static_cast<unsigned>(binding.factor) |
                                  static_cast<unsigned>(binding.purpose) << 4));
  input.Field(binding.organization_id.packed());
  input.Field(binding.member_id.packed());
  input.Field(binding.address);
  input.Add(binding.challenge_id.bytes.data(), binding.challenge_id.bytes.size());
  input.Field(passcode.Reveal(kAccess));
  crypto_generichash_state state = FreshState();
  crypto_generichash_update(&state, input.data(), input.size());
  PasscodeDigest digest;
  digest.key_id = key_id;
  crypto_generichash_final(&state, digest.bytes.data(), kDigestBytes);
  WipeMemory(&state, sizeof state);
  // The hash function leaves its last block below this frame. Wiped from here, since how deep it
  // lies below the frames of callers depends on the compiler.
  sodium_stackzero(kHashStack);
  return digest;
}

bool DigestsEqual(const PasscodeDigest& a, const PasscodeDigest& b) {
  static_assert(kDigestBytes == crypto_verify_16_BYTES);
  return Declassify(crypto_verify_16(a.bytes.data(), b.bytes.data())) == 0;
}

}  // namespace otpcore
