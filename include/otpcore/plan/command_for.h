// SPDX-License-Identifier: Apache-2.0
// CommandFor: makes a Command of a command type (SendSmsOtp, …) and one request.
#ifndef OTPCORE_PLAN_COMMAND_FOR_H_
#define OTPCORE_PLAN_COMMAND_FOR_H_

#include <memory>
#include <utility>

#include "otpcore/base/result.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// `C` has types Request and Response and static functions Plan and Respond, and, if it sends
// something, AfterDelivery. The context's Config must outlive it. Immutable, hence thread-safe.
template <typename C>
class CommandFor final : public Command {
 public:
  CommandFor(const CallContext& context, typename C::Request&& request)
      : context_(context), request_(std::move(request)) {}

  Decision Plan(const Facts& facts) const override { return C::Plan(context_, request_, facts); }
  std::unique_ptr<Command> AfterDelivery(const Changes& changes,
                                         const Delivery& delivery) const override {
    return AfterDeliveryOf<C>(changes, delivery, 0);
  }
  // Moves out of `conclusion` what the response shows.
  Result<typename C::Response> Respond(Conclusion&& conclusion) const {
    if (conclusion.fault != Fault::kNone) return ErrorOf(conclusion.fault);
    return C::Respond(context_, request_, std::move(conclusion));
  }

 private:
  // Commands that send nothing have no AfterDelivery.
  template <typename D>
  auto AfterDeliveryOf(const Changes& changes, const Delivery& delivery, int) const
      -> decltype(D::AfterDelivery(std::declval<CallContext>(), changes, delivery)) {
    return D::AfterDelivery(context_, changes, delivery);
  }
  template <typename D>
  std::unique_ptr<Command> AfterDeliveryOf(const Changes&, const Delivery&, ...) const {
    return nullptr;
  }

  CallContext context_;
  typename C::Request request_;
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_COMMAND_FOR_H_
