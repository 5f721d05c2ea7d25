// SPDX-License-Identifier: Apache-2.0
// Records: what a Store keeps, under which keys, and how one commit changes them.
//
// A store knows nothing of the domain: it keeps bytes under keys that are bytes, each with a
// revision, and applies all writes of a commit or none. codec.h says what the bytes mean.
#ifndef OTPCORE_MODEL_RECORD_H_
#define OTPCORE_MODEL_RECORD_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "otpcore/base/export.h"
#include "otpcore/base/ids.h"
#include "otpcore/base/text.h"
#include "otpcore/model/address.h"

namespace otpcore {

// Stable numbers, append only: they are part of stored keys.
enum class RecordKind : uint8_t {
  kOrganization = 1,  // name: the Organization's id
  kMember = 2,        // name: the Member's id
  kPhoneClaim = 3,    // name: HandsetKey of a number (N-08); tells who holds it
  // name: id, slug or external id of an Organization, while it stands for one
  kOrganizationName = 4,
  kMemberName = 5,        // name: id or external id of a Member
  kMemberEmail = 6,       // name: e-mail address in lower case
  kOrganizationSlug = 7,  // name: slug of an Organization in lower case
  kDiscovery = 8,         // name: e-mail address in lower case, of no Organization (EM-25)
};

// Names one record. As bytes: kind, length of the Organization's packed id, that id, the name; no
// other key has them (K-08). Hashed once, when it is made. Not safe for concurrent writes.
class OTPCORE_EXPORT RecordKey {
 public:
  static constexpr size_t kBytesMax = 2 + kIdBytesMax + kEmailBytesMax;

  RecordKey() {}  // names nothing
  static RecordKey Organization(const EntityId& id);
  static RecordKey Member(const EntityId& organization, const EntityId& id);
  static RecordKey PhoneClaim(const EntityId& organization, const E164& number);
  static RecordKey OrganizationName(std::string_view name);
  // Slugs are the same whatever the case of their ASCII letters (C-02).
  static RecordKey OrganizationSlug(std::string_view slug);
  static RecordKey MemberName(const EntityId& organization, std::string_view name);
  // Addresses are the same whatever the case of their ASCII letters.
  static RecordKey MemberEmail(const EntityId& organization, std::string_view email);
  static RecordKey Discovery(std::string_view email);  // likewise
  // The key whose bytes() these are; one that names nothing for other bytes.
  static RecordKey FromBytes(std::string_view bytes);

  RecordKey(const RecordKey& other) { *this = other; }
  RecordKey& operator=(const RecordKey& other) {  // NOLINT(bugprone-unhandled-self-assignment)
    hash_ = other.hash_;
    size_ = other.size_;
    if (size_ > 0) std::memmove(bytes_, other.bytes_, size_);
    return *this;
  }
  ~RecordKey() = default;

  bool empty() const { return size_ == 0; }
  RecordKind kind() const { return static_cast<RecordKind>(bytes_[0]); }
  // The Organization it belongs to; empty for kinds of an Organization, and for kDiscovery.
  EntityId organization() const;
  // The id as text, or the name.
  InlineText<255> name() const;
  // The id of kOrganization and kMember.
  EntityId id() const;
  std::string_view bytes() const { return {bytes_, size_}; }
  // The same for equal keys within one process, and hard to guess from outside it.
  uint64_t hash() const { return hash_; }

  friend bool operator==(const RecordKey& a, const RecordKey& b) {
    return a.hash_ == b.hash_ && a.bytes() == b.bytes();
  }
  friend bool operator!=(const RecordKey& a, const RecordKey& b) { return !(a == b); }

 private:
  RecordKey(RecordKind kind, std::string_view organization, std::string_view name);
  void FoldName();  // ASCII letters of the name to lower case
  std::string_view packed_organization() const {
    return {bytes_ + 2, static_cast<uint8_t>(bytes_[1])};
  }
  std::string_view packed_name() const { return bytes().substr(2 + packed_organization().size()); }
  void Hash();

  uint64_t hash_ = 0;
  uint16_t size_ = 0;
  char bytes_[kBytesMax];
};

// Grows with each write to a key and never repeats for it, also after delete and create (K-03).
// 0: no such record.
using Revision = uint64_t;

// One conditional write. It applies when the key's revision is `expected` (0: the key must be
// free). Points into the operation that asks for it.
struct Write {
  const RecordKey* key = nullptr;
  Revision expected = 0;
  std::string_view record;  // empty: delete
};

// The writes of one commit, in the order they were added.
class Writes {
 public:
  // What a store must be able to change in one step.
  static constexpr size_t kMax = 7;

  // False: there are kMax already.
  bool Add(const Write& write) {
    if (count_ == kMax) return false;
    writes_[count_++] = write;
    return true;
  }
  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }
  size_t size() const { return count_; }
  const Write* begin() const { return writes_.data(); }
  const Write* end() const { return writes_.data() + count_; }
  const Write& front() const { return writes_.front(); }
  const Write& operator[](size_t i) const { return writes_[i]; }

 private:
  std::array<Write, kMax> writes_{};
  size_t count_ = 0;
};

}  // namespace otpcore

#endif  // OTPCORE_MODEL_RECORD_H_
