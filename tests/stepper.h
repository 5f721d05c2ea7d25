// SPDX-License-Identifier: Apache-2.0
// Runs one command over the ports of a World, one need at a time: what an event-loop host does, and
// what tests use to interleave hosts or to stop one dead.
#ifndef OTPCORE_TESTS_STEPPER_H_
#define OTPCORE_TESTS_STEPPER_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "fixture.h"

namespace otpcore {

class Stepper {
 public:
  // The command is at its first need afterwards. Admissions are met at once: all are granted.
  template <typename Request>
  Stepper(World& world, Request request, uint64_t operation) : world_(&world) {
    using C = CommandOfT<Request>;
    CallContext context;
    context.config = world.config.get();
    for (size_t i = 0; i < 8; ++i)
      context.operation_id.bytes[i] = static_cast<uint8_t>(operation >> (8 * i));
    context.operation_id.bytes[15] = 1;  // never empty
    auto typed = std::make_shared<OperationFor<C>>(context, std::move(request));
    driver_ = [typed]() -> Operation& { return typed->driver(); };
    finish_ = [typed] {
      Reply<C> reply;
      typed->Respond("", &reply);
      return ErrorTypeOf(reply);
    };
    need_ = driver_().Start();
    Settle();
  }

  bool done() const { return done_; }
  // "" for success; once done.
  const std::string& error_type() const { return error_type_; }
  // What the next step does: for counterexamples that a person reads.
  const char* NextStep() const {
    if (std::holds_alternative<NeedLoad>(need_)) return "load";
    if (std::holds_alternative<NeedCommit>(need_)) return "commit";
    if (std::holds_alternative<NeedSessionEffect>(need_)) return "change session";
    if (std::holds_alternative<NeedDelivery>(need_)) return "deliver";
    return "done";
  }

  // Meets one need.
  void Step() {
    need_ = MeetNeed(need_, ports(), &driver_());
    Settle();
  }

 private:
  Ports ports() {
    return {world_->clock, world_->random, world_->store, world_->sessions, world_->inbox, guard_};
  }
  // What no test stops at: every quota is granted.
  void Settle() {
    while (std::holds_alternative<NeedAdmission>(need_) ||
           std::holds_alternative<NeedSettlement>(need_))
      need_ = MeetNeed(need_, ports(), &driver_());
    if (done_ || !std::holds_alternative<Done>(need_)) return;
    done_ = true;
    error_type_ = finish_();
  }

  World* world_;
  NoGuard guard_;
  std::function<Operation&()> driver_;
  std::function<std::string()> finish_;
  Need need_ = Done();
  bool done_ = false;
  std::string error_type_;
};

}  // namespace otpcore

#endif  // OTPCORE_TESTS_STEPPER_H_
