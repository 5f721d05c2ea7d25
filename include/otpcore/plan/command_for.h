// SPDX-License-Identifier: Apache-2.0
// CommandFor: makes a Command of a command type (SendSmsOtp, …) and one request. CommandOf: which
// command type a request belongs to.
#ifndef OTPCORE_PLAN_COMMAND_FOR_H_
#define OTPCORE_PLAN_COMMAND_FOR_H_

#include <memory>
#include <utility>

#include "otpcore/plan/command.h"

namespace otpcore {

// The `type` of the command that takes `Request`. Specialized behind each command, in its header.
template <typename Request>
struct CommandOf;
template <typename C>
struct IsCommand {
  using type = C;
};
template <typename Request>
using CommandOfT = typename CommandOf<Request>::type;

// `C` has types Request, Checked and Response, constants kKind and kEntropyBytes, static functions
// Check, Plan and Respond, unless its kind is kNone AddFields, which adds every field of a request
// to its tag, and, if it sends something, AfterDelivery. Context's Config and request must outlive
// it. Immutable, hence thread-safe.
template <typename C>
class CommandFor final : public Command {
 public:
  CommandFor(const CallContext& context, const typename C::Request& request)
      : context_(context), request_(request) {
    context_.kind = C::kKind;
    if constexpr (C::kKind != CommandKind::kNone) {
      context_.command = this;
      context_.add_fields = [](const void* command, RequestTag* tag) {
        const auto& self = *static_cast<const CommandFor*>(command);
        C::AddFields(self.request_, self.checked_, tag);
      };
    }
    error_ = C::Check(context_, request, &checked_);
  }

  CommandFor(const CommandFor&) = delete;
  CommandFor& operator=(const CommandFor&) = delete;
  ~CommandFor() override = default;

  const CallContext& context() const override { return context_; }
  size_t entropy_bytes() const override { return C::kEntropyBytes; }
  const typename C::Checked& checked() const { return checked_; }
  void Plan(const Facts& facts, Decision* decision) const override {
    if (error_.ok()) return C::Plan(context_, checked_, facts, decision);
    decision->answer.error = error_;
  }
  std::unique_ptr<Command> AfterDelivery(const Decision& decision,
                                         const Delivery& delivery) const override {
    return AfterDeliveryOf<C>(decision, delivery, 0);
  }
  // Fills in the response of a success; else says which error is answered.
  Error Respond(const Conclusion& conclusion, typename C::Response* response) const {
    if (conclusion.fault != Fault::kNone) return FaultError(conclusion.fault);
    if (!error_.ok()) return error_;
    return C::Respond(context_, checked_, conclusion, response);
  }

 private:
  // Commands that send nothing have no AfterDelivery.
  template <typename D>
  auto AfterDeliveryOf(const Decision& decision, const Delivery& delivery, int) const
      -> decltype(D::AfterDelivery(std::declval<CallContext>(), decision, delivery)) {
    return D::AfterDelivery(context_, decision, delivery);
  }
  template <typename D>
  std::unique_ptr<Command> AfterDeliveryOf(const Decision&, const Delivery&, ...) const {
    return nullptr;
  }

  CallContext context_;
  const typename C::Request& request_;
  typename C::Checked checked_;
  Error error_ = ErrorCode::kOk;
};

}  // namespace otpcore

#endif  // OTPCORE_PLAN_COMMAND_FOR_H_
