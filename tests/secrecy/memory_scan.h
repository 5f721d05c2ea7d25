// SPDX-License-Identifier: Apache-2.0
// Looks for secrets in everything this process can write to (R-05, B-09).
//
// What is looked for is kept XOR-masked, so that the search finds no copy of its own.
#ifndef OTPCORE_TESTS_SECRECY_MEMORY_SCAN_H_
#define OTPCORE_TESTS_SECRECY_MEMORY_SCAN_H_

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace otpcore {

inline volatile uint8_t mask = 0xA5;  // volatile: nothing is unmasked before it is compared

// Bytes to look for: any `window` of them in a row. Never holds them as they are.
struct Needle {
  const char* name = "";
  size_t window = 8;
  size_t size = 0;
  uint8_t masked[1024] = {};
  const void* allowed = nullptr;  // where one copy may be

  void Clear() { size = 0; }
  template <typename Byte>
  void Take(const Byte* bytes, size_t count) {
    size = 0;
    for (size_t i = 0; i < count; ++i) Add(static_cast<uint8_t>(bytes[i]));
  }
  void Add(uint8_t byte) { masked[size++] = static_cast<uint8_t>(byte ^ mask); }
  uint8_t At(size_t i) const { return static_cast<uint8_t>(masked[i] ^ mask); }

  bool Matches(const uint8_t* at, size_t from) const {
    for (size_t i = 0; i < window; ++i) {
      if (static_cast<uint8_t>(at[i] ^ mask) != masked[from + i]) return false;
    }
    return true;
  }
};

// Where the copies are found.
struct Scan {
  static constexpr size_t kNeedles = 24;  // at most 32
  Needle needles[kNeedles];
  size_t bytes = 0;
  int found = 0;
  bool quiet = false;

  // The number of copies that are where none may be.
  int Run() {
    static char maps[1 << 16];
    found = 0;
    bytes = 0;
    const int file = open("/proc/self/maps", O_RDONLY);
    size_t size = 0;
    for (ssize_t got; (got = read(file, maps + size, sizeof maps - 1 - size)) > 0;)
      size += static_cast<size_t>(got);
    close(file);
    maps[size] = '\0';
    for (char* line = maps; *line != '\0';) {
      char* const end = std::strchr(line, '\n');
      if (end == nullptr) break;
      *end = '\0';
      Line(line);
      line = end + 1;
    }
    return found;
  }

 private:
  void Line(const char* line) {
    char* rest = nullptr;
    const auto begin = std::strtoul(line, &rest, 16);
    const auto end = std::strtoul(rest + 1, &rest, 16);
    if (std::strncmp(rest, " rw", 3) != 0) return;
    const auto* const memory = reinterpret_cast<const uint8_t*>(begin);
    bytes += end - begin;
    // Which needles a match can start with each byte of, as it is masked.
    uint32_t starts[256] = {};
    for (size_t n = 0; n < kNeedles; ++n) {
      const Needle& needle = needles[n];
      for (size_t from = 0; from + needle.window <= needle.size; ++from)
        starts[needle.masked[from]] |= uint32_t{1} << n;
    }
    for (size_t i = 0; i < end - begin; ++i) {
      for (uint32_t which = starts[static_cast<uint8_t>(memory[i] ^ mask)]; which != 0;
           which &= which - 1)
        At(needles[__builtin_ctz(which)], memory + i, end - begin - i, line);
    }
  }
  void At(const Needle& needle, const uint8_t* at, size_t room, const char* line) {
    if (needle.window > room) return;
    for (size_t from = 0; from + needle.window <= needle.size; ++from) {
      if (needle.Matches(at, from)) Found(needle, at, line);
    }
  }
  void Found(const Needle& needle, const uint8_t* at, const char* line) {
    const auto* const allowed = static_cast<const uint8_t*>(needle.allowed);
    if (allowed != nullptr && at >= allowed && at < allowed + needle.size) return;
    ++found;
    if (!quiet && (last_ == nullptr || at < last_ || at > last_ + needle.window))
      std::printf("  %s at %p in %s\n", needle.name, static_cast<const void*>(at), line);
    last_ = at;
  }

  const uint8_t* last_ = nullptr;
};

// Its frame keeps what `work` leaves away from what the end of the thread overwrites.
template <typename Work>
__attribute__((noinline)) void CallFarDown(Work* work) {
  uint8_t room[1 << 16];
  asm volatile("" : : "r"(room) : "memory");  // the room is really taken
  (*work)();
  asm volatile("" : : "r"(room) : "memory");
}

// Runs `work` on a stack of its own, which stays as it was left: what runs afterwards overwrites
// nothing of it.
template <typename Work>
void OnAStackOfItsOwn(Work work) {
  static constexpr size_t kSize = 1 << 20;
  static void* const stack =
      mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::memset(stack, 0, kSize);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, stack, kSize);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    CallFarDown(static_cast<Work*>(argument));
    return nullptr;
  };
  if (pthread_create(&thread, &attributes, run, &work) != 0) std::abort();
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_SECRECY_MEMORY_SCAN_H_
