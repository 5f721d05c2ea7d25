#include "names.h"

namespace otpcore {

NamesClaim ClaimNames(const std::vector<WantedName>& wanted, const Id& owner, const Facts& facts) {
  NamesClaim claim;
  LoadMore missing;
  for (const WantedName& name : wanted) {
    const LoadedRecord* const loaded = facts.Find(name.key);
    if (loaded == nullptr) {
      missing.keys.push_back(name.key);
      continue;
    }
    const auto* const entry = std::get_if<NameEntry>(&loaded->record);
    if (entry != nullptr && entry->id != owner && claim.error.code() == ErrorCode::kOk)
      claim.error = name.taken;
    claim.writes.push_back({name.key, loaded->revision, NameEntry{owner}});
  }
  if (!missing.keys.empty()) claim.load = std::move(missing);
  return claim;
}

}  // namespace otpcore
