// SPDX-License-Identifier: Apache-2.0
// operator new that counts, and that fails when it is told to. Included by one source of a program.
#ifndef OTPCORE_TESTS_SECRECY_FAILING_ALLOCATIONS_H_
#define OTPCORE_TESTS_SECRECY_FAILING_ALLOCATIONS_H_

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace otpcore {

struct Allocations {
  std::atomic<int64_t> made{0};
  std::atomic<int64_t> live{0};
  // The allocation that fails, counted from the next one as 1; 0: none does.
  std::atomic<int64_t> fails{0};
  std::atomic<bool> failed{false};

  void FailAt(int64_t which) {
    failed = false;
    fails = which;
  }
  void Stop() { fails = 0; }
};
inline Allocations allocations;

inline void* Allocate(size_t size) {
  ++allocations.made;
  if (allocations.fails > 0 && --allocations.fails == 0) {
    allocations.failed = true;
    throw std::bad_alloc();
  }
  void* const memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  ++allocations.live;
  return memory;
}
inline void Free(void* memory) {
  if (memory != nullptr) --allocations.live;
  std::free(memory);
}

}  // namespace otpcore

void* operator new(size_t size) { return otpcore::Allocate(size); }
void* operator new[](size_t size) { return otpcore::Allocate(size); }
void operator delete(void* memory) noexcept { otpcore::Free(memory); }
void operator delete[](void* memory) noexcept { otpcore::Free(memory); }
void operator delete(void* memory, size_t) noexcept { otpcore::Free(memory); }
void operator delete[](void* memory, size_t) noexcept { otpcore::Free(memory); }

#endif  // OTPCORE_TESTS_SECRECY_FAILING_ALLOCATIONS_H_
