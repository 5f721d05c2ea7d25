// SPDX-License-Identifier: Apache-2.0
#include "otpcore/plan/records.h"

#include <new>

namespace otpcore {

bool LoadBatch::Found(size_t i, Revision revision, std::string_view record) {
  Records& r = *records_;
  if (revision == 0 || record.size() > Records::kArenaBytes - r.used_) {
    r.overflowed_ = true;
    return false;
  }
  LoadedRecord& place = r.places_[first_ + i].record;
  char* const at = r.arena_ + r.used_;
  std::memcpy(at, record.data(), record.size());
  r.used_ += record.size();
  place.revision = revision;
  place.bytes = {at, record.size()};
  return true;
}

bool Records::Want(const RecordKey& key) {
  for (size_t i = 0; i < wanted_; ++i) {
    if (places_[i].record.key == key) return true;
  }
  if (wanted_ == kMax) return false;
  LoadedRecord* const place = new (&places_[wanted_++].record) LoadedRecord;
  place->key = key;
  return true;
}

bool Records::TakeBatch() {
  if (overflowed_) return false;
  loaded_ = wanted_;
  return true;
}

LoadBatch Records::Again(const RecordKey& key) {
  size_t place = 0;
  while (place + 1 < loaded_ && places_[place].record.key != key) ++place;
  places_[place].record.revision = 0;
  places_[place].record.bytes = {};
  used_ = 0;
  overflowed_ = false;
  return {this, place, 1};
}

void Records::Clear() {
  wanted_ = loaded_ = used_ = 0;
  overflowed_ = false;
}

}  // namespace otpcore
