// SPDX-License-Identifier: Apache-2.0
// Values that are kept once and named by a small number: records, and points in the life of an
// operation. Their hashes are made of their content alone, so that nothing depends on the order in
// which threads came across them.
#ifndef OTPCORE_TESTS_MODEL_CHECK_INTERNED_H_
#define OTPCORE_TESTS_MODEL_CHECK_INTERNED_H_

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace otpcore {
namespace model {

// 128 bits that stand for a value: two different ones among 10^8 have the same with a chance below
// 10^-22.
struct Hash {
  uint64_t a = 0;
  uint64_t b = 0;
  friend bool operator==(const Hash& x, const Hash& y) { return x.a == y.a && x.b == y.b; }
  friend bool operator<(const Hash& x, const Hash& y) { return x.a != y.a ? x.a < y.a : x.b < y.b; }
};

class Hasher {
 public:
  void Add(uint64_t word) {
    hash_.a = Mix(hash_.a + word + 0x9E3779B97F4A7C15u);
    hash_.b = Mix(hash_.b ^ (word * 0xD6E8FEB86659FD93u) ^ (hash_.a >> 32));
  }
  void Add(const Hash& hash) {
    Add(hash.a);
    Add(hash.b);
  }
  void Add(std::string_view bytes) {
    Add(bytes.size());
    while (!bytes.empty()) {
      uint64_t word = 0;
      const size_t size = bytes.size() < 8 ? bytes.size() : 8;
      std::memcpy(&word, bytes.data(), size);
      Add(word);
      bytes.remove_prefix(size);
    }
  }
  const Hash& hash() const { return hash_; }

 private:
  static uint64_t Mix(uint64_t x) {
    x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDu;
    x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53u;
    return x ^ (x >> 33);
  }
  Hash hash_;
};

// Number 0 stands for nothing. Thread-safe; values never move.
template <typename T>
class Interned {
 public:
  // The number of the value with this hash; `make()` is called when it is new.
  template <typename Make>
  uint32_t Get(const Hash& hash, Make make) {
    const size_t which = static_cast<size_t>(hash.a) % kShards;
    Shard& shard = shards_[which];
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const auto [entry, fresh] = shard.numbers.try_emplace(hash, 0);
    if (!fresh) return entry->second;
    const size_t index = shard.numbers.size() - 1;
    std::unique_ptr<T[]>& chunk = shard.chunks[index / kChunk];
    if (!chunk) chunk = std::make_unique<T[]>(kChunk);
    chunk[index % kChunk] = make();
    entry->second = static_cast<uint32_t>(1 + which + kShards * index);
    return entry->second;
  }
  const T& at(uint32_t number) const {
    const size_t which = (number - 1) % kShards;
    const size_t index = (number - 1) / kShards;
    return shards_[which].chunks[index / kChunk][index % kChunk];
  }
  size_t size() const {
    size_t total = 0;
    for (const Shard& shard : shards_) {
      const std::lock_guard<std::mutex> lock(shard.mutex);
      total += shard.numbers.size();
    }
    return total;
  }

 private:
  static constexpr size_t kShards = 64;
  static constexpr size_t kChunk = 256;
  struct HashOf {
    size_t operator()(const Hash& hash) const { return static_cast<size_t>(hash.b); }
  };
  struct Shard {
    mutable std::mutex mutex;
    std::unordered_map<Hash, uint32_t, HashOf> numbers;
    std::array<std::unique_ptr<T[]>, 8192> chunks;
  };
  std::array<Shard, kShards> shards_;
};

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_INTERNED_H_
