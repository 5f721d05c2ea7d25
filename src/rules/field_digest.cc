// SPDX-License-Identifier: Apache-2.0
#include "rules/field_digest.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/generated_id.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("hashed in front of the fields");

// More than the deepest frames of libsodium's BLAKE2b take.
constexpr size_t kHashStack = 2048;

// In place of a text's length, which is at most 255 but never one of these for an id.
constexpr uint8_t kGeneratedOrganization = 0xF0;
constexpr uint8_t kGeneratedMember = 0xF8;
static_assert(kIdBytesMax < kGeneratedOrganization, "no id is as long as a mark says");

}  // namespace

FieldDigest::FieldDigest(const DigestKey& key, std::string_view purpose) {
  Append(key.Reveal(kAccess), DigestKey::size());
  AddText(purpose);
}

FieldDigest::~FieldDigest() { WipeMemory(bytes_, size_); }

void FieldDigest::Append(const void* bytes, size_t size) {
  if (size > sizeof bytes_ - size_) Shorten();
  size = std::min(size, sizeof bytes_ - size_);
  if (size > 0) std::memcpy(bytes_ + size_, bytes, size);
  size_ += size;
}

// Hashes what was collected, key and all, and goes on with its hash in place of it: a field more
// than there is room for counts too.
void FieldDigest::Shorten() {
  uint8_t hash[crypto_generichash_BYTES_MAX];
  crypto_generichash(hash, sizeof hash, bytes_, size_, nullptr, 0);
  WipeMemory(bytes_, size_);
  std::memcpy(bytes_, hash, sizeof hash);
  size_ = sizeof hash;
  WipeMemory(hash, sizeof hash);
  sodium_stackzero(kHashStack);
}

void FieldDigest::AddText(std::string_view text) {
  const auto length = static_cast<uint8_t>(text.size());
  Append(&length, 1);
  Append(text.data(), text.size());
}

void FieldDigest::AddId(std::string_view id) {
  GeneratedId generated;
  if (!ReadGeneratedId(id, &generated) || generated.has_capitals) return AddText(id);
  const uint8_t kind = id.front() == 'o' ? kGeneratedOrganization : kGeneratedMember;
  const auto mark =
      static_cast<uint8_t>(kind + static_cast<uint8_t>(EnvironmentOf(generated.prefix)));
  Append(&mark, 1);
  AddUuid(generated.uuid);
}

void FieldDigest::AddUuid(const Uuid& uuid) { Append(uuid.bytes.data(), uuid.bytes.size()); }

std::array<uint8_t, 16> FieldDigest::Finish() {
  std::array<uint8_t, 16> digest{};
  crypto_generichash(digest.data(), digest.size(), bytes_, size_, nullptr, 0);
  sodium_stackzero(kHashStack);
  return digest;
}

}  // namespace otpcore
