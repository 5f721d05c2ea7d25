// SPDX-License-Identifier: Apache-2.0
#include "storage/key_index.h"

namespace otpcore {
namespace {

bool IsKept(const RecordKey& key) {
  return key.kind() == RecordKind::kOrganization || key.kind() == RecordKind::kMember;
}

// Of a Member's key.
std::string_view NameIn(std::string_view key) {
  return key.substr(2 + static_cast<unsigned char>(key[1]));
}

// Takes the key out again unless it is told to keep it.
class Undo {
 public:
  Undo(std::set<std::string, std::less<>>* keys, std::set<std::string, std::less<>>::iterator at)
      : keys_(keys), at_(at) {}
  ~Undo() {
    if (keys_ != nullptr) keys_->erase(at_);
  }
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  void Keep() { keys_ = nullptr; }

 private:
  std::set<std::string, std::less<>>* keys_;
  std::set<std::string, std::less<>>::iterator at_;
};

}  // namespace

void KeyIndex::Insert(const RecordKey& key) {
  if (!IsKept(key)) return;
  std::string bytes(key.bytes());
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [at, is_new] = keys_.insert(std::move(bytes));
  if (!is_new || key.kind() != RecordKind::kMember) return;
  Undo undo(&keys_, at);
  by_name_.emplace(NameIn(*at), *at);
  undo.Keep();
}

void KeyIndex::Erase(const RecordKey& key) {
  if (!IsKept(key)) return;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = keys_.find(key.bytes());
  if (found == keys_.end()) return;
  if (key.kind() == RecordKind::kMember) by_name_.erase({NameIn(*found), *found});
  keys_.erase(found);
}

bool KeyIndex::Next(std::string_view behind, std::string_view end, size_t limit,
                    std::vector<RecordKey>* keys) const {
  keys->clear();
  keys->reserve(limit);  // no allocation for them while the lock is held
  const std::lock_guard<std::mutex> lock(mutex_);
  auto at = keys_.upper_bound(behind);
  for (; at != keys_.end() && *at < end && keys->size() < limit; ++at)
    keys->push_back(RecordKey::FromBytes(*at));
  return at == keys_.end() || *at >= end;
}

std::vector<EntityId> KeyIndex::OrganizationsOf(const EntityId& member_id) const {
  std::vector<EntityId> organizations;
  organizations.reserve(2);
  const std::lock_guard<std::mutex> lock(mutex_);
  for (auto at = by_name_.lower_bound({member_id.packed(), {}});
       at != by_name_.end() && at->first == member_id.packed() && organizations.size() < 2; ++at)
    organizations.push_back(RecordKey::FromBytes(at->second).organization());
  return organizations;
}

}  // namespace otpcore
