// SPDX-License-Identifier: Apache-2.0
// SHA-1 (FIPS 180-4), which libsodium lacks and HMAC-SHA-1 needs. Do not use it for anything else:
// collisions are known, and HMAC is the one use here that they do not touch.
#ifndef OTPCORE_SRC_RULES_SHA1_H_
#define OTPCORE_SRC_RULES_SHA1_H_

#include <cstddef>
#include <cstdint>

namespace otpcore {

inline constexpr size_t kSha1Bytes = 20;
inline constexpr size_t kSha1BlockBytes = 64;

// Four bytes, the most significant first.
inline uint32_t ReadBigEndian(const uint8_t* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | uint32_t{at[3]};
}

// One block into the five words of the state, by instructions that the processor has for it, or
// plainly (sha1_processor.cc).
void CompressSha1(uint32_t* words, const uint8_t* block);
void CompressSha1Plainly(uint32_t* words, const uint8_t* block);
// False: the processor has none.
bool HasSha1Instructions();

// A running hash. Plain data: a copy continues from the same point. It holds what was hashed, so
// its owner wipes it. The time depends on the number of bytes, not on the bytes.
struct Sha1 {
  uint32_t words[5];
  uint64_t size;  // in bytes, so far
  uint8_t block[kSha1BlockBytes];

  void Start();
  void Update(const uint8_t* bytes, size_t count);
  // Writes kSha1Bytes; the hash then cannot continue.
  void Finish(uint8_t* digest);
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_SHA1_H_
