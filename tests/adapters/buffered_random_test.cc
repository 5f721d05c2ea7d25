// SPDX-License-Identifier: Apache-2.0
// The buffered generator: it never repeats itself, over refills, threads and forks.
#include "otpcore/adapters/buffered_random.h"

#include <gtest/gtest.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <fstream>
#include <initializer_list>
#include <thread>
#include <vector>

// A kernel that takes any advice and follows none. In place of libc's.
static bool takes_any_advice = false;
extern "C" int madvise(void* pages, size_t size, int advice) noexcept {
  if (takes_any_advice) return 0;
  return static_cast<int>(syscall(SYS_madvise, pages, size, advice));
}

namespace otpcore {
namespace {

// Two equal ones among 2^20 of 64 bits happen with a chance of 2^-25.
std::vector<uint64_t> Draw(BufferedRandom& random, size_t words) {
  std::vector<uint64_t> drawn(words);
  for (uint64_t& word : drawn) {
    EXPECT_TRUE(random.Fill(reinterpret_cast<uint8_t*>(&word), sizeof word));
  }
  return drawn;
}

bool AllDiffer(std::vector<uint64_t> words) {
  std::sort(words.begin(), words.end());
  return std::adjacent_find(words.begin(), words.end()) == words.end();
}

TEST(BufferedRandom, BuffersOnThisSystem) { EXPECT_TRUE(BufferedRandom().buffers()); }

TEST(BufferedRandom, BuffersNothingWhereAdviceIsTakenAndNotFollowed) {
  takes_any_advice = true;
  BufferedRandom random;
  takes_any_advice = false;
  EXPECT_FALSE(random.buffers());
  EXPECT_TRUE(AllDiffer(Draw(random, 1000)));
}

TEST(BufferedRandom, NeverRepeatsItselfOverManyRefillsAndSeeds) {
  BufferedRandom random;
  EXPECT_TRUE(AllDiffer(Draw(random, 1 << 20)));  // 8 MB: 2,000 refills, 8 seeds
}

// How often libsodium was asked for random bytes.
int seeds = 0;

TEST(BufferedRandom, TakesANewSeedAfterEveryMegabyte) {
  ASSERT_GE(sodium_init(), 0);
  randombytes_implementation counting = randombytes_sysrandom_implementation;
  counting.buf = [](void* bytes, size_t size) {
    ++seeds;
    randombytes_sysrandom_implementation.buf(bytes, size);
  };
  ASSERT_EQ(randombytes_set_implementation(&counting), 0);
  BufferedRandom random;
  std::vector<uint8_t> half(128 * 4052);  // what 128 refills give
  std::vector<int> taken;
  for (const size_t bytes : {half.size(), half.size(), size_t{1}, half.size(), half.size()}) {
    EXPECT_TRUE(random.Fill(half.data(), bytes));
    taken.push_back(seeds);
  }
  EXPECT_EQ(randombytes_set_implementation(&randombytes_sysrandom_implementation), 0);
  EXPECT_EQ(taken, (std::vector<int>{1, 1, 2, 2, 3}));
}

// Fast key erasure: of each stream the first block is the next key, and nobody sees it.
TEST(BufferedRandom, WhatItHandsOutTellsNoFurtherBytes) {
  BufferedRandom random;
  std::vector<uint8_t> drawn(2 * 4052);
  ASSERT_TRUE(random.Fill(drawn.data(), drawn.size()));
  constexpr uint8_t kNonce[crypto_stream_chacha20_NONCEBYTES] = {};
  std::array<uint8_t, 32> guessed;
  for (uint64_t block = 0; block < 3; ++block) {
    guessed.fill(0);
    crypto_stream_chacha20_xor_ic(guessed.data(), guessed.data(), guessed.size(), kNonce, block,
                                  drawn.data());
    EXPECT_FALSE(std::equal(guessed.begin(), guessed.end(), drawn.begin() + 4052)) << block;
  }
}

TEST(BufferedRandom, GivesItsPagesBack) {
  const auto pages_mapped = [] {
    int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages;
  };
  const int64_t before = pages_mapped();
  for (int i = 0; i < 1000; ++i) BufferedRandom();
  EXPECT_LT(pages_mapped() - before, 64 * 100);  // each has 64
}

TEST(BufferedRandom, TwoOfThemDiffer) {
  BufferedRandom a;
  BufferedRandom b;
  std::vector<uint64_t> words = Draw(a, 1000);
  for (const uint64_t word : Draw(b, 1000)) words.push_back(word);
  EXPECT_TRUE(AllDiffer(words));
}

TEST(BufferedRandom, FillsEveryByteOfAnySizeAndNoOther) {
  BufferedRandom random;
  for (const size_t size : std::initializer_list<size_t>{0, 1, 7, 96, 4051, 4052, 4053, 20000}) {
    std::vector<uint8_t> ever(size + 1, 0);
    std::vector<uint8_t> bytes(size + 1, 0);
    for (int round = 0; round < 16; ++round) {
      bytes.back() = 0xA5;
      ASSERT_TRUE(random.Fill(bytes.data(), size));
      ASSERT_EQ(bytes.back(), 0xA5);
      for (size_t i = 0; i < size; ++i) ever[i] |= bytes[i];
    }
    // A byte that is 0 in sixteen rounds was not filled.
    EXPECT_EQ(std::count(ever.begin(), ever.end() - 1, 0), 0) << size;
  }
}

TEST(BufferedRandom, BitsAreSetAsOftenAsNot) {
  BufferedRandom random;
  int64_t ones = 0;
  for (const uint64_t word : Draw(random, 1 << 16)) ones += __builtin_popcountll(word);
  const int64_t expected = int64_t{32} << 16;
  EXPECT_NEAR(static_cast<double>(ones), static_cast<double>(expected), 6 * 1024.0);  // 6 sigma
}

TEST(BufferedRandom, ThreadsDrawDifferentBytes) {
  BufferedRandom random;
  std::vector<std::vector<uint64_t>> drawn(16);
  std::vector<std::thread> threads;
  for (auto& words : drawn)
    threads.emplace_back([&random, &words] { words = Draw(random, 1 << 14); });
  for (std::thread& thread : threads) thread.join();
  std::vector<uint64_t> all;
  for (const auto& words : drawn) all.insert(all.end(), words.begin(), words.end());
  EXPECT_TRUE(AllDiffer(all));
}

// What a child draws, after `before` was drawn by its parent.
template <typename InChild>
std::vector<uint64_t> DrawInChild(const InChild& draw, size_t words) {
  std::vector<uint64_t> drawn(words);
  const size_t bytes = words * sizeof(uint64_t);
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);  // a child that waits for a lock nobody holds must not hang the test
    for (uint64_t& word : drawn) {
      if (!draw(reinterpret_cast<uint8_t*>(&word), sizeof word)) _exit(1);
    }
    _exit(write(ends[1], drawn.data(), bytes) == static_cast<ssize_t>(bytes) ? 0 : 1);
  }
  close(ends[1]);
  EXPECT_GT(child, 0);
  EXPECT_EQ(read(ends[0], drawn.data(), bytes), static_cast<ssize_t>(bytes));
  close(ends[0]);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  return drawn;
}

TEST(BufferedRandom, IsWipedAtFork) {
  BufferedRandom random;
  std::vector<uint64_t> all = Draw(random, 10);  // the buffer is full now: both would go on with it
  const auto fill = [&random](uint8_t* bytes, size_t size) { return random.Fill(bytes, size); };
  for (int child = 0; child < 3; ++child) {
    const std::vector<uint64_t> words = DrawInChild(fill, 500);
    all.insert(all.end(), words.begin(), words.end());
  }
  const std::vector<uint64_t> parents = Draw(random, 500);
  all.insert(all.end(), parents.begin(), parents.end());
  EXPECT_TRUE(AllDiffer(all));
}

TEST(BufferedRandom, AChildForkedWhileThreadsDrawIsNotStuck) {
  BufferedRandom random;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      std::array<uint8_t, 3000> bytes;
      while (!stop) EXPECT_TRUE(random.Fill(bytes.data(), bytes.size()));
    });
  }
  std::vector<uint64_t> all;
  for (int child = 0; child < 20; ++child) {
    const auto fill = [&random](uint8_t* bytes, size_t size) { return random.Fill(bytes, size); };
    for (const uint64_t word : DrawInChild(fill, 100)) all.push_back(word);
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(AllDiffer(all));
}

}  // namespace
}  // namespace otpcore
