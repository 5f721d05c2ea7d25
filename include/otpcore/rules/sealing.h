// SPDX-License-Identifier: Apache-2.0
// Sealing: how the library keeps a secret that it must read again, such as a TOTP secret (rules
// TO-22, TO-23).
//
// Sealed bytes are XChaCha20-Poly1305 under a key of the SealingKeyRing. They name their key, and
// they open only in the context they were sealed for: the same purpose, Organization, Member,
// subject and parameters. So bytes that are moved to another record, or kept beside other
// parameters, do not open. A passcode that is only compared is not sealed but digested
// (passcode.h).
//
//   SealingContext context;
//   context.purpose = "totp-secret";
//   context.organization_id = organization_id;
//   context.member_id = member_id;
//   auto sealed = SealedBytes<64>::Of(keys, nonce, context, secret, secret_size);
//   // Keep sealed->view() in the record. Later:
//   auto size = Open(keys, context, kept, secret, 64);
//
// The form of sealed bytes: a version (1 byte, 1), the key's id (4 bytes, the least significant
// first), the nonce (24), the ciphertext (as long as the plain bytes), the tag (16).
#ifndef OTPCORE_RULES_SEALING_H_
#define OTPCORE_RULES_SEALING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/result.h"
#include "otpcore/base/secret.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

using SealingKey = SecretBytes<32>;

// 24 bytes that the caller draws anew for each Seal. Not secret. The same nonce must never be used
// twice with one key; drawn from a sound generator it never is.
struct SealingNonce {
  std::array<uint8_t, 24> bytes{};
};

// The sealing keys, apart from the digest keys. Several live side by side while they are rotated:
// the key added last seals, and the key that sealed bytes name opens them. Immutable once part of a
// configuration; then safe for concurrent use.
class OTPCORE_EXPORT SealingKeyRing {
 public:
  SealingKeyRing() = default;
  // The first key. `key` should be 32 bytes from a secure generator, kept by the host.
  SealingKeyRing(uint32_t id, SealingKey key) { Add(id, static_cast<SealingKey&&>(key)); }

  // Adds a key and makes it the current one; a key of the same id is replaced.
  void Add(uint32_t id, SealingKey key);
  // Forgets a key: what it sealed can no longer be opened.
  void Remove(uint32_t id);

  bool empty() const { return keys_.empty(); }
  // Whether some key is all zeros, as one that was never filled.
  bool HasZeroKey() const;
  // Whether some key is also in `digest_keys`, under whatever id. One key must not do both.
  bool SharesKeyWith(const KeyRing& digest_keys) const;
  // 0 when the ring is empty.
  uint32_t current_id() const { return keys_.empty() ? 0 : keys_.back().id; }
  // Null when the ring has no key of this id. Valid until the ring changes.
  const SealingKey* Find(uint32_t id) const;

 private:
  struct Entry {
    uint32_t id;
    SealingKey key;
  };
  std::vector<Entry> keys_;
};

// What sealed bytes belong to. It is not stored with them: whoever opens them names it again. Each
// field has at most kSealingFieldBytesMax bytes. The views are read during the call only.
struct SealingContext {
  // What the plain bytes are for: "totp-secret", "recovery-codes". A purpose of
  // its own for each use keeps the uses apart.
  std::string_view purpose;
  std::string_view organization_id;
  std::string_view member_id;   // empty: not about a Member
  std::string_view subject;     // the id of what is sealed: registration, challenge
  std::string_view parameters;  // bytes that stand beside the sealed ones and must belong to them
};
inline constexpr size_t kSealingFieldBytesMax = 255;

// Sealed bytes are longer than plain ones by this.
inline constexpr size_t kSealingOverhead = 1 + 4 + 24 + 16;
constexpr size_t SealedSize(size_t plain_size) { return plain_size + kSealingOverhead; }

// Seals `plain_size` bytes under the current key into `sealed`, which has room for `capacity`
// bytes, and returns how many were written. `plain` and `sealed` must not overlap. Errors, all
// kInternalServerError with a detail: the ring is empty; the nonce is all zeros, as one that was
// never drawn; a field of the context is too long; `sealed` is too short. Allocates nothing; a few
// microseconds for short bytes. Thread-safe.
OTPCORE_EXPORT Result<size_t> Seal(const SealingKeyRing& keys, const SealingNonce& nonce,
                                   const SealingContext& context, const uint8_t* plain,
                                   size_t plain_size, uint8_t* sealed, size_t capacity);

// Opens `sealed` into `plain`, which has room for `capacity` bytes and belongs to a wiped type, and
// returns how many were written. Errors, all kInternalServerError with a detail: the key that
// `sealed` names is gone; `sealed` has no such form, was changed, or was sealed in another context;
// a field of the context is too long; `plain` is too short. On an error `plain` holds nothing of
// what was sealed. Allocates nothing. Thread-safe.
OTPCORE_EXPORT Result<size_t> Open(const SealingKeyRing& keys, const SealingContext& context,
                                   std::string_view sealed, uint8_t* plain, size_t capacity);

// The id of the key that `sealed` names; absent when it has no such form. Tells a missing key from
// damaged bytes, and bytes that should be sealed anew: their key is not the current one. Nothing is
// opened, so the id is only what the bytes say.
OTPCORE_EXPORT std::optional<uint32_t> SealingKeyIdOf(std::string_view sealed);

// The sealed form of at most PlainMax bytes, kept in place; empty at first. Not secret. Copies are
// plain copies. Distinct objects may be used from different threads.
template <size_t PlainMax>
class SealedBytes {
 public:
  static constexpr size_t kCapacity = SealedSize(PlainMax);

  // As Seal, with the same errors.
  static Result<SealedBytes> Of(const SealingKeyRing& keys, const SealingNonce& nonce,
                                const SealingContext& context, const uint8_t* plain,
                                size_t plain_size) {
    SealedBytes sealed;
    const Result<size_t> size =
        Seal(keys, nonce, context, plain, plain_size, sealed.bytes_.data(), kCapacity);
    if (!size) return size.error();
    sealed.size_ = *size;
    return sealed;
  }

  std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<uint8_t, kCapacity> bytes_{};
  size_t size_ = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_RULES_SEALING_H_
