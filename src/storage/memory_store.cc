// SPDX-License-Identifier: Apache-2.0
#include "otpcore/storage/memory_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/hash/hash.h"
#include "base/generated_id.h"
#include "model/packed_record.h"

namespace otpcore {
namespace {

// Well above the cores of one machine, so that threads seldom meet; one bit of a word each.
constexpr size_t kShards = 64;
// Smaller tables of abseil grow by rules of their own.
constexpr size_t kFewestBuckets = 31;

// ---- One record in one block of memory: this head, the key, the packed record ----

struct [[gnu::packed]] Head {
  Revision revision;
  uint16_t key_bytes;
  uint16_t record_bytes;
  uint16_t capacity;  // of the block
};

// A Member's record grows and shrinks by a few bytes with most commands. Its blocks come in steps
// of 32 bytes, so that it mostly still fits where it was; small records never change, and get what
// malloc would round up to.
constexpr size_t CapacityFor(size_t bytes) {
  constexpr size_t kOfMalloc = 8;
  const size_t step = bytes < 128 ? 16 : 32;
  return (bytes + kOfMalloc + step - 1) / step * step - kOfMalloc;
}

class Block {
 public:
  Block(std::string_view key, std::string_view record) {
    const size_t capacity = CapacityFor(sizeof(Head) + key.size() + record.size());
    bytes_.reset(new char[capacity]);
    const Head head = {0, static_cast<uint16_t>(key.size()), static_cast<uint16_t>(record.size()),
                       static_cast<uint16_t>(capacity)};
    std::memcpy(bytes_.get(), &head, sizeof head);
    char* const after_head = bytes_.get() + sizeof(Head);
    std::memcpy(after_head, key.data(), key.size());
    if (!record.empty()) std::memcpy(after_head + key.size(), record.data(), record.size());
  }

  Revision revision() const { return head().revision; }
  std::string_view key() const { return {bytes_.get() + sizeof(Head), head().key_bytes}; }
  std::string_view record() const {
    return {bytes_.get() + sizeof(Head) + head().key_bytes, head().record_bytes};
  }

  void set_revision(Revision revision) {
    std::memcpy(bytes_.get() + offsetof(Head, revision), &revision, sizeof revision);
  }
  // Takes over what `next`, a block of the same key, holds. A set shows its elements const, and to
  // it this one stays the same.
  void Become(Block&& next) const {
    Head head = next.head();
    const size_t used = sizeof head + head.key_bytes + head.record_bytes;
    head.capacity = this->head().capacity;
    if (used > head.capacity || CapacityFor(used) < head.capacity / 2) {
      bytes_ = std::move(next.bytes_);
      return;
    }
    std::memcpy(bytes_.get() + sizeof head, next.bytes_.get() + sizeof head, used - sizeof head);
    std::memcpy(bytes_.get(), &head, sizeof head);
  }

 private:
  Head head() const {
    Head head;
    std::memcpy(&head, bytes_.get(), sizeof head);
    return head;
  }
  mutable std::unique_ptr<char[]> bytes_;
};

// A key as bytes that no other key has (K-08), without heap.
class FlatKey {
 public:
  explicit FlatKey(const RecordKey& key) {
    bytes_[size_++] = static_cast<char>(key.kind);
    size_ += PackId(key.organization, bytes_ + size_);
    if (Id::Fits(key.name)) {
      size_ += PackId(key.name, bytes_ + size_);
    } else {
      bytes_[size_++] = kLongName;
      std::memcpy(bytes_ + size_, key.name.view().data(), key.name.size());
      size_ += key.name.size();
    }
  }
  std::string_view view() const { return {bytes_, size_}; }

 private:
  static constexpr char kLongName = '\xFF';  // no packed id begins like that
  size_t size_ = 0;
  char bytes_[1 + kPackedIdBytesMax + 1 + 255];
};

// The table holds blocks, and is asked with keys.
struct HashOfKey {
  using is_transparent = void;
  size_t operator()(std::string_view key) const {
    return absl::HashOf(absl::string_view(key.data(), key.size()));
  }
  size_t operator()(const Block& block) const { return (*this)(block.key()); }
};
struct SameKey {
  using is_transparent = void;
  bool operator()(const Block& a, const Block& b) const { return a.key() == b.key(); }
  bool operator()(const Block& a, std::string_view b) const { return a.key() == b; }
};

using Blocks = absl::flat_hash_set<Block, HashOfKey, SameKey>;

// Room for `more` new blocks that insert without allocating. A table of abseil whose own growth
// fails is left broken, one whose construction fails never was; and up to 25/32 full it does not
// grow by itself, whatever was erased.
void MakeRoom(Blocks* blocks, size_t more) {
  const size_t needed = (blocks->size() + more) * 32 / 25 + 1;
  if (needed <= blocks->bucket_count()) return;
  Blocks larger(std::max({needed, 2 * blocks->bucket_count() + 1, kFewestBuckets}));
  for (auto it = blocks->begin(); it != blocks->end();) larger.insert(blocks->extract(it++));
  blocks->swap(larger);
}

struct Shard {
  mutable std::mutex mutex;
  Blocks blocks;
  // A revision is never given twice for a key, since a key stays in its shard, whatever is deleted
  // and created (K-03).
  Revision last_revision = 0;
};

// The table takes the lowest bits.
size_t ShardOf(size_t hash) { return hash >> (8 * sizeof hash - 6); }

// A write whose memory was taken before any lock.
struct Prepared {
  Block block;
  size_t hash;
  bool erases;
};

}  // namespace

struct MemoryStore::Impl {
  std::array<Shard, kShards> shards;
  std::atomic<uint64_t> epoch{0};
};

namespace {

// Holds the locks of a set of shards, one bit each; always taken in the order of the shards, so
// that no two commits wait for each other.
class ShardLocks {
 public:
  ShardLocks(std::array<Shard, kShards>* shards, uint64_t set) : shards_(*shards), set_(set) {
    ForEach([](Shard& shard) { shard.mutex.lock(); });
  }
  ~ShardLocks() {
    ForEach([](Shard& shard) { shard.mutex.unlock(); });
  }
  ShardLocks(const ShardLocks&) = delete;
  ShardLocks& operator=(const ShardLocks&) = delete;

 private:
  template <typename F>
  void ForEach(F action) {
    for (uint64_t rest = set_; rest != 0; rest &= rest - 1)
      action(shards_[static_cast<size_t>(__builtin_ctzll(rest))]);
  }

  std::array<Shard, kShards>& shards_;
  const uint64_t set_;
};

}  // namespace

MemoryStore::MemoryStore() : impl_(std::make_unique<Impl>()) {}
MemoryStore::~MemoryStore() = default;

Store::LoadResult MemoryStore::Load(const std::vector<RecordKey>& keys) {
  LoadResult result;
  result.ok = true;
  result.epoch = impl_->epoch.load(std::memory_order_acquire);
  result.records.reserve(keys.size());
  for (const RecordKey& key : keys) {
    LoadedRecord& loaded = result.records.emplace_back();
    loaded.key = key;
    const FlatKey flat(key);
    const size_t hash = HashOfKey()(flat.view());
    const Shard& shard = impl_->shards[ShardOf(hash)];
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto found = shard.blocks.find(flat.view(), hash);
    if (found == shard.blocks.end()) continue;
    loaded.revision = found->revision();
    UnpackRecord(key, found->record(), &loaded.record);
  }
  return result;
}

CommitOutcome MemoryStore::Commit(const Changes& changes) {
  const std::vector<Write>& writes = changes.writes;
  absl::InlinedVector<Prepared, 5> prepared;  // a command writes no more (docs/storage.md)
  uint64_t shards = 0;
  for (const Write& write : writes) {
    PackBuffer buffer;
    const auto packed = PackRecord(write.key, write.record, &buffer);
    if (!packed) return CommitOutcome::kUnavailable;
    const FlatKey flat(write.key);
    const size_t hash = HashOfKey()(flat.view());
    prepared.push_back({Block(flat.view(), *packed), hash, packed->empty()});
    shards |= uint64_t{1} << ShardOf(hash);
  }

  const ShardLocks locks(&impl_->shards, shards);
  for (size_t i = 0; i < writes.size(); ++i) {
    auto& blocks = impl_->shards[ShardOf(prepared[i].hash)].blocks;
    const auto found = blocks.find(prepared[i].block.key(), prepared[i].hash);
    if ((found == blocks.end() ? 0 : found->revision()) != writes[i].expected)
      return CommitOutcome::kConflict;
    // From here on nothing may fail: the tables grow before anything is changed (K-05).
    if (found == blocks.end()) MakeRoom(&blocks, writes.size());
  }
  for (Prepared& write : prepared) {
    Shard& shard = impl_->shards[ShardOf(write.hash)];
    const auto found = shard.blocks.find(write.block.key(), write.hash);
    if (write.erases) {
      if (found != shard.blocks.end()) shard.blocks.erase(found);
      continue;
    }
    write.block.set_revision(++shard.last_revision);
    if (found == shard.blocks.end()) {
      shard.blocks.insert(std::move(write.block));
    } else {
      found->Become(std::move(write.block));
    }
  }
  return CommitOutcome::kCommitted;
}  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): it loses sight of a block moved into its set

void MemoryStore::BeginEpoch(uint64_t epoch) {
  impl_->epoch.store(epoch, std::memory_order_release);
}

size_t MemoryStore::size() const {
  size_t total = 0;
  for (const Shard& shard : impl_->shards) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    total += shard.blocks.size();
  }
  return total;
}

}  // namespace otpcore
