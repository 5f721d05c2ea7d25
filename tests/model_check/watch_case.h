// SPDX-License-Identifier: Apache-2.0
// One commit under examination: what watch.cc and watch_app.cc share.
#ifndef OTPCORE_TESTS_MODEL_CHECK_WATCH_CASE_H_
#define OTPCORE_TESTS_MODEL_CHECK_WATCH_CASE_H_

#include <algorithm>

#include "model_check/watch.h"

namespace otpcore {
namespace model {

inline size_t ClaimKeyOf(uint8_t number) { return static_cast<size_t>(ClaimOf(number)); }
inline uint16_t Bit(uint8_t slot) { return static_cast<uint16_t>(1u << slot); }

// Whether the record has the answer of this operation.
inline bool IsRecorded(const Point& point, const RecordView& record) {
  return point.operation != kNotRepeated && record.mark_operation == point.operation;
}

// A code of an app or a recovery code was answered without a commit: `seen` had to say so already.
Violation CheckUncountedApp(const Point& point, const RecordView& seen, bool of_this_epoch);

class Case {
 public:
  Case(const Applied& applied, State* state)
      : point_(applied.point),
        again_((applied.flight.flags & Flight::kApplied) != 0 && !applied.point.follow_up),
        policy_(applied.policy),
        records_(applied.records),
        state_(*state),
        memory_(state->memory[applied.point.command.member]),
        old_(applied.records.at(applied.before[applied.point.command.member]).view),
        seen_(applied.records.at(applied.point.member_seen).view),
        new_(applied.records.at(state->records[applied.point.command.member]).view),
        old_claim_(old_.number == kNoNumber
                       ? applied.records.at(0).view
                       : applied.records.at(applied.before[ClaimKeyOf(old_.number)]).view) {}

  Violation Check();

 private:
  using Kind = CommandSpec::Kind;

  // ---- watch.cc ----
  bool IsReport() const { return point_.follow_up || IsLateReport(point_.command.kind); }
  bool Finishes() const { return point_.command.kind == Kind::kFinishChange && !point_.follow_up; }
  bool JudgesPasscode() const {
    return Finishes() || (point_.command.kind == Kind::kAuthenticate && !point_.follow_up);
  }
  bool OfAddress() const { return IsOfAddress(point_.command.kind); }
  bool JudgesMail() const {
    const bool types =
        point_.command.kind == Kind::kTypeMail || point_.command.kind == Kind::kTypeDiscovered;
    return types && !point_.follow_up;
  }
  bool Judges() const { return JudgesPasscode() || JudgesApp() || JudgesMail(); }
  // The challenge that a typed code is for, and where its failures are counted (L-12).
  ChallengeMemory& judged() const {
    return JudgesMail() ? memory_.mail : Finishes() ? memory_.change : memory_;
  }
  LedgerMemory& ledger() const {
    return JudgesMail() ? memory_.mail_ledger : static_cast<LedgerMemory&>(memory_);
  }
  static const CountersView& CountersIn(const RecordView& view, bool mail) {
    return mail ? view.mail_counters : view;
  }
  bool WritesClaim() const;
  bool Locked() const { return point_.minute < ledger().locked_until; }
  bool Answers(ErrorCode code) const { return new_.mark_answer == static_cast<uint16_t>(code); }
  int Life() const {
    return JudgesMail() ? kMailLife
                        : static_cast<int>(policy_.passcode_life / std::chrono::minutes(1));
  }
  Violation WhyDead() const;
  Violation CheckCommon(bool rejected) const;
  void NoteMark();
  bool Failed() const;
  bool HoldsClaimOf(uint8_t number) const {
    return number != kNoNumber && claim(number).holder == point_.command.member;
  }
  const RecordView& claim(uint8_t number) const {
    return records_.at(state_.records[ClaimKeyOf(number)]).view;
  }
  Violation CheckSend();
  void Issued(uint8_t slot, ChallengeMemory* memory) const;
  Violation CheckStart();
  Violation CheckJudgement();
  Violation CheckSuccess();
  Violation CheckChanged();
  Violation CheckFailure();
  // A failure of this weight was counted (L-01 … L-04, L-11).
  Violation CheckCounted(int weight);
  void CountLocks(int weight);
  void Succeeded() { ledger().in_a_row = ledger().since_success = ledger().locks = 0; }
  Violation CheckReport(uint8_t slot);
  Violation CheckDropped(uint8_t slot);
  Violation CheckUnlinked();
  Violation CheckOwnDeletion();
  Violation CheckGiven() const;

  // ---- Passcodes by e-mail (watch_mail.cc) ----
  Violation CheckMailCommon() const;
  Violation CheckMail(bool rejected);
  Violation CheckMailSent();
  Violation CheckMailJudged();
  Violation CheckStepOfMail();
  Violation CheckAddressChanged();
  Violation CheckMailVoid(uint8_t slot);

  // ---- Outside Organizations (watch_mail.cc) ----
  Violation CheckApart() const;
  Violation CheckPurged();
  Violation CheckExchanged();

  // ---- Registrations and recovery codes (watch_app.cc) ----
  bool JudgesApp() const {
    return TypesAppCode(point_.command.kind) || point_.command.kind == Kind::kRecover;
  }
  bool FailedApp() const {
    return point_.command.kind == Kind::kRecover
               ? Answers(ErrorCode::kUnableToAuthenticateRecoveryCode)
               : Answers(ErrorCode::kUnableToAuthenticateTotp);
  }
  // A commit that is no success and changes the registration all the same.
  bool SeesEnd() const;
  bool UsesUpRestored() const {
    return TypesAppCode(point_.command.kind) && Answers(ErrorCode::kTotpCodeAlreadyAuthenticated);
  }
  bool AppHasEnded() const;
  bool AppIsAhead() const;
  bool IsInWindow(int step) const;
  int TypedStep() const { return kSteps[IndexOfTyped(point_.command.argument)]; }
  bool TypedOwnCode() const;
  Violation CheckAppCommon(bool rejected) const;
  Violation CheckApp();
  Violation CheckCreated();
  Violation CheckAppCode();
  Violation CheckAppSuccess();
  Violation CheckRestoredCode();
  Violation CheckRecovery();
  Violation CheckRotated();
  Violation CheckAppDeleted();

  const Point& point_;
  const bool again_;  // a commit of the same command was applied before
  const Policy& policy_;
  const RecordTable& records_;
  State& state_;
  MemberMemory& memory_;
  const RecordView& old_;   // in the store until now
  const RecordView& seen_;  // that the decision was made on
  const RecordView& new_;
  const RecordView& old_claim_;  // of the number that the Member had
};

}  // namespace model
}  // namespace otpcore

#endif  // OTPCORE_TESTS_MODEL_CHECK_WATCH_CASE_H_
