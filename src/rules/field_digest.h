// SPDX-License-Identifier: Apache-2.0
// A keyed digest of a few short fields (rule RC-04): 16 bytes of BLAKE2b over the key, the purpose
// and the fields.
//
// The key stands in front of the fields in place of BLAKE2b's keyed mode, which spends a block of
// its own on it. That is as sound: BLAKE2b cannot be extended behind its end, and no input without
// the key leads to a digest. The fields of a usual recovery code fit the one block; longer ids take
// a second one.
#ifndef OTPCORE_SRC_RULES_FIELD_DIGEST_H_
#define OTPCORE_SRC_RULES_FIELD_DIGEST_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/ids.h"
#include "otpcore/rules/passcode.h"

namespace otpcore {

// Collects the fields, in an order that is fixed for a purpose, then gives the digest once. Up to
// kFieldBytesMax bytes, with one more for each field, are hashed at once; fields beyond that take
// another hash. Wiped at its end.
class FieldDigest {
 public:
  static constexpr size_t kFieldBytesMax = 448;

  // Different purposes never lead to one digest.
  FieldDigest(const DigestKey& key, std::string_view purpose);
  FieldDigest(const FieldDigest&) = delete;
  FieldDigest& operator=(const FieldDigest&) = delete;
  ~FieldDigest();

  // At most 255 bytes.
  void AddText(std::string_view text);
  // As text, but an id that the library generated takes 17 bytes instead of 49 or 55.
  void AddId(std::string_view id);
  void AddUuid(const Uuid& uuid);

  std::array<uint8_t, 16> Finish();

 private:
  void Append(const void* bytes, size_t size);
  void Shorten();

  uint8_t bytes_[kFieldBytesMax + 32];
  size_t size_ = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_FIELD_DIGEST_H_
