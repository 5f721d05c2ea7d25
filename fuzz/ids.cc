// SPDX-License-Identifier: Apache-2.0
// Ids, slugs, names and the generated shape (C-02 … C-05).
#include "otpcore/base/ids.h"

#include <cctype>
#include <cstring>
#include <string>

#include "fuzz.h"

namespace otpcore {
namespace {

bool Consists(std::string_view text, size_t min, const char* others) {
  if (text.size() < min || text.size() > 128) return false;
  for (const char c : text) {
    const bool alnum = fuzz::IsDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!alnum && (c == '\0' || std::strchr(others, c) == nullptr)) return false;
  }
  return true;
}

bool IsName(std::string_view text) {
  size_t characters = 0;
  for (uint32_t c = 0; !text.empty(); ++characters) {
    if (!fuzz::DecodeSlowly(&text, &c)) return false;
    if (c < 0x20 || (c >= 0x7F && c < 0xA0)) return false;
  }
  return characters >= 1 && characters <= 128;
}

// Written as the shape reads: kind, environment, and five groups of hexadecimal digits.
bool IsGenerated(std::string text, Environment* environment) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string kind : {"organization-", "member-"}) {
    for (const Environment candidate : {Environment::kTest, Environment::kLive}) {
      const std::string start = kind + (candidate == Environment::kTest ? "test-" : "live-");
      if (text.rfind(start, 0) != 0) continue;
      *environment = candidate;
      std::string shape = text.substr(start.size());
      for (char& c : shape) {
        if (fuzz::IsDigit(c) || (c >= 'a' && c <= 'f')) {
          c = 'x';
        } else if (c == 'x') {
          return false;
        }
      }
      return shape == "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    }
  }
  return false;
}

}  // namespace
}  // namespace otpcore

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace otpcore;
  const std::string text(fuzz::Input(data, size).Rest());
  const bool id = Consists(text, 1, "._-|~");
  FUZZ_CHECK(IsValidId(text) == id);
  FUZZ_CHECK(IsValidSlug(text) == Consists(text, 2, "-._~"));
  if (IsValidName(text)) FUZZ_CHECK(IsName(text));  // some invisible characters are refused too
  Environment named = Environment::kTest;
  const bool generated = IsGenerated(text, &named);
  FUZZ_CHECK(IsGeneratedId(text) == generated);
  for (const Environment ours : {Environment::kTest, Environment::kLive}) {
    EntityId parsed("untouched");
    const ErrorCode code = EntityId::Parse(text, ours, &parsed);
    FUZZ_CHECK((code == ErrorCode::kInvalidId) == !id);
    const bool foreign = id && generated && named != ours;
    FUZZ_CHECK((code != ErrorCode::kOk && id) == foreign);
    FUZZ_CHECK(parsed.str() == (code == ErrorCode::kOk ? text : "untouched"));
    if (size >= 16) {
      const std::string made = FormatId("member", ours, UuidFromRandom(data));
      FUZZ_CHECK(IsGeneratedId(made) && EntityId(made).generated());
      FUZZ_CHECK(EntityId::Parse(made, ours, &parsed) == ErrorCode::kOk && parsed.str() == made);
      FUZZ_CHECK(parsed == EntityId::Member(ours, UuidFromRandom(data)));
      FUZZ_CHECK(made[26] == '4' && std::strchr("89ab", made[31]) != nullptr);  // version, variant
    }
  }
  // Packed and back it is the same id; bytes that no id packs to are none.
  const EntityId entity(text);
  FUZZ_CHECK(entity.str() == (id ? text : ""));
  FUZZ_CHECK(EntityId::FromPacked(entity.packed()) == entity);
  FUZZ_CHECK(!entity.generated() || (generated && entity.packed().size() == 17));
  const EntityId packed = EntityId::FromPacked(text);
  FUZZ_CHECK(packed.empty() || packed.packed() == text);
  FUZZ_CHECK(!id || packed == EntityId(packed.str()) || IsGeneratedId(text));
  return 0;
}
