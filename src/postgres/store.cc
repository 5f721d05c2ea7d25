// SPDX-License-Identifier: Apache-2.0
#include "otpcore/postgres/store.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "otpcore/model/codec.h"
#include "postgres/connection.h"

namespace otpcore {
namespace {

// Errors that end the session or the server may come after the transaction was already made
// durable, so they say nothing about it: connection exceptions, operator intervention (a query
// cancelled while it waits for a standby has been committed), system and internal errors.
bool SaysNothing(std::string_view sqlstate) {
  const std::string_view group = sqlstate.substr(0, 2);
  return group.empty() || group == "08" || group == "57" || group == "58" || group == "XX";
}

std::string BytesOf(const ChallengeId& id) { return {id.bytes.begin(), id.bytes.end()}; }
std::string BytesOf(const RecordKey& key) { return std::string(key.bytes()); }

struct Statement {
  const char* sql;
  std::vector<PgValue> values;
  bool must_affect;  // one row, or the revision was another
};

// One for each write, in the order of the keys so that commits do not deadlock.
std::vector<Statement> StatementsOf(const Changes& changes, const std::vector<OutboxKey>& keys) {
  std::vector<const Write*> writes;
  for (const Write& write : changes.writes) writes.push_back(&write);
  std::sort(writes.begin(), writes.end(),
            [](const Write* a, const Write* b) { return a->key->bytes() < b->key->bytes(); });

  std::vector<Statement> statements;
  for (const Write* write : writes) {
    std::string key = BytesOf(*write->key);
    if (write->record.empty()) {
      statements.push_back({"DELETE FROM otpcore_records WHERE key = $1 AND revision = $2",
                            {std::move(key), write->expected},
                            true});
    } else if (write->expected == 0) {
      statements.push_back(
          {"INSERT INTO otpcore_records (key, revision, body) "
           "VALUES ($1, nextval('otpcore_revision'), $2) ON CONFLICT DO NOTHING",
           {std::move(key), Protect(*write->key, write->record)},
           true});
    } else {
      statements.push_back(
          {"UPDATE otpcore_records SET revision = nextval('otpcore_revision'), "
           "body = $2 WHERE key = $1 AND revision = $3",
           {std::move(key), Protect(*write->key, write->record), write->expected},
           true});
    }
  }
  if (changes.message != nullptr && !keys.empty()) {
    const OutboxKey& key = keys.front();
    statements.push_back(
        {"INSERT INTO otpcore_outbox (challenge_id, key_id, sealed, expires_at) "
         "VALUES ($1, $2, $3, to_timestamp($4::bigint / 1000.0)) "
         "ON CONFLICT DO NOTHING",
         {BytesOf(changes.message->challenge_id), uint64_t{key.id},
          SealMessage(key, *changes.message), changes.message->expires_at.unix_millis()},
         false});
  }
  return statements;
}

}  // namespace

PostgresStore::PostgresStore(PostgresOptions options)
    : client_(std::make_unique<PgClient>(std::move(options))) {}
PostgresStore::~PostgresStore() = default;

Store::LoadResult PostgresStore::Load(LoadBatch& batch) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return {};
  std::vector<std::string> keys;
  for (size_t i = 0; i < batch.size(); ++i) keys.push_back(BytesOf(batch.key(i)));
  const PgResult rows = connection->Run(
      "SELECT e.epoch, r.key, r.revision, r.body FROM otpcore_epoch e "
      "LEFT JOIN otpcore_records r ON r.key = ANY($1::bytea[])",
      {PgValue(keys)}, deadline);
  // Without an epoch the schema is not there: not the same as a store without records (K-12).
  if (!rows.ok() || rows.rows() == 0) return {};

  for (size_t i = 0; i < batch.size(); ++i) {
    for (int row = 0; row < rows.rows(); ++row) {
      if (rows.null(row, 1) || rows.bytes(row, 1) != keys[i]) continue;
      const Result<std::string_view> record = Unprotect(batch.key(i), rows.bytes(row, 3));
      if (!record || !batch.Found(i, static_cast<Revision>(rows.number(row, 2)), *record))
        return {};
    }
  }
  return {true, static_cast<uint64_t>(rows.number(0, 0))};
}

CommitOutcome PostgresStore::Commit(const Changes& changes) {
  const std::vector<Statement> statements = StatementsOf(changes, client_->options.outbox_keys);
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return CommitOutcome::kUnavailable;

  if (statements.size() == 1) {  // commits itself
    const PgResult done = connection->Run(statements[0].sql, statements[0].values, deadline);
    if (done.ok())
      return done.affected() == 1 ? CommitOutcome::kCommitted : CommitOutcome::kConflict;
    if (done.lost() || SaysNothing(done.sqlstate())) return CommitOutcome::kUnknown;
    return done.collided() ? CommitOutcome::kConflict : CommitOutcome::kUnavailable;
  }

  // Until COMMIT is sent nothing can have been applied; a connection that is left within a
  // transaction is not used again, and closing it rolls back.
  if (!connection->Run("BEGIN", {}, deadline).ok()) return CommitOutcome::kUnavailable;
  for (const Statement& statement : statements) {
    const PgResult done = connection->Run(statement.sql, statement.values, deadline);
    const bool conflict =
        done.ok() ? statement.must_affect && done.affected() != 1 : done.collided();
    if (done.ok() && !conflict) continue;
    connection->Run("ROLLBACK", {}, deadline);
    return conflict ? CommitOutcome::kConflict : CommitOutcome::kUnavailable;
  }
  const PgResult committed = connection->Run("COMMIT", {}, deadline);
  if (committed.ok())  // a transaction that had failed answers with another tag
    return committed.tag() == "COMMIT" ? CommitOutcome::kCommitted : CommitOutcome::kUnavailable;
  return committed.collided() ? CommitOutcome::kConflict : CommitOutcome::kUnknown;
}

bool PostgresStore::BeginEpoch(uint64_t epoch) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  // Microseconds since 1970 run ahead of any count of commits; hosts that still hold revisions of
  // before the restore then find none of them again (K-03).
  return connection &&
         connection
             ->Run(
                 "SELECT setval('otpcore_revision', greatest(nextval('otpcore_revision'), "
                 "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint))",
                 {}, deadline)
             .ok() &&
         connection->Run("UPDATE otpcore_epoch SET epoch = $1", {epoch}, deadline).ok();
}

std::vector<Message> PostgresStore::PendingMessages(Duration age, int limit) {
  std::vector<Message> messages;
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return messages;
  const PgResult rows = connection->Run(
      "SELECT key_id, sealed FROM otpcore_outbox WHERE expires_at > now() "
      "AND written_at <= now() - $1::bigint * interval '1 millisecond' "
      "ORDER BY written_at LIMIT $2::bigint",
      {int64_t{age.count()}, int64_t{limit}}, deadline);
  for (int row = 0; rows.ok() && row < rows.rows(); ++row) {
    for (const OutboxKey& key : client_->options.outbox_keys) {
      if (static_cast<int64_t>(key.id) != rows.number(row, 0)) continue;
      std::optional<Message> message = OpenMessage(key, rows.bytes(row, 1));
      if (message) messages.push_back(std::move(*message));
    }
  }
  return messages;
}

bool PostgresStore::RemoveMessage(const ChallengeId& id) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  return connection &&
         connection
             ->Run("DELETE FROM otpcore_outbox WHERE challenge_id = $1", {BytesOf(id)}, deadline)
             .ok();
}

bool PostgresStore::RemoveExpiredMessages() {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  return connection &&
         connection->Run("DELETE FROM otpcore_outbox WHERE expires_at <= now()", {}, deadline).ok();
}

}  // namespace otpcore
