// SPDX-License-Identifier: Apache-2.0
// Ids: the shapes that are accepted, the shape that is generated, and the environment in it
// (rules C-03 … C-05, C-07).
#ifndef OTPCORE_BASE_IDS_H_
#define OTPCORE_BASE_IDS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/error.h"
#include "otpcore/base/export.h"
#include "otpcore/base/text.h"

namespace otpcore {

// Stands in generated ids as "test" or "live". Fixed for a deployment.
enum class Environment : uint8_t { kTest = 1, kLive = 2 };

// An id, slug or external id: 1 … 128 bytes (C-03).
inline constexpr size_t kIdBytesMax = 128;
using Id = InlineText<kIdBytesMax>;

// 128 bits that name one thing: an operation, a challenge, a phone number. All zero means "none".
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  bool empty() const { return bytes == std::array<uint8_t, 16>{}; }
  friend bool operator==(const Uuid& a, const Uuid& b) { return a.bytes == b.bytes; }
  friend bool operator!=(const Uuid& a, const Uuid& b) { return a.bytes != b.bytes; }
  friend bool operator<(const Uuid& a, const Uuid& b) { return a.bytes < b.bytes; }
};

// Marks one attempt of a client to do one thing, so that a retry is recognised (C-07).
using OperationId = Uuid;
using ChallengeId = Uuid;
// Names what one run of an operation was admitted for by a SendGuard.
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

// True for 1 … 128 of letters, digits, `. _ - | ~`.
OTPCORE_EXPORT bool IsValidId(std::string_view id);
// True for 2 … 128 of letters, digits, `- . _ ~`.
OTPCORE_EXPORT bool IsValidSlug(std::string_view slug);
// True for well-formed UTF-8 of 1 … 128 characters without control characters.
OTPCORE_EXPORT bool IsValidName(std::string_view name);
// True for `<kind>-(test|live)-<uuid>` with kind "organization" or "member", in any case: no alias
// may look like this (C-02).
OTPCORE_EXPORT bool IsGeneratedId(std::string_view id);

// kOk; or kInvalidId; or the environment error when the id is of the generated shape and names the
// other environment (C-04).
OTPCORE_EXPORT ErrorCode CheckId(std::string_view id, Environment environment);

}  // namespace otpcore

#endif  // OTPCORE_BASE_IDS_H_
