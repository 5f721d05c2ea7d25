// SPDX-License-Identifier: Apache-2.0
#include "rules/request_tag.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/declassify.h"
#include "base/little_endian.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("the key of a request's tag");

// More than the frame of libsodium's SipHash takes.
constexpr size_t kHashStack = 256;

// What a block begins with.
constexpr uint8_t kFirstBlock = 0;
constexpr uint8_t kFurtherBlock = 1;

// A length of this many bytes and more takes eight bytes behind this one.
constexpr uint8_t kLongLength = 0xFF;

static_assert(TagKey::size() == crypto_shorthash_KEYBYTES);
static_assert(sizeof(uint64_t) == crypto_shorthash_BYTES);

}  // namespace

RequestTag::RequestTag(const TagKey& key, CommandKind kind) : key_(key) {
  bytes_[0] = kFirstBlock;
  bytes_[1] = static_cast<uint8_t>(kind);
  size_ = 2;
}

void RequestTag::Text(std::string_view value) {
  if (value.size() < kLongLength && value.size() + 2 <= kBlockBytes - size_) {  // as it usually is
    uint8_t* const at = bytes_ + size_;
    at[0] = field_++;
    at[1] = static_cast<uint8_t>(value.size());
    if (!value.empty()) std::memcpy(at + 2, value.data(), value.size());
    size_ += 2 + value.size();
    return;
  }
  Append(&field_, 1);
  ++field_;
  Item(value);
}

void RequestTag::Number(uint64_t value) {
  uint8_t bytes[sizeof value];
  StoreLittle(value, bytes, sizeof bytes);
  Text({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

void RequestTag::Item(std::string_view value) {
  AppendLength(value.size());
  Append(value.data(), value.size());
}

void RequestTag::AppendLength(size_t length) {
  if (length < kLongLength) {
    const auto byte = static_cast<uint8_t>(length);
    return Append(&byte, 1);
  }
  uint8_t bytes[1 + sizeof(uint64_t)] = {kLongLength};
  StoreLittle(length, bytes + 1, sizeof(uint64_t));
  Append(bytes, sizeof bytes);
}

void RequestTag::Append(const void* bytes, size_t size) {
  const auto* next = static_cast<const uint8_t*>(bytes);
  while (size > kBlockBytes - size_) {
    const size_t taken = kBlockBytes - size_;
    std::memcpy(bytes_ + size_, next, taken);
    size_ = kBlockBytes;
    next += taken;
    size -= taken;
    const uint64_t hash = Hash();
    bytes_[0] = kFurtherBlock;
    StoreLittle(hash, bytes_ + 1, sizeof hash);
    WipeMemory(bytes_ + 1 + sizeof hash, kBlockBytes - 1 - sizeof hash);
    size_ = 1 + sizeof hash;
  }
  if (size > 0) std::memcpy(bytes_ + size_, next, size);
  size_ += size;
}

uint64_t RequestTag::Hash() const {
  uint8_t hash[crypto_shorthash_BYTES];
  crypto_shorthash(hash, bytes_, size_, key_.Reveal(kAccess));
  sodium_stackzero(kHashStack);
  return LoadLittle(hash, sizeof hash);
}

// Public: it goes into the record, and tells nothing without the key.
uint64_t RequestTag::Finish() { return Declassify(Hash()); }

}  // namespace otpcore
