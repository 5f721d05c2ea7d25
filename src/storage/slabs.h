// SPDX-License-Identifier: Apache-2.0
// Slabs: blocks of memory in steps of eight bytes, named by 32 bits instead of a pointer, without a
// header of the allocator's in front of each.
#ifndef OTPCORE_SRC_STORAGE_SLABS_H_
#define OTPCORE_SRC_STORAGE_SLABS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace otpcore {

// Names a block of one Slabs. 0: none.
using SlabRef = uint32_t;

// Not thread-safe. Memory that was taken is kept for later blocks of the same size.
class Slabs {
 public:
  static constexpr size_t kStep = 8;
  static constexpr size_t kBlockBytesMax = 4608;  // a record, its name and a head

  // How many bytes a block for `bytes` really has.
  static constexpr size_t SizeFor(size_t bytes) { return (bytes + kStep - 1) / kStep * kStep; }

  // A block of SizeFor(`bytes`), uninitialised. May throw std::bad_alloc; nothing is changed then.
  SlabRef Allocate(size_t bytes) {
    Class& c = classes_[ClassOf(bytes)];
    if (c.free == 0) AddChunk(SizeFor(bytes), &c);
    const SlabRef block = c.free;
    std::memcpy(&c.free, At(block), sizeof c.free);
    return block;
  }
  // `bytes`: as when it was allocated.
  void Free(SlabRef block, size_t bytes) {
    Class& c = classes_[ClassOf(bytes)];
    std::memcpy(At(block), &c.free, sizeof c.free);
    c.free = block;
  }
  char* At(SlabRef block) const {
    return chunks_[block >> kOffsetBits].get() + (block & (kSteps - 1)) * kStep;
  }

 private:
  static constexpr int kOffsetBits = 13;
  static constexpr size_t kSteps = size_t{1} << kOffsetBits;  // of the largest chunk, 64 KiB
  static constexpr size_t kFirstChunkBytes = 1024;

  struct Class {
    SlabRef free = 0;  // each free block begins with the name of the next
    uint32_t next_bytes = kFirstChunkBytes;
  };

  static constexpr size_t ClassOf(size_t bytes) { return SizeFor(bytes) / kStep - 1; }

  void AddChunk(size_t size, Class* c) {
    const size_t blocks = std::max<size_t>(1, c->next_bytes / size);
    chunks_.reserve(chunks_.size() + 2);
    if (chunks_.empty()) chunks_.emplace_back();  // no block is named 0
    chunks_.emplace_back(new char[blocks * size]);
    const auto first = static_cast<SlabRef>((chunks_.size() - 1) << kOffsetBits);
    for (size_t i = blocks; i > 0; --i) {
      const auto block = static_cast<SlabRef>(first + (i - 1) * size / kStep);
      std::memcpy(At(block), &c->free, sizeof c->free);
      c->free = block;
    }
    if (c->next_bytes < kSteps * kStep) c->next_bytes *= 2;
  }

  std::array<Class, kBlockBytesMax / kStep> classes_;
  std::vector<std::unique_ptr<char[]>> chunks_;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_STORAGE_SLABS_H_
