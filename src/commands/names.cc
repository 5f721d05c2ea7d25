// SPDX-License-Identifier: Apache-2.0
#include "commands/names.h"

#include <algorithm>

namespace otpcore {
namespace {

using Iterator = NameList::const_iterator;

bool Has(Iterator begin, Iterator end, const RecordKey& key) {
  return std::any_of(begin, end, [&](const Name& name) { return name.key == key; });
}

// Calls `visit` with each name of `names` that is not in `others`, once.
template <typename Visit>
void ForEachNotIn(const NameList& others, const NameList& names, Visit visit) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    if (Has(names.begin(), name, name->key)) continue;
    if (!Has(others.begin(), others.end(), name->key)) visit(*name);
  }
}

}  // namespace

Names::Outcome Names::Settle() const {
  Outcome outcome;
  ForEachNotIn(before_, next_, [&](const Name& name) { Take(name, &outcome); });
  ForEachNotIn(next_, before_, [&](const Name& name) { GiveBack(name, &outcome); });
  return outcome;
}

void Names::Take(const Name& name, Outcome* outcome) const {
  const LoadedRecord* const loaded = Find(name.key, outcome);
  if (loaded == nullptr || IsOwn(*loaded)) return;
  const bool free = !std::holds_alternative<NameEntry>(loaded->record);
  if (!free && outcome->error.code() == ErrorCode::kOk) outcome->error = name.taken;
  outcome->writes.push_back({name.key, loaded->revision, NameEntry{owner_}});
}

void Names::GiveBack(const Name& name, Outcome* outcome) const {
  const LoadedRecord* const loaded = Find(name.key, outcome);
  if (loaded == nullptr || !IsOwn(*loaded)) return;
  outcome->writes.push_back({name.key, loaded->revision, std::monostate()});
}

const LoadedRecord* Names::Find(const RecordKey& key, Outcome* outcome) const {
  const LoadedRecord* const loaded = facts_.Find(key);
  if (loaded == nullptr) outcome->missing.push_back(key);
  return loaded;
}

bool Names::IsOwn(const LoadedRecord& loaded) const {
  const auto* const entry = std::get_if<NameEntry>(&loaded.record);
  return entry != nullptr && entry->id == owner_;
}

}  // namespace otpcore
