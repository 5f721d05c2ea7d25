// SPDX-License-Identifier: Apache-2.0
#include "rules/aead.h"

#include <sodium.h>

#include "base/declassify.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the cipher's key");

static_assert(kAeadNonceBytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "");
static_assert(kAeadTagBytes == crypto_aead_xchacha20poly1305_ietf_ABYTES, "");
static_assert(AeadKey::size() == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "");

// The cipher leaves parts of its key stream below its caller's frame.
constexpr size_t kCipherStack = 2048;

}  // namespace

void AeadSeal(const AeadKey& key, const AeadNonce& nonce, const AssociatedBytes& associated,
              const uint8_t* plain, size_t size, uint8_t* sealed) {
  crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, nullptr, plain, size, associated.bytes,
                                             associated.size, nullptr, nonce.data(),
                                             key.Reveal(kAccess));
  sodium_stackzero(kCipherStack);
}

bool AeadOpen(const AeadKey& key, const AeadNonce& nonce, const AssociatedBytes& associated,
              const uint8_t* sealed, size_t size, uint8_t* plain) {
  const int outcome = crypto_aead_xchacha20poly1305_ietf_decrypt(
      plain, nullptr, nullptr, sealed, size, associated.bytes, associated.size, nonce.data(),
      key.Reveal(kAccess));
  sodium_stackzero(kCipherStack);
  return Declassify(outcome) == 0;
}

}  // namespace otpcore
