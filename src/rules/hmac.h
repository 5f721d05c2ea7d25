// SPDX-License-Identifier: Apache-2.0
// HMAC (RFC 2104) with SHA-1, SHA-256 and SHA-512, and what RFC 4226 cuts out of it (rules R-07,
// TO-09). The key, the MAC and the value are secret: no branch, index or division depends on them.
#ifndef OTPCORE_SRC_RULES_HMAC_H_
#define OTPCORE_SRC_RULES_HMAC_H_

#include <sodium.h>

#include <cstddef>
#include <cstdint>

#include "otpcore/model/totp_registration.h"
#include "rules/sha1.h"

namespace otpcore {

inline constexpr size_t kHmacBytesMax = 64;

// Bytes of a MAC: 20, 32 or 64.
size_t HmacBytes(TotpAlgorithm algorithm);

// A key of any length, made ready once for any number of MACs: each then costs two compressions for
// a short message. Wiped at its end. Thread-safe once made.
class Hmac {
 public:
  Hmac(TotpAlgorithm algorithm, const uint8_t* key, size_t key_size);
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;
  ~Hmac();

  TotpAlgorithm algorithm() const { return algorithm_; }
  // Writes HmacBytes(algorithm()) bytes. Leaves copies of the message and of key material on the
  // stack below the caller: end with WipeHashStack.
  void Compute(const uint8_t* message, size_t size, uint8_t* mac) const;

 private:
  struct Sha1Pair {
    Sha1 inner, outer;
  };
  const TotpAlgorithm algorithm_;
  union {
    Sha1Pair sha1_;
    crypto_auth_hmacsha256_state sha256_;
    crypto_auth_hmacsha512_state sha512_;
  };
};

// Overwrites the stack below the caller as deep as the hash functions reach.
void WipeHashStack();

// RFC 4226, section 5.3: the low four bits of the last byte choose where the 31 bits are taken.
// `size` is 20 or more. All sixteen places are read, whichever is chosen.
uint32_t Truncate(const uint8_t* mac, size_t size);

// The truncated MAC of `counter`, as eight bytes, the most significant first.
uint32_t HotpValue(const Hmac& hmac, uint64_t counter);

// The remainder of `value`, below 2^31, by 10^digits, for 6 or 8 digits: by multiplication with a
// public constant.
uint32_t LastDigits(uint32_t value, int digits);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_HMAC_H_
