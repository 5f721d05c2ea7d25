// SPDX-License-Identifier: Apache-2.0
// SHA-1 by the instructions that x86-64 processors have for it. They take the same time for all
// bytes.
#include "rules/sha1.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

#include <utility>

namespace otpcore {
namespace {

bool AskProcessor() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return false;
  const bool shuffles = (c & bit_SSSE3) != 0 && (c & bit_SSE4_1) != 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return false;
  return shuffles && (b & bit_SHA) != 0;
}

#define OTPCORE_SHA1 __attribute__((target("sha,ssse3,sse4.1")))

// The state on its way: a, b, c, d as it is and as it was four rounds before, from which the
// instructions take their e.
struct State {
  __m128i abcd;
  __m128i before;
};

// Four rounds. `words`: the next four of the message schedule.
template <size_t Four>
OTPCORE_SHA1 inline void Rounds(const __m128i* schedule, State* state) {
  const __m128i e = _mm_sha1nexte_epu32(state->before, schedule[Four]);
  state->before = state->abcd;
  state->abcd = _mm_sha1rnds4_epu32(state->abcd, e, Four / 5);
}

template <size_t... Four>
OTPCORE_SHA1 inline void AllRounds(const __m128i* schedule, State* state,
                                   std::index_sequence<Four...> /*fours*/) {
  (Rounds<Four + 1>(schedule, state), ...);
}

OTPCORE_SHA1 void Compress(uint32_t* words, const uint8_t* block) {
  constexpr size_t kFours = 20;
  const __m128i big_endian = _mm_set_epi64x(0x0001020304050607, 0x08090A0B0C0D0E0F);
  __m128i schedule[kFours];
  for (size_t i = 0; i < 4; ++i) {
    schedule[i] = _mm_shuffle_epi8(
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i)), big_endian);
  }
  for (size_t i = 4; i < kFours; ++i) {
    const __m128i mixed =
        _mm_xor_si128(_mm_sha1msg1_epu32(schedule[i - 4], schedule[i - 3]), schedule[i - 2]);
    schedule[i] = _mm_sha1msg2_epu32(mixed, schedule[i - 1]);
  }
  // The instructions want a in the highest place.
  const __m128i abcd =
      _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(words)), 0x1B);
  const __m128i e = _mm_set_epi32(static_cast<int>(words[4]), 0, 0, 0);
  State state = {_mm_sha1rnds4_epu32(abcd, _mm_add_epi32(e, schedule[0]), 0), abcd};
  AllRounds(schedule, &state, std::make_index_sequence<kFours - 1>());
  _mm_storeu_si128(reinterpret_cast<__m128i*>(words),
                   _mm_shuffle_epi32(_mm_add_epi32(state.abcd, abcd), 0x1B));
  words[4] = static_cast<uint32_t>(_mm_extract_epi32(_mm_sha1nexte_epu32(state.before, e), 3));
}

#undef OTPCORE_SHA1

}  // namespace

bool HasSha1Instructions() {
  static const bool has = AskProcessor();
  return has;
}

void CompressSha1(uint32_t* words, const uint8_t* block) {
  HasSha1Instructions() ? Compress(words, block) : CompressSha1Plainly(words, block);
}

}  // namespace otpcore

#else

namespace otpcore {

bool HasSha1Instructions() { return false; }

void CompressSha1(uint32_t* words, const uint8_t* block) { CompressSha1Plainly(words, block); }

}  // namespace otpcore

#endif
