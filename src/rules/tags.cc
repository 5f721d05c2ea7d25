// SPDX-License-Identifier: Apache-2.0
#include "rules/tags.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/little_endian.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the key of a session's or a device's tag");

// What the input begins with; those of requests begin with less (request_tag.cc).
enum class Purpose : uint8_t { kSession = 2, kDevice = 3 };

constexpr size_t kValueBytesMax = 128;

// More than the frame of libsodium's SipHash takes.
constexpr size_t kHashStack = 256;

// Collects the fields, each with its length in front. Wiped, for a device is a kind of password.
class TagInput {
 public:
  explicit TagInput(Purpose purpose) { bytes_[size_++] = static_cast<uint8_t>(purpose); }
  ~TagInput() { WipeMemory(bytes_, size_); }
  TagInput(const TagInput&) = delete;
  TagInput& operator=(const TagInput&) = delete;
  void Add(std::string_view field) {
    field = field.substr(0, kValueBytesMax);
    bytes_[size_++] = static_cast<uint8_t>(field.size());
    if (!field.empty()) std::memcpy(bytes_ + size_, field.data(), field.size());
    size_ += field.size();
  }
  uint64_t Hash(const TagKey& key) const {
    uint8_t hash[crypto_shorthash_BYTES];
    crypto_shorthash(hash, bytes_, size_, key.Reveal(kAccess));
    sodium_stackzero(kHashStack);
    return LoadLittle(hash, sizeof hash);
  }

 private:
  size_t size_ = 0;
  uint8_t bytes_[1 + 2 * (1 + kIdBytesMax) + 1 + kValueBytesMax];
};

uint64_t TagOf(const TagKey& key, Purpose purpose, const TagOwner& owner, std::string_view value) {
  TagInput input(purpose);
  input.Add(owner.organization_id.packed());
  input.Add(owner.member_id.packed());
  input.Add(value);
  return input.Hash(key);
}

}  // namespace

SessionTag TagOfSession(const TagKey& key, const TagOwner& owner, std::string_view session_id) {
  if (session_id.empty()) return 0;
  return std::max(SessionTag{1},
                  static_cast<SessionTag>(TagOf(key, Purpose::kSession, owner, session_id)));
}

DeviceTag TagOfDevice(const TagKey& key, const TagOwner& owner, std::string_view device) {
  return std::max(DeviceTag{1}, TagOf(key, Purpose::kDevice, owner, device));
}

}  // namespace otpcore
