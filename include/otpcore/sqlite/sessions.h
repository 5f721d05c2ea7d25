// SPDX-License-Identifier: Apache-2.0
// A SessionDirectory in an SQLite file. A token is kept as a digest, metadata as it is.
#ifndef OTPCORE_SQLITE_SESSIONS_H_
#define OTPCORE_SQLITE_SESSIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/adapters/memory_sessions.h"
#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/sqlite/database.h"

namespace otpcore {

// Refers to clock and database, which must outlive it; ends of sessions are by that clock.
// Thread-safe.
class OTPCORE_EXPORT SqliteSessions final : public SessionDirectory {
 public:
  SqliteSessions(Clock& clock, SqliteDatabase& database) : clock_(clock), file_(database.file()) {}

  // Adds or replaces a session that ends at `expires_at`. False: it may not be there; do not show
  // its name. Removes a few of those that ended long ago, so that nobody has to call for it.
  bool Add(const SessionCredential& credential, const Session& session, Instant expires_at,
           const std::string& metadata = {});
  // Nothing, and false, also when the file cannot be read or written.
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
  // also when the file did not take the write: the passcode is used then, and the person signs in
  // again.
  bool Apply(const SessionEffect& effect) override;

 private:
  Clock& clock_;
  SqliteFile& file_;
};

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_SESSIONS_H_
