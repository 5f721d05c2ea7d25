// SPDX-License-Identifier: Apache-2.0
// XChaCha20-Poly1305 as it is, behind one pair of functions. Use rules/sealing.h, which fixes what
// is authenticated beside the plain bytes.
#ifndef OTPCORE_SRC_RULES_AEAD_H_
#define OTPCORE_SRC_RULES_AEAD_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "otpcore/base/secret.h"

namespace otpcore {

inline constexpr size_t kAeadNonceBytes = 24;
inline constexpr size_t kAeadTagBytes = 16;
using AeadKey = SecretBytes<32>;
using AeadNonce = std::array<uint8_t, kAeadNonceBytes>;

// Bytes that are authenticated and not encrypted.
struct AssociatedBytes {
  const uint8_t* bytes;
  size_t size;
};

// Writes the ciphertext, then the tag: `size` + kAeadTagBytes bytes. Leaves nothing of the plain
// bytes or the key on the stack.
void AeadSeal(const AeadKey& key, const AeadNonce& nonce, const AssociatedBytes& associated,
              const uint8_t* plain, size_t size, uint8_t* sealed);

// Opens `size` bytes of ciphertext and tag, at least kAeadTagBytes, into `plain`. Returns false,
// and `plain` holds nothing of what was sealed, when key, nonce or associated bytes are other ones
// or a bit was changed.
bool AeadOpen(const AeadKey& key, const AeadNonce& nonce, const AssociatedBytes& associated,
              const uint8_t* sealed, size_t size, uint8_t* plain);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_AEAD_H_
