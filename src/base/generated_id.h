// SPDX-License-Identifier: Apache-2.0
// Ids of the generated shape (C-02, C-05), taken apart: a store keeps 17 bytes instead of 54.
#ifndef OTPCORE_SRC_BASE_GENERATED_ID_H_
#define OTPCORE_SRC_BASE_GENERATED_ID_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/ids.h"

namespace otpcore {

struct GeneratedId {
  uint8_t prefix = 0;  // place in the list of prefixes; stable within a process only
  Uuid uuid;
  bool has_capitals = false;  // FormatId writes none, and ids compare bytewise
};

inline constexpr size_t kUuidChars = 36;  // of the text 8-4-4-4-12

// False when `text` is no 8-4-4-4-12 of hexadecimal digits, in any case; `*uuid` is then anything.
bool ReadUuid(std::string_view text, Uuid* uuid, bool* has_capitals);
// False when `text` is not of the generated shape, in any case of its letters.
bool ReadGeneratedId(std::string_view text, GeneratedId* id);
Environment EnvironmentOf(const GeneratedId& id);

// ---- For memory: never stored elsewhere ----

inline constexpr size_t kPackedIdBytesMax = 1 + kIdBytesMax;

// Writes `id` to `at`, so that no other id has these bytes and none is the beginning of another's.
// Returns how many: 17 for what FormatId makes, else one more than `id` has. Needs room for
// kPackedIdBytesMax.
size_t PackId(std::string_view id, char* at);
// Reads it back, and returns how many bytes that took.
size_t UnpackId(const char* at, Id* id);

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_GENERATED_ID_H_
