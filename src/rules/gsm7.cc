// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <iterator>

#include "base/utf8.h"
#include "otpcore/rules/sms_cost.h"

namespace otpcore {
namespace {

// 3GPP TS 23.038: the default alphabet beyond the ASCII characters it shares.
constexpr uint32_t kBasic[] = {
    0x00A1, 0x00A3, 0x00A4, 0x00A5, 0x00A7, 0x00BF, 0x00C4, 0x00C5, 0x00C6, 0x00C7,
    0x00C9, 0x00D1, 0x00D6, 0x00D8, 0x00DC, 0x00DF, 0x00E0, 0x00E4, 0x00E5, 0x00E6,
    0x00E8, 0x00E9, 0x00EC, 0x00F1, 0x00F2, 0x00F6, 0x00F8, 0x00F9, 0x00FC, 0x0393,
    0x0394, 0x0398, 0x039B, 0x039E, 0x03A0, 0x03A3, 0x03A6, 0x03A8, 0x03A9,
};

// Septets of one character: 2 in the extension table (an escape and a code), 0 when it is in
// neither.
int SeptetsOf(uint32_t c) {
  if (c == 0x20AC) return 2;
  if (c < 0x80) {
    switch (c) {
      case '\f':
      case '^':
      case '{':
      case '}':
      case '\\':
      case '[':
      case '~':
      case ']':
      case '|': return 2;
      case '`': return 0;
      case '\n':
      case '\r': return 1;
      default: return c >= 0x20 && c < 0x7F ? 1 : 0;
    }
  }
  return std::binary_search(std::begin(kBasic), std::end(kBasic), c) ? 1 : 0;
}

// Counts units, and segments as a sender packs them: a character is never split over two.
class Packer {
 public:
  Packer(size_t alone, size_t joined) : alone_(alone), joined_(joined) {}
  void Add(size_t units) {
    total_ += units;
    if (in_segment_ + units > joined_) {
      ++segments_;
      in_segment_ = 0;
    }
    in_segment_ += units;
  }
  size_t units() const { return total_; }
  size_t segments() const { return total_ == 0 ? 0 : total_ <= alone_ ? 1 : segments_; }

 private:
  const size_t alone_, joined_;
  size_t total_ = 0, in_segment_ = 0, segments_ = 1;
};

}  // namespace

SmsCost MeasureSms(std::string_view utf8) {
  Packer septets(160, 153);
  Packer units(70, 67);
  bool gsm7 = true;
  while (!utf8.empty()) {
    uint32_t c = NextCodePoint(&utf8);
    if (c == kMalformed) c = 0xFFFD;
    const int needed = SeptetsOf(c);
    gsm7 = gsm7 && needed > 0;
    septets.Add(static_cast<size_t>(needed));
    units.Add(c > 0xFFFF ? 2 : 1);
  }
  if (!gsm7) return {SmsEncoding::kUcs2, units.units(), units.segments(), units.units() * 2};
  return {SmsEncoding::kGsm7, septets.units(), septets.segments(), (septets.units() * 7 + 7) / 8};
}

}  // namespace otpcore
