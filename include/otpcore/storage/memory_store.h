// SPDX-License-Identifier: Apache-2.0
// MemoryStore: the reference Store. Keeps everything in memory, for tests, benchmarks and
// single-process hosts that may forget all passcodes at a restart.
#ifndef OTPCORE_STORAGE_MEMORY_STORE_H_
#define OTPCORE_STORAGE_MEMORY_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "otpcore/base/export.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

class KeyIndex;

// Keeps K-01 … K-12 but for durability: a commit is lost with the process. Answers kUnavailable
// only for a record that cannot be kept (K-12), and never kUnknown. Thread-safe: keys are spread
// over shards with a lock each; a commit holds the locks of all its keys.
class OTPCORE_EXPORT MemoryStore final : public Store {
 public:
  MemoryStore();
  ~MemoryStore() override;
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  LoadResult Load(LoadBatch& batch) override;
  CommitOutcome Commit(const Changes& changes) override;

  // Announces that the content was replaced by an older one (K-11): challenges issued before are
  // void.
  void BeginEpoch(uint64_t epoch);
  size_t size() const;

 private:
  friend class MemoryDirectory;
  struct Impl;
  // Of the Organizations and Members; made at the first call, and kept from then on.
  KeyIndex& Index();
  // Copies the record of `key`. False: there is none.
  bool Read(const RecordKey& key, std::string* record) const;

  std::unique_ptr<Impl> impl_;
};

}  // namespace otpcore

#endif  // OTPCORE_STORAGE_MEMORY_STORE_H_
