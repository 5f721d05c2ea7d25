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

enum Prefix : uint8_t { kOrganizationTest = 1, kOrganizationLive, kMemberTest, kMemberLive, kEnd };

}  // namespace

Uuid UuidFromRandom(const uint8_t* random16) {
  Uuid uuid;
  std::copy_n(random16, uuid.bytes.size(), uuid.bytes.begin());
  uuid.bytes[6] = static_cast<uint8_t>((uuid.bytes[6] & 0x0F) | 0x40);
  uuid.bytes[8] = static_cast<uint8_t>((uuid.bytes[8] & 0x3F) | 0x80);
  return uuid;
}

std::string FormatUuid(const Uuid& uuid) {
  std::string text(kUuidChars, '\0');
  FormatUuidTo(uuid.bytes.data(), text.data());
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
  text.append(kind).append(infix).append(FormatUuid(uuid));
  return text;
}

InlineText<64> FormatIdInPlace(std::string_view kind, Environment environment, const Uuid& uuid) {
  const std::string_view infix = environment == Environment::kTest ? "-test-" : "-live-";
  char text[64];
  size_t size = std::min(kind.size(), sizeof text - infix.size() - kUuidChars);
  std::memcpy(text, kind.data(), size);
  std::memcpy(text + size, infix.data(), infix.size());
  size += infix.size();
  FormatUuidTo(uuid.bytes.data(), text + size);
  return std::string_view(text, size + kUuidChars);
}

EntityId::EntityId(std::string_view text) {
  GeneratedId generated;
  if (ReadGeneratedId(text, &generated) && !generated.has_capitals) {
    *this = EntityId(generated.prefix, generated.uuid);
  } else if (IsValidId(text)) {
    size_ = static_cast<uint8_t>(text.size());
    std::memcpy(bytes_, text.data(), text.size());
  }
}

EntityId::EntityId(uint8_t mark, const Uuid& uuid) : size_(kGeneratedBytes) {
  bytes_[0] = static_cast<char>(mark);
  std::memcpy(bytes_ + 1, uuid.bytes.data(), uuid.bytes.size());
}

ErrorCode EntityId::Parse(std::string_view text, Environment environment, EntityId* id) {
  GeneratedId generated;
  if (!ReadGeneratedId(text, &generated)) {
    if (!IsValidId(text)) return ErrorCode::kInvalidId;
    id->size_ = static_cast<uint8_t>(text.size());
    std::memcpy(id->bytes_, text.data(), text.size());
    return ErrorCode::kOk;
  }
  const Environment named = EnvironmentOf(generated.prefix);
  if (named != environment) {
    return named == Environment::kTest ? ErrorCode::kTestIdUsedInLiveEnvironment
                                       : ErrorCode::kLiveIdUsedInTestEnvironment;
  }
  if (generated.has_capitals) {  // ids compare bytewise, and none is written like that
    id->size_ = static_cast<uint8_t>(text.size());
    std::memcpy(id->bytes_, text.data(), text.size());
  } else {
    *id = EntityId(generated.prefix, generated.uuid);
  }
  return ErrorCode::kOk;
}

EntityId EntityId::Organization(Environment environment, const Uuid& uuid) {
  return EntityId(environment == Environment::kTest ? kOrganizationTest : kOrganizationLive, uuid);
}
EntityId EntityId::Member(Environment environment, const Uuid& uuid) {
  return EntityId(environment == Environment::kTest ? kMemberTest : kMemberLive, uuid);
}

EntityId EntityId::FromPacked(std::string_view packed) {
  if (packed.size() == kGeneratedBytes && packed[0] >= kOrganizationTest && packed[0] < kEnd) {
    EntityId id;
    id.size_ = kGeneratedBytes;
    std::memcpy(id.bytes_, packed.data(), kGeneratedBytes);
    return id;
  }
  // Any other id packs to its text.
  const EntityId id(packed);
  return id.packed() == packed ? id : EntityId();
}

InlineText<kIdBytesMax> EntityId::text() const {
  if (!generated()) return packed();
  char chars[kGeneratedIdCharsMax];
  const size_t size = FormatGeneratedId(static_cast<uint8_t>(bytes_[0]),
                                        reinterpret_cast<const uint8_t*>(bytes_) + 1, chars);
  return std::string_view(chars, size);
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

}  // namespace otpcore
