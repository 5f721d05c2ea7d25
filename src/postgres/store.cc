// SPDX-License-Identifier: Apache-2.0
#include "otpcore/postgres/store.h"

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

// Rows of the records that are there, each with the epoch; one with the epoch alone when none is.
constexpr char kLoad[] =
    "SELECT e.epoch, r.key, r.revision, r.body FROM otpcore_epoch e "
    "LEFT JOIN otpcore_records r ON r.key = ANY($1::bytea[])";
constexpr char kLoadOne[] =
    "SELECT e.epoch, r.key, r.revision, r.body FROM otpcore_epoch e "
    "LEFT JOIN otpcore_records r ON r.key = $1";

// A commit is one statement, so it needs one round trip and commits itself. It changes one row, or
// answers one that says how many it changed; 0: a revision was another.
struct Statement {
  const char* sql;
  std::vector<PgValue> values;
};

constexpr char kDelete[] = "DELETE FROM otpcore_records WHERE key = $1 AND revision = $2";

constexpr char kInsert[] =
    "INSERT INTO otpcore_records (key, revision, body) "
    "VALUES ($1, nextval('otpcore_revision'), $2) ON CONFLICT DO NOTHING";

constexpr char kUpdate[] =
    "UPDATE otpcore_records SET revision = nextval('otpcore_revision'), body = $2 "
    "WHERE key = $1 AND revision = $3";

// With a message, which is there exactly when the record is.
constexpr char kUpdateAndPost[] =
    "WITH written AS (UPDATE otpcore_records SET revision = nextval('otpcore_revision'), "
    "body = $2 WHERE key = $1 AND revision = $3 RETURNING 1), "
    "posted AS (INSERT INTO otpcore_outbox (challenge_id, key_id, sealed, expires_at) "
    "SELECT $4, $5::bigint, $6, to_timestamp($7::bigint / 1000.0) FROM written "
    "ON CONFLICT DO NOTHING) SELECT count(*) FROM written";

constexpr char kCommit[] =
    "SELECT otpcore_commit($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea, $5::bigint, "
    "$6::bytea, $7::bigint)::int::bigint";

// The message as the last four values of a statement.
void AddMessage(const Message& message, const OutboxKey& key, Statement* statement) {
  statement->values.emplace_back(BytesOf(message.challenge_id));
  statement->values.emplace_back(uint64_t{key.id});
  statement->values.emplace_back(SealMessage(key, message));
  statement->values.emplace_back(message.expires_at.unix_millis());
}

// Of one write and no message, or an update and one.
Statement StatementOf(const Write& write) {
  std::string key = BytesOf(*write.key);
  if (write.record.empty()) return {kDelete, {std::move(key), write.expected}};
  std::string body = Protect(*write.key, write.record);
  if (write.expected == 0) return {kInsert, {std::move(key), std::move(body)}};
  return {kUpdate, {std::move(key), std::move(body), write.expected}};
}

Statement StatementOf(const Changes& changes, const std::vector<OutboxKey>& outbox_keys) {
  const Message* const message = outbox_keys.empty() ? nullptr : changes.message;
  if (changes.writes.size() == 1) {
    const Write& only = *changes.writes.begin();
    if (message == nullptr) return StatementOf(only);
    if (only.expected != 0 && !only.record.empty()) {
      Statement statement = StatementOf(only);
      statement.sql = kUpdateAndPost;
      AddMessage(*message, outbox_keys.front(), &statement);
      return statement;
    }
  }
  std::vector<std::string> keys, bodies;
  std::vector<int64_t> expected;
  for (const Write& write : changes.writes) {
    keys.push_back(BytesOf(*write.key));
    expected.push_back(static_cast<int64_t>(write.expected));
    bodies.push_back(write.record.empty() ? "" : Protect(*write.key, write.record));
  }
  Statement statement = {kCommit, {keys, expected, bodies}};
  if (message != nullptr) {
    AddMessage(*message, outbox_keys.front(), &statement);
  } else {
    for (int i = 0; i < 2; ++i) {
      statement.values.emplace_back(std::string());
      statement.values.emplace_back(int64_t{0});
    }
  }
  return statement;
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
  const PgResult rows = keys.size() == 1 ? connection->Call(kLoadOne, {keys[0]}, deadline)
                                         : connection->Call(kLoad, {PgValue(keys)}, deadline);
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
  const Statement statement = StatementOf(changes, client_->options.outbox_keys);
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return CommitOutcome::kUnavailable;
  const PgResult done = connection->Call(statement.sql, statement.values, deadline);
  if (done.ok()) {
    const int64_t changed = done.rows() == 1 ? done.number(0, 0) : done.affected();
    return changed > 0 ? CommitOutcome::kCommitted : CommitOutcome::kConflict;
  }
  if (done.lost() || SaysNothing(done.sqlstate())) return CommitOutcome::kUnknown;
  return done.collided() ? CommitOutcome::kConflict : CommitOutcome::kUnavailable;
}

bool PostgresStore::BeginEpoch(uint64_t epoch) {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  // Microseconds since 1970 run ahead of any count of commits; hosts that still hold revisions of
  // before the restore then find none of them again (K-03).
  return connection &&
         connection
             ->Call(
                 "SELECT setval('otpcore_revision', greatest(nextval('otpcore_revision'), "
                 "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint))",
                 {}, deadline)
             .ok() &&
         connection->Call("UPDATE otpcore_epoch SET epoch = $1", {epoch}, deadline).ok();
}

std::vector<Message> PostgresStore::PendingMessages(Duration age, int limit) {
  std::vector<Message> messages;
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  if (!connection) return messages;
  const PgResult rows = connection->Call(
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
             ->Call("DELETE FROM otpcore_outbox WHERE challenge_id = $1", {BytesOf(id)}, deadline)
             .ok();
}

bool PostgresStore::RemoveExpiredMessages() {
  const SteadyTime deadline = client_->Deadline();
  const PgPool::Lease connection = client_->pool.Take(deadline);
  return connection &&
         connection->Call("DELETE FROM otpcore_outbox WHERE expires_at <= now()", {}, deadline)
             .ok();
}

}  // namespace otpcore
