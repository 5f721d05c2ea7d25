// SPDX-License-Identifier: Apache-2.0
// Search over an SqliteStore.
#ifndef OTPCORE_SQLITE_DIRECTORY_H_
#define OTPCORE_SQLITE_DIRECTORY_H_

#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/engine/directory.h"
#include "otpcore/sqlite/database.h"

namespace otpcore {

// Refers to the database, which must outlive it. Thread-safe. Readers wait for no writer.
class OTPCORE_EXPORT SqliteDirectory final : public Directory {
 public:
  explicit SqliteDirectory(SqliteDatabase& database) : file_(database.file()) {}

  // One transaction: a range of the primary key.
  bool Visit(VisitBatch& batch) override;
  // One transaction, and one look-up for each Organization: some microseconds each. The file has no
  // index for it, which every Member would pay for.
  bool OrganizationsOf(const EntityId& member_id, std::vector<EntityId>* organizations) override;

 private:
  SqliteFile& file_;
};

}  // namespace otpcore

#endif  // OTPCORE_SQLITE_DIRECTORY_H_
