// SPDX-License-Identifier: Apache-2.0
#include "otpcore/base/ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "base/generated_id.h"
#include "base/utf8.h"

namespace otpcore {
namespace {

constexpr size_t kNameCharactersMax = 128;

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

template <typename Predicate>
bool AllOf(std::string_view text, size_t min, size_t max, Predicate allowed) {
  return text.size() >= min && text.size() <= max && std::all_of(text.begin(), text.end(), allowed);
}

void AppendUuid(const Uuid& uuid, std::string* text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  char chars[kUuidChars];
  size_t at = 0;
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) chars[at++] = '-';
    chars[at++] = kHex[uuid.bytes[i] >> 4];
    chars[at++] = kHex[uuid.bytes[i] & 15];
  }
  text->append(chars, sizeof chars);
}

}  // namespace

Uuid UuidFromRandom(const uint8_t* random16) {
  Uuid uuid;
  std::copy_n(random16, uuid.bytes.size(), uuid.bytes.begin());
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0F) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

std::string FormatUuid(const Uuid& uuid) {
  std::string text;
  AppendUuid(uuid, &text);
  return text;
}

bool ParseUuid(std::string_view text, Uuid* uuid) {
  Uuid read;
  bool has_capitals = false;
  if (!ReadUuid(text, &read, &has_capitals)) return false;
  *uuid = read;
  return true;
}

std::string FormatId(std::string_view kind, Environment environment, const Uuid& uuid) {
  const std::string_view infix = environment == Environment::kTest ? "-test-" : "-live-";
  std::string text;
  text.reserve(kind.size() + infix.size() + kUuidChars);
  text.append(kind).append(infix);
  AppendUuid(uuid, &text);
  return text;
}

bool IsValidId(std::string_view id) {
  return AllOf(id, 1, kIdBytesMax, [](char c) {
    return IsAlnum(c) || c == '.' || c == '_' || c == '-' || c == '|' || c == '~';
  });
}

bool IsValidSlug(std::string_view slug) {
  return AllOf(slug, 2, kIdBytesMax,
               [](char c) { return IsAlnum(c) || c == '-' || c == '.' || c == '_' || c == '~'; });
}

bool IsValidName(std::string_view name) {
  size_t characters = 0;
  while (!name.empty()) {
    const uint32_t point = NextCodePoint(&name);
    if (point == kMalformed || IsControl(point) || ++characters > kNameCharactersMax) return false;
  }
  return characters >= 1;
}

bool IsGeneratedId(std::string_view id) {
  GeneratedId ignored;
  return ReadGeneratedId(id, &ignored);
}

ErrorCode CheckId(std::string_view id, Environment environment) {
  GeneratedId generated;
  if (!ReadGeneratedId(id, &generated))
    return IsValidId(id) ? ErrorCode::kOk : ErrorCode::kInvalidId;
  const Environment named = EnvironmentOf(generated);
  if (named == environment) return ErrorCode::kOk;
  return named == Environment::kTest ? ErrorCode::kTestIdUsedInLiveEnvironment
                                     : ErrorCode::kLiveIdUsedInTestEnvironment;
}

}  // namespace otpcore
