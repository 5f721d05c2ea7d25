// SPDX-License-Identifier: Apache-2.0
// A look into a store without a command: for tests that must know what is kept, or put there what
// would take many commands to reach.
#ifndef OTPCORE_TESTING_RECORDS_H_
#define OTPCORE_TESTING_RECORDS_H_

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "otpcore/engine/ports.h"
#include "otpcore/model/codec.h"
#include "otpcore/testing/setup_failure.h"

namespace otpcore {
namespace testing {

// What a store has under a key. Revision 0: nothing.
struct StoredRecord {
  RecordKey key;
  Revision revision = 0;
  std::string bytes;  // packed
};

struct StoredRecords {
  bool ok = false;
  uint64_t epoch = 0;
  std::vector<StoredRecord> records;  // one for each key, in their order
};

// Asks for all of `keys`, in as many loads as it takes.
inline StoredRecords LoadFrom(Store& store, const std::vector<RecordKey>& keys) {
  StoredRecords all;
  all.ok = true;
  for (size_t from = 0; from < keys.size(); from += Records::kMax) {
    auto records = std::make_unique<Records>();
    const size_t end = std::min(keys.size(), from + Records::kMax);
    for (size_t i = from; i < end; ++i) records->Want(keys[i]);
    LoadBatch batch = records->Batch();
    const Store::LoadResult result = store.Load(batch);
    all.ok = all.ok && result.ok && records->TakeBatch();
    all.epoch = result.epoch;
    for (size_t i = from; i < end; ++i) {
      const LoadedRecord* const found = all.ok ? records->Find(keys[i]) : nullptr;
      StoredRecord& one = all.records.emplace_back();
      one.key = keys[i];
      if (found == nullptr) continue;
      one.revision = found->revision;
      one.bytes = std::string(found->bytes);
    }
  }
  return all;
}
inline StoredRecord LoadFrom(Store& store, const RecordKey& key) {
  return LoadFrom(store, std::vector<RecordKey>{key}).records.front();
}

// One write that owns what it writes.
struct StoredWrite {
  RecordKey key;
  Revision expected = 0;
  std::string record;  // packed; empty: delete
};

// At most Writes::kMax.
inline CommitOutcome CommitTo(Store& store, const std::vector<StoredWrite>& writes) {
  Changes changes;
  for (const StoredWrite& write : writes) {
    if (!changes.writes.Add({&write.key, write.expected, write.record}))
      SetupFailed("too many writes for one commit");
  }
  return store.Commit(changes);
}

// The packed form of a record.
template <typename R>
std::string Packed(const R& record) {
  std::array<char, kMemberRecordBytesMax> bytes;
  const size_t size = Pack(record, bytes.data());
  if (size == 0) SetupFailed("a record cannot be packed");
  return std::string(bytes.data(), size);
}

// A record read from bytes that it keeps alive: copies share them.
template <typename R>
struct Kept : R {
  std::shared_ptr<const std::string> bytes;
};

// False: nothing there, or nothing that can be read.
template <typename R>
bool ReadStored(const StoredRecord& stored, Kept<R>* record) {
  record->bytes = std::make_shared<const std::string>(stored.bytes);
  return stored.revision != 0 && Unpack(stored.key, *record->bytes, static_cast<R*>(record));
}

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_RECORDS_H_
