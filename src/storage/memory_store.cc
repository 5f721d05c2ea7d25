// SPDX-License-Identifier: Apache-2.0
#include "otpcore/storage/memory_store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/little_endian.h"
#include "storage/key_index.h"
#include "storage/slabs.h"

namespace otpcore {
namespace {

// Well above the cores of one machine, so that threads seldom meet; one bit of a word each.
constexpr size_t kShards = 64;

// ---- Organizations: most records belong to one, and name it by a number ----

// Numbers are given once and never taken back. Reading one needs no lock: whoever has a number got
// it under the lock of a shard, after the number was given.
class OrganizationNumbers {
 public:
  std::string_view operator[](uint32_t number) const {
    return *(*pages_[number / kPage])[number % kPage];
  }
  // False: there are too many. May throw std::bad_alloc; nothing is changed then.
  bool NumberOf(std::string_view packed, uint32_t* number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (next_ == kPage * kPages) return false;
    std::unique_ptr<Page>& page = pages_[next_ / kPage];
    if (page == nullptr) page = std::make_unique<Page>();
    const auto [entry, is_new] = numbers_.try_emplace(std::string(packed), next_);
    *number = entry->second;
    if (is_new) (*page)[next_++ % kPage] = &entry->first;  // stays where it is
    return true;
  }

 private:
  static constexpr size_t kPage = 1024;
  static constexpr size_t kPages = 16384;
  using Page = std::array<const std::string*, kPage>;

  std::mutex mutex_;
  std::unordered_map<std::string, uint32_t> numbers_;
  uint32_t next_ = 0;
  std::array<std::unique_ptr<Page>, kPages> pages_;
};

// ---- One record in one block: revision (6 bytes), length of the name (1), length of the record
// (2), kind (1), number of the Organization (4), name, record ----

constexpr size_t kRevisionBytes = 6;
constexpr size_t kNameLengthAt = kRevisionBytes;
constexpr size_t kRecordLengthAt = kNameLengthAt + 1;
constexpr size_t kKindAt = kRecordLengthAt + 2;
constexpr size_t kOrganizationAt = kKindAt + 1;
constexpr size_t kHeadBytes = kOrganizationAt + 4;
static_assert(kHeadBytes + kEmailBytesMax + kMemberRecordBytesMax <= Slabs::kBlockBytesMax);

std::string_view OrganizationIn(const RecordKey& key) {
  return {key.bytes().data() + 2, static_cast<uint8_t>(key.bytes()[1])};
}
std::string_view NameIn(const RecordKey& key) {
  const size_t at = 2 + OrganizationIn(key).size();
  return {key.bytes().data() + at, key.bytes().size() - at};
}

// Most names are generated ids: comparing these here takes less than half of a call.
bool Equal(std::string_view a, std::string_view b) {
  constexpr size_t kGenerated = 17;
  if (a.size() != b.size()) return false;
  if (a.size() != kGenerated) return std::memcmp(a.data(), b.data(), a.size()) == 0;
  return ((LoadLittle(a.data(), 8) ^ LoadLittle(b.data(), 8)) |
          (LoadLittle(a.data() + 8, 8) ^ LoadLittle(b.data() + 8, 8))) == 0 &&
         a.back() == b.back();
}

class Block {
 public:
  explicit Block(char* at) : at_(at) {}
  Revision revision() const { return LoadLittle(at_, kRevisionBytes); }
  size_t name_bytes() const { return static_cast<uint8_t>(at_[kNameLengthAt]); }
  std::string_view record() const {
    return {at_ + kHeadBytes + name_bytes(), LoadLittle(at_ + kRecordLengthAt, 2)};
  }
  size_t bytes() const { return kHeadBytes + name_bytes() + LoadLittle(at_ + kRecordLengthAt, 2); }
  void SetRecord(Revision revision, std::string_view record) {
    StoreLittle(revision, at_, kRevisionBytes);
    StoreLittle(record.size(), at_ + kRecordLengthAt, 2);
    std::memcpy(at_ + kHeadBytes + name_bytes(), record.data(), record.size());
  }
  uint32_t organization_number() const {
    return static_cast<uint32_t>(LoadLittle(at_ + kOrganizationAt, 4));
  }
  void SetKey(char kind, uint32_t organization, std::string_view name) {
    at_[kNameLengthAt] = static_cast<char>(name.size());
    at_[kKindAt] = kind;
    StoreLittle(organization, at_ + kOrganizationAt, 4);
    std::memcpy(at_ + kHeadBytes, name.data(), name.size());
  }
  RecordKey Key(const OrganizationNumbers& organizations) const {
    const std::string_view organization = organizations[organization_number()];
    std::string bytes = {at_[kKindAt], static_cast<char>(organization.size())};
    bytes += organization;
    bytes.append(at_ + kHeadBytes, name_bytes());
    return RecordKey::FromBytes(bytes);
  }
  bool Is(const RecordKey& key, const OrganizationNumbers& organizations) const {
    return at_[kKindAt] == key.bytes()[0] && Equal({at_ + kHeadBytes, name_bytes()}, NameIn(key)) &&
           Equal(organizations[organization_number()], OrganizationIn(key));
  }

 private:
  char* at_;
};

// ---- A shard: a table of block names, probed one after the other ----

struct Slot {
  uint32_t hash = 0;  // decides the place; enough to move a slot without looking at its block
  SlabRef block = 0;  // 0: free
};

class Table {
 public:
  size_t size() const { return size_; }
  Slot* begin() { return slots_.data(); }
  Slot* end() { return slots_.data() + slots_.size(); }

  // The slot of the block that `is` says yes to, or null.
  template <typename Is>
  const Slot* Find(uint32_t hash, const Is& is) const {
    if (slots_.empty()) return nullptr;
    for (size_t i = HomeOf(hash); slots_[i].block != 0; i = Next(i)) {
      if (slots_[i].hash == hash && is(slots_[i].block)) return &slots_[i];
    }
    return nullptr;
  }
  template <typename Is>
  Slot* Find(uint32_t hash, const Is& is) {
    return const_cast<Slot*>(static_cast<const Table*>(this)->Find(hash, is));
  }
  // Makes room, so that as many Inserts do not allocate. May throw std::bad_alloc; nothing is
  // changed then.
  void Reserve(size_t more) {
    const size_t needed = (size_ + more) * 8 / 7 + 2;
    if (needed <= slots_.size()) return;
    Table larger;
    larger.slots_.resize(std::max(needed, slots_.size() + slots_.size() / 4 + 8));
    for (const Slot& slot : slots_) {
      if (slot.block != 0) larger.Insert(slot);
    }
    slots_.swap(larger.slots_);
  }
  void Insert(const Slot& slot) {
    size_t i = HomeOf(slot.hash);
    while (slots_[i].block != 0) i = Next(i);
    slots_[i] = slot;
    ++size_;
  }
  // Moves those behind it up, so that a search still ends at the first free slot.
  void Erase(const Slot* erased) {
    size_t hole = static_cast<size_t>(erased - slots_.data());
    for (size_t i = Next(hole); slots_[i].block != 0; i = Next(i)) {
      const size_t home = HomeOf(slots_[i].hash);
      const bool may_move = hole <= i ? home <= hole || home > i : home <= hole && home > i;
      if (!may_move) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = Slot();
    --size_;
  }

 private:
  size_t HomeOf(uint32_t hash) const {
    return static_cast<size_t>(uint64_t{hash} * slots_.size() >> 32);
  }
  size_t Next(size_t i) const { return i + 1 == slots_.size() ? 0 : i + 1; }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

struct alignas(64) Shard {
  mutable std::mutex mutex;
  Table table;
  Slabs slabs;
  // A revision is never given twice for a key, since a key stays in its shard, whatever is deleted
  // and created (K-03).
  Revision last_revision = 0;
  bool indexed = false;  // its keys stand in the index, and every write keeps them there
};

size_t ShardOf(const RecordKey& key) { return key.hash() >> 58; }
uint32_t HashIn(const RecordKey& key) { return static_cast<uint32_t>(key.hash()); }

// What a commit does to one key, worked out before anything is changed.
struct Planned {
  Planned() {}  // filled in by MemoryStore::Impl::Plan
  Shard* shard;
  Slot* slot;     // of the record that is there; null: none
  SlabRef block;  // a new block; 0: the one that is there will do, or none is needed
  size_t bytes;   // of the new block
};

// Those of one commit. Blocks that are not used in the end go back.
class Plans {
 public:
  Plans() {}
  Plans(const Plans&) = delete;
  Plans& operator=(const Plans&) = delete;
  ~Plans() {
    for (size_t i = 0; i < count_; ++i) {
      if (plans_[i].block != 0) plans_[i].shard->slabs.Free(plans_[i].block, plans_[i].bytes);
    }
  }
  // At most Writes::kMax times.
  Planned* Add(Shard* shard) {
    Planned& planned = plans_[count_++];
    planned.shard = shard;
    planned.block = 0;
    return &planned;
  }
  Planned* operator[](size_t i) { return &plans_[i]; }

 private:
  Planned plans_[Writes::kMax];
  size_t count_ = 0;
};

}  // namespace

struct MemoryStore::Impl {
  Slot* Find(Shard& shard, const RecordKey& key) {
    return shard.table.Find(HashIn(key), [&](SlabRef block) {
      return Block(shard.slabs.At(block)).Is(key, organizations);
    });
  }
  CommitOutcome Plan(const Write& write, size_t writes, Planned* planned);
  void Apply(const Write& write, size_t writes, Planned* planned);
  // While the key's shard is locked.
  bool IsIndexed(const RecordKey& key) const { return shards[ShardOf(key)].indexed; }

  std::array<Shard, kShards> shards;
  OrganizationNumbers organizations;
  std::atomic<uint64_t> epoch{0};
  KeyIndex index;                         // of the shards that are `indexed`
  std::mutex index_building;              // taken before the lock of a shard
  std::atomic<bool> index_wanted{false};  // set before any shard is indexed, so its lock shows it
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

size_t BytesFor(const Write& write) {
  return kHeadBytes + NameIn(*write.key).size() + write.record.size();
}

}  // namespace

// kConflict: another revision is there. Makes the room that Apply needs, and changes nothing else.
// May throw std::bad_alloc.
CommitOutcome MemoryStore::Impl::Plan(const Write& write, size_t writes, Planned* planned) {
  Shard& shard = *planned->shard;
  Slot* const slot = planned->slot = Find(shard, *write.key);
  const Revision found = slot != nullptr ? Block(shard.slabs.At(slot->block)).revision() : 0;
  if (found != write.expected) return CommitOutcome::kConflict;
  if (write.record.empty()) return CommitOutcome::kCommitted;
  const size_t bytes = BytesFor(write);
  uint32_t organization = 0;
  if (slot != nullptr) {
    const Block old(shard.slabs.At(slot->block));
    if (Slabs::SizeFor(old.bytes()) == Slabs::SizeFor(bytes)) return CommitOutcome::kCommitted;
    organization = old.organization_number();  // without looking it up, which takes a heap block
  } else {
    if (!organizations.NumberOf(OrganizationIn(*write.key), &organization))
      return CommitOutcome::kUnavailable;
    shard.table.Reserve(writes);
  }
  planned->bytes = bytes;
  planned->block = shard.slabs.Allocate(bytes);
  Block(shard.slabs.At(planned->block))
      .SetKey(write.key->bytes()[0], organization, NameIn(*write.key));
  return CommitOutcome::kCommitted;
}

// Cannot fail.
void MemoryStore::Impl::Apply(const Write& write, size_t writes, Planned* planned) {
  Shard& shard = *planned->shard;
  Slot* slot = planned->slot;
  if (slot == nullptr && planned->block == 0) return;  // nothing to delete
  if (slot == nullptr) {
    Block(shard.slabs.At(planned->block)).SetRecord(++shard.last_revision, write.record);
    shard.table.Insert({HashIn(*write.key), planned->block});
    planned->block = 0;
    return;
  }
  if (writes > 1) slot = Find(shard, *write.key);  // another write may have moved it
  Block old(shard.slabs.At(slot->block));
  if (write.record.empty()) {
    shard.slabs.Free(slot->block, old.bytes());
    shard.table.Erase(slot);
  } else if (planned->block == 0) {
    old.SetRecord(++shard.last_revision, write.record);
  } else {
    Block(shard.slabs.At(planned->block)).SetRecord(++shard.last_revision, write.record);
    shard.slabs.Free(slot->block, old.bytes());
    slot->block = planned->block;
    planned->block = 0;
  }
}

MemoryStore::MemoryStore() : impl_(std::make_unique<Impl>()) {}
MemoryStore::~MemoryStore() = default;

Store::LoadResult MemoryStore::Load(LoadBatch& batch) {
  LoadResult result;
  result.ok = true;
  result.epoch = impl_->epoch.load(std::memory_order_acquire);
  for (size_t i = 0; i < batch.size(); ++i) {
    const RecordKey& key = batch.key(i);
    Shard& shard = impl_->shards[ShardOf(key)];
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const Slot* const slot = impl_->Find(shard, key);
    if (slot == nullptr) continue;
    const Block block(shard.slabs.At(slot->block));
    if (!batch.Found(i, block.revision(), block.record())) result.ok = false;
  }
  return result;
}

CommitOutcome MemoryStore::Commit(const Changes& changes) {
  const Writes& writes = changes.writes;
  uint64_t set = 0;
  for (const Write& write : writes) {
    if (BytesFor(write) > Slabs::kBlockBytesMax || NameIn(*write.key).size() > UINT8_MAX)
      return CommitOutcome::kUnavailable;
    set |= uint64_t{1} << ShardOf(*write.key);
  }
  const ShardLocks locks(&impl_->shards, set);
  Plans plans;
  for (const Write& write : writes) {
    const CommitOutcome outcome =
        impl_->Plan(write, writes.size(), plans.Add(&impl_->shards[ShardOf(*write.key)]));
    if (outcome != CommitOutcome::kCommitted) return outcome;
  }
  const bool indexes = impl_->index_wanted.load(std::memory_order_relaxed);
  for (size_t i = 0; indexes && i < writes.size(); ++i) {
    if (impl_->IsIndexed(*writes[i].key) && plans[i]->slot == nullptr && !writes[i].record.empty())
      impl_->index.Insert(*writes[i].key);
  }
  for (size_t i = 0; i < writes.size(); ++i) impl_->Apply(writes[i], writes.size(), plans[i]);
  for (size_t i = 0; indexes && i < writes.size(); ++i) {
    if (writes[i].record.empty() && impl_->IsIndexed(*writes[i].key))
      impl_->index.Erase(*writes[i].key);
  }
  return CommitOutcome::kCommitted;
}

KeyIndex& MemoryStore::Index() {
  const std::lock_guard<std::mutex> building(impl_->index_building);
  impl_->index_wanted.store(true, std::memory_order_relaxed);
  for (Shard& shard : impl_->shards) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    if (shard.indexed) continue;
    for (const Slot& slot : shard.table) {
      if (slot.block != 0)
        impl_->index.Insert(Block(shard.slabs.At(slot.block)).Key(impl_->organizations));
    }
    shard.indexed = true;
  }
  return impl_->index;
}

bool MemoryStore::Read(const RecordKey& key, std::string* record) const {
  Shard& shard = impl_->shards[ShardOf(key)];
  const std::lock_guard<std::mutex> lock(shard.mutex);
  const Slot* const slot = impl_->Find(shard, key);
  if (slot != nullptr) *record = Block(shard.slabs.At(slot->block)).record();
  return slot != nullptr;
}

void MemoryStore::BeginEpoch(uint64_t epoch) {
  impl_->epoch.store(epoch, std::memory_order_release);
}

size_t MemoryStore::size() const {
  size_t total = 0;
  for (const Shard& shard : impl_->shards) {
    const std::lock_guard<std::mutex> lock(shard.mutex);
    total += shard.table.size();
  }
  return total;
}

}  // namespace otpcore
