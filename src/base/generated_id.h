// SPDX-License-Identifier: Apache-2.0
// Ids of the generated shape (C-02, C-04), taken apart.
#ifndef OTPCORE_SRC_BASE_GENERATED_ID_H_
#define OTPCORE_SRC_BASE_GENERATED_ID_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "otpcore/base/ids.h"

namespace otpcore {

struct GeneratedId {
  uint8_t prefix = 0;  // 1 … 4, in the order of kPrefixes; stored, hence append only
  Uuid uuid;
  bool has_capitals = false;  // FormatId writes none, and ids compare bytewise
};

inline constexpr size_t kUuidChars = 36;  // of the text 8-4-4-4-12

// False when `text` is no 8-4-4-4-12 of hexadecimal digits, in any case; `*uuid` is then anything.
bool ReadUuid(std::string_view text, Uuid* uuid, bool* has_capitals);
// False when `text` is not of the generated shape, in any case of its letters.
bool ReadGeneratedId(std::string_view text, GeneratedId* id);
Environment EnvironmentOf(uint8_t prefix);
// Writes the text of a generated id to `at`, which must have room for kGeneratedIdCharsMax. Returns
// the number of characters.
inline constexpr size_t kGeneratedIdCharsMax = 18 + kUuidChars;
size_t FormatGeneratedId(uint8_t prefix, const uint8_t* uuid16, char* at);
// The text 8-4-4-4-12; `at` must have room for kUuidChars.
void FormatUuidTo(const uint8_t* uuid16, char* at);

}  // namespace otpcore

#endif  // OTPCORE_SRC_BASE_GENERATED_ID_H_
