#include "otpcore/memory_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"

namespace otpcore {
namespace {

constexpr size_t kShards = 64;  // well above the cores of one machine, so that threads seldom meet

struct Entry {
  Revision revision = 0;
  Record record;
};

struct Shard {
  mutable std::mutex mutex;
  // Entries live in blocks of their own: a record is too big to be moved when the table grows.
  absl::flat_hash_map<std::string, std::unique_ptr<Entry>> entries;
};

size_t ShardOf(const std::string& key) { return absl::Hash<std::string>()(key) % kShards; }

}  // namespace

struct MemoryStore::Impl {
  std::array<Shard, kShards> shards;
  // One counter for all keys: a revision is never given twice, whatever is deleted and created
  // (K-03).
  std::atomic<Revision> last_revision{0};
  std::atomic<uint64_t> epoch{0};
};

MemoryStore::MemoryStore() : impl_(std::make_unique<Impl>()) {}
MemoryStore::~MemoryStore() = default;

Store::LoadResult MemoryStore::Load(const std::vector<RecordKey>& keys) {
  LoadResult result;
  result.ok = true;
  result.epoch = impl_->epoch.load(std::memory_order_acquire);
  result.records.reserve(keys.size());
  for (const RecordKey& key : keys) {
    const std::string bytes = EncodeKey(key);
    const Shard& shard = impl_->shards[ShardOf(bytes)];
    LoadedRecord& loaded = result.records.emplace_back();
    loaded.key = key;
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.entries.find(bytes);
    if (found == shard.entries.end()) continue;
    loaded.revision = found->second->revision;
    loaded.record = found->second->record;
  }
  return result;
}

CommitOutcome MemoryStore::Commit(const Changes& changes) {
  const std::vector<Write>& writes = changes.writes;
  std::vector<std::string> keys;
  std::set<size_t> shards;
  for (const Write& write : writes) {
    keys.push_back(EncodeKey(write.key));
    shards.insert(ShardOf(keys.back()));
  }
  // All memory is taken before anything is changed: a host that runs out of it finds the old
  // records.
  std::vector<std::unique_ptr<Entry>> next(writes.size());
  for (size_t i = 0; i < writes.size(); ++i) {
    if (std::holds_alternative<std::monostate>(writes[i].record)) continue;
    next[i] = std::make_unique<Entry>();
    next[i]->record = writes[i].record;
  }
  // Always in the order of the shards, so that no two commits wait for each other.
  std::vector<std::unique_lock<std::mutex>> locks;
  locks.reserve(shards.size());
  for (const size_t shard : shards) locks.emplace_back(impl_->shards[shard].mutex);

  bool applies = true;
  for (size_t i = 0; i < writes.size() && applies; ++i) {
    const auto& entries = impl_->shards[ShardOf(keys[i])].entries;
    const auto found = entries.find(keys[i]);
    const Revision revision = found == entries.end() ? 0 : found->second->revision;
    applies = revision == writes[i].expected;
  }
  for (size_t i = 0; i < writes.size() && applies; ++i) {
    auto& entries = impl_->shards[ShardOf(keys[i])].entries;
    if (std::holds_alternative<std::monostate>(writes[i].record)) {
      entries.erase(keys[i]);
      continue;
    }
    next[i]->revision = impl_->last_revision.fetch_add(1) + 1;
    entries[keys[i]] = std::move(next[i]);
  }
  return applies ? CommitOutcome::kCommitted : CommitOutcome::kConflict;
}

void MemoryStore::BeginEpoch(uint64_t epoch) {
  impl_->epoch.store(epoch, std::memory_order_release);
}

size_t MemoryStore::size() const {
  size_t total = 0;
  for (const Shard& shard : impl_->shards) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    total += shard.entries.size();
  }
  return total;
}

}  // namespace otpcore
