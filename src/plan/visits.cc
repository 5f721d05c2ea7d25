// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/visits.h"

#include <algorithm>

#include "otpcore/model/codec.h"

namespace otpcore {
namespace {

// What all keys of the range begin with.
std::string PrefixOf(const VisitRange& range) {
  std::string prefix = {static_cast<char>(range.kind),
                        static_cast<char>(range.organization.packed().size())};
  prefix += range.organization.packed();
  return prefix;
}

// The least text above all that begin with `prefix`. A prefix of a key is not all 0xFF.
std::string Behind(std::string prefix) {
  while (static_cast<unsigned char>(prefix.back()) == 0xFF) prefix.pop_back();
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

void VisitBatch::Ask(const VisitRange& range) {
  range_ = range;
  range_.limit = std::clamp<size_t>(range.limit, 1, kMax);
  const std::string prefix = PrefixOf(range_);
  behind_ = prefix;
  behind_ += range_.after.packed();
  end_ = Behind(prefix);
  count_ = 0;
  arena_.clear();
  at_end_ = broke_ = false;
}

bool VisitBatch::Found(const RecordKey& key, std::string_view record) {
  const std::string_view before = count_ == 0 ? behind_ : records_[count_ - 1].key.bytes();
  const bool good = !broke_ && count_ < range_.limit && key.bytes() > before &&
                    key.bytes() < end_ && !record.empty() && record.size() <= kMemberRecordBytesMax;
  if (!good) {
    broke_ = true;
    return false;
  }
  if (count_ == records_.size()) records_.emplace_back();
  records_[count_].key = key;
  records_[count_].at = arena_.size();
  records_[count_].size = record.size();
  arena_ += record;
  ++count_;
  return true;
}

}  // namespace otpcore
