// SPDX-License-Identifier: Apache-2.0
// The MFA step as it is taken right after a primary factor was shown, by a command of its own or
// within the one that judged that factor (rules P-01 … P-08, DV-05).
#ifndef OTPCORE_SRC_COMMANDS_MFA_PLAN_H_
#define OTPCORE_SRC_COMMANDS_MFA_PLAN_H_

#include <string_view>

#include "commands/devices.h"
#include "commands/send_code.h"
#include "otpcore/commands/mfa_step.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// P-01. `session`: the one that the person has; null: none.
bool IsMfaRequired(const Organization& organization, bool mfa_enrolled, const Session* session);

// P-05: makes the Member active. False: they are.
bool Activate(Instant now, FoundMember* found, Decision* decision);

// Whether a second factor is needed now, remembered devices considered. One that is spared is told
// by an event and in the answer.
bool NeedsSecondFactor(const CallContext& context, const Facts& facts, FoundMember* found,
                       Decision* decision);

// EM-16: a proof of the address verifies it and makes the Member active. True: something changed.
bool VerifyAddress(Instant now, FoundMember* found, Decision* decision);

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

// What a login that ends in an MFA step says of it beside the Member: locale, session_id, channel
// and device. Errors: kInvalidLocale, kBadRequest.
template <typename Request, typename Checked>
Error CheckMfaOptions(const Request& request, Checked* checked) {
  if (!request.locale.empty() && !ParseLocale(request.locale, &checked->locale))
    return ErrorCode::kInvalidLocale;
  if (request.session_id.size() > kIdBytesMax)
    return Error(ErrorCode::kBadRequest, "session_id takes 128 bytes at most");
  if (!IsOfPhone(request.channel)) return Error(ErrorCode::kBadRequest, kNoChannelOfPhone);
  checked->session_id = request.session_id;
  checked->channel = request.channel;
  return CheckDevice(request.device, &checked->device);
}

// What the step answers, of the Member (`*member`) and the Organization as they were written.
// internal_server_error: the answer has no records, or none that can be read (P-04).
Error ShowMfa(const CallContext& context, const Conclusion& conclusion, MemberRecord* member,
              MfaStepResponse* response);

// The response of a login that ends in an MFA step: what became of the session, the step, and the
// id of the address.
Error ShowMfaLogin(const CallContext& context, const Conclusion& conclusion, ProofResponse* proof,
                   MfaStepResponse* step, InlineText<64>* method_id);

// Whether `code` is what a report leaves of an operation that sent an SMS.
bool IsDeliveryError(ErrorCode code);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_MFA_PLAN_H_
