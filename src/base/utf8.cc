// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

namespace otpcore {

uint32_t NextCodePoint(std::string_view* text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>((*text)[i]); };
  const uint8_t first = byte(0);
  size_t length = 1;
  uint32_t point = first;
  uint32_t least = 0;  // below it the form is over-long
  if ((first & 0xE0) == 0xC0) {
    length = 2, point = first & 0x1F, least = 0x80;
  } else if ((first & 0xF0) == 0xE0) {
    length = 3, point = first & 0x0F, least = 0x800;
  } else if ((first & 0xF8) == 0xF0) {
    length = 4, point = first & 0x07, least = 0x10000;
  } else if (first >= 0x80) {
    text->remove_prefix(1);
    return kMalformed;
  }
  bool well_formed = text->size() >= length;
  for (size_t i = 1; well_formed && i < length; ++i) {
    well_formed = (byte(i) & 0xC0) == 0x80;
    point = point << 6 | (byte(i) & 0x3F);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (!well_formed || point < least || point > 0x10FFFF || surrogate) {
    text->remove_prefix(1);
    return kMalformed;
  }
  text->remove_prefix(length);
  return point;
}

bool IsControl(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029 || c == 0x061C ||
         c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

}  // namespace otpcore
