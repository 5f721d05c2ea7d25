// SPDX-License-Identifier: Apache-2.0
// The driver on outcomes that hosts seldom give: values no enumerator names, commands that are
// moved, messages nobody follows up, records of Organizations (C-08, D-06).
#include <gtest/gtest.h>

#include "fixture.h"

namespace otpcore {
namespace {

const RecordKey kKey = {RecordKind::kMember, "o", "m"};
const RecordKey kOtherKey = {RecordKind::kMember, "o", "n"};

OperationId Id1() {
  OperationId id;
  id.bytes[0] = 1;
  return id;
}

// Loads two records one after the other, wanting entropy both times, and sends a message that has
// no follow-up.
struct TwoLoads final : Command {
  Decision Plan(const Facts& facts) const override {
    for (const RecordKey& key : {kKey, kOtherKey}) {
      if (facts.Find(key) == nullptr) return LoadMore{{key}, {}, true};
    }
    Commit commit;
    commit.changes.writes.push_back({kKey, 0, MemberRecord()});
    commit.changes.message = std::make_unique<Message>();
    return commit;
  }
};

Loaded LoadedOf(const RecordKey& key, bool entropy) {
  Loaded loaded;
  loaded.ok = true;
  loaded.records.push_back({key, 0, std::monostate()});
  loaded.has_entropy = entropy;
  return loaded;
}

// After both loads: at the commit.
Operation AtCommit() {
  Operation operation(std::make_unique<TwoLoads>());
  operation.Start();
  operation.OnLoaded(LoadedOf(kKey, true));
  operation.OnLoaded(LoadedOf(kOtherKey, false));
  return operation;
}

TEST(Operation, DrawsEntropyOncePerAttempt) {
  Operation operation(std::make_unique<TwoLoads>());
  EXPECT_TRUE(std::get<NeedLoad>(operation.Start()).entropy);
  EXPECT_FALSE(std::get<NeedLoad>(operation.OnLoaded(LoadedOf(kKey, true))).entropy);
  Operation without(std::make_unique<TwoLoads>());
  without.Start();
  EXPECT_TRUE(std::get<NeedLoad>(without.OnLoaded(LoadedOf(kKey, false))).entropy)
      << "the generator had failed: it may be asked again";
}

TEST(Quota, CountsTheSameSendsAsOneOfTheSameKindOrganizationNumberAndRegion) {  // L-06, L-07
  const Quota quota = {Quota::Subject::kRegion, "o", "+14155550123", "US"};
  Quota other = quota;
  other.max = 7;
  EXPECT_TRUE(quota == other);
  other.kind = Quota::Subject::kConversion;
  EXPECT_FALSE(quota == other);
  other = quota;
  other.organization_id = "p";
  EXPECT_FALSE(quota == other);
  other = quota;
  other.phone_number = "+14155550124";
  EXPECT_FALSE(quota == other);
  other = quota;
  other.region = "CA";
  EXPECT_FALSE(quota == other);
}

// Asks for one record after the other, as often as a plan may, and ends in a commit.
struct TenLoads final : Command {
  Decision Plan(const Facts& facts) const override {
    if (facts.records.size() < 10) return LoadMore{{kKey}, {}, false};
    Commit commit;
    commit.changes.writes.push_back({kKey, 0, MemberRecord()});
    return commit;
  }
};

TEST(Operation, EachAttemptMayLoadTenTimes) {
  Operation operation(std::make_unique<TenLoads>());
  Need need = operation.Start();
  for (int attempt = 1; attempt <= Operation::kAttemptsMax; ++attempt) {
    for (int load = 0; load < 10; ++load) {
      ASSERT_TRUE(std::holds_alternative<NeedLoad>(need)) << attempt << ' ' << load;
      need = operation.OnLoaded(LoadedOf(kKey, false));
    }
    ASSERT_TRUE(std::holds_alternative<NeedCommit>(need)) << attempt;
    need = operation.OnCommitted(CommitOutcome::kConflict);
  }
  EXPECT_TRUE(std::holds_alternative<Done>(need));
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kContention);
}

// Parses one number after the other, and answers once it has found the last among its facts.
struct Parses final : Command {
  static ParsedNumber Parsed(const char* text) { return {text, PhoneNumber()}; }
  Decision Plan(const Facts& facts) const override {
    if (facts.Find(kKey) == nullptr) return LoadMore{{kKey}, {}, false, Parsed("+1")};
    if (facts.Find(kOtherKey) == nullptr && facts.parsed.text.view() == "+1")
      return LoadMore{{kOtherKey}, {}, false, Parsed("+2")};
    if (facts.parsed.text.view() == "+2") return Admit{AdmissionId(), {Quota()}, Parsed("+3")};
    EXPECT_EQ(facts.parsed.text.view(), "+3");
    return Answer();
  }
};

TEST(Operation, HandsWhatWasParsedToTheNextPlan) {  // N-03
  Operation operation(std::make_unique<Parses>());
  operation.Start();
  EXPECT_TRUE(std::holds_alternative<NeedLoad>(operation.OnLoaded(LoadedOf(kKey, false))));
  EXPECT_TRUE(
      std::holds_alternative<NeedAdmission>(operation.OnLoaded(LoadedOf(kOtherKey, false))));
  EXPECT_TRUE(std::holds_alternative<Done>(operation.OnAdmitted(Admission())));
}

TEST(Operation, IsMovedWithAllItKnows) {
  Operation first = AtCommit();
  Operation second(std::move(first));
  Operation third = AtCommit();
  third = std::move(second);
  EXPECT_TRUE(std::holds_alternative<NeedDelivery>(third.OnCommitted(CommitOutcome::kCommitted)));
}

TEST(Operation, AMessageThatNobodyFollowsUpEndsIt) {
  Operation operation = AtCommit();
  operation.OnCommitted(CommitOutcome::kCommitted);
  EXPECT_TRUE(
      std::holds_alternative<Done>(operation.OnDelivered({Delivery::Kind::kRejected, false})));
  EXPECT_EQ(operation.TakeConclusion().delivery->kind, Delivery::Kind::kRejected);
}

TEST(Operation, ARereadThatBringsNoRecordLeavesTheCommitUnknown) {  // C-08
  Operation operation = AtCommit();
  operation.OnCommitted(CommitOutcome::kUnknown);
  Loaded nothing;
  nothing.ok = true;
  EXPECT_TRUE(std::holds_alternative<Done>(operation.OnLoaded(std::move(nothing))));
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kUnknown);
}

TEST(Operation, AnOutcomeOutOfNowhereIsMisuse) {
  Operation operation = AtCommit();
  EXPECT_TRUE(std::holds_alternative<Done>(operation.OnCommitted(static_cast<CommitOutcome>(99))));
  EXPECT_EQ(operation.TakeConclusion().fault, Fault::kMisuse);
  EXPECT_EQ(ErrorOf(Fault::kNone).code(), ErrorCode::kOk);
  EXPECT_EQ(ErrorOf(static_cast<Fault>(99)).code(), ErrorCode::kInternalServerError);
}

TEST(Delivery, OneOutOfNowhereCountsAsUnknown) {  // D-04
  EXPECT_EQ(ErrorOf(Delivery{static_cast<Delivery::Kind>(99), false}),
            ErrorCode::kDownstreamCarrierUnavailable);
}

struct OddGuard final : SendGuard {
  Admission Admit(const OperationId&, const Quotas&) override { return answer; }
  void Settle(const OperationId&, Settlement) override {}
  void Observe(EventList*) override {}
  Admission answer;
};

TEST(SendGuard, AnAnswerOutOfNowhereRefuses) {  // K-12
  World world;
  OddGuard guard;
  guard.answer.kind = static_cast<Admission::Kind>(99);
  Engine engine(*world.config,
                {world.clock, world.random, world.store, world.sessions, world.inbox, &guard});
  const Member member = world.MakeMember(world.MakeOrganization());
  SendSmsOtpRequest request{member.organization_id.str(), member.member_id.str(), kNumber, "", {}};
  EXPECT_EQ(ErrorTypeOf(engine.Run(request)), "internal_server_error");
  EXPECT_EQ(world.inbox.deliveries(), 0);
}

TEST(Conclusion, HasNoMemberWhenAnOrganizationWasWritten) {
  Conclusion conclusion;
  EXPECT_EQ(conclusion.member(), nullptr);
  conclusion.changes.writes.push_back(
      {kKey, 0, OrganizationSnapshot(std::make_shared<const OrganizationRecord>())});
  EXPECT_EQ(conclusion.member(), nullptr);
}

TEST(OperationMark, IsReadFromWhateverCarriesOne) {  // C-08
  auto record = std::make_shared<OrganizationRecord>();
  record->mark.id = Id1();
  EXPECT_EQ(MarkOf(OrganizationSnapshot(record)).id, Id1());
  EXPECT_TRUE(MarkOf(OrganizationSnapshot()).id.empty());
  EXPECT_TRUE(MarkOf(PhoneClaim()).id.empty());
  // Each part counts: two marks are the same only when all of them are.
  const OperationMark mark = {Id1(), CommandKind::kSendSmsOtp, 3};
  EXPECT_FALSE(mark == (OperationMark{{}, CommandKind::kSendSmsOtp, 3}));
  EXPECT_FALSE(mark == (OperationMark{Id1(), CommandKind::kMfaStep, 3}));
  EXPECT_FALSE(mark == (OperationMark{Id1(), CommandKind::kSendSmsOtp, 4}));
}

TEST(Operation, AnUnknownCommitOfAnOrganizationIsFoundByItsMark) {  // C-08
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
