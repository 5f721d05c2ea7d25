// SPDX-License-Identifier: Apache-2.0
#include "base/characters.h"

#include <algorithm>
#include <iterator>

#include "base/character_table.h"

namespace otpcore {

uint8_t FlagsOf(uint32_t code_point) {
  if (code_point > 0x10FFFF) return 0;
  // The first run that starts behind the code point; the one before it holds the code point.
  const uint32_t* const next = std::upper_bound(std::begin(kCharacterRuns),
                                                std::end(kCharacterRuns), code_point << 8 | 0xFF);
  return static_cast<uint8_t>(next[-1] & 0xFF);
}

int DigitValue(uint32_t code_point) {
  for (const uint32_t zero : {0x0030u, 0xFF10u, 0x0660u, 0x06F0u, 0x0966u}) {
    if (code_point - zero < 10) return static_cast<int>(code_point - zero);
  }
  return -1;
}

}  // namespace otpcore
