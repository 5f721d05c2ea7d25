// SPDX-License-Identifier: Apache-2.0
// A SessionDirectory on PostgreSQL, to be copied: hosts that share it know each other's sessions,
// so a client may start at one of them and go on at another. schema.sql makes the table. Metadata
// is stored as it is.
#ifndef OTPCORE_EXAMPLES_STORES_POSTGRES_SESSIONS_H_
#define OTPCORE_EXAMPLES_STORES_POSTGRES_SESSIONS_H_

#include <optional>
#include <string>

#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/engine/ports.h"
#include "postgres_connection.h"

namespace otpcore::examples {

// Refers to the clock, which must outlive it; ends of sessions are by that clock, not by the
// server's. Thread-safe.
class PostgresSessions final : public SessionDirectory {
 public:
  PostgresSessions(Clock& clock, std::string conninfo, int connections_max = 4,
                   std::chrono::milliseconds timeout = std::chrono::milliseconds(2000));

  // A new session that ends at `expires_at`. False: it may not be there; do not show its name.
  // Removes a few of those that ended long ago, so that nobody has to call for it.
  bool Add(const SessionCredential& credential, const Session& session, Instant expires_at,
           const std::string& metadata = {});
  // Nothing, and false, also when the answer did not come.
  std::optional<SessionInfo> Get(const SessionCredential& credential);
  bool CompareAndSetMetadata(const SessionCredential& credential, const std::string& was,
                             const std::string& metadata);

  FindResult Find(const SessionCredential& credential) override;
  // As MemorySessionDirectory does it, but that of two proofs of one factor the later counts. False
  // also when the answer did not come: the passcode is used then, the session is perhaps as it was,
  // and the person signs in again.
  bool Apply(const SessionEffect& effect) override;

 private:
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + timeout_; }

  Clock& clock_;
  const std::chrono::milliseconds timeout_;
  PgPool pool_;
};

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_POSTGRES_SESSIONS_H_
