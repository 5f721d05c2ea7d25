// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: a check that ends the run, and a reader that turns bytes into
// choices.
#ifndef OTPCORE_FUZZ_FUZZ_H_
#define OTPCORE_FUZZ_FUZZ_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// A property that must hold for every input; libFuzzer keeps the input that breaks it.
#define FUZZ_CHECK(condition) \
  ((condition) ? (void)0 : ::otpcore::fuzz::Fail(#condition, __FILE__, __LINE__))

namespace otpcore {
namespace fuzz {

[[noreturn]] inline void Fail(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: broken: %s\n", file, line, condition);
  std::abort();
}

// Takes choices from the front of the input. At its end every number is zero and every text empty,
// so a shorter input means a simpler case.
class Input {
 public:
  Input(const uint8_t* data, size_t size)
      : rest_(size == 0 ? std::string_view()
                        : std::string_view(reinterpret_cast<const char*>(data), size)) {}

  bool done() const { return rest_.empty(); }
  uint8_t Byte() {
    const std::string_view one = Take(1);
    return one.empty() ? uint8_t{0} : static_cast<uint8_t>(one[0]);
  }
  // 0 … end - 1, for an end of at most 256.
  int Below(int end) { return Byte() % end; }
  int64_t Number(int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | Byte();
    return static_cast<int64_t>(value);
  }
  // Up to, and without, the next `separator`.
  std::string_view Until(char separator) {
    const std::string_view text = Take(rest_.find(separator));
    Take(1);
    return text;
  }
  std::string_view Rest() { return Take(rest_.size()); }

 private:
  std::string_view Take(size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest_;
};

inline constexpr bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Decodes UTF-8 the slow way, as a second opinion: a character counts when writing it again gives
// the same bytes. False at a byte that begins no character.
inline bool DecodeSlowly(std::string_view* text, uint32_t* point) {
  for (size_t length = 1; length <= 4 && length <= text->size(); ++length) {
    const auto byte = [&](size_t i) { return static_cast<uint32_t>((*text)[i]) & 0xFF; };
    uint32_t c = byte(0) & (length == 1 ? 0xFF : 0x7Fu >> length);
    for (size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3F);
    const size_t needed = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (needed != length || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) continue;
    bool same = byte(0) == ((length == 1 ? 0 : 0xF00u >> length & 0xFF) | c >> 6 * (length - 1));
    for (size_t i = 1; i < length; ++i)
      same = same && byte(i) == (0x80 | (c >> 6 * (length - 1 - i) & 0x3F));
    if (!same) continue;
    *point = c;
    text->remove_prefix(length);
    return true;
  }
  return false;
}

}  // namespace fuzz
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif  // OTPCORE_FUZZ_FUZZ_H_
