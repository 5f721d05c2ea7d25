// SPDX-License-Identifier: Apache-2.0
// Ids: the shapes that are accepted, the shape that is generated, and the environment in it
// (rules C-03 … C-05, C-07).
#ifndef OTPCORE_BASE_IDS_H_
#define OTPCORE_BASE_IDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/text.h"

namespace otpcore {

// Stands in generated ids as "test" or "live". Fixed for a deployment.
enum class Environment : uint8_t { kTest = 1, kLive = 2 };

// Longest id, slug or external id in bytes (C-03).
inline constexpr size_t kIdBytesMax = 128;

// 128 bits that name one thing: an operation, a challenge, a phone number. All zero means "none".
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  bool empty() const { return (Word(0) | Word(8)) == 0; }
  // In two words: a call that compares bytes takes ten times as long, and each command makes many.
  friend bool operator==(const Uuid& a, const Uuid& b) {
    return ((a.Word(0) ^ b.Word(0)) | (a.Word(8) ^ b.Word(8))) == 0;
  }
  friend bool operator!=(const Uuid& a, const Uuid& b) { return !(a == b); }
  friend bool operator<(const Uuid& a, const Uuid& b) { return a.bytes < b.bytes; }

 private:
  uint64_t Word(size_t at) const {
    uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    return word;
  }
};

// Names one request of a client, so that a retry is recognised (C-07). Made by the host.
using OperationId = Uuid;
// For an operation that is never retried under its id: nothing is looked up, nothing remembered.
inline constexpr OperationId kNotRepeatable = {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                                0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}};
// Names one run of an operation (C-08). Drawn; 0: none.
using RunId = uint64_t;
using ChallengeId = Uuid;
// Names what one run was admitted for by a SendGuard.
using AdmissionId = Uuid;

// A version 4 UUID made of 16 random bytes.
OTPCORE_EXPORT Uuid UuidFromRandom(const uint8_t* random16);
// Lower-case 8-4-4-4-12 text.
OTPCORE_EXPORT std::string FormatUuid(const Uuid& uuid);
// Reads it back, in any case of its letters; false for any other text, and `*uuid` is then
// unchanged.
OTPCORE_EXPORT bool ParseUuid(std::string_view text, Uuid* uuid);

// "<kind>-test-<uuid>" or "<kind>-live-<uuid>"; kinds in use: "organization", "member",
// "phone-number", "request-id". The form holds no secret.
OTPCORE_EXPORT std::string FormatId(std::string_view kind, Environment environment,
                                    const Uuid& uuid);
// The same without heap. A kind has at most 22 bytes.
OTPCORE_EXPORT InlineText<64> FormatIdInPlace(std::string_view kind, Environment environment,
                                              const Uuid& uuid);

// The id of an Organization or a Member. An id of the generated shape takes 17 bytes, any other its
// text: reading a record compares and copies few bytes, and the text is formatted when asked for.
// Empty: no id. Not safe for concurrent writes.
class OTPCORE_EXPORT EntityId {
 public:
  EntityId() {}  // leaves the unused bytes as they are
  // Text that is no id (C-03) makes an empty one. Not explicit: an id is usually written as text.
  EntityId(std::string_view text);  // NOLINT(google-explicit-constructor)
  EntityId(const char* text) : EntityId(std::string_view(text)) {}         // NOLINT
  EntityId(const std::string& text) : EntityId(std::string_view(text)) {}  // NOLINT
  EntityId(const EntityId& other) { *this = other; }
  EntityId& operator=(const EntityId& other) {  // NOLINT(bugprone-unhandled-self-assignment)
    size_ = other.size_;
    if (size_ == kGeneratedBytes) {
      std::memmove(bytes_, other.bytes_, kGeneratedBytes);
    } else if (size_ > 0) {
      std::memmove(bytes_, other.bytes_, size_);
    }
    return *this;
  }
  ~EntityId() = default;

  // Reads the id of a request: kOk, kInvalidId, or an environment error when the id is of the
  // generated shape and names the other environment (C-04). `*id` changes on kOk only.
  static ErrorCode Parse(std::string_view text, Environment environment, EntityId* id);
  // "organization-test-<uuid>" and the like.
  static EntityId Organization(Environment environment, const Uuid& uuid);
  static EntityId Member(Environment environment, const Uuid& uuid);
  // What packed() gave; empty for bytes that no id packs to.
  static EntityId FromPacked(std::string_view packed);

  bool empty() const { return size_ == 0; }
  // Whether it has the generated shape, in the spelling that this library writes.
  bool generated() const { return size_ == kGeneratedBytes && bytes_[0] < ' '; }
  // Bytes that no other id has; valid as long as this id.
  std::string_view packed() const { return {bytes_, size_}; }
  InlineText<kIdBytesMax> text() const;
  std::string str() const { return text().str(); }

  friend bool operator==(const EntityId& a, const EntityId& b) {
    return a.size_ == b.size_ && std::memcmp(a.bytes_, b.bytes_, a.size_) == 0;
  }
  friend bool operator!=(const EntityId& a, const EntityId& b) { return !(a == b); }
  // In the order of the packed bytes.
  friend bool operator<(const EntityId& a, const EntityId& b) { return a.packed() < b.packed(); }

 private:
  static constexpr size_t kGeneratedBytes = 17;  // a byte for kind and environment, 16 for the UUID
  EntityId(uint8_t mark, const Uuid& uuid);

  uint8_t size_ = 0;
  char bytes_[kIdBytesMax];
};

// True for 1 … 128 of letters, digits, `. _ - | ~`.
OTPCORE_EXPORT bool IsValidId(std::string_view id);
// True for 2 … 128 of letters, digits, `- . _ ~`.
OTPCORE_EXPORT bool IsValidSlug(std::string_view slug);
// True for well-formed UTF-8 of 1 … 128 characters without control characters.
OTPCORE_EXPORT bool IsValidName(std::string_view name);
// True for `<kind>-(test|live)-<uuid>` with kind "organization" or "member", in any case: no alias
// may look like this (C-02).
OTPCORE_EXPORT bool IsGeneratedId(std::string_view id);

}  // namespace otpcore

#endif  // OTPCORE_BASE_IDS_H_
