// SPDX-License-Identifier: Apache-2.0
// Writes a code point as UTF-8, for tests that go through many of them.
#ifndef OTPCORE_TESTS_UTF8_TEXT_H_
#define OTPCORE_TESTS_UTF8_TEXT_H_

#include <cstdint>
#include <string>

namespace otpcore {

inline constexpr uint32_t kLastCodePoint = 0x10FFFF;
inline bool IsSurrogate(uint32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

inline std::string Utf8(uint32_t c) {
  std::string s;
  const auto add = [&s](uint32_t byte) { s += static_cast<char>(byte); };
  if (c < 0x80) {
    add(c);
  } else if (c < 0x800) {
    add(0xC0 | c >> 6), add(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    add(0xE0 | c >> 12), add(0x80 | (c >> 6 & 0x3F)), add(0x80 | (c & 0x3F));
  } else {
    add(0xF0 | c >> 18), add(0x80 | (c >> 12 & 0x3F)), add(0x80 | (c >> 6 & 0x3F));
    add(0x80 | (c & 0x3F));
  }
  return s;
}

}  // namespace otpcore

#endif  // OTPCORE_TESTS_UTF8_TEXT_H_
