// SPDX-License-Identifier: Apache-2.0
#include "otpcore/sqlite/directory.h"

#include "otpcore/model/codec.h"
#include "sqlite/file.h"

namespace otpcore {

bool SqliteDirectory::Visit(VisitBatch& batch) {
  const size_t limit = batch.range().limit;
  return file_.Read([&](SqliteConnection& connection) {
    SqliteQuery row(connection,
                    "SELECT key, body FROM otpcore_records WHERE key > ?1 AND key < ?2 "
                    "ORDER BY key LIMIT ?3",
                    {batch.behind(), batch.end(), static_cast<int64_t>(limit)});
    while (row.Next()) {
      const RecordKey key = RecordKey::FromBytes(row.bytes(0));
      const Result<std::string_view> record = Unprotect(key, row.bytes(1));
      if (!record || !batch.Found(key, *record)) return false;
    }
    if (batch.size() < limit) batch.AtEnd();
    return row.ok();
  });
}

bool SqliteDirectory::OrganizationsOf(const EntityId& member_id,
                                      std::vector<EntityId>* organizations) {
  organizations->clear();
  VisitBatch all;  // for the bounds of its range
  all.Ask({RecordKind::kOrganization, {}, {}, 1});
  return file_.Read([&](SqliteConnection& connection) {
    SqliteQuery row(connection,
                    "SELECT key FROM otpcore_records WHERE key > ?1 AND key < ?2 ORDER BY key",
                    {all.behind(), all.end()});
    while (organizations->size() < 2 && row.Next()) {
      const EntityId organization = RecordKey::FromBytes(row.bytes(0)).id();
      SqliteQuery member(connection, "SELECT 1 FROM otpcore_records WHERE key = ?1",
                         {RecordKey::Member(organization, member_id).bytes()});
      if (member.Next()) organizations->push_back(organization);
      if (!member.ok()) return false;
    }
    return row.ok();
  });
}

}  // namespace otpcore
