// SPDX-License-Identifier: Apache-2.0
// The driver with a command that knows nothing of passcodes: what it asks for, in which order, and
// what it makes of each outcome (C-08, T-01).
#include "otpcore/engine/operation.h"

#include <gtest/gtest.h>

namespace otpcore {
namespace {

const RecordKey kKey = {RecordKind::kMember, "o", "m"};

// As a command draws it: of the attempt's entropy.
AdmissionId DrawnId(const Facts& facts) {
  return {{facts.entropy.Reveal(SecretAccess("a test"))[0]}};
}

// Loads one record, asks for admission if told to, and writes it with the operation's mark.
struct CountingCommand final : Command {
  CountingCommand(OperationId own_id, bool with_admission, bool with_message, bool with_session)
      : id(own_id), admits(with_admission), sends(with_message), touches_session(with_session) {}
  Decision Plan(const Facts& facts) const override {
    const LoadedRecord* const loaded = facts.Find(kKey);
    if (loaded == nullptr) return LoadMore{{kKey}, {}, true};
    if (admits && !facts.admission) return Admit{DrawnId(facts), {Quota()}};
    Commit commit;
    MemberRecord record;
    record.mark = {id, CommandKind::kSendSmsOtp, 0};
    record.updated_at = facts.now;
    commit.changes.writes.push_back({kKey, loaded->revision, record});
    if (sends) {
      commit.changes.message = std::make_unique<Message>();
      commit.answer.hints.expires_at = facts.now + std::chrono::minutes(2);
    }
    if (touches_session) commit.changes.session_effect = SessionEffect();
    return commit;
  }
  std::unique_ptr<Command> AfterDelivery(const Changes&, const Delivery&) const override {
    OperationId follow_up;
    follow_up.bytes[0] = 2;
    return std::make_unique<CountingCommand>(follow_up, false, false, false);
  }
  OperationId id;
  bool admits, sends, touches_session;
};

OperationId Id1() {
  OperationId id;
  id.bytes[0] = 1;
  return id;
}

Operation Make(bool admits = false, bool sends = false, bool touches_session = false) {
  return Operation(std::make_unique<CountingCommand>(Id1(), admits, sends, touches_session));
}

Loaded LoadedWith(Revision revision, const OperationMark& mark = {}, Instant now = Instant()) {
  Loaded loaded;
  loaded.ok = true;
  loaded.now = now;
  MemberRecord record;
  record.mark = mark;
  loaded.has_entropy = true;
  loaded.entropy.RevealMutable(SecretAccess("a test"))[0] = 9;
  loaded.records.push_back({kKey, revision, std::move(record)});
  return loaded;
}

template <typename T>
bool Is(const Need& need) {
  return std::holds_alternative<T>(need);
}
Settlement SettlementOf(const Need& need) { return std::get<Done>(need).settlement; }

TEST(Operation, GoesFromLoadToCommitToDone) {
  Operation operation = Make();
  Need need = operation.Start();
  ASSERT_TRUE(Is<NeedLoad>(need));
  EXPECT_EQ(std::get<NeedLoad>(need).keys->front(), kKey);
  EXPECT_TRUE(std::get<NeedLoad>(need).entropy);
  EXPECT_EQ(std::get<NeedLoad>(need).session, nullptr);
  need = operation.OnLoaded(LoadedWith(4));
  ASSERT_TRUE(Is<NeedCommit>(need));
  EXPECT_EQ(std::get<NeedCommit>(need).changes->writes.front().expected, 4u);
  need = operation.OnCommitted(CommitOutcome::kCommitted);
  ASSERT_TRUE(Is<Done>(need));
  EXPECT_EQ(SettlementOf(need), Settlement::kNone);
  const Conclusion conclusion = operation.TakeConclusion();
  EXPECT_EQ(conclusion.fault, Fault::kNone);
  EXPECT_EQ(conclusion.changes.writes.size(), 1u);
}

TEST(Operation, AdmitsBeforeItCommitsAndDeliversAfter) {
  Operation operation = Make(true, true, true);
  operation.Start();
  Need need = operation.OnLoaded(LoadedWith(0));
  ASSERT_TRUE(Is<NeedAdmission>(need));
  EXPECT_EQ(std::get<NeedAdmission>(need).id, AdmissionId{{9}});
  EXPECT_EQ(std::get<NeedAdmission>(need).quotas->size(), 1u);
  EXPECT_TRUE(Is<NeedCommit>(operation.OnAdmitted(Admission())));
  EXPECT_TRUE(Is<NeedSessionEffect>(operation.OnCommitted(CommitOutcome::kCommitted)));
  EXPECT_TRUE(Is<NeedDelivery>(operation.OnSessionEffect(true)));
  need = operation.OnDelivered(Delivery());
  ASSERT_TRUE(Is<Done>(need));
  EXPECT_EQ(SettlementOf(need), Settlement::kSpent);
}

TEST(Operation, IsAdmittedUnderOneIdHoweverOftenItPlans) {  // L-06
  Operation operation = Make(true);
  Need need = operation.Start();
  for (uint8_t drawn = 1; drawn <= Operation::kAttemptsMax; ++drawn) {
    Loaded loaded = LoadedWith(0);
    loaded.entropy.RevealMutable(SecretAccess("a test"))[0] = drawn;
    need = operation.OnLoaded(std::move(loaded));
    EXPECT_EQ(std::get<NeedAdmission>(need).id, AdmissionId{{1}});
    operation.OnAdmitted(Admission());
    need = operation.OnCommitted(CommitOutcome::kConflict);
  }
  EXPECT_EQ(std::get<Done>(need).admission, AdmissionId{{1}});
}

TEST(Operation, AConflictDropsAllFactsAndPlansAgainFourTimes) {  // T-01
  Operation operation = Make(true);
  Need need = operation.Start();
  for (int attempt = 1; attempt <= Operation::kAttemptsMax; ++attempt) {
    ASSERT_TRUE(Is<NeedLoad>(need)) << attempt;
    EXPECT_TRUE(std::get<NeedLoad>(need).entropy);  // anew for each attempt
    const Instant now = Instant::FromUnixMillis(1000 * attempt);
    ASSERT_TRUE(Is<NeedAdmission>(operation.OnLoaded(LoadedWith(0, {}, now))));
    need = operation.OnAdmitted(Admission());
    const Write& write = std::get<NeedCommit>(need).changes->writes.front();
    EXPECT_EQ(std::get<MemberRecord>(write.record).updated_at, now);
    need = operation.OnCommitted(CommitOutcome::kConflict);
  }
  ASSERT_TRUE(Is<Done>(need));
  EXPECT_EQ(SettlementOf(need), Settlement::kReturned);
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kContention);
}

TEST(Operation, AFailedLoadEndsItWithNothingDone) {
  Operation operation = Make();
  operation.Start();
  EXPECT_TRUE(Is<Done>(operation.OnLoaded(Loaded())));
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnavailable);
}

TEST(Operation, AnUnavailableCommitEndsItWithTheAdmissionReturned) {
  Operation operation = Make(true);
  operation.Start();
  operation.OnLoaded(LoadedWith(0));
  operation.OnAdmitted(Admission());
  EXPECT_EQ(SettlementOf(operation.OnCommitted(CommitOutcome::kUnavailable)),
            Settlement::kReturned);
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnavailable);
}

// C-08, K-10: what an unknown commit is resolved to.
class UnknownCommit : public ::testing::Test {
 protected:
  UnknownCommit() : operation(Make(true, true)) {
    operation.Start();
    operation.OnLoaded(LoadedWith(4));
    operation.OnAdmitted(Admission());
    need = operation.OnCommitted(CommitOutcome::kUnknown);
  }
  const OperationMark own = {Id1(), CommandKind::kSendSmsOtp, 0};
  Operation operation;
  Need need = Done();
};

TEST_F(UnknownCommit, IsReadAgain) {
  ASSERT_TRUE(Is<NeedLoad>(need));
  EXPECT_EQ(*std::get<NeedLoad>(need).keys, std::vector<RecordKey>{kKey});
  EXPECT_FALSE(std::get<NeedLoad>(need).entropy);
}
TEST_F(UnknownCommit, WithTheRevisionUnchangedIsCommittedAgain) {
  EXPECT_TRUE(Is<NeedCommit>(operation.OnLoaded(LoadedWith(4))));
  EXPECT_TRUE(Is<NeedDelivery>(operation.OnCommitted(CommitOutcome::kCommitted)));
}
TEST_F(UnknownCommit, WithItsOwnMarkWasCommitted) {
  EXPECT_TRUE(Is<NeedDelivery>(operation.OnLoaded(LoadedWith(5, own))));
}
TEST_F(UnknownCommit, WithAnothersMarkStaysUnknownAndDeliversNothing) {
  OperationMark other = own;
  other.id.bytes[0] = 9;
  need = operation.OnLoaded(LoadedWith(5, other));
  ASSERT_TRUE(Is<Done>(need));
  EXPECT_EQ(SettlementOf(need), Settlement::kSpent);
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnknown);
}
TEST_F(UnknownCommit, WhoseRereadFailsStaysUnknown) {
  EXPECT_TRUE(Is<Done>(operation.OnLoaded(Loaded())));
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnknown);
}
TEST_F(UnknownCommit, IsResolvedAfterAConflictToo) {
  // The first commit was slow, not lost: it lands between the read and the second commit.
  EXPECT_TRUE(Is<NeedCommit>(operation.OnLoaded(LoadedWith(4))));
  EXPECT_TRUE(Is<NeedLoad>(operation.OnCommitted(CommitOutcome::kConflict)));
  EXPECT_TRUE(Is<NeedDelivery>(operation.OnLoaded(LoadedWith(5, own))));
}
TEST_F(UnknownCommit, IsNotDecidedTwiceAfterUnavailable) {
  EXPECT_TRUE(Is<NeedCommit>(operation.OnLoaded(LoadedWith(4))));
  EXPECT_TRUE(Is<NeedLoad>(operation.OnCommitted(CommitOutcome::kUnavailable)));
}
TEST_F(UnknownCommit, IsGivenUpAfterFourTries) {
  int reads = 1;
  while (Is<NeedLoad>(need)) {
    ASSERT_TRUE(Is<NeedCommit>(operation.OnLoaded(LoadedWith(4))));
    need = operation.OnCommitted(CommitOutcome::kUnknown);
    if (Is<NeedLoad>(need)) ++reads;
  }
  EXPECT_EQ(reads, Operation::kAttemptsMax);
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnknown);
}

TEST(Operation, RunsTheFollowUpWhenADeliveryWasNotAccepted) {  // D-06
  Operation operation = Make(false, true);
  operation.Start();
  operation.OnLoaded(LoadedWith(0));
  operation.OnCommitted(CommitOutcome::kCommitted);
  ASSERT_TRUE(Is<NeedLoad>(operation.OnDelivered({Delivery::Kind::kRejected, false})));
  Need need = operation.OnLoaded(LoadedWith(1));
  ASSERT_TRUE(Is<NeedCommit>(need));
  EXPECT_EQ(MarkOf(std::get<NeedCommit>(need).changes->writes.front().record).id.bytes[0], 2);
  EXPECT_TRUE(Is<Done>(operation.OnCommitted(CommitOutcome::kUnavailable)));
  const Conclusion conclusion = operation.TakeConclusion();
  EXPECT_EQ(conclusion.fault, Fault::kNone);  // its failure changes no answer
  EXPECT_EQ(conclusion.delivery->kind, Delivery::Kind::kRejected);
}

// C-08, D-06: the follow-up is tried as often as the command was, whatever became of that.
TEST(Operation, TheFollowUpHasAttemptsOfItsOwn) {
  Operation operation = Make(false, true);
  Need need = operation.Start();
  for (int attempt = 1; attempt < Operation::kAttemptsMax; ++attempt) {
    operation.OnLoaded(LoadedWith(0));
    need = operation.OnCommitted(CommitOutcome::kConflict);
  }
  operation.OnLoaded(LoadedWith(0));
  operation.OnCommitted(CommitOutcome::kUnknown);
  operation.OnLoaded(LoadedWith(0));
  ASSERT_TRUE(Is<NeedDelivery>(operation.OnCommitted(CommitOutcome::kCommitted)));
  need = operation.OnDelivered({Delivery::Kind::kRejected, false});
  for (int attempt = 1; attempt <= Operation::kAttemptsMax; ++attempt) {
    ASSERT_TRUE(Is<NeedLoad>(need)) << attempt;
    EXPECT_TRUE(std::get<NeedLoad>(need).entropy) << "planned afresh: no commit is in doubt";
    ASSERT_TRUE(Is<NeedCommit>(operation.OnLoaded(LoadedWith(1))));
    need = operation.OnCommitted(CommitOutcome::kConflict);
  }
  EXPECT_TRUE(Is<Done>(need));
}

TEST(Operation, AFollowUpThatStaysUnknownIsGivenUpAfterFourTries) {  // C-08, D-06
  Operation operation = Make(false, true);
  operation.Start();
  operation.OnLoaded(LoadedWith(0));
  operation.OnCommitted(CommitOutcome::kCommitted);
  operation.OnDelivered({Delivery::Kind::kRejected, false});
  operation.OnLoaded(LoadedWith(1));
  Need need = operation.OnCommitted(CommitOutcome::kUnknown);
  int reads = 0;
  for (; Is<NeedLoad>(need); ++reads) {
    ASSERT_TRUE(Is<NeedCommit>(operation.OnLoaded(LoadedWith(1))));
    need = operation.OnCommitted(CommitOutcome::kUnknown);
  }
  EXPECT_EQ(reads, Operation::kAttemptsMax);
}

TEST(Operation, ASessionThatCannotBeChangedIsAnsweredAsUnavailable) {
  Operation operation = Make(false, false, true);
  operation.Start();
  operation.OnLoaded(LoadedWith(0));
  operation.OnCommitted(CommitOutcome::kCommitted);
  EXPECT_TRUE(Is<Done>(operation.OnSessionEffect(false)));
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnavailable);
}

TEST(Operation, AnOutcomeThatWasNotAskedForEndsItAsMisuse) {
  const auto fault = [](auto&& misuse) {
    Operation operation = Make();
    misuse(operation);
    return operation.TakeConclusion().fault;
  };
  EXPECT_EQ(fault([](Operation& o) { o.OnLoaded(LoadedWith(0)); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Operation& o) { o.OnAdmitted(Admission()); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Operation& o) { o.OnCommitted(CommitOutcome::kCommitted); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Operation& o) { o.OnSessionEffect(true); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Operation& o) { o.OnDelivered(Delivery()); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Operation& o) {
              o.Start();
              o.Start();
            }),
            Fault::kMisuse);
  EXPECT_EQ(fault([](Operation& o) {  // done already
              o.Start();
              o.OnLoaded(LoadedWith(0));
              o.OnCommitted(CommitOutcome::kCommitted);
              o.OnCommitted(CommitOutcome::kCommitted);
            }),
            Fault::kMisuse);
  EXPECT_EQ(ErrorOf(Fault::kMisuse).code(), ErrorCode::kInternalServerError);
  for (const Fault other : {Fault::kUnavailable, Fault::kContention, Fault::kUnknown})
    EXPECT_EQ(ErrorOf(other).code(), ErrorCode::kServerUnavailable);
}

}  // namespace
}  // namespace otpcore
