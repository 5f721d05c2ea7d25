// SPDX-License-Identifier: Apache-2.0
// The properties of passcodes by e-mail: what holds of every passcode, and that they and second
// factors leave each other alone but for the MFA step (EM-11 … EM-20, L-12).
#include "model_check/watch_case.h"

namespace otpcore {
namespace model {

Violation Case::CheckMailCommon() const {
  const Kind kind = point_.command.kind;
  const bool same_mail = old_.mail == new_.mail && old_.mail_slot == new_.mail_slot;
  const bool same_sms = old_.slot == new_.slot && old_.challenge == new_.challenge;
  if (!JudgesMail() && kind != Kind::kUnlock && kind != Kind::kUnlockAddress &&
      !(old_.mail_counters == new_.mail_counters))
    return "a command that judges no e-mail changed its failures (L-12)";
  if (IsOfMail(kind) && !(static_cast<const CountersView&>(old_) == new_))
    return "a passcode by e-mail changed the failures of second factors (L-12)";
  if (!same_mail && !IsOfMail(kind) && !IsReport() && kind != Kind::kDeleteMember)
    return "another command touched the passcode by e-mail (EM-11)";
  if (!same_sms && !point_.follow_up &&
      (kind == Kind::kSendMail || kind == Kind::kChangeAddress ||
       (JudgesMail() && new_.mark_answer != 0)))
    return "a passcode by e-mail touched the one by SMS (EM-11)";
  if (IsOfMail(kind) && (new_.number != old_.number || new_.phone != old_.phone))
    return "a passcode by e-mail changed a second factor (EM-19)";
  if (OfAddress() && new_.spelling != 0)
    return "what is remembered is not of the address in lower case (EM-25)";
  if (!OfAddress() && new_.spelling != old_.spelling && kind != Kind::kChangeAddress)
    return "another command changed the address (EM-03)";
  if (new_.address_verified && !old_.address_verified &&
      !((JudgesMail() || kind == Kind::kExchange) && new_.mark_answer == 0))
    return "an address became verified without its passcode (EM-16)";
  return nullptr;
}

Violation Case::CheckMail(bool rejected) {
  switch (point_.command.kind) {
    case Kind::kSendMail:
    case Kind::kDiscover: return rejected ? nullptr : CheckMailSent();
    case Kind::kTypeMail:
    case Kind::kTypeDiscovered: return CheckMailJudged();
    default: return rejected ? nullptr : CheckAddressChanged();
  }
}

Violation Case::CheckMailSent() {
  if (new_.mail != ChallengeState::kLive || new_.mail_slot != point_.slot)
    return "a send by e-mail did not leave its own challenge live (EM-11)";
  if (new_.mail_issued_by != new_.mark_run)
    return "a challenge does not know the run that issued it (C-07, D-06)";
  if (point_.message_slot != new_.mail_slot || !point_.message_right || !new_.mail_digest_right ||
      point_.message_spelling != new_.spelling)
    return "the e-mail and the stored challenge do not belong together (EM-03, D-07)";
  if (point_.minute < memory_.mail_ledger.locked_until)
    return "a locked Member was sent a passcode by e-mail (EM-05)";
  Issued(new_.mail_slot, &memory_.mail);
  return nullptr;
}

Violation Case::CheckMailJudged() {
  if (new_.mark_answer != 0) return Failed() ? CheckFailure() : nullptr;
  if (Violation v = WhyDead()) return v;
  if (point_.command.argument != memory_.mail.slot)
    return "success with a code that is not the live challenge's (A-02, A-07, S-10)";
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  if (!point_.effect) return "a success without its session effect (A-02)";
  if (new_.mail != ChallengeState::kUsed)
    return "the commit of a success does not consume its challenge (A-02)";
  if (!new_.address_verified && !OfAddress()) return "a success did not verify the address (EM-16)";
  state_.used = static_cast<uint16_t>(state_.used | Bit(memory_.mail.slot));
  Succeeded();
  if (OfAddress() && point_.has_message)
    return "a proof outside Organizations sent something (EM-28)";
  return CheckStepOfMail();
}

// The SMS of the MFA step (P-02), or none.
Violation Case::CheckStepOfMail() {
  if (point_.message_slot == 0) {
    return new_.slot == old_.slot ? nullptr : "an SMS was issued, and none is sent (P-02)";
  }
  if (new_.challenge != ChallengeState::kLive || new_.slot != point_.slot ||
      point_.message_slot != new_.slot || !point_.message_right ||
      point_.message_to != new_.number || !new_.digest_right)
    return "the SMS and the stored challenge do not belong together (S-10, D-07)";
  if (point_.minute < static_cast<const LedgerMemory&>(memory_).locked_until)
    return "a locked Member was sent a passcode (S-14)";
  Issued(new_.slot, &memory_);
  return nullptr;
}

// EM-20.
Violation Case::CheckAddressChanged() {
  if (new_.spelling != point_.command.argument) return "the address is another one (EM-03)";
  if (new_.spelling == old_.spelling) return nullptr;
  if (new_.mail == ChallengeState::kLive)
    return "a passcode outlived the address that it went to (EM-20)";
  if (new_.address_verified) return "a new address is verified (EM-16)";
  if (!old_.address_id.empty() && new_.address_id == old_.address_id)
    return "a new address has the id of the old one (EM-20)";
  memory_.mail.slot = 0;
  return nullptr;
}

// EM-13.
Violation Case::CheckMailVoid(uint8_t slot) {
  if ((state_.used & Bit(slot)) != 0)
    return "a report was applied to another challenge than its own (D-06)";
  if (new_.mail == ChallengeState::kLive)
    return "a failed delivery left its challenge live (D-02, EM-13)";
  if (new_.slot != old_.slot || new_.challenge != old_.challenge)
    return "a failed e-mail touched the passcode by SMS (EM-11)";
  memory_.mail.is_void = true;
  const bool latest = old_.mark_run != 0 && old_.mark_run == old_.mail_issued_by;
  if (latest && (new_.mark_operation != old_.mark_operation || new_.mark_answer == 0))
    return "a client that repeats the send would not hear that it failed (C-07, D-06)";
  return nullptr;
}

// EM-24, L-12.
Violation Case::CheckApart() const {
  for (uint8_t i = 0; i < point_.write_count; ++i) {
    if ((point_.writes[i].key == kAddress) != OfAddress())
      return "a Member's passcodes and those outside Organizations meet in one commit (L-12)";
  }
  return nullptr;
}

// EM-25.
Violation Case::CheckPurged() {
  if (state_.records[kAddress] != 0)
    return "a purge left what is remembered of its address (EM-25)";
  memory_ = MemberMemory();
  return nullptr;
}

// SE-03, EM-27.
Violation Case::CheckExchanged() {
  if (!point_.effect) return "an exchange without its session effect (SE-03)";
  if (!new_.address_verified) return "an exchange did not verify the address (EM-27)";
  return CheckStepOfMail();
}

}  // namespace model
}  // namespace otpcore
