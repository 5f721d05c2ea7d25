// SPDX-License-Identifier: Apache-2.0
// OperationFor: an Operation that knows its request and its reply. The engine uses it, and so does
// a host with a loop of its own:
//
//   OperationFor<SendSmsOtp> operation(context, request);
//   Need need = operation.driver().Start();
//   while (!std::holds_alternative<Done>(need)) need = co_await Meet(need, operation.driver());
//   Reply<SendSmsOtp> reply;
//   operation.Respond("", &reply);
#ifndef OTPCORE_ENGINE_OPERATION_FOR_H_
#define OTPCORE_ENGINE_OPERATION_FOR_H_

#include <optional>
#include <string>
#include <utility>

#include "otpcore/engine/operation.h"
#include "otpcore/engine/reply.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// About 31 KB; neither copyable nor thread-safe. The context's Config must outlive it.
template <typename C>
class OperationFor {
 public:
  // Refers to `request`, which must outlive it.
  OperationFor(const CallContext& context, const typename C::Request& request)
      : command_(context, request), driver_(command_) {}
  // Keeps the request.
  OperationFor(const CallContext& context, typename C::Request&& request)
      : own_request_(std::move(request)), command_(context, *own_request_), driver_(command_) {}

  Operation& driver() { return driver_; }

  // Once, after Done. `request_id`: the host's; empty: the one that was drawn.
  void Respond(std::string&& request_id, Reply<C>* reply) const {
    Replying::Start(command_.context(), std::move(request_id), reply);
    static_cast<typename C::Response&>(*reply) = typename C::Response();
    const Conclusion& conclusion = driver_.conclusion();
    const Error error = command_.Respond(conclusion, reply);
    Replying::Finish(conclusion, driver_.entropy(), error, reply);
  }

 private:
  std::optional<typename C::Request> own_request_;
  CommandFor<C> command_;
  Operation driver_;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_OPERATION_FOR_H_
