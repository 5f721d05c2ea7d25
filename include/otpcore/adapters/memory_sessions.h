// SPDX-License-Identifier: Apache-2.0
// MemorySessionDirectory: sessions in memory, for tests, examples and single-process hosts.
#ifndef OTPCORE_ADAPTERS_MEMORY_SESSIONS_H_
#define OTPCORE_ADAPTERS_MEMORY_SESSIONS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// What a host shows of a session.
struct SessionInfo {
  Session session;
  std::string metadata;  // the host's own; kept as it is
  Instant expires_at;
};

// Intermediate tokens and full sessions by their secret value, or by Session::id: then, and in
// ListOf, all sessions are looked at. Refers to the clock, which must outlive it. Thread-safe.
class OTPCORE_EXPORT MemorySessionDirectory final : public SessionDirectory {
 public:
  explicit MemorySessionDirectory(Clock& clock);
  ~MemorySessionDirectory() override;

  // Adds or replaces a session that ends at `expires_at`. Some of those that have ended are
  // forgotten.
  void Add(const SessionCredential& credential, const Session& session, Instant expires_at,
           std::string metadata = {});

  // Nothing when it is gone.
  std::optional<SessionInfo> Get(const SessionCredential& credential);
  // False when it is gone, or its metadata is not `was`.
  bool CompareAndSetMetadata(const SessionCredential& credential, const std::string& was,
                             std::string metadata);
  // Ends a session at once. False when it is gone.
  bool Remove(const SessionCredential& credential);
  // The living sessions of a Member, intermediate ones too, in no order.
  std::vector<SessionInfo> ListOf(const EntityId& member_id);

  FindResult Find(const SessionCredential& credential) override;
  // kUpgrade removes the intermediate token, and so does kCreateIntermediate that names one: the
  // host makes the session, since it gives the person the new credential. kExtend adds the factor,
  // and the session lasts at least `duration` from now; of two proofs of one factor the later
  // counts, and a session of no Member becomes the Member's. All are false when the session is
  // gone. What names no session is the host's, and true.
  bool Apply(const SessionEffect& effect) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace otpcore

#endif  // OTPCORE_ADAPTERS_MEMORY_SESSIONS_H_
