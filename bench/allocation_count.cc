// SPDX-License-Identifier: Apache-2.0
#include "bench/allocation_count.h"

#include <cstdlib>
#include <new>

namespace otpcore {
namespace bench {
namespace {

thread_local AllocationCount count;

void* Counted(size_t size) {
  ++count.blocks;
  count.bytes += size;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

AllocationCount AllocationsOfThisThread() { return count; }

void* Allocate(size_t size) {
  if (void* const block = Counted(size)) return block;
  throw std::bad_alloc();
}

void* AllocateAligned(size_t size, size_t alignment) {
  ++count.blocks;
  count.bytes += size;
  if (void* const block = std::aligned_alloc(alignment, (size + alignment - 1) & ~(alignment - 1)))
    return block;
  throw std::bad_alloc();
}

}  // namespace bench
}  // namespace otpcore

// The array and nothrow forms of the standard library call these.
void* operator new(size_t size) { return otpcore::bench::Allocate(size); }
void* operator new(size_t size, std::align_val_t alignment) {
  return otpcore::bench::AllocateAligned(size, static_cast<size_t>(alignment));
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, size_t, std::align_val_t) noexcept { std::free(block); }
