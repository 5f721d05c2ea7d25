// SPDX-License-Identifier: Apache-2.0
// A wrapper that injects faults into a send guard, or stands in for one.
#ifndef OTPCORE_TESTING_FAULTY_GUARD_H_
#define OTPCORE_TESTING_FAULTY_GUARD_H_

#include <atomic>
#include <functional>
#include <vector>

#include "otpcore/engine/ports.h"

namespace otpcore {
namespace testing {

// Without an inner guard everything is admitted. Thread-safe as far as the hook and the inner guard
// are; the inner guard must not be changed while commands run.
class FaultyGuard final : public SendGuard {
 public:
  using Answer = Admission::Kind;
  explicit FaultyGuard(SendGuard* inner = nullptr) : inner_(inner) {}
  void set_inner(SendGuard* inner) { inner_ = inner; }

  // Called with the number of the question, as in faults.h: kAdmitted asks the inner guard;
  // anything else is the answer, and the inner guard hears nothing of it.
  std::function<Answer(int)> answer;
  // Told to the caller with an answer of the hook.
  Duration retry_after = std::chrono::minutes(1);
  // Settlements do not arrive, as when the host dies between the send and its end.
  std::atomic<bool> lose_settlements{false};

  Admission Admit(const AdmissionId& id, const Quotas& quotas) override {
    const int call = ++questions_;
    const Answer told = answer ? answer(call) : Answer::kAdmitted;
    if (told != Answer::kAdmitted) return {told, retry_after};
    return inner_ != nullptr ? inner_->Admit(id, quotas) : Admission();
  }
  void Settle(const AdmissionId& id, Settlement settlement) override {
    ++(settlement == Settlement::kReturned ? returned_ : spent_);
    if (inner_ != nullptr && !lose_settlements) inner_->Settle(id, settlement);
  }
  void Observe(EventList* events) override {
    if (inner_ != nullptr) inner_->Observe(events);
  }

  int questions() const { return questions_; }
  int spent() const { return spent_; }        // settlements, also those that were lost
  int returned() const { return returned_; }  // likewise
  void ResetCounts() { questions_ = spent_ = returned_ = 0; }

 private:
  SendGuard* inner_;
  std::atomic<int> questions_{0};
  std::atomic<int> spent_{0};
  std::atomic<int> returned_{0};
};

}  // namespace testing
}  // namespace otpcore

#endif  // OTPCORE_TESTING_FAULTY_GUARD_H_
