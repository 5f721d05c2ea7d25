// SPDX-License-Identifier: Apache-2.0
#include "otpcore/sqlite/store.h"

#include <array>
#include <optional>
#include <utility>

#include "otpcore/model/codec.h"
#include "sqlite/file.h"

namespace otpcore {
namespace {

std::string BytesOf(const ChallengeId& id) { return {id.bytes.begin(), id.bytes.end()}; }

int64_t SystemMillis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// A commit as it goes into the file: what takes time is done before it waits for its turn.
struct Prepared {
  std::array<std::string, Writes::kMax> bodies;  // of the writes, in their order
  std::string sealed;                            // empty: no message
  uint32_t key_id = 0;
};

Prepared Prepare(const Changes& changes, const std::vector<OutboxKey>& keys) {
  Prepared prepared;
  size_t i = 0;
  for (const Write& write : changes.writes) {
    if (!write.record.empty()) prepared.bodies[i] = Protect(*write.key, write.record);
    ++i;
  }
  if (changes.message != nullptr && !keys.empty()) {
    prepared.sealed = SealMessage(keys.front(), *changes.message);
    prepared.key_id = keys.front().id;
  }
  return prepared;
}

// Whether every record has the revision expected; nothing when that cannot be read.
std::optional<bool> IsAsExpected(SqliteConnection& connection, const Changes& changes) {
  for (const Write& write : changes.writes) {
    SqliteQuery row(connection, "SELECT revision FROM otpcore_records WHERE key = ?1",
                    {write.key->bytes()});
    const uint64_t found = row.Next() ? static_cast<uint64_t>(row.number(0)) : 0;
    if (!row.ok()) return std::nullopt;
    if (found != write.expected) return false;
  }
  return true;
}

bool WriteAll(SqliteTransaction& transaction, const Changes& changes, const Prepared& prepared) {
  SqliteConnection& connection = transaction.connection();
  size_t i = 0;
  for (const Write& write : changes.writes) {
    const std::string& body = prepared.bodies[i++];
    const bool done =
        body.empty()
            ? SqliteQuery(connection, "DELETE FROM otpcore_records WHERE key = ?1",
                          {write.key->bytes()})
                  .Run()
            : SqliteQuery(connection,
                          "INSERT INTO otpcore_records (key, revision, body) VALUES (?1, ?2, ?3) "
                          "ON CONFLICT (key) DO UPDATE SET revision = ?2, body = ?3",
                          {write.key->bytes(), transaction.NextRevision(), body})
                  .Run();
    if (!done) return false;
  }
  return prepared.sealed.empty() ||
         SqliteQuery(connection,
                     "INSERT INTO otpcore_outbox (challenge_id, key_id, sealed, written_at, "
                     "expires_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                     {BytesOf(changes.message->challenge_id), int64_t{prepared.key_id},
                      prepared.sealed, SystemMillis(), changes.message->expires_at.unix_millis()})
             .Run();
}

}  // namespace

Store::LoadResult SqliteStore::Load(LoadBatch& batch) {
  LoadResult result;
  const auto read = [&](SqliteConnection& connection) {
    const int64_t epoch = connection.Number("SELECT epoch FROM otpcore_meta WHERE single = 1", -1);
    if (epoch < 0) return false;
    result.epoch = static_cast<uint64_t>(epoch);
    for (size_t i = 0; i < batch.size(); ++i) {
      SqliteQuery row(connection, "SELECT revision, body FROM otpcore_records WHERE key = ?1",
                      {batch.key(i).bytes()});
      if (!row.Next()) {
        if (!row.ok()) return false;
        continue;
      }
      const Result<std::string_view> record = Unprotect(batch.key(i), row.bytes(1));
      if (!record || !batch.Found(i, static_cast<Revision>(row.number(0)), *record)) return false;
    }
    return true;
  };
  result.ok = file_.Read(read);
  return result;
}

CommitOutcome SqliteStore::Commit(const Changes& changes) {
  const Prepared prepared = Prepare(changes, file_.options().outbox_keys);
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = file_.Run(
      [&](SqliteTransaction& transaction) {
        const std::optional<bool> expected = IsAsExpected(transaction.connection(), changes);
        if (!expected) return SqliteWork::kFailed;
        if (!*expected) return SqliteWork::kUnchanged;
        return WriteAll(transaction, changes, prepared) ? SqliteWork::kWrote : SqliteWork::kFailed;
      },
      &work);
  if (outcome == SqliteOutcome::kUnavailable) return CommitOutcome::kUnavailable;
  if (outcome == SqliteOutcome::kUnknown) return CommitOutcome::kUnknown;
  return work == SqliteWork::kWrote ? CommitOutcome::kCommitted : CommitOutcome::kConflict;
}

bool SqliteStore::BeginEpoch(uint64_t epoch) {
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = file_.Run(
      [epoch](SqliteTransaction& transaction) {
        // Microseconds since 1970 run ahead of any count of commits; hosts that still hold
        // revisions of before the restore then find none of them again (K-03).
        transaction.SkipTo(SystemMillis() * 1000);
        return SqliteQuery(transaction.connection(),
                           "UPDATE otpcore_meta SET epoch = ?1 WHERE single = 1", {epoch})
                       .Run()
                   ? SqliteWork::kWrote
                   : SqliteWork::kFailed;
      },
      &work);
  return outcome == SqliteOutcome::kDone;
}

std::vector<Message> SqliteStore::PendingMessages(Duration age, int limit) {
  std::vector<Message> messages;
  const int64_t now = SystemMillis();
  const bool read = file_.Read([&](SqliteConnection& connection) {
    SqliteQuery row(connection,
                    "SELECT key_id, sealed FROM otpcore_outbox WHERE expires_at > ?1 AND "
                    "written_at <= ?2 ORDER BY written_at LIMIT ?3",
                    {now, now - age.count(), int64_t{limit}});
    while (row.Next()) {
      for (const OutboxKey& key : file_.options().outbox_keys) {
        if (int64_t{key.id} != row.number(0)) continue;
        std::optional<Message> message = OpenMessage(key, row.bytes(1));
        if (message) messages.push_back(std::move(*message));
      }
    }
    return row.ok();
  });
  if (!read) messages.clear();
  return messages;
}

bool SqliteStore::RemoveMessage(const ChallengeId& id) {
  const std::string bytes = BytesOf(id);
  return file_.Change("DELETE FROM otpcore_outbox WHERE challenge_id = ?1", {bytes}) >= 0;
}

bool SqliteStore::RemoveExpiredMessages() {
  return file_.Change("DELETE FROM otpcore_outbox WHERE expires_at <= ?1", {SystemMillis()}) >= 0;
}

}  // namespace otpcore
