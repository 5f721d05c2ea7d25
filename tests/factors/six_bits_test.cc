// SPDX-License-Identifier: Apache-2.0
// Six bits for each character, against their table.
#include "factors/six_bits.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace otpcore {
namespace {

const std::string kTable = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ- ";

struct Text {
  void Append(std::string_view more) { text.append(more); }
  std::string text;
};

// The bits of all numbers, one after the other.
std::string PackedByTable(const std::string& text) {
  std::string bits;
  for (const char character : text) {
    const size_t number = kTable.find(character);
    for (int bit = 5; bit >= 0; --bit) bits += (number >> bit & 1) != 0 ? '1' : '0';
  }
  bits.resize(six_bits::PackedBytes(text.size()) * 8, '0');
  std::string packed;
  for (size_t at = 0; at < bits.size(); at += 8)
    packed += static_cast<char>(std::stoi(bits.substr(at, 8), nullptr, 2));
  return packed;
}

TEST(SixBits, AreThoseOfTheTable) {  // RC-10
  std::mt19937 random(1);
  for (size_t length = 0; length <= 64; ++length) {
    for (int round = 0; round < 50; ++round) {
      std::string text;
      for (size_t i = 0; i < length; ++i) text += kTable[random() % kTable.size()];
      ASSERT_TRUE(six_bits::HasAll(text)) << text;
      Text packed;
      six_bits::AppendPacked(text, &packed);
      ASSERT_EQ(packed.text, PackedByTable(text)) << text;
      Text unpacked;
      six_bits::AppendUnpacked(packed.text, length, &unpacked);
      ASSERT_EQ(unpacked.text, text);
    }
  }
}

TEST(SixBits, EveryOtherByteHasNone) {  // RC-10
  for (int byte = 0; byte < 256; ++byte) {
    const auto character = static_cast<char>(byte);
    const bool known = kTable.find(character) != std::string::npos;
    for (size_t at = 0; at < 17; ++at) {
      std::string text(17, 'x');
      text[at] = character;
      ASSERT_EQ(six_bits::HasAll(text), known) << byte << " at " << at;
    }
  }
}

}  // namespace
}  // namespace otpcore
