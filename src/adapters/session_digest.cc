// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/session_digest.h"

#include <sodium.h>

#include <array>

namespace otpcore {

std::string SessionDigest(const SessionCredential& credential) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(credential.kind)));
  text.append(credential.value);
  std::array<uint8_t, 32> digest{};
  crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const uint8_t*>(text.data()),
                     text.size(), nullptr, 0);
  return {digest.begin(), digest.end()};
}

}  // namespace otpcore
