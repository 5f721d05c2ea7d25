// SPDX-License-Identifier: Apache-2.0
#include "model_check/watch.h"

#include <algorithm>
#include <cstdlib>

#include "model_check/watch_case.h"

namespace otpcore {
namespace model {
namespace {

using Kind = CommandSpec::Kind;

// Whether the record that the flight has loaded shows the operation with its id, and if so whether
// it is repeated rightly: with the same command, and in time (C-07).
bool IsRepeated(const Point& point, const Flight& flight) {
  return point.operation != kNotRepeated && flight.seen.operation == point.operation;
}
bool IsRightlyRepeated(const Point& point, const Flight& flight) {
  const int life = static_cast<int>(ModelPolicy().operation_life / std::chrono::minutes(1));
  return flight.seen.command == point.command &&
         std::abs(int{point.minute} - int{flight.seen.minute}) < life;
}

}  // namespace

Violation Case::Check() {
  if (Violation v = CheckApart()) return v;
  if (point_.command.kind == Kind::kPurgeAddress) return CheckPurged();
  for (ChallengeMemory* memory :
       {static_cast<ChallengeMemory*>(&memory_), &memory_.change, &memory_.mail}) {
    if (memory->slot != 0) memory->seen = std::max(memory->seen, point_.minute);
  }
  if (memory_.app.slot != 0) memory_.app.seen = std::max(memory_.app.seen, point_.minute);
  const bool rejected = new_.mark_answer != 0 && !IsReport();
  if (Violation v = CheckCommon(rejected)) return v;
  if (Violation v = CheckAppCommon(rejected)) return v;
  if (Violation v = CheckMailCommon()) return v;
  NoteMark();
  if (point_.follow_up) return CheckReport(point_.slot);
  switch (point_.command.kind) {
    case Kind::kSend: return rejected ? nullptr : CheckSend();
    case Kind::kAuthenticate: return CheckJudgement();
    case Kind::kReport:
    case Kind::kReportDiscovered: return CheckReport(point_.command.argument);
    case Kind::kUnlock:
      static_cast<LedgerMemory&>(memory_) = memory_.mail_ledger = LedgerMemory();
      return nullptr;
    case Kind::kUnlockAddress: memory_.mail_ledger = LedgerMemory(); return nullptr;
    case Kind::kExchange: return rejected ? nullptr : CheckExchanged();
    case Kind::kDeleteNumber:
    case Kind::kDeleteMember: return rejected ? nullptr : CheckUnlinked();
    case Kind::kDeleteOwnNumber: return rejected ? nullptr : CheckOwnDeletion();
    case Kind::kGiveNumber: return rejected ? nullptr : CheckGiven();
    case Kind::kStartChange: return rejected ? nullptr : CheckStart();
    case Kind::kFinishChange: return CheckJudgement();
    case Kind::kStartOwnChange:
      return rejected ? nullptr : "a password started a change of phone (S-12, E-04)";
    case Kind::kReactivate:
      if (new_.phone != EnrollmentState::kNone) return "reactivation brought a number back (M-04)";
      return new_.registration == RegistrationState::kNone
                 ? nullptr
                 : "reactivation brought a registration back (M-09)";
    default: return IsOfMail(point_.command.kind) ? CheckMail(rejected) : CheckApp();
  }
}

bool Case::WritesClaim() const {
  for (uint8_t i = 0; i < point_.write_count; ++i) {
    if (point_.writes[i].key >= kClaimKeys && point_.writes[i].key < kEmailKeys) return true;
  }
  return false;
}
// Null while the latest challenge may be answered.
Violation Case::WhyDead() const {
  const ChallengeMemory& memory = judged();
  if (memory.slot == 0) return "accepted though no challenge is live (S-10, M-03)";
  if ((state_.used & Bit(memory.slot)) != 0) return "a passcode succeeded twice (A-02)";
  if (memory.epoch != state_.epoch) return "accepted a challenge of before a restore (L-10)";
  if (memory.is_void) return "accepted a challenge whose delivery had failed (D-02)";
  if (memory.failures >= policy_.challenge_failures_max)
    return "accepted though the challenge had failed too often (A-13)";
  if (std::max(point_.minute, memory.seen) >= memory.issued + Life())
    return "accepted after its expiry, by the latest clock the record has seen (S-09, T-02)";
  if (point_.minute < memory.issued) return "accepted before it was issued (T-02)";
  return nullptr;
}

Violation Case::CheckCommon(bool rejected) const {
  if (again_) return "a command was decided and committed twice (C-08)";
  if (new_.mark_run != point_.run) return "a record does not carry the run that wrote it (C-08)";
  if (IsRecorded(point_, old_) && !point_.follow_up)
    return "an operation that was committed before is committed again (C-07)";
  const bool counts = Judges() && (new_.mark_answer == 0 || (JudgesApp() ? FailedApp() : Failed()));
  const bool same_counters = CountersIn(old_, JudgesMail()) == CountersIn(new_, JudgesMail());
  if (Judges() && !counts && !same_counters)
    return "a code was judged against a dead challenge (A-04)";
  if (!counts && point_.command.kind != Kind::kUnlock && !same_counters)
    return "a command that judges no code changed the failure counters (L-01)";
  const bool asked_for_a_taken_number =  // S-19
      (point_.command.kind == Kind::kSend || point_.command.kind == Kind::kStartChange) &&
      new_.mark_answer == static_cast<uint16_t>(ErrorCode::kDuplicateMemberPhoneNumber);
  if (rejected &&
      (new_.sends != old_.sends + asked_for_a_taken_number || new_.mail_sends != old_.mail_sends))
    return "a rejected command changed the sends, or asked who has a number for nothing (S-19)";
  if (rejected && !(old_.rest == new_.rest))
    return "a rejected command changed more than counters (C-06)";
  if (rejected && (WritesClaim() || point_.effect))
    return "a rejected command changed a claim or a session (C-06)";
  if (new_.phone == EnrollmentState::kVerified && old_.phone != EnrollmentState::kVerified &&
      !(JudgesPasscode() && new_.mark_answer == 0))
    return "a number became verified without its passcode (E-02)";
  if (old_.phone == EnrollmentState::kVerified && new_.phone == EnrollmentState::kVerified &&
      old_.number != new_.number && !(Finishes() && new_.mark_answer == 0))
    return "a verified number was changed without its candidate's code (E-03, E-04)";
  const bool may_change_candidate = IsReport() || Finishes() ||
                                    point_.command.kind == Kind::kStartChange ||
                                    new_.phone == EnrollmentState::kNone;
  const bool same_candidate = old_.candidate == new_.candidate && old_.change == new_.change &&
                              old_.change_slot == new_.change_slot;
  if (!may_change_candidate && !same_candidate)
    return "another command changed the candidate (E-04)";
  if (new_.candidate != kNoNumber && new_.phone != EnrollmentState::kVerified)
    return "a candidate without a verified number (E-04)";
  if (new_.digest_loose)
    return "the stored digest fits another member, number, challenge or factor too (A-07)";
  return nullptr;
}

// A report goes into the mark of the send that it tells of, while that is the latest operation.
void Case::NoteMark() {
  const uint8_t slot = point_.follow_up ? point_.slot : point_.command.argument;
  const uint8_t issued_by = slot == old_.mail_slot     ? old_.mail_issued_by
                            : slot == old_.change_slot ? old_.change_issued_by
                                                       : old_.issued_by;
  if (IsReport() && old_.mark_run != 0 && old_.mark_run == issued_by) return;
  memory_.marked = Marked();
  if (point_.follow_up || point_.operation == kNotRepeated) return;
  memory_.marked = {point_.operation, point_.minute, point_.command};
}

bool Case::Failed() const {
  return new_.mark_answer == static_cast<uint16_t>(ErrorCode::kOtpCodeNotFound) &&
         (JudgesMail() ? seen_.mail
          : Finishes() ? seen_.change
                       : seen_.challenge) == ChallengeState::kLive &&
         judged().epoch == state_.epoch;
}
Violation Case::CheckSend() {
  if (new_.challenge != ChallengeState::kLive || new_.slot != point_.slot)
    return "a send did not leave its own challenge live (S-10)";
  if (new_.issued_by != new_.mark_run)
    return "a challenge does not know the run that issued it (C-07, D-06)";
  if (point_.message_slot != new_.slot || !point_.message_right ||
      point_.message_to != new_.number || !new_.digest_right)
    return "the SMS and the stored challenge do not belong together (S-10, D-07)";
  if (Locked()) return "a locked Member was sent a passcode (S-14)";
  if (old_.phone == EnrollmentState::kVerified &&
      (new_.phone != EnrollmentState::kVerified || new_.number != old_.number))
    return "a send changed a verified number (E-03)";
  if (old_.phone == EnrollmentState::kNone && new_.given_by_host)
    return "a send's number is kept as given by the host (S-12)";
  if (old_.phone == EnrollmentState::kPending && new_.number == old_.number && WritesClaim())
    return "a resend renewed the lease of a pending number (S-07)";
  Issued(new_.slot, &memory_);
  return nullptr;
}

void Case::Issued(uint8_t slot, ChallengeMemory* memory) const {
  memory->slot = slot;
  memory->issued = memory->seen = point_.minute;
  memory->epoch = state_.epoch;
  memory->is_void = false;
  memory->failures = 0;
}

// E-04.
Violation Case::CheckStart() {
  if (new_.change != ChallengeState::kLive || new_.change_slot != point_.slot ||
      new_.candidate != point_.command.argument)
    return "a start did not leave its own candidate open (E-04)";
  if (new_.change_issued_by != new_.mark_run)
    return "a challenge does not know the run that issued it (C-07, D-06)";
  if (point_.message_slot != new_.change_slot || !point_.message_right ||
      point_.message_to != new_.candidate || !new_.change_digest_right)
    return "the SMS and the candidate's challenge do not belong together (S-10, D-07)";
  if (Locked()) return "a locked Member was sent a passcode (S-14)";
  if (old_.phone != EnrollmentState::kVerified || new_.phone != old_.phone ||
      new_.number != old_.number || new_.slot != old_.slot || new_.challenge != old_.challenge)
    return "a start touched the number or its passcode (E-04)";
  if (new_.number == new_.candidate) return "the verified number is its own candidate (S-04)";
  if (old_.candidate != new_.candidate && HoldsClaimOf(old_.candidate))
    return "a candidate that was replaced keeps its claim (E-04)";
  if (old_.candidate != new_.candidate && !HoldsClaimOf(new_.candidate))
    return "a candidate was named without a claim (S-07)";
  Issued(new_.change_slot, &memory_.change);
  return nullptr;
}

Violation Case::CheckJudgement() {
  if (new_.mark_answer == 0) return CheckSuccess();
  if (Failed()) return CheckFailure();
  if (new_.mark_answer == static_cast<uint16_t>(ErrorCode::kDuplicateMemberPhoneNumber)) {
    // The challenge is spent without a success.
    if ((Finishes() ? new_.change : new_.challenge) == ChallengeState::kLive)
      return "a code that lost the race for its number stays live (A-08)";
    if (Finishes() && (new_.number != old_.number || new_.candidate != old_.candidate))
      return "a lost claim changed the number (A-08, E-04)";
    state_.used = static_cast<uint16_t>(state_.used | Bit(judged().slot));
  }
  return nullptr;
}

Violation Case::CheckSuccess() {
  if (Violation v = WhyDead()) return v;
  if (point_.command.argument != judged().slot)
    return "success with a code that is not the live challenge's (A-02, A-07, S-10)";
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  if (Finishes()) return CheckChanged();
  if (!point_.effect) return "a success without its session effect (A-02)";
  if (new_.challenge != ChallengeState::kUsed)
    return "the commit of a success does not consume its challenge (A-02)";
  state_.used = static_cast<uint16_t>(state_.used | Bit(memory_.slot));
  Succeeded();
  return nullptr;
}

// E-04; CheckClaims sees to the claims.
Violation Case::CheckChanged() {
  if (point_.effect) return "a change of phone gave a session something (E-04)";
  if (new_.phone != EnrollmentState::kVerified || new_.number != seen_.candidate)
    return "the candidate's right code did not make it the number (E-04)";
  if (new_.candidate != kNoNumber) return "a candidate that was proved is one still (E-04)";
  if (new_.challenge != ChallengeState::kNone)
    return "the passcode of a number that is gone is there still (E-04)";
  state_.used = static_cast<uint16_t>(state_.used | Bit(memory_.change.slot));
  Succeeded();
  memory_.slot = memory_.change.slot = 0;
  return nullptr;
}

Violation Case::CheckFailure() {
  if (WhyDead() != nullptr) return "a code was judged against a dead challenge (A-04)";
  if (point_.command.argument == judged().slot) return "the right code was a failure (A-03)";
  const uint8_t superseded = JudgesMail() ? old_.mail_superseded
                             : Finishes() ? old_.change_superseded
                                          : old_.superseded;
  if (superseded != 0 && point_.command.argument == superseded)
    return "the superseded code was counted (A-04)";
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  ++judged().failures;
  return CheckCounted(1);
}

Violation Case::CheckCounted(int weight) {
  if (Locked()) return "a guess was judged while the Member was locked (A-06)";
  LedgerMemory& ledger = this->ledger();
  const int budget = JudgesMail() ? policy_.email_rolling_failures : policy_.rolling_failures;
  ++ledger.in_a_row;
  ++ledger.since_success;
  ledger.since_unlock = static_cast<uint8_t>(ledger.since_unlock + weight);
  ledger.heaviest = std::max(ledger.heaviest, static_cast<uint8_t>(weight));
  if (ledger.since_unlock > budget - 1 + 2 * ledger.heaviest)
    return "more guesses than the Member's budget (L-04, L-11, L-12)";
  CountLocks(weight);
  const CountersView& counters = CountersIn(new_, JudgesMail());
  if (counters.in_a_row < ledger.in_a_row || counters.since_success < ledger.since_success ||
      counters.recent < std::min<int>(ledger.since_unlock, budget) ||
      counters.locked_until < ledger.locked_until)
    return "a failure was forgotten (L-01 … L-04, L-11)";
  return nullptr;
}

void Case::CountLocks(int weight) {
  LedgerMemory& ledger = this->ledger();
  const Duration rolling = JudgesMail() ? policy_.email_rolling_lock : policy_.rolling_lock;
  const int budget = JudgesMail() ? policy_.email_rolling_failures : policy_.rolling_failures;
  int lock = 0;
  if (ledger.since_unlock - weight >= budget)
    lock = weight * static_cast<int>(rolling / std::chrono::minutes(1));
  if (ledger.in_a_row >= policy_.lock_after_failures) {
    lock = std::max(lock, static_cast<int>(policy_.lock_duration / std::chrono::minutes(1))
                              << ledger.locks);
    ++ledger.locks;
    ledger.in_a_row = 0;
  }
  if (lock > 0)
    ledger.locked_until = std::max(ledger.locked_until, static_cast<uint8_t>(point_.minute + lock));
}

Violation Case::CheckReport(uint8_t slot) {
  if (slot != 0 && slot == memory_.change.slot) return CheckDropped(slot);
  if (slot != 0 && slot == memory_.mail.slot) return CheckMailVoid(slot);
  if (slot != memory_.slot || (state_.used & Bit(slot)) != 0)
    return "a report was applied to another challenge than its own (D-06)";
  if (new_.challenge == ChallengeState::kLive)
    return "a failed delivery left its challenge live (D-02, D-03)";
  memory_.is_void = true;
  const bool latest = old_.mark_run != 0 && old_.mark_run == old_.issued_by;
  if (latest && (new_.mark_operation != old_.mark_operation || new_.mark_answer == 0))
    return "a client that repeats the send would not hear that it failed (C-07, D-06)";
  return nullptr;
}

// The message to the candidate failed (E-04).
Violation Case::CheckDropped(uint8_t slot) {
  if ((state_.used & Bit(slot)) != 0)
    return "a report was applied to a candidate that was proved (D-06)";
  if (new_.candidate != kNoNumber || HoldsClaimOf(old_.candidate))
    return "a failed delivery left its candidate, or the lease of it (E-04)";
  if (new_.number != old_.number || new_.phone != old_.phone || new_.slot != old_.slot)
    return "a failed delivery to the candidate touched the number (E-04)";
  const bool latest = old_.mark_run != 0 && old_.mark_run == old_.change_issued_by;
  if (latest && (new_.mark_operation != old_.mark_operation || new_.mark_answer == 0))
    return "a client that repeats the start would not hear that it failed (C-07, D-06)";
  memory_.change.slot = 0;
  return nullptr;
}

Violation Case::CheckUnlinked() {
  if (new_.phone != EnrollmentState::kNone || new_.challenge == ChallengeState::kLive)
    return "a number was deleted, but it or its challenge is still there (M-03)";
  if (new_.candidate != kNoNumber || HoldsClaimOf(old_.candidate))
    return "a candidate, or its lease, outlived the number (E-04)";
  memory_.slot = memory_.change.slot = 0;
  if (point_.command.kind == Kind::kDeleteMember) {
    if (new_.registration != RegistrationState::kNone)
      return "a registration outlived its Member (M-09)";
    memory_.app = AppMemory();
  }
  return nullptr;
}

Violation Case::CheckOwnDeletion() {
  if (old_.phone == EnrollmentState::kVerified)
    return "a password deleted a verified number (S-12)";
  const bool lost = old_claim_.permanent && old_claim_.holder != point_.command.member;
  if (old_.given_by_host && !lost) return "a password deleted a number that the host gave (S-12)";
  return CheckUnlinked();
}

Violation Case::CheckGiven() const {
  if (old_.phone != EnrollmentState::kNone) return "an update replaced a number (M-02)";
  if (new_.phone != EnrollmentState::kPending || !new_.given_by_host)
    return "a number is not kept as given by the host (S-12)";
  return nullptr;
}

namespace {

Violation CheckSettlement(const Point& point, const Flight& flight) {
  if (point.settlements != (point.admitted ? 1 : 0))
    return "the guard was not told once how an admission ended (L-06)";
  if (!point.admitted) return nullptr;
  if (!point.admission_right) return "one run dealt with the guard under two ids (L-06)";
  const bool may_be_sent = (flight.flags & Flight::kSent) != 0 || point.doubtful_message;
  if (may_be_sent && point.settlement == Settlement::kReturned)
    return "quotas were given back though an SMS may have been sent (D-02, D-04)";
  // What the report does not give back stays spent (D-02).
  if (point.follow_up && !point.report_asked && point.settlement == Settlement::kReturned)
    return "quotas were given back, and the Member's send was not (D-02, D-03)";
  if (!may_be_sent && (!point.follow_up || point.report_committed) &&
      point.settlement == Settlement::kSpent)
    return "quotas stay spent though surely nothing was sent (L-06, D-03)";
  return nullptr;
}

// A code was answered without a commit: `seen` had to say so already.
Violation CheckUncounted(ErrorCode answer, ChallengeState seen, bool of_this_epoch) {
  switch (seen) {
    case ChallengeState::kLive:
      if (answer == ErrorCode::kOtpCodeNotFound && of_this_epoch)
        return "a guess was answered without being counted (A-04, K-10)";
      return nullptr;
    case ChallengeState::kNone:
    case ChallengeState::kVoid:
      return answer == ErrorCode::kUnableToAuthOtpCode
                 ? "a code was answered as if there had been one (A-03)"
                 : nullptr;
    default:
      return answer == ErrorCode::kOtpCodeNotFound
                 ? "a code was answered as if there had never been one (A-03)"
                 : nullptr;
  }
}

}  // namespace

Violation CheckCommit(const Point& point) {
  for (uint8_t i = 0; i < point.write_count; ++i) {
    const uint8_t expected = point.writes[i].expected;
    if (expected != 0 && expected != kFirstRevision)
      return "a commit expects another revision than the one it was decided on (C-08)";
  }
  return nullptr;
}

Violation CheckApplied(const Applied& applied, State* state) {
  if (Violation v = Case(applied, state).Check()) return v;
  return CheckClaims(applied.records, *state);
}

Violation CheckClaims(const RecordTable& records, const State& state) {
  const auto view = [&](int key) -> const RecordView& {
    return records.at(state.records[static_cast<size_t>(key)]).view;
  };
  for (int number = 0; number < kNumbers; ++number) {
    const RecordView& claim = view(ClaimOf(number));
    for (int member = 0; member < kMembers; ++member) {
      const RecordView& record = view(member);
      const bool verified = record.phone == EnrollmentState::kVerified &&
                            record.number == static_cast<uint8_t>(number);
      const bool claims = claim.permanent && claim.holder == member;
      if (verified && !claims)
        return "a verified number without the permanent claim of its Member (S-07, A-08)";
      if (claims && !verified) return "a permanent claim of a Member who has not the number (S-07)";
    }
  }
  return nullptr;
}

Violation CheckDelivery(const Point& point, const Flight& flight, State* state) {
  if ((flight.flags & Flight::kApplied) == 0)
    return "an SMS whose commit is not in the store (D-07, K-10)";
  if (!point.message_right || point.message_slot != point.slot)
    return "an SMS with another code than the committed one (D-07)";
  if ((state->sent & Bit(point.message_slot)) != 0) return "a second SMS for one challenge (D-07)";
  state->sent = static_cast<uint16_t>(state->sent | Bit(point.message_slot));
  return nullptr;
}

Violation CheckSessionEffect(const Point& point, const Flight& flight) {
  if ((flight.flags & Flight::kApplied) != 0) return nullptr;
  // Of a repeated success it is asked for again (C-07, A-12).
  if (IsRepeated(point, flight)) {
    return IsRightlyRepeated(point, flight)
               ? nullptr
               : "a success was given to another request than its own, or too late (C-07)";
  }
  return "a success was shown before its commit (C-08, K-10)";
}

Violation CheckAnswer(const Point& point, const RecordTable& records, const Flight& flight,
                      const State& state) {
  if (Violation v = CheckSettlement(point, flight)) return v;
  const bool exchanged = (flight.flags & Flight::kConsumed) != 0;
  if (point.command.kind == Kind::kExchange && point.answer == ErrorCode::kOk && !exchanged)
    return "an exchange succeeded with a token that another one had (SE-06)";
  if (!point.shows_both) return "a success does not show what was committed (C-08)";
  if ((flight.flags & Flight::kApplied) != 0) return nullptr;
  if (point.committed) return "an answer left before its commit (C-08)";
  const RecordView& seen = records.at(point.member_seen).view;
  if (IsRepeated(point, flight)) {
    if (point.answer == ErrorCode::kServerUnavailable ||
        point.answer == ErrorCode::kInternalServerError)
      return nullptr;
    if (!IsRightlyRepeated(point, flight)) {
      return point.answer == ErrorCode::kBadRequest
                 ? nullptr
                 : "an operation id came with another request, or too late, and was not refused "
                   "(C-07)";
    }
    return static_cast<uint16_t>(point.answer) == seen.mark_answer
               ? nullptr
               : "a repeated operation got another answer than the recorded one (C-07)";
  }
  const MemberMemory& memory = state.memory[point.command.member];
  Violation v = nullptr;
  if (point.command.kind == Kind::kAuthenticate)
    v = CheckUncounted(point.answer, seen.challenge, memory.epoch == state.epoch);
  if (point.command.kind == Kind::kFinishChange)
    v = CheckUncounted(point.answer, seen.change, memory.change.epoch == state.epoch);
  if (point.command.kind == Kind::kTypeMail || point.command.kind == Kind::kTypeDiscovered)
    v = CheckUncounted(point.answer, seen.mail, memory.mail.epoch == state.epoch);
  if (v == nullptr) v = CheckUncountedApp(point, seen, memory.app.epoch == state.epoch);
  if (v != nullptr) return v;
  // A report that comes too late succeeds and changes nothing (D-06), as what is done to an address
  // of which nothing is remembered.
  const bool nothing_there =
      point.member_seen == 0 &&
      (point.command.kind == Kind::kUnlockAddress || point.command.kind == Kind::kPurgeAddress);
  if (point.answer == ErrorCode::kOk && !IsLateReport(point.command.kind) && !nothing_there)
    return "a success was answered before its commit (C-08)";
  return nullptr;
}

}  // namespace model
}  // namespace otpcore
