// SPDX-License-Identifier: Apache-2.0
// Where the records live, chosen by a URL, and what is made of the secret that hosts share.
#ifndef OTPCORE_EXAMPLES_MFA_SERVER_BACKENDS_H_
#define OTPCORE_EXAMPLES_MFA_SERVER_BACKENDS_H_

#include <memory>
#include <string>

#include "api.h"
#include "otpcore/otpcore.h"

namespace mfa_server {

struct Backends {
  std::shared_ptr<void> database;  // what the others are on, where they do not open it themselves
  std::unique_ptr<otpcore::Store> store;
  std::unique_ptr<otpcore::Directory> directory;  // of the store; null: Redis has none
  std::unique_ptr<otpcore::SendGuard> guard;
  std::unique_ptr<otpcore::SessionDirectory> sessions;
  SessionStore session_store;     // of `sessions`
  std::function<void()> tidy_up;  // to be called every minute or so
};

// `spraying_failures` is the policy's, which the guard keeps (L-08).
// "memory", "sqlite:FILE", "postgresql://…" or "redis://…". Null when that cannot be opened;
// `*problem` says why.
std::unique_ptr<Backends> OpenBackends(const std::string& url, otpcore::Clock& clock,
                                       int spraying_failures, std::string* problem);

// The digest key of a deployment: hosts that share a store must have the same, so this example
// derives it from the secret they share. A real host keeps a random key of its own.
otpcore::KeyRing KeysOf(const std::string& secret);
// The sealing key, made of the same secret in another way.
otpcore::SealingKeyRing SealingKeysOf(const std::string& secret);

// The Authorization header of HTTP basic authentication.
std::string BasicCredentials(const std::string& project_id, const std::string& secret);

}  // namespace mfa_server

#endif  // OTPCORE_EXAMPLES_MFA_SERVER_BACKENDS_H_
