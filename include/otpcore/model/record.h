// SPDX-License-Identifier: Apache-2.0
// Records: what a Store keeps, under which keys, and how one commit changes them.
//
// The store knows nothing of the domain: it keeps records by key, each with a revision, and applies
// all writes of a commit or none. codec.h turns records into bytes for stores that keep bytes.
#ifndef OTPCORE_MODEL_RECORD_H_
#define OTPCORE_MODEL_RECORD_H_

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/time.h"
#include "otpcore/model/member.h"
#include "otpcore/model/organization.h"

namespace otpcore {

// Stable numbers, append only: they are part of stored keys.
enum class RecordKind : uint8_t {
  kOrganization = 1,  // name: organization id
  kMember = 2,        // name: member id
  kPhoneClaim = 3,    // name: canonical number; who holds it within the Organization
  kOrganizationName =
      4,             // name: id, slug or external id of an Organization; `organization` is empty
  kMemberName = 5,   // name: id or external id of a Member
  kMemberEmail = 6,  // name: email address in lower case
};

// Names one record. All parts compare bytewise.
struct RecordKey {
  RecordKind kind = RecordKind::kMember;
  Id organization;  // empty for kOrganization and kOrganizationName
  InlineText<255> name;

  friend bool operator==(const RecordKey& a, const RecordKey& b) {
    return a.kind == b.kind && a.organization == b.organization && a.name == b.name;
  }
};

// Bytes that no other key encodes to (K-08): kind, length of `organization`, `organization`,
// `name`.
OTPCORE_EXPORT std::string EncodeKey(const RecordKey& key);

// (organization, number) -> Member: for good when verified, a lease while pending (S-07).
struct PhoneClaim {
  Id member_id;
  bool permanent = false;
  Instant lease_end;  // of a lease: from this instant on anyone may link the number
};

// An index record: the name `key.name` stands for the Organization or Member with this id.
struct NameEntry {
  Id id;
};

// A record of some kind, or none (std::monostate).
using Record =
    std::variant<std::monostate, OrganizationSnapshot, MemberRecord, PhoneClaim, NameEntry>;

// Grows with each write to a key and never repeats for it, also after delete and create (K-03).
// 0: no such record.
using Revision = uint64_t;

// These two have constructors of their own, here and in `MemberRecord`, because `T()` of a struct
// without one first fills all its 1,700 bytes with zeros.
struct LoadedRecord {
  LoadedRecord() {}
  LoadedRecord(const RecordKey& k, Revision at, Record r)
      : key(k), revision(at), record(std::move(r)) {}

  RecordKey key;
  Revision revision = 0;
  Record record;
};

// One conditional write. It applies when the key's revision is `expected` (0: the key must be
// free).
struct Write {
  Write() {}
  Write(const RecordKey& k, Revision at, Record r) : key(k), expected(at), record(std::move(r)) {}

  RecordKey key;
  Revision expected = 0;
  Record record;  // std::monostate: delete
};

// The mark of an Organization or Member record; an empty one for others.
OTPCORE_EXPORT OperationMark MarkOf(const Record& record);

// True when `found` is what the commit that wrote `written` left: the same mark and, of a Member,
// the same challenge at the same time. Two hosts that run one operation at once leave equal marks,
// and are told apart by that, but for two wrong codes within one millisecond: an operation id is
// for one request. The driver finds out with it what became of a commit (C-08).
OTPCORE_EXPORT bool IsSameWrite(const Record& found, const Record& written);

}  // namespace otpcore

#endif  // OTPCORE_MODEL_RECORD_H_
