#include "generated_id.h"

#include <cstring>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace otpcore {
namespace {

struct Prefix {
  std::string_view text;
  std::string_view kind;
  Environment environment;
};
constexpr Prefix kPrefixes[] = {
    {"organization-test-", "organization", Environment::kTest},
    {"organization-live-", "organization", Environment::kLive},
    {"member-test-", "member", Environment::kTest},
    {"member-live-", "member", Environment::kLive},
};
constexpr size_t kUuidChars = 36;

// The first byte of a packed id is the length of another id's text, or this and the prefix.
constexpr uint8_t kGeneratedMark = 0xF0;

bool StartsWithIgnoringCase(std::string_view text, std::string_view lower) {
  return absl::EqualsIgnoreCase(absl::string_view(text.data(), lower.size()),
                                absl::string_view(lower.data(), lower.size()));
}

// Every command looks at its ids several times, so the loops have no exits: that lets the compiler
// take many characters at once. `text` has kUuidChars.
bool ReadUuid(const char* text, Uuid* uuid, bool* has_capitals) {
  if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
  uint8_t hex[32];
  std::memcpy(hex, text, 8);
  std::memcpy(hex + 8, text + 9, 4);
  std::memcpy(hex + 12, text + 14, 4);
  std::memcpy(hex + 16, text + 19, 4);
  std::memcpy(hex + 20, text + 24, 12);
  uint8_t wrong = 0;
  uint8_t capitals = 0;
  uint8_t values[32];
  for (size_t i = 0; i < sizeof hex; ++i) {
    const uint8_t c = hex[i];
    const auto digit = static_cast<uint8_t>(static_cast<uint8_t>(c - '0') < 10);
    const auto small = static_cast<uint8_t>(static_cast<uint8_t>(c - 'a') < 6);
    const auto capital = static_cast<uint8_t>(static_cast<uint8_t>(c - 'A') < 6);
    wrong |= static_cast<uint8_t>((digit | small | capital) ^ 1);
    capitals |= capital;
    values[i] = static_cast<uint8_t>((c & 15) + 9 * (digit ^ 1));
  }
  for (size_t i = 0; i < uuid->bytes.size(); ++i)
    uuid->bytes[i] = static_cast<uint8_t>(values[2 * i] << 4 | values[2 * i + 1]);
  *has_capitals = capitals != 0;
  return wrong == 0;
}

}  // namespace

bool ReadGeneratedId(std::string_view text, GeneratedId* id) {
  for (const Prefix& prefix : kPrefixes) {
    const size_t start = prefix.text.size();
    if (text.size() != start + kUuidChars) continue;
    const bool as_made = text.compare(0, start, prefix.text) == 0;
    if (!as_made && !StartsWithIgnoringCase(text, prefix.text)) continue;
    id->prefix = static_cast<uint8_t>(&prefix - kPrefixes);
    if (!ReadUuid(text.data() + start, &id->uuid, &id->has_capitals)) return false;
    id->has_capitals |= !as_made;
    return true;
  }
  return false;
}

Environment EnvironmentOf(const GeneratedId& id) { return kPrefixes[id.prefix].environment; }

size_t PackId(std::string_view id, char* at) {
  GeneratedId generated;
  if (ReadGeneratedId(id, &generated) && !generated.has_capitals) {
    *at = static_cast<char>(kGeneratedMark + generated.prefix);
    std::memcpy(at + 1, generated.uuid.bytes.data(), generated.uuid.bytes.size());
    return 1 + generated.uuid.bytes.size();
  }
  *at = static_cast<char>(id.size());
  if (!id.empty()) std::memcpy(at + 1, id.data(), id.size());
  return 1 + id.size();
}

size_t UnpackId(const char* at, Id* id) {
  const auto mark = static_cast<uint8_t>(*at);
  if (mark < kGeneratedMark) {
    id->Assign({at + 1, mark});
    return 1 + size_t{mark};
  }
  const Prefix& prefix = kPrefixes[mark - kGeneratedMark];
  Uuid uuid;
  std::memcpy(uuid.bytes.data(), at + 1, uuid.bytes.size());
  id->Assign(FormatId(prefix.kind, prefix.environment, uuid));
  return 1 + uuid.bytes.size();
}

}  // namespace otpcore
