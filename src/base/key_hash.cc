// SPDX-License-Identifier: Apache-2.0
#include "base/key_hash.h"

#include <sodium.h>

#include "base/little_endian.h"

namespace otpcore {
namespace {

// Odd numbers without a pattern: digits of the fractional parts of square roots of primes.
constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15u;
constexpr uint64_t kOffset = 0xBB67AE8584CAA73Bu;

// Both halves of the product of a and b, folded into one word.
uint64_t Fold(uint64_t a, uint64_t b) {
#ifdef __SIZEOF_INT128__
  __extension__ typedef unsigned __int128 Wide;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
#else
  const uint64_t a_low = a & 0xFFFFFFFF;
  const uint64_t a_high = a >> 32;
  const uint64_t b_low = b & 0xFFFFFFFF;
  const uint64_t b_high = b >> 32;
  const uint64_t low = a_low * b_low;
  const uint64_t middle = a_high * b_low + (low >> 32);
  const uint64_t other = a_low * b_high + (middle & 0xFFFFFFFF);
  const uint64_t product_low = other << 32 | (low & 0xFFFFFFFF);
  const uint64_t product_high = a_high * b_high + (middle >> 32) + (other >> 32);
  return product_low ^ product_high;
#endif
}

uint64_t Seed() {
  static const uint64_t seed = [] {
    // Should this fail, randombytes_buf starts the generator by itself.
    const bool ready = sodium_init() >= 0;
    static_cast<void>(ready);
    uint64_t drawn = 0;
    randombytes_buf(&drawn, sizeof drawn);
    return drawn;
  }();
  return seed;
}

}  // namespace

uint64_t HashOfKey(const char* bytes, size_t size) {
  uint64_t hash = Seed() ^ size;
  const auto take = [&](uint64_t low, uint64_t high) {
    hash = Fold(low ^ kMultiplier, high ^ hash);
  };
  if (size >= 16) {
    const char* const last = bytes + size - 16;  // may overlap what was taken
    for (; bytes < last; bytes += 16) take(LoadLittle(bytes, 8), LoadLittle(bytes + 8, 8));
    take(LoadLittle(last, 8), LoadLittle(last + 8, 8));
  } else if (size > 8) {
    take(LoadLittle(bytes, 8), LoadLittle(bytes + size - 8, 8));
  } else {
    take(LoadLittle(bytes, size), kOffset);
  }
  return Fold(hash ^ kOffset, kMultiplier);
}

}  // namespace otpcore
