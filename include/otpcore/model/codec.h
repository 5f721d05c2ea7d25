// SPDX-License-Identifier: Apache-2.0
// The codec: records as bytes, for stores that keep bytes.
//
//   magic | version | kind | length of the body | body | CRC-32C
//
// The body holds the fields one after the other, small numbers in few bytes; ids that stand in the
// key are left out. The checksum covers the key too, so a record that ends up under another key is
// refused like a damaged one. It finds accidents, not attackers: who can write to the store can
// make any record.
//
// The version is major * 16 + minor. A newer minor version only adds fields at the end of a body. A
// reader takes every minor version up to its own and the next one, whose new fields it skips;
// anything else is refused as a whole. For a rolling upgrade, first give all hosts the new library
// with the old version to write, then let them write the new one.
#ifndef OTPCORE_MODEL_CODEC_H_
#define OTPCORE_MODEL_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/result.h"
#include "otpcore/model/record.h"

namespace otpcore {

// What this library writes unless told otherwise, and the newest it knows: 1.0.
inline constexpr uint8_t kCodecVersion = 0x10;

// No encoded record is longer (B-17). The sum of all fields at their limits is about 1,700 bytes, a
// third of it the name (128 characters of up to 4 bytes) and a fifth the ledgers; the rest is room
// for fields to come.
inline constexpr size_t kMemberRecordBytesMax = 2048;

// The bytes of `record`. Empty, which is no record's encoding, when there is nothing to encode
// (std::monostate), `version` is not one this library can write, the record does not belong under
// `key`, or a text is longer than the core lets any become; a store then answers kUnavailable.
// Thread-safe.
OTPCORE_EXPORT std::string EncodeRecord(const RecordKey& key, const Record& record,
                                        uint8_t version = kCodecVersion);

// The record that was encoded for `key`. Never reads half a record and never throws for what the
// bytes are. Errors: kInternalServerError with detail "record truncated", "record corrupted" or
// "record from a newer version"; a store then answers that it could not load (K-12). Thread-safe.
OTPCORE_EXPORT Result<Record> DecodeRecord(const RecordKey& key, std::string_view bytes);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_CODEC_H_
