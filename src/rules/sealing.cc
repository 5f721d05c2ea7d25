// SPDX-License-Identifier: Apache-2.0
#include "otpcore/rules/sealing.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/declassify.h"
#include "rules/aead.h"

namespace otpcore {
namespace {

constexpr SecretAccess kAccess("sealing keys");

constexpr uint8_t kVersion = 1;
constexpr size_t kKeyIdAt = 1;
constexpr size_t kNonceAt = kKeyIdAt + 4;
constexpr size_t kCipherAt = kNonceAt + kAeadNonceBytes;
static_assert(kCipherAt + kAeadTagBytes == kSealingOverhead, "as the header says");

// What the tag protects beside the ciphertext: a name of this form, then the fields of the context,
// each behind its length. So no two contexts have the same bytes.
class AssociatedData {
 public:
  explicit AssociatedData(const SealingContext& context) {
    for (const std::string_view field :
         {std::string_view("otpcore/1 sealed"), context.purpose, context.organization_id,
          context.member_id, context.subject, context.parameters}) {
      if (field.size() > kSealingFieldBytesMax) {
        fits_ = false;
        return;
      }
      bytes_[size_++] = static_cast<uint8_t>(field.size());
      if (!field.empty()) std::memcpy(bytes_ + size_, field.data(), field.size());
      size_ += field.size();
    }
  }
  bool fits() const { return fits_; }
  AssociatedBytes bytes() const { return {bytes_, size_}; }

 private:
  uint8_t bytes_[6 * (1 + kSealingFieldBytesMax)];
  size_t size_ = 0;
  bool fits_ = true;
};

Error Defect(const char* detail) { return {ErrorCode::kInternalServerError, detail}; }

bool HasForm(std::string_view sealed) {
  return sealed.size() >= kSealingOverhead && static_cast<uint8_t>(sealed[0]) == kVersion;
}

}  // namespace

void SealingKeyRing::Add(uint32_t id, SealingKey key) {
  // Picks libsodium's fast implementations; without it sealing is as right and only slower.
  const bool ready = sodium_init() >= 0;
  static_cast<void>(ready);
  Remove(id);
  keys_.push_back(Entry{id, std::move(key)});
}

void SealingKeyRing::Remove(uint32_t id) {
  keys_.erase(
      std::remove_if(keys_.begin(), keys_.end(), [id](const Entry& e) { return e.id == id; }),
      keys_.end());
}

bool SealingKeyRing::HasZeroKey() const {
  return std::any_of(keys_.begin(), keys_.end(), [](const Entry& entry) {
    return Declassify(sodium_is_zero(entry.key.Reveal(kAccess), SealingKey::size())) != 0;
  });
}

bool SealingKeyRing::SharesKeyWith(const KeyRing& digest_keys) const {
  return std::any_of(keys_.begin(), keys_.end(),
                     [&](const Entry& entry) { return digest_keys.Holds(entry.key); });
}

const SealingKey* SealingKeyRing::Find(uint32_t id) const {
  for (const Entry& entry : keys_) {
    if (entry.id == id) return &entry.key;
  }
  return nullptr;
}

Result<size_t> Seal(const SealingKeyRing& keys, const SealingNonce& nonce,
                    const SealingContext& context, const uint8_t* plain, size_t plain_size,
                    uint8_t* sealed, size_t capacity) {
  if (keys.empty()) return Defect("there is no sealing key");
  if (sodium_is_zero(nonce.bytes.data(), nonce.bytes.size()) != 0)
    return Defect("the nonce was never drawn");
  const AssociatedData associated(context);
  if (!associated.fits()) return Defect("a field of the sealing context is too long");
  if (capacity < kSealingOverhead || capacity - kSealingOverhead < plain_size)
    return Defect("no room for the sealed bytes");

  const uint32_t key_id = keys.current_id();
  sealed[0] = kVersion;
  for (size_t i = 0; i < 4; ++i) sealed[kKeyIdAt + i] = static_cast<uint8_t>(key_id >> (8 * i));
  std::copy(nonce.bytes.begin(), nonce.bytes.end(), sealed + kNonceAt);
  AeadSeal(*keys.Find(key_id), nonce.bytes, associated.bytes(), plain, plain_size,
           sealed + kCipherAt);
  return SealedSize(plain_size);
}

Result<size_t> Open(const SealingKeyRing& keys, const SealingContext& context,
                    std::string_view sealed, uint8_t* plain, size_t capacity) {
  const std::optional<uint32_t> key_id = SealingKeyIdOf(sealed);
  if (!key_id) return Defect("no sealed bytes");
  const SealingKey* const key = keys.Find(*key_id);
  if (key == nullptr) return Defect("the sealing key is gone");
  const AssociatedData associated(context);
  if (!associated.fits()) return Defect("a field of the sealing context is too long");
  const size_t plain_size = sealed.size() - kSealingOverhead;
  if (plain_size > capacity) return Defect("no room for the opened bytes");

  const auto* const bytes = reinterpret_cast<const uint8_t*>(sealed.data());
  AeadNonce nonce;
  std::copy_n(bytes + kNonceAt, nonce.size(), nonce.begin());
  if (!AeadOpen(*key, nonce, associated.bytes(), bytes + kCipherAt, sealed.size() - kCipherAt,
                plain))
    return Defect("the sealed bytes do not open here");
  return plain_size;
}

std::optional<uint32_t> SealingKeyIdOf(std::string_view sealed) {
  if (!HasForm(sealed)) return std::nullopt;
  uint32_t id = 0;
  for (size_t i = 4; i > 0; --i) id = id << 8 | static_cast<uint8_t>(sealed[kKeyIdAt + i - 1]);
  return id;
}

}  // namespace otpcore
