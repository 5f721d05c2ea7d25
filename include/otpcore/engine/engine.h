// SPDX-License-Identifier: Apache-2.0
// Engine: the blocking facade. It meets each need of an operation by calling a port.
//
//   Engine engine(*config, {clock, random, store, sessions, sink});
//   auto reply = engine.Run(SendSmsOtpRequest{organization_id, member_id, "+14155550123", "", {}});
//   if (reply.result) … else Log(reply.result.error().error_type());
#ifndef OTPCORE_ENGINE_ENGINE_H_
#define OTPCORE_ENGINE_ENGINE_H_

#include <string>
#include <utility>

#include "otpcore/base/export.h"
#include "otpcore/commands/members.h"
#include "otpcore/commands/mfa_factors.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/commands/organizations.h"
#include "otpcore/commands/sms_passcode.h"
#include "otpcore/engine/operation.h"
#include "otpcore/engine/ports.h"

namespace otpcore {

// Optional ids of one call. What is missing is drawn.
struct CallOptions {
  std::string request_id;  // comes back with the reply (C-05)
  // The same for every retry of the same thing (C-07). Who knows it hears the recorded answer,
  // whatever code or session they give: draw it at random and keep it within the host. Never take
  // it from a client as it is.
  OperationId operation_id;
};

// Which command a request belongs to.
template <typename Request>
struct CommandOf;
#define OTPCORE_COMMAND_OF(command)    \
  template <>                          \
  struct CommandOf<command::Request> { \
    using type = command;              \
  }
OTPCORE_COMMAND_OF(SendSmsOtp);
OTPCORE_COMMAND_OF(AuthenticateSmsOtp);
OTPCORE_COMMAND_OF(ReportDelivery);
OTPCORE_COMMAND_OF(CreateOrganization);
OTPCORE_COMMAND_OF(MfaStep);
OTPCORE_COMMAND_OF(GetOrganization);
OTPCORE_COMMAND_OF(UpdateOrganization);
OTPCORE_COMMAND_OF(DeleteOrganization);
OTPCORE_COMMAND_OF(CreateMember);
OTPCORE_COMMAND_OF(GetMember);
OTPCORE_COMMAND_OF(UpdateMember);
OTPCORE_COMMAND_OF(DeleteMember);
OTPCORE_COMMAND_OF(ReactivateMember);
OTPCORE_COMMAND_OF(PurgeMember);
OTPCORE_COMMAND_OF(DeleteMfaPhoneNumber);
OTPCORE_COMMAND_OF(SetTotpRegistration);
OTPCORE_COMMAND_OF(UnlockMember);
#undef OTPCORE_COMMAND_OF

// Holds references only: config and ports must outlive it. Thread-safe if the ports are.
class OTPCORE_EXPORT Engine {
 public:
  struct Ports {
    Clock& clock;
    SecureRandom& random;
    Store& store;
    SessionDirectory& sessions;
    SmsSink& sink;
    SendGuard* guard = nullptr;  // null: every quota is granted
  };

  Engine(const Config& config, const Ports& ports) : config_(config), ports_(ports) {}

  // Runs the command of `request` to its end. Errors: the command's own, kServerUnavailable when a
  // port cannot be reached or the outcome of a commit stays unknown, kInternalServerError without
  // entropy. Costs one Load and one Commit in the usual case. Throws std::bad_alloc and nothing
  // else; what is stored is then as before or as committed, and who asks again with the same
  // operation id hears which.
  template <typename Request>
  auto Run(Request request, CallOptions options = {}) {
    using C = typename CommandOf<Request>::type;
    CallContext context;
    if (!Prepare(&options, &context)) {
      Reply<typename C::Response> reply;
      reply.request_id = std::move(options.request_id);
      return reply;
    }
    OperationFor<C> operation(context, std::move(request));
    return Finish(&operation, std::move(options.request_id));
  }

 private:
  template <typename C>
  Reply<typename C::Response> Finish(OperationFor<C>* operation, std::string request_id) {
    Drive(&operation->driver());
    Reply<typename C::Response> reply = operation->TakeReply(std::move(request_id));
    if (ports_.guard != nullptr) ports_.guard->Observe(&reply.events);
    return reply;
  }
  // Draws the ids that are missing. False: no entropy.
  bool Prepare(CallOptions* options, CallContext* context);
  void Drive(Operation* operation);
  Loaded Load(const NeedLoad& need);

  const Config& config_;
  const Ports ports_;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_ENGINE_H_
