// SPDX-License-Identifier: Apache-2.0
// A Store on PostgreSQL (12 or later): one table of key, revision and protected bytes
// (otpcore/model/codec.h), one transaction per commit. `otpcore migrate` makes the tables.
//
// Needs a primary that keeps `fsync` on. An asynchronous standby that takes over has lost the
// latest commits: use synchronous replication, or treat the take-over as a restore (`BeginEpoch`).
#ifndef OTPCORE_POSTGRES_STORE_H_
#define OTPCORE_POSTGRES_STORE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "otpcore/adapters/outbox.h"
#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/postgres/options.h"

namespace otpcore {

class PgClient;

// Thread-safe. Opens connections as they are needed and again after they broke.
class OTPCORE_EXPORT PostgresStore final : public Store, public Outbox {
 public:
  explicit PostgresStore(PostgresOptions options);
  ~PostgresStore() override;

  // One statement, so all records are of one moment.
  LoadResult Load(LoadBatch& batch) override;
  // One statement, also of several writes and a message, so one round trip. What is refused before
  // it is kUnavailable; without an answer it is kUnknown.
  CommitOutcome Commit(const Changes& changes) override;

  // After a restore, before any host is let in: announces `epoch`, which no earlier one may equal
  // (seconds since 1970 do well), and moves revisions past those that were lost. False: not done.
  bool BeginEpoch(uint64_t epoch);

  // The outbox, where the options have keys for it.
  std::vector<Message> PendingMessages(Duration age, int limit) override;
  bool RemoveMessage(const ChallengeId& id) override;
  bool RemoveExpiredMessages() override;

 private:
  std::unique_ptr<PgClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_STORE_H_
