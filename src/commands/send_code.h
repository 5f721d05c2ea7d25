// SPDX-License-Identifier: Apache-2.0
// SendCode: what sending a passcode has in common, whatever the factor and the channel. The limits
// of the Member, the draw, the guard, the challenge and the message (rules S-09, S-10, L-06, L-07).
#ifndef OTPCORE_SRC_COMMANDS_SEND_CODE_H_
#define OTPCORE_SRC_COMMANDS_SEND_CODE_H_

#include <memory>

#include "commands/find_member.h"
#include "commands/linking.h"
#include "factors/challenge.h"
#include "otpcore/plan/command.h"

namespace otpcore {

// The scope in which the Member's challenge for `address` is judged. Views its arguments.
inline ChallengeScope ScopeOf(const CallContext& context, const Facts& facts, FactorKind factor,
                              const MemberRecord& member, std::string_view address) {
  return {context.config->policy(),
          context.config->keys(),
          factor,
          member.organization_id,
          member.member_id,
          address,
          facts.now,
          facts.epoch};
}

// What is to be sent, and where.
struct Sending {
  FactorKind factor;
  Channel channel;
  Locale locale;
  PhoneNumber number;                      // the address, with its region
  const SandboxNumber* sandbox = nullptr;  // set: nothing is delivered
  std::string_view session_id;  // that the passcode is for; empty: the session of the facts, if any
  bool to_candidate = false;    // of the Member, not to their number (E-04)
};

// From the limits on. WithinLimits looks at those of the Member, Admitted draws the passcode and
// asks the guard; then the caller may still change the Member (link the number); Issue writes it.
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

  // True: the live passcode is kept in place of a new one, and the answer says so (P-02).
  bool KeepsLiveCode();
  // False: `*decision` refuses (S-20, S-21, L-06).
  bool WithinLimits();
  // True: drawn and admitted, go on with Issue. False: `*decision` asks the guard, or refuses.
  bool Admitted();
  // Issues the challenge and writes the Member. `links`: this send links the number.
  void Issue(bool links);

  // Answers `error`, with the event of a limit. Tells the host of the passcode that is live (S-20).
  void RefuseByLimit(Error error);

 private:
  // That the passcode is, or will be, the one of.
  Challenge& challenge() const {
    return sending_.to_candidate ? found_.member.candidate.challenge : found_.member.challenge;
  }
  const PhoneFactor& phone() const {
    return sending_.to_candidate ? found_.member.candidate.phone : found_.member.phone;
  }
  Quotas QuotasOf() const;
  ChallengeScope Scope() const {
    return ScopeOf(context_, facts_, sending_.factor, found_.member, sending_.number.e164);
  }
  // Hints of the passcode that is live. `next_at`: the next send.
  void TellOfLiveCode(Instant next_at);
  // How long the live passcode may not be replaced by this send (S-21).
  Duration HeldBackFor();

  const CallContext& context_;
  const Policy& policy_;
  const Sending& sending_;
  const Facts& facts_;
  FoundMember& found_;
  Decision& decision_;
  Passcode passcode_;
  SessionTag session_ = 0;  // that the passcode is for; known after WithinLimits
};

// What an admission is answered with; kOk: go on.
Error AdmissionError(const Admission& admission, const Policy& policy);

// ---- To a phone ----

// G-06: a passcode for a number can travel so. Others are kBadRequest.
constexpr bool IsOfPhone(Channel channel) {
  return channel == Channel::kSms || channel == Channel::kWhatsApp || channel == Channel::kVoice;
}
inline constexpr char kNoChannelOfPhone[] = "channel must be sms, whatsapp or voice";

struct SmsSendRequest {
  const NumberText& number;  // empty: the Member's own
  Locale locale;
  Channel channel;
  AskedBy asked_by;
  std::string_view session_id = {};  // see Sending
  bool may_keep_live_code = false;   // of the MFA step (P-02)
};

// S-01 from the status on. Where a live passcode is kept, the answer says so and nothing is sent.
void PlanSmsSend(const CallContext& context, const SmsSendRequest& request, const Facts& facts,
                 FoundMember* found, Decision* decision);

// The command that reports what became of the message of `decision`.
std::unique_ptr<Command> ReportOf(const CallContext& context, const Decision& decision,
                                  const Delivery& delivery);

}  // namespace otpcore

#endif  // OTPCORE_SRC_COMMANDS_SEND_CODE_H_
