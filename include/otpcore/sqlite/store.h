// SPDX-License-Identifier: Apache-2.0
// A Store in an SQLite file: a table of key, revision and protected bytes (otpcore/model/codec.h).
#ifndef OTPCORE_SQLITE_STORE_H_
#define OTPCORE_SQLITE_STORE_H_

#include <cstdint>
#include <vector>

#include "otpcore/adapters/outbox.h"
#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/sqlite/database.h"

namespace otpcore {

// Refers to the database, which must outlive it. Thread-safe.
class OTPCORE_EXPORT SqliteStore final : public Store, public Outbox {
 public:
  explicit SqliteStore(SqliteDatabase& database) : file_(database.file()) {}

  // One transaction, so all records are of one moment. Readers wait for no writer.
  LoadResult Load(LoadBatch& batch) override;
  // kUnavailable: its turn did not come in time, or the file takes no writes (full, read-only).
  // kUnknown: the flush failed. Answered after the flush, as are conflicts.
  CommitOutcome Commit(const Changes& changes) override;

  // After a restore, before any host is let in: announces `epoch`, which no earlier one may equal
  // (seconds since 1970 do well), and moves revisions past those that were lost. False: not done.
  bool BeginEpoch(uint64_t epoch);

  // The outbox, where the options have keys for it. Ages and ends are by the system's clock.
  std::vector<Message> PendingMessages(Duration age, int limit) override;
  bool RemoveMessage(const ChallengeId& id) override;
  bool RemoveExpiredMessages() override;

 private:
  SqliteFile& file_;
};

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_STORE_H_
