#include "otpcore/ids.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "utf8.h"

namespace otpcore {
namespace {

constexpr size_t kIdBytesMax = 128;
constexpr size_t kNameCharactersMax = 128;
constexpr size_t kUuidChars = 36;

bool IsAlnum(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)); }

template <typename Predicate>
bool AllOf(std::string_view text, size_t min, size_t max, Predicate allowed) {
  return text.size() >= min && text.size() <= max && std::all_of(text.begin(), text.end(), allowed);
}

// `text` has kUuidChars.
bool IsUuid(std::string_view text) {
  for (size_t i = 0; i < kUuidChars; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !absl::ascii_isxdigit(static_cast<unsigned char>(text[i])))
      return false;
  }
  return true;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return absl::ascii_tolower(static_cast<unsigned char>(a)) == b;
         });
}

// The environment named by an id of the generated shape; false when it has another shape.
bool ParseGenerated(std::string_view id, Environment* environment) {
  if (id.size() <= kUuidChars) return false;
  const std::string_view prefix = id.substr(0, id.size() - kUuidChars);
  if (!IsUuid(id.substr(prefix.size()))) return false;
  for (const std::string_view kind : {"organization", "member"}) {
    for (const Environment candidate : {Environment::kTest, Environment::kLive}) {
      std::string expected(kind);
      expected += candidate == Environment::kTest ? "-test-" : "-live-";
      if (EqualsIgnoringCase(prefix, expected)) {
        *environment = candidate;
        return true;
      }
    }
  }
  return false;
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
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(kUuidChars);
  for (size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[uuid.bytes[i] >> 4];
    text += kHex[uuid.bytes[i] & 15];
  }
  return text;
}

std::string FormatId(std::string_view kind, Environment environment, const Uuid& uuid) {
  std::string text;
  text.reserve(kind.size() + 6 + kUuidChars);
  text.append(kind);
  text.append(environment == Environment::kTest ? "-test-" : "-live-");
  text.append(FormatUuid(uuid));
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
  Environment ignored;
  return ParseGenerated(id, &ignored);
}

ErrorCode CheckId(std::string_view id, Environment environment) {
  if (!IsValidId(id)) return ErrorCode::kInvalidId;
  Environment named;
  if (!ParseGenerated(id, &named) || named == environment) return ErrorCode::kOk;
  return named == Environment::kTest ? ErrorCode::kTestIdUsedInLiveEnvironment
                                     : ErrorCode::kLiveIdUsedInTestEnvironment;
}

}  // namespace otpcore
