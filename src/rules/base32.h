// SPDX-License-Identifier: Apache-2.0
// Base32 (RFC 4648, section 6) of secrets: by arithmetic on all characters alike, not by a table
// (rule R-07).
#ifndef OTPCORE_SRC_RULES_BASE32_H_
#define OTPCORE_SRC_RULES_BASE32_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace otpcore {

// Characters that `bytes` bytes take without padding.
constexpr size_t Base32Characters(size_t bytes) { return (bytes * 8 + 4) / 5; }

// Writes characters of A-Z and 2-7, without padding, and returns how many: Base32Characters(size).
size_t EncodeBase32(const uint8_t* bytes, size_t size, char* text);

// Reads letters of either case and 2-7. Spaces and hyphens are dropped anywhere, '=' at the end;
// where these stand is public. Bits left over in the last character are ignored, as authenticator
// apps do. Returns false, with `*size` 0 and `bytes` in an unspecified state, when another
// character occurs, when no number of whole bytes has that many characters, or when there are more
// than `capacity` bytes. `text` without any character is 0 bytes.
bool DecodeBase32(std::string_view text, uint8_t* bytes, size_t capacity, size_t* size);

}  // namespace otpcore

#endif  // OTPCORE_SRC_RULES_BASE32_H_
