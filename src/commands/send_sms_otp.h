// SPDX-License-Identifier: Apache-2.0
// The part of Send that follows once the Member is known; the MFA step uses it too (rule P-04).
#ifndef OTPCORE_SRC_COMMANDS_SEND_SMS_OTP_H_
#define OTPCORE_SRC_COMMANDS_SEND_SMS_OTP_H_

#include <string>

#include "commands/target.h"
#include "otpcore/plan/command.h"

namespace otpcore {

struct SendParameters {
  CommandKind kind = CommandKind::kSendSmsOtp;  // whose mark the record gets
  std::string_view phone_number;                // E.164 shaped, or empty: the Member's own
  Locale locale = Locale::kEn;
  bool session_has_mfa_factor = false;
};

// S-01 from the status on. `facts` must hold entropy before anything is committed; without it the
// answer is kInternalServerError.
Decision DecideSend(const CallContext& context, const SendParameters& parameters, Target&& target,
                    const Facts& facts);

// The event of a delivery that failed, where its report could not be written or came too late to
// change anything (P-04, V-01).
void TellOfFailedDelivery(Conclusion* conclusion);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_SEND_SMS_OTP_H_
