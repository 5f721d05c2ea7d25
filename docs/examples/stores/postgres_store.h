// SPDX-License-Identifier: Apache-2.0
// A Store on PostgreSQL (12 or later), to be copied: one table of key, revision and protected bytes
// (otpcore/model/codec.h), one transaction per commit. schema.sql makes the tables.
//
// Needs a primary that keeps `fsync` on. An asynchronous standby that takes over has lost the
// latest commits: use synchronous replication, or treat the take-over as a restore (`BeginEpoch`).
#ifndef OTPCORE_EXAMPLES_STORES_POSTGRES_STORE_H_
#define OTPCORE_EXAMPLES_STORES_POSTGRES_STORE_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "otpcore/engine/ports.h"
#include "postgres_connection.h"
#include "sealed_message.h"

namespace otpcore::examples {

struct PostgresOptions {
  std::string conninfo;  // as for libpq
  int connections_max = 8;
  std::chrono::milliseconds timeout{2000};  // for all of one call
  // After this time, or up to a quarter earlier, a connection is replaced.
  std::chrono::milliseconds connection_age_max = kConnectionAgeMax;
  // Set: messages go into the outbox within the commit, sealed with the first key (D-07).
  std::vector<SealingKey> outbox_keys;
};

// Thread-safe. Opens connections as they are needed and again after they broke.
class PostgresStore final : public Store {
 public:
  explicit PostgresStore(PostgresOptions options);

  // One statement, so all records are of one moment.
  LoadResult Load(LoadBatch& batch) override;
  // One write without a message is one statement; otherwise BEGIN … COMMIT. What fails before
  // COMMIT is kUnavailable; COMMIT without an answer is kUnknown.
  CommitOutcome Commit(const Changes& changes) override;

  // After a restore, before any host is let in: announces `epoch`, which no earlier one may equal
  // (seconds since 1970 do well), and moves revisions past those that were lost. False: not done.
  bool BeginEpoch(uint64_t epoch);

  // ---- The outbox, for a relay that delivers what a crashed host left behind ----

  // Up to `limit` messages that were written at least `age` ago and have not expired, oldest first.
  // Several relays may get the same one; the gateway knows it by its challenge id.
  std::vector<Message> PendingMessages(std::chrono::milliseconds age, int limit);
  // Delivered, or void. False: not done; it goes when it expires at the latest.
  bool RemoveMessage(const ChallengeId& id);
  bool RemoveExpiredMessages();

 private:
  struct Statement {
    const char* sql;
    std::vector<PgValue> values;
    bool must_affect;  // one row, or the revision was another
  };
  // One for each write, in the order of the keys so that commits do not deadlock.
  std::vector<Statement> StatementsOf(const Changes& changes) const;
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + options_.timeout; }

  const PostgresOptions options_;
  PgPool pool_;
};

// Wraps a sink: what was answered for is taken out of the outbox. Kept after kUnknown, so that a
// relay may try again under the same idempotency key.
class OutboxSink final : public MessageSink {
 public:
  OutboxSink(MessageSink& inner, PostgresStore& store) : inner_(inner), store_(store) {}
  Delivery Deliver(const Message& message) override;

 private:
  MessageSink& inner_;
  PostgresStore& store_;
};

}  // namespace otpcore::examples

#endif  // OTPCORE_EXAMPLES_STORES_POSTGRES_STORE_H_
