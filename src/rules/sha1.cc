// SPDX-License-Identifier: Apache-2.0
#include "rules/sha1.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace otpcore {
namespace {

uint32_t RotateLeft(uint32_t word, int bits) { return word << bits | word >> (32 - bits); }

void WriteBigEndian(uint32_t word, uint8_t* at) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<uint8_t>(word >> (24 - 8 * i));
}

// How a round mixes three of its words; the function and the constant change every twenty rounds.
template <size_t R>
uint32_t Mix(uint32_t b, uint32_t c, uint32_t d) {
  if constexpr (R < 20) return (d ^ (b & (c ^ d))) + 0x5A827999;
  if constexpr (R >= 40 && R < 60) return ((b & c) | (d & (b | c))) + 0x8F1BBCDC;
  return (b ^ c ^ d) + (R < 40 ? 0x6ED9EBA1 : 0xCA62C1D6);
}

// Round R. `last` are the sixteen latest words of the message schedule, a ring. The five words
// change places from round to round: here they are named anew instead.
template <size_t R>
void Round(uint32_t* words, uint32_t* last) {
  uint32_t& scheduled = last[R % 16];
  if constexpr (R >= 16) {
    scheduled =
        RotateLeft(last[(R + 13) % 16] ^ last[(R + 8) % 16] ^ last[(R + 2) % 16] ^ scheduled, 1);
  }
  const uint32_t a = words[(80 - R) % 5];
  uint32_t& b = words[(81 - R) % 5];
  const uint32_t c = words[(82 - R) % 5];
  const uint32_t d = words[(83 - R) % 5];
  words[(84 - R) % 5] += RotateLeft(a, 5) + Mix<R>(b, c, d) + scheduled;
  b = RotateLeft(b, 30);
}

// All rounds one after the other, without a loop: every place is then known to the compiler, which
// takes a third off the time.
template <size_t... R>
void AllRounds(uint32_t* words, uint32_t* last, std::index_sequence<R...> /*rounds*/) {
  (Round<R>(words, last), ...);
}

}  // namespace

void CompressSha1Plainly(uint32_t* words, const uint8_t* block) {
  uint32_t last[16];
  for (size_t i = 0; i < 16; ++i) last[i] = ReadBigEndian(block + 4 * i);
  uint32_t mixed[5] = {words[0], words[1], words[2], words[3], words[4]};
  AllRounds(mixed, last, std::make_index_sequence<80>());
  for (size_t i = 0; i < 5; ++i) words[i] += mixed[i];
}

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
    if (filled + taken == kSha1BlockBytes) CompressSha1(words, block);
  }
}

void Sha1::Finish(uint8_t* digest) {
  constexpr size_t kLengthAt = kSha1BlockBytes - 8;
  size_t filled = size % kSha1BlockBytes;
  block[filled++] = 0x80;
  if (filled > kLengthAt) {
    std::memset(block + filled, 0, kSha1BlockBytes - filled);
    CompressSha1(words, block);
    filled = 0;
  }
  std::memset(block + filled, 0, kLengthAt - filled);
  const uint64_t bits = size * 8;
  WriteBigEndian(static_cast<uint32_t>(bits >> 32), block + kLengthAt);
  WriteBigEndian(static_cast<uint32_t>(bits), block + kLengthAt + 4);
  CompressSha1(words, block);
  for (size_t i = 0; i < 5; ++i) WriteBigEndian(words[i], digest + 4 * i);
}

}  // namespace otpcore
