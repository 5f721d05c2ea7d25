// SPDX-License-Identifier: Apache-2.0
#include "sqlite/file.h"

#include <algorithm>
#include <new>
#include <utility>

namespace otpcore {
namespace {

// Connections to a file do not age.
constexpr std::chrono::hours kForGood{24 * 365 * 100};

}  // namespace

std::unique_ptr<SqliteFile> SqliteFile::Open(const SqliteOptions& options, std::string* problem) {
  std::unique_ptr<SqliteConnection> writer = OpenOrMakeSqlite(options, problem);
  if (writer == nullptr) return nullptr;
  return std::unique_ptr<SqliteFile>(new SqliteFile(options, std::move(writer)));
}

SqliteFile::SqliteFile(SqliteOptions options, std::unique_ptr<SqliteConnection> writer)
    : options_(std::move(options)),
      readers_(options_.readers_max, kForGood,
               [this](SteadyTime deadline) {
                 std::string problem;
                 return OpenSqlite(options_.path, deadline, &problem);
               }),
      writer_(std::move(writer)) {}

bool SqliteFile::Read(const std::function<bool(SqliteConnection&)>& read) {
  const SteadyTime deadline = Deadline();
  const SqlitePool::Lease connection = readers_.Take(deadline);
  if (!connection) return false;
  connection->set_deadline(deadline);
  if (connection->Run("BEGIN") != SQLITE_OK) return false;
  const bool good = read(*connection);
  connection->Run("ROLLBACK");
  return good;
}

SqliteOutcome SqliteFile::Run(const SqliteJob& job, SqliteWork* work) {
  Waiting self(job);
  const SteadyTime deadline = Deadline();
  std::unique_lock<std::mutex> lock(mutex_);
  queue_.push_back(&self);
  while (!self.done) {
    if (!led_ && !self.taken) {
      Lead(&lock);
    } else if (self.taken) {
      self.changed.wait(lock);  // the leader has its own limit, and our job
    } else if (self.changed.wait_until(lock, deadline) == std::cv_status::timeout && !self.taken &&
               !self.done) {
      for (auto at = queue_.begin(); at != queue_.end(); ++at) {
        if (*at != &self) continue;
        queue_.erase(at);
        break;
      }
      // It may have been our turn to lead.
      if (!queue_.empty()) queue_.front()->changed.notify_one();
      return SqliteOutcome::kUnavailable;
    }
  }
  *work = self.work;
  return self.outcome;
}

size_t SqliteFile::waiting() {
  const std::lock_guard<std::mutex> lock(mutex_);
  return queue_.size();
}

int SqliteFile::Change(const char* sql, std::initializer_list<SqlValue> values) {
  int changes = -1;
  SqliteWork work = SqliteWork::kFailed;
  const SqliteOutcome outcome = Run(
      [&](SqliteTransaction& transaction) {
        if (!SqliteQuery(transaction.connection(), sql, values).Run()) return SqliteWork::kFailed;
        changes = transaction.connection().changes();
        return changes > 0 ? SqliteWork::kWrote : SqliteWork::kUnchanged;
      },
      &work);
  return outcome == SqliteOutcome::kDone ? changes : -1;
}

void SqliteFile::Lead(std::unique_lock<std::mutex>* lock) {
  std::vector<Waiting*> group;
  group.reserve(std::min(queue_.size(), static_cast<size_t>(std::max(options_.group_max, 1))));
  led_ = true;
  while (group.size() < group.capacity()) {
    group.push_back(queue_.front());
    group.back()->taken = true;
    queue_.pop_front();
  }
  lock->unlock();
  try {
    RunGroup({group.data(), group.size()});
  } catch (const std::bad_alloc&) {
    for (Waiting* waiting : group) waiting->outcome = SqliteOutcome::kUnknown;
    writer_.reset();
  }
  lock->lock();
  led_ = false;
  // With the lock held: who is told may be gone a moment after it is released.
  for (Waiting* waiting : group) {
    waiting->done = true;
    waiting->changed.notify_one();
  }
  if (!queue_.empty()) queue_.front()->changed.notify_one();  // leads next
}

bool SqliteFile::RunJobs(Group group, SqliteTransaction* transaction, bool* wrote) {
  SqliteConnection& connection = transaction->connection();
  const int64_t before =
      connection.Number("SELECT revision FROM otpcore_meta WHERE single = 1", -1);
  transaction->revision_ = before;
  if (before < 0) return false;
  for (Waiting* waiting : group) {
    waiting->work = waiting->job(*transaction);
    if (waiting->work == SqliteWork::kFailed) return false;
    *wrote = *wrote || waiting->work == SqliteWork::kWrote;
  }
  return transaction->revision_ == before ||
         SqliteQuery(connection, "UPDATE otpcore_meta SET revision = ?1 WHERE single = 1",
                     {transaction->revision_})
             .Run();
}

void SqliteFile::RunGroup(Group group) {
  const auto end = [group](SqliteOutcome outcome) {
    for (Waiting* waiting : group) waiting->outcome = outcome;
  };
  const SteadyTime deadline = Deadline();
  std::string problem;
  if (writer_ == nullptr) writer_ = OpenSqlite(options_.path, deadline, &problem);
  if (writer_ == nullptr) return end(SqliteOutcome::kUnavailable);
  writer_->set_deadline(deadline);
  if (writer_->Run("BEGIN IMMEDIATE") != SQLITE_OK) return end(SqliteOutcome::kUnavailable);
  SqliteTransaction transaction(*writer_);
  bool wrote = false;
  if (!RunJobs(group, &transaction, &wrote)) {
    // Without COMMIT nothing was applied, whatever SQLite has already taken back by itself.
    if (writer_->in_transaction() && writer_->Run("ROLLBACK") != SQLITE_OK) writer_.reset();
    if (group.size == 1) return end(SqliteOutcome::kUnavailable);
    for (Waiting* const& waiting : group) RunGroup({&waiting, 1});
    return;
  }
  const int committed = writer_->Run(wrote ? "COMMIT" : "ROLLBACK");
  if (committed == SQLITE_OK) {
    if (wrote) flushed_.fetch_add(1, std::memory_order_relaxed);
    return end(SqliteOutcome::kDone);
  }
  // Of a failed flush a part may be on the disk, and count after a crash.
  end(committed == SQLITE_BUSY ? SqliteOutcome::kUnavailable : SqliteOutcome::kUnknown);
  writer_.reset();  // which takes the transaction back
}

}  // namespace otpcore
