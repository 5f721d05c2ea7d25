// SPDX-License-Identifier: Apache-2.0
// The codec: what the bytes of a record mean.
//
// A record is packed: a version, the kind, then the fields in little-endian order without gaps. But
// for claims and names, a word before the fields says which parts are present; what is
// absent takes no bytes. The ids that stand in the key are left out. The version is major * 16 +
// minor. A newer minor version only adds parts behind the others. A reader takes every minor
// version of its major up to its own and the next one, whose new parts it skips; it refuses
// everything else whole. Commands always write kRecordVersion; no setting chooses another version
// yet.
//
// Reading checks every length, count and enumeration, so bytes from anywhere are safe to read. A
// store outside the process adds a checksum (Protect, Unprotect), which finds accidents: a record
// cut short, changed, or put under another key. It stops no attacker: whoever can write to the
// store can make any record.
//
// All functions are thread-safe and allocate nothing unless they return a std::string.
#ifndef OTPCORE_MODEL_CODEC_H_
#define OTPCORE_MODEL_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/result.h"
#include "otpcore/base/time.h"
#include "otpcore/model/discovery_record.h"
#include "otpcore/model/member.h"
#include "otpcore/model/organization.h"
#include "otpcore/model/record.h"

namespace otpcore {

// What this library writes unless told otherwise, and the newest it knows: 2.0.
inline constexpr uint8_t kRecordVersion = 0x20;

// Longest packed records in bytes (B-17); a test fills every field to its limit.
inline constexpr size_t kMemberRecordBytesMax = 4096;
inline constexpr size_t kOrganizationRecordBytesMax = 1024;
inline constexpr size_t kDiscoveryRecordBytesMax = 512;
inline constexpr size_t kIndexRecordBytesMax = 160;  // of a claim or a name
inline constexpr size_t kNameBytesMax = 512;         // 128 characters of up to 4 bytes (C-03)

// (organization, number) -> Member: for good when verified, a lease while pending (S-07).
struct PhoneClaim {
  EntityId member_id = {};
  bool permanent = false;
  Instant lease_end = {};  // of a lease: from this instant on anyone may link the number
};

// An index record: the name in the key stands for the Organization or Member with this id.
struct NameEntry {
  EntityId id = {};
};

// Packs to `at`, which must have room for the kind's …BytesMax, and returns the number of bytes. 0:
// a text is longer than the core lets any become, or `version` is none that this library can write.
OTPCORE_EXPORT size_t Pack(const MemberRecord& record, char* at, uint8_t version = kRecordVersion);
OTPCORE_EXPORT size_t Pack(const OrganizationRecord& record, char* at,
                           uint8_t version = kRecordVersion);
OTPCORE_EXPORT size_t Pack(const DiscoveryRecord& record, char* at,
                           uint8_t version = kRecordVersion);
OTPCORE_EXPORT size_t Pack(const PhoneClaim& record, char* at, uint8_t version = kRecordVersion);
OTPCORE_EXPORT size_t Pack(const NameEntry& record, char* at, uint8_t version = kRecordVersion);

// Reads what was packed for `key` into a new `*record`: what is absent keeps the value it has. The
// record's texts are views into `bytes`. False: no record of this kind, damaged, or of a version
// this library does not read; `*record` is then anything.
OTPCORE_EXPORT bool Unpack(const RecordKey& key, std::string_view bytes, MemberRecord* record);
OTPCORE_EXPORT bool Unpack(const RecordKey& key, std::string_view bytes,
                           OrganizationRecord* record);
OTPCORE_EXPORT bool Unpack(const RecordKey& key, std::string_view bytes, DiscoveryRecord* record);
OTPCORE_EXPORT bool Unpack(const RecordKey& key, std::string_view bytes, PhoneClaim* record);
OTPCORE_EXPORT bool Unpack(const RecordKey& key, std::string_view bytes, NameEntry* record);

// Whether Unpack of the key's kind would read `bytes`.
OTPCORE_EXPORT bool IsReadable(const RecordKey& key, std::string_view bytes);

// The run that wrote the record of a Member, an Organization or an address outside any (C-08); 0
// for other bytes.
OTPCORE_EXPORT RunId RunIn(std::string_view bytes);

// From when on a store may delete what it has under a key of the kind kDiscovery (EM-25): by then
// no passcode of it lives, no limit or lock holds, and no operation id is known. What goes with it
// is that a code came too late, which then was never sent, and the counts of L-02 and L-03, which
// begin anew. Absent for other bytes, which stay until a command deletes them, and for a record
// that is locked without end. Delete only the revision that was read: a command may have written
// the record since.
OTPCORE_EXPORT std::optional<Instant> ForgettableFrom(std::string_view bytes);

// ---- For stores outside the process ----

// The packed bytes with a CRC-32C over key and record behind them.
OTPCORE_EXPORT std::string Protect(const RecordKey& key, std::string_view record);

// The packed bytes in what Protect made, once they were found whole and readable. Errors:
// kInternalServerError with detail "record truncated", "record corrupted" or "record of another
// version"; a store then answers that it could not load (K-12). The result points into `bytes`.
OTPCORE_EXPORT Result<std::string_view> Unprotect(const RecordKey& key, std::string_view bytes);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_CODEC_H_
