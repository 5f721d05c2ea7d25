// SPDX-License-Identifier: Apache-2.0
// Wrappers that inject faults, one for each port. Each passes everything on until a test sets a
// hook; a hook is called with the number of the call and says what goes wrong in it. Numbers start
// from 1, and again after ResetCounts; the builders of a World reset all.
#ifndef OTPCORE_TESTING_FAULTS_H_
#define OTPCORE_TESTING_FAULTS_H_

#include <algorithm>
#include <atomic>
#include <functional>
#include <vector>

#include "otpcore/engine/ports.h"

namespace otpcore {
namespace testing {

// Wraps a clock. Thread-safe as far as the hook is. In a World only the commands read it: sessions,
// and a guard that was given `world.clock`, go by that.
class FaultyClock final : public Clock {
 public:
  explicit FaultyClock(Clock& inner) : inner_(inner) {}

  // Given what the inner clock shows; returns what is read instead: a step, a frozen or a far
  // clock.
  std::function<Instant(int, Instant)> show;

  Instant Now() override {
    const int call = ++readings_;
    const Instant now = inner_.Now();
    return show ? show(call, now) : now;
  }
  int readings() const { return readings_; }
  void ResetCounts() { readings_ = 0; }

 private:
  Clock& inner_;
  std::atomic<int> readings_{0};
};

// Wraps a generator. Thread-safe as far as the hook is.
class FaultyRandom final : public SecureRandom {
 public:
  enum class FillFault {
    kNone,
    kFails,  // says so, after half of the bytes
    kStuck,  // the same byte over and over, and says all is well
  };
  explicit FaultyRandom(SecureRandom& inner) : inner_(inner) {}

  std::function<FillFault(int)> fill_fault;

  bool Fill(uint8_t* bytes, size_t size) override {
    const int call = ++fills_;
    const FillFault fault = fill_fault ? fill_fault(call) : FillFault::kNone;
    if (fault == FillFault::kStuck) std::fill_n(bytes, size, uint8_t{0xFF});
    if (fault == FillFault::kFails) std::fill_n(bytes, size / 2, uint8_t{0xFF});
    return fault == FillFault::kNone ? inner_.Fill(bytes, size) : fault == FillFault::kStuck;
  }
  int fills() const { return fills_; }
  void ResetCounts() { fills_ = 0; }

 private:
  SecureRandom& inner_;
  std::atomic<int> fills_{0};
};

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

  std::function<bool(int)> fail_load;
  std::function<CommitFault(int)> commit_fault;
  // Called before a commit that will be applied: another's commit can be nested here. Not called
  // for what it commits itself, on the same thread.
  std::function<void(const Changes&)> before_commit;

  LoadResult Load(LoadBatch& batch) override {
    const int call = ++loads_;
    if (fail_load && fail_load(call)) return {};
    return inner_.Load(batch);
  }
  CommitOutcome Commit(const Changes& changes) override {
    const int call = ++commits_;
    const CommitFault fault = commit_fault ? commit_fault(call) : CommitFault::kNone;
    if (fault == CommitFault::kConflict) return CommitOutcome::kConflict;
    if (fault == CommitFault::kUnavailable) return CommitOutcome::kUnavailable;
    if (fault == CommitFault::kUnknownLost) return CommitOutcome::kUnknown;
    CallBeforeCommit(changes);
    const CommitOutcome outcome = inner_.Commit(changes);
    return fault == CommitFault::kUnknownApplied ? CommitOutcome::kUnknown : outcome;
  }
  int loads() const { return loads_; }
  int commits() const { return commits_; }
  void ResetCounts() { loads_ = commits_ = 0; }

 private:
  void CallBeforeCommit(const Changes& changes) {
    static thread_local std::vector<const FaultyStore*> running;  // whose hooks are, on this thread
    if (!before_commit || std::count(running.begin(), running.end(), this) > 0) return;
    struct Leave {
      ~Leave() { running.pop_back(); }
    };
    running.push_back(this);
    const Leave leave;
    before_commit(changes);
  }

  Store& inner_;
  std::atomic<int> loads_{0};
  std::atomic<int> commits_{0};
};

// Wraps a directory. Thread-safe as far as the hooks are.
class FaultySessions final : public SessionDirectory {
 public:
  enum class ApplyFault {
    kNone,
    kRefused,         // not applied
    kUnknownApplied,  // applied, but the answer is that of kRefused
  };
  explicit FaultySessions(SessionDirectory& inner) : inner_(inner) {}

  std::function<bool(int)> fail_find;
  std::function<ApplyFault(int)> apply_fault;

  FindResult Find(const SessionCredential& credential) override {
    const int call = ++finds_;
    if (fail_find && fail_find(call)) return {};
    return inner_.Find(credential);
  }
  bool Apply(const SessionEffect& effect) override {
    const int call = ++applies_;
    const ApplyFault fault = apply_fault ? apply_fault(call) : ApplyFault::kNone;
    return fault != ApplyFault::kRefused && inner_.Apply(effect) && fault == ApplyFault::kNone;
  }
  int finds() const { return finds_; }
  int applies() const { return applies_; }
  void ResetCounts() { finds_ = applies_ = 0; }

 private:
  SessionDirectory& inner_;
  std::atomic<int> finds_{0};
  std::atomic<int> applies_{0};
};

// Wraps a message sink. Thread-safe as far as the hook is.
class FaultySink final : public MessageSink {
 public:
  enum class DeliveryFault {
    kNone,
    kRejected,      // not sent: this number will not get it
    kUnsubscribed,  // not sent: the person opted out
    kUnavailable,   // not sent
    kUnknownSent,   // sent, but the answer is kUnknown
    kUnknownLost,   // not sent, and the answer is kUnknown
    kTwice,         // sent twice under one idempotency key, as a gateway that retries does
  };
  explicit FaultySink(MessageSink& inner) : inner_(inner) {}

  std::function<DeliveryFault(int)> delivery_fault;

  Delivery Deliver(const Message& message) override {
    const int call = ++deliveries_;
    switch (delivery_fault ? delivery_fault(call) : DeliveryFault::kNone) {
      case DeliveryFault::kNone: return inner_.Deliver(message);
      case DeliveryFault::kRejected: return {Delivery::Kind::kRejected, false};
      case DeliveryFault::kUnsubscribed: return {Delivery::Kind::kRejected, true};
      case DeliveryFault::kUnavailable: return {Delivery::Kind::kUnavailable, false};
      case DeliveryFault::kUnknownLost: return {Delivery::Kind::kUnknown, false};
      case DeliveryFault::kUnknownSent:
        inner_.Deliver(message);
        return {Delivery::Kind::kUnknown, false};
      case DeliveryFault::kTwice: inner_.Deliver(message); return inner_.Deliver(message);
    }
    return {};
  }
  int deliveries() const { return deliveries_; }
  void ResetCounts() { deliveries_ = 0; }

 private:
  MessageSink& inner_;
  std::atomic<int> deliveries_{0};
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_FAULTS_H_
