// SPDX-License-Identifier: Apache-2.0
// Names: the ids, aliases and e-mail addresses that must be unique, each kept by an index record
// (rules C-02, M-07).
#ifndef OTPCORE_SRC_COMMANDS_NAMES_H_
#define OTPCORE_SRC_COMMANDS_NAMES_H_

#include <array>
#include <cstddef>

#include "otpcore/plan/command.h"

namespace otpcore {

// One name of a Member or an Organization.
struct Name {
  RecordKey key;
  ErrorCode taken = ErrorCode::kOk;  // the error when it is another's
  RecordKey avoided = {};  // not taken, but it must be no other's when `key` is new; may be empty
};
// All names of one. A name may stand there twice: a slug may equal the external id.
class NameList {
 public:
  void Add(const RecordKey& key, ErrorCode taken, const RecordKey& avoided = {}) {
    if (count_ < names_.size()) names_[count_++] = {key, taken, avoided};
  }
  const Name* begin() const { return names_.data(); }
  const Name* end() const { return names_.data() + count_; }

 private:
  std::array<Name, 4> names_;
  size_t count_ = 0;
};

// What one command does to the names of `owner`: it takes those of `next` that are not in `before`,
// and gives back those of `before` that are not in `next`.
class NameChanges {
 public:
  // Compares them with the records loaded so far. False: `*decision` loads what is missing.
  bool Find(const NameList& before, const NameList& next, const EntityId& owner, const Facts& facts,
            Decision* decision);
  // `taken` of the first name that is another's; else kOk.
  const Error& error() const { return error_; }
  // Adds the writes; after the owner's record.
  void Write(const EntityId& owner, Decision* decision) const;

 private:
  struct Change {
    const LoadedRecord* record;
    bool takes;
  };
  void Take(const Name& name, const EntityId& owner, const LoadedRecord& loaded);
  void Avoid(const Name& name, const EntityId& owner, const LoadedRecord& loaded);
  void GiveBack(const EntityId& owner, const LoadedRecord& loaded);

  std::array<Change, 6> changes_{};
  size_t count_ = 0;
  Error error_ = ErrorCode::kOk;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_NAMES_H_
