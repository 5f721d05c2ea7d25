// SPDX-License-Identifier: Apache-2.0
#include "base/characters.h"

#include <gtest/gtest.h>

#include <initializer_list>

#include "base/utf8.h"

namespace otpcore {
namespace {

// Every flag at once is one number per character here, so that a wrong neighbour in the table is
// seen as well as a wrong entry.
TEST(FlagsOf, TellsWhatACharacterIs) {
  const struct {
    uint32_t code_point;
    int flags;
  } cases[] = {
      {0x00, 0},                           // NUL
      {0x08, 0},                           // the control before the tab
      {0x09, kWhiteSpace},                 // tab
      {0x0D, kWhiteSpace},                 // carriage return
      {0x20, kWhiteSpace},                 // space
      {'!', kVisible},                     //
      {'-', kDash | kVisible},             //
      {'/', kVisible},                     // before the digits
      {'0', kWordCharacter | kVisible},    //
      {'9', kWordCharacter | kVisible},    //
      {':', kVisible},                     // behind them
      {'_', kVisible},                     //
      {'z', kWordCharacter | kVisible},    //
      {0x7F, 0},                           // DEL
      {0x85, kWhiteSpace},                 // next line
      {0xA0, kWhiteSpace},                 // no-break space
      {0xAD, kIgnorable},                  // soft hyphen: no Dash
      {0xB2, kWordCharacter | kVisible},   // superscript two
      {0xE9, kWordCharacter | kVisible},   // e with acute
      {0x301, kWordCharacter | kVisible},  // combining acute
      {0x3C9, kWordCharacter | kVisible},  // Greek
      {0x58A, kDash | kVisible},           // Armenian hyphen
      {0x661, kWordCharacter | kVisible},  // Arabic-Indic one
      {0x180B, kInvisibleMark | kIgnorable},
      {0x200A, kWhiteSpace},                  // hair space
      {0x200B, kInvisibleMark | kIgnorable},  // zero width space
      {0x2010, kDash | kVisible},
      {0x2028, kWhiteSpace},
      {0x202E, kInvisibleMark | kIgnorable},
      {0x202F, kWhiteSpace},                  // narrow no-break space
      {0x2030, kVisible},                     // per mille
      {0x2065, kInvisibleMark | kIgnorable},  // not assigned, and ignorable for ever
      {0x206A, kIgnorable},
      {0x20AC, kVisible},                   // euro
      {0x2164, kWordCharacter | kVisible},  // Roman five
      {0x2460, kWordCharacter | kVisible},  // circled one
      {0x2800, 0},                          // blank Braille pattern
      {0x2801, kVisible},
      {0x3000, kWhiteSpace},                // ideographic space
      {0x3164, kIgnorable},                 // Hangul filler, a letter that shows nothing
      {0x4E00, kWordCharacter | kVisible},  // Han
      {0xD7A3, kWordCharacter | kVisible},  // Hangul
      {0xE000, 0},                          // private use
      {0xFE0F, kInvisibleMark | kIgnorable},
      {0xFEFF, kInvisibleMark | kIgnorable},
      {0xFF0D, kDash | kVisible},            // full-width hyphen
      {0xFF19, kWordCharacter | kVisible},   // full-width nine
      {0xFF1A, kVisible},                    // full-width colon
      {0x10D6E, kDash | kVisible},           // Garay hyphen, younger than the table
      {0x1F600, kVisible},                   // a face
      {0x1E950, kWordCharacter | kVisible},  // Adlam zero
      {0x3FFFD, kWordCharacter | kVisible},  // not assigned yet
      {0xE0100, kInvisibleMark | kIgnorable},
      {0x10FFFD, 0},                          // private use
      {0x10FFFF, kWordCharacter | kVisible},  // no character; treated as not assigned
      {0x110000, 0},
      {kMalformed, 0},
  };
  for (const auto& one : cases)
    EXPECT_EQ(FlagsOf(one.code_point), one.flags) << std::hex << one.code_point;
}

TEST(IsInvisibleMark, TakesWhatPastedNumbersCarry) {  // A-05, N-02
  for (const uint32_t mark : {0xADu, 0x61Cu, 0x200Bu, 0x202Eu, 0x2060u, 0xFE0Fu, 0xFEFFu})
    EXPECT_TRUE(IsInvisibleMark(mark)) << std::hex << mark;
  for (const uint32_t other :
       {0u, 0xA0u, 0xAEu, 0x61Bu, 0x61Du, 0x2010u, uint32_t{'1'}, kMalformed})
    EXPECT_FALSE(IsInvisibleMark(other)) << std::hex << other;
}

}  // namespace
}  // namespace otpcore
