// SPDX-License-Identifier: Apache-2.0
#include "otpcore/storage/memory_directory.h"

#include <string>

#include "storage/key_index.h"

namespace otpcore {

MemoryDirectory::MemoryDirectory(MemoryStore& store) : store_(store), index_(store.Index()) {}

bool MemoryDirectory::Visit(VisitBatch& batch) {
  // Keys first, records then: a record that is there all the time has its key there all the time.
  std::vector<RecordKey> keys;
  std::string record;
  size_t found = 0;
  std::string behind = batch.behind();
  for (;;) {
    const size_t wanted = batch.range().limit - found;
    const bool at_end = index_.Next(behind, batch.end(), wanted, &keys);
    for (const RecordKey& key : keys) {
      if (!store_.Read(key, &record)) continue;  // deleted meanwhile
      if (!batch.Found(key, record)) return false;
      ++found;
    }
    if (at_end) batch.AtEnd();
    if (at_end || found > 0) return true;
    behind = keys.back().bytes();
  }
}

bool MemoryDirectory::OrganizationsOf(const EntityId& member_id,
                                      std::vector<EntityId>* organizations) {
  *organizations = index_.OrganizationsOf(member_id);
  return true;
}

}  // namespace otpcore
