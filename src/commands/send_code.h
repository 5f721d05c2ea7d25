// SPDX-License-Identifier: Apache-2.0
// SendCode: what sending a passcode has in common, whatever the factor and the channel. The limits
// of the Member, the draw, the guard, the challenge and the message (rules S-09, S-10, L-06, L-07).
#ifndef OTPCORE_SRC_COMMANDS_SEND_CODE_H_
#define OTPCORE_SRC_COMMANDS_SEND_CODE_H_

#include <memory>

#include "commands/find_member.h"
#include "commands/linking.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// What is to be sent, and where.
struct Sending {
  FactorKind factor;
  Channel channel;
  Locale locale;
  PhoneNumber number;                      // the address, with its region
  const SandboxNumber* sandbox = nullptr;  // set: nothing is delivered
};

// From the limits on. Admitted checks them, draws the passcode and asks the guard; then the caller
// may still change the Member (link the number); Issue writes it.
class SendCode {
 public:
  SendCode(const CallContext& context, const Sending& sending, const Facts& facts,
           FoundMember* found, Decision* decision)
      : context_(context),
        policy_(context.config->policy()),
        sending_(sending),
        facts_(facts),
        found_(*found),
        decision_(*decision) {}

  // True: drawn and admitted, go on with Issue. False: `*decision` asks the guard, or refuses.
  bool Admitted();
  // Issues the challenge and writes the Member. `links`: this send links the number.
  void Issue(bool links);

  // Answers `error`, with the event of a limit where it is one.
  void RefuseByLimit(Error error);

 private:
  Quotas QuotasOf() const;

  const CallContext& context_;
  const Policy& policy_;
  const Sending& sending_;
  const Facts& facts_;
  FoundMember& found_;
  Decision& decision_;
  Passcode passcode_;
};

// ---- SMS ----

struct SmsSendRequest {
  const NumberText& number;  // empty: the Member's own
  Locale locale;
  AskedBy asked_by;
};

// S-01 from the status on.
void PlanSmsSend(const CallContext& context, const SmsSendRequest& request, const Facts& facts,
                 FoundMember* found, Decision* decision);

// The command that reports what became of the message of `decision`.
std::unique_ptr<Command> ReportOf(const CallContext& context, const Decision& decision,
                                  const Delivery& delivery);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_SEND_CODE_H_
