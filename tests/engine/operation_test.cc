// SPDX-License-Identifier: Apache-2.0
// The driver with commands that know nothing of passcodes: what it asks for, in which order, and
// what it makes of each outcome (C-07, C-08, T-01, R-02).
#include "otpcore/engine/operation.h"

#include <gtest/gtest.h>

#include "fixture.h"

namespace otpcore {
namespace {

const EntityId kOrganization = "o";
const RecordKey kKey = RecordKey::Member(kOrganization, "m");
const RecordKey kOtherKey = RecordKey::Member(kOrganization, "n");

OperationId Id1() { return {{1}}; }

std::string RecordBy(RunId run) {
  MemberRecord record;
  record.mark.run = run;
  return testing::Packed(record);
}

struct TestCommand : Command {
  const CallContext& context() const override { return own_context; }
  size_t entropy_bytes() const override { return kEntropyForPasscode; }
  CallContext own_context = {nullptr, Id1(), CommandKind::kSendSmsOtp};
};

// Loads one record, asks for admission if told to, and writes it with the operation's mark.
struct Counting final : TestCommand {
  Counting() = default;
  Counting(bool with_admission, bool with_message, bool with_session)
      : admits(with_admission), sends(with_message), touches_session(with_session) {}
  void Plan(const Facts& facts, Decision* decision) const override {
    const LoadedRecord* const loaded = facts.Find(kKey);
    if (loaded == nullptr) return decision->Load(kKey);
    if (admits && !facts.admission) {
      decision->kind = Decision::Kind::kAdmit;
      decision->admission_id = {{facts.entropy.new_id[0]}};
      decision->quotas = {Quota()};
      if (!quota_region.empty()) {
        Quota quota;
        quota.region = quota_region;
        decision->quotas = {quota};
      }
      return;
    }
    if (answers) return;
    if (decides_nothing) {
      decision->kind = static_cast<Decision::Kind>(99);
      return;
    }
    MemberRecord record;
    record.mark.run = facts.run();
    record.updated_at = facts.now;
    decision->Write(*loaded, record);
    if (sends) decision->AddMessage();
    decision->spends_admission = sends;
    if (touches_session) decision->AddSessionEffect();
  }
  std::unique_ptr<Command> AfterDelivery(const Decision&, const Delivery&) const override {
    if (!follows_up) return nullptr;
    if (!follows_up_like_itself) return std::make_unique<Counting>();
    auto like_itself = std::make_unique<Counting>(admits, sends, touches_session);
    like_itself->follows_up = false;
    return like_itself;
  }
  bool admits = false, sends = false, touches_session = false, follows_up = true, answers = false;
  bool decides_nothing = false, follows_up_like_itself = false;
  mutable RegionCode quota_region;
};

// An operation, and what a test hands it.
struct Driven {
  explicit Driven(bool admits = false, bool sends = false, bool touches_session = false)
      : command(admits, sends, touches_session) {}

  Need Start() { return need = operation->Start(); }
  // Answers the load in `need` with a record of this revision; 0: absent.
  Need Load(Revision revision, RunId run = 0, Instant now = {}, uint8_t drawn = 9) {
    auto& load = std::get<NeedLoad>(need);
    if (revision != 0) load.batch.Found(0, revision, RecordBy(run));
    Loaded loaded;
    loaded.ok = true;
    loaded.now = now;
    loaded.has_entropy = load.entropy != nullptr;
    if (load.entropy != nullptr) {
      load.entropy->new_id.fill(drawn);
      load.entropy->run_id.fill(drawn);
    }
    return need = operation->OnLoaded(loaded);
  }
  Need LoadFails() { return need = operation->OnLoaded(Loaded()); }
  Need Admit() { return need = operation->OnAdmitted(Admission()); }
  Need Commit(CommitOutcome outcome) { return need = operation->OnCommitted(outcome); }
  Need Deliver(Delivery::Kind kind) { return need = operation->OnDelivered({kind, false}); }
  Fault fault() const { return operation->conclusion().fault; }

  Counting command;
  std::unique_ptr<Operation> operation = std::make_unique<Operation>(command);
  Need need = Done();
};
constexpr RunId kOwnRun = 0x0909090909090909;

template <typename T>
bool Is(const Need& need) {
  return std::holds_alternative<T>(need);
}

TEST(Operation, GoesFromLoadToCommitToDone) {
  Driven driven;
  Need need = driven.Start();
  ASSERT_TRUE(Is<NeedLoad>(need));
  EXPECT_EQ(std::get<NeedLoad>(need).batch.key(0), kKey);
  EXPECT_NE(std::get<NeedLoad>(need).entropy, nullptr);
  EXPECT_EQ(std::get<NeedLoad>(need).entropy_bytes, kEntropyForPasscode);
  EXPECT_EQ(std::get<NeedLoad>(need).session, nullptr);
  need = driven.Load(4);
  ASSERT_TRUE(Is<NeedCommit>(need));
  EXPECT_EQ(std::get<NeedCommit>(need).changes->writes.front().expected, 4u);
  EXPECT_EQ(*std::get<NeedCommit>(need).changes->writes.front().key, kKey);
  ASSERT_TRUE(Is<Done>(driven.Commit(CommitOutcome::kCommitted))) << "nothing to settle";
  EXPECT_EQ(driven.fault(), Fault::kNone);
  EXPECT_TRUE(driven.operation->conclusion().committed);
}

TEST(Operation, AdmitsBeforeItCommitsAndSettlesAfterItDelivered) {
  Driven driven(true, true, true);
  driven.Start();
  Need need = driven.Load(0);
  ASSERT_TRUE(Is<NeedAdmission>(need));
  EXPECT_EQ(std::get<NeedAdmission>(need).id, AdmissionId{{9}});
  EXPECT_EQ(std::get<NeedAdmission>(need).quotas->size(), 1u);
  EXPECT_TRUE(Is<NeedCommit>(driven.Admit()));
  EXPECT_TRUE(Is<NeedSessionEffect>(driven.Commit(CommitOutcome::kCommitted)));
  EXPECT_TRUE(Is<NeedDelivery>(driven.operation->OnSessionEffect(true)));
  need = driven.Deliver(Delivery::Kind::kAccepted);
  ASSERT_TRUE(Is<NeedSettlement>(need));
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kSpent);
  EXPECT_EQ(std::get<NeedSettlement>(need).id, AdmissionId{{9}});
  EXPECT_TRUE(Is<Done>(driven.operation->OnSettled()));
}

TEST(Operation, GivesBackWhatNoCommitSpends) {  // L-06
  Driven answers(true);
  answers.command.answers = true;
  answers.Start();
  answers.Load(0);
  Need need = answers.Admit();
  ASSERT_TRUE(Is<NeedSettlement>(need));
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kReturned);
  // A commit that sends nothing, as of a refusal that is written.
  Driven writes(true);
  writes.Start();
  writes.Load(0);
  writes.Admit();
  need = writes.Commit(CommitOutcome::kCommitted);
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kReturned);
}

// A sign-in by e-mail has an effect and, unless the guard refused it after a conflict, a message:
// that leaves all the same, for a repetition says that it did.
TEST(Operation, AnEffectThatFailsKeepsOnlyWhatAMessageSpent) {  // L-06, D-03, P-02
  for (const bool sends : {false, true}) {
    Driven driven(true, sends, true);
    driven.Start();
    driven.Load(0);
    driven.Admit();
    ASSERT_TRUE(Is<NeedSessionEffect>(driven.Commit(CommitOutcome::kCommitted)));
    Need need = driven.operation->OnSessionEffect(false);
    if (sends) {
      ASSERT_TRUE(Is<NeedDelivery>(need));
      need = driven.Deliver(Delivery::Kind::kAccepted);
    }
    ASSERT_TRUE(Is<NeedSettlement>(need));
    EXPECT_EQ(std::get<NeedSettlement>(need).settlement,
              sends ? Settlement::kSpent : Settlement::kReturned);
    EXPECT_TRUE(Is<Done>(driven.operation->OnSettled()));
    EXPECT_EQ(driven.fault(), Fault::kUnavailable);
  }
}

TEST(Operation, SettlesByWhatBecameOfTheMessage) {  // D-02 … D-04
  using Kind = Delivery::Kind;
  for (const Kind kind : {Kind::kAccepted, Kind::kRejected, Kind::kUnavailable, Kind::kUnknown}) {
    Driven driven(true, true);
    driven.command.follows_up = false;
    driven.Start();
    driven.Load(0);
    driven.Admit();
    driven.Commit(CommitOutcome::kCommitted);
    const Need need = driven.Deliver(kind);
    ASSERT_TRUE(Is<NeedSettlement>(need));
    EXPECT_EQ(std::get<NeedSettlement>(need).settlement,
              kind == Kind::kUnavailable ? Settlement::kReturned : Settlement::kSpent);
  }
}

TEST(Operation, IsAdmittedUnderOneIdHoweverOftenItPlans) {  // L-06
  Driven driven(true);
  driven.Start();
  for (uint8_t drawn = 1; drawn <= Operation::kAttemptsMax; ++drawn) {
    const Need need = driven.Load(0, 0, {}, drawn);
    EXPECT_EQ(std::get<NeedAdmission>(need).id, AdmissionId{{1}});
    driven.Admit();
    driven.Commit(CommitOutcome::kConflict);
  }
  EXPECT_EQ(std::get<NeedSettlement>(driven.need).id, AdmissionId{{1}});
}

TEST(Operation, IsNotAdmittedForOtherQuotasAfterAConflict) {  // L-06
  Driven driven(true);
  driven.Start();
  driven.Load(0);
  driven.Admit();
  driven.Commit(CommitOutcome::kConflict);
  driven.command.quota_region = "US";
  EXPECT_TRUE(Is<NeedSettlement>(driven.Load(0)));
  EXPECT_EQ(driven.fault(), Fault::kContention);
}

TEST(Operation, AConflictDropsAllFactsAndPlansAgainFourTimes) {  // T-01
  Driven driven(true);
  driven.Start();
  for (int attempt = 1; attempt <= Operation::kAttemptsMax; ++attempt) {
    ASSERT_TRUE(Is<NeedLoad>(driven.need)) << attempt;
    EXPECT_NE(std::get<NeedLoad>(driven.need).entropy, nullptr);  // anew for each attempt
    const Instant now = Instant::FromUnixMillis(1000 * attempt);
    ASSERT_TRUE(Is<NeedAdmission>(driven.Load(0, 0, now)));
    const Need need = driven.Admit();
    const Write& write = std::get<NeedCommit>(need).changes->writes.front();
    MemberRecord record;
    ASSERT_TRUE(Unpack(*write.key, write.record, &record));
    EXPECT_EQ(record.updated_at, now);
    driven.Commit(CommitOutcome::kConflict);
  }
  ASSERT_TRUE(Is<NeedSettlement>(driven.need));
  EXPECT_EQ(std::get<NeedSettlement>(driven.need).settlement, Settlement::kReturned);
  EXPECT_EQ(driven.fault(), Fault::kContention);
}

TEST(Operation, AFailedLoadEndsItWithNothingDone) {
  Driven driven;
  driven.Start();
  EXPECT_TRUE(Is<Done>(driven.LoadFails()));
  EXPECT_EQ(driven.fault(), Fault::kUnavailable);
}

TEST(Operation, ARecordThatIsTooLongIsAFailedLoad) {  // K-12
  Driven driven;
  driven.Start();
  const std::string huge(Records::kArenaBytes + 1, 'x');
  EXPECT_FALSE(std::get<NeedLoad>(driven.need).batch.Found(0, 1, huge));
  EXPECT_TRUE(Is<Done>(driven.Load(0)));
  EXPECT_EQ(driven.fault(), Fault::kUnavailable);
}

TEST(Operation, WithoutEntropyEndsItWithNothingDone) {
  Driven driven;
  driven.Start();
  Loaded loaded;
  loaded.ok = true;
  EXPECT_TRUE(Is<Done>(driven.operation->OnLoaded(loaded)));
  EXPECT_EQ(driven.fault(), Fault::kNoEntropy);
}

TEST(Operation, AnUnavailableCommitEndsItWithTheAdmissionReturned) {
  Driven driven(true);
  driven.Start();
  driven.Load(0);
  driven.Admit();
  const Need need = driven.Commit(CommitOutcome::kUnavailable);
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kReturned);
  EXPECT_EQ(driven.fault(), Fault::kUnavailable);
}

// C-08, K-10: what an unknown commit is resolved to.
class UnknownCommit : public ::testing::Test {
 protected:
  UnknownCommit() : driven(true, true) {
    driven.Start();
    driven.Load(4);
    driven.Admit();
    driven.Commit(CommitOutcome::kUnknown);
  }
  Driven driven;
};

TEST_F(UnknownCommit, IsReadAgain) {
  ASSERT_TRUE(Is<NeedLoad>(driven.need));
  const auto& load = std::get<NeedLoad>(driven.need);
  ASSERT_EQ(load.batch.size(), 1u);
  EXPECT_EQ(load.batch.key(0), kKey);
  EXPECT_EQ(load.entropy, nullptr);
}
TEST_F(UnknownCommit, WithTheRevisionUnchangedIsCommittedAgain) {
  EXPECT_TRUE(Is<NeedCommit>(driven.Load(4)));
  EXPECT_TRUE(Is<NeedDelivery>(driven.Commit(CommitOutcome::kCommitted)));
}
TEST_F(UnknownCommit, WithItsOwnRunWasCommitted) {
  EXPECT_TRUE(Is<NeedDelivery>(driven.Load(5, kOwnRun)));
}
TEST_F(UnknownCommit, WithAnothersRunStaysUnknownAndDeliversNothing) {
  const Need need = driven.Load(5, kOwnRun + 1);
  ASSERT_TRUE(Is<NeedSettlement>(need));
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kSpent);
  EXPECT_EQ(driven.fault(), Fault::kUnknown);
}
TEST_F(UnknownCommit, WhoseRecordIsGoneStaysUnknown) {
  EXPECT_TRUE(Is<NeedSettlement>(driven.Load(0)));
  EXPECT_EQ(driven.fault(), Fault::kUnknown);
}
TEST_F(UnknownCommit, WhoseRereadFailsStaysUnknown) {
  EXPECT_TRUE(Is<NeedSettlement>(driven.LoadFails()));
  EXPECT_EQ(driven.fault(), Fault::kUnknown);
}
TEST_F(UnknownCommit, IsResolvedAfterAConflictToo) {
  // The first commit was slow, not lost: it lands between the read and the second commit.
  EXPECT_TRUE(Is<NeedCommit>(driven.Load(4)));
  EXPECT_TRUE(Is<NeedLoad>(driven.Commit(CommitOutcome::kConflict)));
  EXPECT_TRUE(Is<NeedDelivery>(driven.Load(5, kOwnRun)));
}
TEST_F(UnknownCommit, IsNotDecidedTwiceAfterUnavailable) {
  EXPECT_TRUE(Is<NeedCommit>(driven.Load(4)));
  EXPECT_TRUE(Is<NeedLoad>(driven.Commit(CommitOutcome::kUnavailable)));
}
TEST_F(UnknownCommit, IsGivenUpAfterFourTries) {
  int reads = 1;
  while (Is<NeedLoad>(driven.need)) {
    ASSERT_TRUE(Is<NeedCommit>(driven.Load(4)));
    driven.Commit(CommitOutcome::kUnknown);
    if (Is<NeedLoad>(driven.need)) ++reads;
  }
  EXPECT_EQ(reads, Operation::kAttemptsMax);
  EXPECT_EQ(driven.fault(), Fault::kUnknown);
}

// It is there, so it is not the absent record that the commit was to make.
TEST(Operation, AnUnknownCommitWhoseRereadIsTooLongStaysUnknown) {  // C-08, K-12
  Driven driven;
  driven.Start();
  driven.Load(0);
  ASSERT_TRUE(Is<NeedLoad>(driven.Commit(CommitOutcome::kUnknown)));
  const std::string huge(Records::kArenaBytes + 1, 'x');
  EXPECT_FALSE(std::get<NeedLoad>(driven.need).batch.Found(0, 1, huge));
  EXPECT_TRUE(Is<Done>(driven.Load(0)));
  EXPECT_EQ(driven.fault(), Fault::kUnknown);
}

TEST(Operation, AnUnknownCommitThatSpendsNothingGivesTheAdmissionBack) {  // L-06
  Driven driven(true);
  driven.Start();
  driven.Load(4);
  driven.Admit();
  driven.Commit(CommitOutcome::kUnknown);
  const Need need = driven.Load(5, kOwnRun + 1);
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kReturned);
}

TEST(Operation, RunsTheFollowUpWhenADeliveryWasNotAccepted) {  // D-06
  Driven driven(true, true);
  driven.Start();
  driven.Load(0);
  driven.Admit();
  driven.Commit(CommitOutcome::kCommitted);
  ASSERT_TRUE(Is<NeedLoad>(driven.Deliver(Delivery::Kind::kRejected)));
  const Need need = driven.Load(1, kOwnRun, {}, 7);
  ASSERT_TRUE(Is<NeedCommit>(need));
  EXPECT_EQ(RunIn(std::get<NeedCommit>(need).changes->writes.front().record), 0x0707070707070707u);
  EXPECT_TRUE(Is<NeedSettlement>(driven.Commit(CommitOutcome::kUnavailable)));
  EXPECT_TRUE(Is<Done>(driven.operation->OnSettled()));
  EXPECT_EQ(driven.fault(), Fault::kNone);  // its failure changes no answer
  EXPECT_EQ(driven.operation->conclusion().delivery->kind, Delivery::Kind::kRejected);
}

TEST(Operation, TheFollowUpMayNeedWhatAnyCommandNeeds) {  // D-06, L-06
  Driven driven(true, true, true);
  driven.command.follows_up_like_itself = true;
  driven.Start();
  driven.Load(0);
  driven.Admit();
  driven.Commit(CommitOutcome::kCommitted);
  driven.operation->OnSessionEffect(true);
  ASSERT_TRUE(Is<NeedLoad>(driven.Deliver(Delivery::Kind::kRejected)));
  Need need = driven.Load(1, kOwnRun, {}, 7);
  ASSERT_TRUE(Is<NeedAdmission>(need));
  EXPECT_EQ(std::get<NeedAdmission>(need).id, AdmissionId{{7}}) << "its own";
  ASSERT_TRUE(Is<NeedCommit>(driven.Admit()));
  ASSERT_TRUE(Is<NeedSessionEffect>(driven.Commit(CommitOutcome::kCommitted)));
  ASSERT_TRUE(Is<NeedDelivery>(driven.operation->OnSessionEffect(true)));
  need = driven.Deliver(Delivery::Kind::kUnavailable);
  ASSERT_TRUE(Is<NeedSettlement>(need));
  EXPECT_EQ(std::get<NeedSettlement>(need).id, AdmissionId{{7}});
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kReturned);
  need = driven.operation->OnSettled();
  ASSERT_TRUE(Is<NeedSettlement>(need)) << "then that of the command";
  EXPECT_EQ(std::get<NeedSettlement>(need).id, AdmissionId{{9}});
  EXPECT_EQ(std::get<NeedSettlement>(need).settlement, Settlement::kSpent);
  EXPECT_TRUE(Is<Done>(driven.operation->OnSettled()));
  EXPECT_EQ(driven.operation->conclusion().delivery->kind, Delivery::Kind::kRejected);
}

TEST(Operation, AMessageThatNobodyFollowsUpEndsIt) {
  Driven driven(false, true);
  driven.command.follows_up = false;
  driven.Start();
  driven.Load(0);
  driven.Commit(CommitOutcome::kCommitted);
  EXPECT_TRUE(Is<Done>(driven.Deliver(Delivery::Kind::kRejected)));
}

// C-08, D-06: the follow-up is tried as often as the command was, whatever became of that.
TEST(Operation, TheFollowUpHasAttemptsOfItsOwn) {
  Driven driven(false, true);
  driven.Start();
  for (int attempt = 1; attempt < Operation::kAttemptsMax; ++attempt) {
    driven.Load(0);
    driven.Commit(CommitOutcome::kConflict);
  }
  driven.Load(0);
  driven.Commit(CommitOutcome::kUnknown);
  driven.Load(0);
  ASSERT_TRUE(Is<NeedDelivery>(driven.Commit(CommitOutcome::kCommitted)));
  driven.Deliver(Delivery::Kind::kRejected);
  for (int attempt = 1; attempt <= Operation::kAttemptsMax; ++attempt) {
    ASSERT_TRUE(Is<NeedLoad>(driven.need)) << attempt;
    EXPECT_NE(std::get<NeedLoad>(driven.need).entropy, nullptr) << "no commit is in doubt";
    ASSERT_TRUE(Is<NeedCommit>(driven.Load(1)));
    driven.Commit(CommitOutcome::kConflict);
  }
  EXPECT_TRUE(Is<Done>(driven.need));
}

TEST(Operation, AFollowUpThatStaysUnknownIsGivenUpAfterFourTries) {  // C-08, D-06
  Driven driven(false, true);
  driven.Start();
  driven.Load(0);
  driven.Commit(CommitOutcome::kCommitted);
  driven.Deliver(Delivery::Kind::kRejected);
  driven.Load(1);
  driven.Commit(CommitOutcome::kUnknown);
  int reads = 0;
  for (; Is<NeedLoad>(driven.need); ++reads) {
    ASSERT_TRUE(Is<NeedCommit>(driven.Load(1)));
    driven.Commit(CommitOutcome::kUnknown);
  }
  EXPECT_EQ(reads, Operation::kAttemptsMax);
}

TEST(Operation, ASessionThatCannotBeChangedIsAnsweredAsUnavailable) {
  Driven driven(false, false, true);
  driven.Start();
  driven.Load(0);
  driven.Commit(CommitOutcome::kCommitted);
  EXPECT_TRUE(Is<Done>(driven.operation->OnSessionEffect(false)));
  EXPECT_EQ(driven.fault(), Fault::kUnavailable);
}

TEST(Operation, WithoutAnOperationIdIsMisuseAndAsksForNothing) {  // C-07
  Counting command;
  command.own_context.operation_id = OperationId();
  Operation operation(command);
  EXPECT_TRUE(Is<Done>(operation.Start()));
  EXPECT_EQ(operation.conclusion().fault, Fault::kMisuse);
}

TEST(Operation, AnOutcomeThatWasNotAskedForEndsItAsMisuse) {
  const auto fault = [](auto&& misuse) {
    Driven driven;
    misuse(driven);
    return driven.fault();
  };
  EXPECT_EQ(fault([](Driven& d) { d.operation->OnLoaded(Loaded()); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) { d.Admit(); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) { d.Commit(CommitOutcome::kCommitted); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) { d.operation->OnSessionEffect(true); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) { d.Deliver(Delivery::Kind::kAccepted); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) { d.operation->OnSettled(); }), Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) {
              d.Start();
              d.Start();
            }),
            Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) {  // done already
              d.Start();
              d.Load(0);
              d.Commit(CommitOutcome::kCommitted);
              d.Commit(CommitOutcome::kCommitted);
            }),
            Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) {  // an outcome without a name
              d.Start();
              d.Load(0);
              d.Commit(static_cast<CommitOutcome>(99));
            }),
            Fault::kMisuse);
  EXPECT_EQ(fault([](Driven& d) {  // a decision without a name
              d.command.decides_nothing = true;
              d.Start();
              d.Load(0);
            }),
            Fault::kMisuse);
  EXPECT_EQ(FaultError(Fault::kMisuse).code(), ErrorCode::kInternalServerError);
  EXPECT_EQ(FaultError(Fault::kNoEntropy).code(), ErrorCode::kInternalServerError);
  EXPECT_EQ(FaultError(Fault::kNone).code(), ErrorCode::kOk);
  EXPECT_EQ(FaultError(static_cast<Fault>(99)).code(), ErrorCode::kInternalServerError);
  for (const Fault other : {Fault::kUnavailable, Fault::kContention, Fault::kUnknown})
    EXPECT_EQ(FaultError(other).code(), ErrorCode::kServerUnavailable);
}

// Loads two records one after the other.
struct TwoLoads final : TestCommand {
  void Plan(const Facts& facts, Decision* decision) const override {
    for (const RecordKey& key : {kKey, kOtherKey}) {
      if (facts.Find(key) == nullptr) return decision->Load(key);
    }
    decision->Write(*facts.Find(kKey), MemberRecord());
  }
};

TEST(Operation, DrawsEntropyOncePerAttempt) {
  TwoLoads command;
  Operation operation(command);
  Need need = operation.Start();
  EXPECT_NE(std::get<NeedLoad>(need).entropy, nullptr);
  Loaded loaded;
  loaded.ok = loaded.has_entropy = true;
  need = operation.OnLoaded(loaded);
  EXPECT_EQ(std::get<NeedLoad>(need).entropy, nullptr);
  EXPECT_EQ(std::get<NeedLoad>(need).batch.key(0), kOtherKey) << "what is there is not asked for";
}

// Asks for one record after the other, without end.
struct EndlessLoads final : TestCommand {
  void Plan(const Facts& facts, Decision* decision) const override {
    decision->Load(RecordKey::OrganizationName(std::to_string(facts.records.size())));
  }
};

TEST(Operation, APlanThatLoadsWithoutEndIsADefect) {
  EndlessLoads command;
  Operation operation(command);
  Need need = operation.Start();
  int loads = 0;
  for (; Is<NeedLoad>(need); ++loads) {
    Loaded loaded;
    loaded.ok = loaded.has_entropy = true;
    need = operation.OnLoaded(loaded);
  }
  EXPECT_EQ(loads, 10);
  EXPECT_EQ(operation.conclusion().fault, Fault::kMisuse);
}

// Asks for the entropy again when it is there.
struct EndlessEntropy final : TestCommand {
  void Plan(const Facts&, Decision* decision) const override { decision->LoadEntropy(); }
};

TEST(Operation, APlanThatAsksForWhatIsThereIsADefect) {
  EndlessEntropy command;
  Operation operation(command);
  const Need need = operation.Start();
  ASSERT_TRUE(Is<NeedLoad>(need));
  EXPECT_EQ(std::get<NeedLoad>(need).batch.size(), 0u);
  EXPECT_NE(std::get<NeedLoad>(need).entropy, nullptr);
  Loaded loaded;
  loaded.ok = loaded.has_entropy = true;
  EXPECT_TRUE(Is<Done>(operation.OnLoaded(loaded)));
  EXPECT_EQ(operation.conclusion().fault, Fault::kMisuse);
}

// ---- Outcomes that hosts seldom give ----

TEST(Quota, CountsTheSameSendsAsOneOfTheSameSubjectOrganizationAddressAndRegion) {  // L-06, L-07
  const Quota quota = {Quota::Subject::kRegion, "o", "+14155550123", "US"};
  Quota other = quota;
  other.max = 7;
  EXPECT_TRUE(quota == other);
  other.member_id = "m";
  EXPECT_FALSE(quota == other);
  other = quota;
  other.subject = Quota::Subject::kConversion;
  EXPECT_FALSE(quota == other);
  other = quota;
  other.organization_id = "p";
  EXPECT_FALSE(quota == other);
  other = quota;
  other.address = "+14155550124";
  EXPECT_FALSE(quota == other);
  other = quota;
  other.region = "CA";
  EXPECT_FALSE(quota == other);
  EXPECT_TRUE((Quotas{quota} == Quotas{quota}));
  EXPECT_FALSE((Quotas{quota} == Quotas{other}));
  EXPECT_FALSE((Quotas{quota} == Quotas{quota, quota}));
}

TEST(Delivery, OneOutOfNowhereCountsAsUnknown) {  // D-04
  EXPECT_EQ(DeliveryError(Delivery{static_cast<Delivery::Kind>(99), false}),
            ErrorCode::kDownstreamCarrierUnavailable);
}

struct OddGuard final : SendGuard {
  Admission Admit(const AdmissionId&, const Quotas&) override { return answer; }
  void Settle(const AdmissionId&, Settlement) override {}
  void Observe(EventList*) override {}
  Admission answer;
};

TEST(SendGuard, AnAnswerOutOfNowhereRefuses) {  // K-12
  World world;
  OddGuard guard;
  guard.answer.kind = static_cast<Admission::Kind>(99);
  Engine engine(*world.config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, guard});
  const Member member = world.MakeMember(world.MakeOrganization());
  auto request = On<SendSmsOtpRequest>(member);
  request.mfa_phone_number = kNumber;
  EXPECT_EQ(ErrorTypeOf(engine.Run(request)), "internal_server_error");
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

TEST(Operation, AnUnknownCommitOfAnOrganizationIsFoundByItsRun) {  // C-08
  World world;
  const Organization organization = world.MakeOrganization();
  bool first = true;
  world.store.commit_fault = [&](int) {
    return std::exchange(first, false) ? testing::FaultyStore::CommitFault::kUnknownApplied
                                       : testing::FaultyStore::CommitFault::kNone;
  };
  UpdateOrganizationRequest update;
  update.organization_id = organization.organization_id.str();
  update.organization_name = "Renamed";
  const auto reply = world.engine.Run(update);
  ASSERT_EQ(ErrorTypeOf(reply), "");
  EXPECT_EQ(reply.organization().organization_name, "Renamed");
  EXPECT_EQ(world.store.commits(), 1);
}

}  // namespace
}  // namespace otpcore
