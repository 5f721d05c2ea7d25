// Names: the ids, aliases and email addresses that must be unique, each kept by an index record
// (rules C-02, M-07).
#ifndef OTPCORE_SRC_NAMES_H_
#define OTPCORE_SRC_NAMES_H_

#include <vector>

#include "otpcore/command.h"

namespace otpcore {

// The names that one command takes and gives back.
class Names {
 public:
  // What `Settle` finds.
  struct Outcome {
    std::vector<RecordKey> missing;  // not empty: these must be loaded first
    Error error = ErrorCode::kOk;    // `taken` of the first name that is another's
    std::vector<Write> writes;
  };

  Names(const Id& owner, const Facts& facts) : owner_(owner), facts_(facts) {}

  // Each name counts once, with what was said of it first.
  void Take(const RecordKey& key, ErrorCode taken) { Add({key, taken, true}); }
  // Given back only when it is the owner's.
  void GiveBack(const RecordKey& key) { Add({key, ErrorCode::kOk, false}); }
  // Takes `next` and gives back `before`, where they differ. Empty keys stand for no name.
  void Change(const RecordKey& before, const RecordKey& next, ErrorCode taken);

  Outcome Settle() const;

 private:
  struct Entry {
    RecordKey key;
    ErrorCode taken;
    bool takes;
  };
  void Add(const Entry& entry);

  const Id owner_;
  const Facts& facts_;
  std::vector<Entry> entries_;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_NAMES_H_
