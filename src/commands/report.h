// SPDX-License-Identifier: Apache-2.0
// What the reports of a delivery share (rules D-01 … D-06).
#ifndef OTPCORE_SRC_COMMANDS_REPORT_H_
#define OTPCORE_SRC_COMMANDS_REPORT_H_

#include <memory>
#include <utility>

#include "otpcore/model/member.h"
#include "otpcore/plan/command_for.h"

namespace otpcore {

// The mark of a report about `challenge`. It changes what the send's operation is recorded to have
// answered, as long as that is the latest: a client that repeats it then hears of the failure too
// (C-07).
OperationMark MarkOfReport(const CallContext& context, const OperationMark& earlier,
                           const Facts& facts, const Challenge& challenge, ErrorCode code);

// A report that a send runs for itself: it owns its request.
template <typename Report>
class OwnReport final : public Command {
 public:
  using Request = typename Report::Request;

  OwnReport(const CallContext& context, Request request)
      : request_(std::move(request)), command_(context, request_) {}
  static std::unique_ptr<Command> Of(CallContext context, Request request) {
    // An operation of its own: a repeated send must not be told that its id is a report's.
    context.operation_id = kNotRepeatable;
    return std::make_unique<OwnReport>(context, std::move(request));
  }

  const CallContext& context() const override { return command_.context(); }
  size_t entropy_bytes() const override { return command_.entropy_bytes(); }
  void Plan(const Facts& facts, Decision* decision) const override {
    command_.Plan(facts, decision);
  }

 private:
  const Request request_;
  const CommandFor<Report> command_;
};

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_REPORT_H_
