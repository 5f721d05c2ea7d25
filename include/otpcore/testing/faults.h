// Wrappers that inject faults into a store and a session directory.
#ifndef OTPCORE_TESTING_FAULTS_H_
#define OTPCORE_TESTING_FAULTS_H_

#include <atomic>
#include <functional>
#include <vector>

#include "otpcore/ports.h"

namespace otpcore {
namespace testing {

// Wraps a store, counts its calls and lets a test decide what happens at each. Thread-safe as far
// as the hooks are.
class FaultyStore final : public Store {
 public:
  enum class CommitFault {
    kNone,
    kConflict,        // not applied
    kUnavailable,     // not applied
    kUnknownApplied,  // applied, but the answer is kUnknown
    kUnknownLost,     // not applied, and the answer is kUnknown
  };
  explicit FaultyStore(Store& inner) : inner_(inner) {}

  // Called with the number of the call, from 1. True: the load fails.
  std::function<bool(int)> fail_load;
  std::function<CommitFault(int)> commit_fault;
  // Called before a commit that will be applied: another's commit can be nested here.
  std::function<void(const Changes&)> before_commit;

  LoadResult Load(const std::vector<RecordKey>& keys) override {
    const int call = ++loads_;
    if (fail_load && fail_load(call)) return {};
    return inner_.Load(keys);
  }
  CommitOutcome Commit(const Changes& changes) override {
    const int call = ++commits_;
    const CommitFault fault = commit_fault ? commit_fault(call) : CommitFault::kNone;
    if (fault == CommitFault::kConflict) return CommitOutcome::kConflict;
    if (fault == CommitFault::kUnavailable) return CommitOutcome::kUnavailable;
    if (fault == CommitFault::kUnknownLost) return CommitOutcome::kUnknown;
    if (before_commit) before_commit(changes);
    const CommitOutcome outcome = inner_.Commit(changes);
    return fault == CommitFault::kUnknownApplied ? CommitOutcome::kUnknown : outcome;
  }
  int loads() const { return loads_; }
  int commits() const { return commits_; }
  void ResetCounts() { loads_ = commits_ = 0; }

 private:
  Store& inner_;
  std::atomic<int> loads_{0};
  std::atomic<int> commits_{0};
};

// Wraps a directory; can be made unreachable, or to refuse effects. Thread-safe as the inner one
// is.
class FaultySessions final : public SessionDirectory {
 public:
  explicit FaultySessions(SessionDirectory& inner) : inner_(inner) {}
  std::atomic<bool> unreachable{false};
  std::atomic<bool> refuse_effects{false};

  FindResult Find(const SessionCredential& credential) override {
    ++finds_;
    return unreachable ? FindResult() : inner_.Find(credential);
  }
  bool Apply(const SessionEffect& effect) override {
    return !refuse_effects && inner_.Apply(effect);
  }
  int finds() const { return finds_; }

 private:
  SessionDirectory& inner_;
  std::atomic<int> finds_{0};
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_FAULTS_H_
