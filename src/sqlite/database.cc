// SPDX-License-Identifier: Apache-2.0
#include "otpcore/sqlite/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite/file.h"

namespace otpcore {
namespace {

// In the header of the file, "OTPC": whose it is.
constexpr int64_t kApplicationId = 0x4F545043;

// Keys and tokens are blobs, which compare bytewise (K-07). Times are milliseconds since 1970.
constexpr char kSchema[] = R"sql(
  CREATE TABLE otpcore_meta (
    single INTEGER PRIMARY KEY CHECK (single = 1),
    epoch INTEGER NOT NULL,     -- SqliteStore::BeginEpoch changes it after a restore (K-11)
    revision INTEGER NOT NULL   -- the last one given out, of all records (K-03)
  );
  INSERT INTO otpcore_meta VALUES (1, 1, 0);
  CREATE TABLE otpcore_records (
    key BLOB PRIMARY KEY,       -- RecordKey::bytes()
    revision INTEGER NOT NULL,
    body BLOB NOT NULL          -- Protect
  );
  CREATE TABLE otpcore_outbox (
    challenge_id BLOB PRIMARY KEY,
    key_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    written_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  );
  CREATE INDEX otpcore_outbox_expires ON otpcore_outbox (expires_at);
  CREATE TABLE otpcore_admissions (
    operation_id BLOB PRIMARY KEY,  -- of the admission: one for each run of an operation
    returned INTEGER NOT NULL,      -- 1: it was given back, and may still come
    at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX otpcore_admissions_at ON otpcore_admissions (at);
  CREATE TABLE otpcore_guard_events (
    bucket BLOB NOT NULL,
    at INTEGER NOT NULL,
    operation_id BLOB NOT NULL,
    PRIMARY KEY (bucket, at, operation_id)
  ) WITHOUT ROWID;
  CREATE INDEX otpcore_guard_operations ON otpcore_guard_events (operation_id);
  CREATE INDEX otpcore_guard_events_at ON otpcore_guard_events (at);
  CREATE TABLE otpcore_guard_passcodes (
    operation_id BLOB PRIMARY KEY,  -- of the admission; the challenge has the same id
    bucket BLOB NOT NULL,
    member BLOB NOT NULL,
    number BLOB NOT NULL,
    ends_at INTEGER NOT NULL,       -- its expiry, unless it ended before
    proved INTEGER NOT NULL         -- 1: counts among the proved
  ) WITHOUT ROWID;
  CREATE INDEX otpcore_guard_passcodes_end ON otpcore_guard_passcodes (bucket, ends_at);
  CREATE TABLE otpcore_sessions (
    token BLOB PRIMARY KEY,         -- SessionDigest
    organization_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    factors BLOB NOT NULL,          -- 8 bytes for each kind: when it was shown last
    email_address BLOB NOT NULL,    -- that its e-mail factor proved; empty: none
    expires_at INTEGER NOT NULL,
    metadata BLOB NOT NULL
  );
  CREATE INDEX otpcore_sessions_end ON otpcore_sessions (expires_at);
  CREATE INDEX otpcore_sessions_id ON otpcore_sessions (session_id);
  CREATE INDEX otpcore_sessions_member ON otpcore_sessions (member_id);
  PRAGMA application_id = 0x4F545043;
  PRAGMA user_version = 1;
)sql";
static_assert(kSqliteFileVersion == 1, "kSchema names it too");

std::string Refused(const std::string& path, const std::string& why) {
  return "The file " + path + " cannot be used: " + why + ".";
}

std::string Reason(int code) { return sqlite3_errstr(code); }

// For its owner alone: SQLite gives the files beside it the same mode. False: there is no file.
bool MakeFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return false;
  struct stat found = {};
  const bool regular = fstat(file, &found) == 0 && S_ISREG(found.st_mode);
  close(file);
  return regular;
}

// "": it is ours, of this version. Only reads.
std::string Foreign(SqliteConnection& connection, bool* empty) {
  *empty = false;
  const int64_t tables = connection.Number("SELECT count(*) FROM sqlite_master", -1);
  if (tables < 0) return "it is no SQLite database, or it is locked";
  const int64_t application = connection.Number("PRAGMA application_id", -1);
  *empty = tables == 0 && application == 0;
  if (*empty) return "";
  if (application != kApplicationId) return "it is a database of something else";
  const int64_t version = connection.Number("PRAGMA user_version", -1);
  if (version == kSqliteFileVersion) return "";
  return "it has version " + std::to_string(version) + ", and this needs " +
         std::to_string(kSqliteFileVersion);
}

// "" or what is wrong. Of several processes that make it at once one does.
std::string MakeTables(SqliteConnection& connection) {
  if (const int code = connection.Run("BEGIN IMMEDIATE"); code != SQLITE_OK) return Reason(code);
  bool empty = false;
  const std::string foreign = Foreign(connection, &empty);
  const int made = foreign.empty() && empty ? connection.Run(kSchema) : SQLITE_OK;
  const int code = made == SQLITE_OK && foreign.empty() ? connection.Run("COMMIT") : made;
  if (connection.in_transaction()) connection.Run("ROLLBACK");
  return code == SQLITE_OK ? foreign : Reason(code);
}

// Others that open it now may be in the way.
bool MakeWriteAhead(SqliteConnection& connection, SteadyTime deadline) {
  do {
    SqliteQuery mode(connection, "PRAGMA journal_mode = WAL", {});
    if (mode.Next() && mode.bytes(0) == "wal") return true;
    poll(nullptr, 0, 1);
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

}  // namespace

std::unique_ptr<SqliteConnection> OpenSqlite(const std::string& path, SteadyTime deadline,
                                             std::string* problem) {
  int code = SQLITE_OK;
  std::unique_ptr<SqliteConnection> connection = SqliteConnection::Open(path, &code);
  if (connection != nullptr) {
    connection->set_deadline(deadline);
    // FULL flushes each commit (K-04). The schema of a file is not to be trusted.
    for (const char* setting : {"PRAGMA synchronous = FULL", "PRAGMA trusted_schema = OFF",
                                "PRAGMA cell_size_check = ON"}) {
      if (code == SQLITE_OK) code = connection->Run(setting);
    }
  }
  if (code == SQLITE_OK) return connection;
  *problem = Refused(path, Reason(code));
  return nullptr;
}

std::unique_ptr<SqliteConnection> OpenOrMakeSqlite(const SqliteOptions& options,
                                                   std::string* problem) {
  const std::string& path = options.path;
  const SteadyTime deadline = std::chrono::steady_clock::now() + options.timeout;
  // SQLite takes these for something else than a file.
  if (path.empty() || path[0] == ':' || !MakeFile(path)) {
    *problem = Refused(path, "it is no file, or cannot be made or written");
    return nullptr;
  }
  std::unique_ptr<SqliteConnection> connection = OpenSqlite(path, deadline, problem);
  if (connection == nullptr) return nullptr;
  bool empty = false;
  std::string wrong = Foreign(*connection, &empty);
  if (wrong.empty() && !MakeWriteAhead(*connection, deadline))
    wrong = "it cannot be put into write-ahead mode";
  if (wrong.empty() && empty) wrong = MakeTables(*connection);
  if (wrong.empty()) return connection;
  *problem = Refused(path, wrong);
  return nullptr;
}

SqliteDatabase::SqliteDatabase(std::unique_ptr<SqliteFile> file) : file_(std::move(file)) {}
SqliteDatabase::~SqliteDatabase() = default;

std::unique_ptr<SqliteDatabase> SqliteDatabase::Open(const SqliteOptions& options,
                                                     std::string* problem) {
  std::unique_ptr<SqliteFile> file = SqliteFile::Open(options, problem);
  if (file == nullptr) return nullptr;
  return std::unique_ptr<SqliteDatabase>(new SqliteDatabase(std::move(file)));
}

}  // namespace otpcore
