// SPDX-License-Identifier: Apache-2.0
#include "rules/hmac.h"

#include <array>
#include <cstring>

#include "base/masks.h"
#include "otpcore/base/secret.h"

namespace otpcore {
namespace {

// More than the deepest frames of SHA-512 take.
constexpr size_t kHashStack = 2048;

void StartSha1(Sha1* hash, const uint8_t* key, uint8_t pad) {
  uint8_t block[kSha1BlockBytes];
  for (size_t i = 0; i < sizeof block; ++i) block[i] = static_cast<uint8_t>(key[i] ^ pad);
  hash->Start();
  hash->Update(block, sizeof block);
  WipeMemory(block, sizeof block);
}

// The key fills one block: a longer one is hashed, a shorter one padded with zeros.
void ReadySha1(Sha1* inner, Sha1* outer, const uint8_t* key, size_t key_size) {
  uint8_t block[kSha1BlockBytes] = {};
  if (key_size > sizeof block) {
    inner->Start();
    inner->Update(key, key_size);
    inner->Finish(block);
  } else if (key_size > 0) {
    std::memcpy(block, key, key_size);
  }
  StartSha1(inner, block, 0x36);
  StartSha1(outer, block, 0x5C);
  WipeMemory(block, sizeof block);
}

void ComputeSha1(Sha1 inner, Sha1 outer, const uint8_t* message, size_t size, uint8_t* mac) {
  inner.Update(message, size);
  inner.Finish(mac);
  outer.Update(mac, kSha1Bytes);
  outer.Finish(mac);
}

}  // namespace

size_t HmacBytes(TotpAlgorithm algorithm) {
  switch (algorithm) {
    case TotpAlgorithm::kSha1: return kSha1Bytes;
    case TotpAlgorithm::kSha256: return crypto_auth_hmacsha256_BYTES;
    case TotpAlgorithm::kSha512: return crypto_auth_hmacsha512_BYTES;
  }
  return 0;
}

Hmac::Hmac(TotpAlgorithm algorithm, const uint8_t* key, size_t key_size) : algorithm_(algorithm) {
  switch (algorithm_) {
    case TotpAlgorithm::kSha1: ReadySha1(&sha1_.inner, &sha1_.outer, key, key_size); return;
    case TotpAlgorithm::kSha256: crypto_auth_hmacsha256_init(&sha256_, key, key_size); return;
    case TotpAlgorithm::kSha512: crypto_auth_hmacsha512_init(&sha512_, key, key_size); return;
  }
}

Hmac::~Hmac() {
  switch (algorithm_) {
    case TotpAlgorithm::kSha1: WipeMemory(&sha1_, sizeof sha1_); return;
    case TotpAlgorithm::kSha256: WipeMemory(&sha256_, sizeof sha256_); return;
    case TotpAlgorithm::kSha512: WipeMemory(&sha512_, sizeof sha512_); return;
  }
}

void Hmac::Compute(const uint8_t* message, size_t size, uint8_t* mac) const {
  switch (algorithm_) {
    case TotpAlgorithm::kSha1: ComputeSha1(sha1_.inner, sha1_.outer, message, size, mac); return;
    case TotpAlgorithm::kSha256: {
      crypto_auth_hmacsha256_state state = sha256_;
      crypto_auth_hmacsha256_update(&state, message, size);
      crypto_auth_hmacsha256_final(&state, mac);
      return;
    }
    case TotpAlgorithm::kSha512: {
      crypto_auth_hmacsha512_state state = sha512_;
      crypto_auth_hmacsha512_update(&state, message, size);
      crypto_auth_hmacsha512_final(&state, mac);
      return;
    }
  }
}

void WipeHashStack() { sodium_stackzero(kHashStack); }

uint32_t Truncate(const uint8_t* mac, size_t size) {
  const uint32_t chosen = mac[size - 1] & 15u;
  uint32_t value = 0;
  for (uint32_t offset = 0; offset < 16; ++offset)
    value |= ReadBigEndian(mac + offset) & EqualMask(offset, chosen);
  return value & 0x7FFFFFFF;
}

uint32_t HotpValue(const Hmac& hmac, uint64_t counter) {
  uint8_t message[8];
  for (int i = 0; i < 8; ++i) message[i] = static_cast<uint8_t>(counter >> (56 - 8 * i));
  uint8_t mac[kHmacBytesMax];
  hmac.Compute(message, sizeof message, mac);
  const uint32_t value = Truncate(mac, HmacBytes(hmac.algorithm()));
  WipeMemory(mac, sizeof mac);
  return value;
}

uint32_t LastDigits(uint32_t value, int digits) {
  // floor(value / 10^digits) is the product, shifted, for every value below 2^31: the factor is
  // 2^shift / 10^digits rounded up, too large by less than 2^(shift - 31) / 10^digits.
  const bool six = digits == 6;
  const uint64_t factor = six ? 2251799814u : 1441151881u;
  const int shift = six ? 51 : 57;
  const uint32_t codes = six ? 1000000 : 100000000;
  return value - static_cast<uint32_t>(value * factor >> shift) * codes;
}

}  // namespace otpcore
