// SPDX-License-Identifier: Apache-2.0
// A SessionDirectory on PostgreSQL: hosts that share it know each other's sessions,
// so a client may start at one of them and go on at another. `otpcore migrate` makes the table.
// Metadata is stored as it is.
#ifndef OTPCORE_POSTGRES_SESSIONS_H_
#define OTPCORE_POSTGRES_SESSIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/postgres/options.h"

namespace otpcore {

class PgClient;

// Refers to the clock, which must outlive it; ends of sessions are by that clock, not by the
// server's. Thread-safe.
class OTPCORE_EXPORT PostgresSessions final : public SessionDirectory {
 public:
  PostgresSessions(Clock& clock, PostgresOptions options);
  ~PostgresSessions() override;

  // A new session that ends at `expires_at`. False: it may not be there; do not show its name.
  // Removes a few of those that ended long ago, so that nobody has to call for it.
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
  std::unique_ptr<PgClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_SESSIONS_H_
