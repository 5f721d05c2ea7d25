// SPDX-License-Identifier: Apache-2.0
// An open SQLite file: readers, and one writer that takes many writes into one transaction.
#ifndef OTPCORE_SQLITE_FILE_H_
#define OTPCORE_SQLITE_FILE_H_

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "otpcore/sqlite/database.h"
#include "sqlite/connection.h"

namespace otpcore {

// What a job did within its transaction.
enum class SqliteWork {
  kWrote,
  kUnchanged,  // it looked, and wrote nothing
  kFailed,     // SQLite refused a statement
};

// What became of a job.
enum class SqliteOutcome {
  kDone,         // it ran, and what it wrote is flushed
  kUnavailable,  // surely not applied
  kUnknown,      // the flush failed
};

// What a job gets: the connection within a transaction that holds the file's write lock, so all
// that it reads stays true until the end, and revisions.
class SqliteTransaction {
 public:
  explicit SqliteTransaction(SqliteConnection& connection) : connection_(connection) {}
  SqliteConnection& connection() { return connection_; }
  // One that no record has had.
  int64_t NextRevision() { return ++revision_; }
  // Those up to `revision` are not given out.
  void SkipTo(int64_t revision) { revision_ = std::max(revision_, revision); }

 private:
  friend class SqliteFile;
  SqliteConnection& connection_;
  int64_t revision_ = 0;
};

using SqliteJob = std::function<SqliteWork(SqliteTransaction&)>;
using SqlitePool = ConnectionPool<SqliteConnection>;

class SqliteFile {
 public:
  // Null, and `*problem` is a sentence: as SqliteDatabase::Open.
  static std::unique_ptr<SqliteFile> Open(const SqliteOptions& options, std::string* problem);

  // Runs `job` in a transaction, perhaps with those of other threads, and returns after the flush.
  // It may run more than once; the last time counts. `*work`: what it did, where the outcome is
  // kDone.
  //
  // The threads that come while one of them is at work wait in a queue. Then the first of them
  // leads: it begins a transaction, runs the jobs of all that wait, commits, which flushes once,
  // and tells each. A job that fails takes the others' transaction back; then each runs in one of
  // its own.
  SqliteOutcome Run(const SqliteJob& job, SqliteWork* work);
  // Runs one statement that writes. How many rows it changed; -1: it is not known to be done.
  int Change(const char* sql, std::initializer_list<SqlValue> values);
  // Reads within one transaction. False: it could not begin in time, or `read` says so.
  bool Read(const std::function<bool(SqliteConnection&)>& read);

  const SqliteOptions& options() const { return options_; }
  // How many writes wait for their turn, and how many transactions that wrote were flushed so far.
  size_t waiting();
  int64_t transactions() const { return flushed_.load(std::memory_order_relaxed); }

 private:
  struct Waiting {
    explicit Waiting(const SqliteJob& its_job) : job(its_job) {}
    const SqliteJob& job;
    SqliteWork work = SqliteWork::kFailed;
    SqliteOutcome outcome = SqliteOutcome::kUnavailable;
    bool taken = false;  // by a leader, which has it in its group
    bool done = false;
    std::condition_variable changed;
  };
  struct Group {  // some of a list
    Waiting* const* begin() const { return first; }
    Waiting* const* end() const { return first + size; }
    Waiting* const* first;
    size_t size;
  };

  SqliteFile(SqliteOptions options, std::unique_ptr<SqliteConnection> writer);
  SteadyTime Deadline() const { return std::chrono::steady_clock::now() + options_.timeout; }
  void Lead(std::unique_lock<std::mutex>* lock);
  void RunGroup(Group group);
  // False: a job failed, and all was taken back.
  bool RunJobs(Group group, SqliteTransaction* transaction, bool* wrote);

  const SqliteOptions options_;
  SqlitePool readers_;
  std::mutex mutex_;
  std::deque<Waiting*> queue_;
  bool led_ = false;
  std::atomic<int64_t> flushed_{0};
  std::unique_ptr<SqliteConnection> writer_;  // the leader's
};

// Opens a connection with what every one of this file needs. Null, and `*problem` is a sentence.
std::unique_ptr<SqliteConnection> OpenSqlite(const std::string& path, SteadyTime deadline,
                                             std::string* problem);
// Makes the file where there is none, and its tables where it is empty; refuses any other that is
// not of this version. Leaves write-ahead mode on.
std::unique_ptr<SqliteConnection> OpenOrMakeSqlite(const SqliteOptions& options,
                                                   std::string* problem);

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_FILE_H_
