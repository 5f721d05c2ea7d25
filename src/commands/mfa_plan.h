// SPDX-License-Identifier: Apache-2.0
// The MFA step as it is taken right after a primary factor was shown, by a command of its own or
// within the one that judged that factor (rules P-01 … P-08, DV-05).
#ifndef OTPCORE_SRC_COMMANDS_MFA_PLAN_H_
#define OTPCORE_SRC_COMMANDS_MFA_PLAN_H_

#include <string_view>

#include "commands/send_code.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// P-01. `session`: the one that the person has; null: none.
bool IsMfaRequired(const Organization& organization, const MemberRecord& member,
                   const Session* session);

// P-05: makes the Member active. False: they are.
bool Activate(Instant now, FoundMember* found, Decision* decision);

// Whether a second factor is needed now, remembered devices considered. One that is spared is told
// by an event and in the answer.
bool NeedsSecondFactor(const CallContext& context, const Facts& facts, FoundMember* found,
                       Decision* decision);

struct MfaSend {
  Locale locale;
  Channel channel;
  std::string_view session_id;
};

// The automatic SMS of a Member who needs a second factor (P-02). True: it is decided, and
// `*decision` writes `*found` with the SMS, or loads more, or asks the guard. False: nothing is
// sent, and the caller writes or shows `*found`; the answer says whether the live code is kept.
bool PlanAutomaticSms(const CallContext& context, const MfaSend& send, const Facts& facts,
                      const FoundMember& found, Decision* decision);

// What the step answers, of the Member (`*member`) and the Organization as they were written.
// internal_server_error: the answer has no records, or none that can be read (P-04).
Error ShowMfa(const CallContext& context, const Conclusion& conclusion, MemberRecord* member,
              MfaStepResponse* response);

// Whether `code` is what a report leaves of an operation that sent an SMS.
bool IsDeliveryError(ErrorCode code);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_MFA_PLAN_H_
