#include "names.h"

namespace otpcore {

void Names::Change(const RecordKey& before, const RecordKey& next, ErrorCode taken) {
  if (before == next) return;
  if (!next.name.empty()) Take(next, taken);
  if (!before.name.empty()) GiveBack(before);
}

void Names::Add(const Entry& entry) {
  for (const Entry& earlier : entries_) {
    if (earlier.key == entry.key) return;
  }
  entries_.push_back(entry);
}

Names::Outcome Names::Settle() const {
  Outcome outcome;
  for (const Entry& entry : entries_) {
    const LoadedRecord* const loaded = facts_.Find(entry.key);
    if (loaded == nullptr) {
      outcome.missing.push_back(entry.key);
      continue;
    }
    const auto* const held = std::get_if<NameEntry>(&loaded->record);
    const bool own = held != nullptr && held->id == owner_;
    if (!entry.takes) {
      if (own) outcome.writes.push_back({entry.key, loaded->revision, std::monostate()});
      continue;
    }
    if (held != nullptr && !own && outcome.error.code() == ErrorCode::kOk)
      outcome.error = entry.taken;
    if (!own) outcome.writes.push_back({entry.key, loaded->revision, NameEntry{owner_}});
  }
  return outcome;
}

}  // namespace otpcore
