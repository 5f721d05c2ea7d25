// SPDX-License-Identifier: Apache-2.0
#include "rules/equal_draws.h"

#include <cstring>

#include "base/declassify.h"

namespace otpcore {
namespace {

uint64_t FirstWord(const DrawnBytes& draw) {
  uint64_t word = 0;
  std::memcpy(&word, draw.bytes, sizeof word);
  return word;
}

}  // namespace

bool HasEqualDraws(const DrawnBytes* draws, size_t count) {
  uint64_t equal = 0;
  for (size_t a = 0; a < count; ++a) {
    for (size_t b = a + 1; b < count; ++b) {
      if (draws[a].size < sizeof(uint64_t) || draws[b].size < sizeof(uint64_t)) continue;
      const uint64_t difference = FirstWord(draws[a]) ^ FirstWord(draws[b]);
      equal |= 1 ^ ((difference | (0 - difference)) >> 63);
    }
  }
  return Declassify(static_cast<uint32_t>(equal)) != 0;
}

}  // namespace otpcore
