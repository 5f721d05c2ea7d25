// SPDX-License-Identifier: Apache-2.0
// The keys of Organizations and Members in a memory store, in order: made for a MemoryDirectory.
#ifndef OTPCORE_SRC_STORAGE_KEY_INDEX_H_
#define OTPCORE_SRC_STORAGE_KEY_INDEX_H_

#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "otpcore/base/ids.h"
#include "otpcore/model/record.h"

namespace otpcore {

// Thread-safe. A key may stand here without a record, and never the other way round while the
// shard of the record is locked.
class KeyIndex {
 public:
  // Keys of other kinds are passed over. May throw std::bad_alloc; nothing is changed then.
  void Insert(const RecordKey& key);
  void Erase(const RecordKey& key);
  // The first `limit` keys between the two, in order. True: there are no more.
  bool Next(std::string_view behind, std::string_view end, size_t limit,
            std::vector<RecordKey>* keys) const;
  // Two at most.
  std::vector<EntityId> OrganizationsOf(const EntityId& member_id) const;

 private:
  // Name and key of each Member; views into `keys_`, whose nodes stay where they are.
  using ByName = std::set<std::pair<std::string_view, std::string_view>>;

  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> keys_;
  ByName by_name_;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_STORAGE_KEY_INDEX_H_
