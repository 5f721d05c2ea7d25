// SPDX-License-Identifier: Apache-2.0
// A SessionDirectory on Redis: hosts that share it know each other's sessions, so a
// client may start at one of them and go on at another. Metadata is stored as it is.
#ifndef OTPCORE_REDIS_SESSIONS_H_
#define OTPCORE_REDIS_SESSIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/redis/options.h"

namespace otpcore {

class RedisClient;

// Refers to the clock, which must outlive it; ends of sessions are by that clock. Redis removes a
// session a day after its end. Thread-safe.
class OTPCORE_EXPORT RedisSessions final : public SessionDirectory {
 public:
  RedisSessions(Clock& clock, RedisOptions options);
  ~RedisSessions() override;

  // A new session that ends at `expires_at`. False: it may not be there; do not show its name.
  bool Add(const SessionCredential& credential, const Session& session, Instant expires_at,
           const std::string& metadata = {});
  // Nothing, and false, also when the answer did not come.
  std::optional<SessionInfo> Get(const SessionCredential& credential);
  bool CompareAndSetMetadata(const SessionCredential& credential, const std::string& was,
                             const std::string& metadata);
  // Ends a session at once. False: it was gone, or may be there still.
  bool Remove(const SessionCredential& credential);
  // The living sessions of a Member, intermediate ones too, in no order. Nothing: they could not
  // be read.
  std::optional<std::vector<SessionInfo>> ListOf(const EntityId& member_id);

  FindResult Find(const SessionCredential& credential) override;
  // As MemorySessionDirectory does it, but that of two proofs of one factor the later counts. False
  // also when the answer did not come: the passcode is used then, the session is perhaps as it was,
  // and the person signs in again.
  bool Apply(const SessionEffect& effect) override;

 private:
  Clock& clock_;
  std::unique_ptr<RedisClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_REDIS_SESSIONS_H_
