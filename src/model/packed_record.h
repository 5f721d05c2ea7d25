// SPDX-License-Identifier: Apache-2.0
// Records packed for memory: fields as the machine has them, one after the other, texts as long as
// they are. A Member takes about 350 bytes instead of the 1,300 of a MemberRecord.
//
// Packed bytes never leave the process, so they have no version and no checksum, and are trusted.
#ifndef OTPCORE_SRC_MODEL_PACKED_RECORD_H_
#define OTPCORE_SRC_MODEL_PACKED_RECORD_H_

#include <array>
#include <optional>
#include <string_view>

#include "otpcore/model/codec.h"
#include "otpcore/model/record.h"

namespace otpcore {

using PackBuffer = std::array<char, kMemberRecordBytesMax>;  // the longest kind of record fits

// Packs into `buffer` and returns the used part; of no record nothing is used. Absent when the
// record does not belong under `key`, or a text is longer than the core lets any become.
std::optional<std::string_view> PackRecord(const RecordKey& key, const Record& record,
                                           PackBuffer* buffer);

// The record that was packed for `key`.
void UnpackRecord(const RecordKey& key, std::string_view packed, Record* record);

}  // namespace otpcore

#endif  // OTPCORE_SRC_MODEL_PACKED_RECORD_H_
