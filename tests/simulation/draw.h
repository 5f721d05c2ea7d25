// SPDX-License-Identifier: Apache-2.0
// Draws of the simulation: the same numbers for the same seed with every compiler and library,
// which the distributions of <random> do not promise.
#ifndef OTPCORE_TESTS_SIMULATION_DRAW_H_
#define OTPCORE_TESTS_SIMULATION_DRAW_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace otpcore {
namespace simulation {

// SplitMix64. Can take its choices from bytes instead, as a fuzzer likes it.
class Draw {
 public:
  explicit Draw(uint64_t seed) : state_(seed) {}
  // Choices come from the front of `*choices`, a byte or three each; at its end each is the last
  // one, so every Chance is missed. Only Next() goes by the seed.
  Draw(uint64_t seed, std::string_view* choices) : state_(seed), choices_(choices) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // 0 … count - 1; near enough to uniform.
  uint32_t Below(uint32_t count) {
    if (choices_ != nullptr) return count - 1 - Choice(count <= 256 ? 1 : 3) % count;
    return static_cast<uint32_t>(((Next() >> 32) * static_cast<uint64_t>(count)) >> 32);
  }
  // True `times` out of `of` times.
  bool Chance(uint32_t times, uint32_t of) { return Below(of) < times; }

 private:
  uint32_t Choice(size_t bytes) {
    uint32_t choice = 0;
    for (size_t i = 0; i < bytes && !choices_->empty(); ++i) {
      choice = choice << 8 | static_cast<uint8_t>(choices_->front());
      choices_->remove_prefix(1);
    }
    return choice;
  }

  uint64_t state_;
  std::string_view* choices_ = nullptr;
};

// FNV-1a over everything that comes out of the product: equal traces have equal hashes.
class TraceHash {
 public:
  void Bytes(const void* data, size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (size_t i = 0; i < size; ++i) value_ = (value_ ^ bytes[i]) * 0x100000001B3u;
  }
  void Text(std::string_view text) {
    Number(text.size());
    Bytes(text.data(), text.size());
  }
  // Least byte first, whatever the machine.
  void Number(uint64_t number) {
    for (int i = 0; i < 64; i += 8) value_ = (value_ ^ ((number >> i) & 0xFF)) * 0x100000001B3u;
  }
  uint64_t value() const { return value_; }

 private:
  uint64_t value_ = 0xCBF29CE484222325u;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_DRAW_H_
