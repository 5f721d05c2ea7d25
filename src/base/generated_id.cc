// SPDX-License-Identifier: Apache-2.0
#include "base/generated_id.h"

#include <cstring>
#include <string>

#include "absl/strings/match.h"

namespace otpcore {
namespace {

// Their places plus one are stored (EntityId): append only, at most 31.
constexpr std::string_view kPrefixes[] = {
    "organization-test-",
    "organization-live-",
    "member-test-",
    "member-live-",
};

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  return absl::EqualsIgnoreCase(absl::string_view(text.data(), lower.size()),
                                absl::string_view(lower.data(), lower.size()));
}

// Every command looks at its ids several times, so eight characters are taken at once, each in a
// byte of a word: the first in the lowest.
constexpr uint64_t Each(uint8_t byte) { return 0x0101010101010101u * byte; }

uint64_t Word(const char* text, size_t characters) {
  uint64_t word = 0;
  std::memcpy(&word, text, characters);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  word = __builtin_bswap64(word);
#endif
  return word;
}

// Eight hexadecimal digits as four bytes. `*small` gets the spelling without capitals; false when
// some character is no such digit.
bool ReadHex(uint64_t word, uint64_t* small, uint8_t* bytes) {
  const uint64_t values = (word & Each(0x0F)) + ((word >> 6) & Each(1)) * 9;
  const uint64_t letters = ((values + Each(0x76)) >> 7) & Each(1);
  *small = values + Each('0') + letters * ('a' - '0' - 10);
  if ((values & Each(0xF0)) != 0 || (word | letters * 0x20) != *small) return false;
  const uint64_t pairs = values << 4 | values >> 8;
  for (size_t i = 0; i < 4; ++i) bytes[i] = static_cast<uint8_t>(pairs >> (16 * i));
  return true;
}

}  // namespace

bool ReadUuid(std::string_view text, Uuid* uuid, bool* has_capitals) {
  if (text.size() != kUuidChars || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-')
    return false;
  const char* const at = text.data();
  const uint64_t words[] = {Word(at, 8), Word(at + 9, 4) | Word(at + 14, 4) << 32,
                            Word(at + 19, 4) | Word(at + 24, 4) << 32, Word(at + 28, 8)};
  *has_capitals = false;
  for (size_t i = 0; i < 4; ++i) {
    uint64_t small = 0;
    if (!ReadHex(words[i], &small, &uuid->bytes[4 * i])) return false;
    *has_capitals |= words[i] != small;
  }
  return true;
}

bool ReadGeneratedId(std::string_view text, GeneratedId* id) {
  uint8_t number = 0;
  for (const std::string_view prefix : kPrefixes) {
    ++number;
    const size_t start = prefix.size();
    if (text.size() != start + kUuidChars) continue;
    const bool as_made = text.compare(0, start, prefix) == 0;
    if (!as_made && !StartsWithIgnoringCase(text, prefix)) continue;
    id->prefix = number;
    if (!ReadUuid(text.substr(start), &id->uuid, &id->has_capitals)) return false;
    id->has_capitals |= !as_made;
    return true;
  }
  return false;
}

Environment EnvironmentOf(uint8_t prefix) {
  return prefix % 2 == 1 ? Environment::kTest : Environment::kLive;
}

void FormatUuidTo(const uint8_t* uuid16, char* at) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kHex[uuid16[i] >> 4];
    *at++ = kHex[uuid16[i] & 15];
  }
}

size_t FormatGeneratedId(uint8_t prefix, const uint8_t* uuid16, char* at) {
  const std::string_view text = kPrefixes[prefix - 1];
  std::memcpy(at, text.data(), text.size());
  FormatUuidTo(uuid16, at + text.size());
  return text.size() + kUuidChars;
}

}  // namespace otpcore
