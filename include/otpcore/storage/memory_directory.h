// SPDX-License-Identifier: Apache-2.0
// MemoryDirectory: search over a MemoryStore.
#ifndef OTPCORE_STORAGE_MEMORY_DIRECTORY_H_
#define OTPCORE_STORAGE_MEMORY_DIRECTORY_H_

#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/engine/directory.h"
#include "otpcore/storage/memory_store.h"

namespace otpcore {

class KeyIndex;

// The first one on a store makes an index of its Organizations and Members, and the store keeps it
// from then on: some 200 bytes for each. A store without MemoryDirectory pays nothing. Refers to
// the store, which must outlive it. Thread-safe, also while it is made. May throw std::bad_alloc.
class OTPCORE_EXPORT MemoryDirectory final : public Directory {
 public:
  explicit MemoryDirectory(MemoryStore& store);

  // Costs one look-up, then one for each record; commits wait for it no longer than that of one.
  bool Visit(VisitBatch& batch) override;
  // One look-up.
  bool OrganizationsOf(const EntityId& member_id, std::vector<EntityId>* organizations) override;

 private:
  MemoryStore& store_;
  KeyIndex& index_;
};

}  // namespace otpcore

#endif  // OTPCORE_STORAGE_MEMORY_DIRECTORY_H_
