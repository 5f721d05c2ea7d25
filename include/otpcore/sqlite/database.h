// SPDX-License-Identifier: Apache-2.0
// One SQLite file (3.35 or later) for all that a host keeps: records, outbox, quotas and sessions.
// Durable without a server, for hosts on one machine.
//
// The file is in write-ahead mode with `synchronous=FULL`: what was answered as committed survives
// a crash of the host and of the machine, as far as the disk tells the truth about flushes. Threads
// that write at the same moment share one transaction, and so one flush; a transaction of many is
// much cheaper than many. Several processes of one machine may use one file; they take turns.
//
// Beside the file lie `FILE-wal` and `FILE-shm`: they belong to it. Copy a file that is in use with
// SQLite's own backup (`sqlite3 FILE ".backup COPY"`), never with cp. The file must not be on a
// network file system. A copy that is put back is a restore: SqliteStore::BeginEpoch.
#ifndef OTPCORE_SQLITE_DATABASE_H_
#define OTPCORE_SQLITE_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "otpcore/adapters/sealed_message.h"
#include "otpcore/base/export.h"
#include "otpcore/base/time.h"

namespace otpcore {

// The form of the file that this library reads and writes; a file of another one is refused.
inline constexpr int kSqliteFileVersion = 1;

struct SqliteOptions {
  // Made where there is none, for its owner alone (mode 0600). Its folder must be there.
  std::string path;
  // How long a call waits for its turn. A disk that hangs holds up its callers longer.
  Duration timeout{5000};
  // How many threads read at once; the others wait. At least 1.
  int readers_max = 8;
  // How many writes share a transaction at most. At least 1, which shares nothing.
  int group_max = 128;
  // Set: messages go into the outbox within the commit, sealed with the first key (D-07). The
  // others open what older hosts have sealed.
  std::vector<OutboxKey> outbox_keys;
};

class SqliteFile;

// An open file. It must outlive the store, guard and sessions on it. Thread-safe. A process that
// forks opens it again in the child and lets the parent's alone.
class OTPCORE_EXPORT SqliteDatabase {
 public:
  // Opens the file, or makes it. Null, and `*problem` is a sentence: it cannot be read or written,
  // it is not otpcore's, it has another version, or it cannot be put into write-ahead mode. A file
  // that is refused is not changed.
  static std::unique_ptr<SqliteDatabase> Open(const SqliteOptions& options, std::string* problem);
  ~SqliteDatabase();

  // For the classes of this component.
  SqliteFile& file() { return *file_; }

 private:
  explicit SqliteDatabase(std::unique_ptr<SqliteFile> file);

  std::unique_ptr<SqliteFile> file_;
};

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_DATABASE_H_
