// SPDX-License-Identifier: Apache-2.0
#include "base/generated_id.h"

#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "base/hex.h"
#include "base/little_endian.h"

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

}  // namespace

bool ReadUuid(std::string_view text, Uuid* uuid, bool* has_capitals) {
  if (text.size() != kUuidChars || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
      text[23] != '-')
    return false;
  const char* const at = text.data();
  return ReadHex({LoadLittle(at, 8), LoadLittle(at + 9, 4) | LoadLittle(at + 14, 4) << 32,
                  LoadLittle(at + 19, 4) | LoadLittle(at + 24, 4) << 32, LoadLittle(at + 28, 8)},
                 uuid->bytes.data(), has_capitals);
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
