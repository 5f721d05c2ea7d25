// SPDX-License-Identifier: Apache-2.0
// Names: the ids, aliases and email addresses that must be unique, each kept by an index record
// (rules C-02, M-07).
#ifndef OTPCORE_SRC_COMMANDS_NAMES_H_
#define OTPCORE_SRC_COMMANDS_NAMES_H_

#include <utility>
#include <vector>

#include "otpcore/plan/command.h"

namespace otpcore {

// One name that a Member or an Organization bears.
struct Name {
  RecordKey key;
  ErrorCode taken;  // the error when it is another's
};
// All that it bears. A name may stand there twice: a slug may equal the external id.
using NameList = std::vector<Name>;

// What one command does to the names of `owner`: it takes those of `next` that are not in `before`,
// and gives back those of `before` that are not in `next`.
class Names {
 public:
  // What `Settle` finds.
  struct Outcome {
    std::vector<RecordKey> missing;  // not empty: these must be loaded first
    Error error = ErrorCode::kOk;    // `taken` of the first name that is another's
    std::vector<Write> writes;
  };

  Names(const Id& owner, NameList before, NameList next, const Facts& facts)
      : owner_(owner), before_(std::move(before)), next_(std::move(next)), facts_(facts) {}

  Outcome Settle() const;

 private:
  void Take(const Name& name, Outcome* outcome) const;
  void GiveBack(const Name& name, Outcome* outcome) const;
  // Null, and told as missing, when it is not loaded yet.
  const LoadedRecord* Find(const RecordKey& key, Outcome* outcome) const;
  bool IsOwn(const LoadedRecord& loaded) const;

  const Id owner_;
  const NameList before_;
  const NameList next_;
  const Facts& facts_;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_NAMES_H_
