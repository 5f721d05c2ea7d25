// SPDX-License-Identifier: Apache-2.0
// The records of one operation: the keys that its plan asked for, and what the store answered.
//
// Everything lies inside the object: keys, revisions and up to kArenaBytes of packed records. A
// store fills it through a LoadBatch; a plan reads it with Find.
#ifndef OTPCORE_PLAN_RECORDS_H_
#define OTPCORE_PLAN_RECORDS_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/model/codec.h"
#include "otpcore/model/record.h"

namespace otpcore {

// One record as a store has it. Revision 0: there is none under the key.
struct LoadedRecord {
  LoadedRecord() {}

  RecordKey key;
  Revision revision = 0;
  std::string_view bytes;  // packed; into the arena
};

class Records;

// The records that a store is asked for in one Load. A store looks up each key and calls Found for
// those that are there. Valid until the operation's next input. Not thread-safe.
class OTPCORE_EXPORT LoadBatch {
 public:
  size_t size() const { return count_; }
  const RecordKey& key(size_t i) const;
  // Copies `record`. False when it is longer than any record the core writes, or `revision` is 0:
  // the store should answer that it could not load.
  bool Found(size_t i, Revision revision, std::string_view record);

 private:
  friend class Records;
  LoadBatch(Records* records, size_t first, size_t count)
      : records_(records), first_(first), count_(count) {}

  Records* records_;
  size_t first_;
  size_t count_;
};

// Not copyable, for views point into it; not thread-safe.
class OTPCORE_EXPORT Records {
 public:
  static constexpr size_t kMax = 16;  // more than any command asks for
  static constexpr size_t kArenaBytes =
      kMemberRecordBytesMax + kOrganizationRecordBytesMax + 14 * kIndexRecordBytesMax;

  Records() {}
  Records(const Records&) = delete;
  Records& operator=(const Records&) = delete;
  ~Records() = default;

  // The record of `key`; null while it was not loaded.
  const LoadedRecord* Find(const RecordKey& key) const {
    for (size_t i = 0; i < loaded_; ++i) {
      if (places_[i].record.key == key) return &places_[i].record;
    }
    return nullptr;
  }

  // Asks for a record; once only, however often it is called. False: there are kMax already.
  bool Want(const RecordKey& key);
  bool wants_any() const { return wanted_ > loaded_; }
  // What was asked for since the last load.
  LoadBatch Batch() { return {this, loaded_, wanted_ - loaded_}; }
  // Takes the answer to the batch: records that the store did not find are absent. False: one of
  // them did not fit, and nothing is taken.
  bool TakeBatch();
  // Asks for one loaded record again. The others are forgotten, but for their keys.
  LoadBatch Again(const RecordKey& key);
  void Clear();

  size_t size() const { return loaded_; }
  const LoadedRecord& operator[](size_t i) const { return places_[i].record; }

 private:
  friend class LoadBatch;

  // Places beyond wanted_ are not made.
  union Place {
    Place() {}
    LoadedRecord record;
  };
  Place places_[kMax];
  size_t wanted_ = 0;
  size_t loaded_ = 0;
  size_t used_ = 0;  // of the arena
  bool overflowed_ = false;
  char arena_[kArenaBytes];
};

inline const RecordKey& LoadBatch::key(size_t i) const {
  return records_->places_[first_ + i].record.key;
}

}  // namespace otpcore

#endif  // OTPCORE_PLAN_RECORDS_H_
