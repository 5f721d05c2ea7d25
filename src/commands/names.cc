// SPDX-License-Identifier: Apache-2.0
#include "commands/names.h"

#include <algorithm>

namespace otpcore {
namespace {

bool Has(const Name* begin, const Name* end, const Name& sought) {
  return std::any_of(begin, end, [&](const Name& name) {
    return name.kept == sought.kept && name.key == sought.key;
  });
}

// Calls `visit` with each name of `names` that is not in `others`, once.
template <typename Visit>
void ForEachNotIn(const NameList& others, const NameList& names, Visit visit) {
  for (const Name* name = names.begin(); name != names.end(); ++name) {
    if (Has(names.begin(), name, *name)) continue;
    if (!Has(others.begin(), others.end(), *name)) visit(*name);
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
  const auto look = [&](const Name& name, bool takes) {
    const LoadedRecord* const loaded = facts.Find(name.key);
    if (loaded == nullptr) return decision->Load(name.key);
    takes ? Take(name, owner, *loaded) : GiveBack(owner, *loaded);
  };
  ForEachNotIn(before, next, [&](const Name& name) { look(name, true); });
  ForEachNotIn(next, before, [&](const Name& name) {
    if (name.kept) look(name, false);
  });
  return decision->kind != Decision::Kind::kLoad;
}

void NameChanges::Take(const Name& name, const EntityId& owner, const LoadedRecord& loaded) {
  bool held = false;
  const EntityId holder = HolderOf(loaded, &held);
  if (held && holder == owner) return;
  if (held && error_.ok()) error_ = name.taken;
  if (name.kept) changes_[count_++] = {&loaded, true};
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
