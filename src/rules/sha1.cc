// SPDX-License-Identifier: Apache-2.0
#include "rules/sha1.h"

#include <algorithm>
#include <cstring>

namespace otpcore {
namespace {

uint32_t RotateLeft(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

void WriteBigEndian(uint32_t word, uint8_t* at) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
}

// The five variables of a round, and the last sixteen words of the message schedule.
struct Rounds {
  uint32_t a, b, c, d, e;
  uint32_t schedule[16];

  uint32_t Word(unsigned round) {
    uint32_t& word = schedule[round & 15];
    if (round >= 16) {
      word = RotateLeft(schedule[(round + 13) & 15] ^ schedule[(round + 8) & 15] ^
                            schedule[(round + 2) & 15] ^ word,
                        1);
    }
    return word;
  }
  void Step(unsigned round, uint32_t mixed, uint32_t constant) {
    const uint32_t next = RotateLeft(a, 5) + mixed + e + constant + Word(round);
    e = d;
    d = c;
    c = RotateLeft(b, 30);
    b = a;
    a = next;
  }
};

void Compress(uint32_t* words, const uint8_t* block) {
  Rounds r;
  r.a = words[0], r.b = words[1], r.c = words[2], r.d = words[3], r.e = words[4];
  for (size_t i = 0; i < 16; ++i) r.schedule[i] = ReadBigEndian(block + 4 * i);
  unsigned round = 0;
  for (; round < 20; ++round) r.Step(round, r.d ^ (r.b & (r.c ^ r.d)), 0x5A827999);
  for (; round < 40; ++round) r.Step(round, r.b ^ r.c ^ r.d, 0x6ED9EBA1);
  for (; round < 60; ++round) r.Step(round, (r.b & r.c) | (r.d & (r.b | r.c)), 0x8F1BBCDC);
  for (; round < 80; ++round) r.Step(round, r.b ^ r.c ^ r.d, 0xCA62C1D6);
  words[0] += r.a, words[1] += r.b, words[2] += r.c, words[3] += r.d, words[4] += r.e;
}

}  // namespace

void Sha1::Start() {
  constexpr uint32_t kStart[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
  std::memcpy(words, kStart, sizeof words);
  size = 0;
}

void Sha1::Update(const uint8_t* bytes, size_t count) {
  while (count > 0) {
    const size_t filled = size % kSha1BlockBytes;
    const size_t taken = std::min(count, kSha1BlockBytes - filled);
    std::memcpy(block + filled, bytes, taken);
    size += taken;
    bytes += taken;
    count -= taken;
    if (filled + taken == kSha1BlockBytes) Compress(words, block);
  }
}

void Sha1::Finish(uint8_t* digest) {
  const uint64_t bits = size * 8;
  constexpr uint8_t kPadding[kSha1BlockBytes] = {0x80};
  const size_t filled = size % kSha1BlockBytes;
  Update(kPadding, (filled < 56 ? 56 : 120) - filled);
  uint8_t length[8];
  WriteBigEndian(static_cast<uint32_t>(bits >> 32), length);
  WriteBigEndian(static_cast<uint32_t>(bits), length + 4);
  Update(length, sizeof length);
  for (size_t i = 0; i < 5; ++i) WriteBigEndian(words[i], digest + 4 * i);
}

}  // namespace otpcore
