// SPDX-License-Identifier: Apache-2.0
// Search over a PostgresStore. `otpcore migrate` makes the index that it needs.
#ifndef OTPCORE_POSTGRES_DIRECTORY_H_
#define OTPCORE_POSTGRES_DIRECTORY_H_

#include <memory>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/engine/directory.h"
#include "otpcore/postgres/options.h"

namespace otpcore {

class PgClient;

// Reads the table of the store with the same `conninfo`, on connections of its own, so that
// searches take none from those who sign in. It must be the primary, or a standby that applies
// commits before they are answered (synchronous_commit = remote_apply). Thread-safe.
class OTPCORE_EXPORT PostgresDirectory final : public Directory {
 public:
  explicit PostgresDirectory(PostgresOptions options);
  ~PostgresDirectory() override;

  // One statement: a range of the primary key.
  bool Visit(VisitBatch& batch) override;
  // One statement: a look-up in the index otpcore_records_member.
  bool OrganizationsOf(const EntityId& member_id, std::vector<EntityId>* organizations) override;

 private:
  std::unique_ptr<PgClient> client_;
};

}  // namespace otpcore

#endif  // OTPCORE_POSTGRES_DIRECTORY_H_
