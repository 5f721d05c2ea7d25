// SPDX-License-Identifier: Apache-2.0
// Engine: the blocking facade. It meets each need of an operation by calling a port.
//
//   Engine engine(*config, {clock, random, store, sessions, sink, guard});
//   auto reply = engine.Run(SendSmsOtpRequest{organization_id, member_id, "+14155550123"});
//   if (!reply.ok()) Log(reply.error().error_type());
#ifndef OTPCORE_ENGINE_ENGINE_H_
#define OTPCORE_ENGINE_ENGINE_H_

#include <string>
#include <utility>

#include "otpcore/base/export.h"
#include "otpcore/commands/discovery.h"
#include "otpcore/commands/email_passcode.h"
#include "otpcore/commands/members.h"
#include "otpcore/commands/mfa_factors.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/commands/organizations.h"
#include "otpcore/commands/phone_change.h"
#include "otpcore/commands/recovery_codes.h"
#include "otpcore/commands/search.h"
#include "otpcore/commands/session_exchange.h"
#include "otpcore/commands/sms_passcode.h"
#include "otpcore/commands/totp.h"
#include "otpcore/engine/directory.h"
#include "otpcore/engine/operation_for.h"
#include "otpcore/engine/ports.h"
#include "otpcore/engine/search_operation.h"

namespace otpcore {

// Optional ids of one call.
struct CallOptions {
  std::string request_id = {};  // comes back with the reply (C-05); empty: one is drawn
  // The same for every retry of the same request (C-07). The request must be the same in every
  // field, and the retry come within Policy::operation_life; else it is kBadRequest and does
  // nothing. Anyone who presents this id with that request receives the recorded answer: generate
  // it yourself and keep it secret. Empty: the call is not repeatable.
  OperationId operation_id = {};
};

// The context of a call: an operation without id of its own is not repeatable.
OTPCORE_EXPORT CallContext ContextOf(const Config& config, const OperationId& operation_id);

// Meets one need with `ports` and returns the next one. Done stays Done.
OTPCORE_EXPORT Need MeetNeed(const Need& need, const Ports& ports, Operation* operation);
// The part of it that loads: records, session, entropy, then the clock.
OTPCORE_EXPORT Loaded MeetLoad(const NeedLoad& need, const Ports& ports);

// Holds references only: config and ports must outlive it. Thread-safe if the ports are.
class OTPCORE_EXPORT Engine {
 public:
  Engine(const Config& config, const Ports& ports) : config_(config), ports_(ports) {}

  // Runs the command of `request` to its end. Errors: the command's own; kServerUnavailable when a
  // port cannot be reached, the outcome of a commit stays unknown, commits lost to others four
  // times, or the session could not be changed after the commit; kInternalServerError without
  // entropy. Costs one Load and one Commit in the usual case, and no heap block. Throws
  // std::bad_alloc and nothing else; the store is then unchanged or fully committed: retry with the
  // same operation id to learn which.
  template <typename Request>
  Reply<CommandOfT<Request>> Run(const Request& request, CallOptions options = {}) {
    Reply<CommandOfT<Request>> reply;
    Run(request, std::move(options), &reply);
    return reply;
  }
  // The same into a reply that the caller keeps and uses again.
  template <typename Request>
  void Run(const Request& request, CallOptions options, Reply<CommandOfT<Request>>* reply) {
    OperationFor<CommandOfT<Request>> operation(ContextOf(config_, options.operation_id), request);
    Drive(&operation.driver());
    operation.Respond(std::move(options.request_id), reply);
    if (!Replying::HasRequestId(*reply)) DrawRequestId(reply);
    ports_.guard.Observe(&reply->events());
  }

  // Searches (commands/search.h, which lists their errors). They write nothing and are not
  // repeatable: of `options` the request id alone counts. Cost: at most Policy::search_visits_max
  // records of `directory`, in calls of at most VisitBatch::kMax, and for each four Organizations
  // that are named one to three Loads. A page is on the heap; std::bad_alloc is all they throw.
  SearchReply SearchMembers(const SearchMembersRequest& request, Directory& directory,
                            CallOptions options = {});
  SearchReply SearchOrganizations(const SearchOrganizationsRequest& request, Directory& directory,
                                  CallOptions options = {});
  // One Member by id, in whichever Organization it is (SR-13). Costs one OrganizationsOf and one
  // Load.
  Reply<otpcore::DangerouslyGetMember> DangerouslyGetMember(DangerouslyGetMemberRequest request,
                                                            Directory& directory,
                                                            CallOptions options = {});

 private:
  void Drive(Operation* operation);
  template <typename Request>
  SearchReply Search(const Request& request, Directory& directory, CallOptions options);
  // For a request that was refused before anything was loaded.
  void DrawRequestId(ReplyBase* reply);

  const Config& config_;
  const Ports ports_;
};

}  // namespace otpcore

#endif  // OTPCORE_ENGINE_ENGINE_H_
