#include "backends.h"

#include <sodium.h>

#include <array>

namespace mfa_server {

std::unique_ptr<Backends> OpenBackends(const std::string& url, otpcore::Clock& clock,
                                       std::string* problem) {
  auto backends = std::make_unique<Backends>();
  if (url == "memory") {
    backends->store = std::make_unique<otpcore::MemoryStore>();
    backends->guard = std::make_unique<otpcore::MemorySendGuard>(clock);
    return backends;
  }
  *problem = "--store takes memory, postgresql://... or redis://...";
  return nullptr;
}

otpcore::KeyRing KeysOf(const std::string& secret) {
  std::array<uint8_t, 32> key{};
  crypto_generichash(key.data(), key.size(), reinterpret_cast<const uint8_t*>(secret.data()),
                     secret.size(), nullptr, 0);
  return otpcore::KeyRing(1, otpcore::DigestKey(key));
}

std::string BasicCredentials(const std::string& project_id, const std::string& secret) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  const std::string pair = project_id + ":" + secret;
  std::string encoded(sodium_base64_encoded_len(pair.size(), kVariant), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(pair.data()), pair.size(), kVariant);
  encoded.pop_back();  // the terminating NUL it counts
  return "Basic " + encoded;
}

}  // namespace mfa_server
