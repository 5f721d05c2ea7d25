// SPDX-License-Identifier: Apache-2.0
#include "commands/names.h"

#include <algorithm>

namespace otpcore {
namespace {

bool Has(const Name* begin, const Name* end, const RecordKey& key) {
  return std::any_of(begin, end, [&](const Name& name) { return name.key == key; });
}

// Calls `visit` with each name of `names` that is not in `others`, once.
template <typename Visit>
void ForEachNotIn(const NameList& others, const NameList& names, Visit visit) {
  for (const Name* name = names.begin(); name != names.end(); ++name) {
    if (Has(names.begin(), name, name->key)) continue;
    if (!Has(others.begin(), others.end(), name->key)) visit(*name);
  }
}

// Whose name it is; empty: nobody's. A record that cannot be read is somebody's.
EntityId HolderOf(const LoadedRecord& loaded, bool* held) {
  NameEntry entry;
  *held = loaded.revision != 0;
  if (*held && !Unpack(loaded.key, loaded.bytes, &entry)) entry.id = EntityId();
  return entry.id;
}

}  // namespace

bool NameChanges::Find(const NameList& before, const NameList& next, const EntityId& owner,
                       const Facts& facts, Decision* decision) {
  const auto loaded = [&](const RecordKey& key) {
    const LoadedRecord* const record = facts.Find(key);
    if (record == nullptr) decision->Load(key);
    return record;
  };
  ForEachNotIn(before, next, [&](const Name& name) {
    if (const LoadedRecord* const record = loaded(name.key)) Take(name, owner, *record);
    if (name.avoided.empty()) return;
    if (const LoadedRecord* const record = loaded(name.avoided)) Avoid(name, owner, *record);
  });
  ForEachNotIn(next, before, [&](const Name& name) {
    if (const LoadedRecord* const record = loaded(name.key)) GiveBack(owner, *record);
  });
  return decision->kind != Decision::Kind::kLoad;
}

void NameChanges::Take(const Name& name, const EntityId& owner, const LoadedRecord& loaded) {
  bool held = false;
  const EntityId holder = HolderOf(loaded, &held);
  if (held && holder == owner) return;
  if (held && error_.ok()) error_ = name.taken;
  changes_[count_++] = {&loaded, true};
}

void NameChanges::Avoid(const Name& name, const EntityId& owner, const LoadedRecord& loaded) {
  bool held = false;
  const EntityId holder = HolderOf(loaded, &held);
  if (held && holder != owner && error_.ok()) error_ = name.taken;
}

void NameChanges::GiveBack(const EntityId& owner, const LoadedRecord& loaded) {
  bool held = false;
  const EntityId holder = HolderOf(loaded, &held);
  if (held && holder == owner) changes_[count_++] = {&loaded, false};
}

void NameChanges::Write(const EntityId& owner, Decision* decision) const {
  for (size_t i = 0; i < count_; ++i) {
    if (changes_[i].takes) {
      decision->Write(*changes_[i].record, NameEntry{owner});
    } else {
      decision->Delete(*changes_[i].record);
    }
  }
}

}  // namespace otpcore
