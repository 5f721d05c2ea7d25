// SPDX-License-Identifier: Apache-2.0
// A Store on Redis (7 or later): one hash of revision and protected bytes
// (otpcore/model/codec.h) per record, one script per commit.
//
// Needs `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`; with anything
// less a committed passcode can be forgotten and come back. Replication is asynchronous whatever
// `WAIT` says: after a take-over by a replica call `BeginEpoch` before any host is let in.
#ifndef OTPCORE_REDIS_STORE_H_
#define OTPCORE_REDIS_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"
#include "otpcore/redis/options.h"

namespace otpcore {

// "" when a server answers there and takes our password and database; else a sentence that says
// what is wrong, for who starts a host.
OTPCORE_EXPORT std::string RedisProblem(const RedisOptions& options);

class RedisClient;

// Thread-safe. Opens connections as they are needed and again after they broke.
class OTPCORE_EXPORT RedisStore final : public Store {
 public:
  explicit RedisStore(RedisOptions options);
  ~RedisStore() override;

  LoadResult Load(LoadBatch& batch) override;
  CommitOutcome Commit(const Changes& changes) override;

  // Once for a new server, and after each restore or take-over before any host is let in: announces
  // `epoch`, which no earlier one may equal (seconds since 1970 do well), and moves revisions past
  // those that were lost. Until then loads and commits fail: a server that has lost everything must
  // not pass for one without records (K-12). False: not done.
  bool BeginEpoch(uint64_t epoch);
  // The same for a server that has no epoch; one that has keeps it. Of several hosts that start on
  // a new server at once the first decides. False: it is not known that there is an epoch now.
  bool BeginFirstEpoch(uint64_t epoch);

  std::string KeyOf(const RecordKey& key) const;

 private:
  bool SetEpoch(uint64_t epoch, const char* keep);

  std::unique_ptr<RedisClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_REDIS_STORE_H_
