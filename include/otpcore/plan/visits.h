// SPDX-License-Identifier: Apache-2.0
// What a search asks a Directory for, and what it takes as an answer (rules SR-09 … SR-11).
#ifndef OTPCORE_PLAN_VISITS_H_
#define OTPCORE_PLAN_VISITS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/model/record.h"

namespace otpcore {

// A stretch of the records of one kind: the Organizations, or the Members of one Organization, in
// the order of their keys' bytes. That is the order of the ids as EntityId::packed has them.
struct VisitRange {
  RecordKind kind = RecordKind::kOrganization;  // or kMember
  EntityId organization;                        // of kMember: whose Members; else empty
  EntityId after;    // begin behind this id, whether it is there or not; empty: with the first
  size_t limit = 1;  // of records: 1 … VisitBatch::kMax
};

// One call of a Directory: the range that is asked for, and the records that it found there. Not
// thread-safe. Use it again for the next call: memory that it took is kept.
class OTPCORE_EXPORT VisitBatch {
 public:
  static constexpr size_t kMax = 256;

  // ---- For the search ----

  // Forgets what was found and asks for `range`; a limit out of its range is moved into it.
  void Ask(const VisitRange& range);
  // What a Directory found, in order; views live until the next Ask.
  size_t size() const { return count_; }
  const RecordKey& key(size_t i) const { return records_[i].key; }
  std::string_view bytes(size_t i) const {
    const std::string_view all = arena_;
    return all.substr(records_[i].at, records_[i].size);
  }
  // Nothing is behind the records that were found.
  bool at_end() const { return at_end_; }
  // Found was given something that it does not take: nothing of the answer may be used.
  bool broke() const { return broke_; }

  // ---- For the Directory ----

  const VisitRange& range() const { return range_; }
  // The keys in question are those with behind() < key < end(), compared as bytes, each byte as a
  // number from 0 to 255.
  const std::string& behind() const { return behind_; }
  const std::string& end() const { return end_; }
  // Takes the next record, and copies it. False, and the answer is no good any more: the key is not
  // in the range, or not behind the one before; there are `limit` records already; the record is
  // empty, or longer than any that the core writes. May throw std::bad_alloc.
  bool Found(const RecordKey& key, std::string_view record);
  // Says that no record of the range is behind those that were found. Without it the search asks
  // again from the last one on; and where none was found, which is no progress, it fails.
  void AtEnd() { at_end_ = true; }

 private:
  struct Record {
    RecordKey key;
    size_t at = 0;  // in arena_
    size_t size = 0;
  };

  VisitRange range_;
  std::string behind_;
  std::string end_;
  std::vector<Record> records_;  // grows only
  size_t count_ = 0;
  std::string arena_;
  bool at_end_ = false;
  bool broke_ = false;
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_VISITS_H_
