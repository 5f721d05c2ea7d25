// SPDX-License-Identifier: Apache-2.0
#include "secret_name.h"

#include <sodium.h>

#include <array>

namespace mfa_server {

std::string SecretName(const std::string& secret, const std::string& text) {
  std::array<uint8_t, crypto_generichash_BYTES> name{};
  std::array<uint8_t, crypto_generichash_BYTES> key{};
  crypto_generichash(key.data(), key.size(), reinterpret_cast<const uint8_t*>(secret.data()),
                     secret.size(), nullptr, 0);
  crypto_generichash(name.data(), name.size(), reinterpret_cast<const uint8_t*>(text.data()),
                     text.size(), key.data(), key.size());
  return {name.begin(), name.end()};
}

}  // namespace mfa_server
