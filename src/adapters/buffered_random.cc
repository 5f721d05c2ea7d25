// SPDX-License-Identifier: Apache-2.0
#include "otpcore/adapters/buffered_random.h"

#include <sodium.h>
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "otpcore/base/secret.h"

namespace otpcore {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kShards = 64;
constexpr size_t kKeyBytes = crypto_stream_chacha20_KEYBYTES;
constexpr uint32_t kRefillsPerSeed = 256;  // about a megabyte

// Where the calling thread starts to look for a free shard: thread-locals of different threads have
// different addresses.
size_t HomeShard() {
  static thread_local char here = 0;
  const auto address = reinterpret_cast<uintptr_t>(&here);
  return static_cast<size_t>((address * 0x9E3779B97F4A7C15u) >> 58) % kShards;
}

void* WipedAtFork(size_t size) {
#ifdef MADV_WIPEONFORK
  // Some emulators, as qemu's of a user process, take any advice and follow none. There is no
  // advice -1: who takes it is not to be believed.
  if (madvise(nullptr, 0, -1) == 0) return nullptr;
  void* const pages =
      mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  if (madvise(pages, size, MADV_WIPEONFORK) == 0) {
    (void)madvise(pages, size, MADV_DONTDUMP);
    return pages;
  }
  munmap(pages, size);
#else
  (void)size;
#endif
  return nullptr;
}

}  // namespace

// One page. All zero is a valid state, free and never seeded: it is how a page comes from the
// kernel, and what a forked child finds, whoever held the lock at that moment.
struct BufferedRandom::Shard {
  std::atomic<uint32_t> locked;
  uint32_t refills_left;  // 0: seed before the next refill
  uint32_t available;     // bytes at the end of `output` that were not handed out yet
  uint8_t key[kKeyBytes];
  uint8_t output[kPageBytes - 3 * sizeof(uint32_t) - kKeyBytes];

  bool TryLock() { return locked.exchange(1, std::memory_order_acquire) == 0; }
  void Unlock() { locked.store(0, std::memory_order_release); }
  void Refill();
  void Take(uint8_t* bytes, size_t size);
};

// Fast key erasure: of one ChaCha20 stream the first block is the next key, what follows is handed
// out.
void BufferedRandom::Shard::Refill() {
  static constexpr uint8_t kNonce[crypto_stream_chacha20_NONCEBYTES] = {};
  if (refills_left == 0) {
    randombytes_buf(key, sizeof key);
    refills_left = kRefillsPerSeed;
  }
  --refills_left;
  std::memset(output, 0, sizeof output);
  crypto_stream_chacha20_xor_ic(output, output, sizeof output, kNonce, 1, key);
  uint8_t next[kKeyBytes];
  crypto_stream_chacha20(next, sizeof next, kNonce, key);
  std::memcpy(key, next, sizeof key);
  WipeMemory(next, sizeof next);
  available = sizeof output;
}

void BufferedRandom::Shard::Take(uint8_t* bytes, size_t size) {
  while (size > 0) {
    if (available == 0) Refill();
    const size_t part = std::min<size_t>(size, available);
    uint8_t* const from = output + sizeof output - available;
    std::memcpy(bytes, from, part);
    WipeMemory(from, part);
    available -= static_cast<uint32_t>(part);
    bytes += part;
    size -= part;
  }
}

BufferedRandom::BufferedRandom() : ready_(sodium_init() >= 0) {
  static_assert(sizeof(Shard) == kPageBytes, "a shard is a page, so that threads share none");
  static_assert(std::atomic<uint32_t>::is_always_lock_free, "a wiped lock must be a free one");
  if (ready_) shards_ = static_cast<Shard*>(WipedAtFork(kShards * kPageBytes));
}

BufferedRandom::~BufferedRandom() {
  if (shards_ == nullptr) return;
  WipeMemory(shards_, kShards * kPageBytes);
  munmap(shards_, kShards * kPageBytes);
}

bool BufferedRandom::Fill(uint8_t* bytes, size_t size) {
  if (!ready_) return false;
  if (shards_ == nullptr) {
    randombytes_buf(bytes, size);
    return true;
  }
  // The home shard is free unless another thread shares it; then the next free one will do.
  for (size_t i = HomeShard();; i = (i + 1) % kShards) {
    Shard& shard = shards_[i];
    if (!shard.TryLock()) continue;
    shard.Take(bytes, size);
    shard.Unlock();
    return true;
  }
}

}  // namespace otpcore
