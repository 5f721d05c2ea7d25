// SPDX-License-Identifier: Apache-2.0
// The simulated store: records with all their versions, so that a read can be stale, and a backup
// that can be put back.
#ifndef OTPCORE_TESTS_SIMULATION_SIM_STORE_H_
#define OTPCORE_TESTS_SIMULATION_SIM_STORE_H_

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model.h"
#include "otpcore/model/record.h"
#include "otpcore/plan/outcome.h"

namespace otpcore {
namespace simulation {

// Beside each version of a record stands the state of the model right after the commit that wrote
// it: what a host that reads this version may go by. Revisions never repeat, also after a restore
// (K-03).
class SimStore {
 public:
  struct Version {
    Revision revision = 0;
    std::string bytes;  // packed; empty: deleted
    StatePtr model;

    // As a store answers it: 0 where there is no record.
    Revision answered() const { return bytes.empty() ? 0 : revision; }
  };

  // The newest version, or, `back` versions before it, an older one.
  const Version& Read(const RecordKey& key, size_t back = 0) const {
    static const Version nothing;
    const auto found = records_.find(key.bytes());
    if (found == records_.end()) return nothing;
    const std::vector<Version>& versions = found->second;
    return versions[versions.size() - 1 - std::min(back, versions.size() - 1)];
  }
  bool WouldConflict(const Changes& changes) const {
    for (const Write& write : changes.writes) {
      if (Read(*write.key).answered() != write.expected) return true;
    }
    return false;
  }
  void Apply(const Changes& changes, const StatePtr& model) {
    for (const Write& write : changes.writes) {
      std::vector<Version>& versions = records_[std::string(write.key->bytes())];
      if (versions.size() >= kVersionsMax) versions.erase(versions.begin());
      versions.push_back({++revision_, std::string(write.record), model});
    }
  }
  // What a store may do of its own (EM-25).
  void Remove(const RecordKey& key, const StatePtr& model) {
    records_[std::string(key.bytes())].push_back({++revision_, "", model});
  }
  void Backup(const StatePtr& model) {
    backup_ = records_;
    backup_model_ = model;
  }
  // The model's state at the backup; null when there is none. What comes back gets revisions of its
  // own: a host that loaded one of these records long ago must find it changed (K-03), or it could
  // commit a decision of before the restore, and with it a passcode that was used since.
  StatePtr Restore() {
    if (backup_model_ == nullptr) return nullptr;
    records_ = backup_;
    for (auto& [key, versions] : records_) {
      versions.erase(versions.begin(), versions.end() - 1);
      versions.back().revision = ++revision_;
    }
    return backup_model_;
  }

 private:
  static constexpr size_t kVersionsMax = 4;
  using Records = std::map<std::string, std::vector<Version>, std::less<>>;  // by the key's bytes
  Records records_;
  Records backup_;
  StatePtr backup_model_;
  Revision revision_ = 0;
};

}  // namespace simulation
}  // namespace otpcore

#endif  // OTPCORE_TESTS_SIMULATION_SIM_STORE_H_
