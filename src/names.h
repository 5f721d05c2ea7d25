// Names: the ids and aliases that share one namespace, each kept by an index record (rule C-02).
#ifndef OTPCORE_SRC_NAMES_H_
#define OTPCORE_SRC_NAMES_H_

#include <optional>
#include <string>
#include <vector>

#include "otpcore/command.h"

namespace otpcore {

// One name that a new record wants, and what is answered when it is taken.
struct WantedName {
  RecordKey key;
  ErrorCode taken;
};

// Loads what is missing, then kOk or the `taken` of the first name that is in use. Adds to
// `*writes` one NameEntry for each.
struct NamesClaim {
  std::optional<LoadMore> load;
  Error error = ErrorCode::kOk;
  std::vector<Write> writes;
};
NamesClaim ClaimNames(const std::vector<WantedName>& wanted, const Id& owner, const Facts& facts);

}  // namespace otpcore

#endif  // OTPCORE_SRC_NAMES_H_
